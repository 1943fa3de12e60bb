package nn.train.loss;

/**
 * The way in which the losses of several examples (or elements) become one number. It is defined alike for a batch, for
 * its micro-batches together, for validation data and for an epoch: over all the examples that they have. So with a
 * sum, the loss of an epoch is the sum over all its examples, and the loss of a validation the sum over all of its.
 */
public enum Reduction {
    /** Their mean: the size of the batch does not change the size of a step. */
    MEAN,
    /** Their sum. */
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
     * Returns the factor of the total of some terms in the total of all.
     *
     * @param part the number of some of the terms
     * @param whole the number of all terms
     * @return {@code part / whole} for a mean, 1 for a sum; 0 if the part is 0
     */
    public double share(double part, double whole) {
        return part == 0 ? 0 : this == MEAN ? part / whole : 1;
    }
}
