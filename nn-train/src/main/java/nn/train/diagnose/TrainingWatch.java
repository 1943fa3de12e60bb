package nn.train.diagnose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.ForwardingContext;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.StepReport;
import nn.train.TrainingObserver;
import nn.train.data.Dataset;
import nn.train.internal.LayerPaths;
import nn.train.loss.Loss;
import nn.train.loss.Reduction;
import org.jspecify.annotations.Nullable;

/**
 * Watches a training: dead units, and whether they were dead at the start or killed by a step; saturation; how much a
 * step changes each weight; the gradient of each weight, and how much of it is noise; plateaus at the constant output;
 * oscillation of the loss.
 *
 * <pre>{@code
 * TrainingWatch watch = TrainingWatch.of(network, loss, split.train());
 * History history = trainer.fit(batches, 20, watch);
 * System.out.print(history);           // with columns of the watch; history.toCsv() has them, too
 * System.out.print(watch.report());    // what is wrong, and what would help
 * }</pre>
 *
 * <p>It looks into the first ten steps and then into one in ten, and changes no bit of the training. A look adds no
 * pass. It reads pre-activations as they are computed, until each unit has shown a slope or 1024 rows were read, and a
 * sample of 1024 elements of each weight (65536 of a table), before and after the step. A watch is for one model and
 * one training. If a training is resumed, a new watch counts from there.
 *
 * <p><b>Gradient noise.</b> Batches differ, and so do their gradients. If G is the mean of the gradients of a weight
 * and N the mean squared distance of a gradient from G, the signal-to-noise ratio is |G|^2 / N. It is near 0 if the
 * gradients of different batches have no direction in common. For batches of B examples, B / ratio is the simple noise
 * scale tr(Sigma) / |G|^2 of McCandlish and others, <i>An Empirical Model of Large-Batch Training</i> (2018), section
 * 2.2. |G|^2 and N are estimated without bias as in their appendix A.1, here from the sampled gradients g_i of the
 * looks, as the optimizer got them:
 *
 * <pre>
 * m = sum of w_i g_i,   V = sum of w_i |g_i - m|^2,   c = sum of w_i^2
 * N = V / (1 - c),      |G|^2 = |m|^2 - c N,          ratio = max(0, |G|^2 / N)
 * </pre>
 *
 * The weights w_i are equal up to the fifth look; then the newest look has 0.2, and those before fade by 0.8 each, so
 * that m scatters as the mean of nine gradients does. In pure noise of n independent elements of equal size, |G|^2 / N
 * scatters around 0 by 0.16 / sqrt(n) from some twenty looks on. N is all that differs between looks: if the steps
 * change G within nine looks, the ratio is lower. Batches of one epoch share no row, which lowers the ratio by at most
 * 1 / k for k batches an epoch. A low ratio is no finding: gradients are mostly noise at the end of a good training,
 * too.
 *
 * <p>The columns of the {@link nn.train.History}, each after the last look of the epoch:
 *
 * <table>
 * <caption>Observations</caption>
 * <tr><td>dead_units</td><td>the largest share of dead units of a layer</td></tr>
 * <tr><td>saturated</td><td>the largest share of saturated elements of a layer</td></tr>
 * <tr><td>update_min, update_max</td><td>the smallest and the largest change of a weight by a step, over its
 *     size</td></tr>
 * <tr><td>gradient_min, gradient_max</td><td>the smallest and the largest gradient of a weight, over its
 *     size</td></tr>
 * <tr><td>snr_min, snr_max</td><td>the smallest and the largest signal-to-noise ratio of the gradient of a
 *     weight</td></tr>
 * </table>
 */
public final class TrainingWatch implements TrainingObserver {
    /** The number of steps from one look to the next, by default. */
    private static final int PERIOD = 10;

    /** All of the first steps are looked into: large steps kill at the beginning. */
    private static final int FIRST = 10;

    /** Steps over which losses are compared. */
    static final int WINDOW = 100;

    /** Rows from which the loss of the best constant output is computed. */
    private static final int ROWS = 4096;

    /** Elements of their outputs. */
    private static final int ELEMENTS = 1 << 20;

