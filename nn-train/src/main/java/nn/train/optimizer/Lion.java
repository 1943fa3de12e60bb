package nn.train.optimizer;

import nn.layers.Parameter;
import nn.train.internal.Hyperparameters;

/**
 * Lion (Chen et al., <i>Symbolic discovery of optimization algorithms</i>, NeurIPS 2023): every element moves by the
 * learning rate, in the direction that a mean of its gradients has. For a parameter p with gradient g, weight decay w:
 *
 * <pre>
 *   u = sign(beta1 m + (1 - beta1) g)          sign(0) = 0
 *   p = (1 - rate w) p - rate u
 *   m = beta2 m + (1 - beta2) g
 * </pre>
 *
 * Its state is one tensor, half of {@link Adam}'s. All moves are as long as Adam's longest, so the authors use a
 * learning rate 3 to 10 times smaller, and a weight decay as many times larger.
 *
 * @param rate the learning rate, 0 or more
 * @param beta1 weight of the past in the direction of a step, in [0, 1)
 * @param beta2 weight of the past in the mean that is kept, in [0, 1)
 * @param weightDecay 0 or more; not part of the gradient
 * @param decayBiases whether the weight decay applies to biases too
 */
public record Lion(double rate, double beta1, double beta2, double weightDecay, boolean decayBiases)
        implements Optimizer {
    /**
     * Checks the hyperparameters.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it and its value
     */
    public Lion {
        Hyperparameters.requireNonNegative("Lion", "rate", rate);
        Hyperparameters.requireFraction("Lion", "beta1", beta1);
        Hyperparameters.requireFraction("Lion", "beta2", beta2);
        Hyperparameters.requireNonNegative("Lion", "weightDecay", weightDecay);
    }

    /**
     * Returns an optimizer with the usual hyperparameters: betas 0.9 and 0.99, no weight decay.
     *
     * @param rate the learning rate; 1e-4 is the usual first try
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is negative, NaN or infinite
     */
    public static Lion of(double rate) {
        return new Lion(rate, 0.9, 0.99, 0, true);
    }

    /**
     * Returns a copy with another learning rate.
     *
     * @param rate 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public Lion withRate(double rate) {
        return new Lion(rate, beta1, beta2, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with other betas.
     *
     * @param beta1 in [0, 1)
     * @param beta2 in [0, 1)
     * @return the copy
     * @throws IllegalArgumentException if one is out of range
     */
    public Lion withBetas(double beta1, double beta2) {
        return new Lion(rate, beta1, beta2, weightDecay, decayBiases);
    }

    /**
     * Returns a copy with another weight decay.
     *
     * @param weightDecay 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Lion withWeightDecay(double weightDecay) {
        return new Lion(rate, beta1, beta2, weightDecay, decayBiases);
    }

    /**
     * Returns a copy that leaves biases out of the weight decay.
     *
     * @return the copy
     */
    public Lion withoutBiasDecay() {
        return new Lion(rate, beta1, beta2, weightDecay, false);
    }

    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        return new Rule(parameter, Hyperparameters.decay(parameter, weightDecay, decayBiases));
    }

    private final class Rule extends ElementRule {
        private final double decay;

        Rule(Parameter parameter, double decay) {
            super(parameter, 1);
            this.decay = decay;
        }

        private float decayFactor(double rate) {
            return (float) (1 - rate * decay);
        }

        @Override
        protected void update(int from, int to, float[] p, float[] g, double rate, long step) {
            float[] m = memory(0);
            float r = (float) rate;
            float decayFactor = decayFactor(rate);
            float b1 = (float) beta1;
            float b2 = (float) beta2;
            float oneMinusB1 = (float) (1 - beta1);
            float oneMinusB2 = (float) (1 - beta2);
            for (int i = from; i < to; i++) {
                float old = m[i];
                float d = g[i];
                m[i] = roundMean(b2 * old + oneMinusB2 * d);
                p[i] = decayFactor * p[i] - r * Math.signum(b1 * old + oneMinusB1 * d);
            }
        }

        @Override
        protected boolean movesIndependently(double rate) {
            return Math.abs(decayFactor(rate)) <= 1;
        }

        @Override
        protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
            double direction = memory[0] + g;
            memory[0] = (float) beta2 * memory[0] + (float) (1 - beta2) * g;
            return Math.abs(decayFactor(rate)) * p + rate + direction;
        }
    }
}
