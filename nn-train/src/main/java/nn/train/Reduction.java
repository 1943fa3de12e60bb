package nn.train;

/** How the losses of several examples (or elements) become one number. */
public enum Reduction {
    /** Their mean: the size of the batch does not change the size of a step. */
    MEAN,
    /** Their sum. */
    SUM;

    /** What each of some terms counts in the total. */
    double weight(int terms) {
        return this == MEAN ? 1.0 / terms : 1.0;
    }
}
