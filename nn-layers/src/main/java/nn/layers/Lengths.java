package nn.layers;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * The lengths of the sequences of a batch [time x batch x ...] that were filled up at the end with steps of padding:
 * what {@link nn.layers.network.Masking} and {@link nn.layers.network.LastValidStep} give to the layers in them, by
 * {@link Context#lengths}.
 */
public final class Lengths {
    private final int time;
    private final int[] lengths;

    private Lengths(int time, int[] lengths) {
        this.time = time;
        this.lengths = lengths;
    }

    /**
     * Given lengths.
     *
     * @param time steps with padding, 0 or more
     * @param lengths the steps before the padding of each sequence, from 0 to {@code time}; copied
     * @return the lengths
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static Lengths of(int time, int... lengths) {
        int[] copy = Objects.requireNonNull(lengths, "lengths").clone();
        if (time < 0) {
            throw new IllegalArgumentException("lengths: time is " + time + " steps; it must be 0 or more");
        }
        for (int b = 0; b < copy.length; b++) {
            if (copy[b] < 0 || copy[b] > time) {
                throw new IllegalArgumentException(
                        "sequence " + b + " has length " + copy[b] + "; it must be from 0 to " + time);
            }
        }
        return new Lengths(time, copy);
    }

    /**
     * The lengths that a batch shows: a step is padding if all its numbers are the padding value; a sequence ends with
     * its last step that is not. A step of that value before it counts like any other.
     *
     * @param x [time x batch] or [time x batch x ...]
     * @param padding the value that fills up
     * @return the lengths, 0 for a sequence of padding only
     * @throws ShapeException if x has no batch axis
     * @throws IllegalArgumentException if the padding is NaN, which equals nothing
     */
    public static Lengths of(Tensor x, float padding) {
        Objects.requireNonNull(x, "x");
        if (x.shape().rank() < 2) {
            throw new ShapeException(
                    "lengths: expected [time x batch] or [time x batch x ...], got " + x.shape(),
                    "[time x batch x ...]",
                    x.shape());
        }
        if (Float.isNaN(padding)) {
            throw new IllegalArgumentException(
                    "lengths: padding NaN equals nothing; use 0, or a value that no step is filled with");
        }
        int time = x.dim(0);
        int[] lengths = new int[x.dim(1)];
        int features = x.size() == 0 ? 0 : x.size() / time / lengths.length;
        for (int b = 0; b < lengths.length; b++) {
            int length = time;
            while (length > 0
                    && isAll(x, x.offset() + ((length - 1) * lengths.length + b) * features, features, padding)) {
                length--;
            }
            lengths[b] = length;
        }
        return new Lengths(time, lengths);
    }

    private static boolean isAll(Tensor x, int from, int count, float value) {
        for (int i = from; i < from + count; i++) {
            if (x.array()[i] != value) {
                return false;
            }
        }
        return true;
    }

    /**
     * The lengths of a layer's input, if the context knows any that are shorter than the time.
     *
     * @param layer for messages
     * @param x the input [time x batch x ...]
     * @param context of the forward pass
     * @return the lengths; null if all steps count
     * @throws ShapeException if time or batch of the input is not that of the lengths
     */
    public static Lengths of(Layer layer, Tensor x, Context context) {
        Objects.requireNonNull(layer, "layer");
        Objects.requireNonNull(x, "x");
        Lengths lengths = context.lengths().orElse(null);
        if (lengths == null) {
            return null;
        }
        if (x.shape().rank() < 2 || x.dim(0) != lengths.time || x.dim(1) != lengths.lengths.length) {
            String expected = "[" + lengths.time + " x " + lengths.lengths.length + " x ...]";
            throw new ShapeException(
                    layer + ": the lengths of padded sequences are of a batch " + expected + ", got " + x.shape()
                            + "; the layers within a masking keep time and batch as they are",
                    expected,
                    x.shape());
        }
        return lengths.isFull() ? null : lengths;
    }

    /**
     * A context for layers whose input has these lengths.
     *
     * @param context gives everything else
     * @return a context that {@linkplain Context#lengths knows} them
     */
    public Context over(Context context) {
        return new ForwardingContext(context) {
            @Override
            public Optional<Lengths> lengths() {
                return Optional.of(Lengths.this);
            }
        };
    }

    private boolean isFull() {
        for (int length : lengths) {
            if (length < time) {
                return false;
            }
        }
        return true;
    }

    /**
     * The number of steps with padding.
     *
     * @return 0 or more
     */
    public int time() {
        return time;
    }

    /**
     * The number of sequences.
     *
     * @return 0 or more
     */
    public int batch() {
        return lengths.length;
    }

    /**
     * The length of one sequence.
     *
     * @param sequence its number in the batch
     * @return its steps before the padding, from 0 to {@link #time}
     * @throws IndexOutOfBoundsException if there is no such sequence
     */
    public int of(int sequence) {
        return lengths[sequence];
    }

    /**
     * Refuses a sequence of padding only, where a layer makes one step of many.
     *
     * @param layer for messages
     * @param what the layer makes of the steps, for messages
     * @throws IllegalArgumentException if there is one
     */
    public void requireSteps(Layer layer, String what) {
        for (int b = 0; b < lengths.length; b++) {
            if (lengths[b] == 0) {
                throw new IllegalArgumentException(layer + ": sequence " + b + " of " + lengths.length
                        + " has no step that is not padding, so no " + what + "; leave it out");
            }
        }
    }

    /**
     * Copies each sequence's last step: y[b] = x[last step of b][b].
     *
     * @param x [time x batch x ...]
     * @param y receives the steps [batch x ...]
     * @throws ShapeException if a tensor has another shape
     * @throws IllegalArgumentException if a sequence has no step, or the two share memory; nothing has changed then
     */
    public void lastSteps(Tensor x, Tensor y) {
        requireLast("last steps", x, y);
        Sequences.requireApart("last steps", x, y);
        for (int b = 0; b < lengths.length; b++) {
            y.row(b).copyFrom(x.row(lengths[b] - 1).row(b));
        }
    }

    /**
     * Computes the gradient of {@link #lastSteps}: zero at all other steps.
     *
     * @param dy gradient at the last steps [batch x ...]
     * @param dx receives the gradient at all steps [time x batch x ...]
     * @throws ShapeException if a tensor has another shape
     * @throws IllegalArgumentException if a sequence has no step, or the two share memory; nothing has changed then
     */
    public void lastStepsGradient(Tensor dy, Tensor dx) {
        requireLast("gradient of the last steps", dx, dy);
        Sequences.requireApart("gradient of the last steps", dy, dx);
        dx.fill(0f);
        for (int b = 0; b < lengths.length; b++) {
            dx.row(lengths[b] - 1).row(b).copyFrom(dy.row(b));
        }
    }

    /**
     * Copies each sequence in reverse, from its own last step; 0 at steps of padding.
     *
     * @param from [time x batch x ...]
     * @param to receives the sequences, of the same shape
     * @throws ShapeException if a tensor has another shape
     * @throws IllegalArgumentException if the two share memory; nothing has changed then
     */
    public void reverse(Tensor from, Tensor to) {
        requireSequences("reverse", from);
        requireShape("reverse", from.shape(), to);
        Sequences.requireApart("reverse", from, to);
        to.fill(0f);
        for (int t = 0; t < time; t++) {
            for (int b = 0; b < lengths.length; b++) {
                if (t < lengths[b]) {
                    to.row(lengths[b] - 1 - t).row(b).copyFrom(from.row(t).row(b));
                }
            }
        }
    }

    private void requireLast(String operation, Tensor all, Tensor last) {
        requireSequences(operation, all);
        requireShape(operation, all.shape().withoutFirst(), last);
        for (int b = 0; b < lengths.length; b++) {
            if (lengths[b] == 0) {
                throw new IllegalArgumentException(operation + ": sequence " + b + " of " + lengths.length
                        + " has no step that is not padding, so no last one; leave it out");
            }
        }
    }

    private void requireSequences(String operation, Tensor all) {
        if (all.shape().rank() < 2 || all.dim(0) != time || all.dim(1) != lengths.length) {
            String expected = "[" + time + " x " + lengths.length + " x ...]";
            throw new ShapeException(
                    operation + ": the lengths are of a batch " + expected + ", got " + all.shape(),
                    expected,
                    all.shape());
        }
    }

    private static void requireShape(String operation, Shape expected, Tensor other) {
        if (!other.shape().equals(expected)) {
            throw new ShapeException(
                    operation + ": expected shape " + expected + ", got " + other.shape(),
                    expected.toString(),
                    other.shape());
        }
    }

    /** The lengths that occur, without 0, in ascending order. */
    int[] distinct() {
        return Arrays.stream(lengths)
                .filter(length -> length > 0)
                .sorted()
                .distinct()
                .toArray();
    }

    /** The numbers of the sequences that have at least so many steps. */
    int[] atLeast(int steps) {
        int[] rows = new int[lengths.length];
        int count = 0;
        for (int b = 0; b < lengths.length; b++) {
            if (lengths[b] >= steps) {
                rows[count++] = b;
            }
        }
        return Arrays.copyOf(rows, count);
    }

    /** Such as {@code Lengths [3, 6, 1] of 6}. */
    @Override
    public String toString() {
        return "Lengths " + Arrays.toString(lengths) + " of " + time;
    }
}
