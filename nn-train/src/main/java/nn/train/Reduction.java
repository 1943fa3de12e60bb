package nn.train;

/**
 * How the losses of several examples (or elements) become one number. It is defined alike for a batch, for its
 * micro-batches together, for validation data and for an epoch: over all the examples that they have. So with a sum,
 * the loss of an epoch is the sum over all its examples, and the loss of a validation the sum over all of its.
 */
public enum Reduction {
    /** Their mean: the size of the batch does not change the size of a step. */
    MEAN,
    /** Their sum. */
    SUM;

    /** What each of some terms counts in the total. */
    double weight(double terms) {
        return this == MEAN ? 1.0 / terms : 1.0;
    }

    /** What the total of a part of the terms counts in the total of all; 0 if it has none. */
    double share(double part, double whole) {
        return part == 0 ? 0 : this == MEAN ? part / whole : 1;
    }
}
