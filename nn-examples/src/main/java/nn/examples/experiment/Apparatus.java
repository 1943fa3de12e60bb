package nn.examples.experiment;

import nn.init.Initializer;
import nn.init.Nonlinearity;
import nn.layers.Layer;
import nn.tensor.Key;

/**
 * What experiments are made of. Every claim takes its parts through its {@link Experiment}, which asks here, so that a
 * test can exchange one for a faulty one and see whether the claim notices.
 */
public interface Apparatus {
    /** Each part as the claim names it. */
    Apparatus SOUND = new Apparatus() {};

    /**
     * The initializer of weights.
     *
     * @param named what the claim asks for
     * @return what it gets
     */
    default Initializer weights(Initializer named) {
        return named;
    }

    /**
     * The initializer of biases.
     *
     * @param named what the claim asks for
     * @return what it gets
     */
    default Initializer biases(Initializer named) {
        return named;
    }

    /**
     * A nonlinearity.
     *
     * @param named what the claim asks for
     * @return what it gets
     */
    default Nonlinearity nonlinearity(Nonlinearity named) {
        return named;
    }

    /**
     * A network.
     *
     * @param built what the claim has built
     * @return what it trains and measures
     */
    default Layer model(Layer built) {
        return built;
    }

    /**
     * The key of one repetition.
     *
     * @param key that of all
     * @param index which, from 0
     * @return that of this one
     */
    default Key repetition(Key key, int index) {
        return key.child(index);
    }
}
