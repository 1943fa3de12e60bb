package nn.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * History of a {@link Trainer#fit}, epoch by epoch. Training loss and validation loss have the same definition: the
 * mean, or with {@link nn.train.loss.Reduction#SUM} the sum, over all examples.
 *
 * @param epochs one report for each finished epoch, in order; empty if there is none, for example if a resumed fit had
 *     done all its epochs before
 * @param stopReason the reason why it ended
 */
public record History(List<EpochReport> epochs, StopReason stopReason) {
    /**
     * Keeps a copy.
     *
     * @throws NullPointerException if an argument or a report is null
     */
    public History {
        Objects.requireNonNull(epochs, "epochs")
                .forEach(report -> Objects.requireNonNull(report, "the report of an epoch"));
        epochs = List.copyOf(epochs);
        Objects.requireNonNull(stopReason, "stopReason");
    }

    /**
     * Returns the report of the last epoch.
     *
     * @return the report
     * @throws NoSuchElementException if this call finished no epoch: it was cancelled before, or resumed a fit whose
     *     epochs were all done
     */
    public EpochReport last() {
        if (epochs.isEmpty() && (stopReason == StopReason.COMPLETED || stopReason == StopReason.STOPPED_EARLY)) {
            throw new NoSuchElementException("this call made no epoch, so there is no last one: it resumed a fit whose"
                    + " epochs were all done (" + stopReason + "). Their reports are in the history of the call that"
                    + " made them; measure the model by nn.train.metric.Metrics, or check epochs() first");
        }
        if (epochs.isEmpty()) {
            throw new NoSuchElementException("no epoch was finished, so there is no last one: the fit ended "
                    + stopReason
                    + "; check epochs() first");
        }
        return epochs.getLast();
    }

    /** Returns the names of all metrics, in order of appearance; reports of several fits may differ in them. */
    private List<String> metrics() {
        return epochs.stream()
                .flatMap(e -> e.metrics().keySet().stream())
                .distinct()
                .toList();
    }

    /** Returns the names of all observations, in order of appearance. */
    private List<String> observations() {
        return epochs.stream()
                .flatMap(e -> e.observations().keySet().stream())
                .distinct()
                .toList();
    }

    private static double observed(EpochReport e, String name) {
        return e.observations().getOrDefault(name, Double.NaN);
    }

    private static double measured(EpochReport e, String metric) {
        return e.metrics().getOrDefault(metric, Double.NaN);
    }

    private boolean validated() {
        return epochs.stream()
                .anyMatch(e -> !Double.isNaN(e.validationLoss()) || !e.metrics().isEmpty());
    }

    /** Returns a table with a line for each epoch, and columns of validation and observers, if there are any. */
    @Override
    public String toString() {
        StringBuilder table = new StringBuilder("epoch         loss    grad norm    steps  examples  seconds");
        if (validated()) {
            table.append("   validation");
            metrics().forEach(name -> table.append(String.format(Locale.ROOT, " %12s", name)));
        }
        observations().forEach(name -> table.append(String.format(Locale.ROOT, " %12s", name)));
        table.append('\n');
        for (EpochReport e : epochs) {
            table.append(String.format(
                    Locale.ROOT,
                    "%5d %12.6g %12.6g %8d %9d %8.2f",
                    e.epoch(),
                    e.loss(),
                    e.gradientNorm(),
                    e.steps(),
                    e.examples(),
                    e.seconds()));
            if (validated()) {
                table.append(String.format(Locale.ROOT, " %12.6g", e.validationLoss()));
                metrics().forEach(name -> table.append(String.format(Locale.ROOT, " %12.6g", measured(e, name))));
            }
            observations().forEach(name -> table.append(String.format(Locale.ROOT, " %12.6g", observed(e, name))));
            table.append('\n');
        }
        return table.toString();
    }

    private static final Set<String> COLUMNS = Set.of(
            "epoch",
            "loss",
            "gradient_norm",
            "rate",
            "steps",
            "examples",
            "seconds",
            "validation_loss",
            "validation",
            "grad norm");

    /** Refuses the name of a metric or an observation that is blank or names a column of every history. */
    static void requireName(String what, String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException(what + "'s name is '" + name + "'; it must not be blank");
        }
        if (COLUMNS.contains(name) || COLUMNS.contains("validation_" + name)) {
            throw new IllegalArgumentException(what + " cannot be called '" + name + "': a history has a column of"
                    + " that name; choose another, such as 'my " + name + "'");
        }
    }

    /** Returns the columns of one epoch; their texts read back as the same numbers. */
    private SequencedMap<String, Number> columns(EpochReport e) {
        SequencedMap<String, Number> columns = new LinkedHashMap<>();
        columns.put("epoch", e.epoch());
        columns.put("loss", e.loss());
        columns.put("gradient_norm", e.gradientNorm());
        columns.put("rate", e.rate());
        columns.put("steps", e.steps());
        columns.put("examples", e.examples());
        columns.put("seconds", e.seconds());
        columns.put("validation_loss", e.validationLoss());
        metrics().forEach(name -> columns.put("validation_" + name, measured(e, name)));
        observations().forEach(name -> columns.put("observed_" + name, observed(e, name)));
        return columns;
    }

    /**
     * Returns the reports as comma-separated values (RFC 4180, but lines end with a line feed only), with a header:
     * {@code epoch, loss, gradient_norm, rate, steps, examples, seconds, validation_loss}, and {@code validation_} with
     * the name of each metric, {@code observed_} with that of each observation, NaN where it was not
     * measured. {@link Double#parseDouble} reads all numbers back exactly, {@code NaN} included.
     *
     * @return the header and a line for each epoch; an empty text if there is no epoch
     */
    public String toCsv() {
        if (epochs.isEmpty()) {
            return "";
        }
        List<String> lines = new ArrayList<>();
        lines.add(columns(epochs.getFirst()).keySet().stream().map(History::csv).collect(Collectors.joining(",")));
        for (EpochReport e : epochs) {
            lines.add(columns(e).values().stream().map(String::valueOf).collect(Collectors.joining(",")));
        }
        return String.join("\n", lines) + "\n";
    }

    private static String csv(String name) {
        return name.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                ? '"' + name.replace("\"", "\"\"") + '"'
                : name;
    }

    /**
     * Returns the history as JSON (RFC 8259): {@code {"stop_reason": "COMPLETED", "epochs": [{"epoch": 1, "loss": 0.5,
     * ...}, ...]}}, with the names of {@link #toCsv}. Numbers read back exactly; NaN and infinities, which JSON lacks,
     * become null.
     *
     * @return an object, with one line for each epoch
     */
    public String toJson() {
        return "{\"stop_reason\": \"" + stopReason + "\", \"epochs\": ["
                + epochs.stream().map(e -> "\n  " + json(columns(e))).collect(Collectors.joining(","))
                + (epochs.isEmpty() ? "" : "\n") + "]}\n";
    }

    private static String json(SequencedMap<String, Number> columns) {
        List<String> members = new ArrayList<>();
        for (Map.Entry<String, Number> column : columns.entrySet()) {
            String value = Double.isFinite(column.getValue().doubleValue())
                    ? column.getValue().toString()
                    : "null";
            members.add(quoted(column.getKey()) + ": " + value);
        }
        return "{" + String.join(", ", members) + "}";
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
