package nn.layers.internal.summary;

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
 * The table of a model's {@link Layer#summary}: its layers, their output shapes, and its parameters. It has 80 columns
 * unless a long name or path widens one: names are not cut.
 */
public final class Summary {
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

    /** A table without lines. */
    public Summary() {
        lines.add(new Line("name", "layer", "output", "parameters"));
    }

    /**
     * Adds an input.
     *
     * @param name may be empty
     * @param shape its shape
     */
    public void input(String name, Shape shape) {
        lines.add(new Line(name, "input", shape.toString(), ""));
    }

    /**
     * Adds a layer and its parameters.
     *
     * @param name of the layer
     * @param layer the layer
     * @param shape of its output
     */
    public void layer(String name, Layer layer, Shape shape) {
        int place = lines.size();
        long trainableBefore = trainable;
        long statisticsBefore = statistics;
        layer.parametersByPath().forEach((path, parameter) -> add("  .", name + ".", path, parameter));
        String count = count(trainable - trainableBefore, statistics - statisticsBefore, "", " + ", "");
        String text = Description.of(layer).replaceAll("\\R", " "); // a line of the table each
        lines.add(place, new Line(name, text, shape.toString(), count));
    }

    /**
     * Adds a parameter of the model itself.
     *
     * @param parameter the parameter
     */
    public void parameter(Parameter parameter) {
        add("", "", parameter.name(), parameter);
    }

    private void add(String indent, String parent, String path, Parameter parameter) {
        boolean statistic = parameter.kind() == Parameter.Kind.STATISTIC;
        String first = seen.putIfAbsent(parameter, parent + path);
        String scheme = first == null
                ? Description.of(parameter.initializer()) + (statistic ? ", a statistic" : "")
                : "shared, see " + first;
        if (first == null && statistic) {
            statistics += parameter.value().size();
        } else if (first == null) {
            trainable += parameter.value().size();
        }
        lines.add(new Line(indent + path, parameter.value().shape().toString(), null, scheme));
    }

    /**
     * Adds an operation without parameters.
     *
     * @param name of the result
     * @param text of the operation
     * @param shape of the result
     */
    public void operation(String name, String text, Shape shape) {
        lines.add(new Line(name, text, shape.toString(), ""));
    }

    /**
     * Says what the layer or operation before is applied to, if that is not the line above it.
     *
     * @param names of the operands
     */
    public void from(List<String> names) {
        lines.add(new Line("  of", String.join(", ", names), null, ""));
    }

    private static String count(long trainable, long statistics, String unit, String and, String statisticsUnit) {
        return number(trainable) + unit + (statistics == 0 ? "" : and + number(statistics) + statisticsUnit);
    }

    /**
     * Lays the table out.
     *
     * @return several lines, the last one with the sums
     */
    public String text() {
        int name = Math.max(NAME, longest(Line::name));
        int room = WIDTH - COUNT - 3 - name; // for layer and shape
        int leastLayer = Math.min(longest(Line::layer), LAYER);
        int shape = Math.max(longest(Line::shape), Math.min(SHAPE, room - leastLayer));
        int layer = Math.max(leastLayer, Math.min(LAYER, room - shape));
        StringBuilder text = new StringBuilder();
        for (Line line : lines) {
            if (line.shape() == null && line.last().isEmpty()) {
                text.append(column(line.name(), name))
                        .append(' ')
                        .append(line.layer())
                        .append('\n');
                continue;
            }
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
