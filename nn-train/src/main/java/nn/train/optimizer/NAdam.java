package nn.train.optimizer;

import nn.layers.Parameter;
import nn.train.internal.Hyperparameters;

/**
 * NAdam, Adam with Nesterov's momentum (Dozat, <i>Incorporating Nesterov momentum into Adam</i>, ICLR 2016 workshop),
 * by the rules of PyTorch's {@code torch.optim.NAdam}. For a parameter p with gradient g at step t, weight decay w, and
 * momentum decay c:
 *
 * <pre>
 *   mu_t = beta1 (1 - 0.96^(t c) / 2)          M_t = mu_1 mu_2 ... mu_t
 *   d = g + w p
 *   m = beta1 m + (1 - beta1) d
 *   v = beta2 v + (1 - beta2) d^2
 *   u = mu_{t+1} m / (1 - M_{t+1}) + (1 - mu_t) d / (1 - M_t)
 *   p = p - rate u / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 * </pre>
 *
 * Decoupled weight decay, as in {@link AdamW}, is not part of d: the parameter is multiplied by {@code 1 - rate w}
 * instead. For an {@code epsilon sqrt(1 - beta2)} below 2^-39 a step takes more memory and time, see {@link Adam}.
 *
 * @param rate the learning rate, 0 or more
 * @param beta1 weight of the past in the mean of the gradients, in [0, 1)
 * @param beta2 weight of the past in the mean of their squares, in [0, 1)
 * @param epsilon keeps the division finite, above 0
 * @param momentumDecay how fast the momentum mu rises from beta1 / 2 to beta1, 0 or more
 * @param weightDecay 0 or more
 * @param decoupled whether the weight decay is not part of the gradient
 * @param decayBiases whether the weight decay applies to biases too
 */
public record NAdam(
        double rate,
        double beta1,
        double beta2,
        double epsilon,
        double momentumDecay,
        double weightDecay,
        boolean decoupled,
        boolean decayBiases)
        implements Optimizer {
    /**
     * Checks the hyperparameters.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it and its value
     */
    public NAdam {
        AdamRule.check("NAdam", rate, beta1, beta2, epsilon, weightDecay);
        Hyperparameters.requireNonNegativeDouble("NAdam", "momentumDecay", momentumDecay);
    }

    /**
     * Returns an optimizer with the usual hyperparameters: betas 0.9 and 0.999, epsilon 1e-8, momentum decay 0.004, no
     * weight decay.
     *
     * @param rate the learning rate; 2e-3 is the usual first try
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is negative, NaN or infinite
     */
    public static NAdam of(double rate) {
        return new NAdam(rate, 0.9, 0.999, 1e-8, 0.004, 0, false, true);
    }

    /**
     * Returns a copy with another learning rate.
     *
     * @param rate 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public NAdam withRate(double rate) {
        return new NAdam(rate, beta1, beta2, epsilon, momentumDecay, weightDecay, decoupled, decayBiases);
    }

    /**
     * Returns a copy with other betas.
     *
     * @param beta1 in [0, 1)
     * @param beta2 in [0, 1)
     * @return the copy
     * @throws IllegalArgumentException if one is out of range
     */
    public NAdam withBetas(double beta1, double beta2) {
        return new NAdam(rate, beta1, beta2, epsilon, momentumDecay, weightDecay, decoupled, decayBiases);
    }

    /**
     * Returns a copy with another epsilon.
     *
     * @param epsilon above 0
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public NAdam withEpsilon(double epsilon) {
        return new NAdam(rate, beta1, beta2, epsilon, momentumDecay, weightDecay, decoupled, decayBiases);
    }

    /**
     * Returns a copy with another momentum decay.
     *
     * @param momentumDecay 0 or more; 0 for a momentum of beta1 / 2 at all steps
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public NAdam withMomentumDecay(double momentumDecay) {
        return new NAdam(rate, beta1, beta2, epsilon, momentumDecay, weightDecay, decoupled, decayBiases);
    }

    /**
     * Returns a copy with a weight decay that is part of the gradient.
     *
     * @param weightDecay 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public NAdam withWeightDecay(double weightDecay) {
        return new NAdam(rate, beta1, beta2, epsilon, momentumDecay, weightDecay, false, decayBiases);
    }

    /**
     * Returns a copy with a weight decay that shrinks the parameter directly.
     *
     * @param weightDecay 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public NAdam withDecoupledWeightDecay(double weightDecay) {
        return new NAdam(rate, beta1, beta2, epsilon, momentumDecay, weightDecay, true, decayBiases);
    }

    /**
     * Returns a copy that leaves biases out of the weight decay.
     *
     * @return the copy
     */
    public NAdam withoutBiasDecay() {
        return new NAdam(rate, beta1, beta2, epsilon, momentumDecay, weightDecay, decoupled, false);
    }

    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        return new Rule(parameter);
    }

    private final class Rule extends MomentRule {
        /** Below this, 1 minus a product is 1. */
        private static final double NOTHING = 0x1p-60;

        private long multiplied; // the number of factors of the product
        private double product = 1; // of the momenta of the steps so far

        Rule(Parameter parameter) {
            double decay = Hyperparameters.decay(parameter, weightDecay, decayBiases);
            super(parameter, beta1, beta2, epsilon * Math.sqrt(1 - beta2), decay, decoupled);
        }

        private double momentum(long step) {
            return beta1 * (1 - 0.5 * StrictMath.pow(0.96, step * momentumDecay));
        }

        /** Multiplies in the order of the steps, so that a resumed training gets the same bits. */
        private double product(long step) {
            if (step < multiplied) {
                multiplied = 0;
                product = 1;
            }
            while (multiplied < step && product > NOTHING) {
                multiplied++;
                product *= momentum(multiplied);
            }
            return product;
        }

        // Both sides of the fraction are multiplied by the root, as in AdamRule.
        @Override
        void correct(long step) {
            double root = Math.sqrt(1 - StrictMath.pow(beta2, step));
            double next = momentum(step + 1);
            double passed = product(step);
            double ofMean = next / (1 - passed * next) * root;
            double ofGradient = (1 - momentum(step)) / (1 - passed) * root;
            move(ofMean, ofGradient, epsilon * root);
        }
    }
}
