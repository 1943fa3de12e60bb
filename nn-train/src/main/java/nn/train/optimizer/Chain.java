package nn.train.optimizer;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import nn.layers.Parameter;
import nn.tensor.ParallelLoop;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.Hyperparameters;

/**
 * An optimizer made of parts: transforms that change the direction of a step one after the other, from the gradient on.
 * Then {@code p = p - rate d} for a parameter p and the last direction d.
 *
 * <pre>{@code
 * Optimizer lamb = Chain.of(1e-2, Transform.adam(0.9, 0.999, 1e-6), Transform.decay(0.01), Transform.trustRatio());
 * }</pre>
 *
 * <p>A chain computes in the order of the built-in optimizers, and has their bits where the formula is the same:
 * {@code Chain.of(r, Transform.decay(w), Transform.adam(0.9, 0.999, 1e-8))} is {@link Adam} with weight decay, and so
 * for {@link Sgd} with any momentum and {@link RmsProp}. These are faster, because they read everything once. {@link
 * AdamW} is the same up to rounding, with {@code decay} after {@code adam}.
 *
 * @param rate the learning rate, 0 or more
 * @param transforms in order, 1 or more
 */
public record Chain(double rate, List<Transform> transforms) implements Optimizer {
    /**
     * Checks the rate, and keeps a copy of the list.
     *
     * @throws IllegalArgumentException if the rate is negative, NaN or infinite, or there is no transform
     * @throws NullPointerException if the list or a transform is null
     */
    public Chain {
        Hyperparameters.requireNonNegative("Chain", "rate", rate);
        Objects.requireNonNull(transforms, "transforms").forEach(t -> Objects.requireNonNull(t, "a transform"));
        transforms = List.copyOf(transforms);
        if (transforms.isEmpty()) {
            throw new IllegalArgumentException("Chain: there is no transform; use Sgd.of for plain gradient descent");
        }
    }

    /**
     * Returns a chain.
     *
     * @param rate the learning rate, 0 or more
     * @param transforms in order, 1 or more
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is negative, NaN or infinite, or there is no transform
     */
    public static Chain of(double rate, Transform... transforms) {
        return new Chain(rate, Arrays.asList(Objects.requireNonNull(transforms, "transforms")));
    }

    /**
     * Returns a copy with another learning rate.
     *
     * @param rate 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public Chain withRate(double rate) {
        return new Chain(rate, transforms);
    }

    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        return ruleFor(parameter, new Scratch());
    }

    /** {@inheritDoc} */
    @Override
    public UpdateRule ruleFor(Parameter parameter, Scratch scratch) {
        return new Rule(parameter, scratch);
    }

    private final class Rule extends TensorRule {
        private final Parameter parameter;
        private final Scratch scratch;
        private final int size;
        private final float[][][] memories; // of each transform
        private final double[][] bounds; // of the same
        private final ParallelLoop.Body change = this::change; // fields, so that no step allocates
        private final ParallelLoop.Body move = this::move;
        private Transform transform = transforms.getFirst(); // the present one, as the next three
        private float[][] memory = {};
        private double measured;
        private double scale;
        private float[] p = NOTHING;
        private float[] d = NOTHING;
        private long step;

        Rule(Parameter parameter, Scratch scratch) {
            Shape shape = parameter.value().shape();
            int count = transforms.stream().mapToInt(Transform::memories).sum();
            super(parameter, Collections.nCopies(count, shape).toArray(Shape[]::new));
            this.parameter = parameter;
            this.scratch = scratch;
            this.size = shape.size();
            this.memories = new float[transforms.size()][][];
            this.bounds = new double[transforms.size()][];
            int at = 0;
            for (int i = 0; i < memories.length; i++) {
                memories[i] = new float[transforms.get(i).memories()][];
                bounds[i] = new double[memories[i].length];
                for (int j = 0; j < memories[i].length; j++) {
                    memories[i][j] = memory(at++);
                }
            }
        }

        @Override
        protected void update(float[] p, float[] g, double rate, long step) {
            Tensor direction = scratch.tensor(0, parameter.value().shape());
            this.p = p;
            d = direction.array();
            this.step = step;
            System.arraycopy(g, 0, d, 0, size);
            for (int i = 0; i < memories.length; i++) {
                transform = transforms.get(i);
                memory = memories[i];
                measured = transform.measure(direction, parameter.value(), step);
                scale = i == memories.length - 1 ? rate : 1;
                ParallelLoop.run(size, change);
            }
            ParallelLoop.run(size, move);
            this.p = d = NOTHING;
        }

        private void change(int from, int to) {
            transform.change(from, to, d, p, memory, measured, scale, step);
        }

        private void move(int from, int to) {
            move(from, to, p, d);
        }

        private static void move(int from, int to, float[] p, float[] d) {
            for (int i = from; i < to; i++) {
                p[i] -= d[i];
            }
        }

        @Override
        public double minimum(int index) {
            int first = 0; // of the transform's memories
            for (Transform one : transforms) {
                if (index < first + one.memories()) {
                    return one.minimum(index - first);
                }
                first += one.memories();
            }
            throw new IndexOutOfBoundsException(index);
        }

        @Override
        protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
            double bound = g;
            double largest = g;
            int at = 0;
            for (int i = 0; i < bounds.length; i++) {
                double[] own = bounds[i];
                System.arraycopy(memory, at, own, 0, own.length);
                bound = transforms.get(i).bound(bound, p, own, size, step);
                System.arraycopy(own, 0, memory, at, own.length);
                largest = Math.max(largest, bound); // NaN if a bound is
                at += own.length;
            }
            return p + largest + rate * bound;
        }
    }
}
