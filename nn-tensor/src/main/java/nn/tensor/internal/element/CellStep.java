package nn.tensor.internal.element;

import nn.tensor.internal.thread.PerThread;

/**
 * Describes a step of a recurrent cell for some rows: their number, the number of units, and where the operands lie in
 * their arrays. An operand of a row has n numbers, one for each unit, and the next row follows at once; the gates' have
 * 4 n (LSTM) or 2 n (GRU), gate after gate.
 *
 * <p>A step makes no object: each thread has one descriptor, which it overwrites. The arrays are arguments of the
 * kernels: a thread that kept them here would keep them from being collected.
 */
public final class CellStep {
    private static final PerThread<CellStep> HELD = new PerThread<>(CellStep::new);

    /** Rows. */
    public int rows;

    /** Units. */
    public int n;

    int gates;
    int before;
    int cells;
    int after;
    int tanh;
    int candidate;
    int recurrent;
    int dy;
    int dh;
    int dc;

    private CellStep() {}

    /**
     * Describes a step whose operands are at the start of their arrays.
     *
     * @param rows the number of rows
     * @param n the number of units
     * @return this thread's descriptor, which the thread's next step overwrites
     */
    public static CellStep of(int rows, int n) {
        CellStep step = HELD.get();
        step.rows = rows;
        step.n = n;
        return step.gates(0)
                .before(0)
                .cells(0)
                .after(0)
                .tanh(0)
                .candidate(0)
                .recurrent(0)
                .dy(0)
                .dh(0)
                .dc(0);
    }

    /**
     * Sets where the gates' values are.
     *
     * @return this
     */
    public CellStep gates(int offset) {
        gates = offset;
        return this;
    }

    /**
     * Sets where the state before the step is: the cells of an LSTM, or the outputs of a GRU.
     *
     * @return this
     */
    public CellStep before(int offset) {
        before = offset;
        return this;
    }

    /**
     * Sets where the cells of an LSTM after the step are.
     *
     * @return this
     */
    public CellStep cells(int offset) {
        cells = offset;
        return this;
    }

    /**
     * Sets where the outputs after the step are.
     *
     * @return this
     */
    public CellStep after(int offset) {
        after = offset;
        return this;
    }

    /**
     * Sets where tanh of the cells is.
     *
     * @return this
     */
    public CellStep tanh(int offset) {
        tanh = offset;
        return this;
    }

    /**
     * Sets where the candidate of a GRU is.
     *
     * @return this
     */
    public CellStep candidate(int offset) {
        candidate = offset;
        return this;
    }

    /**
     * Sets where the recurrent part of a GRU's candidate is.
     *
     * @return this
     */
    public CellStep recurrent(int offset) {
        recurrent = offset;
        return this;
    }

    /**
     * Sets where the gradient at the outputs is that comes from the layer's output.
     *
     * @return this
     */
    public CellStep dy(int offset) {
        dy = offset;
        return this;
    }

    /**
     * Sets where the gradient at the outputs is that comes from the step after.
     *
     * @return this
     */
    public CellStep dh(int offset) {
        dh = offset;
        return this;
    }

    /**
     * Sets where the gradient at the cells is.
     *
     * @return this
     */
    public CellStep dc(int offset) {
        dc = offset;
        return this;
    }
}
