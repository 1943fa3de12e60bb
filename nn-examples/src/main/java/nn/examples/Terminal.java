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
 * Where an example prints. A result that cannot be written ends the program: {@link java.io.PrintStream}, which keeps
 * such errors to itself, would let it compute on for nobody.
 *
 * @param out results
 * @param charset of the results
 * @param errors messages about what went wrong
 * @param progress a line that is rewritten while work goes on; empty if the output is not a terminal
 */
record Terminal(OutputStream out, Charset charset, Appendable errors, Optional<Appendable> progress) {
    private static final double LONG = 10;

    /** Results cannot be written: the disk is full, or the reader of the pipe is gone. */
    static final class OutputException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OutputException(IOException cause) {
            super("cannot write the results to standard output: " + cause.getMessage(), cause);
        }
    }

    /** The process's own: results to standard output; messages, and progress if that is a terminal, to the other. */
    static Terminal system() {
        boolean interactive = System.console() != null && System.console().isTerminal();
        return new Terminal(
                new FileOutputStream(FileDescriptor.out),
                System.out.charset(),
                System.err,
                interactive ? Optional.of(System.err) : Optional.empty());
    }

    /** The observer, behind a progress line on a terminal. */
    TrainingObserver[] observers(TrainingObserver report) {
        return progress.map(text -> new TrainingObserver[] {new ProgressLine(text), report})
                .orElseGet(() -> new TrainingObserver[] {report});
    }

    /** Prints results as they are, at once. */
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

    /** Says how long the work takes, if that is more than ten seconds; to be called before it begins. */
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
            // There is no place left to tell it; the exit code still does.
        }
    }
}
