package nn.train.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.internal.Fingerprint;

/**
 * Examples: inputs and targets. The first axis counts them or, if {@linkplain #timeMajor declared}, the second.
 * Training and validation refuse a model with another batch axis.
 *
 * @param x the inputs [n x ...], or [time x n x ...]
 * @param y the targets [n x ...], such as class labels [n], or [time x n x ...]
 * @param xAxis the axis of x that counts the examples, 0 or 1
 * @param yAxis the axis of y that counts the examples, 0 or 1
 */
public record Dataset(Tensor x, Tensor y, int xAxis, int yAxis) {
    /**
     * A data set in two parts.
     *
     * @param train the examples to train on
     * @param test the held-out examples
     */
    public record Split(Dataset train, Dataset test) {
        /**
         * Checks the arguments.
         *
         * @throws NullPointerException if one is null
         */
        public Split {
            Objects.requireNonNull(train, "train");
            Objects.requireNonNull(test, "test");
        }
    }

    /**
     * Checks that each input has a target.
     *
     * @throws ShapeException if one lacks the axis of the examples, or their numbers differ
     * @throws IllegalArgumentException if an axis is neither 0 nor 1
     * @throws NullPointerException if a tensor is null
     */
    public Dataset {
        Objects.requireNonNull(x, "x");
        Objects.requireNonNull(y, "y");
        if (xAxis < 0 || xAxis > 1 || yAxis < 0 || yAxis > 1) {
            throw new IllegalArgumentException("a data set counts its examples by axis 0 or 1, got axis " + xAxis
                    + " of x and axis " + yAxis + " of y");
        }
        if (x.shape().rank() <= xAxis) {
            String wanted = form(xAxis, "n");
            String got = x.shape().rank() == 0 ? "a scalar" : x.shape().toString();
            throw new ShapeException("a data set needs inputs " + wanted + ", got " + got, wanted, x.shape());
        }
        if (y.shape().rank() <= yAxis || y.dim(yAxis) != x.dim(xAxis)) {
            throw new ShapeException(
                    "a data set needs as many targets as inputs: x is " + x.shape() + ", y is " + y.shape()
                            + (xAxis + yAxis == 0
                                    ? ""
                                    : ", declared as " + form(xAxis, "n") + " and " + form(yAxis, "n")),
                    form(yAxis, "" + x.dim(xAxis)),
                    y.shape());
        }
    }

    private static String form(int axis, String n) {
        return axis == 0 ? "[" + n + " x ...]" : "[time x " + n + " x ...]";
    }

    /**
     * Creates a data set whose first axis counts the examples.
     *
     * @param x the inputs [n x ...]
     * @param y the targets [n x ...], such as class labels [n]
     * @throws ShapeException if one has no axis, or the numbers of examples differ
     * @throws NullPointerException if one is null
     */
    public Dataset(Tensor x, Tensor y) {
        this(x, y, 0, 0);
    }

    /**
     * Returns time-major sequences with a target at every step.
     *
     * @param x the inputs [time x n x ...]
     * @param y the targets [time x n x ...], such as class labels [time x n]
     * @return n examples
     * @throws ShapeException if one has no second axis, or the numbers of examples differ
     */
    public static Dataset timeMajor(Tensor x, Tensor y) {
        return new Dataset(x, y, 1, 1);
    }

    /**
     * Returns time-major sequences with one target each.
     *
     * @param x the inputs [time x n x ...]
     * @param y the targets [n x ...], such as class labels [n]
     * @return n examples
     * @throws ShapeException if x has no second axis or y none, or the numbers of examples differ
     */
    public static Dataset timeMajorInputs(Tensor x, Tensor y) {
        return new Dataset(x, y, 1, 0);
    }

    /**
     * Returns examples from arrays, with class labels.
     *
     * @param x the inputs, rows of one length
     * @param labels one for each row
     * @return x [n x features], y [n]; copies
     * @throws IllegalArgumentException if rows differ in length, there are not as many labels as rows, or a label's
     *     magnitude is 2^24 or more, where one float stands for several whole numbers
     */
    public static Dataset of(float[][] x, int[] labels) {
        Tensor y = Tensor.zeros(labels.length);
        for (int i = 0; i < labels.length; i++) {
            if (Math.abs((long) labels[i]) >= 1 << 24) {
                throw new IllegalArgumentException("label " + labels[i] + " at " + i + ": labels are kept as floats,"
                        + " which tell neighbouring whole numbers apart only below 2^24, " + (1 << 24));
            }
            y.set(labels[i], i);
        }
        return new Dataset(BatchRows.of("x", x), y);
    }

