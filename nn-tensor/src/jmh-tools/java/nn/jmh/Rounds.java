package nn.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures many small things in few JVMs: a round is one JVM that runs every selection. All shapes then meet in one
 * JVM, as they do in a program, so no kernel is compiled for one shape alone; and a table takes minutes where a JVM for
 * each figure takes an hour. The libraries of a row take {@link Turns}. On more than one thread, each turn begins with
 * a {@link HandOff}.
 */
public final class Rounds {
    private static final int JVM = 1000; // more than the turns of one

    private Rounds() {}

    /**
     * Benchmarks that are measured in turns, one of each class.
     *
     * @param include regular expression of benchmarks
     * @param exclude regular expression, or empty for none
     * @param parameter as {@code name=value}, of the benchmarks that have it; their figures are found by the value
     */
    public record Selection(String include, String exclude, String parameter) {
        String parameterName() {
            return parameter.substring(0, parameter.indexOf('='));
        }

        String value() {
            return parameter.substring(parameter.indexOf('=') + 1);
        }
    }

    /** Measures all selections in one JVM, in as many of these as the settings say. */
    public static Scores measure(List<Selection> selections, Settings settings, Path log) {
        return measureEach(List.of(selections), settings, log);
    }

    /** Measures each selection in a JVM of its own, in as many of these as the settings say. */
    public static Scores measureApart(List<Selection> selections, Settings settings, Path log) {
        return measureEach(selections.stream().map(List::of).toList(), settings, log);
    }

    /** A round has a JVM for each list; what these print goes to the log. */
    private static Scores measureEach(List<List<Selection>> jvms, Settings settings, Path log) {
        Scores scores = new Scores();
        try {
            Path results = Files.createTempFile("rounds", ".txt");
            for (int i = 0; i < settings.forks(); i++) {
                Cores.Report cores = Cores.Report.NONE;
                for (List<Selection> selections : jvms) {
                    List<String> command = Jvm.command(settings);
                    command.addAll(List.of(Rounds.class.getName(), results.toString(), "" + settings.quick()));
                    selections.forEach(s -> command.addAll(List.of(s.include, s.exclude, s.parameter)));
                    try {
                        Jvm.run(command, settings, log);
                        List<String> lines = Files.readAllLines(results);
                        scores.addLines(lines.subList(0, lines.size() - 1), i * JVM);
                        cores = cores.with(Cores.Report.of(lines.getLast()));
                    } catch (IllegalStateException e) {
                        // a crash of one JVM, in native code of another library, must not cost the report
                        System.out.println("a JVM of round " + (i + 1) + " failed: " + e.getMessage());
                    }
                }
                System.out.println("round " + (i + 1) + " of " + settings.forks() + " done after "
                        + ManagementFactory.getRuntimeMXBean().getUptime() / 1000 + " s; " + cores);
            }
            Files.delete(results);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return scores;
    }

    /**
     * One JVM: the file for its figures and a line about its cores, whether it is to be quick, and three arguments for
     * each selection.
     */
    public static void main(String[] args) throws IOException {
        Turns turns = new Turns(Boolean.parseBoolean(args[1]));
        Scores scores = new Scores();
        for (int i = 2; i < args.length; i += 3) {
            turns.measure(new Selection(args[i], args[i + 1], args[i + 2]), scores);
        }
        List<String> lines = new ArrayList<>(scores.lines());
        lines.add(turns.cores().line());
        Files.write(Path.of(args[0]), lines);
        System.exit(0); // whatever threads other libraries leave
    }
}
