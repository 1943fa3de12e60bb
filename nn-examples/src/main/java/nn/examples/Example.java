package nn.examples;

import java.io.IOException;
import java.util.List;

/** One program of the launcher. */
abstract class Example {
    private final String name;
    private final String summary;
    private final List<Option> options;

    /**
     * Names the example.
     *
     * @param name the word on the command line
     * @param summary one line for the list
     * @param options in the order of the help text
     */
    Example(String name, String summary, Option... options) {
        this.name = name;
        this.summary = summary;
        this.options = List.of(options);
    }

    /** The word on the command line. */
    final String name() {
        return name;
    }

    /** One line for the list. */
    final String summary() {
        return summary;
    }

    /** The options that it takes on the command line. */
    final List<Option> options() {
        return options;
    }

    /** The label of further words on the command line, such as {@code ID}; empty if there may be none. */
    String words() {
        return "";
    }

    /** The meaning of those words, for the help text. */
    String wordsText() {
        return "";
    }

    /**
     * Runs the example. One that takes more than ten seconds {@linkplain Terminal#announce says so} first.
     *
     * @param arguments the user's choices
     * @param terminal receives the output
     * @return the exit code: 0 for success, 1 if a measurement left its range, 2 if the program could not run as asked
     * @throws IOException if a file cannot be read or written; the launcher prints its message and exits with 2
     */
    abstract int run(Arguments arguments, Terminal terminal) throws IOException;

    /**
     * One option.
     *
     * @param name with its dashes
     * @param value the label of its value in the help, such as {@code N}; empty for a switch
     * @param fallback the value if the option is not given; empty for a switch or for none
     * @param text its effect, for the help text
     */
    record Option(String name, String value, String fallback, String text) {
        /** The seed that every example takes. */
        static final Option SEED = new Option("--seed", "N", "1", "names all randomness; the same seed, the same bits");
    }
}
