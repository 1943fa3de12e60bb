package nn.train.diagnose;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Gain;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.BornDead;
import nn.init.theory.Criticality;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LinearMap;
import nn.layers.Parameter;
import nn.tensor.Tensor;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.InitFinding.Severity;
import org.jspecify.annotations.Nullable;

/**
 * Makes readings and findings of what a {@link ActivationRecorder} has seen. The limits are explained at {@link
 * Symptom}.
 */
final class InitDiagnosis {
    private static final double LEAST_INPUT = 1e-2;
    private static final double MOST_INPUT = 1e2;

    /** A gain, or its reciprocal. */
    private static final double LARGE_GAIN = 1e2;

    private static final double HUGE_GAIN = 1e6;

    private static final int ENOUGH_ROWS = 256;
    private static final double MANY_DEAD = 0.25;
    private static final double MANY_DEAD_AT_FIRST = 0.01;
    private static final double RISK = 0.05;
    private static final double MANY_SATURATED = 0.1;
    private static final double MOST_SATURATED = 0.5;
    private static final double LITTLE_DIFFERENCE = 1e-3;

    /** Standard deviations. */
    private static final double FAR = 4;

    /** The reading of a layer and what it was made from. */
    private record Row(
            Run run, @Nullable Layer next, @Nullable Nonlinearity nonlinearity, LayerReading reading) {
        boolean isWeighted() {
            return hasWeight(run.layer);
        }

        /** The map that the layer's units go to, if it is known and takes as many inputs. */
        Optional<LinearMap> waysOut() {
            return InitDiagnosis.waysOut(reading.units(), next);
        }

        String name() {
            return InitDiagnosis.name(reading.path());
        }
    }

    private final List<Run> runs;
    private final Map<Layer, String> paths;
    private final Tensor signal;
    private final boolean readsIndices;
    private final boolean drawsAtRandom;
    private final @Nullable Layer[] next; // with a weight, behind each run; null behind the last
    private final List<Row> rows = new ArrayList<>();
    private final List<Row> weighted;
    private final List<InitFinding> findings = new ArrayList<>();

    /**
     * @param drawsAtRandom whether layers have drawn random numbers in the pass, as dropout does
     * @param outputGradient squared length of the gradient at the model's output; NaN if there is none
     */
    InitDiagnosis(List<Run> runs, Map<Layer, String> paths, boolean drawsAtRandom, Tensor x, double outputGradient) {
        this.runs = runs;
        this.paths = paths;
        this.drawsAtRandom = drawsAtRandom;
        this.readsIndices = table(runs).isPresent();
        this.signal = table(runs).map(run -> run.y).orElse(x);
        this.next = new Layer[runs.size()];
        for (int i = runs.size() - 2; i >= 0; i--) {
            next[i] = hasWeight(runs.get(i + 1).layer) ? runs.get(i + 1).layer : next[i + 1];
        }
        for (int i = 0; i < runs.size(); i++) {
            Run run = runs.get(i);
            Optional<Nonlinearity> own = run.layer.activation();
            if (own.isPresent()) {
                if (i == 0 || !isFollowedBy(runs.get(i - 1), run)) {
                    rows.add(row(i, run.x, run, own.get(), run.gradientAtX / outputGradient));
                }
            } else if (!run.layer.parameters().isEmpty()) {
                Run last = i + 1 < runs.size() && isFollowedBy(run, runs.get(i + 1)) ? runs.get(i + 1) : run;
                Nonlinearity f = last.layer.activation().orElse(null);
                rows.add(row(i, run.y, last, f, run.gradientAtY / outputGradient));
            }
        }
        weighted = rows.stream().filter(Row::isWeighted).toList();
    }

    /** Returns the input of the first layers: the data, or, if they are indices, the rows that a table has for them. */
    Tensor signal() {
        return signal;
    }

    /** The run that looks the data up in a table, if they are indices. */
    private static Optional<Run> table(List<Run> runs) {
        return runs.stream()
                .filter(run -> !run.layer.parameters().isEmpty())
                .findFirst()
                .filter(run -> run.layer.takesIndices());
    }

