package nn.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import nn.examples.claims.Card;
import nn.examples.claims.Entry;
import nn.examples.claims.Lab;
import nn.examples.claims.Result;
import nn.examples.claims.Verdict;
import nn.examples.experiment.Apparatus;
import nn.examples.report.HtmlReport;
import nn.examples.report.ResultFiles;
import nn.examples.report.TextReport;

/** Measures claims, prints each with its measurements, and exits with 1 if one leaves its range. */
final class Claims extends Example {
    private static final double SECONDS = 130; // all claims, on two cores

    /** Duration of a quick run of all claims on two cores. */
    static final double QUICK_SECONDS = 25;

    /** The options that write a file or a folder. */
    private static final List<String> FILES = List.of("--json", "--csv", "--report");

    Claims() {
        super(
                "claims",
                "claims about initialization, measured and judged",
                new Option("--quick", "", "", "fewer repetitions and wider ranges: under a minute"),
                new Option("--list", "", "", "list the claims without measuring"),
                new Option("--details", "", "", "print every measurement of every claim"),
                new Option("--report", "FILE", "", "write a report with drawings, in HTML"),
                new Option("--json", "FILE", "", "write the measurements, in JSON"),
                new Option("--csv", "DIR", "", "write the raw measurements, in CSV"),
                Option.SEED);
    }

    @Override
    String words() {
        return "CLAIM";
    }

    @Override
    String wordsText() {
        return "ids, numbers or families of claims; all claims if none is named";
    }

    @Override
    int run(Arguments arguments, Terminal terminal) throws IOException {
        List<Entry> chosen = chosen(arguments.words());
        long seed = arguments.seed();
        boolean quick = arguments.has("--quick");
        if (arguments.has("--list")) {
            for (String option : FILES) {
                if (arguments.has(option)) {
                    throw new UsageException("option " + option
                            + " writes measurements, and --list makes none; leave out one of the two");
                }
            }
            list(chosen, terminal);
            return 0;
        }
        Map<String, Destination> destinations = destinations(arguments, chosen);
        double share = (double) chosen.size() / Lab.claims().size();
        terminal.announce(share * (quick ? QUICK_SECONDS : SECONDS));
        List<Result> results =
                Lab.run(chosen, seed, quick, threads(), Apparatus.SOUND, new Progress(chosen.size(), terminal)::done);
        // Files come first: the results of minutes are on disk even if the output cannot be written.
        List<String> failures = new ArrayList<>();
        destinations.forEach((option, destination) -> failures.add(destination.attempt(() -> {
            switch (option) {
                case "--json" -> destination.write(ResultFiles.json(results, seed, quick));
                case "--csv" -> destination.writeAll(ResultFiles.csv(results));
                default -> destination.write(HtmlReport.of(results, seed, quick));
            }
        })));
        if (arguments.has("--details") || !arguments.words().isEmpty()) {
            results.forEach(result -> terminal.line("%s", TextReport.of(result)));
        } else {
            board(results, terminal);
        }
        int code = conclusion(results, terminal);
        failures.removeIf(String::isEmpty);
        if (!failures.isEmpty()) {
            throw new UsageException(String.join("; ", failures));
        }
        return code;
    }

    /** Returns the files that the user asked for, by option, after checking each. */
    private static Map<String, Destination> destinations(Arguments arguments, List<Entry> chosen) throws IOException {
        Map<String, Destination> destinations = new LinkedHashMap<>();
        for (String option : FILES) {
            if (arguments.has(option)) {
                Destination destination = Destination.of(option, arguments);
                if (option.equals("--csv")) {
                    destination.requireFolder(
                            name -> chosen.stream().anyMatch(entry -> ResultFiles.isTable(name, entry.id())));
                } else {
                    destination.requireFile("claims");
                }
                destinations.put(option, destination);
            }
        }
        if (destinations.containsKey("--json")
                && destinations.containsKey("--report")
                && destinations.get("--json").isSameAs(destinations.get("--report"))) {
            throw new UsageException("options --json and --report name the same file, '"
                    + destinations.get("--json").path() + "', so one would replace the other; name two files");
        }
        Destination csv = destinations.get("--csv");
        for (String option : List.of("--json", "--report")) {
            Destination file = destinations.get(option);
            // Inside of the folder, it could have the name of a table.
            if (csv != null
                    && file != null
                    && (file.isSameAs(csv) || file.path().toString().endsWith(".csv") && file.isWithin(csv))) {
                throw new UsageException("option " + option + " is '" + file.path() + "', where --csv writes too, and"
                        + " one would replace the other; name another file");
            }
        }
        return destinations;
    }

