package nn.train.metric;

import java.util.Objects;

/**
 * A quantity by which the epochs of a fit are compared: the loss, whose lowest value is the best, or a metric, whose
 * lowest or highest value is the best.
 *
 * <pre>{@code
 * EarlyStopping.of(10).monitor(Monitor.highest("accuracy"))
 * }</pre>
 *
 * @param quantity the name of the metric in the fit, or {@code loss}
 * @param higherIsBetter whether the highest value is the best, rather than the lowest
 */
public record Monitor(String quantity, boolean higherIsBetter) {
    private static final String LOSS_NAME = "loss";

    /** The loss: of the validation data, or of the training data in a fit without validation. */
    public static final Monitor LOSS = new Monitor(LOSS_NAME, false);

    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if the quantity is null
     */
    public Monitor {
        Objects.requireNonNull(quantity, "quantity");
    }

    /**
     * Returns a monitor of a metric whose lowest value is the best, such as an error.
     *
     * @param metric its name in the fit
     * @return the monitor
     */
    public static Monitor lowest(String metric) {
        return new Monitor(metric, false);
    }

    /**
     * Returns a monitor of a metric whose highest value is the best, such as accuracy.
     *
     * @param metric its name in the fit
     * @return the monitor
     */
    public static Monitor highest(String metric) {
        return new Monitor(metric, true);
    }

    /**
     * Returns whether the quantity is the loss.
     *
     * @return false if it is a metric
     */
    public boolean isLoss() {
        return quantity.equals(LOSS_NAME);
    }

    /**
     * Returns the worst possible value, which every other value is better than.
     *
     * @return an infinity
     */
    public double worst() {
        return higherIsBetter ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }

    /**
     * Returns whether a value is better than another one by more than a margin. NaN is not better than any value.
     *
     * @param value the value
     * @param best the value to compare it with
     * @param margin finite, 0 or more
     * @return whether it is better
     */
    public boolean isBetter(double value, double best, double margin) {
        return higherIsBetter ? value > best + margin : value < best - margin;
    }

    /** Returns a text such as {@code highest accuracy}. */
    @Override
    public String toString() {
        return (higherIsBetter ? "highest " : "lowest ") + quantity;
    }
}