    private static Tensor signalAt(Run run) {
        return run.layer.takesIndices() ? run.y : run.x;
    }

    private static boolean hasWeight(Layer layer) {
        return layer.parameters().stream().anyMatch(p -> p.kind() == Parameter.Kind.WEIGHT);
    }

    private static boolean isFollowedBy(Run run, Run next) {
        return next.layer.activation().isPresent()
                && run.layer.activation().isEmpty()
                && !run.layer.parameters().isEmpty()
                && next.x == run.y;
    }

    /**
     * @param z [... x units], pre-activations
     * @param last gives the output
     * @param f what is applied to z; null if nothing is
     */
    private Row row(int index, Tensor z, Run last, @Nullable Nonlinearity f, double gradient) {
        Run run = runs.get(index);
        LayerReading reading = new LayerReading(
                paths.getOrDefault(run.layer, ""),
                Layer.describe(run.layer),
                f == null ? "" : f.name(),
                z.secondMoment(),
                predicted(run),
                last.y.secondMoment(),
                gradient,
                RowStatistics.alike(last.y),
                f == null ? Double.NaN : RowStatistics.dead(z, f),
                f != null && RowStatistics.isBounded(f) ? RowStatistics.saturated(z, f) : Double.NaN,
                RowStatistics.units(z),
                distinct(run.layer, next[index]));
        return new Row(run, next[index], f, reading);
    }

    private static double predicted(Run run) {
        return run.layer.linearMap().map(map -> predicted(map, run.x)).orElse(Double.NaN);
    }

    private static double predicted(LinearMap map, Tensor x) {
        double biases = map.bias().map(b -> b.value().secondMoment()).orElse(0.0);
        return map.inputs() * map.weight().value().secondMoment() * x.secondMoment() + biases;
    }

    /** Whether all units of a linear map begin without a bias. */
    private static boolean hasNoBias(Layer layer) {
        return layer.linearMap()
                .filter(map -> map.bias().map(b -> b.value().maxAbs() == 0).orElse(true))
                .isPresent();
    }

    /** How many units of a hidden linear map differ, also by where they go if that can be seen; 0 of other layers. */
    private static int distinct(Layer layer, @Nullable Layer next) {
        return next == null
                ? 0
                : layer.linearMap()
                        .map(map -> UnitStatistics.distinct(map, waysOut(map.units(), next)))
                        .orElse(0);
    }

    private static Optional<LinearMap> waysOut(int units, @Nullable Layer next) {
        return next == null ? Optional.empty() : next.linearMap().filter(map -> map.inputs() == units);
    }

    private static String name(String path) {
        return path.isEmpty() ? "the model" : "layer '" + path + "'";
    }

    List<LayerReading> readings() {
        return rows.stream().map(Row::reading).toList();
    }

    /** The mean square of what the last layer with a weight gets, over that of the first one's pre-activations. */
    double forwardGain() {
        return weighted.size() < 2
                ? Double.NaN
                : weighted.getLast().run.x.secondMoment()
                        / weighted.getFirst().reading.preActivation();
    }

    /** The squared length of the gradient at the first weighted layer's pre-activations, over that at the output. */
    double backwardGain() {
        return weighted.size() < 2 ? Double.NaN : weighted.getFirst().reading.gradient();
    }

    /**
     * Returns the findings, failures first.
     *
     * @param gradients null if there are none, because the model's output is not finite
     */
    List<InitFinding> findings(@Nullable Gradients gradients) {
        input();
        Optional<Run> bad = runs.stream().filter(run -> !run.y.isFinite()).findFirst();
        if (bad.isPresent()) {
            String path = paths.getOrDefault(bad.get().layer, "");
            String layer = name(path) + " (" + Layer.describe(bad.get().layer) + ")";
            notFinite(path, Double.NaN, "the output of " + layer + " is not finite.");
        } else if (gradients == null) { // a layer made of layers has spoilt it
            notFinite("", Double.NaN, "the output of the model is not finite, though that of every layer is.");
        } else if (!Double.isFinite(gradients.norm())) {
            notFinite("", gradients.norm(), "the gradient is not finite.");
        } else {
            finiteNumbers(gradients);
        }
        findings.sort((a, b) -> b.severity().compareTo(a.severity()));
        return findings;
    }

