package nn.train.optimizer;

import java.util.Objects;
import nn.layers.Parameter;
import nn.tensor.ParallelLoop;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.train.internal.Hyperparameters;

/**
 * Muon (Jordan et al., <i>Muon: an optimizer for hidden layers in neural networks</i>, 2024): momentum whose matrix is
 * made nearly orthogonal, so that a step is about as long in every direction, by the rules of PyTorch's {@code
 * torch.optim.Muon}. For a weight p [inputs x outputs] with gradient g, momentum k, weight decay w:
 *
 * <pre>
 *   m = k m + (1 - k) g
 *   u = m                         Nesterov: (1 - k) g + k m
 *   X = u / max(norm of u, epsilon)
 *   X = 3.4445 X - 4.7750 (X X') X + 2.0315 (X X')^2 X         5 times
 *   p = (1 - rate w) p - rate s X
 * </pre>
 *
 * The iteration, of Newton and Schulz, brings every singular value of X to about 0.7 to 1.2, except those far below the
 * largest. It is computed in float; PyTorch's own rounds to bfloat16. The factor s is that of a {@link Scale}.
 *
 * <p>Muon is for the matrices of hidden layers. A parameter of three or more axes, such as the kernel of a convolution
 * [height x width x inputs x outputs], is read as a matrix of all its rows. A parameter of one axis, such as a bias or
 * a gain, is refused: give it another optimizer by {@link ParameterGroups}. The authors advise the same for the first
 * and the last layer and for embeddings.
 *
 * <pre>{@code
 * Optimizer optimizer = ParameterGroups.others(AdamW.of(1e-3)).with("hidden.*.weight", Muon.of(0.02));
 * }</pre>
 *
 * <p>A step multiplies matrices: for n rows and m columns, n the smaller number, it takes {@code 5 (2 m n^2 + n^3)}
 * multiply-adds. A momentum whose norm is below {@code 1e-12 epsilon} moves nothing.
 *
 * @param rate the learning rate, 0 or more
 * @param momentum weight of the past in the mean of the gradients, in [0, 1)
 * @param nesterov whether to look ahead
 * @param weightDecay 0 or more; not part of the gradient
 * @param iterations of Newton and Schulz, 1 or more
 * @param epsilon the smallest norm that a matrix is divided by, above 0
 * @param scale how far a step goes for a matrix that is not square
 */
