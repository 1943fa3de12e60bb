package nn.examples;

import java.util.List;
import nn.examples.claims.Apparatus;
import nn.examples.claims.Entry;
import nn.examples.claims.Lab;
import nn.examples.claims.Report;
import nn.examples.claims.Result;

/**
 * Measures claims, prints each with its findings, and exits with 1 if one leaves its range.
 *
 * @param name what the user types
 * @param summary one line for the list
 * @param family the only family it measures; empty for all
 */
record Claims(String name, String summary, String family) implements Example {

    @Override
    public String words() {
        return family.isEmpty() ? "[ID or FAMILY...]" : "";
    }

    @Override
    public List<Option> options() {
        return List.of(new Option("--quick", "", "", "fewer repetitions, wider ranges"), Option.SEED);
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        List<String> asked = family.isEmpty() ? arguments.words() : List.of(family);
        List<Entry> all = Lab.claims();
        for (String word : asked) {
            if (all.stream().noneMatch(entry -> entry.answersTo(word))) {
                throw new UsageException("no claim or family '" + word + "'");
            }
        }
        List<Entry> chosen = all.stream()
                .filter(entry -> asked.isEmpty() || asked.stream().anyMatch(entry::answersTo))
                .toList();
        List<Result> results = Lab.run(
                chosen, arguments.seed(), arguments.has("--quick"), threads(), Apparatus.SOUND, done -> {});
        for (Result result : results) {
            terminal.line("%s", Report.of(result));
        }
        int outside = results.stream().mapToInt(Result::outside).sum();
        long failed = results.stream().filter(r -> !r.accepted()).count();
        terminal.line("%d claims, %d measurements, %d outside their range",
                results.size(), results.stream().mapToInt(r -> r.findings().size()).sum(), outside);
        return failed == 0 ? 0 : 1;
    }

    /** As many as the library uses. */
    private static int threads() {
        return Integer.getInteger("nn.threads", Runtime.getRuntime().availableProcessors());
    }
}
