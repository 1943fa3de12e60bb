package nn.layers;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import nn.tensor.Description;
import nn.tensor.Shape;

/** The table that {@link Network#summary} gives, in 80 columns. */
final class Summary {
    private static final int WIDTH = 80;
    private static final int NAME = 18;
    private static final int LAYER = 24;
    private static final int SHAPE = 22;
    private static final int COUNT = WIDTH - NAME - LAYER - SHAPE - 3;

    private Summary() {}

    static String of(Network network, List<Shape> shapes) {
        StringBuilder text = new StringBuilder();
        text.append(row("name", "layer", "output", "parameters"));
        text.append(row("", "input", network.inputShape().toString(), ""));
        Map<Parameter, String> seen = new HashMap<>();
        long total = 0;
        int i = 0;
        for (Map.Entry<String, Layer> child : network.children().entrySet()) {
            StringBuilder schemes = new StringBuilder();
            long count = 0;
            for (Map.Entry<String, Parameter> entry : child.getValue().parametersByPath().entrySet()) {
                Parameter p = entry.getValue();
                String first = seen.putIfAbsent(p, child.getKey() + "." + entry.getKey());
                String scheme = first == null ? Description.of(p.initializer()) : "shared, see " + first;
                count += first == null ? p.value().size() : 0;
                schemes.append(line("  " + column("." + entry.getKey(), NAME - 2) + " "
                        + column(p.value().shape().toString(), LAYER) + " " + scheme));
            }
            total += count;
            String kind = Description.of(child.getValue());
            text.append(row(child.getKey(), kind, shapes.get(i).toString(), number(count)));
            text.append(schemes);
            i++;
        }
        return text.append(line(number(total) + " parameters, " + number(Float.BYTES * total) + " bytes"))
                .toString();
    }

    private static String row(String name, String layer, String output, String count) {
        String right = " ".repeat(Math.max(0, COUNT - count.length())) + count;
        return line(column(name, NAME) + " " + column(layer, LAYER) + " " + column(output, SHAPE) + " " + right);
    }

    private static String line(String text) {
        return cut(text, WIDTH).stripTrailing() + "\n";
    }

    private static String column(String text, int width) {
        return cut(text, width) + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String cut(String text, int width) {
        return text.length() <= width ? text : text.substring(0, width - 3) + "...";
    }

    private static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }
}
