package nn.layers;

import nn.tensor.Tensor;

/**
 * A layer that makes its passes by {@linkplain Propagation objects that are used again}, as most built-in layers do. To
 * implement {@link Layer#forward} is simpler and as right; this saves some small objects at every pass, which counts
 * where a step takes microseconds.
 */
public interface Propagating extends Layer {
    /**
     * Makes an object that goes through this layer, forward and back. Whoever uses several at a time has as many passes
     * at a time.
     *
     * @return a new one, that shares nothing with others
     */
    Propagation propagation();

    /**
     * Whether the way back reads the input as it was in the pass. Where it does not, and the layer that made the input
     * does not read it either, a chain {@linkplain Context#release releases} it as soon as the output is there: a deep
     * network of dense layers and tanh then keeps one tensor of a layer in place of two.
     *
     * @return true unless a layer says otherwise
     */
    default boolean readsInput() {
        return true;
    }

    /**
     * Whether the way back reads the output as it was in the pass: the other half of {@link #readsInput}.
     *
     * @return true unless a layer says otherwise
     */
    default boolean readsOutput() {
        return true;
    }

    /** A pass by an object of its own. */
    @Override
    default Pass forward(Tensor x, Context context) {
        Propagation propagation = Misfit.requirePropagation(this);
        return new Pass(Misfit.requireOutput(propagation.forward(x, context), this), propagation);
    }
}
