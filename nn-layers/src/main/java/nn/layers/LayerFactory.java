package nn.layers;

import java.util.Objects;
import java.util.Optional;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Key;
import nn.tensor.Shape;

/**
 * Makes a layer once its input is known: what a network's builder takes. A lambda will do; {@link
 * nn.layers.dense.Dense#units} and {@link nn.layers.recurrent.Rnn#units} give those of the built-in layers.
 */
@FunctionalInterface
public interface LayerFactory {
    /**
     * Makes the layer.
     *
     * @param in the shape of its input, with {@link Shape#ANY} for batch and time
     * @param key the layer's own key: the network's child by the layer's name
     * @return the layer, initialized
     * @throws nn.tensor.ShapeException if there is no such layer for this input
     */
    Layer create(Shape in, Key key);

    /**
     * A factory for a layer that a given activation follows directly, so that a default scheme can suit it.
     *
     * @param next the nonlinearity
     * @return a factory; this one if it does not care
     */
    default LayerFactory followedBy(Nonlinearity next) {
        Objects.requireNonNull(next, "next");
        return this;
    }

    /**
     * The nonlinearity that the layer is when new, if it is one: the layer before may have its weights suit it.
     *
     * @return empty if it is none
     */
    default Optional<Nonlinearity> nonlinearity() {
        return Optional.empty();
    }

    /**
     * Whether the layer is {@linkplain Layer#isTransparent transparent}: a layer before it has its weights suit the
     * nonlinearity behind it.
     *
     * @return false unless a factory says otherwise
     */
    default boolean isTransparent() {
        return false;
    }

    /**
     * A factory of {@linkplain #isTransparent transparent} layers.
     *
     * @param factory makes the layer
     * @return the factory
     */
    static LayerFactory transparent(LayerFactory factory) {
        return new TransparentFactory(Objects.requireNonNull(factory, "factory"));
    }
}
