package nn.examples.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import nn.examples.claims.Card;
import nn.examples.claims.Result;
import nn.examples.experiment.Basis;
import nn.examples.experiment.Finding;
import nn.examples.experiment.Over;
import nn.examples.experiment.Table;

/** Results as files for other programs. Nothing in them depends on the machine, the time or the number of threads. */
public final class Measurements {
    private Measurements() {}

    /**
     * Results as JSON. A bound that is missing on one side is {@code null}; a number that is infinite or none is text.
     *
     * @param results of a run
     * @param seed that it ran with
     * @param quick whether it was a quick one
     * @return the text of a file
     */
    public static String json(List<Result> results, long seed, boolean quick) {
        return Json.exact(Json.map(
                "seed", seed,
                "quick", quick,
                "accepted", results.stream().allMatch(Result::accepted),
                "claims", results.stream().map(Measurements::claim).toList()));
    }

    private static Map<String, Object> claim(Result result) {
        Card card = result.entry().card();
        return Json.map(
                "id", card.id(),
                "ids", card.ids(),
                "family", result.entry().family(),
                "text", card.text(),
                "verdict", card.verdict().name(),
                "statement", card.statement(),
                "derivation", card.derivation(),
                "accepted", result.accepted(),
                "failure", result.failure().isEmpty() ? null : result.failure(),
                "findings", result.findings().stream().map(Measurements::finding).toList());
    }

    private static Map<String, Object> finding(Finding f) {
        return Json.map(
                "quantity", f.quantity(),
                "over", f.over() == Over.NOTHING ? null : f.over().name(),
                "basis", f.basis().name(),
                "predicted", f.basis() == Basis.NONE ? null : (Object) f.predicted(),
                "measured", f.measured(),
                "margin", f.margin(),
                "low", Double.isInfinite(f.low()) ? null : (Object) f.low(),
                "high", Double.isInfinite(f.high()) ? null : (Object) f.high(),
                "accepted", f.accepted());
    }

    /**
     * Writes raw measurements as CSV (RFC 4180): {@code ID.csv} with the repetitions behind the findings of a claim,
     * {@code ID-TABLE.csv} with its tables, {@code findings.csv} with the findings of all.
     *
     * @param results of a run
     * @param folder made if it is not there
     * @throws IOException if a file cannot be written
     */
    public static void csv(List<Result> results, Path folder) throws IOException {
        Files.createDirectories(folder);
        StringBuilder findings =
                new StringBuilder("claim,quantity,over,basis,predicted,measured,margin,low,high,accepted\n");
        for (Result result : results) {
            String id = result.entry().id();
            for (Finding f : result.findings()) {
                findings.append(String.join(
                                ",", id, cell(f.quantity()), f.over().name(), f.basis().name(),
                                number(f.predicted()), number(f.measured()), number(f.margin()),
                                number(f.low()), number(f.high()), String.valueOf(f.accepted())))
                        .append('\n');
            }
            if (!result.samples().isEmpty()) {
                StringBuilder text = new StringBuilder("quantity,repetition,value\n");
                for (Table.Column sample : result.samples()) {
                    for (int i = 0; i < sample.values().length; i++) {
                        text.append(cell(sample.name())).append(',').append(i).append(',')
                                .append(number(sample.values()[i])).append('\n');
                    }
                }
                Files.writeString(folder.resolve(id + ".csv"), text);
            }
            for (Table table : result.tables()) {
                Files.writeString(
                        folder.resolve(id + "-" + table.name().replaceAll("[^A-Za-z0-9]+", "-") + ".csv"), csv(table));
            }
        }
        Files.writeString(folder.resolve("findings.csv"), findings);
    }

    private static String csv(Table table) {
        StringBuilder text = new StringBuilder();
        text.append(String.join(",", table.columns().stream().map(c -> cell(c.name())).toList())).append('\n');
        int rows = table.columns().isEmpty() ? 0 : table.columns().getFirst().values().length;
        for (int row = 0; row < rows; row++) {
            int r = row;
            text.append(String.join(",", table.columns().stream().map(c -> number(c.values()[r])).toList()))
                    .append('\n');
        }
        return text.toString();
    }

    private static String number(double x) {
        return x == Math.rint(x) && Math.abs(x) < 1e15 ? String.valueOf((long) x) : String.valueOf(x);
    }

    private static String cell(String text) {
        return text.matches("[^\",\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
