package nn.examples.claims;

/**
 * One measured number beside what theory says.
 *
 * @param quantity what it is, in at most 33 characters; it says which variance is meant
 * @param predicted what theory, an exact argument or an independent experiment gives; NaN if nothing predicts it
 * @param measured the mean over the repetitions
 * @param margin half of the 95 % interval of that mean; 0 where nothing is random
 * @param low the least accepted value
 * @param high the largest accepted value
 */
public record Finding(String quantity, double predicted, double measured, double margin, double low, double high) {

    /**
     * A sampled quantity.
     *
     * @param quantity what it is
     * @param predicted what theory gives
     * @param sample one value for each repetition
     * @param low the least accepted mean
     * @param high the largest accepted mean
     * @return the finding, with the 95 % interval of the mean
     */
    public static Finding sampled(String quantity, double predicted, double[] sample, double low, double high) {
        double mean = 0;
        for (double x : sample) {
            mean += x / sample.length;
        }
        double squares = 0;
        for (double x : sample) {
            squares += (x - mean) * (x - mean);
        }
        double error = Math.sqrt(squares / (sample.length - 1.0) / sample.length);
        return new Finding(quantity, predicted, mean, 1.96 * error, low, high);
    }

    /**
     * A proportion.
     *
     * @param quantity what it is
     * @param predicted what theory gives
     * @param hits how often it happened
     * @param tries in how many
     * @param low the least accepted proportion
     * @param high the largest accepted proportion
     * @return the finding, with the 95 % interval
     */
    public static Finding proportion(
            String quantity, double predicted, long hits, long tries, double low, double high) {
        double p = (double) hits / tries;
        return new Finding(quantity, predicted, p, 1.96 * Math.sqrt(p * (1 - p) / tries), low, high);
    }

    /**
     * A quantity with no chance in it.
     *
     * @param quantity what it is
     * @param predicted what must come out
     * @param measured what came out
     * @param low the least accepted value
     * @param high the largest accepted value
     * @return the finding
     */
    public static Finding exact(String quantity, double predicted, double measured, double low, double high) {
        return new Finding(quantity, predicted, measured, 0, low, high);
    }

    /**
     * A quantity that must come out as predicted, to the bit.
     *
     * @param quantity what it is
     * @param predicted the value
     * @param measured what came out
     * @return the finding
     */
    public static Finding equal(String quantity, double predicted, double measured) {
        return exact(quantity, predicted, measured, predicted, predicted);
    }

    /**
     * Whether the measurement is in its range.
     *
     * @return false for NaN too
     */
    public boolean accepted() {
        return measured >= low && measured <= high;
    }
}
