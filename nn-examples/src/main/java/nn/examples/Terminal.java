package nn.examples;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;
import nn.train.Observer;
import nn.train.ProgressLine;

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

    /** The observer, behind a progress line if somebody looks. */
    Observer[] observers(Observer report) {
        return progress.map(text -> new Observer[] {new ProgressLine(text), report})
                .orElseGet(() -> new Observer[] {report});
    }

    /** Prints one line of results, formatted. */
    void line(String format, Object... values) {
        out.print((values.length == 0 ? format : String.format(Locale.ROOT, format, values)) + "\n");
    }
}
