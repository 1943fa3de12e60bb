package nn.train.optimizer;

import nn.layers.Parameter;
import nn.train.internal.Hyperparameters;

/**
 * Adam (Kingma and Ba, <i>Adam: a method for stochastic optimization</i>, ICLR 2015), by the rules of PyTorch's {@code
 * torch.optim.Adam}. For a parameter p with gradient g at step t, weight decay w:
 *
 * <pre>
 *   d = g + w p
 *   m = beta1 m + (1 - beta1) d
 *   v = beta2 v + (1 - beta2) d^2
 *   p = p - rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 * </pre>
 *
 * The weight decay is part of the gradient, so it is divided by sqrt(v) too; in {@link AdamW} it is not. AMSGrad
 * follows Reddi, Kale and Kumar, <i>On the convergence of Adam and beyond</i>, ICLR 2018.
 *
 * <p>If {@code epsilon sqrt(1 - beta2)} is below 2^-39 (1.8e-12), mean squares matter that are too small for a float:
 * the rule keeps one more tensor for v, another one for AMSGrad's largest v, and a step takes longer.
 *
 * @param rate the learning rate, 0 or more
 * @param beta1 weight of the past in the mean of the gradients, in [0, 1)
 * @param beta2 weight of the past in the mean of their squares, in [0, 1)
 * @param epsilon keeps the division finite, above 0
 * @param weightDecay 0 or more
 * @param amsgrad whether to divide by the largest v so far instead of v
 * @param decayBiases whether the weight decay applies to biases too
 */
public record Adam(
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
    public Adam {
        AdamRule.check("Adam", rate, beta1, beta2, epsilon, weightDecay);
    }

    /**
     * Returns an optimizer with the usual hyperparameters: betas 0.9 and 0.999, epsilon 1e-8, no weight decay.
     *
     * @param rate the learning rate; 1e-3 is the usual first try
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is negative, NaN or infinite
     */
    public static Adam of(double rate) {
        return new Adam(rate, 0.9, 0.999, 1e-8, 0, false, true);
    }

    /**
     * Returns a copy with another learning rate.
     *
     * @param rate 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public Adam withRate(double rate) {
        return new Adam(rate, beta1, beta2, epsilon, weightDecay, amsgrad, decayBiases);
    }

    /**
     * Returns a copy with other betas.
     *
     * @param beta1 in [0, 1)
     * @param beta2 in [0, 1)
     * @return the copy
     * @throws IllegalArgumentException if one is out of range
     */
    public Adam withBetas(double beta1, double beta2) {
        return new Adam(rate, beta1, beta2, epsilon, weightDecay, amsgrad, decayBiases);
    }

    /**
     * Returns a copy with another epsilon.
     *
     * @param epsilon above 0
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Adam withEpsilon(double epsilon) {
        return new Adam(rate, beta1, beta2, epsilon, weightDecay, amsgrad, decayBiases);
    }

    /**
     * Returns a copy with another weight decay. It counts a weight beyond 2^60 (1.2e18) as 2^60 of the same sign,
     * unless epsilon is so small that v needs two tensors.
     *
     * @param weightDecay 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public Adam withWeightDecay(double weightDecay) {
        return new Adam(rate, beta1, beta2, epsilon, weightDecay, amsgrad, decayBiases);
    }

    /**
     * Returns a copy that divides by the largest v so far.
     *
     * @return the copy
     */
    public Adam withAmsgrad() {
        return new Adam(rate, beta1, beta2, epsilon, weightDecay, true, decayBiases);
    }

    /**
     * Returns a copy that leaves biases out of the weight decay.
     *
     * @return the copy
     */
    public Adam withoutBiasDecay() {
        return new Adam(rate, beta1, beta2, epsilon, weightDecay, amsgrad, false);
    }

    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        double decay = Hyperparameters.decay(parameter, weightDecay, decayBiases);
        return new AdamRule(parameter, beta1, beta2, epsilon, decay, 0, amsgrad);
    }
}
