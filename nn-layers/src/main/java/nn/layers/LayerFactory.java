package nn.layers;

import nn.tensor.Key;
import nn.tensor.Shape;

/** Makes a layer when a network is built, once the shape that reaches it is known. */
@FunctionalInterface
public interface LayerFactory {
    /**
     * Makes the layer.
     *
     * @param in the shape of its input, with {@link Shape#ANY} for the batch (and the time)
     * @param key the layer's key, which depends on its name and on nothing else in the network
     * @return a layer that takes this input
     */
    Layer create(Shape in, Key key);
}
