package nn.train;

import java.io.Flushable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Shows the progress of a training in one line of at most 79 columns, which is overwritten up to four times a second.
 * Use it for a terminal only: its carriage returns clutter log files.
 *
 * <p>The remaining time is estimated from the speed of the steps so far.
 */
public final class ProgressLine implements TrainingObserver {
    private static final int WIDTH = 79;
    private static final long PAUSE_NANOS = 250_000_000L;

    private final Appendable out;
    private final LongSupplier nanoTime;
    private int epochs;
    private int stepsPerEpoch;
    private int completedSteps;
    private long done; // completedSteps included
    private long start;
    private long shown;
    private int width;

    /**
     * Creates a line for a terminal.
     *
     * @param out the terminal, such as {@code System.err}
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

    /** Erases the line, so that another observer can print its text of the epoch there. */
    @Override
    public void onEpoch(EpochReport report) {
        if (width > 0 && done < (long) epochs * stepsPerEpoch) {
            write("\r" + " ".repeat(width) + "\r");
            width = 0;
        }
    }

    /** Ends the line if training ended before its last step. */
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

    /** Writes a line over the one before, and blanks over the rest of a longer one. */
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