    private void notFinite(String path, double measured, String text) {
        add(Severity.FAILURE, Symptom.NOT_FINITE, path, measured, Double.NaN, text, betterWeights());
    }

    private void finiteNumbers(Gradients gradients) {
        symmetry();
        noGradient(gradients);
        gain(Symptom.SIGNAL, forwardGain(), "the mean square of the signal", "what the last layer gets is");
        gain(
                Symptom.GRADIENT,
                backwardGain(),
                "the squared length of the gradient",
                "what comes back to the first layer is");
        deadUnits();
        bornDead();
        saturation();
        rowsAlike();
        unlikeTheory();
    }

    private void input() {
        double square = signal.secondMoment();
        if (!readsIndices && !(square >= LEAST_INPUT && square <= MOST_INPUT)) {
            add(
                    Severity.WARNING,
                    Symptom.INPUT_SCALE,
                    "",
                    square,
                    square < LEAST_INPUT ? LEAST_INPUT : MOST_INPUT,
                    "the inputs' mean square is " + ReportText.number(square)
                            + ", and initializers suppose one near 1.",
                    "scale the data: nn.train.data.Standardizer.");
        }
    }

    private void symmetry() {
        List<Row> equal = rows.stream()
                .filter(r -> r.reading.distinctUnits() > 0 && r.reading.distinctUnits() < r.reading.units())
                .filter(r -> !(isZero(r.run.layer) && r.waysOut().isEmpty()))
                .toList();
        if (equal.isEmpty()) {
            return;
        }
        Row first = equal.getFirst();
        boolean sure = equal.stream().anyMatch(r -> r.waysOut().isPresent()) && !drawsAtRandom;
        int distinct = first.reading.distinctUnits();
        String besides = drawsAtRandom ? " Only layers that draw at random, such as dropout, will part them." : "";
        add(
                sure ? Severity.FAILURE : Severity.WARNING,
                Symptom.SYMMETRY,
                first.reading.path(),
                distinct,
                first.reading.units(),
                first.name() + " has " + first.reading.units() + " units, but " + distinct
                        + (distinct == 1 ? " kind" : " kinds") + " of them: those with equal weights compute the same"
                        + " for ever." + others(equal) + besides,
                "draw the weights at random: " + betterWeights());
    }

    private static boolean isZero(Layer layer) {
        return layer.linearMap()
                .filter(map -> map.weight().value().maxAbs() == 0)
                .isPresent();
    }

    private void noGradient(Gradients gradients) {
        List<Row> without = new ArrayList<>();
        for (Row row : weighted) {
            boolean any = row.run.layer.parameters().stream()
                    .filter(p -> p.kind() == Parameter.Kind.WEIGHT)
                    .anyMatch(p -> gradients.of(p).maxAbs() != 0);
            if (!any) {
                without.add(row);
            }
        }
        if (without.isEmpty()) {
            return;
        }
        boolean all = without.size() == weighted.size();
        String whose = all
                ? "no weight gets a gradient, so none will ever change."
                : "the weight of " + without.getFirst().name() + " gets no gradient." + others(without);
        boolean zeros = weighted.stream().anyMatch(r -> isZero(r.run.layer));
        boolean dead = rows.stream().anyMatch(r -> r.reading.dead() == 1);
        String remedy = all && zeros
                ? "draw the weights at random: " + betterWeights()
                : zeros
                        ? "none, if it is meant, as the last layer of a residual branch that begins with zeros."
                        : dead ? "that of dead units." : betterWeights();
        add(
                all ? Severity.FAILURE : Severity.WARNING,
                Symptom.NO_GRADIENT,
                without.getFirst().reading.path(),
                0,
                0,
                whose + (zeros ? " There are weights that are all zero: nothing passes them." : ""),
                remedy);
    }

