package nn.init;

import java.util.BitSet;
import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * A few connections for each unit: {@code connections} of its weights are {@code N(0, stddev^2)}, the others 0, so
 * that a unit's sum has the variance {@code connections * stddev^2 * E[x^2]} whatever the width, and units
 * differ more than with many small weights. From Martens, <i>Deep learning via Hessian-free optimization</i> (ICML
 * 2010): 15 connections of standard deviation 1, biases 0. The fans do not count.
 *
 * <p>For sigmoid and tanh networks of a few layers, and autoencoders, as in the paper. For ReLU, {@code sqrt(2 /
 * connections)} is the standard deviation that keeps the second moment.
 *
 * <p>A tensor of rank above 2 is taken as the matrix [all dimensions but the last x last], one column for each unit.
 * The nonzero values are those of {@link Normal} with the same key. Of the r rows of column j, they are in the rows
 * that Floyd's sampling chooses with the words of {@code key.child("connections").child(j)}: for i = r -
 * connections to r - 1, row t = {@code word * (i + 1) >>> 32} with the next word, unsigned, or row i if t is taken.
 *
 * @param connections nonzero weights of a unit, at least 1; all, if there are fewer
 * @param stddev their standard deviation, finite, 0 or more
 */
public record Sparse(int connections, double stddev) implements Initializer {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if there is no connection, or the standard deviation is NaN, negative, beyond
     *     the range of float32, or other than 0 but 0 in float32, or values of 7 standard deviations would be beyond it
     */
    public Sparse {
        if (connections < 1) {
            throw new IllegalArgumentException(
                    "sparse: connections " + connections + " must be at least 1 for each unit");
        }
        Arguments.notNegative("sparse", "stddev", stddev);
        Arguments.withinRange("sparse", 0, stddev, Arguments.NORMAL_REACH);
    }

    /**
     * {@inheritDoc}
     *
     * @throws nn.tensor.ShapeException if the rank is below 2
     */
    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        Arguments.matrix("sparse", out.shape(), "a bias has one value for each unit, give it zeros");
        key.normal(out, 0, (float) stddev);
        int columns = out.dim(-1);
        int rows = columns == 0 ? 0 : out.size() / columns;
        BitSet kept = new BitSet(out.size());
        for (int j = 0; j < columns; j++) {
            Key unit = key.child("connections").child(j);
            int first = Math.max(0, rows - connections);
            for (int i = first; i < rows; i++) {
                int t = (int) ((unit.word(i - first) & 0xFFFFFFFFL) * (i + 1) >>> 32);
                kept.set((kept.get(t * columns + j) ? i : t) * columns + j);
            }
        }
        for (int i = kept.nextClearBit(0); i < out.size(); i = kept.nextClearBit(i + 1)) {
            out.array()[out.offset() + i] = 0;
        }
    }

    /** Such as {@code sparse(15, 1)}. */
    @Override
    public String toString() {
        return "sparse(" + connections + ", " + Arguments.brief(stddev) + ")";
    }
}
