package nn.train.schedule;

import java.util.Objects;
import nn.train.internal.Hyperparameters;
import nn.train.metric.Monitor;

/**
 * Lowers the learning rate when training no longer improves, by the rules of PyTorch's {@code ReduceLROnPlateau}. An
 * epoch is better if its monitored value is below {@code best - threshold |best|}, or, if the highest value is the
 * best, above {@code best + threshold |best|}. After more than {@code patience} epochs in a row that are not better,
 * the rate is multiplied by {@code factor} and the count starts again from 0. The factors of a plateau and a {@link
 * Schedule} are multiplied.
 *
 * <p>A plateau belongs to one {@linkplain nn.train.Trainer#fit(nn.train.data.Batches, nn.train.FitOptions) fit}: the
 * next fit starts with the full rate and its own best value. {@link nn.train.Trainer#step} uses the full rate.
 *
 * @param factor the factor by which the rate falls, above 0 and below 1
 * @param patience the number of epochs in a row without a better one that do not yet lower the rate, 0 or more
 * @param threshold relative difference to the best value that makes a value better, in [0, 1)
 * @param minFactor the lowest factor of the rate, in [0, 1]
 * @param monitor the quantity that is compared
 */
public record Plateau(double factor, int patience, double threshold, double minFactor, Monitor monitor) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range
     * @throws NullPointerException if the monitor is null
     */
    public Plateau {
        if (!(factor > 0 && factor < 1)) {
            throw new IllegalArgumentException("Plateau: factor is " + factor + "; it must be above 0 and below 1");
        }
        if (patience < 0) {
            throw new IllegalArgumentException("Plateau: patience is " + patience + "; it must be 0 or more");
        }
        Hyperparameters.requireFractionDouble("Plateau", "threshold", threshold);
        if (!(minFactor >= 0 && minFactor <= 1)) {
            throw new IllegalArgumentException("Plateau: minFactor is " + minFactor + "; it must be from 0 to 1");
        }
        Objects.requireNonNull(monitor, "monitor");
    }

    /**
     * Returns a plateau of the loss with PyTorch's default threshold, 1e-4, and no lower limit of the rate.
     *
     * @param factor the factor by which the rate falls, above 0 and below 1; 0.1 is usual
     * @param patience the number of epochs in a row without a better one that do not yet lower the rate; 10 is
     *     usual
     * @return the rule
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static Plateau of(double factor, int patience) {
        return new Plateau(factor, patience, 1e-4, 0, Monitor.LOSS);
    }

    /**
     * Returns a copy that compares epochs by another quantity.
     *
     * @param monitor the loss or a metric of the fit
     * @return the copy
     */
    public Plateau monitor(Monitor monitor) {
        return new Plateau(factor, patience, threshold, minFactor, monitor);
    }
}
