package nn.train.optimizer;

import java.util.Arrays;
import nn.layers.Parameter;
import nn.tensor.ParallelLoop;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.Hyperparameters;

/**
 * Adafactor (Shazeer and Stern, <i>Adafactor: adaptive learning rates with sublinear memory cost</i>, ICML 2018), by
 * the rules of PyTorch's {@code torch.optim.Adafactor}. For a matrix it keeps mean squares of the gradients of each row
 * and of each column only: one number for each, where {@link Adam} keeps two for each element. For a parameter p with
 * gradient g at step t, weight decay w:
 *
 * <pre>
 *   f = t^(-decayPower)
 *   r = r + f (mean of g^2 over each row - r)          c = c + f (mean of g^2 over each column - c)
 *   v_ij = r_i c_j / max(mean of r, epsilon)
 *   u = g / max(sqrt(v), epsilon)
 *   a = min(rate, 1 / sqrt(t)) max(leastScale, root mean square of p)
 *   p = (1 - rate w) p - a u / max(1, root mean square of u / largestUpdate)
 * </pre>
 *
 * A parameter of one axis, such as a bias, keeps v itself: {@code v = v + f (g^2 - v)}. One of more than two axes, such
 * as the kernel of a convolution [height x width x inputs x outputs], is a matrix of its last two axes in each place of
 * the others. The rate is relative to the size of the parameter.
 *
 * <p>A mean square is kept as a float: gradients below 1e-19 count as 0.
 *
 * @param rate the learning rate, 0 or more
 * @param decayPower how fast the weight of a new gradient falls, 0 or more; 0 keeps nothing of the past
 * @param epsilon the smallest root of a mean square that a gradient is divided by, and the smallest mean of r, above 0
 * @param leastScale the size that a smaller parameter is taken for, above 0
 * @param largestUpdate the largest root mean square of an update before it is multiplied by a, above 0
 * @param weightDecay 0 or more; not part of the gradient
 * @param decayBiases whether the weight decay applies to biases too
 */
