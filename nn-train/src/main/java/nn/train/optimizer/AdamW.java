package nn.train.optimizer;

import nn.layers.Parameter;
import nn.train.internal.Hyperparameters;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, <i>Decoupled weight decay regularization</i>, ICLR 2019), by
 * the rules of PyTorch's {@code torch.optim.AdamW}: as {@link Adam}, but the weight decay w is not added to the
 * gradient; it shrinks the parameter directly:
 *
 * <pre>
 *   p = (1 - rate w) p - rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 * </pre>
 *
 * If {@code epsilon sqrt(1 - beta2)} is below 2^-39 (1.8e-12), a step takes more memory and time, see {@link Adam}.
 *
 * @param rate the learning rate, 0 or more
 * @param beta1 weight of the past in the mean of the gradients, in [0, 1)
 * @param beta2 weight of the past in the mean of their squares, in [0, 1)
 * @param epsilon keeps the division finite, above 0
 * @param weightDecay 0 or more
 * @param amsgrad whether to divide by the largest v so far instead of v
 * @param decayBiases whether the weight decay applies to biases too
 */
public record AdamW(
        double rate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        boolean amsgrad,
        boolean decayBiases)
        implements Optimizer {
    /**
     * Checks the hyperparameters.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it and its value
     */
    public AdamW {
        AdamRule.check("AdamW", rate, beta1, beta2, epsilon, weightDecay);
    }

    /**
     * Returns an optimizer with the usual hyperparameters: betas 0.9 and 0.999, epsilon 1e-8, weight decay 0.01.
     *
     * @param rate the learning rate; 1e-3 is the usual first try
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is negative, NaN or infinite
     */
    public static AdamW of(double rate) {
        return new AdamW(rate, 0.9, 0.999, 1e-8, 0.01, false, true);
    }

    /**
     * Returns a copy with another learning rate.
     *
     * @param rate 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public AdamW withRate(double rate) {
        return new AdamW(rate, beta1, beta2, epsilon, weightDecay, amsgrad, decayBiases);
    }

    /**
     * Returns a copy with other betas.
     *
     * @param beta1 in [0, 1)
     * @param beta2 in [0, 1)
     * @return the copy
     * @throws IllegalArgumentException if one is out of range
     */
    public AdamW withBetas(double beta1, double beta2) {
        return new AdamW(rate, beta1, beta2, epsilon, weightDecay, amsgrad, decayBiases);
    }

    /**
     * Returns a copy with another epsilon.
     *
     * @param epsilon above 0
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public AdamW withEpsilon(double epsilon) {
        return new AdamW(rate, beta1, beta2, epsilon, weightDecay, amsgrad, decayBiases);
    }

    /**
     * Returns a copy with another weight decay.
     *
     * @param weightDecay 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public AdamW withWeightDecay(double weightDecay) {
        return new AdamW(rate, beta1, beta2, epsilon, weightDecay, amsgrad, decayBiases);
    }

    /**
     * Returns a copy that divides by the largest v so far.
     *
     * @return the copy
     */
    public AdamW withAmsgrad() {
        return new AdamW(rate, beta1, beta2, epsilon, weightDecay, true, decayBiases);
    }

    /**
     * Returns a copy that leaves biases out of the weight decay.
     *
     * @return the copy
     */
    public AdamW withoutBiasDecay() {
        return new AdamW(rate, beta1, beta2, epsilon, weightDecay, amsgrad, false);
    }

    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        double decay = Hyperparameters.decay(parameter, weightDecay, decayBiases);
        return new AdamRule(parameter, beta1, beta2, epsilon, 0, decay, amsgrad);
    }
}