    private void gain(Symptom symptom, double gain, String what, String which) {
        double distance = Math.abs(StrictMath.log(gain));
        if (gain == 0 || !(distance > StrictMath.log(LARGE_GAIN))) {
            return; // 0 is no gradient; NaN is not judged
        }
        boolean huge = distance > StrictMath.log(HUGE_GAIN);
        double limit = huge ? HUGE_GAIN : LARGE_GAIN;
        double perLayer = StrictMath.pow(gain, 1.0 / (weighted.size() - 1));
        add(
                huge ? Severity.FAILURE : Severity.WARNING,
                symptom,
                "",
                gain,
                gain < 1 ? 1 / limit : limit,
                what + " " + (gain < 1 ? "vanishes" : "explodes") + ": " + which + " " + ReportText.number(gain)
                        + " times what it was, by " + ReportText.number(perLayer) + " a layer.",
                betterWeights());
    }

    private void deadUnits() {
        boolean enough = RowStatistics.count(signal) >= ENOUGH_ROWS;
        List<Row> rectified =
                rows.stream().filter(r -> !Double.isNaN(r.reading.dead())).toList();
        List<Row> many = new ArrayList<>();
        for (Row row : rectified) {
            double limit = row == rectified.getFirst() ? MANY_DEAD_AT_FIRST : MANY_DEAD;
            boolean nothing = row.reading.preActivation() == 0; // then no gradient is what is wrong
            if (row.reading.dead() == 1 && !nothing || enough && !nothing && row.reading.dead() > limit) {
                many.add(row);
            }
        }
        if (many.isEmpty()) {
            return;
        }
        Row worst = worst(many, LayerReading::dead);
        boolean whole = worst.reading.dead() == 1;
        boolean first = worst == rectified.getFirst();
        double limit = whole ? 1 : first ? MANY_DEAD_AT_FIRST : MANY_DEAD;
        String centre = first
                ? "centre the data (nn.train.data.Standardizer), or give the units a leaky slope."
                : "a leaky slope, or fewer layers: each makes rows more alike, until units are on or off for all.";
        add(
                whole ? Severity.FAILURE : Severity.WARNING,
                Symptom.DEAD_UNITS,
                worst.reading.path(),
                worst.reading.dead(),
                limit,
                percent(worst.reading.dead()) + " of the units of " + worst.name()
                        + " have slope 0 for all " + RowStatistics.count(signal)
                        + " rows, so no row changes what leads to them."
                        + others(many),
                whole ? "a leaky slope, wider layers, or, in narrow ones, small positive biases." : centre);
    }

    private void bornDead() {
        List<Row> rectified = rows.stream()
                .filter(r -> r.nonlinearity != null && r.nonlinearity.equals(Nonlinearity.RELU))
                .filter(r -> hasNoBias(r.run.layer))
                .toList();
        double alive = 1;
        for (Row row : rectified.subList(Math.min(1, rectified.size()), rectified.size())) {
            alive *= 1 - BornDead.forOneInput(row.reading.units(), 1);
        }
        if (1 - alive > RISK) {
            Row narrow = worst(rectified, reading -> -reading.units());
            add(
                    Severity.WARNING,
                    Symptom.BORN_DEAD,
                    narrow.reading.path(),
                    1 - alive,
                    RISK,
                    "of such networks up to " + percent(1 - alive) + " are dead from the start: a layer, here as narrow"
                            + " as " + narrow.reading.units() + ", that gives 0 for every input.",
                    "wider layers, fewer of them, a small positive bias, or a leaky slope.");
        }
    }

    private void saturation() {
        List<Row> many = rows.stream()
                .filter(r -> r.reading.saturated() > MANY_SATURATED)
                .toList();
        if (many.isEmpty()) {
            return;
        }
        Row worst = worst(many, LayerReading::saturated);
        boolean most = worst.reading.saturated() > MOST_SATURATED;
        add(
                most ? Severity.FAILURE : Severity.WARNING,
                Symptom.SATURATION,
                worst.reading.path(),
                worst.reading.saturated(),
                most ? MOST_SATURATED : MANY_SATURATED,
                percent(worst.reading.saturated()) + " of what " + worst.name() + " gives lies at the flat ends of "
                        + worst.reading.nonlinearity() + ", where hardly a gradient passes." + others(many),
                betterWeights());
    }

