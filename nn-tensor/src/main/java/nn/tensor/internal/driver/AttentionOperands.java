package nn.tensor.internal.driver;

import nn.tensor.internal.row.Operand;
import nn.tensor.internal.thread.PerThread;
import org.jspecify.annotations.Nullable;

/**
 * The tensors that an attention reads and writes ({@link ScaledDotProduct}).
 *
 * <p>Each thread has one such object, which the thread's next attention overwrites. It lets go of the tensors when the
 * attention is computed, so that the thread does not keep them from being collected.
 */
public final class AttentionOperands {
    private static final Operand NONE = new Operand(new float[0], 0, 0, 0);

    private static final PerThread<AttentionOperands> HELD = new PerThread<>(AttentionOperands::new);

    Operand q = NONE;
    Operand k = NONE;
    Operand v = NONE;

    @Nullable
    Operand mask;

    int @Nullable [] lengths;
    Operand statistics = NONE;
    Operand y = NONE;
    Operand dy = NONE;

    @Nullable
    Operand dq;

    @Nullable
    Operand dk;

    @Nullable
    Operand dv;

    @Nullable
    Operand dMask;

    private AttentionOperands() {}

    /**
     * Takes queries, keys and values.
     *
     * @param mask is added to the scores; null for none
     * @param lengths the number of keys of each sequence; null if all count
     * @return this thread's object
     */
    public static AttentionOperands of(
            Operand q, Operand k, Operand v, @Nullable Operand mask, int @Nullable [] lengths) {
        AttentionOperands operands = HELD.get();
        operands.q = q;
        operands.k = k;
        operands.v = v;
        operands.mask = mask;
        operands.lengths = lengths;
        return operands;
    }

    /**
     * Takes what the forward pass writes, and the backward pass reads.
     *
     * @param statistics for each query of each head the largest score, and after all these the reciprocals of the sums
     *     of exponentials
     * @param y the output
     * @return this
     */
    public AttentionOperands results(Operand statistics, Operand y) {
        this.statistics = statistics;
        this.y = y;
        return this;
    }

    /**
     * Takes the gradient at the output, and what receives those at the queries, keys and values.
     *
     * @return this
     */
    public AttentionOperands gradients(Operand dy, Operand dq, Operand dk, Operand dv) {
        this.dy = dy;
        this.dq = dq;
        this.dk = dk;
        this.dv = dv;
        return this;
    }

    /**
     * Takes the gradient at the output, and that at the mask, which is added to.
     *
     * @return this
     */
    public AttentionOperands maskGradient(Operand dy, Operand dMask) {
        this.dy = dy;
        this.dMask = dMask;
        return this;
    }

    /** Lets go of all tensors. */
    void release() {
        q = NONE;
        k = NONE;
        v = NONE;
        mask = null;
        lengths = null;
        statistics = NONE;
        y = NONE;
        dy = NONE;
        dq = null;
        dk = null;
        dv = null;
        dMask = null;
    }
}
