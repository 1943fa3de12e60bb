package nn.layers.network;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.tensor.Description;
import nn.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * The table that {@link Network#summary} returns. It has 80 columns unless a long name or path widens one: names are
 * not cut.
 */
final class Summary {
    private static final int WIDTH = 80;
    private static final int NAME = 18;
    private static final int LAYER = 24;
    private static final int SHAPE = 22;
    private static final int COUNT = WIDTH - NAME - LAYER - SHAPE - 3;

    /**
     * A line of the table.
     *
     * @param shape the output's shape; null in the line of a parameter
     * @param last a count, or how a parameter was initialized
     */
    private record Line(String name, String layer, @Nullable String shape, String last) {}

    private final List<Line> lines = new ArrayList<>();
    private final Map<Parameter, String> seen = new IdentityHashMap<>();
    private long trainable;
    private long statistics;

    private Summary(Network network, List<Shape> shapes) {
        lines.add(new Line("name", "layer", "output", "parameters"));
        lines.add(new Line("", "input", network.inputShape().toString(), ""));
        int i = 0;
        for (Map.Entry<String, Layer> child : network.children().entrySet()) {
            add(child.getKey(), child.getValue(), shapes.get(i).toString());
            i++;
        }
    }

    private void add(String name, Layer layer, String shape) {
        int place = lines.size();
        long trainableBefore = trainable;
        long statisticsBefore = statistics;
        layer.parametersByPath().forEach((path, parameter) -> {
            boolean statistic = parameter.kind() == Parameter.Kind.STATISTIC;
            String first = seen.putIfAbsent(parameter, name + "." + path);
            String scheme = first == null
                    ? Description.of(parameter.initializer()) + (statistic ? ", a statistic" : "")
                    : "shared, see " + first;
            if (first == null && statistic) {
                statistics += parameter.value().size();
            } else if (first == null) {
                trainable += parameter.value().size();
            }
            lines.add(new Line("  ." + path, parameter.value().shape().toString(), null, scheme));
        });
        String count = count(trainable - trainableBefore, statistics - statisticsBefore, "", " + ", "");
        String text = Description.of(layer).replaceAll("\\R", " "); // a line of the table each
        lines.add(place, new Line(name, text, shape, count));
    }

    private static String count(long trainable, long statistics, String unit, String and, String statisticsUnit) {
        return number(trainable) + unit + (statistics == 0 ? "" : and + number(statistics) + statisticsUnit);
    }

    static String of(Network network, List<Shape> shapes) {
        return new Summary(network, shapes).text();
    }

    private String text() {
        int name = Math.max(NAME, longest(Line::name));
        int room = WIDTH - COUNT - 3 - name; // for layer and shape
        int leastLayer = Math.min(longest(Line::layer), LAYER);
        int shape = Math.max(longest(Line::shape), Math.min(SHAPE, room - leastLayer));
        int layer = Math.max(leastLayer, Math.min(LAYER, room - shape));
        StringBuilder text = new StringBuilder();
        for (Line line : lines) {
            String begin = column(line.name(), name) + " " + column(line.layer(), layer) + " ";
            String end = line.shape() == null
                    ? line.last()
                    : column(line.shape(), shape) + " "
                            + " ".repeat(Math.max(0, COUNT - line.last().length())) + line.last();
            text.append((begin + end).stripTrailing()).append('\n');
        }
        String bytes = number(Float.BYTES * (trainable + statistics)) + " bytes";
        return text.append(count(trainable, statistics, " parameters", " and ", " running statistics"))
                .append(", ")
                .append(bytes)
                .append('\n')
                .toString();
    }

    private int longest(Function<Line, @Nullable String> part) {
        return lines.stream()
                .map(part)
                .filter(Objects::nonNull)
                .mapToInt(String::length)
                .max()
                .orElse(0);
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
