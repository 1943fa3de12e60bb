package nn.tensor.internal.driver;

import java.util.Arrays;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.thread.Parallel;

/**
 * How the elements of a small tensor are repeated to the shape of a full one: the axes of the full shape in groups of
 * neighbours, outermost first, which are alternately kept and repeated. A kept group runs through the small tensor
 * too; along a repeated group the small tensor stays at one element. Axes of size 1 belong to any group.
 */
public final class Broadcast {
    /** Elements of the largest block of repeated rows that is copied at once: half of a first-level cache. */
    private static final int REPEATED = 1 << 12;

    private final int[] sizes; // of the groups
    private final boolean[] kept;
    private final int[] fullSteps; // from element to element of a group
    private final int[] smallSteps; // 0 in a repeated group

    private Broadcast(int[] sizes, boolean[] kept) {
        this.sizes = sizes;
        this.kept = kept;
        fullSteps = new int[sizes.length];
        smallSteps = new int[sizes.length];
        int full = 1;
        int small = 1;
        for (int g = sizes.length - 1; g >= 0; g--) {
            fullSteps[g] = full;
            smallSteps[g] = kept[g] ? small : 0;
            full *= sizes[g];
            small *= kept[g] ? sizes[g] : 1;
        }
    }

    /**
     * Compares two shapes.
     *
     * @param full the dimensions of the large tensor, without a 0
     * @param small those of the small one: each is that of the large one's last axes, or 1
     * @return the groups; at least one
     */
    public static Broadcast of(int[] full, int[] small) {
        int[] sizes = new int[Math.max(1, full.length)];
        boolean[] kept = new boolean[sizes.length];
        int groups = 0;
        int lacking = full.length - small.length;
        for (int axis = 0; axis < full.length; axis++) {
            if (full[axis] == 1) {
                continue;
            }
            boolean keeps = axis >= lacking && small[axis - lacking] == full[axis];
            if (groups > 0 && kept[groups - 1] == keeps) {
                sizes[groups - 1] *= full[axis];
            } else {
                sizes[groups] = full[axis];
                kept[groups++] = keeps;
            }
        }
        if (groups == 0) {
            sizes[groups] = 1;
            kept[groups++] = true;
        }
        return new Broadcast(Arrays.copyOf(sizes, groups), Arrays.copyOf(kept, groups));
    }

    /** What is computed of an element x of the full tensor and the element y of the small one at its place. */
    public enum Operation {
        /** x + y. */
        ADD,
        /** x - y. */
        SUBTRACT,
        /** x * y. */
        MULTIPLY,
        /** x / y. */
        DIVIDE,
        /** y. */
        COPY
    }

    /**
     * z = x op y for every element.
     *
     * @param operation what to compute
     * @param x the full tensor
     * @param y the small one
     * @param z receives the result, of the full shape; may be x
     */
    public void apply(Operation operation, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
        int parts = Math.min(sizes[0], Parallel.threadsForElements((double) sizes[0] * fullSteps[0]));
        if (parts <= 1) {
            apply(operation, 0, 0, sizes[0], x, xo, y, yo, z, zo);
        } else {
            Parallel.split(sizes[0], parts, (from, to) -> apply(operation, 0, from, to, x, xo, y, yo, z, zo));
        }
    }

    private void apply(
            Operation operation, int group, int from, int to, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
        int full = fullSteps[group];
        int small = smallSteps[group];
        if (operation == Operation.COPY && group == sizes.length - 2 && !kept[group]) {
            repeatRow(y, yo, z, zo + from * full, full, to - from);
        } else if (group < sizes.length - 1) {
            for (int i = from; i < to; i++) {
                int inner = sizes[group + 1];
                apply(operation, group + 1, 0, inner, x, xo + i * full, y, yo + i * small, z, zo + i * full);
            }
        } else if (kept[group]) {
            rows(operation, x, xo + from, y, yo + from, z, zo + from, to - from);
        } else {
            repeated(operation, x, xo + from, y[yo], z, zo + from, to - from);
        }
    }

    /** Writes a row of n elements several times. Copies of what is written already double up to a block in a cache. */
    static void repeatRow(float[] y, int yo, float[] z, int zo, int n, int times) {
        System.arraycopy(y, yo, z, zo, n);
        int size = n * times;
        int block = n; // whole rows at the beginning of z, to be copied
        for (int done = n; done < size; ) {
            int next = Math.min(block, size - done);
            System.arraycopy(z, zo, z, zo + done, next);
            done += next;
            block = done <= REPEATED ? done : block;
        }
    }

    private static void rows(Operation operation, float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        switch (operation) {
            case ADD -> Kernels.active().add(x, xo, y, yo, z, zo, n);
            case SUBTRACT -> Kernels.active().subtract(x, xo, y, yo, z, zo, n);
            case MULTIPLY -> Kernels.active().multiply(x, xo, y, yo, z, zo, n);
            case DIVIDE -> Kernels.active().divide(x, xo, y, yo, z, zo, n);
            case COPY -> System.arraycopy(y, yo, z, zo, n);
        }
    }

