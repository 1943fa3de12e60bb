package nn.train.optimizer;

import nn.layers.Parameter;
import nn.train.internal.Hyperparameters;

/**
 * RMSprop (Tieleman and Hinton, <i>Lecture 6.5: divide the gradient by a running average of its recent magnitude</i>,
 * 2012), by the rules of PyTorch's {@code torch.optim.RMSprop}. For a parameter p with gradient g, smoothing a,
 * momentum m and weight decay w:
 *
 * <pre>
 *   d = g + w p
 *   v = a v + (1 - a) d^2
 *   c = a c + (1 - a) d                          only if centered; else c = 0
 *   s = d / (sqrt(v - c^2) + epsilon)
 *   b = m b + s,    p = p - rate b               without momentum: p = p - rate s
 * </pre>
 *
 * The centered form, which divides by the deviation and not by the root of the mean square, is that of Graves,
 * <i>Generating sequences with recurrent neural networks</i>, 2013. The difference {@code v - c^2} of two floats would
 * lose all its digits where gradients hardly change. The variance u is therefore updated itself, before c is, which
 * gives the same number:
 *
 * <pre>
 *   u = a u + a (1 - a) (d - c)^2
 * </pre>
 *
 * and c is kept in two floats. An epsilon below 2^-39 (1.8e-12) needs mean squares beyond the range of a float: one
 * more tensor is kept then, and a step takes longer.
 *
 * @param rate the learning rate, 0 or more
 * @param smoothing weight of the past in the running means, in [0, 1); PyTorch's alpha
 * @param epsilon keeps the division finite, above 0
 * @param momentum in [0, 1)
 * @param centered whether the mean of the gradients is taken off
 * @param weightDecay 0 or more
 * @param decayBiases whether the decay applies to biases too
 */
