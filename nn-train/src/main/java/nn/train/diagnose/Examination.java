package nn.train.diagnose;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LinearMap;
import nn.layers.Parameter;
import nn.tensor.Tensor;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.loss.Loss;
import org.jspecify.annotations.Nullable;

/**
 * What one forward and one backward pass of a batch have shown, for the {@linkplain Check checks} to look at. The
 * tensors are those of the pass: checks read them and change nothing.
 */
public final class Examination {
    /**
     * A layer with parameters, together with the nonlinearity that follows it, or a nonlinearity that follows no such
     * layer.
     *
     * @param reading the numbers of the report
     * @param layer the layer
     * @param nonlinearity the nonlinearity that follows the layer, or that it is
     * @param input the layer's input
     * @param preActivation [... x units], the layer's output; its input if it is a nonlinearity
     * @param output [... x units], the output of the nonlinearity; that of the layer if there is none
     * @param next the next layer that has a weight; empty for the last one
     */
    public record Place(
            LayerReading reading,
            Layer layer,
            Optional<Nonlinearity> nonlinearity,
            Tensor input,
            Tensor preActivation,
            Tensor output,
            Optional<Layer> next) {
        /**
         * Checks that nothing is null.
         *
         * @throws NullPointerException if an argument is null
         */
        public Place {
            Objects.requireNonNull(reading, "reading");
            Objects.requireNonNull(layer, "layer");
            Objects.requireNonNull(nonlinearity, "nonlinearity");
            Objects.requireNonNull(input, "input");
            Objects.requireNonNull(preActivation, "preActivation");
            Objects.requireNonNull(output, "output");
            Objects.requireNonNull(next, "next");
        }

        /**
         * Whether the layer has a weight, of any kind.
         *
         * @return false for nonlinearities and normalizations
         */
        public boolean isWeighted() {
            return hasWeight(layer);
        }

        /**
         * Whether the layer normalizes: it has a scale, and no weight.
         *
         * @return true for batch, layer and group normalization, built-in or a user's own
         */
        public boolean isNormalization() {
            return !isWeighted() && layer.parameters().stream().anyMatch(p -> p.kind() == Parameter.Kind.SCALE);
        }

        /** The weight and the bias of the units, if the layer adds up its inputs. */
        Optional<UnitMap> map() {
            return UnitMap.of(layer);
        }

        /** The map that takes the units as inputs, if it is known. */
        Optional<UnitMap> consumer() {
            return Examination.consumer(reading.units(), next.orElse(null));
        }

        /** Such as {@code layer 'hidden1'}. */
        String name() {
            return Examination.name(reading.path());
        }
    }

    private final Layer model;
    private final List<Run> runs;
    private final List<Run> composites;
    private final Map<Layer, String> paths;
    private final boolean drawsAtRandom;
    private final Tensor x;
    private final @Nullable Target target;
    private final Tensor output;
    private final double loss;
    private final @Nullable Gradients gradients;
    private final Tensor signal;
    private final boolean readsIndices;
    private final List<Place> places = new ArrayList<>();
    private final List<Place> weighted;

    /** A loss and the targets of the batch. */
    record Target(Loss loss, Tensor y) {}

