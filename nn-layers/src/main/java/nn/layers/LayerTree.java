package nn.layers;

import java.util.AbstractList;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a model and the parameters that each of them has itself, by path. {@link Layer#layersByPath} and {@link
 * Layer#parametersByPath} use this walk. It iterates, so deep models do not overflow the stack, and it visits a layer
 * used in several places once.
 */
public final class LayerTree {
    private static final int MAX_NAMES = 20; // in a message
    private static final int MAX_LEVELS = 2_000;

    private final SequencedMap<String, Layer> layers = new LinkedHashMap<>(); // a layer before its children
    private final List<Open> childrenFirst = new ArrayList<>();
    private final Map<Layer, String> paths = new IdentityHashMap<>();
    private final Map<Layer, List<Parameter>> own = new IdentityHashMap<>();
    private final SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();

    /**
     * Walks a tree.
     *
     * @param root the layer, or the model
     * @throws IllegalArgumentException as for {@link Layer#parametersByPath}
     * @throws NullPointerException as for {@link Layer#parametersByPath}
     */
    public LayerTree(Layer root) {
        this("", root);
    }

    /**
     * Walks a part of a larger tree.
     *
     * @param path of the root in the larger tree
     * @param root the layer
     * @throws IllegalArgumentException as for {@link Layer#parametersByPath}
     * @throws NullPointerException as for {@link Layer#parametersByPath}
     */
    public LayerTree(String path, Layer root) {
        walk(path, root);
        claim();
        nameParameters();
    }

    /**
     * Every layer once, under the first path that leads to it.
     *
     * @return the layers; a layer before its children
     */
    public SequencedMap<String, Layer> layers() {
        return layers;
    }

    /**
     * Every parameter once, by path.
     *
     * @return the parameters
     */
    public SequencedMap<String, Parameter> parameters() {
        return parameters;
    }

    /**
     * The parameters that a layer has itself, without those of its children.
     *
     * @param layer a layer of the tree
     * @return the parameters; empty for a layer of another tree
     */
    public List<Parameter> own(Layer layer) {
        return own.getOrDefault(layer, List.of());
    }

    /** A layer whose children are being visited. */
    private record Open(Layer layer, String path, Iterator<Map.Entry<String, Layer>> children) {}

    private void walk(String rootPath, Layer root) {
        Deque<Open> open = new ArrayDeque<>();
        open.push(enter(rootPath, root));
        while (!open.isEmpty()) {
            Open place = open.peek();
            if (!place.children().hasNext()) {
                open.pop();
                childrenFirst.add(place);
                continue;
            }
            Map.Entry<String, Layer> child = place.children().next();
            String path = join(place.path(), child.getKey());
            String first = paths.get(child.getValue());
            if (first == null) {
                if (open.size() == MAX_LEVELS) {
                    throw new IllegalArgumentException("layers are nested more than " + MAX_LEVELS + " deep, at '"
                            + shortened(path) + "': put them one behind the other in one network; or does a children()"
                            + " make new layers at every call?");
                }
                open.push(enter(path, child.getValue()));
            } else if (open.stream().anyMatch(above -> above.layer() == child.getValue())) {
                throw new IllegalArgumentException("layer '" + shortened(path) + "' is "
                        + named(first, child.getValue()) + " again, so that layer would contain itself: a layer's"
                        + " children() may not lead back to it");
            }
        }
    }

    private Open enter(String path, Layer layer) {
        paths.put(layer, path);
        layers.put(path, layer);
        return new Open(layer, path, children(path, layer).entrySet().iterator());
    }

    /** Asks twice, since a layer that returns other objects each time cannot be trained. */
    private static SequencedMap<String, Layer> children(String path, Layer layer) {
        SequencedMap<String, Layer> children = layer.children();
        requireAnswer(children, path, layer, "children()");
        children.forEach((name, child) -> {
            if (name == null || child == null) {
                throw new NullPointerException(named(path, layer) + ": its children() has null for the "
                        + (name == null ? "name of a layer" : "layer '" + name + "'"));
            }
            if (name.isEmpty() || name.indexOf('.') >= 0) {
                throw new IllegalArgumentException(named(path, layer) + ": its children() has the name '" + name
                        + "': a name is not empty and has no dot, as dots separate the parts of a path");
            }
        });
        SequencedMap<String, Layer> again = layer.children();
        if (again != children) {
            requireAnswer(again, path, layer, "children()");
            requireSame(children.values().iterator(), again.values().iterator(), path, layer, "children()");
        }
        return children;
    }

    private static List<Parameter> listed(String path, Layer layer) {
        List<Parameter> listed = layer.parameters();
        requireAnswer(listed, path, layer, "parameters()");
        if (listed instanceof AllParameters) {
            return List.of(); // only its children have some
        }
        for (Parameter parameter : listed) {
            if (parameter == null) {
                throw new NullPointerException(named(path, layer) + ": its parameters() has a null");
            }
        }
        List<Parameter> again = layer.parameters();
        if (again != listed) {
            requireAnswer(again, path, layer, "parameters()");
            requireSame(listed.iterator(), again.iterator(), path, layer, "parameters()");
        }
        return listed;
    }

    private static void requireAnswer(@Nullable Object answer, String path, Layer layer, String method) {
        if (answer == null) {
            throw new NullPointerException(
                    named(path, layer) + ": its " + method + " returned null; return an empty one if there are none");
        }
    }

    private static void requireSame(Iterator<?> first, Iterator<?> second, String path, Layer layer, String method) {
        boolean same = true;
        while (same && first.hasNext() && second.hasNext()) {
            same = first.next() == second.next();
        }
        if (!same || first.hasNext() || second.hasNext()) {
            throw new IllegalArgumentException(named(path, layer) + ": its " + method
                    + " gives other objects at a second call: make them once, in the constructor, and keep them in"
                    + " fields");
        }
    }

    /** Assigns each parameter to the innermost layer that lists it, or to the first of several. */
    private void claim() {
        Map<Parameter, Layer> owners = new IdentityHashMap<>();
        for (Open place : childrenFirst) {
            Layer layer = place.layer();
            List<Parameter> claimed = new ArrayList<>();
            for (Parameter parameter : listed(place.path(), layer)) {
                if (owners.putIfAbsent(parameter, layer) == null) {
                    claimed.add(parameter);
                }
            }
            own.put(layer, List.copyOf(claimed));
        }
    }

    private void nameParameters() {
        layers.forEach((path, layer) -> {
            for (Parameter parameter : own(layer)) {
                String name = join(path, parameter.name());
                if (parameters.put(name, parameter) != null) {
                    throw new IllegalArgumentException(
                            "two parameters are named '" + name + "': their layer must give each a different name");
                }
            }
        });
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static String named(String path, Layer layer) {
        return (path.isEmpty() ? "the layer" : "layer '" + shortened(path) + "'") + " (" + Layer.describe(layer) + ")";
    }

    /** A path in a message. */
    private static String shortened(String path) {
        return path.length() <= 200 ? path : path.substring(0, 100) + "..." + path.substring(path.length() - 100);
    }

    /** Returns the value of a name; an error lists the existing names. */
    static <T> T find(String what, String name, SequencedMap<String, T> all) {
        T found = all.get(name);
        if (found == null) {
            int more = all.size() - MAX_NAMES;
            String names = all.keySet().stream().limit(MAX_NAMES).collect(Collectors.joining(", "));
            throw new IllegalArgumentException("no " + what + " is called '" + name + "'; there are "
                    + (all.isEmpty() ? "none" : names)
                    + (more > 0 ? " and " + more + " more" : ""));
        }
        return found;
    }

    /**
     * All parameters of a layer, found when they are first read: the walk asks every layer for its parameters, and must
     * not start another walk at each of them.
     */
    static final class AllParameters extends AbstractList<Parameter> {
        private final Layer layer;
        private @Nullable List<Parameter> found; // null before they are first read

        AllParameters(Layer layer) {
            this.layer = layer;
        }

        @Override
        public Parameter get(int index) {
            return found().get(index);
        }

        @Override
        public int size() {
            return found().size();
        }

        private List<Parameter> found() {
            List<Parameter> all = found;
            if (all == null) {
                all = List.copyOf(layer.parametersByPath().values());
                found = all;
            }
            return all;
        }
    }

    /** The first layer that is not made of others and does not only rearrange its input; it reads the model's input. */
    static Layer firstReader(Layer layer) {
        return new LayerTree(layer)
                .layers().values().stream()
                        .filter(part -> part.children().isEmpty() && !part.isTransparent())
                        .findFirst()
                        .orElse(layer);
    }
}
