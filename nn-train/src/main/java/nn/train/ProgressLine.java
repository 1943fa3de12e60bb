package nn.train;

import java.io.Flushable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * One line that shows how far training is, written over itself a few times a second, at most 79 columns wide. Pass one
 * only if the text goes to a terminal: in a log file it is a long line of rubbish.
 *
 * <p>The time left is an estimate from the steps done, at the pace so far.
 */
public final class ProgressLine implements TrainingObserver {
    private static final int WIDTH = 79;
    private static final long PAUSE_NANOS = 250_000_000L;

    private final Appendable out;
    private final LongSupplier nanoTime;
    private int epochs;
    private int stepsPerEpoch;
    private int completedSteps;
    private long done; // the steps made before included
    private long start;
    private long shown;
    private int width;

    /**
     * A line for a terminal.
     *
     * @param out where to write, such as {@code System.err}
     */
    public ProgressLine(Appendable out) {
        this(out, System::nanoTime);
    }

    ProgressLine(Appendable out, LongSupplier nanoTime) {
        this.out = Objects.requireNonNull(out, "out");
        this.nanoTime = nanoTime;
    }

    @Override
    public void onStart(int epochs, int steps, int completedSteps) {
        this.epochs = epochs;
        this.stepsPerEpoch = steps;
        this.completedSteps = completedSteps;
        done = completedSteps;
        width = 0;
        start = nanoTime.getAsLong();
        shown = start;
    }

    @Override
    public void onStep(StepReport report) {
        done++;
        long now = nanoTime.getAsLong();
        boolean last = done == (long) epochs * stepsPerEpoch;
        if (last || now - shown >= PAUSE_NANOS) {
            show(line(report, now - start));
            shown = now;
        }
        if (last) {
            write("\n");
        }
    }

    /** Wipes the line, so that what another observer prints of the epoch begins on a clean one. */
    @Override
    public void onEpoch(EpochReport report) {
        if (width > 0 && done < (long) epochs * stepsPerEpoch) {
            write("\r" + " ".repeat(width) + "\r");
            width = 0;
        }
    }

    /** Ends the line where training ended before its last step. */
    @Override
    public void onEnd(History history) {
        if (width > 0 && done < (long) epochs * stepsPerEpoch) {
            write("\n");
        }
    }

    private String line(StepReport report, long elapsed) {
        long total = (long) epochs * stepsPerEpoch;
        long left = Math.round((double) elapsed / (done - completedSteps) * (total - done) * 1e-9);
        return String.format(
                Locale.ROOT,
                "epoch %d/%d  step %d/%d  loss %.4g  rate %.3g  %d:%02d:%02d left",
                (done - 1) / stepsPerEpoch + 1,
                epochs,
                (done - 1) % stepsPerEpoch + 1,
                stepsPerEpoch,
                report.loss(),
                report.rate(),
                left / 3600,
                left / 60 % 60,
                left % 60);
    }

    /** Writes a line over the one before, with blanks over the rest of a longer one. */
    private void show(String line) {
        String cut = line.substring(0, Math.min(line.length(), WIDTH));
        write("\r" + cut + " ".repeat(Math.max(0, width - cut.length())));
        width = cut.length();
    }

    private void write(String text) {
        try {
            out.append(text);
            if (out instanceof Flushable flushable) {
                flushable.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
