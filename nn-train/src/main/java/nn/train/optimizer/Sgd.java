package nn.train.optimizer;

import nn.layers.Parameter;
import nn.train.internal.Hyperparameters;

/**
 * Stochastic gradient descent, optionally with momentum and weight decay. For a parameter p with gradient g, momentum
 * m, dampening a and weight decay w:
 *
 * <pre>
 *   d = g + w p
 *   b = m b + (1 - a) d          at step 1: b = d
 *   p = p - rate b               Nesterov: p - rate (d + m b)
 * </pre>
 *
 * These are the rules of PyTorch's {@code torch.optim.SGD}. Nesterov's form is that of Sutskever et al., <i>On the
 * importance of initialization and momentum in deep learning</i>, ICML 2013, with the learning rate outside the buffer.
 * Values below 1e-31 in a buffer become 0, so that buffers decay to 0 where gradients are 0.
 *
 * @param rate the learning rate, 0 or more
 * @param momentum in [0, 1)
 * @param dampening in [0, 1)
 * @param nesterov whether to look ahead; needs a momentum above 0 and no dampening
 * @param weightDecay 0 or more
 * @param decayBiases whether the weight decay applies to biases too
 */
public record Sgd(
        double rate, double momentum, double dampening, boolean nesterov, double weightDecay, boolean decayBiases)
        implements Optimizer {
    /**
     * Checks the hyperparameters.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it and its value
     */
    public Sgd {
        Hyperparameters.requireNonNegative("Sgd", "rate", rate);
        Hyperparameters.requireFraction("Sgd", "momentum", momentum);
        Hyperparameters.requireFractionDouble("Sgd", "dampening", dampening);
        Hyperparameters.requireNonNegative("Sgd", "weightDecay", weightDecay);
        if (nesterov && (momentum == 0 || dampening != 0)) {
            throw new IllegalArgumentException("Sgd: nesterov with momentum " + momentum + " and dampening " + dampening
                    + "; it needs a momentum above 0 (set it first) and no dampening");
        }
    }

    /**
     * Returns plain gradient descent.
     *
     * @param rate the learning rate
     * @return the optimizer, without momentum or weight decay
     * @throws IllegalArgumentException if the rate is negative, NaN or infinite
     */
    public static Sgd of(double rate) {
        return new Sgd(rate, 0, 0, false, 0, true);
    }

    /**
     * Returns a copy with another learning rate.
     *
     * @param rate 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public Sgd withRate(double rate) {
        return new Sgd(rate, momentum, dampening, nesterov, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with momentum.
     *
     * @param momentum in [0, 1)
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Sgd withMomentum(double momentum) {
        return new Sgd(rate, momentum, dampening, nesterov, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with dampening: a new gradient enters the momentum buffer times {@code 1 - dampening}.
     *
     * @param dampening in [0, 1)
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Sgd withDampening(double dampening) {
        return new Sgd(rate, momentum, dampening, nesterov, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with Nesterov's momentum.
     *
     * @return the copy
     * @throws IllegalArgumentException if there is no momentum yet, or there is dampening
     */
    public Sgd withNesterov() {
        return new Sgd(rate, momentum, dampening, true, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with weight decay.
     *
     * @param weightDecay 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Sgd withWeightDecay(double weightDecay) {
        return new Sgd(rate, momentum, dampening, nesterov, weightDecay, decayBiases);
    }

    /**
     * Returns a copy that leaves biases out of the weight decay.
     *
     * @return the copy
     */
    public Sgd withoutBiasDecay() {
        return new Sgd(rate, momentum, dampening, nesterov, weightDecay, false);
    }

    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        float decay = (float) Hyperparameters.decay(parameter, weightDecay, decayBiases);
        return momentum == 0 ? new Plain(parameter, decay) : new Momentum(parameter, decay);
    }

    private static final class Plain extends ElementRule {
        private final float decay;

        Plain(Parameter parameter, float decay) {
            super(parameter, 0);
            this.decay = decay;
        }

        @Override
        protected void update(int from, int to, float[] p, float[] g, double rate, long step) {
            descend(from, to, p, g, (float) rate, decay);
        }

        private static void descend(int from, int to, float[] p, float[] g, float rate, float decay) {
            for (int i = from; i < to; i++) {
                p[i] -= rate * (g[i] + decay * p[i]);
            }
        }

        @Override
        protected boolean movesIndependently(double rate) {
            return decay <= 0.5 && rate * decay <= 0.5; // p and rate * decay * p have one sign, so p becomes smaller
        }

        @Override
        protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
            double d = g + decay * p;
            return p + d + rate * d;
        }
    }

    private final class Momentum extends ElementRule {
        private final float decay;

        Momentum(Parameter parameter, float decay) {
            super(parameter, 1);
            this.decay = decay;
        }

        // The buffer is zero before step 1, so the factor 1 makes it d.
        private float gradientFactor(long step) {
            return (float) (step == 1 ? 1 : 1 - dampening);
        }

        @Override
        protected void update(int from, int to, float[] p, float[] g, double rate, long step) {
            float r = (float) rate;
            float m = (float) momentum;
            if (nesterov) {
                moveAhead(from, to, p, g, memory(0), r, decay, m, gradientFactor(step));
            } else {
                move(from, to, p, g, memory(0), r, decay, m, gradientFactor(step));
            }
        }

        private static void move(
                int from,
                int to,
                float[] p,
                float[] g,
                float[] b,
                float rate,
                float decay,
                float momentum,
                float gradientFactor) {
            for (int i = from; i < to; i++) {
                float old = p[i];
                float d = g[i] + decay * old;
                float next = roundMean(momentum * b[i] + gradientFactor * d);
                b[i] = next;
                p[i] = old - rate * next;
            }
        }

        private static void moveAhead(
                int from,
                int to,
                float[] p,
                float[] g,
                float[] b,
                float rate,
                float decay,
                float momentum,
                float gradientFactor) {
            for (int i = from; i < to; i++) {
                float old = p[i];
                float d = g[i] + decay * old;
                float next = roundMean(momentum * b[i] + gradientFactor * d);
                b[i] = next;
                p[i] = old - rate * (d + momentum * next);
            }
        }

        @Override
        protected boolean movesIndependently(double rate) {
            return decay == 0;
        }

        @Override
        protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
            double d = g + decay * p;
            memory[0] = (float) momentum * memory[0] + gradientFactor(step) * d;
            double along = d + memory[0];
            return p + along + rate * along;
        }
    }
}