public record Muon(
        double rate, double momentum, boolean nesterov, double weightDecay, int iterations, double epsilon, Scale scale)
        implements Optimizer {
    /** The factor of the steps of a matrix [inputs x outputs]. */
    public enum Scale {
        /** {@code sqrt(max(1, outputs / inputs))}, that of the authors. */
        ORIGINAL {
            @Override
            double factor(int inputs, int outputs) {
                return Math.sqrt(Math.max(1, (double) outputs / inputs));
            }
        },
        /**
         * {@code 0.2 sqrt(max(inputs, outputs))}: elements move about as far as by {@link AdamW}, so its learning rate
         * and weight decay fit (Liu et al., <i>Muon is scalable for LLM training</i>, 2025).
         */
        LIKE_ADAMW {
            @Override
            double factor(int inputs, int outputs) {
                return 0.2 * Math.sqrt(Math.max(inputs, outputs));
            }
        };

        abstract double factor(int inputs, int outputs);
    }

    // The coefficients of the authors. On [0, 1.21] the polynomial stays in [0, 1.21], so the iteration is bounded.
    private static final float LINEAR = 3.4445f;
    private static final float CUBIC = -4.7750f;
    private static final float QUINTIC = 2.0315f;

    /** Bounds every element of the result: above the largest singular value, with room for rounding. */
    private static final double LARGEST = 2;

    /** A norm so far below epsilon that products of elements would be subnormal. */
    private static final double TINY = 1e-12;

    /**
     * Checks the hyperparameters.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it and its value
     * @throws NullPointerException if the scale is null
     */
    public Muon {
        Hyperparameters.requireNonNegative("Muon", "rate", rate);
        Hyperparameters.requireFraction("Muon", "momentum", momentum);
        Hyperparameters.requireNonNegative("Muon", "weightDecay", weightDecay);
        Hyperparameters.requirePositive("Muon", "epsilon", epsilon);
        if (iterations < 1) {
            throw new IllegalArgumentException("Muon: iterations is " + iterations + "; it must be 1 or more");
        }
        Objects.requireNonNull(scale, "scale");
    }

    /**
     * Returns an optimizer with the usual hyperparameters: Nesterov's momentum of 0.95, 5 iterations, epsilon 1e-7, the
     * authors' scale, no weight decay.
     *
     * @param rate the learning rate; 0.02 is the usual first try
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is negative, NaN or infinite
     */
    public static Muon of(double rate) {
        return new Muon(rate, 0.95, true, 0, 5, 1e-7, Scale.ORIGINAL);
    }

    /**
     * Returns a copy with another learning rate.
     *
     * @param rate 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public Muon withRate(double rate) {
        return new Muon(rate, momentum, nesterov, weightDecay, iterations, epsilon, scale);
    }

    /**
     * Returns a copy with another momentum.
     *
     * @param momentum in [0, 1)
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Muon withMomentum(double momentum) {
        return new Muon(rate, momentum, nesterov, weightDecay, iterations, epsilon, scale);
    }

    /**
     * Returns a copy that does not look ahead.
     *
     * @return the copy
     */
    public Muon withoutNesterov() {
        return new Muon(rate, momentum, false, weightDecay, iterations, epsilon, scale);
    }

    /**
     * Returns a copy with another weight decay.
     *
     * @param weightDecay 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Muon withWeightDecay(double weightDecay) {
        return new Muon(rate, momentum, nesterov, weightDecay, iterations, epsilon, scale);
    }

    /**
     * Returns a copy with another scale.
     *
     * @param scale how far a step goes for a matrix that is not square
     * @return the copy
     */
    public Muon withScale(Scale scale) {
        return new Muon(rate, momentum, nesterov, weightDecay, iterations, epsilon, scale);
    }

    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        return ruleFor(parameter, new Scratch());
    }

    /**
     * Creates the update rule of one matrix.
     *
     * @param parameter of two or more axes
     * @throws IllegalArgumentException if the parameter has fewer axes
     */
    @Override
    public UpdateRule ruleFor(Parameter parameter, Scratch scratch) {
        Shape shape = parameter.value().shape();
        if (shape.rank() < 2) {
            throw new IllegalArgumentException("Muon: parameter '" + parameter.name() + "' has the shape " + shape
                    + ", but Muon is for matrices; give others another optimizer by ParameterGroups, such as"
                    + " ParameterGroups.others(AdamW.of(1e-3)).with(\"hidden.*.weight\", muon)");
        }
        return new Rule(parameter, scratch);
    }

    private final class Rule extends TensorRule {
        private final Scratch scratch;
        private final int rows; // of the matrix that the parameter is read as: its inputs
        private final int columns;
        private final Shape matrix;
        private final Shape product; // of the matrix and itself, on its smaller side
        private final ParallelLoop.Body average = this::average; // fields, so that no step allocates
        private final ParallelLoop.Body move = this::move;
        private float[] p = NOTHING;
        private float[] g = NOTHING;
        private float[] x = NOTHING;
        private float decayFactor;
        private float moveFactor;

        Rule(Parameter parameter, Scratch scratch) {
            Shape shape = parameter.value().shape();
            super(parameter, shape);
            this.scratch = scratch;
            columns = shape.dim(-1);
            rows = columns == 0 ? 0 : shape.size() / columns;
            matrix = Shape.of(rows, columns);
            product = Shape.of(Math.min(rows, columns), Math.min(rows, columns));
        }

        @Override
        protected void update(float[] p, float[] g, double rate, long step) {
            this.p = p;
            this.g = g;
            Tensor along = scratch.tensor(0, matrix);
            x = along.array();
            ParallelLoop.run(matrix.size(), average);
            double norm = along.norm();
            double factor = 0;
            if (norm > TINY * epsilon) {
                along.scaleInPlace((float) (1 / Math.max(norm, epsilon)));
                x = orthogonal(along).array();
                factor = rate * scale.factor(rows, columns);
            }
            decayFactor = decayFactor(rate);
            moveFactor = (float) factor;
            ParallelLoop.run(matrix.size(), move);
            this.p = this.g = x = NOTHING;
        }

        private float decayFactor(double rate) {
            return (float) (1 - rate * weightDecay);
        }

        /** Averages the gradients, and writes the direction of the step to x. */
        private void average(int from, int to) {
            average(from, to, g, memory(0), x, (float) momentum, (float) (1 - momentum), nesterov);
        }

        private static void average(
                int from, int to, float[] g, float[] m, float[] x, float past, float present, boolean ahead) {
            float pastOfX = ahead ? past : 1;
            float presentOfX = ahead ? present : 0;
            for (int i = from; i < to; i++) {
                float d = g[i];
                float mean = roundMean(past * m[i] + present * d);
                m[i] = mean;
                x[i] = pastOfX * mean + presentOfX * d;
            }
        }

        /**
         * Brings the singular values of a matrix near 1. The polynomial is that of the products of the smaller side,
         * X' X for a matrix of more rows than columns: its result is the same.
         */
        private Tensor orthogonal(Tensor start) {
            boolean tall = rows > columns;
            Tensor from = start;
            Tensor to = scratch.tensor(1, matrix);
            Tensor square = scratch.tensor(2, product);
            Tensor polynomial = scratch.tensor(3, product);
            for (int i = 0; i < iterations; i++) {
                from.matmulInto(from, tall ? Transposed.LEFT : Transposed.RIGHT, square);
                square.matmulInto(square, Transposed.NONE, polynomial);
                polynomial.scaleInPlace(QUINTIC);
                polynomial.addScaledInPlace(CUBIC, square);
                addToDiagonal(polynomial);
                if (tall) {
                    from.matmulInto(polynomial, Transposed.NONE, to);
                } else {
                    polynomial.matmulInto(from, Transposed.NONE, to);
                }
                Tensor read = from;
                from = to;
                to = read;
            }
            return from;
        }

        private static void addToDiagonal(Tensor square) {
            int n = square.dim(0);
            for (int i = 0; i < n; i++) {
                square.array()[i * n + i] += LINEAR;
            }
        }

        private void move(int from, int to) {
            move(from, to, p, x, decayFactor, moveFactor);
        }

        private static void move(int from, int to, float[] p, float[] x, float decayFactor, float moveFactor) {
            for (int i = from; i < to; i++) {
                p[i] = decayFactor * p[i] - moveFactor * x[i];
            }
        }

        @Override
        protected boolean movesIndependently(double rate) {
            return Math.abs(decayFactor(rate)) <= 1;
        }

        @Override
        protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
            memory[0] = (float) momentum * memory[0] + (float) (1 - momentum) * g;
            double move = rate * scale.factor(rows, columns) * LARGEST;
            return Math.abs(decayFactor(rate)) * p + move + memory[0] + g;
        }
    }
}
