package nn.train.schedule;

import java.util.Objects;
import nn.train.internal.Hyperparameters;
import nn.train.metric.Monitor;

/**
 * Lowers the learning rate when training no longer improves, by the rules of PyTorch's {@code ReduceLROnPlateau}. An
 * epoch is better if its loss is below {@code best - threshold |best|}, or with a {@link Monitor} whose highest value
 * is the best, if that is above {@code best + threshold |best|}. After more than {@code patience} epochs in a row that
 * are not better, the rate is multiplied by {@code factor} and the count begins anew. It works together with a {@link
 * Schedule}: the factors are multiplied.
 *
 * <p>A plateau belongs to one {@linkplain nn.train.Trainer#fit(nn.train.data.Batches, nn.train.FitOptions) fit}: the
 * next fit begins with the full rate and its own best value. Steps by hand are made with the full rate.
 *
 * @param factor above 0 and below 1
 * @param patience the number of epochs in a row that may fail to be better, 0 or more
 * @param threshold a better value differs from the best one by more than this part of it, in [0, 1)
 * @param least the rate falls to this part of what it was, and no further; in [0, 1]
 * @param monitor the quantity that is compared
 */
public record Plateau(double factor, int patience, double threshold, double least, Monitor monitor) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range; by name and value
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
        if (!(least >= 0 && least <= 1)) {
            throw new IllegalArgumentException("Plateau: least is " + least + "; it must be from 0 to 1");
        }
        Objects.requireNonNull(monitor, "monitor");
    }

    /**
     * Returns a plateau of the loss with the usual threshold, 1e-4, and no least rate.
     *
     * @param factor above 0 and below 1; 0.1 is usual
     * @param patience the number of epochs in a row that may fail to be better; 10 is usual
     * @return the rule
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static Plateau of(double factor, int patience) {
        return new Plateau(factor, patience, 1e-4, 0, Monitor.LOSS);
    }

    /**
     * Compares epochs by another quantity.
     *
     * @param monitor the loss or a metric of the fit
     * @return a copy with that monitor
     */
    public Plateau monitor(Monitor monitor) {
        return new Plateau(factor, patience, threshold, least, monitor);
    }
}
