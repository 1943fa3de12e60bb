package nn.tensor.internal.product;

import nn.tensor.internal.thread.PerThread;
import org.jspecify.annotations.Nullable;

/**
 * Describes a product C = S + A B, or a part of one: its sizes, and where its operands lie in their arrays.
 *
 * <table>
 *   <caption>Where an element is</caption>
 *   <tr><td>(i, p) of A, [m x k]</td><td>{@code ao + i * ars + p * aps}; one of the steps is 1</td></tr>
 *   <tr><td>(p, j) of B, [k x n]</td><td>{@code bo + p * bps + j * bjs}; one of the steps is 1, except in panels
 *       ({@link Packing})</td></tr>
 *   <tr><td>(i, j) of C, [m x n]</td><td>{@code co + i * cs + j}</td></tr>
 *   <tr><td>(i, j) of S, the initial values of the sums</td><td>{@code so + i * ss + j * sj}: C itself, a row ({@code
 *       ss} 0), or zeros ({@code sj} 0 as well)</td></tr>
 * </table>
 *
 * <p>A product makes no object: each thread has one descriptor for a whole product and one for its share of a product
 * that is split between threads, and each descriptor has one for a part, which the next part overwrites. So whoever
 * gets a descriptor uses it before the thread begins the next product. The arrays are arguments of their own: a thread
 * that kept them here would keep them from being collected.
 */
public final class Product {
    /**
     * Inner steps that one chain of float additions takes. Of equal products, which err in one direction, its relative
     * error is at most CHAIN / 2 roundings of 2^-24, 2.4e-4, and the sum of k / CHAIN chains adds half a rounding for
     * each: 3e-4 in all for ten million steps, where a single chain would be wrong by an eighth.
     */
    public static final int CHAIN = 8192;

    private static final PerThread<Product> HELD = new PerThread<>(Product::new);

    /** Sizes. */
    public int m;

    public int n;
    public int k;
    int ao;
    int ars;
    int aps;
    int bo;
    int bps;
    int bjs;

    /** Where C is. */
    public int co;

    public int cs;
    int so;
    int ss;
    int sj;

    private @Nullable Product part;
    private @Nullable Product share;
    private @Nullable TilePlan plan;

    private Product() {}

    /**
     * Describes a product of contiguous matrices at the start of their arrays, with sums that begin with zeros.
     *
     * @param m rows of A and C
     * @param n columns of B and C
     * @param k columns of A and rows of B
     * @return this thread's descriptor, which the thread's next product overwrites
     */
    public static Product of(int m, int n, int k) {
        return HELD.get().sizes(m, n, k).a(0, k, 1).b(0, n, 1).c(0, n).beginWithZeros();
    }

    /**
     * Sets the offsets of the operands.
     *
     * @return this
     */
    public Product at(int a, int b, int c) {
        ao = a;
        bo = b;
        co = c;
        return this;
    }

    private Product sizes(int m, int n, int k) {
        this.m = m;
        this.n = n;
        this.k = k;
        return this;
    }

    /** Where A is: its offset, and its steps from row to row and from column to column. */
    public Product a(int offset, int row, int column) {
        ao = offset;
        ars = row;
        aps = column;
        return this;
    }

    /** Where B is: its offset, and its steps from row to row and from column to column. */
    public Product b(int offset, int row, int column) {
        bo = offset;
        bps = row;
        bjs = column;
        return this;
    }

    /** Where C is: its offset, and its step from row to row. */
    public Product c(int offset, int row) {
        co = offset;
        cs = row;
        return this;
    }

    /** A holds its contiguous transpose, [k x m]. */
    public Product leftTransposed() {
        return a(ao, 1, m);
    }

    /** B holds its contiguous transpose, [n x k]. */
    public Product rightTransposed() {
        return b(bo, 1, k);
    }

    /** B lies in panels of columns, one after the other, each contiguous: column j begins {@code k * j} floats on. */
    public Product panelsOfB() {
        return b(bo, bps, k);
    }

    private Product begin(int offset, int row, int column) {
        so = offset;
        ss = row;
        sj = column;
        return this;
    }

    /** Sums begin with zeros; the array of S is null, or one of zeros. */
    public Product beginWithZeros() {
        return begin(0, 0, 0);
    }

    /** Sums begin with the values of C, so its array is that of S. */
    Product beginWithC() {
        return begin(co, cs, 1);
    }

    /** The sums of all rows begin with one row. */
    public Product beginWithRow(int offset) {
        return begin(offset, 0, 1);
    }

    /** Sums begin with the values of C, or with zeros. */
    public Product begin(boolean withC) {
        return withC ? beginWithC() : beginWithZeros();
    }

    /** The number of multiply-adds, or the largest int. */
    int work() {
        return (int) Math.min(Integer.MAX_VALUE, (long) m * n * k);
    }

    /** Whether A lies column by column. */
    boolean byColumns() {
        return ars == 1;
    }

    /**
     * Makes this the product of the transposes, C' = S' + B' A': the operands and their arrays change places. C and S
     * have to be set again.
     */
    public Product transpose() {
        int rows = m;
        m = n;
        n = rows;
        int offset = ao;
        int row = ars;
        int column = aps;
        return a(bo, bjs, bps).b(offset, column, row);
    }

    /** A descriptor like this one, to be changed; it overwrites the last {@linkplain #part part}. */
    Product part() {
        return part(0, 0, 0, m, n, k);
    }

    /**
     * A part of this product, which overwrites the last one.
     *
     * @param i its first row
     * @param j its first column
     * @param p its first inner step; if it is not 0, sums begin with the values of C
     * @param rows its rows
     * @param columns its columns
     * @param steps its inner steps
     */
    public Product part(int i, int j, int p, int rows, int columns, int steps) {
        Product to = part;
        if (to == null) {
            to = new Product();
            part = to;
        }
        return copyPart(to, i, j, p, rows, columns, steps);
    }

    /**
     * The columns that lie in one of the {@linkplain #panelsOfB panels of B}, as a {@linkplain #part part}.
     *
     * @param j the panel's first column
     * @param width its columns
     */
    public Product panel(int j, int width) {
        Product to = part(0, j, 0, m, width, k);
        return to.b(to.bo, width, 1);
    }

    /** Rows of this product, in the descriptor of the calling thread's share. */
    public Product shareOfRows(int i, int rows) {
        return copyPart(share(), i, 0, 0, rows, n, k);
    }

    /** Columns of this product, in the descriptor of the calling thread's share. */
    public Product shareOfColumns(int j, int columns) {
        return copyPart(share(), 0, j, 0, m, columns, k);
    }

    private static Product share() {
        Product own = HELD.get();
        Product to = own.share;
        if (to == null) {
            to = new Product();
            own.share = to;
        }
        return to;
    }

    private Product copyPart(Product to, int i, int j, int p, int rows, int columns, int steps) {
        to.m = rows;
        to.n = columns;
        to.k = steps;
        to.ao = ao + i * ars + p * aps;
        to.ars = ars;
        to.aps = aps;
        to.bo = bo + p * bps + j * bjs;
        to.bps = bps;
        to.bjs = bjs;
        to.co = co + i * cs + j;
        to.cs = cs;
        to.so = so + i * ss + j * sj;
        to.ss = ss;
        to.sj = sj;
        return p == 0 ? to : to.beginWithC();
    }

    /** The plan for this product, to be set. */
    TilePlan plan() {
        TilePlan held = plan;
        if (held == null) {
            held = new TilePlan();
            plan = held;
        }
        return held;
    }
}