    private void rowsAlike() {
        if (weighted.size() < 2) {
            return;
        }
        double difference = 1 - RowStatistics.alike(weighted.getLast().run.x);
        if (difference < LITTLE_DIFFERENCE) {
            add(
                    Severity.WARNING,
                    Symptom.ROWS_ALIKE,
                    weighted.getLast().reading.path(),
                    difference,
                    LITTLE_DIFFERENCE,
                    "what " + weighted.getLast().name() + " gets is nearly the same for all rows: they differ in "
                            + ReportText.number(Math.max(difference, 0)) + " of its mean square, and did in "
                            + ReportText.number(1 - RowStatistics.alike(signalAt(weighted.getFirst().run)))
                            + " of that of the inputs.",
                    "fewer layers, skips around them, or weights at the critical gain: " + betterWeights());
        }
    }

    private void unlikeTheory() {
        List<Row> unlike = rows.stream().filter(r -> strangeness(r.reading) > 1).toList();
        if (!unlike.isEmpty()) {
            Row worst = worst(unlike, InitDiagnosis::strangeness);
            LayerReading reading = worst.reading;
            add(
                    Severity.WARNING,
                    Symptom.UNLIKE_THEORY,
                    reading.path(),
                    reading.preActivation(),
                    reading.predicted(),
                    "E z^2 of " + worst.name() + " is " + ReportText.number(reading.preActivation())
                            + ", and would be near " + ReportText.number(reading.predicted())
                            + " with independent weights of that size." + others(unlike),
                    "none, if the model is trained; else look at how its weights are drawn.");
        }
    }

    /** How far a layer is from theory, in units of what is allowed: mean squares of n normal numbers scatter so. */
    private static double strangeness(LayerReading reading) {
        double allowed = FAR * Math.sqrt(2.0 / reading.units());
        return Math.abs(StrictMath.log(reading.preActivation() / reading.predicted())) / allowed;
    }

    private static Row worst(List<Row> rows, ToDoubleFunction<LayerReading> badness) {
        Row worst = rows.getFirst();
        for (Row row : rows) {
            if (badness.applyAsDouble(row.reading) > badness.applyAsDouble(worst.reading)) {
                worst = row;
            }
        }
        return worst;
    }

    private static String others(List<Row> rows) {
        int others = rows.size() - 1;
        return switch (others) {
            case 0 -> "";
            case 1 -> " One more layer is like it.";
            default -> " " + others + " more layers are like it.";
        };
    }

    /** By the nonlinearity that most of the network has: the one of its first layer that has one. */
    private String betterWeights() {
        Nonlinearity f = rows.stream()
                .map(Row::nonlinearity)
                .filter(n -> n != null)
                .findFirst()
                .orElse(Nonlinearity.LINEAR);
        return "'" + new VarianceScaling(gain(f), Fan.IN, Distribution.NORMAL) + "' weights suit " + f.name()
                + "; Lsuv.standard().apply(model, batch) scales any to the data.";
    }

    /** The critical gain, or what keeps a second moment of 1 where there is none, as of GELU. To six digits. */
    private static double gain(Nonlinearity f) {
        double gain;
        try {
            gain = Criticality.of(f, 0).gain();
        } catch (IllegalArgumentException e) {
            gain = Gain.secondMoment(f);
        }
        double brief = new BigDecimal(gain).round(new MathContext(6)).doubleValue();
        return gain == Gain.he(0) ? gain : brief;
    }

    private void add(
            Severity severity,
            Symptom symptom,
            String layer,
            double measured,
            double limit,
            String text,
            String remedy) {
        findings.add(new InitFinding(severity, symptom, layer, measured, limit, capital(text), capital(remedy)));
    }

    private static String capital(String sentence) {
        return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.3g %%", 100 * share);
    }
}
