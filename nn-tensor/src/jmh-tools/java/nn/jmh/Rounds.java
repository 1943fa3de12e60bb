package nn.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Measures many small things in few JVMs: a round is one JVM that runs every selection by JMH without a fork of its
 * own. All shapes then meet in one JVM, as they do in a program, so no kernel is compiled for one shape alone; and a
 * table takes minutes where a JVM for each figure takes an hour. The libraries of a row are measured in turns, within
 * half a second of each other: the clock of a core that others share was seen to change by a third within a second. On
 * more than one thread, each turn begins with a {@link HandOff}.
 */
public final class Rounds {
    private static final int TURNS = 5;

    private Rounds() {}

    /**
     * Benchmarks that are measured one after the other.
     *
     * @param include regular expression of benchmarks
     * @param exclude regular expression, or empty for none
     * @param parameter as {@code name=value}, or empty for none
     * @param threads that call the benchmark at the same time; 1 for whatever has threads of its own
     */
    public record Selection(String include, String exclude, String parameter, int threads) {}

    /** Measures in as many JVMs as the settings say; what JMH prints goes to the log. */
    public static Scores measure(List<Selection> selections, Settings settings, Path log) {
        Scores scores = new Scores();
        try {
            Path results = Files.createTempFile("rounds", ".txt");
            for (int i = 0; i < settings.forks(); i++) {
                List<String> command = Jvm.command(settings);
                command.add(Rounds.class.getName());
                command.add(results.toString());
                command.add(settings.quick() ? "10" : "75");
                for (Selection s : selections) {
                    command.addAll(List.of(s.include, s.exclude, s.parameter, "" + s.threads));
                }
                try {
                    Jvm.run(command, settings, log);
                } catch (IllegalStateException e) {
                    // a crash of one JVM, in native code of another library, must not cost the report
                    System.out.println("round " + (i + 1) + " failed: " + e.getMessage());
                    continue;
                }
                scores.addLines(Files.readAllLines(results), i * TURNS);
                System.out.println("round " + (i + 1) + " of " + settings.forks() + " done after "
                        + ManagementFactory.getRuntimeMXBean().getUptime() / 1000 + " s");
            }
            Files.delete(results);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return scores;
    }

    /** One round: the file for the results, milliseconds of an iteration, and four arguments for each selection. */
    public static void main(String[] args) throws RunnerException, IOException {
        Path results = Path.of(args[0]);
        int millis = Integer.parseInt(args[1]);
        Scores scores = new Scores();
        for (int i = 2; i < args.length; i += 4) {
            String value = args[i + 2].substring(args[i + 2].indexOf('=') + 1);
            for (int turn = 0; turn < TURNS; turn++) {
                scores.addHandOff(value, turn);
                ChainedOptionsBuilder options = new OptionsBuilder()
                        .include(args[i])
                        .forks(0)
                        .warmupIterations(turn == 0 ? 5 : 1) // what C2 is late with is not to be measured
                        .warmupTime(TimeValue.milliseconds(millis))
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(millis))
                        .threads(Integer.parseInt(args[i + 3]));
                if (!args[i + 1].isEmpty()) {
                    options.exclude(args[i + 1]);
                }
                if (!args[i + 2].isEmpty()) {
                    String[] parameter = args[i + 2].split("=", 2);
                    options.param(parameter[0], parameter[1]);
                }
                scores.add(new Runner(options.build()).run(), turn);
            }
        }
        Files.write(results, scores.lines());
    }
}