public record RmsProp(
        double rate,
        double smoothing,
        double epsilon,
        double momentum,
        boolean centered,
        double weightDecay,
        boolean decayBiases)
        implements Optimizer {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range; by name and value
     */
    public RmsProp {
        Hyperparameters.requireNonNegative("RmsProp", "rate", rate);
        Hyperparameters.requireFraction("RmsProp", "smoothing", smoothing);
        Hyperparameters.requirePositive("RmsProp", "epsilon", epsilon);
        Hyperparameters.requireFraction("RmsProp", "momentum", momentum);
        Hyperparameters.requireNonNegative("RmsProp", "weightDecay", weightDecay);
    }

    /**
     * The usual numbers: smoothing 0.99, epsilon 1e-8, no momentum, not centered, no weight decay.
     *
     * @param rate the learning rate; 1e-3 is a usual first try
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is negative, NaN or infinite
     */
    public static RmsProp of(double rate) {
        return new RmsProp(rate, 0.99, 1e-8, 0, false, 0, true);
    }

    /**
     * Returns a copy with another rate.
     *
     * @param rate 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public RmsProp withRate(double rate) {
        return new RmsProp(rate, smoothing, epsilon, momentum, centered, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with another smoothing.
     *
     * @param smoothing in [0, 1)
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public RmsProp withSmoothing(double smoothing) {
        return new RmsProp(rate, smoothing, epsilon, momentum, centered, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with another epsilon.
     *
     * @param epsilon above 0
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public RmsProp withEpsilon(double epsilon) {
        return new RmsProp(rate, smoothing, epsilon, momentum, centered, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with momentum.
     *
     * @param momentum in [0, 1)
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public RmsProp withMomentum(double momentum) {
        return new RmsProp(rate, smoothing, epsilon, momentum, centered, weightDecay, decayBiases);
    }

    /**
     * Returns a copy that divides by the deviation of the gradients.
     *
     * @return the copy
     */
    public RmsProp withCentering() {
        return new RmsProp(rate, smoothing, epsilon, momentum, true, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with weight decay.
     *
     * @param weightDecay 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public RmsProp withWeightDecay(double weightDecay) {
        return new RmsProp(rate, smoothing, epsilon, momentum, centered, weightDecay, decayBiases);
    }

    /**
     * Returns a copy that leaves biases out of the weight decay.
     *
     * @return the copy
     */
    public RmsProp withoutBiasDecay() {
        return new RmsProp(rate, smoothing, epsilon, momentum, centered, weightDecay, false);
    }

    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        return new Rule(parameter, (float) Hyperparameters.decay(parameter, weightDecay, decayBiases));
    }

    private final class Rule extends ElementRule {
        private static final int SQUARE = 0; // or the variance, if centered
        private static final int MEAN = 1;
        private static final int REST = 2; // of the mean, too small for a float of its size

        private final float decay;
        private final int buffer; // where in memory
        private final int low; // where in memory; 0 if there is none

        Rule(Parameter parameter, float decay) {
            int buffer = centered ? REST + 1 : 1;
            int memories = buffer + (momentum > 0 ? 1 : 0);
            int low = needsLowSquares(epsilon) ? memories : 0;
            super(parameter, memories + (low > 0 ? 1 : 0));
            this.decay = decay;
            this.buffer = buffer;
            this.low = low;
        }

        @Override
        protected void update(int from, int to, float[] p, float[] g, double rate, long step) {
            if (low > 0) {
                moveByLowSquares(from, to, p, g, rate);
                return;
            }
            float[] v = memory(SQUARE);
            float keep = (float) smoothing;
            float take = (float) (1 - smoothing);
            float spread = (float) (smoothing * (1 - smoothing));
            float least = (float) epsilon;
            float r = (float) rate;
            float along = (float) momentum;
            if (centered && momentum > 0) {
                float[] c = memory(MEAN);
                move(from, to, p, g, v, c, memory(REST), memory(buffer), r, decay, keep, take, spread, least, along);
            } else if (centered) {
                move(from, to, p, g, v, memory(MEAN), memory(REST), r, decay, keep, take, spread, least);
            } else if (momentum > 0) {
                move(from, to, p, g, v, memory(buffer), r, decay, keep, take, least, along);
            } else {
                move(from, to, p, g, v, r, decay, keep, take, least);
            }
        }

        // Four loops instead of one with branches, so that each becomes vector code.

        private static void move(
                int from,
                int to,
                float[] p,
                float[] g,
                float[] v,
                float rate,
                float decay,
                float keep,
                float take,
                float least) {
            for (int i = from; i < to; i++) {
                float d = g[i] + decay * p[i];
                float square = roundMeanSquare(keep * v[i] + take * d * d);
                v[i] = square;
                p[i] -= rate * d / ((float) Math.sqrt(square) + least);
            }
        }

        private static void move(
                int from,
                int to,
                float[] p,
                float[] g,
                float[] v,
                float[] b,
                float rate,
                float decay,
                float keep,
                float take,
                float least,
                float momentum) {
            for (int i = from; i < to; i++) {
                float d = g[i] + decay * p[i];
                float square = roundMeanSquare(keep * v[i] + take * d * d);
                v[i] = square;
                float next = roundMean(momentum * b[i] + d / ((float) Math.sqrt(square) + least));
                b[i] = next;
                p[i] -= rate * next;
            }
        }

        private static void move(
                int from,
                int to,
                float[] p,
                float[] g,
                float[] v,
                float[] c,
                float[] rest,
                float rate,
                float decay,
                float keep,
                float take,
                float spread,
                float least) {
            for (int i = from; i < to; i++) {
                float d = g[i] + decay * p[i];
                float away = d - c[i] - rest[i];
                float change = take * away + rest[i];
                float mean = roundMean(c[i] + change);
                float variance = roundMeanSquare(keep * v[i] + spread * away * away);
                rest[i] = roundMean(change - (mean - c[i]));
                c[i] = mean;
                v[i] = variance;
                p[i] -= rate * d / ((float) Math.sqrt(variance) + least);
            }
        }

        private static void move(
                int from,
                int to,
                float[] p,
                float[] g,
                float[] v,
                float[] c,
                float[] rest,
                float[] b,
                float rate,
                float decay,
                float keep,
                float take,
                float spread,
                float least,
                float momentum) {
            for (int i = from; i < to; i++) {
                float d = g[i] + decay * p[i];
                float away = d - c[i] - rest[i];
                float change = take * away + rest[i];
                float mean = roundMean(c[i] + change);
                float variance = roundMeanSquare(keep * v[i] + spread * away * away);
                rest[i] = roundMean(change - (mean - c[i]));
                c[i] = mean;
                v[i] = variance;
                float next = roundMean(momentum * b[i] + d / ((float) Math.sqrt(variance) + least));
                b[i] = next;
                p[i] -= rate * next;
            }
        }

        private void moveByLowSquares(int from, int to, float[] p, float[] g, double rate) {
            float[] v = memory(SQUARE);
            float[] lowV = memory(low);
            float[] c = centered ? memory(MEAN) : null;
            float[] rest = centered ? memory(REST) : null;
            float[] b = momentum > 0 ? memory(buffer) : null;
            double take = 1 - smoothing;
            for (int i = from; i < to; i++) {
                double d = g[i] + (double) decay * p[i];
                double fresh = take * d * d;
                if (centered) {
                    double mean = (double) c[i] + rest[i];
                    double away = d - mean;
                    mean += take * away;
                    c[i] = flushSubnormal(mean);
                    rest[i] = flushSubnormal(mean - c[i]);
                    fresh = smoothing * take * away * away;
                }
                double square = smoothing * square(v[i], lowV[i]) + fresh;
                v[i] = high(square);
                lowV[i] = low(square);
                double along = d / (Math.sqrt(square) + epsilon);
                if (momentum > 0) {
                    b[i] = flushSubnormal(momentum * b[i] + along);
                    along = b[i];
                }
                p[i] = (float) (p[i] - rate * along);
            }
        }

        @Override
        public double least(int index) {
            return index == SQUARE || low > 0 && index == low ? 0 : Double.NEGATIVE_INFINITY;
        }

        @Override
        protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
            double d = g + decay * p;
            double keep = (float) smoothing;
            double take = (float) (1 - smoothing);
            double away = d;
            if (centered) {
                double mean = memory[MEAN] + memory[REST];
                away += mean;
                memory[MEAN] = keep * mean + take * d;
                memory[REST] = 0x1p-20 * away; // some last bits of a mean, or of its change
            }
            memory[SQUARE] = keep * memory[SQUARE] + take * away * away;
            if (low > 0) {
                memory[low] = lowBound();
            }
            double along = d / (float) epsilon;
            if (momentum > 0) {
                memory[buffer] = (float) momentum * memory[buffer] + along;
                along = memory[buffer];
            }
            return p + d + away + along + rate * d + rate * along;
        }
    }
}
