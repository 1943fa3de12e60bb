package nn.layers.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import nn.layers.Layer;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;

/**
 * Says where a shape comes from that a layer of a chain refuses, and what to change.
 *
 * @param input shape of the network's input
 * @param before the layers before, by name
 * @param shapes the shapes of their outputs
 */
record ShapeOrigin(Shape input, SequencedMap<String, Layer> before, List<Shape> shapes) {
    private static final Pattern LAST_NUMBER = Pattern.compile("(\\d+)]$");

    /** Returns the end of the message for a layer that refuses the output of the layer before. */
    String of(String name, ShapeException refusal) {
        int last = shapes.size() - 1;
        Shape given = shapes.isEmpty() ? input : shapes.get(last);
        Optional<Map.Entry<String, Layer>> source = Optional.empty();
        Shape reached = input; // the input of the source
        for (Map.Entry<String, Layer> entry : before.reversed().entrySet()) {
            reached = last == 0 ? input : shapes.get(last - 1);
            if (!entry.getValue().parametersByPath().isEmpty() || !reached.equals(shapes.get(last))) {
                source = Optional.of(entry);
                break; // later layers, such as activations, keep its shape
            }
            last--;
        }
        String from = source.map(entry -> ". The layer before, '" + entry.getKey() + "' ("
                        + Description.of(entry.getValue()) + "), gives ")
                .orElse(". The network's input is ");
        if (given.rank() > 0 && given.dim(-1) == Shape.ANY) {
            return from + given + (source.isPresent() ? " for its input " + reached : "") + ": " + free(reached);
        }
        Matcher wanted = LAST_NUMBER.matcher(refusal.expected());
        if (given.rank() == 0 || !wanted.find() || wanted.group(1).equals(String.valueOf(given.dim(-1)))) {
            return from + given;
        }
        String other = source.map(entry -> entry.getKey() + " with " + wanted.group(1) + " units")
                .orElseGet(() -> "the input with " + wanted.group(1) + " features");
        String features = source.isPresent() ? given.dim(-1) + " features" : given.toString();
        return from + features + ": declare " + name + " with " + given.dim(-1) + " inputs or " + other;
    }

    /** Names the free dimensions after the first, and what to do about them. */
    private static String free(Shape shape) {
        List<String> free = new ArrayList<>();
        for (int axis = 1; axis < shape.rank(); axis++) {
            if (shape.dim(axis) == Shape.ANY) {
                free.add(String.valueOf(axis));
            }
        }
        return free.isEmpty()
                ? "let it have a known last dimension"
                : "of " + shape + (free.size() == 1 ? " dimension " : " dimensions ") + String.join(" and ", free)
                        + " (counted from 0) " + (free.size() == 1 ? "is" : "are")
                        + " free; give the network's input a number there, as in input(Shape.of(Shape.ANY, 5, 4))";
    }
}
