package nn.train.loss;

/**
 * The combination of the losses of several examples (or elements) into one number. It is over all examples of a batch,
 * whatever its micro-batches, of the validation data, or of an epoch. So with a sum, the loss of an epoch is the sum
 * over all its examples.
 */
public enum Reduction {
    /** The mean: the batch size does not change the size of a step. */
    MEAN,
    /** The sum. */
    SUM;

    /**
     * Returns the factor of each term in the total.
     *
     * @param terms the number of terms, or the sum of their weights
     * @return {@code 1 / terms} for a mean, 1 for a sum
     */
    public double weight(double terms) {
        return this == MEAN ? 1.0 / terms : 1.0;
    }

    /**
     * Returns the factor of the loss of some terms in the loss of all terms.
     *
     * @param part the number of those terms, or the sum of their weights
     * @param whole the number of all terms, or the sum of their weights
     * @return {@code part / whole} for a mean, 1 for a sum; 0 if the part is 0
     */
    public double share(double part, double whole) {
        return part == 0 ? 0 : this == MEAN ? part / whole : 1;
    }
}
