package nn.layers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import nn.tensor.Tensor;

/**
 * Layer-sequential unit-variance initialization: scales the weights of a model so that, for a batch of real data, the
 * output of every layer with a weight has the variance 1. Layers are scaled one after the other, in the order in which
 * the data reaches them. From Mishkin and Matas, <i>All you need is a good init</i> (ICLR 2016).
 *
 * <p>For models that no formula fits: unusual nonlinearities, uncentred data, unusual connections. The model starts
 * with orthonormal weights, as in the paper ({@link nn.init.Init#orthogonal()}), or with any others:
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
 * layer whose output is linear in its weights, such as {@link nn.layers.dense.Dense}, needs one scaling, or none if its
 * variance is 1 already, so applying this twice is the same as applying it once. A layer with random biases, or with a
 * nonlinearity inside, is scaled again until its variance is within the tolerance. If its biases alone give a larger
 * variance, or its output is bounded to a smaller one, it keeps its weights, and the report says why.
 *
 * <p>All layers are scaled that have a parameter of kind {@link Parameter.Kind#WEIGHT} themselves, except recurrent
 * layers, whose output is a state and not a pre-activation. A weight that several layers share is scaled where it is
 * used first. A layer made of layers must run them by {@link Context#run}.
 *
 * <p>The model runs as in inference.
 *
 * @param tolerance how far from 1 a variance may be, above 0
 * @param maxScalings how often one layer may be scaled, at least 1
 */
public record Lsuv(double tolerance, int maxScalings) {
    /**
     * A layer does not respond to its weights if its variance changes by less than this share of the expected change.
     */
    private static final double LEAST_RESPONSE = 0.01;

    /** Where no weight is larger, an output that is all zero may have been rounded to zero ({@link Tensor#TINY}). */
    private static final float LEAST_WEIGHT = 0x1p-50f;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if the tolerance is not above 0 and finite, or the number below 1
     */
    public Lsuv {
        if (!(tolerance > 0 && tolerance < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("LSUV: tolerance " + tolerance + " must be above 0 and finite");
        }
        if (maxScalings < 1) {
            throw new IllegalArgumentException("LSUV: at most " + maxScalings + " scalings; there must be at least 1");
        }
    }

    /**
     * The result for one layer.
     *
     * @param path the path of its weight, such as {@code hidden1.weight}
     * @param factor the product of all scalings of the weight; 1 if there were none
     * @param before the variance of the layer's output with the original weight; 0 if the output was rounded to zero
     *     ({@link Tensor#TINY})
     * @param after the variance now
     * @param times the number of scalings, 0 or more
     * @param reached whether the variance came within the tolerance
     * @param reason why the variance 1 {@code is not reached yet} or {@code cannot be reached}; empty if it was
     *     reached. If it cannot be reached, the weight is unchanged: factor 1, 0 scalings
     */
    public record Scaled(
            String path, double factor, double before, double after, int times, boolean reached, String reason) {}

    /**
     * A tolerance of 0.01, at most 10 scalings of a layer.
     *
     * @return the initialization
     */
    public static Lsuv standard() {
        return new Lsuv(0.01, 10);
    }

    /**
     * Scales the weights of a model in place. If this fails, all weights are restored.
     *
     * @param model a layer, or a tree of them
     * @param x a batch of data, of a shape that the model takes; usually some hundred rows
     * @return an entry for each layer with a weight, in the order in which the data reaches them
     * @throws IllegalArgumentException if the data is empty or not finite, the output of a layer does not vary or is
     *     not finite, or no data reaches a layer by {@link Context#run}
     * @throws nn.tensor.ShapeException if the model cannot take the data
     */
    public List<Scaled> apply(Layer model, Tensor x) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(x, "x");
        if (x.size() == 0) {
            throw new IllegalArgumentException("LSUV: the data " + x.shape() + " has no elements, so no layer's output"
                    + " has a variance; give some hundred rows");
        }
        if (!x.isFinite()) {
            throw new IllegalArgumentException("LSUV: the data " + x.shape() + " has a value that is not finite");
        }
        LayerTree tree = new LayerTree(model);
        Map<Parameter, String> paths = new HashMap<>();
        tree.parameters().forEach((path, parameter) -> paths.put(parameter, path));
        Run run = new Run(this, tree, paths);
        try {
            model.forward(x, run);
            Set<Parameter> missed = new LinkedHashSet<>();
            tree.layers().values().forEach(layer -> missed.addAll(weights(tree.own(layer))));
            missed.removeAll(run.seen);
            if (!missed.isEmpty()) {
                throw new IllegalArgumentException("LSUV: no data reached the layer of '"
                        + paths.get(missed.iterator().next()) + "': the layer that contains it must run it by"
                        + " Context.run");
            }
        } catch (RuntimeException | Error e) {
            run.saved.forEach((parameter, value) -> parameter.value().copyFrom(value));
            throw e;
        }
        return Collections.unmodifiableList(run.report);
    }

