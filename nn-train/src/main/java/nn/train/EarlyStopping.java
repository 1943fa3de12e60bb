package nn.train;

import java.util.Objects;
import nn.train.internal.Hyperparameters;
import nn.train.metric.Monitor;

/**
 * The rule by which the epochs of a fit are judged, and by which it stops early: after a number of epochs in a row that
 * are not better than the best one before.
 *
 * <pre>{@code
 * EarlyStopping.of(10).monitor(Monitor.highest("accuracy")).minDelta(0.001)
 * }</pre>
 *
 * @param monitor the quantity that is compared; it also decides which epoch {@link FitOptions#keepBest} keeps
 * @param patience the number of epochs in a row that may fail to be better, 1 or more; 0 for no early stop
 * @param minDelta a better epoch is better than the best one by more than this, 0 or more
 */
public record EarlyStopping(Monitor monitor, int patience, double minDelta) {
    /** No early stop; epochs are compared by their loss. */
    public static final EarlyStopping NONE = new EarlyStopping(Monitor.LOSS, 0, 0);

    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if {@code patience} is negative, or {@code minDelta} is negative, NaN or
     *     infinite
     * @throws NullPointerException if the monitor is null
     */
    public EarlyStopping {
        Objects.requireNonNull(monitor, "monitor");
        if (patience < 0) {
            throw new IllegalArgumentException("patience is " + patience + "; it must be 1 or more, or 0 for none");
        }
        Hyperparameters.requireNonNegativeDouble("EarlyStopping", "minDelta", minDelta);
    }

    /**
     * Stops after some epochs whose loss is not better.
     *
     * @param patience the number of epochs in a row, 1 or more; 0 for no early stop
     * @return the rule
     * @throws IllegalArgumentException if it is negative
     */
    public static EarlyStopping of(int patience) {
        return new EarlyStopping(Monitor.LOSS, patience, 0);
    }

    /**
     * Compares epochs by another quantity.
     *
     * @param monitor the loss or a metric of the fit
     * @return a copy with that monitor
     */
    public EarlyStopping monitor(Monitor monitor) {
        return new EarlyStopping(monitor, patience, minDelta);
    }

    /**
     * Counts an epoch as better only if it is so by a margin.
     *
     * @param minDelta 0 or more
     * @return a copy with that margin
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public EarlyStopping minDelta(double minDelta) {
        return new EarlyStopping(monitor, patience, minDelta);
    }
}
