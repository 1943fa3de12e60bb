package nn.tensor.internal.driver;

import java.util.Arrays;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.math.Fused;
import nn.tensor.internal.thread.Parallel;
import nn.tensor.internal.thread.Scratch;

/**
 * Sums over float data in double, by one fixed scheme: elements go in blocks of 32,768; in a block element i goes to
 * virtual lane i mod 256, lanes add in order, and a tree joins them by halves; blocks add in order. So blocks may be
 * summed on any thread. C2 turns the inner loop over the lanes into vector code of any width, so the same loop serves
 * every machine and the result does not depend on it. A product of two floats is exact in double, so a fused
 * multiply-add rounds as the sum of it does.
 *
 * <p>Each pass over the lanes adds four elements to each, in order, so lanes are loaded and stored a quarter as often.
 * The Vector API would not be faster, and its vectors of floats would be half as wide as all others here: once the JVM
 * has seen two widths, C2 boxes the vectors of the register tiles.
 */
public final class Reductions {
    private static final int LANES = 256;
    private static final int BLOCK = 1 << 15;

    /** Buffers of each thread, as in {@link Scratch}: a reduction allocates nothing. */
    private static final ThreadLocal<double[]> BUFFER = ThreadLocal.withInitial(() -> new double[LANES]);

    /**
     * Maximum number of rows in one chain of float additions. For equal numbers, whose rounding errors have one
     * direction, its relative error is at most CHAIN / 2 roundings of 2^-24: 6.1e-5.
     */
    static final int CHAIN = 2048;

    /** Columns processed together where there are more rows: their sums stay in a first-level cache. */
    static final int STRIP = 1024;

    /** The fewest columns that a thread takes: two cache lines of a row. */
    private static final int SHARE = 32;

    /** Room for the totals of a strip of columns. */
    static final ThreadLocal<double[]> TOTALS = ThreadLocal.withInitial(() -> new double[STRIP]);

    private enum Kind {
        SUM,
        SQUARES,
        DOT,
        DEVIATIONS
    }

    private Reductions() {}

    /** Sum of x. */
    public static double sum(float[] x, int xo, int n) {
        return reduce(Kind.SUM, x, xo, x, xo, n, 0);
    }

    /** Sum of x * y; the product of two floats is exact in double. */
    public static double dot(float[] x, int xo, float[] y, int yo, int n) {
        return reduce(x == y && xo == yo ? Kind.SQUARES : Kind.DOT, x, xo, y, yo, n, 0);
    }

    /** Sum of (x - centre)^2. */
    public static double squaredDeviations(float[] x, int xo, int n, double centre) {
        return reduce(Kind.DEVIATIONS, x, xo, x, xo, n, centre);
    }

    private static double reduce(Kind kind, float[] x, int xo, float[] y, int yo, int n, double centre) {
        if (n <= BLOCK) {
            return block(kind, x, xo, y, yo, n, centre);
        }
        int blocks = blocks(n);
        int parts = Math.min(blocks, Parallel.threadsForElements(n));
        double total = 0;
        if (parts == 1) {
            for (int b = 0; b < blocks; b++) {
                total += block(kind, x, xo, y, yo, n, centre, b);
            }
            return total;
        }
        double[] sums = new double[blocks];
        Parallel.split(blocks, parts, (from, to) -> {
            for (int b = from; b < to; b++) {
                sums[b] = block(kind, x, xo, y, yo, n, centre, b);
            }
        });
        for (double sum : sums) {
            total += sum;
        }
        return total;
    }

    /** The number of blocks of n elements. */
    static int blocks(int n) {
        return (int) (((long) n + BLOCK - 1) / BLOCK);
    }

    private static double block(Kind kind, float[] x, int xo, float[] y, int yo, int n, double centre, int number) {
        int from = number * BLOCK;
        return block(kind, x, xo + from, y, yo + from, Math.min(BLOCK, n - from), centre);
    }

    private static double block(Kind kind, float[] x, int xo, float[] y, int yo, int n, double centre) {
        double[] lanes = lanes(n);
        switch (kind) {
            case SUM -> addAll(lanes, x, xo, n);
            case SQUARES -> addSquares(lanes, x, xo, n);
            case DOT -> addProducts(lanes, x, xo, y, yo, n);
            case DEVIATIONS -> addSquaredDeviations(lanes, x, xo, n, centre);
        }
        return tree(lanes, n);
    }

