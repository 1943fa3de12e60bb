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

    /** A pass by an object of its own. */
    @Override
    default Pass forward(Tensor x, Context context) {
        Propagation propagation = propagation();
        return new Pass(propagation.forward(x, context), propagation);
    }
}
