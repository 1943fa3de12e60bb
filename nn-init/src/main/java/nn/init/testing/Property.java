package nn.init.testing;

import java.util.Locale;

/** The properties that a {@link Conformance} checks. */
public enum Property {
    /** No NaN, no infinity, with any key that is tried. */
    FINITE,
    /** Every element is written, and nothing outside the tensor, in a view of a larger array too. */
    FILLS_EVERYTHING,
    /** The same key gives the same bits, whatever the tensor held before. */
    SAME_KEY_SAME_BITS,
    /** Filling another tensor in between changes nothing: no hidden state. */
    ORDER_INDEPENDENCE,
    /** Elements are zero where they must be: beside the centre of a kernel, in the row for padding. */
    ZEROS,
    /** Every bit of a key counts: keys that differ in one bit give other values. */
    WHOLE_KEY,
    /** No element has the same value with several keys. */
    VARIED_ELEMENTS,
    /** The mean. */
    MEAN,
    /** The second moment around the promised mean; reveals an uncorrected truncation and most wrong formulas. */
    SECOND_MOMENT,
    /** The variance follows the promised fan: fan in and fan out are not swapped. */
    FANS,
    /** No value is beyond the promised bounds. */
    BOUNDS,
    /**
     * The distribution function, at the scale that was measured if the promised one is wrong: Kolmogorov and Smirnov's
     * distance, and Pearson's chi-square over equally likely classes.
     */
    SHAPE,
    /** The tails are neither cut nor heavy. */
    TAILS,
    /** Values are not drawn from a coarse grid. */
    DISTINCT_VALUES,
    /** No two rows are equal, also up to the sign; of independent values, no two of the first 64 are correlated. */
    ROWS,
    /** No two columns are equal, also up to the sign; of independent values, no two of the first 64 are correlated. */
    COLUMNS,
    /**
     * Neighbours along rows and columns are not correlated, over all pairs together, and neither are their magnitudes:
     * those of values that share a radius of Box and Muller are.
     */
    NEIGHBOURS,
    /**
     * Element (i, j) of a square matrix is not correlated with element (j, i), nor any element with the one that is as
     * far from the end as it is from the beginning.
     */
    REFLECTIONS,
    /** Two parameters with sibling keys have unrelated values, also when shifted by up to 8 places. */
    LAYERS,
    /** Neighbouring seeds give unrelated values, also when shifted by up to 8 places. */
    SEEDS,
    /** {@code W'W = gain^2 I} where W is tall or square, {@code W W' = gain^2 I} where it is wide; in each gate. */
    ORTHOGONALITY,
    /** Signs as of a uniformly distributed (Haar) orthogonal matrix: those of QR have to be corrected. */
    HAAR_SIGNS,
    /** The determinant of a square orthogonal matrix is as often -1 as 1. */
    DETERMINANT;

    /** Such as {@code second moment}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
