package nn.train;

import java.util.List;
import java.util.Locale;

/**
 * What a {@link Trainer#fit} did, epoch by epoch.
 *
 * @param epochs one report for each epoch, in order; at least one
 */
public record History(List<EpochReport> epochs) {
    /**
     * Keeps a copy.
     *
     * @throws IllegalArgumentException if there is none
     */
    public History {
        epochs = List.copyOf(epochs);
        if (epochs.isEmpty()) {
            throw new IllegalArgumentException("a history of no epochs");
        }
    }

    /**
     * The report of the last epoch.
     *
     * @return the last
     */
    public EpochReport last() {
        return epochs.getLast();
    }

    /** A table with a line for each epoch. */
    @Override
    public String toString() {
        StringBuilder table = new StringBuilder("epoch         loss    grad norm    steps  examples  seconds\n");
        for (EpochReport e : epochs) {
            table.append(String.format(
                    Locale.ROOT,
                    "%5d %12.6g %12.6g %8d %9d %8.2f%n",
                    e.epoch(), e.loss(), e.gradientNorm(), e.steps(), e.examples(), e.seconds()));
        }
        return table.toString();
    }
}
