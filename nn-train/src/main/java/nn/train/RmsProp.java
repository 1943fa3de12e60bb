package nn.train;

import nn.layers.Parameter;

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
 * <i>Generating sequences with recurrent neural networks</i>, 2013. There {@code v - c^2} can come out below 0 by
 * rounding; it counts as 0 then, where PyTorch's makes the parameter NaN.
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
        Hyper.requireNonNegative("RmsProp", "rate", rate);
        Hyper.requireFraction("RmsProp", "smoothing", smoothing);
        Hyper.requirePositive("RmsProp", "epsilon", epsilon);
        Hyper.requireFraction("RmsProp", "momentum", momentum);
        Hyper.requireNonNegative("RmsProp", "weightDecay", weightDecay);
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
     * This, with another rate.
     *
     * @param rate 0 or more
     * @return a changed copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public RmsProp withRate(double rate) {
        return new RmsProp(rate, smoothing, epsilon, momentum, centered, weightDecay, decayBiases);
    }

    /**
     * This, with another smoothing.
     *
     * @param smoothing in [0, 1)
     * @return a changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public RmsProp withSmoothing(double smoothing) {
        return new RmsProp(rate, smoothing, epsilon, momentum, centered, weightDecay, decayBiases);
    }

    /**
     * This, with another epsilon.
     *
     * @param epsilon above 0
     * @return a changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public RmsProp withEpsilon(double epsilon) {
        return new RmsProp(rate, smoothing, epsilon, momentum, centered, weightDecay, decayBiases);
    }

    /**
     * This, with momentum.
     *
     * @param momentum in [0, 1)
     * @return a changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public RmsProp withMomentum(double momentum) {
        return new RmsProp(rate, smoothing, epsilon, momentum, centered, weightDecay, decayBiases);
    }

    /**
     * This, dividing by the deviation of the gradients.
     *
     * @return a changed copy
     */
    public RmsProp withCentering() {
        return new RmsProp(rate, smoothing, epsilon, momentum, true, weightDecay, decayBiases);
    }

    /**
     * This, with weight decay.
     *
     * @param weightDecay 0 or more
     * @return a changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public RmsProp withWeightDecay(double weightDecay) {
        return new RmsProp(rate, smoothing, epsilon, momentum, centered, weightDecay, decayBiases);
    }

    /**
     * This, leaving biases out of the weight decay.
     *
     * @return a changed copy
     */
    public RmsProp withoutBiasDecay() {
        return new RmsProp(rate, smoothing, epsilon, momentum, centered, weightDecay, false);
    }

    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        return new Rule(parameter, (float) Hyper.decay(parameter, weightDecay, decayBiases));
    }

    private final class Rule extends ElementRule {
        private static final int SQUARE = 0;
        private static final int MEAN = 1;

        private final float decay;
        private final int buffer; // where in memory

        Rule(Parameter parameter, float decay) {
            super(parameter, 1 + (centered ? 1 : 0) + (momentum > 0 ? 1 : 0));
            this.decay = decay;
            this.buffer = centered ? 2 : 1;
        }

        @Override
        void update(int from, int to, float[] p, float[] g, double rate, long step) {
            float[] v = memory(SQUARE);
            float keep = (float) smoothing;
            float take = (float) (1 - smoothing);
            float least = (float) epsilon;
            float r = (float) rate;
            float along = (float) momentum;
            if (centered && momentum > 0) {
                move(from, to, p, g, v, memory(MEAN), memory(buffer), r, decay, keep, take, least, along);
            } else if (centered) {
                move(from, to, p, g, v, memory(MEAN), r, decay, keep, take, least);
            } else if (momentum > 0) {
                move(from, to, p, g, v, memory(buffer), r, decay, keep, take, least, along);
            } else {
                move(from, to, p, g, v, r, decay, keep, take, least);
            }
        }

        // Four loops in place of one with questions in it, for the sake of vector code.

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
                float square = settle(keep * v[i] + take * d * d);
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
                float square = settle(keep * v[i] + take * d * d);
                v[i] = square;
                float next = settleMean(momentum * b[i] + d / ((float) Math.sqrt(square) + least));
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
                float rate,
                float decay,
                float keep,
                float take,
                float least) {
            for (int i = from; i < to; i++) {
                float d = g[i] + decay * p[i];
                float square = settle(keep * v[i] + take * d * d);
                float mean = settleMean(keep * c[i] + take * d);
                v[i] = square;
                c[i] = mean;
                p[i] -= rate * d / ((float) Math.sqrt(Math.max(square - mean * mean, 0f)) + least);
            }
        }

        private static void move(
                int from,
                int to,
                float[] p,
                float[] g,
                float[] v,
                float[] c,
                float[] b,
                float rate,
                float decay,
                float keep,
                float take,
                float least,
                float momentum) {
            for (int i = from; i < to; i++) {
                float d = g[i] + decay * p[i];
                float square = settle(keep * v[i] + take * d * d);
                float mean = settleMean(keep * c[i] + take * d);
                v[i] = square;
                c[i] = mean;
                float away = d / ((float) Math.sqrt(Math.max(square - mean * mean, 0f)) + least);
                float next = settleMean(momentum * b[i] + away);
                b[i] = next;
                p[i] -= rate * next;
            }
        }

        @Override
        double reach(double p, double g, double[] memory, double rate, long step) {
            double d = g + decay * p;
            double keep = (float) smoothing;
            double take = (float) (1 - smoothing);
            memory[SQUARE] = keep * memory[SQUARE] + take * d * d;
            if (centered) {
                memory[MEAN] = keep * memory[MEAN] + take * d;
            }
            double along = d / (float) epsilon;
            if (momentum > 0) {
                memory[buffer] = (float) momentum * memory[buffer] + along;
                along = memory[buffer];
            }
            double squaredMean = centered ? memory[MEAN] * memory[MEAN] : 0;
            return p + d + along + rate * d + rate * along + squaredMean;
        }
    }
}
