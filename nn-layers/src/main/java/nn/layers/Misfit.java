package nn.layers;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import nn.tensor.Shape;
import nn.tensor.ShapeException;

/** Says which layer of a chain cannot take what reaches it, where that comes from, and what to change. */
final class Misfit {
    private static final Pattern LAST_NUMBER = Pattern.compile("(\\d+)]$");

    private Misfit() {}

    /** A layer's own complaint, told with its name and the layers before it; the layer is empty if there is none yet. */
    static ShapeException of(
            Shape input, List<Network.Step> before, String name, String layer, ShapeException complaint) {
        String prefix = layer + ": ";
        String problem = complaint.getMessage();
        problem = problem.startsWith(prefix) ? problem.substring(prefix.length()) : problem;
        String text = "layer '" + name + "'" + (layer.isEmpty() ? "" : " (" + layer + ")") + ": " + problem + ". "
                + origin(input, before, name, complaint);
        ShapeException located = new ShapeException(text, complaint.expected(), complaint.actual());
        located.initCause(complaint);
        return located;
    }

    private static String origin(Shape input, List<Network.Step> before, String name, ShapeException complaint) {
        int at = before.size() - 1;
        while (at >= 0 && passesOn(before.get(at))) {
            at--;
        }
        boolean first = at < 0;
        Shape given = first ? input : before.get(at).out();
        String source = first
                ? "The network's input "
                : "The layer before, '" + before.get(at).name() + "' (" + describe(before.get(at).layer()) + "), ";
        Matcher wanted = LAST_NUMBER.matcher(complaint.expected());
        if (given.rank() == 0 || !wanted.find() || wanted.group(1).equals("" + given.dim(-1))) {
            return source + (first ? "is " : "gives ") + given;
        }
        return source + (first ? "has " : "gives ") + given.dim(-1) + " features: declare " + name + " with "
                + given.dim(-1) + " inputs or "
                + (first ? "the input with " + wanted.group(1) + " features"
                        : before.get(at).name() + " with " + wanted.group(1) + " units");
    }

    /** Whether a layer's output has its input's shape whatever that is, so that the one before it is to be named. */
    private static boolean passesOn(Network.Step step) {
        return step.in().equals(step.out()) && step.layer().parameters().isEmpty();
    }

    /** What a layer or an initializer calls itself; its class, if it does not say. */
    static String describe(Object thing) {
        Class<?> type = thing.getClass();
        String text = String.valueOf(thing);
        if (!text.startsWith(type.getName() + "@")) {
            return text;
        }
        return type.isHidden() || type.isAnonymousClass() ? "custom" : type.getSimpleName();
    }
}
