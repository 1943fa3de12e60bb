package nn.train.schedule;

import java.util.SequencedMap;
import nn.train.internal.Hyper;

/**
 * Lowers the learning rate when training no longer gets anywhere, by the rules of PyTorch's {@code ReduceLROnPlateau}:
 * an epoch is better if its loss is below {@code best - threshold |best|}; after more than {@code patience} epochs in a
 * row that are not, the rate is multiplied by {@code factor} and the count begins anew. The loss is that of the
 * validation, or of the training where a {@link nn.train.Fit} has no validation. It works together with a {@link
 * Schedule}: the factors are multiplied.
 *
 * <p>A plateau belongs to one {@linkplain nn.train.Trainer#fit(nn.train.data.Batches, nn.train.Fit) fit}: the next fit
 * begins with the full rate and its own best loss. Steps by hand are made with the full rate.
 *
 * @param factor above 0 and below 1
 * @param patience how many epochs in a row may fail to be better, 0 or more
 * @param threshold by what part of the best loss a better one is below it, in [0, 1)
 * @param least the rate falls to this part of what it was, and no further; in [0, 1]
 */
public record Plateau(double factor, int patience, double threshold, double least) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range; by name and value
     */
    public Plateau {
        if (!(factor > 0 && factor < 1)) {
            throw new IllegalArgumentException(
                    "Plateau: factor is " + factor + "; it must be above 0 and below 1");
        }
        if (patience < 0) {
            throw new IllegalArgumentException("Plateau: patience is " + patience + "; it must be 0 or more");
        }
        Hyper.requireFractionDouble("Plateau", "threshold", threshold);
        if (!(least >= 0 && least <= 1)) {
            throw new IllegalArgumentException("Plateau: least is " + least + "; it must be from 0 to 1");
        }
    }

    /**
     * The usual threshold of 1e-4, and no least rate.
     *
     * @param factor above 0 and below 1; 0.1 is usual
     * @param patience how many epochs in a row may fail to be better; 10 is usual
     * @return the rule
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static Plateau of(double factor, int patience) {
        return new Plateau(factor, patience, 1e-4, 0);
    }
}
