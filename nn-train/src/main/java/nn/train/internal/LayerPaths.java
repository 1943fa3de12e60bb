package nn.train.internal;

import java.util.IdentityHashMap;
import java.util.Map;
import nn.layers.Layer;

/** Layers by name, for messages. */
public final class LayerPaths {
    private LayerPaths() {}

    /**
     * Every layer of a tree by its path: {@link Layer#layersByPath}, the other way round.
     *
     * @param root has the empty path
     * @return layers by identity
     */
    public static Map<Layer, String> of(Layer root) {
        Map<Layer, String> paths = new IdentityHashMap<>();
        root.layersByPath().forEach((path, layer) -> paths.put(layer, path));
        return paths;
    }
}