public record Adafactor(
        double rate,
        double decayPower,
        double epsilon,
        double leastScale,
        double largestUpdate,
        double weightDecay,
        boolean decayBiases)
        implements Optimizer {
    /** Distance of 1 and the next float: PyTorch's default for parameters in float. */
    private static final double EPSILON = 0x1p-23;

    /**
     * Checks the hyperparameters.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it and its value
     */
    public Adafactor {
        Hyperparameters.requireNonNegative("Adafactor", "rate", rate);
        Hyperparameters.requireNonNegativeDouble("Adafactor", "decayPower", decayPower);
        Hyperparameters.requirePositive("Adafactor", "epsilon", epsilon);
        Hyperparameters.requirePositive("Adafactor", "leastScale", leastScale);
        Hyperparameters.requirePositive("Adafactor", "largestUpdate", largestUpdate);
        Hyperparameters.requireNonNegative("Adafactor", "weightDecay", weightDecay);
    }

    /**
     * Returns an optimizer with PyTorch's hyperparameters, but without weight decay: decay power 0.8, epsilon 2^-23
     * (1.2e-7), least scale 1e-3, largest update 1.
     *
     * @param rate the learning rate; 1e-2 is the usual first try
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is negative, NaN or infinite
     */
    public static Adafactor of(double rate) {
        return new Adafactor(rate, 0.8, EPSILON, 1e-3, 1, 0, true);
    }

    /**
     * Returns a copy with another learning rate.
     *
     * @param rate 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public Adafactor withRate(double rate) {
        return new Adafactor(rate, decayPower, epsilon, leastScale, largestUpdate, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with another decay power.
     *
     * @param decayPower 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Adafactor withDecayPower(double decayPower) {
        return new Adafactor(rate, decayPower, epsilon, leastScale, largestUpdate, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with another epsilon.
     *
     * @param epsilon above 0
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Adafactor withEpsilon(double epsilon) {
        return new Adafactor(rate, decayPower, epsilon, leastScale, largestUpdate, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with another least scale.
     *
     * @param leastScale above 0
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Adafactor withLeastScale(double leastScale) {
        return new Adafactor(rate, decayPower, epsilon, leastScale, largestUpdate, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with another largest update.
     *
     * @param largestUpdate above 0
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Adafactor withLargestUpdate(double largestUpdate) {
        return new Adafactor(rate, decayPower, epsilon, leastScale, largestUpdate, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with weight decay.
     *
     * @param weightDecay 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Adafactor withWeightDecay(double weightDecay) {
        return new Adafactor(rate, decayPower, epsilon, leastScale, largestUpdate, weightDecay, decayBiases);
    }

    /**
     * Returns a copy that leaves biases out of the weight decay.
     *
     * @return the copy
     */
    public Adafactor withoutBiasDecay() {
        return new Adafactor(rate, decayPower, epsilon, leastScale, largestUpdate, weightDecay, false);
    }

    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        return ruleFor(parameter, new Scratch());
    }

    /** {@inheritDoc} */
    @Override
    public UpdateRule ruleFor(Parameter parameter, Scratch scratch) {
        Shape shape = parameter.value().shape();
        return shape.rank() >= 2 ? new Matrices(parameter, shape, scratch) : new Elements(parameter);
    }

    /** What matrices and parameters of one axis have in common. */
    private abstract class Rule extends TensorRule {
        private final Parameter parameter;
        private final double decay;

        Rule(Parameter parameter, Shape... memories) {
            super(parameter, memories);
            this.parameter = parameter;
            this.decay = Hyperparameters.decay(parameter, weightDecay, decayBiases);
        }

        /** Returns the share of a new square in a mean square; 1 at the first step. */
        final double share(long step) {
            return StrictMath.pow(step, -decayPower);
        }

        final float decayFactor(double rate) {
            return (float) (1 - rate * decay);
        }

        final int size() {
            return parameter.value().size();
        }

        /** Returns the factor of an update of this Euclidean norm. */
        final float moveFactor(double norm, double rate, long step) {
            double rootOfSize = Math.sqrt(size());
            double scale = Math.max(leastScale, parameter.value().norm() / rootOfSize);
            double clipping = Math.max(1, norm / rootOfSize / largestUpdate);
            return (float) (Math.min(rate, 1 / Math.sqrt(step)) * scale / clipping);
        }

        @Override
        public double minimum(int index) {
            return 0;
        }

        @Override
        protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
            for (int i = 0; i < memory.length; i++) {
                memory[i] = Math.max(memory[i], g * g); // a mean of the two
            }
            // One element has at most all squares of an update.
            double longest = Math.min(rate, 1 / Math.sqrt(step)) * Math.max(leastScale, p);
            double move = longest * largestUpdate * Math.sqrt(size());
            return Math.abs(decayFactor(rate)) * p + move + g + g / (float) epsilon;
        }
    }

    private final class Elements extends Rule {
        Elements(Parameter parameter) {
            super(parameter, parameter.value().shape());
        }

        // On one thread and without vectors: there is nothing large of one axis.
        @Override
        protected void update(float[] p, float[] g, double rate, long step) {
            float[] v = memory(0);
            double share = share(step);
            double squares = 0;
            for (int i = 0; i < v.length; i++) {
                v[i] = flushSubnormal(v[i] + share * ((double) g[i] * g[i] - v[i]));
                double u = moved(g[i], v[i]);
                squares += u * u;
            }
            double factor = moveFactor(Math.sqrt(squares), rate, step);
            double decayFactor = 1 - rate * super.decay;
            for (int i = 0; i < v.length; i++) {
                p[i] = (float) (decayFactor * p[i] - factor * moved(g[i], v[i]));
            }
        }

        private double moved(float gradient, float square) {
            return gradient / Math.max(Math.sqrt(square), epsilon);
        }
    }

    /** Matrices of the same size, one after the other. */
    private final class Matrices extends Rule {
        private static final int ROWS = 0;
        private static final int COLUMNS = 1;

        private final Scratch scratch;
        private final Shape shape;
        private final int rows; // of one matrix
        private final int columns;
        private final int count; // of matrices
        private final float[] rowRoots; // sqrt(r / max(mean of r, epsilon))
        private final double[] columnRoots; // sqrt(c); before that, sums of squares
        private final ParallelLoop.Body averageRows = this::averageRows; // fields, so that no step allocates
        private final ParallelLoop.Body averageColumns = this::averageColumns;
        private final ParallelLoop.Body divide = this::divide;
        private final ParallelLoop.Body move = this::move;
        private float[] p = NOTHING;
        private float[] g = NOTHING;
        private float[] u = NOTHING;
        private double share;
        private float decayFactor;
        private float moveFactor;

        Matrices(Parameter parameter, Shape shape, Scratch scratch) {
            super(parameter, shape.without(-1), shape.without(-2));
            this.scratch = scratch;
            this.shape = shape;
            rows = shape.dim(-2);
            columns = shape.dim(-1);
            count = memory(ROWS).length / Math.max(1, rows);
            rowRoots = new float[count * rows];
            columnRoots = new double[count * columns];
        }

        @Override
        protected void update(float[] p, float[] g, double rate, long step) {
            Tensor update = scratch.tensor(0, shape);
            this.p = p;
            this.g = g;
            u = update.array();
            share = share(step);
            ParallelLoop.run(count * rows, columns, averageRows);
            ParallelLoop.run(columns, count * rows, averageColumns);
            setRowRoots();
            ParallelLoop.run(count * rows, columns, divide);
            decayFactor = decayFactor(rate);
            moveFactor = moveFactor(update.norm(), rate, step);
            ParallelLoop.run(shape.size(), move);
            this.p = this.g = u = NOTHING;
        }

        // Every sum is of one thread, in an order that does not depend on the number of threads.

        private void averageRows(int from, int to) {
            float[] r = memory(ROWS);
            for (int row = from; row < to; row++) {
                double mean = squares(g, row * columns, columns) / columns;
                r[row] = flushSubnormal(r[row] + share * (mean - r[row]));
            }
        }

        /** Adds squares up in four sums, because one would wait for itself. */
        private static double squares(float[] g, int from, int n) {
            double a = 0;
            double b = 0;
            double c = 0;
            double d = 0;
            int i = from;
            for (; i <= from + n - 4; i += 4) {
                a += (double) g[i] * g[i];
                b += (double) g[i + 1] * g[i + 1];
                c += (double) g[i + 2] * g[i + 2];
                d += (double) g[i + 3] * g[i + 3];
            }
            for (; i < from + n; i++) {
                a += (double) g[i] * g[i];
            }
            return (a + b) + (c + d);
        }

        private void averageColumns(int from, int to) {
            float[] c = memory(COLUMNS);
            for (int matrix = 0; matrix < count; matrix++) {
                int at = matrix * columns;
                Arrays.fill(columnRoots, at + from, at + to, 0);
                for (int row = matrix * rows; row < (matrix + 1) * rows; row++) {
                    addSquares(g, row * columns, columnRoots, at, from, to);
                }
                for (int i = at + from; i < at + to; i++) {
                    c[i] = flushSubnormal(c[i] + share * (columnRoots[i] / rows - c[i]));
                    columnRoots[i] = Math.sqrt(c[i]);
                }
            }
        }

        // C2 makes vector code of these loops because what they store is of another type than what has another index.

        private static void addSquares(float[] g, int atG, double[] sums, int atSums, int from, int to) {
            for (int j = from; j < to; j++) {
                double value = g[atG + j];
                sums[atSums + j] += value * value;
            }
        }

        private void divide(int from, int to) {
            for (int row = from; row < to; row++) {
                divide(g, u, row * columns, rowRoots[row], columnRoots, row / rows * columns, columns, epsilon);
            }
        }

        private static void divide(
                float[] g, float[] u, int at, double rowRoot, double[] columnRoots, int atRoots, int n, double least) {
            for (int j = 0; j < n; j++) {
                u[at + j] = (float) (g[at + j] / Math.max(rowRoot * columnRoots[atRoots + j], least));
            }
        }

        private void setRowRoots() {
            float[] r = memory(ROWS);
            for (int matrix = 0; matrix < count; matrix++) {
                double sum = 0;
                for (int row = matrix * rows; row < (matrix + 1) * rows; row++) {
                    sum += r[row];
                }
                double mean = Math.max(sum / rows, epsilon);
                for (int row = matrix * rows; row < (matrix + 1) * rows; row++) {
                    rowRoots[row] = (float) Math.sqrt(r[row] / mean);
                }
            }
        }

        private void move(int from, int to) {
            move(from, to, p, u, decayFactor, moveFactor);
        }

        private static void move(int from, int to, float[] p, float[] u, float decayFactor, float moveFactor) {
            for (int i = from; i < to; i++) {
                p[i] = decayFactor * p[i] - moveFactor * u[i];
            }
        }
    }
}
