package nn.tensor.internal.driver;

import static nn.tensor.internal.row.Rows.STRIP;

import java.util.Arrays;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.math.Fused;
import nn.tensor.internal.row.ColumnStatistics;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.RowKernels;
import nn.tensor.internal.row.RowStatistics;
import nn.tensor.internal.row.Rows;
import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.thread.Parallel;
import nn.tensor.internal.thread.Scratch;
import org.jspecify.annotations.Nullable;

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

    private Normalize() {}

    /** What a row is multiplied by before its factor is applied, so that neither product leaves the range of float. */
    public static float shrink(double factor) {
        return RowStatistics.shrink(factor);
    }

    /** What columns are normalized by: numbers for each of them, from index 0 on. */
    public static final class Columns {
        public final double[] means;

        /** 1 / sqrt(variance + epsilon). */
        public final double[] factors;

        /** The same for all columns of a matrix: the bits of a column do not depend on how columns are split. */
        private float shrink = 1f;

        public Columns(double[] means, double[] factors) {
            this.means = means;
            this.factors = factors;
        }

        /** To be called when the factors of a number of columns have been set. */
        public Columns ready(int columns) {
            shrink = shrink(factors, columns);
            return this;
        }

        private static float shrink(double[] factors, int columns) {
            for (int j = 0; j < columns; j++) { // Math.min in a chain takes 4.9 ns a column, this 0.3
                float shrink = RowStatistics.shrink(Math.abs(factors[j]));
                if (shrink != 1f) {
                    return shrink;
                }
            }
            return 1f;
        }
    }

    /** The number of threads for a loop over all elements. */
    private static int threads(double cost, Operand x) {
        return Parallel.threadsForElements(cost * x.size());
    }

    /**
     * y = normal * scale + bias for each row of x, with {@code normal = (x - mean) * factor} and {@code factor = 1 /
     * sqrt(variance + epsilon)}; means and factors of the rows are kept.
     */
    public static void rows(
            double epsilon, Operand x, Operand scale, Operand bias, double[] means, double[] factors, Operand y) {
        int rows = x.rows();
        int parts = Math.min(rows, threads(COST, x));
        if (parts <= 1) {
            rows(0, rows, epsilon, x, scale, bias, means, factors, y);
        } else {
            Parallel.split(rows, parts, (from, to) -> rows(from, to, epsilon, x, scale, bias, means, factors, y));
        }
    }

    private static void rows(
            int from,
            int to,
            double epsilon,
            Operand x,
            Operand scale,
            Operand bias,
            double[] means,
            double[] factors,
            Operand y) {
        RowKernels kernels = Kernels.active().rows();
        double[] sums = Rows.sums();
        int n = x.n();
        for (int i = from; i < to; i++) {
            int first = x.offset() + i * n;
            kernels.moments(x.array(), first, n, sums);
            double less = sums[0] / n;
            means[i] = x.array()[first] + less;
            factors[i] = 1 / Math.sqrt(variance(sums[RowKernels.LANES] / n, less) + epsilon);
            kernels.normalize(RowStatistics.of(means[i], factors[i]), i * n, x, scale, bias, y);
        }
    }

    private static double variance(double meanSquare, double mean) {
        return Math.max(0, Fused.fma(-mean, mean, meanSquare));
    }

    /**
     * The gradients of {@link #rows}, with d = dy * scale: {@code dx = (d - mean of d - normal * mean of d normal) *
     * factor}. Adds the sums of the rows of dy * normal to dScale, and of dy to dBias: up to 128 rows are one chain in
     * float, and such chains are added in double.
     *
     * @param means null for rows that were divided by their root mean square: then {@code normal = x * factor}, and dx
     *     has no term of the mean of d
     */
    public static void rowsGrad(
            Operand x,
            Operand dy,
            Operand scale,
            double @Nullable [] means,
            double[] factors,
            Operand dScale,
            Operand dBias,
            Operand dx) {
        int n = x.n();
        int atOnce = Math.max(1, Math.min(BLOCKS, Scratch.MOST / (2 * Math.max(1, n))));
        int all = (x.rows() + BLOCK - 1) / BLOCK;
        for (int first = 0; first < all; first += atOnce) {
            int begin = first;
            int blocks = Math.min(atOnce, all - begin);
            int rows = Math.min(blocks * BLOCK, x.rows() - begin * BLOCK);
            float[] chains = buffer(blocks, n);
            int parts = Math.min(blocks, Parallel.threadsForElements(GRAD_COST * rows * n));
            if (parts <= 1) {
                for (int b = 0; b < blocks; b++) {
                    blockGrad(begin + b, x, dy, scale, means, factors, chains, 2 * b * n, dx);
                }
            } else {
                Parallel.split(blocks, parts, (from, to) -> {
                    for (int b = from; b < to; b++) {
                        blockGrad(begin + b, x, dy, scale, means, factors, chains, 2 * b * n, dx);
                    }
                });
            }
            addChains(blocks, chains, 0, dScale);
            addChains(blocks, chains, n, dBias);
        }
    }

    /** Rows longer than half of the largest buffer are as rare as they are long: a new array does not count. */
    private static float[] buffer(int blocks, int n) {
        long size = 2L * blocks * n;
        return size <= Scratch.MOST ? Scratch.RESULT.floats((int) size) : new float[(int) size];
    }

    /** The gradients of a block of rows; its chains for scale and bias begin at {@code to}. */
    private static void blockGrad(
            int block,
            Operand x,
            Operand dy,
            Operand scale,
            double @Nullable [] means,
            double[] factors,
            float[] chains,
            int to,
            Operand dx) {
        RowKernels kernels = Kernels.active().rows();
        double[] sums = Rows.sums();
        int n = x.n();
        int end = (int) Math.min(x.rows(), (block + 1L) * BLOCK);
        Arrays.fill(chains, to, to + 2 * n, 0f);
        for (int i = block * BLOCK; i < end; i++) {
            RowStatistics row = RowStatistics.of(means == null ? 0 : means[i], factors[i]);
            kernels.normalizeSums(row, i * n, x, dy, scale, sums);
            row.gradient(sums, n);
            row.mean = means == null ? 0f : row.mean;
            kernels.normalizeGrad(row, i * n, x, dy, scale, chains, to, dx);
        }
    }

    private static void addChains(int blocks, float[] chains, int at, Operand to) {
        float[] sums = to.array();
        int so = to.offset();
        int n = to.n();
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
    public static void moments(Operand x, double[] means, double[] squares) {
        int parts = Math.clamp(threads(COST, x), 1, Math.max(1, x.n() / COLUMNS));
        if (parts <= 1) {
            moments(0, x.n(), x, means, squares);
        } else {
            Parallel.split(x.n(), parts, (from, to) -> moments(from, to, x, means, squares));
        }
    }

    private static void moments(int from, int to, Operand x, double[] means, double[] squares) {
        RowKernels kernels = Kernels.active().rows();
        ColumnStatistics c = ColumnStatistics.ofThread();
        for (int j = from; j < to; j += STRIP) {
            int width = Math.min(STRIP, to - j);
            originAndMoments(kernels, columns(j, width, x), c, x);
            finish(width, x.rows(), c.origin, c.sums, c.dots);
            System.arraycopy(c.sums, 0, means, j, width);
            System.arraycopy(c.dots, 0, squares, j, width);
        }
    }

    /** Makes means of sums, and sums of squared deviations of sums of squares. With one index, C2 uses vectors. */
    private static void finish(int columns, int rows, double[] origin, double[] sums, double[] squares) {
        double each = 1.0 / rows;
        for (int l = 0; l < columns; l++) {
            double less = sums[l] * each;
            squares[l] = rows * variance(squares[l] * each, less);
            sums[l] = less + origin[l];
        }
    }

    private static void originAndMoments(RowKernels kernels, Submatrix part, ColumnStatistics c, Operand x) {
        float[] xs = x.array();
        int xo = x.offset() + part.at;
        for (int l = 0; l < part.columns; l++) {
            c.origin[l] = xs[xo + l];
        }
        Arrays.fill(c.sums, 0, part.columns, 0);
        Arrays.fill(c.dots, 0, part.columns, 0);
        kernels.columnMoments(part, c, x, c.sums, c.dots);
    }

    private static Submatrix columns(int from, int width, Operand x) {
        return Submatrix.of(0, from, x.rows(), width, x.n());
    }

    /** Sums of the columns of dy, and of dy (x - mean) factor. */
    public static void dots(Columns by, Operand x, Operand dy, double[] sums, double[] dots) {
        dots(by.shrink, by.means, by.factors, x, dy, sums, dots);
    }

    /** The same, by numbers of which no object is kept. */
    public static void dots(double[] means, double[] factors, Operand x, Operand dy, double[] sums, double[] dots) {
        dots(Columns.shrink(factors, x.n()), means, factors, x, dy, sums, dots);
    }

    private static void dots(
            float shrink, double[] means, double[] factors, Operand x, Operand dy, double[] sums, double[] dots) {
        int parts = Math.clamp(threads(GRAD_COST, x), 1, Math.max(1, x.n() / COLUMNS));
        if (parts <= 1) {
            dots(0, x.n(), shrink, means, factors, x, dy, sums, dots);
        } else {
            Parallel.split(x.n(), parts, (from, to) -> dots(from, to, shrink, means, factors, x, dy, sums, dots));
        }
    }

    private static void dots(
            int from,
            int to,
            float shrink,
            double[] means,
            double[] factors,
            Operand x,
            Operand dy,
            double[] sums,
            double[] dots) {
        RowKernels kernels = Kernels.active().rows();
        ColumnStatistics c = ColumnStatistics.ofThread();
        for (int j = from; j < to; j += STRIP) {
            int width = Math.min(STRIP, to - j);
            c.setMeans(j, width, shrink, means);
            c.setFactors(j, width, factors);
            Arrays.fill(c.sums, 0, width, 0);
            Arrays.fill(c.dots, 0, width, 0);
            kernels.columnDots(columns(j, width, x), c, x, dy, c.sums, c.dots);
            System.arraycopy(c.sums, 0, sums, j, width);
            System.arraycopy(c.dots, 0, dots, j, width);
        }
    }

    /** Adds numbers, rounded, to a row. */
    public static void addRounded(double[] amounts, Operand row) {
        float[] to = row.array();
        int at = row.offset();
        for (int j = 0; j < row.n(); j++) {
            to[at + j] += (float) amounts[j];
        }
    }

    /** y = (x - mean) * factor * scale + bias, column by column. */
    public static void columns(Columns by, Operand scale, Operand bias, Operand x, Operand y) {
        int parts = Math.min(x.rows(), threads(COST, x));
        if (parts <= 1) {
            columns(0, x.rows(), by, scale, bias, x, y);
        } else {
            Parallel.split(x.rows(), parts, (from, to) -> columns(from, to, by, scale, bias, x, y));
        }
    }

    private static void columns(int from, int to, Columns by, Operand scale, Operand bias, Operand x, Operand y) {
        int n = x.n();
        RowKernels kernels = Kernels.active().rows();
        ColumnStatistics c = ColumnStatistics.ofThread();
        for (int j = 0; j < n; j += STRIP) {
            int width = Math.min(STRIP, n - j);
            c.setMeans(j, width, by.shrink, by.means);
            c.setFactors(j, width, by.factors, scale, bias);
            kernels.normalizeColumns(Submatrix.of(from, j, to - from, width, n), c, x, y);
        }
    }

    /**
     * dx = (dy - shift - (x - mean) * slope) * factor * scale, column by column.
     *
     * @param scale null if dy is the gradient at the normalized numbers
     */
    public static void columnsGrad(
            Columns by, @Nullable Operand scale, double[] shifts, double[] slopes, Operand x, Operand dy, Operand dx) {
        int parts = Math.min(x.rows(), threads(COST, x));
        if (parts <= 1) {
            columnsGrad(0, x.rows(), by, scale, shifts, slopes, x, dy, dx);
        } else {
            Parallel.split(x.rows(), parts, (from, to) -> columnsGrad(from, to, by, scale, shifts, slopes, x, dy, dx));
        }
    }

    private static void columnsGrad(
            int from,
            int to,
            Columns by,
            @Nullable Operand scale,
            double[] shifts,
            double[] slopes,
            Operand x,
            Operand dy,
            Operand dx) {
        int n = x.n();
        RowKernels kernels = Kernels.active().rows();
        ColumnStatistics c = ColumnStatistics.ofThread();
        for (int j = 0; j < n; j += STRIP) {
            int width = Math.min(STRIP, n - j);
            c.setMeans(j, width, by.shrink, by.means);
            c.setGradient(j, width, by.factors, scale, shifts, slopes);
            kernels.normalizeColumnsGrad(Submatrix.of(from, j, to - from, width, n), c, x, dy, dx);
        }
    }
}
