package nn.layers;

import nn.tensor.Key;
import nn.tensor.Shape;

/**
 * Creates a layer that may stand between another layer and its nonlinearity.
 *
 * @param factory makes the layer
 */
record TransparentFactory(LayerFactory factory) implements LayerFactory {
    @Override
    public Layer create(Shape in, Key key) {
        return factory.create(in, key);
    }

    @Override
    public boolean isTransparent() {
        return true;
    }
}
