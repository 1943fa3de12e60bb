package nn.examples;

import java.io.PrintStream;
import java.util.Optional;

/**
 * Where an example prints.
 *
 * @param out results
 * @param progress where a line may be rewritten while work goes on; empty if nobody looks (output to a file or a pipe)
 */
record Terminal(PrintStream out, Optional<Appendable> progress) {
    /** The process's own: results to standard output, progress to standard error if that is a terminal. */
    static Terminal system() {
        boolean somebodyLooks = System.console() != null && System.console().isTerminal();
        return new Terminal(System.out, somebodyLooks ? Optional.of(System.err) : Optional.empty());
    }

    /** Prints one line of results, formatted. */
    void line(String format, Object... values) {
        out.println(values.length == 0 ? format : String.format(java.util.Locale.ROOT, format, values));
    }
}
