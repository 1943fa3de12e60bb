package nn.examples;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import nn.examples.Example.Option;
import nn.examples.claims.Paragraph;

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
            new Diagnose(),
            new Claims());

    private Main() {}

    /**
     * Runs one example and ends the process with its exit code.
     *
     * @param args the example's name and its options
     */
    public static void main(String[] args) {
        int code = run(Arrays.asList(args), Terminal.system());
        System.out.flush();
        System.exit(code);
    }

    /** Runs one example; gives the exit code. */
    static int run(List<String> words, Terminal terminal) {
        if (words.isEmpty() || words.getFirst().equals("list") || words.getFirst().equals("--help")) {
            list(terminal);
            return 0;
        }
        String name = words.getFirst();
        Example example = EXAMPLES.stream()
                .filter(e -> e.name().equals(name))
                .findFirst()
                .orElse(null);
        if (example == null) {
            terminal.line("nn: no example '%s'; 'nn list' shows them", name);
            return 2;
        }
        List<String> rest = words.subList(1, words.size());
        if (rest.contains("--help") || rest.contains("-h")) {
            help(example, terminal);
            return 0;
        }
        try {
            return example.run(Arguments.parse(example, rest), terminal);
        } catch (UsageException | IOException e) {
            terminal.out().print(Paragraph.of("nn " + name + ": ", e.getMessage()));
            return 2;
        }
    }

    private static void list(Terminal terminal) {
        terminal.line("nn NAME [options]      nn NAME --help      nn list");
        terminal.line("");
        for (Example example : EXAMPLES) {
            terminal.line("  %-10s %s", example.name(), example.summary());
        }
    }

    private static void help(Example example, Terminal terminal) {
        terminal.line("nn %s: %s", example.name(), example.summary());
        terminal.line("");
        if (!example.words().isEmpty()) {
            terminal.line("  nn %s %s [options]", example.name(), example.words());
            terminal.line("");
        }
        int width = example.options().stream().mapToInt(option -> usage(option).length()).max().orElse(0);
        String line = "  %-" + Math.max(width, 13) + "s %s%s";
        for (Option option : example.options()) {
            String fallback = option.fallback().isEmpty() ? "" : " (" + option.fallback() + ")";
            terminal.line(line, usage(option), option.text(), fallback);
        }
        terminal.line(line, "--help", "this text", "");
    }

    private static String usage(Option option) {
        return option.name() + (option.value().isEmpty() ? "" : " " + option.value());
    }
}
