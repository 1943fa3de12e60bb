package nn.tensor.internal.driver;

/** Copies that move elements between axes; no arithmetic. */
public final class Axes {
    /** Elements of a square that is transposed at once, so that its lines stay in the first-level cache. */
    private static final int BLOCK = 16;

    private Axes() {}

    /**
     * Writes a tensor with its axes in another order: axis {@code axes[i]} of x is axis i of y.
     *
     * @param dims the dimensions of x
     * @param axes a permutation of 0 to rank - 1
     */
    public static void permute(int[] dims, int[] axes, float[] x, int xo, float[] y, int yo) {
        int rank = dims.length;
        int[] xSteps = new int[rank]; // of the axes of y, in x
        int[] sizes = new int[rank];
        int[] steps = steps(dims);
        int merged = 0;
        for (int i = 0; i < rank; i++) {
            int size = dims[axes[i]];
            if (size == 1) {
                continue;
            }
            if (merged > 0 && xSteps[merged - 1] == steps[axes[i]] * size) { // neighbours in x as well
                sizes[merged - 1] *= size;
                xSteps[merged - 1] = steps[axes[i]];
            } else {
                sizes[merged] = size;
                xSteps[merged++] = steps[axes[i]];
            }
        }
        if (merged == 0) {
            y[yo] = x[xo];
            return;
        }
        int[] ySteps = new int[merged];
        int size = 1;
        for (int i = merged - 1; i >= 0; i--) {
            ySteps[i] = size;
            size *= sizes[i];
        }
        int unit = merged - 1; // the axis of y along which x has no step
        while (unit > 0 && xSteps[unit] != 1) {
            unit--;
        }
        permute(new Permutation(sizes, xSteps, ySteps, merged - 1, unit), 0, x, xo, y, yo);
    }

    private static int[] steps(int[] dims) {
        int[] steps = new int[dims.length];
        int step = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            steps[i] = step;
            step *= dims[i];
        }
        return steps;
    }

    /** Sizes and steps by axis of y; {@code unit} is the one that is contiguous in x. */
    private record Permutation(int[] sizes, int[] xSteps, int[] ySteps, int last, int unit) {}

    private static void permute(Permutation p, int axis, float[] x, int xo, float[] y, int yo) {
        if (axis == p.unit && p.unit != p.last) { // both innermost axes are done at the end
            permute(p, axis + 1, x, xo, y, yo);
        } else if (axis < p.last) {
            for (int i = 0; i < p.sizes[axis]; i++) {
                permute(p, axis + 1, x, xo + i * p.xSteps[axis], y, yo + i * p.ySteps[axis]);
            }
        } else if (p.unit == p.last) {
            System.arraycopy(x, xo, y, yo, p.sizes[p.last]);
        } else {
            transpose(p.sizes[p.unit], p.sizes[p.last], x, xo, p.xSteps[p.last], y, yo, p.ySteps[p.unit]);
        }
    }

    /** y[i, j] = x[j, i] for i below n and j below m, with the given steps from row to row. */
    private static void transpose(int n, int m, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        for (int i0 = 0; i0 < n; i0 += BLOCK) {
            int i1 = Math.min(n, i0 + BLOCK);
            for (int j0 = 0; j0 < m; j0 += BLOCK) {
                int j1 = Math.min(m, j0 + BLOCK);
                for (int i = i0; i < i1; i++) {
                    for (int j = j0; j < j1; j++) {
                        y[yo + i * ys + j] = x[xo + j * xs + i];
                    }
                }
            }
        }
    }
}