    /** Returns the parameters to scale, of those that a layer has itself. */
    private static List<Parameter> weights(List<Parameter> own) {
        boolean recurrent = own.stream().anyMatch(p -> p.kind() == Parameter.Kind.RECURRENT);
        return recurrent
                ? List.of()
                : own.stream().filter(p -> p.kind() == Parameter.Kind.WEIGHT).toList();
    }

    /** A context that scales the weights of a layer when it first runs it, and passes on the new output. */
    private static final class Run extends ForwardingContext {
        private final Lsuv lsuv;
        private final LayerTree tree;
        private final Map<Parameter, String> paths;
        private final Set<Parameter> seen = new HashSet<>();
        private final Map<Parameter, Tensor> saved = new LinkedHashMap<>();
        private final List<Scaled> report = new ArrayList<>();

        private Run(Lsuv lsuv, LayerTree tree, Map<Parameter, String> paths) {
            super(Context.inference());
            this.lsuv = lsuv;
            this.tree = tree;
            this.paths = paths;
        }

        @Override
        public Tensor run(Pass pass, Tensor x, Context outermost) {
            Tensor y = pass.runIn(outermost, x);
            List<Parameter> weights = weights(tree.own(pass.layer()));
            boolean first = Collections.disjoint(seen, weights);
            seen.addAll(weights);
            return first && !weights.isEmpty() ? scaled(pass, weights, x, outermost) : y;
        }

        private Tensor scaled(Pass pass, List<Parameter> weights, Tensor x, Context outermost) {
            String path = Objects.requireNonNull(paths.get(weights.getFirst()));
            float largest = largest(weights);
            double factor = 1;
            int times = 0;
            if (pass.output().maxAbs() == 0 && largest > 0 && largest < LEAST_WEIGHT) {
                // The output was rounded to zero, so its variance says nothing about the factor.
                factor = scale(weights, 1.0 / largest);
                times = 1;
                pass.runIn(outermost, x);
            }
            double after = variance(path, pass);
            double before = times == 0 ? after : 0;
            double response = 1; // change of the variance by the last scaling, as a share of the expected change
            while (Math.abs(after - 1) > lsuv.tolerance && times < lsuv.maxScalings) {
                factor *= scale(weights, 1 / Math.sqrt(after));
                times++;
                double last = after;
                pass.runIn(outermost, x);
                after = variance(path, pass);
                response = StrictMath.log(after / last) / -StrictMath.log(last);
            }
            if (Math.abs(after - 1) <= lsuv.tolerance) {
                report.add(new Scaled(path, factor, before, after, times, true, ""));
                return pass.output();
            }
            String reason = reason(pass, weights, x, outermost, after, response);
            if (reason.isEmpty()) {
                report.add(new Scaled(
                        path,
                        factor,
                        before,
                        after,
                        times,
                        false,
                        "is not reached yet, after " + times + (times == 1 ? " scaling" : " scalings")));
                return pass.output();
            }
            weights.forEach(weight -> weight.value().copyFrom(Objects.requireNonNull(saved.get(weight))));
            report.add(new Scaled(path, 1, before, before, 0, false, reason));
            return pass.runIn(outermost, x);
        }

        private static float largest(List<Parameter> weights) {
            float largest = 0;
            for (Parameter weight : weights) {
                largest = Math.max(largest, weight.value().maxAbs());
            }
            return largest;
        }

        /** Scales weights by a factor, or by as much of it as a float can take; returns what it was. */
        private float scale(List<Parameter> weights, double factor) {
            float step = (float) Math.min(factor, Float.MAX_VALUE);
            for (Parameter weight : weights) {
                saved.computeIfAbsent(weight, w -> w.value().copy());
                weight.value().scaleInPlace(step);
            }
            return step;
        }

        /** Says why no factor gives the output the variance 1; empty if one may. */
        private String reason(
                Pass pass, List<Parameter> weights, Tensor x, Context outermost, double variance, double response) {
            double least = withoutWeights(pass, weights, x, outermost);
            if (least >= 1 - lsuv.tolerance) {
                return String.format(
                        Locale.ROOT,
                        "cannot be reached: with weights of 0 the output has the variance %.4g, from its biases alone;"
                                + " draw smaller ones",
                        least);
            }
            return response < LEAST_RESPONSE
                    ? String.format(
                            Locale.ROOT,
                            "cannot be reached: the variance hardly changes with the weights, and stays near %.4g; is"
                                    + " there a bounded nonlinearity inside the layer?",
                            variance)
                    : "";
        }

        /** Returns the variance of the output with weights of 0; NaN if there is none. */
        private static double withoutWeights(Pass pass, List<Parameter> weights, Tensor x, Context outermost) {
            List<Tensor> scaled =
                    weights.stream().map(weight -> weight.value().copy()).toList();
            try {
                weights.forEach(weight -> weight.value().fill(0f));
                return pass.runIn(outermost, x).variance();
            } finally {
                for (int i = 0; i < scaled.size(); i++) {
                    weights.get(i).value().copyFrom(scaled.get(i));
                }
            }
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
    }
}
