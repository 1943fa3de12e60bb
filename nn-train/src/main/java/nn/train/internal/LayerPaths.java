package nn.train.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import nn.layers.Layer;

/** Layers by name, for messages. */
public final class LayerPaths {
    private LayerPaths() {}

    private record Place(String path, Layer layer) {}

    /**
     * Every layer of a tree by its path; one that stands in several places has the first. Iterates: depth is free.
     *
     * @param root has the empty path
     * @return layers by identity
     */
    public static Map<Layer, String> of(Layer root) {
        Map<Layer, String> paths = new IdentityHashMap<>();
        Deque<Place> open = new ArrayDeque<>();
        open.add(new Place("", root));
        while (!open.isEmpty()) {
            Place place = open.remove();
            if (paths.putIfAbsent(place.layer(), place.path()) == null) {
                String prefix = place.path().isEmpty() ? "" : place.path() + ".";
                place.layer().children().forEach((name, child) -> open.add(new Place(prefix + name, child)));
            }
        }
        return paths;
    }
}
