package nn.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import nn.examples.Example.Option;
import nn.examples.report.Paragraph;
import nn.tensor.ParallelLoop;
import nn.tensor.Tensor;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The launcher: {@code nn list}, {@code nn NAME}, {@code nn NAME --help}. */
public final class Main {
    private static final List<Example> EXAMPLES = List.of(
            new Digits(),
            new Fashion(),
            new Sunspots(),
            new Characters(),
            new SymmetryCollapse(),
            new VanishingAndExploding(),
            new XavierForTanh(),
            new HeForRelu(),
            new OrthogonalRnn(),
            new DeadRelus(),
            new Deep(),
            new Memory(),
            new Doctor(),
            new Onnx(),
            new MuseumTour(),
            new Sweep(),
            new Claims(),
            new Bits());

    private static final int WIDTH = 80;

    private Main() {}

    /**
     * Runs one example and ends the process with its exit code.
     *
     * @param args the example's name and its options
     */
    public static void main(String[] args) {
        System.exit(run(Arrays.asList(args), Terminal.system()));
    }

    /** Runs one example and returns the exit code. */
    static int run(List<String> words, Terminal terminal) {
        CommandLine line = commandLine();
        String name = "nn";
        try {
            ParseResult result = line.parseArgs(words.toArray(String[]::new));
            if (result.isVersionHelpRequested()) {
                terminal.line("nn %s (Java %s)", version(), Runtime.version());
                return 0;
            }
            if (!result.hasSubcommand() || result.isUsageHelpRequested()) {
                terminal.print(usage(line));
                return 0;
            }
            ParseResult chosen = result.subcommand();
            name = "nn " + chosen.commandSpec().name();
            return switch (chosen.commandSpec().name()) {
                case "list" -> {
                    terminal.print(usage(
                            chosen.isUsageHelpRequested() ? chosen.commandSpec().commandLine() : line));
                    yield 0;
                }
                case "help" -> help(line, chosen, terminal);
                default -> example(chosen, terminal);
            };
        } catch (ParameterException e) {
            return fail(
                    sentence(e), terminal, e.getCommandLine().getCommandSpec().qualifiedName());
        } catch (UsageException | IOException | Terminal.OutputException e) {
            return fail(e.getMessage(), terminal, name);
        } catch (IllegalArgumentException e) { // a library class refused a choice, by name and value
            return fail(e.getMessage(), terminal, name);
        } catch (OutOfMemoryError e) {
            return fail(
                    "needs more memory than the Java heap of "
                            + Runtime.getRuntime().maxMemory() / 1_000_000
                            + " MB: choose smaller numbers, or enlarge the heap by NN_JAVA_OPTIONS=-Xmx16g",
                    terminal,
                    name);
        }
    }

    /** Prints an error, a paragraph for each line of its message, and returns the exit code. */
    private static int fail(String message, Terminal terminal, String name) {
        String margin = name + ": ";
        StringBuilder text = new StringBuilder();
        for (String line : message.strip().lines().toList()) {
            boolean isItem = line.startsWith("  "); // of a list
            text.append(Paragraph.of(isItem ? margin + "- " : margin, line));
            margin = " ".repeat(name.length() + 2);
        }
        terminal.error(text.toString());
        return 2;
    }

    private static int example(ParseResult chosen, Terminal terminal) throws IOException {
        if (chosen.isUsageHelpRequested()) {
            terminal.print(usage(chosen.commandSpec().commandLine()));
            return 0;
        }
        requireSettings();
        Example example = EXAMPLES.stream()
                .filter(e -> e.name().equals(chosen.commandSpec().name()))
                .findFirst()
                .orElseThrow();
        Map<String, String> values = new HashMap<>();
        Set<String> given =
                chosen.matchedOptionsSet().stream().map(OptionSpec::longestName).collect(Collectors.toSet());
        for (OptionSpec option : chosen.commandSpec().options()) {
            Object value = option.getValue();
            if (value != null && !value.equals(Boolean.FALSE)) {
                values.put(option.longestName(), value.toString());
            }
        }
        List<String> words = chosen.matchedPositionals().stream()
                .flatMap(positional -> positional.stringValues().stream())
                .toList();
        return example.run(new Arguments(values, given, words), terminal);
    }

    /** Refuses wrong values of nn.kernels and nn.threads before an example begins, even if it does not use them. */
    private static void requireSettings() {
        ParallelLoop.run(1, (from, to) -> Tensor.zeros(1).multiply(Tensor.zeros(1)));
    }

