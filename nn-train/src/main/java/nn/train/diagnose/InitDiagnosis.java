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
 * Makes readings and findings from the records of an {@link ActivationRecorder}. {@link Symptom} explains the limits.
 */
final class InitDiagnosis {
    private static final double MIN_INPUT = 1e-2;
    private static final double MAX_INPUT = 1e2;

    /** A gain, or its reciprocal. */
    private static final double LARGE_GAIN = 1e2;

    private static final double HUGE_GAIN = 1e6;

    /** Where an output or a gradient is zero and the numbers that it comes from are below this, it was rounded. */
    private static final float FADED = 0x1p-60f;

    private static final int ROWS_FOR_DEAD_UNITS = 256;
    private static final double MANY_DEAD = 0.25;
    private static final double MANY_DEAD_IN_FIRST = 0.01;
    private static final double BORN_DEAD_RISK = 0.05;
    private static final double MANY_SATURATED = 0.1;
    private static final double MOST_SATURATED = 0.5;
    private static final double MIN_DIFFERENCE = 1e-3;

    /** In standard deviations. */
    private static final double MAX_DEVIATION = 4;

    /** The reading of a layer, and its sources. */
    private record Row(
            Run run, @Nullable Layer next, @Nullable Nonlinearity nonlinearity, LayerReading reading) {
        boolean isWeighted() {
            return hasWeight(run.layer);
        }

        /** Returns the linear map that takes the layer's units as inputs, if it is known. */
        Optional<LinearMap> consumer() {
            return InitDiagnosis.consumer(reading.units(), next);
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
    private final @Nullable Layer[] next; // the next layer with a weight after each run; null after the last
    private final List<Row> rows = new ArrayList<>();
    private final List<Row> weighted;
    private final List<InitFinding> findings = new ArrayList<>();

    /**
     * Creates readings and the beginning of the findings.
     *
     * @param runs the recorded runs, in the order in which data reached the layers
     * @param paths the paths of layers
     * @param drawsAtRandom whether layers drew random numbers in the pass, as dropout does
     * @param x the batch
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

    /** Returns the input of the first layers: the data, or, if they are indices, the rows of the table. */
    Tensor signal() {
        return signal;
    }

    /** Returns the run of the table that the data are looked up in, if they are indices. */
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
     * Returns the reading of a layer.
     *
     * @param z [... x units], pre-activations
     * @param last the run that returned the output
     * @param f the nonlinearity applied to z; null if there is none
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
                RowStatistics.correlation(last.y),
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

    /** Returns whether a layer is a linear map whose biases are all 0 or missing. */
    private static boolean hasNoBias(Layer layer) {
        return layer.linearMap()
                .filter(map -> map.bias().map(b -> b.value().maxAbs() == 0).orElse(true))
                .isPresent();
    }

    /** Returns the number of distinct units of a hidden linear map, by their weights in and out; 0 for other layers. */
    private static int distinct(Layer layer, @Nullable Layer next) {
        return next == null
                ? 0
                : layer.linearMap()
                        .map(map -> UnitStatistics.distinct(map, consumer(map.units(), next)))
                        .orElse(0);
    }

    private static Optional<LinearMap> consumer(int units, @Nullable Layer next) {
        return next == null ? Optional.empty() : next.linearMap().filter(map -> map.inputs() == units);
    }

    private static String name(String path) {
        return path.isEmpty() ? "the model" : "layer '" + path + "'";
    }

    List<LayerReading> readings() {
        return rows.stream().map(Row::reading).toList();
    }

    /**
     * Returns the mean square of the input of the last weighted layer, over that of the first one's pre-activations.
     */
    double forwardGain() {
        return weighted.size() < 2
                ? Double.NaN
                : weighted.getLast().run.x.secondMoment()
                        / weighted.getFirst().reading.preActivation();
    }

    /**
     * Returns the squared length of the gradient at the first weighted layer's pre-activations, over that at the
     * output.
     */
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
        } else if (gradients == null) { // a layer made of layers computed it from finite outputs
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
        String signalSize = "the mean square of the signal";
        String gradientSize = "the squared length of the gradient";
        gain(Symptom.SIGNAL, forwardGain(), signalSize, "the last layer", "the first", signalIsRounded());
        gain(Symptom.GRADIENT, backwardGain(), gradientSize, "the first layer", "the output", gradientIsRounded());
        deadUnits();
        bornDead();
        saturation();
        rowsAlike();
        unlikeTheory();
    }

    private void input() {
        double square = signal.secondMoment();
        if (!readsIndices && !(square >= MIN_INPUT && square <= MAX_INPUT)) {
            add(
                    Severity.WARNING,
                    Symptom.INPUT_SCALE,
                    "",
                    square,
                    square < MIN_INPUT ? MIN_INPUT : MAX_INPUT,
                    "the inputs' mean square is " + ReportText.number(square)
                            + ", but initializers assume a value near 1.",
                    "scale the data: nn.train.data.Standardizer.");
        }
    }

    private void symmetry() {
        List<Row> equal = rows.stream()
                .filter(r -> r.reading.distinctUnits() > 0 && r.reading.distinctUnits() < r.reading.units())
                .filter(r -> !(isZero(r.run.layer) && r.consumer().isEmpty()))
                .toList();
        if (equal.isEmpty()) {
            return;
        }
        Row first = equal.getFirst();
        boolean sure = equal.stream().anyMatch(r -> r.consumer().isPresent()) && !drawsAtRandom;
        int distinct = first.reading.distinctUnits();
        String exception = drawsAtRandom ? " Only random layers, such as dropout, can make them differ." : "";
        add(
                sure ? Severity.FAILURE : Severity.WARNING,
                Symptom.SYMMETRY,
                first.reading.path(),
                distinct,
                first.reading.units(),
                first.name() + " has " + first.reading.units() + " units, but only " + distinct
                        + " distinct: units with equal weights stay equal in training." + others(equal) + exception,
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
                        ? "none, if it is intended, as in a residual branch whose last layer starts with zeros."
                        : dead ? "see dead units." : betterWeights();
        add(
                all ? Severity.FAILURE : Severity.WARNING,
                Symptom.NO_GRADIENT,
                without.getFirst().reading.path(),
                0,
                0,
                whose + (zeros ? " Some weights are all zero, so no signal passes." : ""),
                remedy);
    }

    /** Returns whether a layer's output is zero because it was below {@link Tensor#TINY}. */
    private boolean signalIsRounded() {
        return runs.stream().anyMatch(run -> run.y.maxAbs() == 0 && run.x.maxAbs() > 0 && run.x.isBelow(FADED));
    }

    /** Returns whether the gradient at a layer's input is zero because it was below {@link Tensor#TINY}. */
    private boolean gradientIsRounded() {
        return runs.stream()
                .anyMatch(run -> run.gradientAtX == 0 && run.gradientAtY > 0 && run.gradientAtY < FADED * FADED);
    }

    private void gain(Symptom symptom, double gain, String quantity, String to, String from, boolean isRounded) {
        if (gain == 0 && isRounded) {
            String text =
                    quantity + " vanishes: at " + to + " it is 0, because rows of outputs and gradients are rounded"
                            + " to zero where they are below " + ReportText.number(Tensor.TINY) + ".";
            add(Severity.FAILURE, symptom, "", 0, 1 / HUGE_GAIN, text, betterWeights());
            return;
        }
        double distance = Math.abs(StrictMath.log(gain));
        if (gain == 0 || !(distance > StrictMath.log(LARGE_GAIN))) {
            return; // 0 is the symptom "no gradient"; NaN means that there are no two layers
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
                quantity + " " + (gain < 1 ? "vanishes" : "explodes") + ": at " + to + " it is "
                        + ReportText.number(gain) + " times that at " + from + ", a factor of "
                        + ReportText.number(perLayer) + " per layer.",
                betterWeights());
    }

    private void deadUnits() {
        boolean enough = RowStatistics.count(signal) >= ROWS_FOR_DEAD_UNITS;
        List<Row> rectified =
                rows.stream().filter(r -> !Double.isNaN(r.reading.dead())).toList();
        List<Row> many = new ArrayList<>();
        for (Row row : rectified) {
            double limit = row == rectified.getFirst() ? MANY_DEAD_IN_FIRST : MANY_DEAD;
            boolean nothing = row.reading.preActivation() == 0; // the symptom "no gradient" covers this
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
        double limit = whole ? 1 : first ? MANY_DEAD_IN_FIRST : MANY_DEAD;
        String centre = first
                ? "centre the data (nn.train.data.Standardizer), or use a leaky slope."
                : "a leaky slope, or fewer layers: each layer makes rows more alike, until units are on or off for"
                        + " all rows.";
        add(
                whole ? Severity.FAILURE : Severity.WARNING,
                Symptom.DEAD_UNITS,
                worst.reading.path(),
                worst.reading.dead(),
                limit,
                percent(worst.reading.dead()) + " of the units of " + worst.name()
                        + " have slope 0 for all " + RowStatistics.count(signal)
                        + " rows, so the weights into them get no gradient."
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
        if (1 - alive > BORN_DEAD_RISK) {
            Row narrow = worst(rectified, reading -> -reading.units());
            add(
                    Severity.WARNING,
                    Symptom.BORN_DEAD,
                    narrow.reading.path(),
                    1 - alive,
                    BORN_DEAD_RISK,
                    "up to " + percent(1 - alive) + " of such networks are dead from the start: a layer returns 0 for"
                            + " every input. The narrowest layer has " + narrow.reading.units() + " units.",
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
                percent(worst.reading.saturated()) + " of the outputs of " + worst.name() + " lie at the flat ends of "
                        + worst.reading.nonlinearity() + ", where almost no gradient passes." + others(many),
                betterWeights());
    }

    private void rowsAlike() {
        if (weighted.size() < 2) {
            return;
        }
        double difference = 1 - RowStatistics.correlation(weighted.getLast().run.x);
        if (difference < MIN_DIFFERENCE) {
            add(
                    Severity.WARNING,
                    Symptom.ROWS_ALIKE,
                    weighted.getLast().reading.path(),
                    difference,
                    MIN_DIFFERENCE,
                    "the input of " + weighted.getLast().name() + " is nearly the same for all rows: their differences"
                            + " make up " + ReportText.number(Math.max(difference, 0)) + " of its mean square, and "
                            + ReportText.number(1 - RowStatistics.correlation(signalAt(weighted.getFirst().run)))
                            + " of that of the data.",
                    "fewer layers, residual connections, or weights at the critical gain: " + betterWeights());
        }
    }

    private void unlikeTheory() {
        List<Row> unlike = rows.stream().filter(r -> deviation(r.reading) > 1).toList();
        if (!unlike.isEmpty()) {
            Row worst = worst(unlike, InitDiagnosis::deviation);
            LayerReading reading = worst.reading;
            add(
                    Severity.WARNING,
                    Symptom.UNLIKE_THEORY,
                    reading.path(),
                    reading.preActivation(),
                    reading.predicted(),
                    "E z^2 of " + worst.name() + " is " + ReportText.number(reading.preActivation())
                            + ", but independent weights of that size would give about "
                            + ReportText.number(reading.predicted()) + "." + others(unlike),
                    "none, if the model is trained; else check how its weights are drawn.");
        }
    }

    /**
     * Returns the deviation of a layer from theory, over the allowed one: the mean square of n normal numbers has the
     * relative standard deviation sqrt(2 / n).
     */
    private static double deviation(LayerReading reading) {
        double allowed = MAX_DEVIATION * Math.sqrt(2.0 / reading.units());
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
            case 1 -> " The same holds for one more layer.";
            default -> " The same holds for " + others + " more layers.";
        };
    }

    /** Returns a remedy for the first nonlinearity, which is most often that of the whole network. */
    private String betterWeights() {
        Nonlinearity f = rows.stream()
                .map(Row::nonlinearity)
                .filter(n -> n != null)
                .findFirst()
                .orElse(Nonlinearity.LINEAR);
        return "'" + new VarianceScaling(gain(f), Fan.IN, Distribution.NORMAL) + "' weights suit " + f.name()
                + "; Lsuv.standard().apply(model, batch) scales any weights to the data.";
    }

    /** Returns the critical gain, to six digits; without one, as for GELU, the gain that keeps a second moment of 1. */
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
