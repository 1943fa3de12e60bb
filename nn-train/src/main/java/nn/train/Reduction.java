package nn.train;

/**
 * How the losses of several examples (or elements) become one number. That of a batch, of its micro-batches together, of
 * validation data and of an epoch are the same number of the examples they have: with a sum, the loss of an epoch is the
 * sum over all its examples, as that of a validation is.
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
