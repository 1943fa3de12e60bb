package nn.tensor.internal.window;

import nn.tensor.internal.thread.PerThread;

/**
 * Describes a product of windows ({@link WindowKernels}): how many windows there are, and where its operands lie in
 * their arrays. What a kernel does not read is not set.
 *
 * <p>Each thread has one descriptor, which the next product overwrites. Arrays are arguments of their own, as with
 * {@code Product}.
 */
public final class WindowProduct {
    private static final PerThread<WindowProduct> HELD = new PerThread<>(WindowProduct::new);

    /** Windows. */
    int count;

    /** Columns of B, or channels that are computed one by one. */
    int n;

    /** Where A begins. */
    int ao;

    /** The columns of an A that is a matrix, and its elements from row to row. */
    int k;

    int as;

    /** Where B begins, and its elements from row to row. */
    int bo;

    int bs;

    /** Where the row of initial values begins. */
    int ro;

    /** Where C begins, and its elements from row to row. */
    int co;

    int cs;

    /** Whether sums over windows begin with zeros instead of C. */
    boolean first;

    /** The windows of a row of an image, of which there are whole rows. */
    int columns;

    // What follows is of the part that a vector kernel is about to compute.

    /** Its runs: the first one, and one behind the last. */
    int firstRun;

    int endOfRuns;

    /** Its columns: the first one, how many there are, and floats of the tiles that cover them, one vector or two. */
    int j;

    int width;

    int step;

    /** Where one tile begins in A, B, the initial values and C. */
    int ap;

    int bp;
    int fp;
    int cp;

    /** Elements from row to row of B, the initial values and C, where a tile goes over all windows. */
    int bStep;

    int fStep;
    int cStep;

    /** Where one tile's entries begin in the tables of windows, of initial values and of results. */
    int ai;

    int fi;
    int ci;

    private WindowProduct() {}

    /**
     * Describes a product.
     *
     * @return this thread's descriptor, which the thread's next product overwrites
     */
    public static WindowProduct of(int count, int n) {
        WindowProduct p = HELD.get();
        p.count = count;
        p.n = n;
        return p;
    }

    /** Where A begins. */
    public WindowProduct a(int offset) {
        ao = offset;
        return this;
    }

    /** A is a matrix, with k columns. */
    public WindowProduct a(int offset, int k, int row) {
        this.k = k;
        ao = offset;
        as = row;
        return this;
    }

    /** Where B begins, and its elements from row to row. */
    public WindowProduct b(int offset, int row) {
        bo = offset;
        bs = row;
        return this;
    }

    /** Where the row begins whose elements are the initial values of sums. */
    public WindowProduct row(int offset) {
        ro = offset;
        return this;
    }

    /** Where C begins. */
    public WindowProduct c(int offset) {
        co = offset;
        return this;
    }

    /** Where sums over windows begin, their elements from row to row, and whether they begin with zeros. */
    public WindowProduct sums(int offset, int row, boolean withZeros) {
        co = offset;
        cs = row;
        first = withZeros;
        return this;
    }

    /** The windows of a row of an image. */
    public WindowProduct columns(int windows) {
        columns = windows;
        return this;
    }

    /** One tile of some runs, in place 0 of everything, for {@link WindowTrials}. */
    WindowProduct trial(int runs) {
        firstRun = 0;
        endOfRuns = runs;
        ap = 0;
        bp = 0;
        bStep = 1;
        fp = 0;
        fStep = 0;
        cp = 0;
        cStep = 1;
        ai = 0;
        fi = 0;
        ci = 0;
        return this;
    }

    /** Sets the part: columns from j on, as many as a step has and there are. */
    void part(int j, int step) {
        this.j = j;
        this.step = step;
        width = Math.min(step, n - j);
    }
}