    /**
     * Returns examples from arrays, with numbers as targets.
     *
     * @param x the inputs, rows of one length
     * @param y the targets, rows of one length, one for each row of x
     * @return x [n x features], y [n x targets]; copies
     * @throws IllegalArgumentException if rows differ in length, or x and y in the number of rows
     */
    public static Dataset of(float[][] x, float[][] y) {
        return new Dataset(BatchRows.of("x", x), BatchRows.of("y", y));
    }

    /**
     * Returns the number of examples.
     *
     * @return the length of the axis that counts them
     */
    public int size() {
        return x.dim(xAxis);
    }

    /**
     * Returns shapes, layouts and a 64-bit hash of all values. A trainer compares it to detect a training that is
     * resumed with other data. Reads every value.
     *
     * @return such as {@code x [50 x 5], y [50], 9c1e7a5d03b2f468}, equal for equal data
     */
    public String fingerprint() {
        return "x " + layout(x, xAxis) + ", y " + layout(y, yAxis) + ", "
                + new Fingerprint().add(x).add(y);
    }

    private static String layout(Tensor tensor, int axis) {
        return tensor.shape() + (axis == 0 ? "" : " with examples along axis " + axis);
    }

    /**
     * Returns some consecutive examples.
     *
     * @param from the first
     * @param to one more than the last
     * @return a view of them; a copy if the first axis does not count them
     * @throws IllegalArgumentException if {@code 0 <= from <= to <= size()} does not hold
     */
    public Dataset rows(int from, int to) {
        if (xAxis == 0 && yAxis == 0) {
            return new Dataset(x.rows(from, to), y.rows(from, to));
        }
        if (from < 0 || from > to || to > size()) {
            throw new IllegalArgumentException(
                    "rows " + from + " to " + to + " of a data set of " + size() + ": 0 <= from <= to <= size");
        }
        return take(IntStream.range(from, to).toArray());
    }

    /**
     * Returns some examples in a given order.
     *
     * @param rows their numbers; may have duplicates
     * @return a copy of them
     * @throws IllegalArgumentException if a number is out of range
     */
    public Dataset take(int... rows) {
        for (int row : rows) {
            if (row < 0 || row >= size()) {
                throw new IllegalArgumentException("no row " + row + " in a data set of " + size());
            }
        }
        return new Dataset(BatchRows.take(x, xAxis, rows), BatchRows.take(y, yAxis, rows), xAxis, yAxis);
    }

    /**
     * Holds out a random part of the examples.
     *
     * @param fraction the share to hold out, above 0 and below 1; the number of examples is rounded to the nearest
     * @param key names the randomness: the first examples of {@code key.permutation(size())} are held out
     * @return two copies, both in random order
     * @throws IllegalArgumentException if a part would be empty
     */
    public Split split(double fraction, Key key) {
        long held = Math.round(fraction * size());
        if (!(fraction > 0 && fraction < 1) || held == 0 || held == size()) {
            throw new IllegalArgumentException("split: fraction " + fraction + " of " + size()
                    + " examples; it must be above 0 and below 1, and leave at least one example in each part");
        }
        int[] order = key.permutation(size());
        return new Split(
                take(Arrays.copyOfRange(order, (int) held, order.length)), take(Arrays.copyOf(order, (int) held)));
    }

    /**
     * Returns splits for cross-validation: each example is held out in one of them.
     *
     * @param k the number of splits, at least 2 and at most {@code size()}
     * @param key names the randomness: the examples are distributed in the order of {@code key.permutation(size())}
     * @return k splits, each of two copies in random order; the held-out parts differ by one example at most
     * @throws IllegalArgumentException if k is out of its range
     */
    public List<Split> folds(int k, Key key) {
        if (k < 2 || k > size()) {
            throw new IllegalArgumentException("folds: k is " + k + " for " + size()
                    + " examples; it must be 2 or more, and leave at least one example for each fold");
        }
        int[] order = key.permutation(size());
        List<Split> splits = new ArrayList<>();
        for (int fold = 0; fold < k; fold++) {
            int from = (int) ((long) size() * fold / k);
            int to = (int) ((long) size() * (fold + 1) / k);
            int[] train = IntStream.concat(IntStream.range(0, from), IntStream.range(to, size()))
                    .map(i -> order[i])
                    .toArray();
            splits.add(new Split(take(train), take(Arrays.copyOfRange(order, from, to))));
        }
        return List.copyOf(splits);
    }
}
