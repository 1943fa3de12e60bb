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
 * The centered form, which divides by the standard deviation instead of the root of the mean square, is that of Graves,
 * <i>Generating sequences with recurrent neural networks</i>, 2013. The difference {@code v - c^2} of two floats would
 * lose all its digits where gradients hardly change. So the variance u is updated directly, before c, which gives the
 * same number:
 *
 * <pre>
 *   u = a u + a (1 - a) (d - c)^2
 * </pre>
 *
 * and c is kept in two floats. With an epsilon below 2^-39 (1.8e-12), mean squares matter that are too small for a
 * float: the rule keeps one more tensor, and a step takes longer.
 *
 * @param rate the learning rate, 0 or more
 * @param smoothing weight of the past in the running means, in [0, 1); PyTorch's alpha
 * @param epsilon keeps the division finite, above 0
 * @param momentum in [0, 1)
 * @param centered whether to divide by the standard deviation of the gradients
 * @param weightDecay 0 or more
 * @param decayBiases whether the weight decay applies to biases too
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
     * Checks the hyperparameters.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it and its value
     */
    public RmsProp {
        Hyperparameters.requireNonNegative("RmsProp", "rate", rate);
        Hyperparameters.requireFraction("RmsProp", "smoothing", smoothing);
        Hyperparameters.requirePositive("RmsProp", "epsilon", epsilon);
        Hyperparameters.requireFraction("RmsProp", "momentum", momentum);
        Hyperparameters.requireNonNegative("RmsProp", "weightDecay", weightDecay);
    }

    /**
     * Returns an optimizer with the usual hyperparameters: smoothing 0.99, epsilon 1e-8, no momentum, not centered, no
     * weight decay.
     *
     * @param rate the learning rate; 1e-3 is a usual first try
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is negative, NaN or infinite
     */
    public static RmsProp of(double rate) {
        return new RmsProp(rate, 0.99, 1e-8, 0, false, 0, true);
    }

    /**
     * Returns a copy with another learning rate.
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
     * Returns a copy that divides by the standard deviation of the gradients.
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
        private static final int REST = 2; // the part of the mean that a float of its size cannot hold

        private static final int BLOCK = 1024; // elements that stay in a first-level cache

        private final float decay;
        private final int buffer; // its index in memory
        private final int low; // its index in memory; 0 if there is none

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
            int block = centered ? BLOCK : to - from;
            for (int begin = from; begin < to; begin += block) {
                int end = begin + Math.min(block, to - begin);
                if (centered) {
                    averageDeviation(begin, end, p, g);
                    average(begin, end, p, g);
                    if (momentum > 0) {
                        moveWithMomentum(begin, end, p, g, (float) rate);
                    } else {
                        move(begin, end, p, g, (float) rate);
                    }
                } else if (momentum > 0) {
                    averageAndMoveWithMomentum(begin, end, p, g, (float) rate);
                } else {
                    averageAndMove(begin, end, p, g, (float) rate);
                }
            }
        }

        // Loops without branches, so that each becomes vector code. C2 does this for at most 60 of its nodes, too few
        // for the whole of a centered rule. Its loops therefore run over a block that stays in a cache. Each has its
        // arrays and numbers in local variables: after a store, C2 would read a field again.

        private void averageAndMove(int from, int to, float[] p, float[] g, float rate) {
            float[] v = memory(SQUARE);
            float weight = decay;
            float a = (float) smoothing;
            float oneMinusA = (float) (1 - smoothing);
            float eps = (float) epsilon;
            for (int i = from; i < to; i++) {
                float old = p[i];
                float d = g[i] + weight * old;
                float square = roundMeanSquare(a * v[i] + oneMinusA * d * d);
                v[i] = square;
                p[i] = old - rate * d / ((float) Math.sqrt(square) + eps);
            }
        }

        private void averageAndMoveWithMomentum(int from, int to, float[] p, float[] g, float rate) {
            float[] v = memory(SQUARE);
            float[] b = memory(buffer);
            float weight = decay;
            float a = (float) smoothing;
            float oneMinusA = (float) (1 - smoothing);
            float eps = (float) epsilon;
            float m = (float) momentum;
            for (int i = from; i < to; i++) {
                float old = p[i];
                float d = g[i] + weight * old;
                float square = roundMeanSquare(a * v[i] + oneMinusA * d * d);
                float next = roundMean(m * b[i] + d / ((float) Math.sqrt(square) + eps));
                v[i] = square;
                b[i] = next;
                p[i] = old - rate * next;
            }
        }

        private void averageDeviation(int from, int to, float[] p, float[] g) {
            float[] v = memory(SQUARE);
            float[] c = memory(MEAN);
            float[] rest = memory(REST);
            float weight = decay;
            float a = (float) smoothing;
            float varianceFactor = (float) (smoothing * (1 - smoothing));
            for (int i = from; i < to; i++) {
                float deviation = g[i] + weight * p[i] - c[i] - rest[i];
                v[i] = roundMeanSquare(a * v[i] + varianceFactor * deviation * deviation);
            }
        }

        private void average(int from, int to, float[] p, float[] g) {
            float[] c = memory(MEAN);
            float[] rest = memory(REST);
            float weight = decay;
            float oneMinusA = (float) (1 - smoothing);
            for (int i = from; i < to; i++) {
                float old = c[i];
                float oldRest = rest[i];
                float deviation = g[i] + weight * p[i] - old - oldRest;
                float change = oneMinusA * deviation + oldRest;
                float mean = roundMean(old + change);
                rest[i] = roundMean(change - (mean - old));
                c[i] = mean;
            }
        }

        private void move(int from, int to, float[] p, float[] g, float rate) {
            float[] v = memory(SQUARE);
            float weight = decay;
            float eps = (float) epsilon;
            for (int i = from; i < to; i++) {
                float d = g[i] + weight * p[i];
                p[i] -= rate * d / ((float) Math.sqrt(v[i]) + eps);
            }
        }

        private void moveWithMomentum(int from, int to, float[] p, float[] g, float rate) {
            float[] v = memory(SQUARE);
            float[] b = memory(buffer);
            float weight = decay;
            float eps = (float) epsilon;
            float m = (float) momentum;
            for (int i = from; i < to; i++) {
                float old = p[i];
                float d = g[i] + weight * old;
                float next = roundMean(m * b[i] + d / ((float) Math.sqrt(v[i]) + eps));
                b[i] = next;
                p[i] = old - rate * next;
            }
        }

        private void moveByLowSquares(int from, int to, float[] p, float[] g, double rate) {
            float[] v = memory(SQUARE);
            float[] lowV = memory(low);
            // Neither is used without centering, nor b without momentum.
            float[] c = centered ? memory(MEAN) : v;
            float[] rest = centered ? memory(REST) : v;
            float[] b = momentum > 0 ? memory(buffer) : v;
            double oneMinusA = 1 - smoothing;
            for (int i = from; i < to; i++) {
                double d = g[i] + (double) decay * p[i];
                double fresh = oneMinusA * d * d;
                if (centered) {
                    double mean = (double) c[i] + rest[i];
                    double deviation = d - mean;
                    mean += oneMinusA * deviation;
                    c[i] = flushSubnormal(mean);
                    rest[i] = flushSubnormal(mean - c[i]);
                    fresh = smoothing * oneMinusA * deviation * deviation;
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
        public double minimum(int index) {
            return index == SQUARE || low > 0 && index == low ? 0 : Double.NEGATIVE_INFINITY;
        }

        @Override
        protected boolean movesIndependently(double rate) {
            return decay == 0;
        }

        @Override
        protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
            double d = g + decay * p;
            double a = (float) smoothing;
            double oneMinusA = (float) (1 - smoothing);
            double deviation = d;
            if (centered) {
                double mean = memory[MEAN] + memory[REST];
                deviation += mean;
                memory[MEAN] = a * mean + oneMinusA * d;
                memory[REST] = 0x1p-20 * deviation; // a few last bits of a mean, or of its change
            }
            memory[SQUARE] = a * memory[SQUARE] + oneMinusA * deviation * deviation;
            if (low > 0) {
                memory[low] = lowBound();
            }
            double along = d / (float) epsilon;
            if (momentum > 0) {
                memory[buffer] = (float) momentum * memory[buffer] + along;
                along = memory[buffer];
            }
            return p + d + deviation + along + rate * d + rate * along;
        }
    }
}