    private static List<Entry> chosen(List<String> words) {
        List<Entry> all = Lab.claims();
        for (String word : words) {
            if (all.stream().noneMatch(entry -> entry.answersTo(word))) {
                throw new UsageException(
                        "no claim and no family is called '" + word + "'; 'nn claims --list' shows" + " them");
            }
        }
        return all.stream()
                .filter(entry -> words.isEmpty() || words.stream().anyMatch(entry::answersTo))
                .toList();
    }

    private static void list(List<Entry> entries, Terminal terminal) {
        String family = "";
        for (Entry entry : entries) {
            if (!entry.family().equals(family)) {
                family = entry.family();
                terminal.line("%s: %s", family, entry.title());
            }
            terminal.line("%s", TextReport.line(entry));
        }
    }

    /** Prints one line for each claim, then all measurements of the claims that left their range. */
    private static void board(List<Result> results, Terminal terminal) {
        String family = "";
        terminal.line("%s", TextReport.heads());
        for (Result result : results) {
            if (!result.entry().family().equals(family)) {
                family = result.entry().family();
                terminal.line("%s: %s", family, result.entry().title());
            }
            terminal.line("%s", TextReport.line(result));
        }
        terminal.line("");
        results.stream().filter(r -> !r.accepted()).forEach(result -> terminal.line("%s", TextReport.of(result)));
    }

    private static int conclusion(List<Result> results, Terminal terminal) {
        List<Verdict> verdicts = results.stream()
                .map(Result::entry)
                .map(Entry::card)
                .map(Card::verdict)
                .toList();
        terminal.line(
                "%d %s: %d true, %d under a condition, %d false",
                results.size(),
                results.size() == 1 ? "claim" : "claims",
                verdicts.stream().filter(v -> v == Verdict.TRUE).count(),
                verdicts.stream().filter(v -> v == Verdict.CONDITIONAL).count(),
                verdicts.stream().filter(v -> v == Verdict.FALSE).count());
        List<String> left = results.stream()
                .filter(r -> !r.accepted())
                .map(r -> r.entry().id())
                .toList();
        terminal.line(
                "%d measurements, %d outside their range%s",
                results.stream().mapToInt(r -> r.measurements().size()).sum(),
                results.stream().mapToInt(Result::outside).sum(),
                left.isEmpty() ? "" : "; failed claims: " + String.join(", ", left));
        return left.isEmpty() ? 0 : 1;
    }

    /** Returns the text of the file that {@code nn claims --quick --json FILE} writes. */
    static String quickJson(long seed, Terminal terminal) {
        List<Entry> all = Lab.claims();
        return ResultFiles.json(
                Lab.run(all, seed, true, threads(), Apparatus.SOUND, new Progress(all.size(), terminal)::done),
                seed,
                true);
    }

    /** Number of threads that the library uses. */
    private static int threads() {
        return Integer.getInteger("nn.threads", Runtime.getRuntime().availableProcessors());
    }

    /** A progress line, rewritten after each claim. */
    private static final class Progress {
        private final int all;
        private final Terminal terminal;
        private int done;

        Progress(int all, Terminal terminal) {
            this.all = all;
            this.terminal = terminal;
        }

        void done(Result result) {
            done++;
            String line = done == all
                    ? "\r" + " ".repeat(40) + "\r"
                    : String.format(
                            Locale.ROOT,
                            "\r%d of %d claims measured, last %-8s",
                            done,
                            all,
                            result.entry().id());
            terminal.progress().ifPresent(text -> append(text, line));
        }

        private static void append(Appendable text, String line) {
            try {
                text.append(line);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
