package nn.layers;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The lengths of the sequences of a batch [time x batch x ...] that are padded at the end. {@link
 * nn.layers.network.Masking} and {@link nn.layers.network.LastValidStep} pass them to the layers inside, by {@link
 * Context#lengths}.
 */
public final class Lengths {
    private final int time;
    private final int[] lengths;

    private Lengths(int time, int[] lengths) {
        this.time = time;
        this.lengths = lengths;
    }

    /**
     * Creates lengths from numbers of steps.
     *
     * @param time the number of steps including padding, 0 or more
     * @param lengths the number of steps of each sequence without padding, from 0 to {@code time}; copied
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
     * Reads the lengths from a batch. A step is padding if all its numbers are the padding value. A sequence ends at
     * its last step that is not padding; an earlier step of that value counts like any other.
     *
     * @param x [time x batch] or [time x batch x ...]
     * @param padding the value of padding steps
     * @return the lengths, 0 for a sequence that is all padding
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
     * Returns the lengths of a layer's input, if the context knows some that are shorter than the time.
     *
     * @param layer for messages
     * @param x the input [time x batch x ...]
     * @param context of the forward pass
     * @return the lengths; null if all steps count
     * @throws ShapeException if the input does not have the time and batch of the lengths
     */
    @SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
    public static @Nullable Lengths of(Layer layer, Tensor x, Context context) {
        return of(layer, x, 1, context);
    }

    /**
     * Returns the lengths of a layer's input, as {@link #of(Layer, Tensor, Context)}, for a layer that may take
     * [batch x time x ...].
     *
     * @param layer for messages
     * @param x the input
     * @param batchAxis 1 if it is [time x batch x ...], 0 if it is [batch x time x ...]
     * @param context of the forward pass
     * @return the lengths; null if all steps count
     * @throws ShapeException if the input does not have the time and batch of the lengths
     * @throws IllegalArgumentException if the axis is another one
     */
    @SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
    public static @Nullable Lengths of(Layer layer, Tensor x, int batchAxis, Context context) {
        Objects.requireNonNull(layer, "layer");
        Objects.requireNonNull(x, "x");
        Objects.requireNonNull(context, "context");
        if (batchAxis != 0 && batchAxis != 1) {
            throw new IllegalArgumentException("lengths: the batch is axis 0 or 1 of sequences, not " + batchAxis);
        }
        Lengths lengths = context.lengths().orElse(null);
        if (lengths == null) {
            return null;
        }
        if (x.shape().rank() < 2
                || x.dim(1 - batchAxis) != lengths.time
                || x.dim(batchAxis) != lengths.lengths.length) {
            int batch = lengths.lengths.length;
            String expected = batchAxis == 1
                    ? "[" + lengths.time + " x " + batch + " x ...]"
                    : "[" + batch + " x " + lengths.time + " x ...]";
            throw new ShapeException(
                    layer + ": the lengths of padded sequences are of a batch " + expected + ", got " + x.shape()
                            + "; layers inside a Masking must keep time and batch",
                    expected,
                    x.shape());
        }
        return lengths.isFull() ? null : lengths;
    }

    /**
     * Returns a context for layers whose input has these lengths.
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
     * The number of steps including padding.
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
     * Returns the length of one sequence.
     *
     * @param sequence its number in the batch
     * @return its number of steps without padding, from 0 to {@link #time}
     * @throws IndexOutOfBoundsException if there is no such sequence
     */
    public int length(int sequence) {
        return lengths[sequence];
    }

    /**
     * Refuses a sequence that is all padding, for a layer that combines the steps into one.
     *
     * @param layer for messages
     * @param what the layer computes from the steps, for messages
     * @throws IllegalArgumentException if there is one
     */
    public void requireSteps(Layer layer, String what) {
        for (int b = 0; b < lengths.length; b++) {
            if (lengths[b] == 0) {
                throw new IllegalArgumentException(layer + ": sequence " + b + " of " + lengths.length
                        + " is all padding, so it has no " + what + "; leave it out");
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

    /** The indices of the sequences that have at least this many steps. */
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
