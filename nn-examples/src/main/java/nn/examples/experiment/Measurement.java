package nn.examples.experiment;

/**
 * One measured number with its expected value and its accepted range.
 *
 * @param quantity its name, in at most 33 characters
 * @param over what it is averaged over
 * @param basis the origin of the prediction
 * @param predicted the expected value; NaN with {@link Basis#NONE}
 * @param measured the mean over the repetitions
 * @param margin half of the 95 % interval of that mean; 0 where nothing is random
 * @param low the least accepted value
 * @param high the largest accepted value
 */
public record Measurement(
        String quantity,
        Over over,
        Basis basis,
        double predicted,
        double measured,
        double margin,
        double low,
        double high) {
    private static final int WIDEST = 33;

    /** Checks that the measurement can be printed and can fail. */
    public Measurement {
        if (quantity.isBlank() || quantity.length() > WIDEST) {
            throw new IllegalArgumentException(
                    "quantity '" + quantity + "' has " + quantity.length() + " characters: 1 to " + WIDEST);
        }
        if (!(low <= high) || low == Double.NEGATIVE_INFINITY && high == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    quantity + ": range " + low + " to " + high + " accepts nothing or everything");
        }
    }

    /**
     * Returns whether the measurement is in its range.
     *
     * @return false for NaN too
     */
    public boolean accepted() {
        return measured >= low && measured <= high;
    }
}
