package nn.examples;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import nn.examples.report.SweepReport;
import nn.examples.sweep.Counted;
import nn.examples.sweep.Grid;
import nn.examples.sweep.LocalThreads;
import nn.examples.sweep.Recipe;
import nn.examples.sweep.Setting;
import nn.examples.sweep.Summary;
import nn.examples.sweep.Trial;
import nn.examples.sweep.TrialExecutor;
import nn.examples.sweep.TrialLog;

/** Trains many small networks over a grid of first weights, depths and rates, and says which of them learn. */
final class Sweep extends Example {
    private static final int SHOWN = 20; // settings in the terminal
    private static final int MOST_SEEDS = 10_000;
    private static final int MOST_WORKERS = 1024;
    private static final int MOST_VALUES = 1000; // of one range

    Sweep() {
        super(
                "sweep",
                "which gains, depths and rates learn: many small trainings",
                new Option("--init", "SCHEMES", "lecun_normal", "of the hidden weights: he_normal,orthogonal"),
                new Option("--gain", "NUMBERS", "0.5:3:11", "factors for them: 0.5,1,2 or from:to:count"),
                new Option("--depth", "NUMBERS", "4,8,16,32", "numbers of hidden layers"),
                new Option("--width", "NUMBERS", "32", "units of a hidden layer"),
                new Option("--act", "NAMES", "tanh", "of the hidden layers, such as tanh,relu"),
                new Option("--rate", "NUMBERS", "0.1", "learning rates"),
                new Option("--seeds", "N", "3", "trainings of a setting: seed, seed + 1, ..."),
                new Option("--random", "N", "", "only N settings of the grid, drawn at random"),
                new Option("--steps", "N", "100", "steps of a training"),
                new Option("--batch", "N", "64", "digits of a batch"),
                new Option("--optimizer", "NAME", "sgd", "sgd, momentum or adam"),
                new Option("--bias-variance", "V", "0", "of the hidden biases at the start"),
                new Option("--workers", "N", "", "trainings at a time; the number of processors"),
                new Option("--executor", "NAME", "local", "who runs them: local, or a provider on the class path"),
                new Option("--resume", "FILE", "", "keep finished trainings there, and take up what is there"),
                new Option("--report", "FILE", "", "write a page with a map of depth by gain, in HTML"),
                new Option("--json", "FILE", "", "write all results, in JSON"),
                new Option("--csv", "DIR", "", "write trials.csv and settings.csv"),
                Option.SEED);
    }

    @Override
    int run(Arguments arguments, Terminal terminal) throws IOException {
        Recipe recipe = new Recipe(
                arguments.number("--steps", 1, 1_000_000),
                arguments.number("--batch", 1, 1000),
                method(arguments.text("--optimizer")),
                number("--bias-variance", arguments.text("--bias-variance")));
        Grid grid = grid(arguments);
        List<Setting> settings = arguments.has("--random")
                ? grid.settings(
                        arguments.number("--random", 1, Grid.MOST),
                        arguments.key().child("settings"))
                : grid.settings();
        List<Trial> trials = grid.trials(settings);
        TrialExecutor executor = executor(arguments);
        Map<String, Destination> destinations = destinations(arguments);
        SweepReport report;
        try (TrialLog log = arguments.has("--resume")
                ? TrialLog.open(arguments.path("--resume"), Main.version(), recipe)
                : TrialLog.inMemory()) {
            List<Trial> missing = trials.stream()
                    .filter(trial -> !log.finished().containsKey(trial))
                    .toList();
            terminal.line("%s of %s:", Counted.of(trials.size(), "training"), Counted.of(settings.size(), "setting"));
            terminal.line("%s.", recipe);
            if (missing.size() < trials.size()) {
                terminal.line("%d of them are finished already.", trials.size() - missing.size());
            }
            Progress progress = new Progress(missing.size(), terminal);
            executor.run(recipe, missing, (trial, outcome) -> {
                log.add(trial, outcome);
                progress.done();
            });
            report = new SweepReport(recipe, trials, log.finished());
        }
        return finish(report, destinations, terminal);
    }