    /**
     * Takes the records of a pass.
     *
     * @param model the model
     * @param recorder has recorded the runs of its layers, in the order in which data reached them
     * @param paths the paths of layers
     * @param x the batch
     * @param target null if the gradient at the output was drawn
     * @param output the model's output
     * @param loss of the batch; NaN if the gradient was drawn, or the output is not finite
     * @param outputGradient squared length of the gradient at the output; NaN if there is none
     * @param gradients null if there are none, because the output is not finite
     */
    Examination(
            Layer model,
            ActivationRecorder recorder,
            Map<Layer, String> paths,
            Tensor x,
            @Nullable Target target,
            Tensor output,
            double loss,
            double outputGradient,
            @Nullable Gradients gradients) {
        this.model = model;
        this.runs = recorder.runs();
        this.composites = recorder.composites();
        this.paths = paths;
        this.drawsAtRandom = recorder.drawsAtRandom();
        this.x = x;
        this.target = target;
        this.output = output;
        this.loss = loss;
        this.gradients = gradients;
        Optional<Run> table = table(runs);
        this.readsIndices = table.isPresent();
        this.signal = table.map(run -> run.y).orElse(x);
        @Nullable Layer[] next = new Layer[runs.size()]; // the next layer with a weight after each run
        for (int i = runs.size() - 2; i >= 0; i--) {
            next[i] = hasWeight(runs.get(i + 1).layer) ? runs.get(i + 1).layer : next[i + 1];
        }
        for (int i = 0; i < runs.size(); i++) {
            Run run = runs.get(i);
            Optional<Nonlinearity> own = run.layer.activation();
            if (own.isPresent()) {
                if (i == 0 || !isFollowedBy(runs.get(i - 1), run)) {
                    places.add(place(run, run.x, run, own, run.gradientAtX / outputGradient, next[i]));
                }
            } else if (!run.layer.parameters().isEmpty()) {
                Run last = i + 1 < runs.size() && isFollowedBy(run, runs.get(i + 1)) ? runs.get(i + 1) : run;
                Optional<Nonlinearity> f = last.layer.activation();
                places.add(place(run, run.y, last, f, run.gradientAtY / outputGradient, next[i]));
            }
        }
        weighted = places.stream().filter(Place::isWeighted).toList();
    }

    /** Returns the run of the table that the data are looked up in, if they are indices. */
    private static Optional<Run> table(List<Run> runs) {
        return runs.stream()
                .filter(run -> !run.layer.parameters().isEmpty())
                .findFirst()
                .filter(run -> run.layer.takesIndices());
    }

    static boolean hasWeight(Layer layer) {
        return layer.parameters().stream().anyMatch(p -> p.kind() == Parameter.Kind.WEIGHT);
    }

    private static boolean isFollowedBy(Run run, Run next) {
        return next.layer.activation().isPresent()
                && run.layer.activation().isEmpty()
                && !run.layer.parameters().isEmpty()
                && next.x == run.y;
    }

    /**
     * Returns the place of a layer.
     *
     * @param z [... x units], pre-activations
     * @param last the run that returned the output
     * @param f the nonlinearity applied to z
     */
    private Place place(Run run, Tensor z, Run last, Optional<Nonlinearity> f, double gradient, @Nullable Layer next) {
        LayerReading reading = new LayerReading(
                paths.getOrDefault(run.layer, ""),
                Layer.describe(run.layer),
                f.map(Nonlinearity::name).orElse(""),
                z.secondMoment(),
                predicted(run),
                last.y.secondMoment(),
                gradient,
                RowStatistics.correlation(last.y),
                f.map(g -> RowStatistics.dead(z, g)).orElse(Double.NaN),
                f.filter(RowStatistics::isBounded)
                        .map(g -> RowStatistics.saturated(z, g))
                        .orElse(Double.NaN),
                RowStatistics.units(z),
                distinct(run, next));
        return new Place(reading, run.layer, f, run.x, z, last.y, Optional.ofNullable(next));
    }

    private static double predicted(Run run) {
        return run.layer.linearMap().map(map -> predicted(map, run.x)).orElse(Double.NaN);
    }

    private static double predicted(LinearMap map, Tensor x) {
        double biases = map.bias().map(b -> b.value().secondMoment()).orElse(0.0);
        return map.inputs() * map.weight().value().secondMoment() * x.secondMoment() + biases;
    }

    /** Returns the number of distinct units of a hidden map, by their weights in and out; 0 for other layers. */
    private static int distinct(Run run, @Nullable Layer next) {
        return next == null
                ? 0
                : UnitMap.of(run.layer)
                        .filter(map -> map.inputs() == RowStatistics.units(run.x)) // units of groups see other channels
                        .map(map -> UnitStatistics.distinct(map, consumer(map.units(), next)))
                        .orElse(0);
    }

    private static Optional<UnitMap> consumer(int units, @Nullable Layer next) {
        return next == null ? Optional.empty() : UnitMap.of(next).filter(map -> map.inputs() == units);
    }