    private static int help(CommandLine line, ParseResult chosen, Terminal terminal) {
        List<String> names = chosen.matchedPositionals().stream()
                .flatMap(positional -> positional.stringValues().stream())
                .toList();
        if (names.isEmpty() || chosen.isUsageHelpRequested()) {
            terminal.print(usage(line));
            return 0;
        }
        CommandLine named = line.getSubcommands().get(names.getFirst());
        if (named == null) {
            throw new UnmatchedArgumentException(line, names);
        }
        terminal.print(usage(named));
        return 0;
    }

    private static String usage(CommandLine line) {
        return line.getUsageMessage(Ansi.OFF);
    }

    /** Returns one sentence about a command line that cannot be understood. */
    private static String sentence(ParameterException e) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        String all = name.equals("nn") ? "'nn list' shows the examples" : "'" + name + " --help' shows the options";
        if (e instanceof UnmatchedArgumentException unmatched) {
            String word = unmatched.getUnmatched().getFirst();
            // after '--' the name of an option is a word like any other
            boolean option =
                    unmatched.isUnknownOption() && !unmatched.getSuggestions().contains(word);
            String kind = option ? "unknown option" : name.equals("nn") ? "no example is called" : "unexpected word";
            String near = unmatched.getSuggestions().stream()
                    .filter(suggestion -> suggestion.startsWith("-") == option && !suggestion.equals(word))
                    .findFirst()
                    .map(suggestion -> "; did you mean " + suggestion + "?")
                    .orElse(";");
            return kind + " '" + word + "'" + near + " " + all;
        }
        String message = e.getMessage();
        return Character.toLowerCase(message.charAt(0)) + message.substring(1) + "; " + all;
    }

    private static CommandLine commandLine() {
        CommandSpec root = CommandSpec.create().name("nn").addOption(helpOption());
        root.addOption(OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .type(boolean.class)
                .description("print the versions of nn and of Java")
                .build());
        root.usageMessage()
                .customSynopsis("nn NAME [OPTION...]      nn NAME --help")
                .commandListHeading("%nExamples:%n")
                .optionListHeading("%n");
        CommandLine line = new CommandLine(root);
        for (Example example : EXAMPLES) {
            line.addSubcommand(example.name(), spec(example));
        }
        line.addSubcommand("list", command("list", "show this list").addOption(helpOption()));
        CommandSpec help = command("help", "show the options of an example").addOption(helpOption());
        help.addPositional(PositionalParamSpec.builder()
                .paramLabel("NAME")
                .arity("0..1")
                .type(String.class)
                .build());
        line.addSubcommand("help", help);
        return line.setExpandAtFiles(false)
                .setInterpolateVariables(false)
                .setUsageHelpWidth(WIDTH)
                .setUsageHelpAutoWidth(false);
    }

    private static CommandSpec command(String name, String summary) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage()
                .description(summary)
                .parameterListHeading("%n")
                .optionListHeading("%n")
                .sortOptions(false);
        return spec;
    }

    private static CommandSpec spec(Example example) {
        CommandSpec spec = command(example.name(), example.summary());
        for (Option option : example.options()) {
            OptionSpec.Builder builder = OptionSpec.builder(option.name());
            if (option.value().isEmpty()) {
                builder.type(boolean.class).description(option.text());
            } else {
                builder.type(String.class)
                        .paramLabel(option.value())
                        .defaultValue(option.fallback().isEmpty() ? null : option.fallback())
                        .description(
                                option.text() + (option.fallback().isEmpty() ? "" : " (" + option.fallback() + ")"));
            }
            spec.addOption(builder.build());
        }
        if (!example.words().isEmpty()) {
            spec.addPositional(PositionalParamSpec.builder()
                    .paramLabel(example.words())
                    .arity("0..*")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .description(example.wordsText())
                    .build());
        }
        return spec.addOption(helpOption());
    }

    private static OptionSpec helpOption() {
        return OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .type(boolean.class)
                .description("print this text")
                .build();
    }

    /**
     * Returns the version of the program.
     *
     * @return such as 1.2.3
     */
    public static String version() {
        try (InputStream in = Main.class.getResourceAsStream("version.txt")) {
            return new String(Objects.requireNonNull(in, "version.txt").readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new IllegalStateException("version.txt cannot be read", e);
        }
    }
}