    private final Layer model;
    private final Map<Layer, String> paths;
    private final Set<Layer> withParameters = Collections.newSetFromMap(new IdentityHashMap<>()); // of their own
    private final boolean isSum;
    private final double constantLoss;
    private final int period;
    private final List<WeightWatch> weights = new ArrayList<>();
    private final List<UnitWatch> units = new ArrayList<>();
    private final Map<Layer, UnitWatch> unitsByLayer = new IdentityHashMap<>();
    private @Nullable Look look; // the last one
    private long lookingAt; // the step of that; 0 if it has ended
    private long[] looks = new long[16]; // steps
    private int lookCount;
    private long firstStep; // 0 before
    private long steps;
    private double firstLosses;
    private final double[] losses = new double[WINDOW]; // of the last steps, in a ring
    private double reciprocalRoots; // sum of 1 / sqrt(batch size) over all steps

    private TrainingWatch(Layer model, boolean isSum, double constantLoss, int period) {
        this.model = model;
        this.isSum = isSum;
        this.constantLoss = constantLoss;
        this.period = period;
        this.paths = LayerPaths.of(model);
        Map<String, Layer> layers = model.layersByPath();
        model.parametersByPath().forEach((path, parameter) -> {
            Layer layer = layers.get(path.substring(0, Math.max(0, path.lastIndexOf('.'))));
            withParameters.add(layer);
            if (parameter.kind() == Parameter.Kind.WEIGHT) {
                weights.add(new WeightWatch(path, parameter, layer != null && layer.takesIndices()));
            }
        });
    }

