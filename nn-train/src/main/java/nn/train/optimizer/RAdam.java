package nn.train.optimizer;

import nn.layers.Parameter;
import nn.train.internal.Hyperparameters;

/**
 * RAdam, Adam with a rectified learning rate (Liu et al., <i>On the variance of the adaptive learning rate and
 * beyond</i>, ICLR 2020), by the rules of PyTorch's {@code torch.optim.RAdam}. In the first steps, when v is a mean of
 * few squares, it does not divide by v; then its steps grow as the variance of 1 / sqrt(v) falls, so that it needs no
 * warm-up. For a parameter p with gradient g at step t, weight decay w:
 *
 * <pre>
 *   d = g + w p
 *   m = beta1 m + (1 - beta1) d
 *   v = beta2 v + (1 - beta2) d^2
 *   R = 2 / (1 - beta2) - 1
 *   r = R - 2 t beta2^t / (1 - beta2^t)          the length of the mean v
 *   q = sqrt((r - 4) (r - 2) R / ((R - 4) (R - 2) r))
 *   p = p - rate / (1 - beta1^t) * q m sqrt(1 - beta2^t) / (sqrt(v) + epsilon)     if r &gt; 5
 *   p = p - rate / (1 - beta1^t) * m                                               if not
 * </pre>
 *
 * Decoupled weight decay, as in {@link AdamW}, is not part of d: the parameter is multiplied by {@code 1 - rate w}
 * instead. For an epsilon below 2^-39 (1.8e-12) a step takes more memory and time, see {@link Adam}.
 *
 * @param rate the learning rate, 0 or more
 * @param beta1 weight of the past in the mean of the gradients, in [0, 1)
 * @param beta2 weight of the past in the mean of their squares, in [0, 1); below 2/3 there is never a division
 * @param epsilon keeps the division finite, above 0
 * @param weightDecay 0 or more
 * @param decoupled whether the weight decay is not part of the gradient
 * @param decayBiases whether the weight decay applies to biases too
 */
public record RAdam(
        double rate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        boolean decoupled,
        boolean decayBiases)
        implements Optimizer {
    /**
     * Checks the hyperparameters.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it and its value
     */
    public RAdam {
        AdamRule.check("RAdam", rate, beta1, beta2, epsilon, weightDecay);
    }

    /**
     * Returns an optimizer with the usual hyperparameters: betas 0.9 and 0.999, epsilon 1e-8, no weight decay.
     *
     * @param rate the learning rate; 1e-3 is the usual first try
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is negative, NaN or infinite
     */
    public static RAdam of(double rate) {
        return new RAdam(rate, 0.9, 0.999, 1e-8, 0, false, true);
    }

    /**
     * Returns a copy with another learning rate.
     *
     * @param rate 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public RAdam withRate(double rate) {
        return new RAdam(rate, beta1, beta2, epsilon, weightDecay, decoupled, decayBiases);
    }

    /**
     * Returns a copy with other betas.
     *
     * @param beta1 in [0, 1)
     * @param beta2 in [0, 1)
     * @return the copy
     * @throws IllegalArgumentException if one is out of range
     */
    public RAdam withBetas(double beta1, double beta2) {
        return new RAdam(rate, beta1, beta2, epsilon, weightDecay, decoupled, decayBiases);
    }

    /**
     * Returns a copy with another epsilon.
     *
     * @param epsilon above 0
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public RAdam withEpsilon(double epsilon) {
        return new RAdam(rate, beta1, beta2, epsilon, weightDecay, decoupled, decayBiases);
    }

    /**
     * Returns a copy with a weight decay that is part of the gradient.
     *
     * @param weightDecay 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public RAdam withWeightDecay(double weightDecay) {
        return new RAdam(rate, beta1, beta2, epsilon, weightDecay, false, decayBiases);
    }

    /**
     * Returns a copy with a weight decay that shrinks the parameter directly.
     *
     * @param weightDecay 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public RAdam withDecoupledWeightDecay(double weightDecay) {
        return new RAdam(rate, beta1, beta2, epsilon, weightDecay, true, decayBiases);
    }

    /**
     * Returns a copy that leaves biases out of the weight decay.
     *
     * @return the copy
     */
    public RAdam withoutBiasDecay() {
        return new RAdam(rate, beta1, beta2, epsilon, weightDecay, decoupled, false);
    }

    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        return new Rule(parameter);
    }

    private final class Rule extends MomentRule {
        /** The length from which on the variance of 1 / sqrt(v) is known well enough. */
        private static final double LONG_ENOUGH = 5;

        Rule(Parameter parameter) {
            double decay = Hyperparameters.decay(parameter, weightDecay, decayBiases);
            super(parameter, beta1, beta2, epsilon, decay, decoupled);
        }

        @Override
        void correct(long step) {
            double kept = StrictMath.pow(beta2, step);
            double unbiased = 1 / (1 - StrictMath.pow(beta1, step));
            double longest = 2 / (1 - beta2) - 1;
            double length = longest - 2 * step * kept / (1 - kept);
            if (length <= LONG_ENOUGH) {
                moveUndivided(unbiased);
                return;
            }
            double rectification =
                    Math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
            move(unbiased * rectification * Math.sqrt(1 - kept), 0, epsilon);
        }
    }
}
