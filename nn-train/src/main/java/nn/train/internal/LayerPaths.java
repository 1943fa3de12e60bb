package nn.train.internal;

import java.util.IdentityHashMap;
import java.util.Map;
import nn.layers.Layer;

/** Paths of layers, for messages. */
public final class LayerPaths {
    private LayerPaths() {}

    /**
     * Returns the path of every layer of a tree, the inverse of {@link Layer#layersByPath}.
     *
     * @param root the layer with the empty path
     * @return the paths; layers are compared by identity
     */
    public static Map<Layer, String> of(Layer root) {
        Map<Layer, String> paths = new IdentityHashMap<>();
        root.layersByPath().forEach((path, layer) -> paths.put(layer, path));
        return paths;
    }
}
