package nn.train.optimizer;

import java.util.Arrays;
import nn.layers.Parameter;
import nn.train.internal.Hyperparameters;

/**
 * Adagrad (Duchi, Hazan and Singer, <i>Adaptive subgradient methods for online learning and stochastic
 * optimization</i>, JMLR 12, 2011), by the rules of PyTorch's {@code torch.optim.Adagrad}. For a parameter p with
 * gradient g at step t, rate decay r and weight decay w:
 *
 * <pre>
 *   d = g + w p
 *   v = v + d^2
 *   p = p - rate / (1 + (t - 1) r) * d / (sqrt(v) + epsilon)
 * </pre>
 *
 * With an epsilon below 2^-39 (1.8e-12), sums of squares matter that are too small for a float: the rule keeps one more
 * tensor for v, and a step takes longer.
 *
 * @param rate the learning rate, 0 or more
 * @param rateDecay r above, 0 or more
 * @param epsilon keeps the division finite, above 0
 * @param initial the initial value of v, 0 or more
 * @param weightDecay 0 or more
 * @param decayBiases whether the weight decay applies to biases too
 */
public record Adagrad(
        double rate, double rateDecay, double epsilon, double initial, double weightDecay, boolean decayBiases)
        implements Optimizer {
    /**
     * Checks the hyperparameters.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it and its value
     */
    public Adagrad {
        Hyperparameters.requireNonNegative("Adagrad", "rate", rate);
        Hyperparameters.requireNonNegative("Adagrad", "rateDecay", rateDecay);
        Hyperparameters.requirePositive("Adagrad", "epsilon", epsilon);
        Hyperparameters.requireNonNegative("Adagrad", "initial", initial);
        Hyperparameters.requireNonNegative("Adagrad", "weightDecay", weightDecay);
    }

    /**
     * Returns an optimizer with the usual hyperparameters: no decay of any kind, epsilon 1e-10, v from 0.
     *
     * @param rate the learning rate; 1e-2 is a usual first try
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is negative, NaN or infinite
     */
    public static Adagrad of(double rate) {
        return new Adagrad(rate, 0, 1e-10, 0, 0, true);
    }

    /**
     * Returns a copy with another learning rate.
     *
     * @param rate 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public Adagrad withRate(double rate) {
        return new Adagrad(rate, rateDecay, epsilon, initial, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with a decay of the learning rate.
     *
     * @param rateDecay 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Adagrad withRateDecay(double rateDecay) {
        return new Adagrad(rate, rateDecay, epsilon, initial, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with another epsilon.
     *
     * @param epsilon above 0
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Adagrad withEpsilon(double epsilon) {
        return new Adagrad(rate, rateDecay, epsilon, initial, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with another initial value of v.
     *
     * @param initial 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Adagrad withInitial(double initial) {
        return new Adagrad(rate, rateDecay, epsilon, initial, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with weight decay.
     *
     * @param weightDecay 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Adagrad withWeightDecay(double weightDecay) {
        return new Adagrad(rate, rateDecay, epsilon, initial, weightDecay, decayBiases);
    }

    /**
     * Returns a copy that leaves biases out of the weight decay.
     *
     * @return the copy
     */
    public Adagrad withoutBiasDecay() {
        return new Adagrad(rate, rateDecay, epsilon, initial, weightDecay, false);
    }

    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        return new Rule(parameter, (float) Hyperparameters.decay(parameter, weightDecay, decayBiases));
    }

    private final class Rule extends ElementRule {
        private static final int SQUARES = 0;
        private static final int LOW_SQUARES = 1;

        private final float decay;
        private final boolean lowSquares;

        Rule(Parameter parameter, float decay) {
            boolean lowSquares = needsLowSquares(epsilon);
            super(parameter, lowSquares ? 2 : 1);
            this.decay = decay;
            this.lowSquares = lowSquares;
            Arrays.fill(memory(SQUARES), lowSquares ? high(initial) : (float) initial);
            if (lowSquares) {
                Arrays.fill(memory(LOW_SQUARES), low(initial));
            }
        }

        private float rateAt(double rate, long step) {
            return (float) (rate / (1 + (step - 1) * rateDecay));
        }

        @Override
        protected void update(int from, int to, float[] p, float[] g, double rate, long step) {
            if (lowSquares) {
                moveByLowSquares(from, to, p, g, rateAt(rate, step));
            } else {
                move(from, to, p, g, memory(SQUARES), rateAt(rate, step), decay, (float) epsilon);
            }
        }

        private void moveByLowSquares(int from, int to, float[] p, float[] g, double rate) {
            float[] v = memory(SQUARES);
            float[] low = memory(LOW_SQUARES);
            for (int i = from; i < to; i++) {
                double d = g[i] + (double) decay * p[i];
                double square = square(v[i], low[i]) + d * d;
                v[i] = high(square);
                low[i] = low(square);
                p[i] = (float) (p[i] - rate * d / (Math.sqrt(square) + epsilon));
            }
        }

        private static void move(
                int from, int to, float[] p, float[] g, float[] v, float rate, float decay, float epsilon) {
            for (int i = from; i < to; i++) {
                float old = p[i];
                float d = g[i] + decay * old;
                float square = v[i] + d * d;
                v[i] = square;
                p[i] = old - rate * d / ((float) Math.sqrt(square) + epsilon);
            }
        }

        @Override
        public double minimum(int index) {
            return 0; // sums of squares
        }

        @Override
        protected boolean movesIndependently(double rate) {
            return decay == 0;
        }

        @Override
        protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
            double d = g + decay * p;
            memory[SQUARES] += d * d;
            if (lowSquares) {
                memory[LOW_SQUARES] = lowBound();
            }
            double moved = rateAt(rate, step) * d;
            return p + d + Math.max(moved, moved / (float) epsilon);
        }
    }
}
