package nn.examples.experiment;

import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.tensor.Key;

/**
 * The parts of an experiment. Every claim takes its parts through its {@link Experiment}, which asks here, so that a
 * test can replace one by a faulty one and see whether the claim notices.
 */
public interface Apparatus {
    /** Each part unchanged. */
    Apparatus SOUND = new Apparatus() {};

    /**
     * Returns the initializer of weights.
     *
     * @param named the part that the claim asks for
     * @return the part that it gets
     */
    default Initializer weights(Initializer named) {
        return named;
    }

    /**
     * Returns the initializer of biases.
     *
     * @param named the part that the claim asks for
     * @return the part that it gets
     */
    default Initializer biases(Initializer named) {
        return named;
    }

    /**
     * Returns a nonlinearity.
     *
     * @param named the part that the claim asks for
     * @return the part that it gets
     */
    default Nonlinearity nonlinearity(Nonlinearity named) {
        return named;
    }

    /**
     * Returns a network.
     *
     * @param built the network that the claim has built
     * @return the network that it trains and measures
     */
    default Layer model(Layer built) {
        return built;
    }

    /**
     * Returns the key of one repetition.
     *
     * @param key the key of all repetitions
     * @param index the repetition, from 0
     * @return the key of this repetition
     */
    default Key repetition(Key key, int index) {
        return key.child(index);
    }
}
