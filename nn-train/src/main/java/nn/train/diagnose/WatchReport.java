package nn.train.diagnose;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a {@link TrainingWatch} has seen of a training so far. Running means weigh the newest look by 0.2. Numbers that
 * do not apply are NaN.
 *
 * @param steps number of steps
 * @param looks number of steps that were looked into
 * @param constantLoss the loss of the best output that is the same for every row, for one example if the loss is a sum
 * @param firstLoss mean of the losses of the first ten steps
 * @param loss mean of the losses of the last hundred steps
 * @param units a reading of the units before each nonlinearity, in the order in which data reaches them
 * @param weights a reading of each weight, in the order of the model
 * @param findings the causes, failures first; what follows from each is in its {@link InitFinding#consequences}. In
 *     training remedies are not tried: what follows from what is taken from the order of {@link Symptom} causes, large
 *     updates first
 */
public record WatchReport(
        long steps,
        int looks,
        double constantLoss,
        double firstLoss,
        double loss,
        List<Units> units,
        List<Weight> weights,
        List<InitFinding> findings) {
    /**
     * The units before one nonlinearity.
     *
     * @param path of the layer before the nonlinearity, or of the nonlinearity if there is none with parameters
     * @param nonlinearity its name
     * @param count number of units
     * @param deadAtStart share of units whose slope was 0 for every row of every look
     * @param killed share of units that had a slope, and have none since, for 512 rows or more
     * @param killedFrom the first and
     * @param killedTo the last of the steps between two looks in which most of them died; 0 if none did
     * @param saturated share of elements at the flat ends of a bounded nonlinearity, a running mean; NaN for others
     */
    public record Units(
            String path,
            String nonlinearity,
            int count,
            double deadAtStart,
            double killed,
            long killedFrom,
            long killedTo,
            double saturated) {
        /** Checks that no text is null. */
        public Units {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(nonlinearity, "nonlinearity");
        }

        /**
         * The share of dead units.
         *
         * @return from 0 to 1
         */
        public double dead() {
            return deadAtStart + killed;
        }
    }

    /**
     * One weight.
     *
     * @param path such as {@code hidden1.weight}
     * @param update the length of a step's change over that of the weight, a running mean, from a sample
     * @param largestUpdate the largest of them, while the weight was not near 0
     * @param largestAt the step of the largest
     * @param gradient the length of the gradient, as the optimizer got it, over that of the weight, a running mean
     * @param signalToNoise the squared length of the mean gradient over the mean squared distance of a gradient from
     *     it, over the last looks and from a sample, as {@link TrainingWatch} describes: 0 if no signal is seen,
     *     infinite if all gradients were equal, NaN before the second look and if all gradients were 0
     * @param looks number of looks in which it was not frozen
     * @param hadGradient whether its gradient was not 0 in one of them
     */
    public record Weight(
            String path,
            double update,
            double largestUpdate,
            long largestAt,
            double gradient,
            double signalToNoise,
            int looks,
            boolean hadGradient) {
        /** Checks that the path is not null. */
        public Weight {
            Objects.requireNonNull(path, "path");
        }
    }

    /**
     * Takes unmodifiable copies.
     *
     * @throws NullPointerException if a list or an element is null
     */
    public WatchReport {
        units = List.copyOf(Objects.requireNonNull(units, "units"));
        weights = List.copyOf(Objects.requireNonNull(weights, "weights"));
        findings = List.copyOf(Objects.requireNonNull(findings, "findings"));
    }

    private Stream<InitFinding> all() {
        return findings.stream().flatMap(InitFinding::withConsequences);
    }

    /**
     * Returns the finding of one symptom, cause or consequence; there is at most one.
     *
     * @param symptom the symptom
     * @return the finding, if there is one
     */
    public Optional<InitFinding> finding(Symptom symptom) {
        return all().filter(f -> f.symptom() == symptom).findFirst();
    }

    /** Returns two tables, one of the units and one of the weights, and the findings, in lines of 80 columns. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (!units.isEmpty()) {
            text.append(line("units", "count", "dead at start", "killed", "saturated"));
            units.forEach(u -> text.append(line(
                    u.path + ", " + u.nonlinearity,
                    "" + u.count,
                    ReportText.share(u.deadAtStart),
                    ReportText.share(u.killed),
                    ReportText.share(u.saturated))));
        }
        text.append(line("weight", "update", "largest", "at step", "gradient", "signal/noise"));
        weights.forEach(w -> text.append(line(
                w.path,
                ReportText.number(w.update),
                ReportText.number(w.largestUpdate),
                "" + w.largestAt,
                ReportText.number(w.gradient),
                ReportText.number(w.signalToNoise))));
        text.append(ReportText.paragraph(
                "",
                "update, gradient: the length of a step's change, and of the gradient, over that of the weight;"
                        + " signal/noise: the squared length of the mean gradient over the mean squared distance of a"
                        + " gradient from it, in the last looks"));
        text.append('\n')
                .append(ReportText.paragraph(
                        "",
                        steps + " steps, " + looks + " of them looked into. Loss " + ReportText.number(firstLoss)
                                + " in the first " + Math.min(10, steps) + ", " + ReportText.number(loss)
                                + " in the last " + Math.min(100, steps) + "; that of the best constant output is "
                                + ReportText.number(constantLoss) + "."))
                .append('\n');
        if (findings.isEmpty()) {
            return text.append("No faults found.\n").toString();
        }
        findings.forEach(finding -> text.append(ReportText.finding(finding)));
        return text.toString();
    }

    private static String line(String name, String a, String b, String c, String d) {
        return ReportText.left(name, 36)
                + ReportText.right(a, 8)
                + ReportText.right(b, 14)
                + ReportText.right(c, 11)
                + ReportText.right(d, 11) + "\n";
    }

    private static String line(String name, String a, String b, String c, String d, String e) {
        return ReportText.left(name, 32)
                + ReportText.right(a, 8)
                + ReportText.right(b, 8)
                + ReportText.right(c, 10)
                + ReportText.right(d, 9)
                + ReportText.right(e, 13) + "\n";
    }
}
