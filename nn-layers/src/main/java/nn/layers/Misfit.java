package nn.layers;

import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;

/** Says which layer of a chain cannot take what reaches it, where that comes from, and what to change. */
final class Misfit {
    private static final Pattern LAST_NUMBER = Pattern.compile("(\\d+)]$");

    private Misfit() {}

    /** A layer's complaint about a shape, told with the layer's name and more. */
    static ShapeException in(String name, Layer layer, ShapeException complaint, String more) {
        String own = layer + ": ";
        String message = complaint.getMessage();
        String what = message.startsWith(own) ? message.substring(own.length()) : message; // named once is enough
        return retold("layer '" + name + "' (" + Description.of(layer) + "): " + what + more, complaint);
    }

    /** The same complaint in other words. */
    static ShapeException retold(String text, ShapeException complaint) {
        ShapeException retold = new ShapeException(text, complaint.expected(), complaint.actual());
        retold.initCause(complaint);
        return retold;
    }

    /** Where the shape comes from that a layer complains of, and what to change. */
    static String origin(String name, SequencedMap<String, Layer> before, Shape given, ShapeException complaint) {
        Optional<Map.Entry<String, Layer>> source = before.reversed().entrySet().stream()
                .filter(entry -> !passesOn(entry.getValue(), given))
                .findFirst();
        String from = source.map(entry ->
                        ". The layer before, '" + entry.getKey() + "' (" + Description.of(entry.getValue())
                                + "), gives ")
                .orElse(". The network's input is ");
        Matcher wanted = LAST_NUMBER.matcher(complaint.expected());
        if (given.rank() == 0 || !wanted.find() || wanted.group(1).equals(String.valueOf(given.dim(-1)))) {
            return from + given;
        }
        String other = source.map(entry -> entry.getKey() + " with " + wanted.group(1) + " units")
                .orElseGet(() -> "the input with " + wanted.group(1) + " features");
        String features = source.isPresent() ? given.dim(-1) + " features" : given.toString();
        return from + features + ": declare " + name + " with " + given.dim(-1) + " inputs or " + other;
    }

    /** Whether a layer, such as an activation, passes a shape on, so that what gave it stands further up. */
    private static boolean passesOn(Layer layer, Shape shape) {
        try {
            return layer.parameters().isEmpty() && layer.outputShape(shape).equals(shape);
        } catch (ShapeException e) {
            return false;
        }
    }
}
