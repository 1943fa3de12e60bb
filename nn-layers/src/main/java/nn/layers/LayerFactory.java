package nn.layers;

import java.util.Objects;
import java.util.Optional;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Key;
import nn.tensor.Shape;

/**
 * Creates a layer once the shape of its input is known. A network's builder takes a factory: one of a built-in layer,
 * such as {@link nn.layers.dense.Dense#units} or {@link nn.layers.recurrent.Rnn#units}, or a lambda.
 */
@FunctionalInterface
public interface LayerFactory {
    /**
     * Makes the layer.
     *
     * @param in the shape of its input, with {@link Shape#ANY} for batch and time
     * @param key the layer's own key: the network's child by the layer's name
     * @return the layer, initialized
     * @throws nn.tensor.ShapeException if the layer cannot take this input
     */
    Layer create(Shape in, Key key);

    /**
     * Returns a factory for a layer that a given nonlinearity follows, so that its default weights suit the
     * nonlinearity.
     *
     * @param next the nonlinearity
     * @return a factory; this one by default
     */
    default LayerFactory followedBy(Nonlinearity next) {
        Objects.requireNonNull(next, "next");
        return this;
    }

    /**
     * The nonlinearity that a new layer applies, if it is an activation. The layer before may choose its weights by it.
     *
     * @return empty by default
     */
    default Optional<Nonlinearity> nonlinearity() {
        return Optional.empty();
    }

    /**
     * Whether the layer is {@linkplain Layer#isTransparent transparent}: a layer before it chooses its weights by the
     * nonlinearity after it.
     *
     * @return false by default
     */
    default boolean isTransparent() {
        return false;
    }
}
