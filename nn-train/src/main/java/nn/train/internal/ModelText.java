package nn.train.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import nn.layers.Layer;
import nn.layers.Recurrent;
import nn.tensor.Shape;

/**
 * The architecture of a model as text: a line for each place of a layer, with its path and its {@linkplain StableText
 * text}. It walks the model itself, because {@link Layer#layersByPath} lists a layer in several places only once.
 */
public final class ModelText {
    private record Place(String path, Layer layer) {}

    private ModelText() {}

    /**
     * Describes a model. Iterates, because recursion would overflow the stack for deep models.
     *
     * @param model the model, whose path is empty
     * @return lines of path, tab and text, in the order of the layers
     */
    public static String of(Layer model) {
        StringBuilder lines = new StringBuilder();
        layers(model)
                .forEach((path, text) -> lines.append(lines.isEmpty() ? "" : "\n")
                        .append(path)
                        .append('\t')
                        .append(text));
        return lines.toString();
    }

    private static SequencedMap<String, String> layers(Layer model) {
        SequencedMap<String, String> texts = new LinkedHashMap<>();
        Map<Layer, String> first = new IdentityHashMap<>();
        Deque<Place> open = new ArrayDeque<>();
        open.push(new Place("", model));
        while (!open.isEmpty()) {
            Place place = open.pop();
            Layer layer = place.layer();
            String seen = first.putIfAbsent(layer, place.path());
            boolean shared = seen != null && !layer.parameters().isEmpty();
            texts.put(oneLine(place.path()), oneLine(text(layer) + (shared ? ", shared with '" + seen + "'" : "")));
            if (seen == null) {
                String prefix = place.path().isEmpty() ? "" : place.path() + ".";
                layer.children().reversed().forEach((name, child) -> open.push(new Place(prefix + name, child)));
            }
        }
        return texts;
    }

    /** Escapes what separates lines, and a path from its text: a name may have any character. */
    private static String oneLine(String text) {
        return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
    }

    /** Returns the text of a layer; that of a recurrent one also says whether it returns all states or the last. */
    private static String text(Layer layer) {
        return StableText.of(layer)
                + (layer instanceof Recurrent recurrent
                        ? " gives " + layer.outputShape(Shape.of(Shape.ANY, Shape.ANY, recurrent.inputs()))
                        : "");
    }

    /**
     * Compares a model with a text that {@link #of} returned.
     *
     * @param saved the text
     * @param model the model
     * @return a sentence for each layer that differs
     */
    public static List<String> differences(String saved, Layer model) {
        SequencedMap<String, String> then = new LinkedHashMap<>();
        saved.lines().forEach(line -> {
            int tab = line.indexOf('\t');
            then.put(line.substring(0, Math.max(tab, 0)), line.substring(tab + 1));
        });
        SequencedMap<String, String> now = layers(model);
        List<String> differences = new ArrayList<>();
        then.forEach((path, text) -> {
            String here = now.get(path);
            if (here == null) {
                differences.add(name(path) + " was " + text + "; here there is no such layer");
            } else if (!here.equals(text)) {
                differences.add(name(path) + " was " + text + ", here it is " + here);
            }
        });
        now.forEach((path, text) -> {
            if (!then.containsKey(path)) {
                differences.add(name(path) + " was not there; here it is " + text);
            }
        });
        if (differences.isEmpty() && !List.copyOf(then.keySet()).equals(List.copyOf(now.keySet()))) {
            differences.add(
                    "the layers were in the order " + then.keySet() + ", here they are in the order " + now.keySet());
        }
        return Collections.unmodifiableList(differences);
    }

    private static String name(String path) {
        return path.isEmpty() ? "the model" : "layer '" + path + "'";
    }
}
