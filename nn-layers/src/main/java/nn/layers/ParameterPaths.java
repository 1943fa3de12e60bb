package nn.layers;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds the parameters of a tree of layers by path. Iterates, so depth costs no stack. */
final class ParameterPaths {
    private ParameterPaths() {}

    private static final int MOST = 20; // names in a message

    /** The value of a name; what is not there is refused with the names there are. */
    static <T> T find(String what, String name, SequencedMap<String, T> all) {
        T found = all.get(name);
        if (found == null) {
            int more = all.size() - MOST;
            throw new IllegalArgumentException("no " + what + " is called '" + name + "'; there are "
                    + (all.isEmpty() ? "none" : all.keySet().stream().limit(MOST).collect(Collectors.joining(", ")))
                    + (more > 0 ? " and " + more + " more" : ""));
        }
        return found;
    }

    private record Place(String prefix, Layer layer) {}

    /** Every parameter once, under the first path that leads to it, in order. */
    static SequencedMap<String, Parameter> of(Layer root) {
        SequencedMap<String, Parameter> found = new LinkedHashMap<>();
        Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Place> open = new ArrayDeque<>();
        open.push(new Place("", root));
        while (!open.isEmpty()) {
            Place place = open.pop();
            if (place.layer().children().isEmpty()) {
                for (Parameter p : place.layer().parameters()) {
                    if (seen.add(p) && found.put(place.prefix() + p.name(), p) != null) {
                        throw new IllegalArgumentException("two parameters are named '" + place.prefix() + p.name()
                                + "': their layer has to give each a name of its own");
                    }
                }
            }
            for (Map.Entry<String, Layer> child : place.layer().children().reversed().entrySet()) {
                open.push(new Place(place.prefix() + child.getKey() + ".", child.getValue()));
            }
        }
        return found;
    }
}
