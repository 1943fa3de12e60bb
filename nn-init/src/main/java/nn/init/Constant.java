package nn.init;

import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * One value everywhere: {@code w = value}. For biases (0 as a rule; 1 for a gate that starts open) and for scales.
 *
 * <p>Not for the weights of a hidden layer. Units that start equal get equal gradients and stay equal: a layer of any
 * width then computes what one unit computes. With 0, tanh or ReLU, and zero biases, not even that unit moves: every
 * weight's gradient stays exactly 0.
 *
 * @param value the value, finite
 */
public record Constant(double value) implements Initializer {
    /**
     * Checks the value.
     *
     * @throws IllegalArgumentException if the value is NaN, beyond the range of float32, or other than 0 but 0 in
     *     float32
     */
    public Constant {
        Arguments.finite("constant", "value", value);
    }

    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        out.fill((float) value);
    }

    /** {@code zeros}, {@code ones} or {@code constant(0.1)}. */
    @Override
    public String toString() {
        if (Double.doubleToRawLongBits(value) == 0) { // not -0
            return "zeros";
        }
        return value == 1 ? "ones" : "constant(" + Arguments.brief(value) + ")";
    }
}
