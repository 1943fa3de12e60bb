package nn.tensor;

import java.util.Arrays;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.driver.Reductions;

/**
 * The largest values and the means over the time steps of padded sequences [time x batch x ...], and their gradients.
 * Steps count in their order: of equal values the first is the largest, and NaN counts as the largest. The sum of a
 * mean adds the steps as {@link Tensor#addSumOfRowsInto} adds rows, in chains of float additions of a fixed length.
 */
public final class TimePooling {
    /** Columns whose largest values or sums stay in a first-level cache from step to step. */
    private static final int STRIP = 1024;

    private TimePooling() {}

    /**
     * Finds the largest value of each element over the steps of its sequence.
     *
     * @param x the steps [time x batch x ...]
     * @param lengths the number of steps of each sequence, from 1 to time; at least as many as the batch
     * @param y receives the largest values [batch x ...]
     * @param steps receives the step of each, from 0; at least as many as y has elements
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if a length is out of its range, an array is too short, or the tensors share
     *     memory; nothing has changed then
     */
    public static void max(Tensor x, int[] lengths, Tensor y, int[] steps) {
        requireSteps("max", x, y);
        y.requireApart("max", x, "the steps");
        requireLengths("max", lengths, x);
        requireLength("max", "steps", steps, y.size());
        int batch = x.dim(1);
        int n = y.size();
        int features = n / Math.max(1, batch);
        for (int b = 0; b < batch; ) {
            int next = endOfRun(lengths, b, batch);
            for (int j = b * features; j < next * features; j += STRIP) {
                maxOfStrip(lengths[b], j, Math.min(STRIP, next * features - j), n, x, y, steps);
            }
            b = next;
        }
    }

    /** The first sequence from b on with another length than that of b. */
    private static int endOfRun(int[] lengths, int b, int batch) {
        int next = b + 1;
        while (next < batch && lengths[next] == lengths[b]) {
            next++;
        }
        return next;
    }

    private static void maxOfStrip(int length, int j, int width, int n, Tensor x, Tensor y, int[] steps) {
        Kernels kernels = Kernels.active();
        System.arraycopy(x.array(), x.offset() + j, y.array(), y.offset() + j, width);
        Arrays.fill(steps, j, j + width, 0);
        for (int t = 1; t < length; t++) {
            kernels.takeLarger(t, x.array(), x.offset() + t * n + j, y.array(), y.offset() + j, steps, j, width);
        }
    }

    /**
     * The gradient of {@link #max}: that of each largest value goes to the step that it was found at.
     *
     * @param dy the gradient at the largest values [batch x ...]
     * @param steps what {@code max} found
     * @param dx receives the gradient at the steps [time x batch x ...]; zero at all other steps
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if the array is too short, or the tensors share memory; nothing has changed then
     */
    public static void maxGradient(Tensor dy, int[] steps, Tensor dx) {
        requireSteps("maxGradient", dx, dy);
        dx.requireApart("maxGradient", dy, "the gradient at the largest values");
        int n = dy.size();
        requireLength("maxGradient", "steps", steps, n);
        Kernels kernels = Kernels.active();
        for (int j = 0; j < n; j += STRIP) {
            int width = Math.min(STRIP, n - j);
            for (int t = 0; t < dx.dim(0); t++) {
                int to = dx.offset() + t * n + j;
                kernels.takeLargerGrad(t, steps, j, dy.array(), dy.offset() + j, dx.array(), to, width);
            }
        }
    }

    /**
     * Computes the mean of each element over the steps of its sequence.
     *
     * @param x the steps [time x batch x ...]
     * @param lengths the number of steps of each sequence, from 1 to time; at least as many as the batch
     * @param y receives the means [batch x ...]
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if a length is out of its range or missing, or the tensors share memory; nothing
     *     has changed then
     */
    public static void mean(Tensor x, int[] lengths, Tensor y) {
        requireSteps("mean", x, y);
        y.requireApart("mean", x, "the steps");
        requireLengths("mean", lengths, x);
        int batch = x.dim(1);
        int n = y.size();
        int features = n / Math.max(1, batch);
        for (int b = 0; b < batch; ) {
            int next = endOfRun(lengths, b, batch);
            for (int j = b * features; j < next * features; j += STRIP) {
                int width = Math.min(STRIP, next * features - j);
                int to = y.offset() + j;
                Arrays.fill(y.array(), to, to + width, 0f);
                Reductions.addSumOfRows(lengths[b], width, x.array(), x.offset() + j, n, y.array(), to);
                Reductions.divide(y.array(), to, width, lengths[b]);
            }
            b = next;
        }
    }

    /**
     * The gradient of {@link #mean}: each step of a sequence gets an equal part.
     *
     * @param dy the gradient at the means [batch x ...]
     * @param lengths as there
     * @param dx receives the gradient at the steps [time x batch x ...]; zero behind the end of a sequence
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if a length is out of its range or missing, or the tensors share memory; nothing
     *     has changed then
     */
    public static void meanGradient(Tensor dy, int[] lengths, Tensor dx) {
        requireSteps("meanGradient", dx, dy);
        dx.requireApart("meanGradient", dy, "the gradient at the means");
        requireLengths("meanGradient", lengths, dx);
        int batch = dx.dim(1);
        int n = dy.size();
        int features = n / Math.max(1, batch);
        float[] to = dx.array();
        for (int b = 0; b < batch; ) {
            int next = endOfRun(lengths, b, batch);
            for (int j = b * features; j < next * features; j += STRIP) {
                int width = Math.min(STRIP, next * features - j);
                int first = dx.offset() + j;
                System.arraycopy(dy.array(), dy.offset() + j, to, first, width);
                Reductions.divide(to, first, width, lengths[b]);
                for (int t = 1; t < dx.dim(0); t++) {
                    int at = first + t * n;
                    if (t < lengths[b]) {
                        System.arraycopy(to, first, to, at, width);
                    } else {
                        Arrays.fill(to, at, at + width, 0f);
                    }
                }
            }
            b = next;
        }
    }

    private static void requireLengths(String operation, int[] lengths, Tensor x) {
        int batch = x.dim(1);
        requireLength(operation, "lengths", lengths, batch);
        for (int b = 0; b < batch; b++) {
            if (lengths[b] < 1 || lengths[b] > x.dim(0)) {
                throw new IllegalArgumentException(operation + ": sequence " + b + " has length " + lengths[b]
                        + "; it must be from 1 to the number of steps, " + x.dim(0));
            }
        }
    }

    private static void requireSteps(String operation, Tensor all, Tensor one) {
        int rank = one.shape().rank();
        boolean fits = rank >= 1 && all.shape().rank() == rank + 1 && all.dim(0) > 0;
        for (int i = 0; fits && i < rank; i++) {
            fits = all.dim(i + 1) == one.dim(i);
        }
        if (!fits) {
            throw new ShapeException(
                    operation + ": expected [time x batch x ...], time >= 1, and [batch x ...], got " + all.shape()
                            + " and " + one.shape(),
                    "[time x batch x ...]",
                    all.shape());
        }
    }

    private static void requireLength(String operation, String name, int[] array, int length) {
        if (array.length < length) {
            throw new IllegalArgumentException(
                    operation + ": expected at least " + length + " " + name + ", got " + array.length);
        }
    }
}
