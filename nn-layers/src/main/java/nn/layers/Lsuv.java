package nn.layers;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Layer-sequential unit-variance initialization: scales the weights of a model so that, for a batch of real data, the
 * output of every layer with a weight has the variance 1. Layer by layer in the order in which data reaches them, each
 * on top of those that are scaled already. From Mishkin and Matas, <i>All you need is a good init</i> (ICLR 2016).
 *
 * <p>For models that no formula fits: unusual nonlinearities, uncentred data, odd connections. The model starts with
 * orthonormal weights, as in the paper, by {@link nn.init.Init#orthogonal()} where it is built, or with any others:
 *
 * <pre>{@code
 * Network network = Network.builder(key).input(784)
 *         .dense("hidden1", 256, Init.orthogonal()).tanh()
 *         .dense("out", 10, Init.orthogonal())
 *         .build();
 * List<Lsuv.Scaled> report = Lsuv.standard().apply(network, batch);
 * }</pre>
 *
 * <p>The variance is that of all elements of the output, over batch and units together, about their common mean. A
 * layer whose output is linear in its weights, such as {@link Dense}, needs one scaling, and none if it is right
 * already; so to apply this twice is to apply it once. A layer with random biases, or with a nonlinearity inside, is
 * scaled again until it comes close enough. Which layers: those without children that have a parameter of kind {@link
 * Parameter.Kind#WEIGHT}, except recurrent ones, whose output is a state and not what a nonlinearity is yet to be
 * applied to. A weight that several layers share is scaled where it is used first. A layer made of layers has to run
 * them by {@link Context#run}.
 *
 * <p>The model is run as in inference.
 *
 * @param tolerance how far from 1 a variance may be, above 0
 * @param most how often one layer may be scaled, at least 1
 */
public record Lsuv(double tolerance, int most) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if the tolerance is not above 0 and finite, or the number below 1
     */
    public Lsuv {
        if (!(tolerance > 0 && tolerance < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("LSUV: tolerance " + tolerance + " must be above 0 and finite");
        }
        if (most < 1) {
            throw new IllegalArgumentException("LSUV: at most " + most + " scalings; there must be at least 1");
        }
    }

    /**
     * What happened to one layer.
     *
     * @param path the path of its weight, such as {@code hidden1.weight}
     * @param factor what the weight was multiplied by in all; 1 if it was right already
     * @param before the variance of the layer's output with the weight it had
     * @param after the variance now
     * @param times how often the weight was scaled, 0 or more
     * @param reached whether the variance came within the tolerance
     */
    public record Scaled(String path, double factor, double before, double after, int times, boolean reached) {}

    /**
     * A tolerance of 0.01, at most 10 scalings of a layer.
     *
     * @return the initialization
     */
    public static Lsuv standard() {
        return new Lsuv(0.01, 10);
    }

    /**
     * Scales the weights of a model in place. If this fails, all have the values they had.
     *
     * @param model a layer, or a tree of them
     * @param x a batch of data, of the shape that the model takes; some hundred rows as a rule
     * @return a line for each layer that was looked at, in the order in which the data reaches them
     * @throws IllegalArgumentException if the data is not finite, the output of a layer does not vary or is not
     *     finite, or no data reaches a layer by {@link Context#run}
     * @throws nn.tensor.ShapeException if the model cannot take the data
     */
    public List<Scaled> apply(Layer model, Tensor x) {
        if (!x.isFinite()) {
            throw new IllegalArgumentException("LSUV: the data " + x.shape() + " has a value that is not finite");
        }
        Map<Parameter, String> paths = new HashMap<>();
        model.parametersByPath().forEach((path, parameter) -> paths.put(parameter, path));
        Run run = new Run(this, paths);
        try {
            run.run(model, x);
            Set<Parameter> missed = weights(model);
            missed.removeAll(run.seen);
            if (!missed.isEmpty()) {
                throw new IllegalArgumentException("LSUV: no data reached the layer of '"
                        + paths.get(missed.iterator().next()) + "': what contains it has to run it by Context.run");
            }
        } catch (RuntimeException e) {
            run.saved.forEach((parameter, value) -> parameter.value().copyFrom(value));
            throw e;
        }
        return Collections.unmodifiableList(run.report);
    }

    /** The weights of a layer that are to be scaled. */
    private static List<Parameter> ownWeights(Layer layer) {
        List<Parameter> own = layer.children().isEmpty() ? layer.parameters() : List.of();
        boolean recurrent = own.stream().anyMatch(p -> p.kind() == Parameter.Kind.RECURRENT);
        return recurrent ? List.of() : own.stream().filter(p -> p.kind() == Parameter.Kind.WEIGHT).toList();
    }

    /** Those of a tree. Iterates, so depth costs no stack. */
    private static Set<Parameter> weights(Layer root) {
        Set<Parameter> found = new HashSet<>();
        Set<Layer> met = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Layer> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            Layer layer = open.pop();
            if (met.add(layer)) {
                found.addAll(ownWeights(layer));
                open.addAll(layer.children().values());
            }
        }
        return found;
    }

    /** A context that scales the weights of every layer it runs for the first time, and passes on what comes of it. */
    private static final class Run implements Context {
        private final Context inference = Context.inference();
        private final Lsuv lsuv;
        private final Map<Parameter, String> paths;
        private final Set<Parameter> seen = new HashSet<>();
        private final Map<Parameter, Tensor> saved = new LinkedHashMap<>();
        private final List<Scaled> report = new ArrayList<>();

        private Run(Lsuv lsuv, Map<Parameter, String> paths) {
            this.lsuv = lsuv;
            this.paths = paths;
        }

        @Override
        public Pass run(Layer layer, Tensor x, Context outermost) {
            Pass pass = layer.forward(x, outermost);
            List<Parameter> weights = ownWeights(layer);
            boolean first = Collections.disjoint(seen, weights);
            seen.addAll(weights);
            return first && !weights.isEmpty() ? scaled(layer, weights, x, outermost, pass) : pass;
        }

        private Pass scaled(Layer layer, List<Parameter> weights, Tensor x, Context outermost, Pass first) {
            String path = paths.get(weights.getFirst());
            Pass pass = first;
            double before = variance(path, pass);
            double after = before;
            double factor = 1;
            int times = 0;
            while (Math.abs(after - 1) > lsuv.tolerance && times < lsuv.most) {
                float step = (float) (1 / Math.sqrt(after));
                for (Parameter weight : weights) {
                    saved.computeIfAbsent(weight, w -> w.value().copy());
                    weight.value().scaleInPlace(step);
                }
                factor *= step;
                times++;
                pass = layer.forward(x, outermost);
                after = variance(path, pass);
            }
            report.add(new Scaled(path, factor, before, after, times, Math.abs(after - 1) <= lsuv.tolerance));
            return pass;
        }

        private static double variance(String path, Pass pass) {
            double variance = pass.output().variance();
            if (!(variance > 0 && variance < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("LSUV: the output of the layer of '" + path + "' has the variance "
                        + variance + " over the data; no factor makes that 1. A constant weight or a dead layer before"
                        + " does this");
            }
            return variance;
        }

        @Override
        public Tensor empty(Shape shape) {
            return inference.empty(shape);
        }

        @Override
        public boolean training() {
            return false;
        }

        @Override
        public Key key() {
            return inference.key();
        }
    }
}
