package nn.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import nn.tensor.Shape;

/** The table that {@link Network#summary} gives. */
final class Summary {
    private static final int NAME = 16;
    private static final int LAYER = 26;
    private static final int SHAPE = 20;

    private Summary() {}

    static String of(Network network, List<Shape> shapes) {
        StringBuilder text = new StringBuilder();
        text.append(String.format("%-16s %-26s %-20s %12s%n", "name", "layer", "output", "parameters"));
        text.append(String.format("%-16s %-26s %-20s%n", "", "input", network.inputShape()));
        int i = 0;
        for (Map.Entry<String, Layer> entry : network.children().entrySet()) {
            Layer layer = entry.getValue();
            text.append(String.format(
                    Locale.ROOT,
                    "%-16s %-26s %-20s %,12d%n",
                    cut(entry.getKey(), NAME),
                    cut(described(layer), LAYER),
                    cut(shapes.get(i).toString(), SHAPE),
                    count(layer.parameters())));
            for (Parameter p : layer.parameters()) {
                text.append(String.format(
                        Locale.ROOT, "  %-14s %-26s %s%n", cut("." + p.name(), NAME - 2), p.value().shape(), scheme(p)));
            }
            i++;
        }
        long total = count(new ArrayList<>(network.parametersByPath().values()));
        return text.append(String.format(Locale.ROOT, "%,d parameters, %,d bytes%n", total, 4 * total))
                .toString();
    }

    private static String described(Layer layer) {
        return layer.toString().contains("@") ? layer.getClass().getSimpleName() : layer.toString();
    }

    /** A lambda has no name to print. */
    private static String scheme(Parameter p) {
        return p.initializer().getClass().isHidden() ? "a lambda" : p.initializer().toString();
    }

    private static long count(List<Parameter> parameters) {
        return parameters.stream().mapToLong(p -> p.value().size()).sum();
    }

    private static String cut(String text, int width) {
        return text.length() <= width ? text : text.substring(0, width - 3) + "...";
    }
}