    private static void repeated(Operation operation, float[] x, int xo, float y, float[] z, int zo, int n) {
        switch (operation) {
            case ADD -> {
                for (int i = 0; i < n; i++) {
                    z[zo + i] = x[xo + i] + y;
                }
            }
            case SUBTRACT -> {
                for (int i = 0; i < n; i++) {
                    z[zo + i] = x[xo + i] - y;
                }
            }
            case MULTIPLY -> Kernels.active().scale(y, x, xo, z, zo, n);
            case DIVIDE -> {
                for (int i = 0; i < n; i++) {
                    z[zo + i] = x[xo + i] / y;
                }
            }
            case COPY -> Arrays.fill(z, zo, zo + n, y);
        }
    }

    /**
     * small += the sums of full over the repeated groups. Sums along the innermost axes are those of {@link
     * Reductions#sum}, in double; sums along other axes are those of {@link Reductions#addSumOfRows}.
     *
     * @param x the full tensor
     * @param sums the small one
     */
    public void addSums(float[] x, int xo, float[] sums, int so) {
        int last = sizes.length - 1;
        if (kept[last]) {
            addSums(0, x, xo, sums, so);
            return;
        }
        int n = sizes[last];
        int rows = sizes[0] * fullSteps[0] / n;
        boolean only = last <= 1; // nothing else is repeated
        float[] rowSums = only ? sums : new float[rows];
        int ro = only ? so : 0;
        int parts = Math.min(rows, Parallel.threadsForElements((double) rows * n));
        if (parts <= 1) {
            addRowSums(0, rows, n, x, xo, rowSums, ro);
        } else {
            Parallel.split(rows, parts, (from, to) -> addRowSums(from, to, n, x, xo, rowSums, ro));
        }
        if (!only) {
            new Broadcast(Arrays.copyOf(sizes, last), Arrays.copyOf(kept, last)).addSums(0, rowSums, 0, sums, so);
        }
    }

    private static void addRowSums(int from, int to, int n, float[] x, int xo, float[] sums, int so) {
        for (int i = from; i < to; i++) {
            sums[so + i] += (float) Reductions.sum(x, xo + i * n, n);
        }
    }

    /** Sums where the innermost group is kept. */
    private void addSums(int group, float[] x, int xo, float[] sums, int so) {
        int groups = sizes.length - group;
        if (groups == 1) {
            Kernels.active().add(sums, so, x, xo, sums, so, sizes[group]);
        } else if (groups == 2) {
            int columns = sizes[group + 1];
            Reductions.addSumOfRows(sizes[group], columns, x, xo, columns, sums, so);
        } else {
            for (int i = 0; i < sizes[group]; i++) {
                addSums(group + 1, x, xo + i * fullSteps[group], sums, so + i * smallSteps[group]);
            }
        }
    }

    /**
     * The largest elements along the repeated groups; NaN where there is one.
     *
     * @param x the full tensor
     * @param most the small one, which receives them
     */
    public void max(float[] x, int xo, float[] most, int mo) {
        Arrays.fill(most, mo, mo + smallSize(), Float.NEGATIVE_INFINITY);
        max(0, x, xo, most, mo);
    }

    private int smallSize() {
        int size = 1;
        for (int g = 0; g < sizes.length; g++) {
            size *= kept[g] ? sizes[g] : 1;
        }
        return size;
    }

    private void max(int group, float[] x, int xo, float[] most, int mo) {
        if (group < sizes.length - 1) {
            for (int i = 0; i < sizes[group]; i++) {
                max(group + 1, x, xo + i * fullSteps[group], most, mo + i * smallSteps[group]);
            }
        } else if (kept[group]) {
            for (int i = 0; i < sizes[group]; i++) {
                most[mo + i] = Math.max(most[mo + i], x[xo + i]);
            }
        } else {
            float largest = most[mo];
            for (int i = 0; i < sizes[group]; i++) {
                largest = Math.max(largest, x[xo + i]);
            }
            most[mo] = largest;
        }
    }

    /**
     * The gradient of {@link #max}: the first of equal elements gets all of it.
     *
     * @param x the full tensor
     * @param most its largest elements
     * @param dMost their gradients
     * @param dx receives the gradients of the full tensor
     */
    public void maxGrad(Operand x, Operand most, Operand dMost, Operand dx) {
        maxGrad(0, 0, 0, x, most, dMost, dx, new boolean[smallSize()]);
    }

    /**
     * The elements of a group and those within it.
     *
     * @param at the first one's index in the full tensor
     * @param smallAt its index in the small one
     * @param given the largest elements whose gradient is given away
     */
    private void maxGrad(
            int group, int at, int smallAt, Operand x, Operand most, Operand dMost, Operand dx, boolean[] given) {
        int full = fullSteps[group];
        int small = smallSteps[group];
        boolean innermost = group == sizes.length - 1;
        for (int k = 0; k < sizes[group]; k++) {
            int i = at + k * full;
            int j = smallAt + k * small;
            if (!innermost) {
                maxGrad(group + 1, i, j, x, most, dMost, dx, given);
                continue;
            }
            float value = x.array()[x.offset() + i];
            float largest = most.array()[most.offset() + j];
            boolean takes = !given[j] && (value == largest || Float.isNaN(value) && Float.isNaN(largest));
            given[j] |= takes;
            dx.array()[dx.offset() + i] = takes ? dMost.array()[dMost.offset() + j] : 0;
        }
    }
}
