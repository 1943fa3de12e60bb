package nn.tensor.internal;

import static nn.tensor.internal.Rows.STRIP;

import java.util.Arrays;

/**
 * Normalization of rows and of columns to mean 0 and variance 1, and its gradients. Means and variances are computed in
 * double, relative to the first element: it is one of the values, so its distance from the mean is at most sqrt(n)
 * standard deviations, and one pass gives the variance to n roundings of a double. Threads take rows or columns.
 */
public final class Normalize {
    /** Relative costs of an element ({@link Parallel#threadsForElements}). */
    private static final double COST = 0.5;

    private static final double GRAD_COST = 1;

    /** The fewest columns that a thread takes: those of a vector. */
    private static final int COLUMNS = 16;

    /** Rows whose gradients at scale and bias are summed in float. */
    private static final int BLOCK = 128;

    /** Blocks in flight. */
    private static final int BLOCKS = 64;

    /**
     * Below this factor, differences of elements and their products with gradients may exceed the range of float; then
     * they are divided by 2^70.
     */
    private static final double SMALL = 0x1p-100;

    private static final float SHRINK = 0x1p-70f;

    private Normalize() {}

    private static float shrink(double factor) {
        return factor < SMALL ? SHRINK : 1f;
    }

    /**
     * y = normal * scale + bias for rows of n, with {@code normal = (x - mean) * factor} and {@code factor = 1 /
     * sqrt(variance + epsilon)}; means and factors of the rows are kept.
     */
    public static void rows(
            int rows,
            int n,
            double epsilon,
            float[] x,
            int xo,
            float[] scale,
            int so,
            float[] bias,
            int bo,
            double[] means,
            double[] factors,
            float[] y,
            int yo) {
        int parts = Parallel.threadsForElements(COST * rows * n);
        if (parts == 1) {
            rows(0, rows, n, epsilon, x, xo, scale, so, bias, bo, means, factors, y, yo);
        } else {
            Parallel.split(
                    rows,
                    Math.min(rows, parts),
                    (from, to) -> rows(from, to, n, epsilon, x, xo, scale, so, bias, bo, means, factors, y, yo));
        }
    }

    private static void rows(
            int from,
            int to,
            int n,
            double epsilon,
            float[] x,
            int xo,
            float[] scale,
            int so,
            float[] bias,
            int bo,
            double[] means,
            double[] factors,
            float[] y,
            int yo) {
        RowKernels kernels = Kernels.active().rows();
        double[] sums = Rows.sums();
        for (int i = from; i < to; i++) {
            int at = xo + i * n;
            kernels.moments(x, at, n, sums);
            double less = sums[0] / n;
            means[i] = x[at] + less;
            factors[i] = 1 / Math.sqrt(variance(sums[RowKernels.LANES] / n, less) + epsilon);
            float shrink = shrink(factors[i]);
            float high = (float) (means[i] * shrink);
            float low = (float) (means[i] * shrink - high);
            float factor = (float) (factors[i] / shrink);
            kernels.normalize(shrink, high, low, factor, x, at, scale, so, bias, bo, y, yo + i * n, n);
        }
    }

    private static double variance(double meanSquare, double mean) {
        return Math.max(0, Fused.fma(-mean, mean, meanSquare));
    }

