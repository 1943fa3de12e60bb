package nn.examples;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Optional;
import nn.train.ProgressLine;
import nn.train.TrainingObserver;

/**
 * The output of an example. A result that cannot be written ends the program; {@link java.io.PrintStream} hides such
 * errors, and the program would go on computing for no reader.
 *
 * @param out results
 * @param charset of the results
 * @param errors messages about what went wrong
 * @param progress a line that is rewritten while work goes on; empty if the output is not a terminal
 */
record Terminal(OutputStream out, Charset charset, Appendable errors, Optional<Appendable> progress) {
    private static final double LONG = 10;

    /** Results could not be written: the disk is full, or the pipe is closed. */
    static final class OutputException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OutputException(IOException cause) {
            super("cannot write the results to standard output: " + cause.getMessage(), cause);
        }
    }

    /**
     * Returns the terminal of the process: results go to standard output, messages to standard error, and so does
     * progress if that is a terminal.
     */
    static Terminal system() {
        boolean interactive = System.console() != null && System.console().isTerminal();
        return new Terminal(
                new FileOutputStream(FileDescriptor.out),
                System.out.charset(),
                System.err,
                interactive ? Optional.of(System.err) : Optional.empty());
    }

    /** Returns the observer, and before it a progress line if there is a terminal. */
    TrainingObserver[] observers(TrainingObserver report) {
        return progress.map(text -> new TrainingObserver[] {new ProgressLine(text), report})
                .orElseGet(() -> new TrainingObserver[] {report});
    }

    /** Prints results unchanged, and flushes. */
    void print(String text) {
        try {
            out.write(text.getBytes(charset));
            out.flush();
        } catch (IOException e) {
            throw new OutputException(e);
        }
    }

    /** Prints one line of results, formatted. */
    void line(String format, Object... values) {
        print((values.length == 0 ? format : String.format(Locale.ROOT, format, values)) + "\n");
    }

    /** Prints the expected duration if it exceeds ten seconds; called before the work begins. */
    void announce(double seconds) {
        if (seconds > LONG) {
            line(
                    "This takes about %s on two cores.",
                    seconds < 90 ? Math.round(seconds / 10) * 10 + " seconds" : Math.round(seconds / 60) + " minutes");
        }
    }

    /** Prints a message about something that went wrong. */
    void error(String text) {
        try {
            errors.append(text);
        } catch (IOException e) {
            // The error cannot be reported anywhere; the exit code still shows it.
        }
    }
}
