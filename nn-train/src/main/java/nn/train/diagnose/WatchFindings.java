package nn.train.diagnose;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.diagnose.WatchReport.Units;
import nn.train.diagnose.WatchReport.Weight;

/**
 * Judges the numbers of a training. Much of what is a fault before training is usual in one that works: units saturate
 * when a classifier is sure, gradients become small when all is learned. So saturation, small gradients and updates are
 * reported only where nothing is learned, and large updates only where they have done harm.
 */
final class WatchFindings {
    /** A weight changed by more than this share of its size in one step. */
    private static final double LARGE_UPDATE = 0.5;

    /** A change of this share in each step takes 100,000 steps to matter. */
    private static final double SMALL_UPDATE = 1e-5;

    /** The ratio of the gradients of two weights, the root of 10^-6, the limit of the symptom "gradient". */
    private static final double SMALL_GRADIENT = 1e-3;

    private static final double SATURATED = 0.5;

    /** Looks without a gradient. */
    private static final int ENOUGH_LOOKS = 10;

    /** The share of the constant output's loss below which something is learned. */
    private static final double LEARNED = 0.95;

    /** A fall of the loss between the halves of the last steps, as a share of the constant output's. */
    private static final double FALL = 0.02;

    private static final int ENOUGH_STEPS = 20;

    private final WatchReport report;
    private final double[] losses;
    private final double noise;

    /**
     * Takes the numbers.
     *
     * @param report without findings
     * @param losses of the last steps, in order
     * @param noise mean of 1 / sqrt(batch size)
     */
    WatchFindings(WatchReport report, double[] losses, double noise) {
        this.report = report;
        this.losses = losses;
        this.noise = noise;
    }

    /** Returns the causes, failures first, with their consequences. */
    List<InitFinding> causes() {
        Optional<InitFinding> plateau = plateau();
        Optional<InitFinding> oscillation = oscillation();
        Optional<InitFinding> dead = dead();
        List<InitFinding> found = new ArrayList<>(); // in the order of causes
        boolean killed = dead.isPresent() && report.units().stream().anyMatch(u -> u.killed() > u.deadAtStart());
        if (killed || oscillation.isPresent() || plateau.isPresent()) {
            largeUpdates().ifPresent(found::add);
        }
        dead.ifPresent(found::add);
        noGradient().ifPresent(found::add);
        if (plateau.isPresent()) {
            saturation().ifPresent(found::add);
            smallGradient().ifPresent(found::add);
        }
        smallUpdates().ifPresent(found::add);
        oscillation.ifPresent(found::add);
        plateau.ifPresent(found::add);
        List<InitFinding> causes = new ArrayList<>();
        while (!found.isEmpty()) {
            InitFinding cause = found.removeFirst();
            List<InitFinding> consequences =
                    found.stream().filter(f -> explains(cause, f)).toList();
            found.removeAll(consequences);
            causes.add(with(cause, consequences));
        }
        causes.sort(Comparator.comparing(InitFinding::severity).reversed());
        return causes;
    }

    /** Whether a finding follows from one before it. */
    private boolean explains(InitFinding cause, InitFinding other) {
        return switch (cause.symptom()) {
            case UPDATES ->
                cause.measured() > LARGE_UPDATE
                        ? other.symptom() != Symptom.DEAD_UNITS
                                || report.units().stream().anyMatch(u -> u.killed() > u.deadAtStart())
                        : other.symptom() == Symptom.PLATEAU;
            case DEAD_UNITS -> cause.severity() == Severity.FAILURE; // a whole layer
            case NO_GRADIENT, SATURATION, GRADIENT -> other.symptom() != Symptom.OSCILLATION;
            default -> other.symptom() == Symptom.PLATEAU;
        };
    }

    private static InitFinding with(InitFinding cause, List<InitFinding> consequences) {
        Severity severity = cause.severity();
        List<InitFinding> renamed = new ArrayList<>();
        for (InitFinding f : consequences) {
            severity = f.severity().compareTo(severity) > 0 ? f.severity() : severity;
            renamed.add(new InitFinding(
                    f.severity(),
                    f.symptom(),
                    f.layer(),
                    f.measured(),
                    f.limit(),
                    f.text(),
                    cause.remedies(),
                    List.of()));
        }
        return new InitFinding(
                severity,
                cause.symptom(),
                cause.layer(),
                cause.measured(),
                cause.limit(),
                cause.text(),
                cause.remedies(),
                renamed);
    }