    /**
     * A watch that looks into one step in ten.
     *
     * @param model the model that is trained
     * @param loss the loss that is minimized
     * @param data the training data, or some of them: at most 4096 examples are used, for the loss of the best constant
     *     output
     * @return a watch that has seen nothing yet
     * @throws nn.tensor.ShapeException if the model cannot take the data
     * @throws IllegalArgumentException if the loss cannot take the targets
     */
    public static TrainingWatch of(Layer model, Loss loss, Dataset data) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(loss, "loss");
        Objects.requireNonNull(data, "data");
        boolean isSum = loss.reduction() == Reduction.SUM;
        Shape all = model.outputShape(data.x().shape());
        int each = Math.max(1, all.size() / data.size());
        int rows = Math.clamp(ELEMENTS / each, 1, Math.min(ROWS, data.size()));
        int[] chosen = new int[rows];
        for (int i = 0; i < rows; i++) {
            chosen[i] = (int) ((long) i * data.size() / rows);
        }
        Dataset some = data.take(chosen);
        Shape output = model.outputShape(some.x().shape());
        int repeated = output.rank() < 2 ? 1 : output.dim(-1);
        double constant =
                LossCheck.bestConstant(loss, some.y(), output, repeated).loss();
        return new TrainingWatch(model, isSum, isSum ? constant / rows : constant, PERIOD);
    }

    /**
     * A watch of the same training that looks more often or less often.
     *
     * @param steps after the first ten steps, one step of this number is looked into; 1 or more
     * @return a watch that has seen nothing yet
     * @throws IllegalArgumentException if it is below 1
     */
    public TrainingWatch every(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("a watch cannot look into one step in " + steps + "; give 1 or more");
        }
        return new TrainingWatch(model, isSum, constantLoss, steps);
    }

    @Override
    public Context over(long step, Context context) {
        firstStep = firstStep == 0 ? step : firstStep;
        if (step - firstStep >= FIRST && step % period != 0) {
            return context;
        }
        lookingAt = step;
        weights.forEach(WeightWatch::begin);
        units.forEach(UnitWatch::begin);
        Look now = look;
        if (now == null || now.passes != context) {
            now = new Look(context);
            look = now;
        }
        now.begin();
        return now;
    }

    @Override
    public void onStep(StepReport report) {
        double loss = isSum ? report.loss() / report.batchSize() : report.loss();
        losses[(int) (steps % WINDOW)] = loss;
        firstLosses += steps < FIRST ? loss : 0;
        reciprocalRoots += 1 / Math.sqrt(report.batchSize());
        steps++;
        Look now = look;
        if (lookingAt != report.step() || now == null || now.gradients == null) {
            return;
        }
        lookingAt = 0;
        if (lookCount == looks.length) {
            looks = Arrays.copyOf(looks, 2 * lookCount);
        }
        looks[lookCount] = report.step();
        for (UnitWatch unit : units) {
            unit.end(lookCount);
        }
        for (WeightWatch weight : weights) {
            weight.end(now.gradients, report.step());
        }
        lookCount++;
    }

    @Override
    public SequencedMap<String, Double> observations() {
        SequencedMap<String, Double> all = new LinkedHashMap<>();
        all.put(
                "dead_units",
                largest(units.stream().mapToDouble(UnitWatch::dead).toArray()));
        all.put(
                "saturated",
                largest(units.stream().mapToDouble(UnitWatch::saturated).toArray()));
        double[] updates = weights.stream().mapToDouble(WeightWatch::update).toArray();
        double[] gradients = weights.stream().mapToDouble(WeightWatch::gradient).toArray();
        all.put("update_min", smallest(updates));
        all.put("update_max", largest(updates));
        all.put("gradient_min", smallest(gradients));
        all.put("gradient_max", largest(gradients));
        double[] ratios =
                weights.stream().mapToDouble(WeightWatch::signalToNoise).toArray();
        all.put("snr_min", smallest(ratios));
        all.put("snr_max", largest(ratios));
        return all;
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).filter(v -> !Double.isNaN(v)).max().orElse(Double.NaN);
    }

    private static double smallest(double[] values) {
        return Arrays.stream(values).filter(v -> !Double.isNaN(v)).min().orElse(Double.NaN);
    }

    /**
     * Reports what has been seen. May be called at any time, also after a training that has failed.
     *
     * @return the report
     */
    public WatchReport report() {
        long[] seen = Arrays.copyOf(looks, lookCount);
        double[] last = lastLosses();
        WatchReport plain = new WatchReport(
                steps,
                lookCount,
                constantLoss,
                steps == 0 ? Double.NaN : firstLosses / Math.min(steps, FIRST),
                Arrays.stream(last).average().orElse(Double.NaN),
                units.stream().map(u -> u.reading(seen)).toList(),
                weights.stream().map(WeightWatch::reading).toList(),
                List.of());
        List<InitFinding> findings = new WatchFindings(plain, last, reciprocalRoots / Math.max(1, steps)).causes();
        return new WatchReport(
                plain.steps(),
                plain.looks(),
                plain.constantLoss(),
                plain.firstLoss(),
                plain.loss(),
                plain.units(),
                plain.weights(),
                findings);
    }

    /** The losses of the last steps, in order. */
    private double[] lastLosses() {
        int count = (int) Math.min(steps, WINDOW);
        double[] last = new double[count];
        for (int i = 0; i < count; i++) {
            last[i] = losses[(int) ((steps - count + i) % WINDOW)];
        }
        return last;
    }

    /** Reads the pre-activations of a step as they are computed, and keeps its gradients. */
    private final class Look extends ForwardingContext {
        private final Context passes;
        private @Nullable Layer before; // the layer without children that ran last
        private @Nullable Tensor output; // its output
        private @Nullable Gradients gradients;

        Look(Context passes) {
            super(passes);
            this.passes = passes;
        }

        void begin() {
            before = null;
            output = null;
            gradients = null;
        }

        @Override
        public Tensor run(Pass pass, Tensor x, Context outermost) {
            Layer layer = pass.layer();
            Optional<Nonlinearity> f = layer.activation();
            if (f.isPresent() && x.size() > 0) {
                boolean follows = output == x && before != null && withParameters.contains(before);
                UnitWatch watch = unitsOf(follows && before != null ? before : layer, f.get(), RowStatistics.units(x));
                watch.look(x);
            }
            Tensor y = super.run(pass, x, outermost);
            if (layer.children().isEmpty()) {
                before = layer;
                output = y;
            }
            return y;
        }

        private UnitWatch unitsOf(Layer layer, Nonlinearity f, int count) {
            return unitsByLayer.computeIfAbsent(layer, l -> {
                UnitWatch watch = new UnitWatch(paths.getOrDefault(l, ""), f, count);
                watch.begin();
                units.add(watch);
                return watch;
            });
        }

        @SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
        @Override
        public void afterBackward(Pass pass, Tensor dOutput, @Nullable Tensor dInput, Gradients into) {
            super.afterBackward(pass, dOutput, dInput, into);
            gradients = into;
        }
    }
}
