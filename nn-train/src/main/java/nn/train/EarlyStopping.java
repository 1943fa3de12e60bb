package nn.train;

import java.util.Objects;
import nn.train.internal.Hyperparameters;
import nn.train.metric.Monitor;

/**
 * Compares the epochs of a fit by a monitored quantity, and stops the fit after a number of epochs in a row that are
 * not better than the best one before.
 *
 * <pre>{@code
 * EarlyStopping.of(10).monitor(Monitor.highest("accuracy")).minDelta(0.001)
 * }</pre>
 *
 * @param monitor the quantity that is compared; it also decides which epoch {@link FitOptions#keepBest} keeps
 * @param patience the number of epochs in a row without a better one after which the fit stops, 1 or more; 0 for no
 *     early stop
 * @param minDelta an epoch counts as better only if it improves on the best one by more than this, 0 or more
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
     * Returns a rule that stops after some epochs whose loss is not better.
     *
     * @param patience the number of epochs in a row, 1 or more; 0 for no early stop
     * @return the rule
     * @throws IllegalArgumentException if it is negative
     */
    public static EarlyStopping of(int patience) {
        return new EarlyStopping(Monitor.LOSS, patience, 0);
    }

    /**
     * Returns a copy that compares epochs by another quantity.
     *
     * @param monitor the loss or a metric of the fit
     * @return the copy
     */
    public EarlyStopping monitor(Monitor monitor) {
        return new EarlyStopping(monitor, patience, minDelta);
    }

    /**
     * Returns a copy that counts an epoch as better only if it is better by a margin.
     *
     * @param minDelta 0 or more
     * @return the copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public EarlyStopping minDelta(double minDelta) {
        return new EarlyStopping(monitor, patience, minDelta);
    }
}