    private Optional<InitFinding> largeUpdates() {
        return max(report.weights(), Weight::largestUpdate)
                .filter(w -> w.largestUpdate() > LARGE_UPDATE)
                .map(w -> InitFinding.of(
                        Severity.WARNING,
                        Symptom.UPDATES,
                        layer(w),
                        w.largestUpdate(),
                        LARGE_UPDATE,
                        "Step " + w.largestAt() + " changed '" + w.path() + "' by "
                                + Sentences.percent(w.largestUpdate()) + " of its size.",
                        Remedy.advice("a smaller learning rate, a warm-up (Schedule.warmUp) or clipped gradients"
                                + " (Clipping.norm); Rehearsal.rate measures one step before training.")));
    }

    private Optional<InitFinding> dead() {
        List<Units> all = report.units();
        Optional<Units> worst = Optional.empty();
        double limit = 1;
        for (int i = 0; i < all.size(); i++) {
            double most = Math.max(DeadUnitsCheck.limit(i), 0.25);
            Units units = all.get(i);
            if (units.dead() > most && units.dead() > worst.map(Units::dead).orElse(0.0)) {
                worst = Optional.of(units);
                limit = units.dead() == 1 ? 1 : most;
            }
        }
        double passed = limit;
        return worst.map(units -> {
            boolean whole = units.dead() > 1 - 0.5 / units.count();
            String killed = units.killed() == 0
                    ? ""
                    : " " + Sentences.percent(units.killed()) + " were killed since, most of them by "
                            + (units.killedFrom() == units.killedTo()
                                    ? "step " + units.killedFrom()
                                    : "one of the steps " + units.killedFrom() + " to " + units.killedTo())
                            + ".";
            String leaky = "a leaky slope (Nonlinearity.leakyRelu)";
            return InitFinding.of(
                    whole ? Severity.FAILURE : Severity.WARNING,
                    Symptom.DEAD_UNITS,
                    units.path(),
                    units.dead(),
                    passed,
                    Sentences.percent(units.dead()) + " of the units of " + Examination.name(units.path())
                            + " are dead: their slope is 0 for every row. "
                            + Sentences.percent(units.deadAtStart()) + " were so from the start." + killed,
                    Remedy.advice(
                            units.killed() > units.deadAtStart()
                                    ? "a smaller learning rate, a warm-up (Schedule.warmUp), or " + leaky + "."
                                    : "other initial weights or biases (InitReport.of examines the model before"
                                            + " training), or " + leaky + "."));
        });
    }

    private Optional<InitFinding> noGradient() {
        List<Weight> trained =
                report.weights().stream().filter(w -> w.looks() >= ENOUGH_LOOKS).toList();
        List<Weight> without = trained.stream().filter(w -> !w.hadGradient()).toList();
        if (without.isEmpty()) {
            return Optional.empty();
        }
        boolean all = without.size() == trained.size();
        Weight last = without.getLast();
        return Optional.of(InitFinding.of(
                all ? Severity.FAILURE : Severity.WARNING,
                Symptom.NO_GRADIENT,
                layer(last),
                0,
                0,
                (all ? "No weight" : "'" + last.path() + "' has not") + " had a gradient in any of " + last.looks()
                        + " steps.",
                Remedy.advice("let the loss depend on it: InitReport.of names the layer at which the gradient becomes"
                        + " 0.")));
    }

    private Optional<InitFinding> saturation() {
        return max(report.units(), Units::saturated)
                .filter(u -> u.saturated() > SATURATED)
                .map(u -> InitFinding.of(
                        Severity.WARNING,
                        Symptom.SATURATION,
                        u.path(),
                        u.saturated(),
                        SATURATED,
                        Sentences.percent(u.saturated()) + " of the outputs of " + Examination.name(u.path())
                                + " lie at the flat ends of " + u.nonlinearity() + ".",
                        Remedy.advice("smaller inputs or weights, or a smaller learning rate.")));
    }