    /** Writes the files, then prints the best settings. */
    private static int finish(SweepReport report, Map<String, Destination> destinations, Terminal terminal) {
        List<String> failures = new ArrayList<>();
        destinations.forEach((option, destination) -> failures.add(destination.attempt(() -> {
            switch (option) {
                case "--json" -> destination.write(report.json());
                case "--csv" -> destination.writeAll(report.csv());
                default -> destination.write(report.html());
            }
        })));
        List<Summary> best = report.summaries().stream()
                .sorted(Comparator.comparingDouble(Summary::accuracy).reversed())
                .toList();
        terminal.line("");
        terminal.line(
                best.size() > SHOWN ? "The best " + SHOWN + " of " + best.size() + " settings:" : "The settings:");
        terminal.line("%-20s %7s %5s %5s %-9s %7s  %s", "init", "gain", "depth", "width", "act", "rate", "accuracy");
        best.stream()
                .limit(SHOWN)
                .forEach(s -> terminal.line(
                        "%-20s %7.4g %5d %5d %-9s %7.3g  %.3f%s",
                        shortened(s.setting().scheme(), 20),
                        s.setting().gain(),
                        s.setting().depth(),
                        s.setting().width(),
                        shortened(s.setting().activation(), 9),
                        s.setting().rate(),
                        s.accuracy(),
                        s.seeds() > 1 ? String.format(Locale.ROOT, " +- %.3f", s.accuracyMargin()) : ""));
        failures.removeIf(String::isEmpty);
        if (!failures.isEmpty()) {
            throw new UsageException(String.join("; ", failures));
        }
        return 0;
    }

