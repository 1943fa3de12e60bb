package nn.examples;

import java.io.IOException;
import java.util.List;

/** One program of the launcher. */
interface Example {
    /** What the user types. */
    String name();

    /** One line for the list. */
    String summary();

    /** What it takes on the command line. */
    default List<Option> options() {
        return List.of();
    }

    /** The label of further words on the command line, such as {@code ID}; empty if there may be none. */
    default String words() {
        return "";
    }

    /** What those words are. */
    default String wordsText() {
        return "";
    }

    /**
     * Runs it. An example that takes more than ten seconds {@linkplain Terminal#announce says so} first.
     *
     * @param arguments what the user chose
     * @param terminal where to print
     * @return the exit code: 0 for success, 1 if a measurement left its range, 2 if the program could not run as asked
     * @throws IOException if a file cannot be read or written; the launcher prints its message and exits with 2
     */
    int run(Arguments arguments, Terminal terminal) throws IOException;

    /**
     * One option.
     *
     * @param name with its dashes
     * @param value the label of its value in the help, such as {@code N}; empty for a switch
     * @param fallback the value if the option is not given; empty for a switch or for none
     * @param text what it does
     */
    record Option(String name, String value, String fallback, String text) {
        /** The seed that every example takes. */
        static final Option SEED = new Option("--seed", "N", "1", "names all randomness; the same seed, the same bits");
    }
}
