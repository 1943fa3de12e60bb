package nn.train;

import java.util.Optional;
import java.util.OptionalInt;
import nn.train.internal.pass.NonFiniteValue;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when the loss, a gradient or an updated value of a training step is NaN or infinite. The step has changed
 * nothing: weights, statistics, optimizer state and the number of steps are as before it, to the bit.
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

    /** The path of the first layer with such a value, or null. */
    private final @Nullable String layer;

    /** The first row with such a value, or -1. */
    private final int row;

    NonFiniteException(long step, int batch, String quantity, double value, Optional<NonFiniteValue> finding) {
        super("step " + step + (batch > 0 ? ", batch " + batch + " of its epoch" : "") + ": the " + quantity + " is "
                + value + finding.map(f -> "; " + f.what()).orElse("")
                + "; the step has changed nothing. " + advice(step, quantity, finding));
        this.step = step;
        this.batch = batch;
        this.quantity = quantity;
        this.value = value;
        this.layer = finding.map(NonFiniteValue::layer).orElse(null);
        this.row = finding.map(NonFiniteValue::row).orElse(-1);
    }

    private static String advice(long step, String quantity, Optional<NonFiniteValue> finding) {
        if (finding.isPresent() && finding.get().layer() == null) {
            return "Check the targets, and look for a division by 0, a logarithm of 0 or an overflow in the loss.";
        }
        boolean moved = step > 1 || quantity.startsWith("updated ") || quantity.startsWith("optimizer state ");
        return moved
                ? "The usual causes are a learning rate that is too high and inputs that are not scaled."
                : "This is the first step, so the learning rate is not the cause: check "
                        + (finding.isPresent() ? "that layer, " : "")
                        + "the initial weights and the scale of the inputs.";
    }

    /**
     * Returns the number of the step that failed.
     *
     * @return from 1
     */
    public long step() {
        return step;
    }

    /**
     * Returns the number of the failed batch within its epoch, in a {@link Trainer#fit}.
     *
     * @return from 1; empty for a {@link Trainer#step}
     */
    public OptionalInt batch() {
        return batch > 0 ? OptionalInt.of(batch) : OptionalInt.empty();
    }

    /**
     * Returns the quantity that was not finite.
     *
     * @return {@code loss}, or {@code gradient of}, {@code updated} or {@code optimizer state of} with the path of a
     *     parameter, or with {@link TrainerOptions#debugging} a quantity of a layer
     */
    public String quantity() {
        return quantity;
    }

    /**
     * Returns the value.
     *
     * @return NaN or an infinity
     */
    public double value() {
        return value;
    }

    /**
     * Returns the first layer, in the order of the computation, that computed such a value from finite ones.
     *
     * @return its path, such as {@code hidden1}, or an empty text for the model as a whole; empty if no layer did, for
     *     example if it was the loss
     */
    public Optional<String> layer() {
        return Optional.ofNullable(layer);
    }

    /**
     * Returns the first row of that layer's output, or of the gradient at its input, that has such a value.
     *
     * @return its index along axis 0, in its micro-batch if there are several; empty if it is not known
     */
    public OptionalInt row() {
        return row >= 0 ? OptionalInt.of(row) : OptionalInt.empty();
    }
}