    private static String shortened(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 2) + "..";
    }

    // ------------------------------------------------------------------------------------------------ the options

    private static Grid grid(Arguments arguments) {
        long seed = arguments.seed();
        int seeds = arguments.number("--seeds", 1, MOST_SEEDS);
        return new Grid(
                words(arguments, "--init"),
                values(arguments, "--gain", x -> x),
                counts(arguments, "--depth"),
                counts(arguments, "--width"),
                words(arguments, "--act"),
                values(arguments, "--rate", x -> x),
                LongStream.range(0, seeds).mapToObj(i -> seed + i).toList());
    }

    /** Returns the threads of this process, or the provider of a name that the class loader finds. */
    private static TrialExecutor executor(Arguments arguments) {
        String name = arguments.text("--executor");
        if (name.equals("local")) {
            return new LocalThreads(
                    arguments.has("--workers")
                            ? arguments.number("--workers", 1, MOST_WORKERS)
                            : Runtime.getRuntime().availableProcessors());
        }
        if (arguments.has("--workers")) {
            throw new UsageException(
                    "option --workers is for the executor 'local'; '" + name + "' has its own settings");
        }
        return ServiceLoader.load(TrialExecutor.class).stream()
                .filter(provider -> provider.type().getSimpleName().equalsIgnoreCase(name))
                .findFirst()
                .map(ServiceLoader.Provider::get)
                .orElseThrow(() -> new UsageException("option --executor is '" + name + "', and no class of that name"
                        + " provides " + TrialExecutor.class.getName() + "; put its jar on the class path, or leave"
                        + " the option out to run on this machine"));
    }

    private static Recipe.Method method(String name) {
        for (Recipe.Method method : Recipe.Method.values()) {
            if (method.toString().equals(name)) {
                return method;
            }
        }
        throw new UsageException("option --optimizer is '" + name + "'; it must be sgd, momentum or adam");
    }

    /** Returns names, which commas separate; a comma within parentheses belongs to a name. */
    private static List<String> words(Arguments arguments, String option) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        int depth = 0;
        for (char c : (arguments.text(option) + ",").toCharArray()) {
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth <= 0) {
                words.add(word.toString().strip().replace('_', ' '));
                word.setLength(0);
            } else {
                word.append(c);
            }
        }
        if (!word.isEmpty() || words.contains("")) {
            throw new UsageException("option " + option + " is '" + arguments.text(option)
                    + "'; it must be names, separated by commas, such as he_normal,orthogonal");
        }
        return words;
    }

    /** Returns numbers that are listed, or {@code from:to:count} numbers at equal distances. */
    private static <T> List<T> values(Arguments arguments, String option, DoubleFunction<T> type) {
        String text = arguments.text(option);
        String[] range = text.split(":", -1);
        if (range.length != 3) {
            return IntStream.range(0, text.split(",", -1).length)
                    .mapToObj(i -> type.apply(number(option, text.split(",", -1)[i])))
                    .toList();
        }
        double from = number(option, range[0]);
        double to = number(option, range[1]);
        double count = number(option, range[2]);
        if (!(count >= 2 && count <= MOST_VALUES && count == Math.rint(count) && from < to)) {
            throw new UsageException("option " + option + " is '" + text
                    + "'; a range is from:to:count, with from below to and a count from 2 to " + MOST_VALUES);
        }
        // twelve digits: 0.5:3:11 has 0.75, and no 0.7500000000000001
        return IntStream.range(0, (int) count)
                .mapToObj(i -> type.apply(Math.rint((from + i * (to - from) / (count - 1)) * 1e12) / 1e12))
                .toList();
    }

    private static List<Integer> counts(Arguments arguments, String option) {
        Function<Double, Integer> whole = x -> {
            if (x != Math.rint(x) || Math.abs(x) > Setting.LARGEST) {
                throw new UsageException("option " + option + " is '" + arguments.text(option)
                        + "'; it must be whole numbers up to " + Setting.LARGEST);
            }
            return (int) Math.rint(x);
        };
        return values(arguments, option, whole::apply);
    }

    private static double number(String option, String text) {
        try {
            if (text.length() <= 30) {
                return Double.parseDouble(text.strip());
            }
        } catch (NumberFormatException e) {
            // the message below says what is expected
        }
        throw new UsageException("option " + option + ": '" + shortened(text, 40) + "' is no number; give numbers"
                + " such as 0.5,1,2 or a range such as 0.5:3:11");
    }

    private static Map<String, Destination> destinations(Arguments arguments) throws IOException {
        Map<String, Destination> destinations = new LinkedHashMap<>();
        for (String option : List.of("--json", "--report", "--resume")) {
            if (arguments.has(option)) {
                Destination destination = Destination.of(option, arguments);
                destination.requireFile("sweep");
                for (Destination other : destinations.values()) {
                    if (destination.isSameAs(other)) {
                        throw new UsageException("options " + other.option() + " and " + option
                                + " name the same file, '" + other.path() + "', so one would replace the other; name"
                                + " two files");
                    }
                }
                destinations.put(option, destination);
            }
        }
        if (arguments.has("--csv")) {
            Destination folder = Destination.of("--csv", arguments);
            folder.requireFolder(SweepReport.TABLES::contains);
            for (Destination file : destinations.values()) {
                if (SweepReport.TABLES.contains(file.path().getFileName().toString()) && file.isWithin(folder)) {
                    throw new UsageException("option " + file.option() + " is '" + file.path() + "', where --csv writes"
                            + " too, and one would replace the other; name another file");
                }
            }
            destinations.put("--csv", folder);
        }
        destinations.remove("--resume"); // the log writes it
        return destinations;
    }

    /** A progress line with an estimate of the remaining time, rewritten at most four times a second. */
    private static final class Progress {
        private static final long PAUSE_NANOS = 250_000_000;

        private final int all;
        private final Optional<Appendable> out;
        private final long start = System.nanoTime();
        private long shown = start;
        private int done;

        Progress(int all, Terminal terminal) {
            this.all = all;
            this.out = terminal.progress();
        }

        void done() throws IOException {
            done++;
            long now = System.nanoTime();
            if (out.isEmpty() || done < all && now - shown < PAUSE_NANOS) {
                return;
            }
            shown = now;
            long left = Math.round((double) (now - start) / done * (all - done) * 1e-9);
            out.get()
                    .append(
                            done == all
                                    ? "\r" + " ".repeat(60) + "\r"
                                    : String.format(
                                            Locale.ROOT,
                                            "\r%d of %d trainings, %d:%02d:%02d left   ",
                                            done,
                                            all,
                                            left / 3600,
                                            left / 60 % 60,
                                            left % 60));
        }
    }
}
