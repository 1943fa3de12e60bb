package nn.init.theory;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import nn.init.Fans;
import nn.init.nonlinearity.Moments;
import nn.init.nonlinearity.Nonlinearity;

/**
 * Second moments of signal and gradient predicted for every layer of a given stack, before a single weight is drawn.
 * For one layer, {@code z = x W + b}, {@code y = f(z)}, with independent weights of mean 0 and variance v and biases of
 * variance {@code v_b}:
 *
 * <ul>
 *   <li>forward: {@code E[z^2] = in v E[x^2] + v_b}, whatever the distribution of x (its mean need not be 0: it is
 *       E[x^2] that counts, not Var(x)); {@code E[y^2] = V(E[z^2])};
 *   <li>backward: {@code E[dz^2] = D(E[z^2]) E[dy^2]}, {@code E[dx^2] = out v E[dz^2]};
 *   <li>a weight's gradient from one sample: {@code E[dW^2] = E[x^2] E[dz^2]}.
 * </ul>
 *
 * <p>Exact in the limit of wide layers, and at every width on average for linear and (leaky) ReLU layers without bias.
 * The backward half takes the weights of the two passes as independent, as usual (Glorot and Bengio 2010; He and others
 * 2015; Schoenholz and others 2017). A single network of finite width scatters around this: {@link FiniteWidth}.
 *
 * @param layers the moments of each layer, in forward order
 */
public record SignalPropagation(List<LayerMoments> layers) {
    /** Upper limit of a second moment, so that squares stay finite. */
    private static final double MOST = 1e290;

    /**
     * A dense layer or a convolution in the theory.
     *
     * @param fans inputs of one unit and units fed by one input; for a convolution with its edges, {@link Taps#fans}
     * @param weightVariance the variance of one weight, finite, 0 or more; such as {@code gain^2 / fan}
     * @param biasVariance the variance of one bias, finite, 0 or more
     * @param nonlinearity the one that follows; {@link Nonlinearity#LINEAR} for none
     */
    public record DenseLayer(Fans fans, double weightVariance, double biasVariance, Nonlinearity nonlinearity)
            implements Stage {
        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException if a variance is negative, NaN or infinite
         */
        public DenseLayer {
            Objects.requireNonNull(fans, "fans");
            Objects.requireNonNull(nonlinearity, "nonlinearity");
            Check.notNegative("layer", "weight variance", weightVariance);
            Check.notNegative("layer", "bias variance", biasVariance);
        }

        /**
         * Returns a layer without random biases whose weights follow a gain and the fan in.
         *
         * @param fans inputs of one unit and units fed by one input
         * @param gain finite, 0 or more
         * @param nonlinearity the one that follows
         * @return the layer, with weight variance {@code gain^2 / in}
         */
        public static DenseLayer ofGain(Fans fans, double gain, Nonlinearity nonlinearity) {
            return new DenseLayer(fans, Check.notNegative("layer", "gain", gain) * gain / fans.in(), 0, nonlinearity);
        }

        /** E[z^2] of the pre-activation, for E[x^2] of the input. */
        private double preActivation(double input) {
            return Math.min(fans.in() * weightVariance * input + biasVariance, MOST);
        }

        @Override
        public double output(double input) {
            Check.notNegative("layer", "second moment of the input", input);
            return nonlinearity.moments(preActivation(input)).secondMoment();
        }

        @Override
        public double gradientFactor(double input) {
            Check.notNegative("layer", "second moment of the input", input);
            return fans.out()
                    * weightVariance
                    * nonlinearity.moments(preActivation(input)).slopeSecondMoment();
        }
    }

    /**
     * Second moments at one layer, over weights (and inputs, if their second moment is an average).
     *
     * @param input of one element of x
     * @param preActivation of z
     * @param output of y = f(z)
     * @param outputGradient of the loss's derivative by y
     * @param preActivationGradient by z
     * @param inputGradient by x
     * @param weightGradient by one weight, from one sample
     */
    public record LayerMoments(
            double input,
            double preActivation,
            double output,
            double outputGradient,
            double preActivationGradient,
            double inputGradient,
            double weightGradient) {

        /**
         * Returns the factor of the signal's second moment.
         *
         * @return {@code output / input}
         */
        public double forwardFactor() {
            return output / input;
        }

        /**
         * Returns the factor of the gradient's second moment.
         *
         * @return {@code inputGradient / outputGradient}
         */
        public double backwardFactor() {
            return inputGradient / outputGradient;
        }
    }

    /** Takes an unmodifiable copy. */
    public SignalPropagation {
        layers.forEach(layer -> Objects.requireNonNull(layer, "a layer"));
        layers = List.copyOf(layers);
    }

    /**
     * Predicts a stack. A signal that explodes is not followed beyond a second moment of 10^290.
     *
     * @param stack the layers in forward order; at least one
     * @param input E[x^2] of the network's input, over its elements: finite, 0 or more
     * @param gradient E[dy^2] of the loss's derivative by the network's output: finite, 0 or more
     * @return the moments of every layer
     * @throws IllegalArgumentException if the stack is empty, or a number is out of its range
     */
    public static SignalPropagation of(List<DenseLayer> stack, double input, double gradient) {
        if (stack.isEmpty()) {
            throw new IllegalArgumentException("signal propagation: the stack is empty; give at least one layer");
        }
        double[] inputs = new double[stack.size() + 1];
        double[] preActivations = new double[stack.size()];
        Moments[] moments = new Moments[stack.size()];
        inputs[0] = Check.notNegative("signal propagation", "second moment of the input", input);
        for (int l = 0; l < stack.size(); l++) {
            DenseLayer layer = Objects.requireNonNull(stack.get(l), "a layer of the stack");
            preActivations[l] = layer.preActivation(inputs[l]);
            moments[l] = layer.nonlinearity().moments(preActivations[l]);
            inputs[l + 1] = moments[l].secondMoment();
        }
        List<LayerMoments> result = new ArrayList<>();
        double dy = Check.notNegative("signal propagation", "second moment of the gradient", gradient);
        for (int l = stack.size() - 1; l >= 0; l--) {
            DenseLayer layer = stack.get(l);
            double dz = moments[l].slopeSecondMoment() * dy;
            double dx = layer.fans().out() * layer.weightVariance() * dz;
            result.add(new LayerMoments(inputs[l], preActivations[l], inputs[l + 1], dy, dz, dx, inputs[l] * dz));
            dy = dx;
        }
        return new SignalPropagation(result.reversed());
    }

    /**
     * Returns the factor of the signal's second moment over the whole stack.
     *
     * @return the last output's second moment over the first input's
     */
    public double forwardGain() {
        return layers.getLast().output() / layers.getFirst().input();
    }

    /**
     * Returns the factor of the gradient's second moment over the whole stack.
     *
     * @return the second moment of the first input's gradient over that of the last output's
     */
    public double backwardGain() {
        return layers.getFirst().inputGradient() / layers.getLast().outputGradient();
    }
}