    static String name(String path) {
        return path.isEmpty() ? "the model" : "layer '" + path + "'";
    }

    /**
     * The model that was examined.
     *
     * @return the model
     */
    public Layer model() {
        return model;
    }

    /**
     * The batch.
     *
     * @return [batch x features], or what the model takes
     */
    public Tensor x() {
        return x;
    }

    /**
     * The input of the first layers as a signal: the batch, or, if it consists of indices, the rows that were looked
     * up.
     *
     * @return [... x features]
     */
    public Tensor signal() {
        return signal;
    }

    /**
     * Whether the batch consists of indices.
     *
     * @return true if the first layer is a table
     */
    public boolean readsIndices() {
        return readsIndices;
    }

    /**
     * The loss.
     *
     * @return empty if the gradient at the output was drawn at random
     */
    public Optional<Loss> loss() {
        return Optional.ofNullable(target).map(Target::loss);
    }

    /**
     * The targets of the batch.
     *
     * @return of the shape that the loss asks for; empty if the gradient at the output was drawn at random
     */
    public Optional<Tensor> y() {
        return Optional.ofNullable(target).map(Target::y);
    }

    /**
     * The loss of the batch.
     *
     * @return NaN if there is no loss, or the output is not finite
     */
    public double lossValue() {
        return loss;
    }

    /**
     * The model's output.
     *
     * @return [batch x ...]
     */
    public Tensor output() {
        return output;
    }

    /**
     * The gradients of all parameters.
     *
     * @return empty if the output is not finite
     */
    public Optional<Gradients> gradients() {
        return Optional.ofNullable(gradients);
    }

    /**
     * Whether layers drew random numbers in the pass, as dropout does.
     *
     * @return true if a layer asked for a key
     */
    public boolean drawsAtRandom() {
        return drawsAtRandom;
    }

    /**
     * The layers with parameters, and the nonlinearities that follow none, in the order in which data reaches them.
     *
     * @return one place for each run of such a layer
     */
    public List<Place> places() {
        return List.copyOf(places);
    }

    /**
     * The layers with weights, in the order in which data reaches them.
     *
     * @return some of the {@link #places}
     */
    public List<Place> weighted() {
        return weighted;
    }

    List<Run> runs() {
        return runs;
    }

    List<Run> composites() {
        return composites;
    }

    /**
     * The share of draws, by the model's own initializers, of models that return the same for all rows. It writes to
     * the parameters, and writes their bits back.
     */
    double shareConstant(int draws) {
        Map<Parameter, Tensor> saved = new IdentityHashMap<>();
        model.parametersByPath().values().forEach(p -> saved.put(p, p.value().copy()));
        int constant = 0;
        try {
            for (int draw = 0; draw < draws; draw++) {
                int number = draw;
                saved.keySet()
                        .forEach(p -> p.initializer()
                                .fill(p.value(), p.fans(), p.key().child("draw " + number)));
                Tensor y = model.forward(x, Context.inference()).output();
                constant += RowStatistics.areEqual(y) ? 1 : 0;
            }
        } finally {
            saved.forEach((p, value) -> p.value().copyFrom(value));
        }
        return (double) constant / draws;
    }

    /** Such as {@code hidden1}; empty for the model. */
    String path(Layer layer) {
        return paths.getOrDefault(layer, "");
    }

    /** The path of a layer's own parameter. */
    static String path(Place place, Parameter parameter) {
        String layer = place.reading.path();
        return layer.isEmpty() ? parameter.name() : layer + "." + parameter.name();
    }

    /**
     * The mean square of the last weighted layer's input, over that of the first one's pre-activations.
     *
     * @return NaN if there are no two weighted layers
     */
    public double forwardGain() {
        return weighted.size() < 2
                ? Double.NaN
                : weighted.getLast().input.secondMoment()
                        / weighted.getFirst().reading.preActivation();
    }

    /**
     * The squared length of the gradient at the first weighted layer's pre-activations, over that at the output.
     *
     * @return NaN if there are no two weighted layers
     */
    public double backwardGain() {
        return weighted.size() < 2 ? Double.NaN : weighted.getFirst().reading.gradient();
    }
}