    private static void addAll(double[] lanes, float[] x, int xo, int n) {
        int full = n - n % LANES;
        int fours = n - n % (4 * LANES);
        for (int i = 0; i < fours; i += 4 * LANES) {
            for (int l = 0; l < LANES; l++) {
                int at = xo + i + l;
                lanes[l] = lanes[l] + x[at] + x[at + LANES] + x[at + 2 * LANES] + x[at + 3 * LANES];
            }
        }
        for (int i = fours; i < full; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                lanes[l] += x[xo + i + l];
            }
        }
        for (int i = full; i < n; i++) {
            lanes[i - full] += x[xo + i];
        }
    }

    private static void addSquares(double[] lanes, float[] x, int xo, int n) {
        int full = n - n % LANES;
        int fours = n - n % (4 * LANES);
        for (int i = 0; i < fours; i += 4 * LANES) {
            for (int l = 0; l < LANES; l++) {
                int at = xo + i + l;
                double a = x[at];
                double b = x[at + LANES];
                double c = x[at + 2 * LANES];
                double d = x[at + 3 * LANES];
                lanes[l] = Fused.fmaOfFloats(
                        d, d, Fused.fmaOfFloats(c, c, Fused.fmaOfFloats(b, b, Fused.fmaOfFloats(a, a, lanes[l]))));
            }
        }
        for (int i = fours; i < full; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                double a = x[xo + i + l];
                lanes[l] = Fused.fmaOfFloats(a, a, lanes[l]);
            }
        }
        for (int i = full; i < n; i++) {
            double a = x[xo + i];
            lanes[i - full] = Fused.fmaOfFloats(a, a, lanes[i - full]);
        }
    }

    private static void addProducts(double[] lanes, float[] x, int xo, float[] y, int yo, int n) {
        int full = n - n % LANES;
        for (int i = 0; i < full; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                lanes[l] = Fused.fmaOfFloats((double) x[xo + i + l], (double) y[yo + i + l], lanes[l]);
            }
        }
        for (int i = full; i < n; i++) {
            lanes[i - full] = Fused.fmaOfFloats((double) x[xo + i], (double) y[yo + i], lanes[i - full]);
        }
    }

    private static void addSquaredDeviations(double[] lanes, float[] x, int xo, int n, double centre) {
        int full = n - n % LANES;
        for (int i = 0; i < full; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                double d = x[xo + i + l] - centre;
                lanes[l] += d * d;
            }
        }
        for (int i = full; i < n; i++) {
            double d = x[xo + i] - centre;
            lanes[i - full] += d * d;
        }
    }

    /** The largest absolute value; NaN if there is one; 0 for no elements. */
    public static float maxAbs(float[] x, int xo, int n) {
        Kernels kernels = Kernels.active();
        int parts = Parallel.threadsForElements(n);
        if (parts == 1) {
            return kernels.maxAbs(x, xo, n);
        }
        float[] largest = new float[parts];
        Parallel.run(parts, part -> {
            int from = Parallel.edge(n, part, parts);
            int to = Parallel.edge(n, part + 1, parts);
            largest[part] = kernels.maxAbs(x, xo + from, to - from);
        });
        return kernels.maxAbs(largest, 0, parts);
    }

    /** The number of lanes that n elements reach, a power of two. The others are +0, so they add nothing. */
    private static int width(int n) {
        return n >= LANES ? LANES : Integer.highestOneBit(Math.max(1, 2 * n - 1));
    }

    /** Zeros for each lane, in an array that the next reduction on this thread reuses. */
    private static double[] lanes(int n) {
        double[] lanes = BUFFER.get();
        Arrays.fill(lanes, 0, width(n), 0);
        return lanes;
    }

    private static double tree(double[] lanes, int n) {
        for (int half = width(n) / 2; half > 0; half /= 2) {
            for (int l = 0; l < half; l++) {
                lanes[l] += lanes[l + half];
            }
        }
        return lanes[0];
    }

    /**
     * sums[j] += x[0, j] + x[1, j] + ..., one lane a column. Up to {@link #CHAIN} rows are one chain of float
     * additions that begins with the values in sums. More rows are cut into such chains of {@link #CHAIN}, which begin
     * with 0 and are added in double, because the error of a chain grows with its length.
     *
     * @param step elements from row to row of x
     */
    public static void addSumOfRows(int rows, int columns, float[] x, int xo, int step, float[] sums, int so) {
        int units = columns / SHARE;
        int parts = Math.min(units, Parallel.threadsForElements(Parallel.SIMPLE * rows * columns));
        if (parts <= 1) {
            addSumOfRows(rows, 0, columns, step, x, xo, sums, so);
        } else {
            Parallel.split(units, parts, (from, to) -> {
                int end = to == units ? columns : to * SHARE;
                addSumOfRows(rows, from * SHARE, end, step, x, xo, sums, so);
            });
        }
    }

    /** The columns {@code [from, to)} of rows that are a step apart. */
    private static void addSumOfRows(int rows, int from, int to, int step, float[] x, int xo, float[] sums, int so) {
        Kernels kernels = Kernels.active();
        if (rows <= CHAIN) {
            kernels.addRows(rows, to - from, x, xo + from, step, sums, so + from);
            return;
        }
        float[] chain = Scratch.CHAIN.floats(STRIP);
        double[] totals = TOTALS.get();
        for (int j = from; j < to; j += STRIP) {
            int width = Math.min(STRIP, to - j);
            for (int l = 0; l < width; l++) {
                totals[l] = sums[so + j + l];
            }
            for (int i = 0; i < rows; i += CHAIN) {
                Arrays.fill(chain, 0, width, 0f);
                kernels.addRows(Math.min(CHAIN, rows - i), width, x, xo + i * step + j, step, chain, 0);
                for (int l = 0; l < width; l++) {
                    totals[l] += chain[l];
                }
            }
            for (int l = 0; l < width; l++) {
                sums[so + j + l] = (float) totals[l];
            }
        }
    }

    /** Makes means of n sums. In place, C2 knows that no store changes what another lane reads. */
    public static void divide(float[] x, int xo, int n, float divisor) {
        for (int i = xo; i < xo + n; i++) {
            x[i] /= divisor;
        }
    }
}
