package nn.examples.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import nn.examples.claims.Card;
import nn.examples.claims.Result;
import nn.examples.experiment.Basis;
import nn.examples.experiment.Measurement;
import nn.examples.experiment.Over;
import nn.examples.experiment.RawTable;

/** Results as files for other programs. The files do not depend on the machine, the time or the number of threads. */
public final class ResultFiles {
    private static final String ALL = "findings.csv";

    private ResultFiles() {}

    /**
     * Returns results as JSON. A missing bound is {@code null}; infinity and NaN are text.
     *
     * @param results of a run
     * @param seed the seed of the run
     * @param quick whether it was a quick run
     * @return the text of a file
     */
    public static String json(List<Result> results, long seed, boolean quick) {
        return JsonWriter.exact(JsonWriter.map(
                "seed",
                seed,
                "quick",
                quick,
                "accepted",
                results.stream().allMatch(Result::accepted),
                "claims",
                results.stream().map(ResultFiles::claim).toList()));
    }

    private static Map<String, Object> claim(Result result) {
        Card card = result.entry().card();
        return JsonWriter.map(
                "id", card.id(),
                "ids", card.ids(),
                "family", result.entry().family(),
                "text", card.text(),
                "verdict", card.verdict().name(),
                "statement", card.statement(),
                "derivation", card.derivation(),
                "accepted", result.accepted(),
                "failure", result.failure().isEmpty() ? null : result.failure(),
                "findings",
                        result.measurements().stream()
                                .map(ResultFiles::measurement)
                                .toList());
    }

    private static Map<String, Object> measurement(Measurement m) {
        return JsonWriter.map(
                "quantity", m.quantity(),
                "over", m.over() == Over.NOTHING ? null : m.over().name(),
                "basis", m.basis().name(),
                "predicted", m.basis() == Basis.NONE ? null : (Object) m.predicted(),
                "measured", m.measured(),
                "margin", m.margin(),
                "low", Double.isInfinite(m.low()) ? null : (Object) m.low(),
                "high", Double.isInfinite(m.high()) ? null : (Object) m.high(),
                "accepted", m.accepted());
    }

    /**
     * Returns raw measurements as CSV (RFC 4180): {@code ID.csv} with the repetitions behind the measurements of a
     * claim, {@code ID-TABLE.csv} with its tables, {@code findings.csv} with the measurements of all.
     *
     * @param results of a run
     * @return the texts of files, by their names
     */
    public static SequencedMap<String, String> csv(List<Result> results) {
        SequencedMap<String, String> files = new LinkedHashMap<>();
        StringBuilder measurements =
                new StringBuilder("claim,quantity,over,basis,predicted,measured,margin,low,high,accepted\n");
        for (Result result : results) {
            String id = result.entry().id();
            for (Measurement m : result.measurements()) {
                measurements
                        .append(String.join(
                                ",",
                                id,
                                cell(m.quantity()),
                                m.over().name(),
                                m.basis().name(),
                                number(m.predicted()),
                                number(m.measured()),
                                number(m.margin()),
                                number(m.low()),
                                number(m.high()),
                                String.valueOf(m.accepted())))
                        .append('\n');
            }
            if (!result.samples().isEmpty()) {
                StringBuilder text = new StringBuilder("quantity,repetition,value\n");
                for (RawTable.Column sample : result.samples()) {
                    for (int i = 0; i < sample.values().length; i++) {
                        text.append(cell(sample.name()))
                                .append(',')
                                .append(i)
                                .append(',')
                                .append(number(sample.values()[i]))
                                .append('\n');
                    }
                }
                files.put(id + ".csv", text.toString());
            }
            for (RawTable table : result.tables()) {
                files.put(id + "-" + table.name().replaceAll("[^A-Za-z0-9]+", "-") + ".csv", csv(table));
            }
        }
        files.put(ALL, measurements.toString());
        return files;
    }

    /**
     * Returns whether {@link #csv} may write a file of a name for a claim.
     *
     * @param name of a file
     * @param id of the claim
     * @return whether it is that of a table of the claim, or of all measurements
     */
    public static boolean isTable(String name, String id) {
        return name.equals(ALL) || name.equals(id + ".csv") || name.startsWith(id + "-") && name.endsWith(".csv");
    }

    private static String csv(RawTable table) {
        StringBuilder text = new StringBuilder();
        text.append(String.join(
                        ",", table.columns().stream().map(c -> cell(c.name())).toList()))
                .append('\n');
        int rows = table.columns().isEmpty() ? 0 : table.columns().getFirst().values().length;
        for (int row = 0; row < rows; row++) {
            int r = row;
            text.append(String.join(
                            ",",
                            table.columns().stream()
                                    .map(c -> number(c.values()[r]))
                                    .toList()))
                    .append('\n');
        }
        return text.toString();
    }

    private static String number(double x) {
        return x == Math.rint(x) && Math.abs(x) < 1e15 ? String.valueOf((long) x) : String.valueOf(x);
    }

    /** Returns a text as a cell of CSV, in quotation marks if it needs them. */
    static String cell(String text) {
        return text.matches("[^\",\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