    /**
     * The gradients of {@link #rows}, with d = dy * scale: {@code dx = (d - mean of d - normal * mean of d normal) *
     * factor}. Adds the sums of the rows of dy * normal to dScale, and of dy to dBias: up to 128 rows are one chain in
     * float, and such chains are added in double.
     */
    public static void rowsGrad(
            int rows,
            int n,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] scale,
            int so,
            double[] means,
            double[] factors,
            float[] dScale,
            int dso,
            float[] dBias,
            int dbo,
            float[] dx,
            int dxo) {
        int atOnce = Math.max(1, Math.min(BLOCKS, Scratch.MOST / (2 * Math.max(1, n))));
        for (int first = 0; first < rows; first += atOnce * BLOCK) {
            int begin = first;
            int end = (int) Math.min(rows, (long) first + atOnce * BLOCK);
            int blocks = (end - begin + BLOCK - 1) / BLOCK;
            float[] sums = buffer(blocks, n);
            int parts = Math.min(blocks, Parallel.threadsForElements(GRAD_COST * (end - begin) * n));
            if (parts == 1) {
                rowsGrad(0, blocks, begin, end, n, x, xo, dy, dyo, scale, so, means, factors, sums, dx, dxo);
            } else {
                Parallel.split(
                        blocks,
                        parts,
                        (from, to) -> rowsGrad(
                                from, to, begin, end, n, x, xo, dy, dyo, scale, so, means, factors, sums, dx, dxo));
            }
            addChains(blocks, n, sums, 0, dScale, dso);
            addChains(blocks, n, sums, n, dBias, dbo);
        }
    }

    /** Rows longer than half of the largest buffer are as rare as they are long: a new array does not count. */
    private static float[] buffer(int blocks, int n) {
        long size = 2L * blocks * n;
        return size <= Scratch.MOST ? Scratch.RESULT.floats((int) size) : new float[(int) size];
    }

    private static void rowsGrad(
            int fromBlock,
            int toBlock,
            int begin,
            int end,
            int n,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] scale,
            int so,
            double[] means,
            double[] factors,
            float[] gradients,
            float[] dx,
            int dxo) {
        RowKernels kernels = Kernels.active().rows();
        double[] sums = Rows.sums();
        for (int b = fromBlock; b < toBlock; b++) {
            int ds = 2 * b * n;
            int db = ds + n;
            Arrays.fill(gradients, ds, db + n, 0f);
            for (int i = begin + b * BLOCK; i < Math.min(end, begin + (b + 1) * BLOCK); i++) {
                int at = i * n;
                float shrink = shrink(factors[i]);
                float high = (float) (means[i] * shrink);
                float low = (float) (means[i] * shrink - high);
                float inner = (float) (factors[i] / shrink);
                kernels.normalizeSums(shrink, high, low, inner, x, xo + at, dy, dyo + at, scale, so, n, sums);
                float mean = (float) (sums[0] / n);
                float dot = (float) (sums[RowKernels.LANES] / n);
                kernels.normalizeGrad(
                        shrink,
                        high,
                        low,
                        inner,
                        mean,
                        dot,
                        (float) factors[i],
                        x,
                        xo + at,
                        dy,
                        dyo + at,
                        scale,
                        so,
                        gradients,
                        ds,
                        gradients,
                        db,
                        dx,
                        dxo + at,
                        n);
            }
        }
    }

    private static void addChains(int blocks, int n, float[] chains, int at, float[] sums, int so) {
        if (blocks == 1) {
            Kernels.active().add(sums, so, chains, at, sums, so, n);
            return;
        }
        for (int j = 0; j < n; j++) {
            double sum = sums[so + j];
            for (int b = 0; b < blocks; b++) {
                sum += chains[2 * b * n + at + j];
            }
            sums[so + j] = (float) sum;
        }
    }

    /** Means of the columns, and sums of the squared deviations from them. */
    public static void moments(int rows, int n, float[] x, int xo, double[] means, double[] squares) {
        int parts = Math.clamp(Parallel.threadsForElements(COST * rows * n), 1, Math.max(1, n / COLUMNS));
        if (parts == 1) {
            moments(0, n, rows, n, x, xo, means, squares);
        } else {
            Parallel.split(n, parts, (from, to) -> moments(from, to, rows, n, x, xo, means, squares));
        }
    }

    private static void moments(
            int from, int to, int rows, int n, float[] x, int xo, double[] means, double[] squares) {
        double[] shift = Rows.strip();
        for (int j = from; j < to; j += STRIP) {
            int width = Math.min(STRIP, to - j);
            for (int l = 0; l < width; l++) {
                shift[l] = x[xo + j + l];
            }
            Arrays.fill(means, j, j + width, 0);
            Arrays.fill(squares, j, j + width, 0);
            Kernels.active().rows().columnMoments(rows, width, x, xo + j, n, shift, 0, means, squares, j);
            for (int l = 0; l < width; l++) {
                double less = means[j + l] / rows;
                means[j + l] = shift[l] + less;
                squares[j + l] = rows * variance(squares[j + l] / rows, less);
            }
        }
    }

    /** Sums of the columns of dy, and of dy (x - mean) factor. */
    public static void dots(
            int rows,
            int n,
            double[] means,
            double[] factors,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            double[] sums,
            double[] dots) {
        int parts = Math.clamp(Parallel.threadsForElements(GRAD_COST * rows * n), 1, Math.max(1, n / COLUMNS));
        if (parts == 1) {
            dots(0, n, rows, n, means, factors, x, xo, dy, dyo, sums, dots);
        } else {
            Parallel.split(n, parts, (from, to) -> dots(from, to, rows, n, means, factors, x, xo, dy, dyo, sums, dots));
        }
    }

    private static void dots(
            int from,
            int to,
            int rows,
            int n,
            double[] means,
            double[] factors,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            double[] sums,
            double[] dots) {
        float shrink = shrink(factors, n);
        float[] constants = Scratch.CHAIN.floats(3 * STRIP);
        for (int j = from; j < to; j += STRIP) {
            int width = Math.min(STRIP, to - j);
            Arrays.fill(sums, j, j + width, 0);
            Arrays.fill(dots, j, j + width, 0);
            constants(j, width, shrink, means, factors, constants);
            Kernels.active()
                    .rows()
                    .columnDots(rows, width, shrink, x, xo + j, dy, dyo + j, n, constants, STRIP, sums, dots, j);
        }
    }

    /** y = (x - mean) * factor + bias, column by column. */
    public static void columns(
            int rows,
            int n,
            double[] means,
            double[] factors,
            float[] bias,
            int bo,
            float[] x,
            int xo,
            float[] y,
            int yo) {
        int parts = Math.min(rows, Parallel.threadsForElements(COST * rows * n));
        if (parts <= 1) {
            columns(0, rows, n, means, factors, bias, bo, x, xo, y, yo);
        } else {
            Parallel.split(rows, parts, (from, to) -> columns(from, to, n, means, factors, bias, bo, x, xo, y, yo));
        }
    }

    private static void columns(
            int from,
            int to,
            int n,
            double[] means,
            double[] factors,
            float[] bias,
            int bo,
            float[] x,
            int xo,
            float[] y,
            int yo) {
        float shrink = shrink(factors, n);
        float[] constants = Scratch.CHAIN.floats(4 * STRIP);
        for (int j = 0; j < n; j += STRIP) {
            int width = Math.min(STRIP, n - j);
            constants(j, width, shrink, means, factors, constants);
            System.arraycopy(bias, bo + j, constants, 3 * STRIP, width);
            int at = from * n + j;
            Kernels.active()
                    .rows()
                    .normalizeColumns(to - from, width, shrink, x, xo + at, n, constants, STRIP, y, yo + at);
        }
    }

    /** One number for all n columns, so that the bits of a column do not depend on how columns are split. */
    private static float shrink(double[] factors, int n) {
        float shrink = 1f;
        for (int j = 0; j < n; j++) {
            shrink = Math.min(shrink, shrink(Math.abs(factors[j])));
        }
        return shrink;
    }

    /** Fills the constants that stand for the means and factors of some columns. */
    private static void constants(int j, int width, float shrink, double[] means, double[] factors, float[] constants) {
        for (int l = 0; l < width; l++) {
            float high = (float) (means[j + l] * shrink);
            constants[l] = -high;
            constants[STRIP + l] = (float) (high - means[j + l] * shrink);
            constants[2 * STRIP + l] = (float) (factors[j + l] / shrink);
        }
    }

    /** dx = (dy - shift - (x - mean) * slope) * factor, column by column. */
    public static void columnsGrad(
            int rows,
            int n,
            double[] means,
            double[] factors,
            double[] shifts,
            double[] slopes,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo) {
        int parts = Math.min(rows, Parallel.threadsForElements(COST * rows * n));
        if (parts <= 1) {
            columnsGrad(0, rows, n, means, factors, shifts, slopes, x, xo, dy, dyo, dx, dxo);
        } else {
            Parallel.split(
                    rows,
                    parts,
                    (from, to) -> columnsGrad(from, to, n, means, factors, shifts, slopes, x, xo, dy, dyo, dx, dxo));
        }
    }

    private static void columnsGrad(
            int from,
            int to,
            int n,
            double[] means,
            double[] factors,
            double[] shifts,
            double[] slopes,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo) {
        float shrink = shrink(factors, n);
        float[] constants = Scratch.CHAIN.floats(5 * STRIP);
        for (int j = 0; j < n; j += STRIP) {
            int width = Math.min(STRIP, n - j);
            constants(j, width, shrink, means, factors, constants);
            for (int l = 0; l < width; l++) {
                constants[2 * STRIP + l] = (float) factors[j + l];
                constants[3 * STRIP + l] = (float) -shifts[j + l];
                constants[4 * STRIP + l] = (float) (-slopes[j + l] / shrink);
            }
            int at = from * n + j;
            Kernels.active()
                    .rows()
                    .normalizeColumnsGrad(
                            to - from, width, shrink, x, xo + at, dy, dyo + at, n, constants, STRIP, dx, dxo + at);
        }
    }
}
