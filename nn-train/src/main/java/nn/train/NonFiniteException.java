package nn.train;

/**
 * A training step met a loss or a gradient that is NaN or infinite. The step was given up before it changed anything:
 * weights, optimizer state and the number of steps are what they were before it.
 */
public final class NonFiniteException extends ArithmeticException {
    private static final long serialVersionUID = 1L;

    /** The step that failed. */
    private final long step;

    /** What was not finite. */
    private final String quantity;

    /** Its value. */
    private final double value;

    NonFiniteException(long step, String quantity, double value, String advice) {
        super("step " + step + ": the " + quantity + " is " + value + "; the weights are as they were before it. "
                + advice);
        this.step = step;
        this.quantity = quantity;
        this.value = value;
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
     * What was not finite.
     *
     * @return such as {@code loss}
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
}