    private Optional<InitFinding> smallGradient() {
        Optional<Weight> least = max(report.weights(), w -> -w.gradient());
        Optional<Weight> most = max(report.weights(), Weight::gradient);
        if (least.isEmpty()
                || !(least.get().gradient() < SMALL_GRADIENT * most.get().gradient())) {
            return Optional.empty();
        }
        double ratio = least.get().gradient() / most.get().gradient();
        return Optional.of(InitFinding.of(
                Severity.WARNING,
                Symptom.GRADIENT,
                layer(least.get()),
                ratio,
                SMALL_GRADIENT,
                "Over its size, the gradient of '" + least.get().path() + "' is " + Sentences.number(ratio)
                        + " times that of '" + most.get().path() + "'.",
                Remedy.advice("other initial weights: InitReport.of examines the model before training.")));
    }

    private Optional<InitFinding> smallUpdates() {
        Optional<Weight> most = max(report.weights(), Weight::update);
        boolean isFalling = !(losses.length == TrainingWatch.WINDOW && report.loss() > LEARNED * report.firstLoss());
        if (isFalling || most.isEmpty() || !(most.get().update() < SMALL_UPDATE)) {
            return Optional.empty();
        }
        return Optional.of(InitFinding.of(
                Severity.WARNING,
                Symptom.UPDATES,
                layer(most.get()),
                most.get().update(),
                SMALL_UPDATE,
                "No step changes a weight by more than "
                        + Sentences.number(most.get().update()) + " of its size, and the loss has not fallen.",
                Remedy.advice("a larger learning rate; Rehearsal.rate measures one step before training.")));
    }

    private Optional<InitFinding> oscillation() {
        double constant = report.constantLoss();
        if (losses.length < ENOUGH_STEPS || !(constant > 0)) {
            return Optional.empty();
        }
        double rises = 0;
        double falls = 0;
        for (int i = 1; i < losses.length; i++) {
            rises += Math.max(0, losses[i] - losses[i - 1]);
            falls += Math.max(0, losses[i - 1] - losses[i]);
        }
        double size = rises / (losses.length - 1);
        double limit = (0.1 + noise) * constant;
        if (!(size > limit)) {
            return Optional.empty();
        }
        return Optional.of(InitFinding.of(
                Severity.WARNING,
                Symptom.OSCILLATION,
                "",
                size,
                limit,
                "In the last " + losses.length + " steps the loss rises by " + Sentences.number(size)
                        + " a step and falls by " + Sentences.number(falls / (losses.length - 1))
                        + ", on average; that of the best constant output is " + Sentences.number(constant) + ".",
                Remedy.advice("a smaller learning rate, or larger batches.")));
    }

    private Optional<InitFinding> plateau() {
        double constant = report.constantLoss();
        if (losses.length < TrainingWatch.WINDOW || !(constant > 0)) {
            return Optional.empty();
        }
        double early = 0;
        double late = 0;
        int half = losses.length / 2;
        for (int i = 0; i < half; i++) {
            early += losses[i] / half;
            late += losses[losses.length - 1 - i] / half;
        }
        if (!(late > LEARNED * constant) || early - late > FALL * constant) {
            return Optional.empty();
        }
        return Optional.of(InitFinding.of(
                Severity.FAILURE,
                Symptom.PLATEAU,
                "",
                late,
                LEARNED * constant,
                "After " + report.steps() + " steps nothing is learned: the loss is " + Sentences.number(late)
                        + " and does not fall; that of the best constant output is "
                        + Sentences.number(constant) + ".",
                Remedy.advice("examine the model with InitReport.of, and the rate with Rehearsal.")));
    }

    private static String layer(Weight weight) {
        return weight.path().substring(0, Math.max(0, weight.path().lastIndexOf('.')));
    }

    private static <T> Optional<T> max(List<T> all, ToDoubleFunction<T> value) {
        return all.stream().filter(t -> !Double.isNaN(value.applyAsDouble(t))).max(Comparator.comparingDouble(value));
    }
}
