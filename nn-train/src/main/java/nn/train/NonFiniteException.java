package nn.train;

import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A training step met a number that is NaN or infinite: the loss, a gradient, or what the update would have left. The
 * step was given up: weights, statistics, optimizer state and the number of steps are to the bit what they were before
 * it.
 */
public final class NonFiniteException extends ArithmeticException {
    private static final long serialVersionUID = 1L;

    /** The step that failed. */
    private final long step;

    /** Its batch in the epoch, or 0. */
    private final int batch;

    /** The quantity that was not finite. */
    private final String quantity;

    /** Its value. */
    private final double value;

    /** The first layer that went wrong, or null. */
    private final @Nullable String layer;

    /** The first bad row, or -1. */
    private final int row;

    NonFiniteException(long step, int batch, String quantity, double value, Optional<NonFiniteValue> finding) {
        super("step " + step + (batch > 0 ? ", batch " + batch + " of its epoch" : "") + ": the " + quantity + " is "
                + value + finding.map(f -> "; " + f.what()).orElse("")
                + "; the weights are as they were before it. " + advice(step, quantity, finding));
        this.step = step;
        this.batch = batch;
        this.quantity = quantity;
        this.value = value;
        this.layer = finding.map(NonFiniteValue::layer).orElse(null);
        this.row = finding.map(NonFiniteValue::row).orElse(-1);
    }

    private static String advice(long step, String quantity, Optional<NonFiniteValue> finding) {
        if (finding.isPresent() && finding.get().layer() == null) {
            return "Look for a division by 0, the logarithm of 0 or an overflow in the loss, and at the targets.";
        }
        boolean moved = step > 1 || quantity.startsWith("updated ") || quantity.startsWith("optimizer's ");
        return moved
                ? "Most often the learning rate is too high, or the inputs are not scaled."
                : "It is the first step, so the learning rate is not the reason: look at "
                        + (finding.isPresent() ? "that layer, " : "")
                        + "the first weights and the scale of the inputs.";
    }

    /**
     * The step that failed.
     *
     * @return its number, from 1
     */
    public long step() {
        return step;
    }

    /**
     * The batch that failed, in a {@link Trainer#fit}.
     *
     * @return its number in the epoch, from 1; empty for a step by hand
     */
    public OptionalInt batch() {
        return batch > 0 ? OptionalInt.of(batch) : OptionalInt.empty();
    }

    /**
     * Returns the quantity that was not finite.
     *
     * @return {@code loss}, {@code gradient of} or {@code updated} and a parameter by its path, or what a debugging
     *     trainer found in a layer
     */
    public String quantity() {
        return quantity;
    }

    /**
     * The offending value.
     *
     * @return NaN or an infinity
     */
    public double value() {
        return value;
    }

    /**
     * The layer where it began: the first, in the order of the computation, that made such a number of finite ones.
     *
     * @return its path, such as {@code hidden1}, empty text for the model as a whole; empty if no layer is to blame, as
     *     where it was the loss
     */
    public Optional<String> layer() {
        return Optional.ofNullable(layer);
    }

    /**
     * The first row of that layer's output, or of the gradient at its input, that has such a number.
     *
     * @return its index along axis 0; empty if it is not known
     */
    public OptionalInt row() {
        return row >= 0 ? OptionalInt.of(row) : OptionalInt.empty();
    }
}
