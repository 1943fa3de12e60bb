package nn.tensor;

import nn.tensor.internal.Kernels;
import nn.tensor.internal.driver.TinyRows;
import nn.tensor.internal.element.CellStep;
import nn.tensor.internal.element.Unary;

/**
 * One time step of recurrent layers. A step of gates goes from their pre-activations to the states, and back from the
 * gradients at the states to those at the pre-activations. A {@linkplain #linear linear step} goes from state to state.
 * The products with the weights are left to the layer, which can compute those of several gates, or steps, at once.
 *
 * <p>Each sequence of a batch is a row, and rows do not depend on each other. The gates' numbers of a row lie one after
 * the other: [batch x gates * units].
 *
 * <p>States may fade from step to step, and gradients in the backward pass. Many processors take a hundred times as
 * long for subnormal numbers, those below 2^-126. So states, and the gradients at states that come from the step after,
 * become +0 where their magnitude is below {@link Tensor#TINY}. NaN stays.
 *
 * <p>No tensor that is written may share memory with another one, except where it says so.
 */
public final class RecurrentCells {
    private RecurrentCells() {}

    /**
     * A step of long short-term memory (Hochreiter and Schmidhuber, 1997): the gates' values i, f and o by the logistic
     * function, and g by tanh; then {@code c_t = f c_{t-1} + i g} and {@code h_t = o tanh(c_t)}. The two functions
     * err by up to 2.6 ulp, and have other bits than {@link Tensor#sigmoidInto} and {@link Tensor#tanhInto}. The
     * logistic function is 0 where its value is below 2^-127.5.
     *
     * @param gates the pre-activations of i, f, g and o, [batch x 4 units]; to be overwritten with their values
     * @param before the cells before the step, c_{t-1} [batch x units]
     * @param c receives the cells after the step, c_t [batch x units]; may be {@code before}
     * @param tanh receives tanh(c_t) [batch x units], which the gradients need; may be {@code h}
     * @param h receives the outputs h_t [batch x units]
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if tensors share memory
     */
    public static void lstm(Tensor gates, Tensor before, Tensor c, Tensor tanh, Tensor h) {
        requireGates("lstm", gates, 4, h);
        requireState("lstm", before, h);
        requireState("lstm", c, h);
        requireState("lstm", tanh, h);
        requireApart("lstm", "the gates", gates, before, c, h);
        requireApart("lstm", "tanh", tanh, before, c, gates);
        requireApart("lstm", "h", h, before, c, c);
        requireSameOrApart("lstm", "c", c, before);
        requireSameOrApart("lstm", "tanh", tanh, h);
        CellStep step = CellStep.of(h.dim(0), h.dim(1))
                .gates(gates.offset())
                .before(before.offset())
                .cells(c.offset())
                .tanh(tanh.offset())
                .after(h.offset());
        Kernels.active().lstmCell(step, gates.array(), before.array(), c.array(), tanh.array(), h.array());
    }

    /**
     * The gradients of {@link #lstm}. The gradient of the loss at h_t is {@code dy + dh}.
     *
     * @param gates the values that {@code lstm} gave, [batch x 4 units]; to be overwritten with the gradients at their
     *     pre-activations
     * @param before c_{t-1} [batch x units]
     * @param tanh tanh(c_t) [batch x units]
     * @param dy the part of the gradient at h_t that comes from the layer's output, [batch x units]
     * @param dh the part that comes from the step after, [batch x units]
     * @param dc the part of the gradient at c_t that does not come through h_t, [batch x units]; to be overwritten with
     *     the gradient at c_{t-1}
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if tensors share memory
     */
    public static void lstmGradient(Tensor gates, Tensor before, Tensor tanh, Tensor dy, Tensor dh, Tensor dc) {
        requireGates("lstmGradient", gates, 4, dc);
        requireState("lstmGradient", before, dc);
        requireState("lstmGradient", tanh, dc);
        requireState("lstmGradient", dy, dc);
        requireState("lstmGradient", dh, dc);
        requireApart("lstmGradient", "the gates", gates, before, tanh, dy);
        requireApart("lstmGradient", "the gates", gates, dh, dc, dc);
        requireApart("lstmGradient", "dc", dc, before, tanh, dy);
        requireApart("lstmGradient", "dc", dc, dh, dh, dh);
        CellStep step = CellStep.of(dc.dim(0), dc.dim(1))
                .gates(gates.offset())
                .before(before.offset())
                .tanh(tanh.offset())
                .dy(dy.offset())
                .dh(dh.offset())
                .dc(dc.offset());
        Kernels.active()
                .lstmGrad(step, gates.array(), before.array(), tanh.array(), dy.array(), dh.array(), dc.array());
    }

    /**
     * A step of a gated recurrent unit (Cho and others, 2014) whose reset gate acts after the recurrent product: the
     * gates' values r and u by the logistic function, then {@code n = tanh(z + r q)} and {@code h_t = n + u (h_{t-1} -
     * n)}.
     *
     * @param gates the pre-activations of r and u, [batch x 2 units]; to be overwritten with their values
     * @param candidate the part z of the candidate's pre-activation that comes from the inputs, [batch x units]; to be
     *     overwritten with n
     * @param recurrent the part q that comes from the state, [batch x units]
     * @param before h_{t-1} [batch x units]
     * @param h receives h_t [batch x units]
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if tensors share memory
     */
    public static void gru(Tensor gates, Tensor candidate, Tensor recurrent, Tensor before, Tensor h) {
        requireGates("gru", gates, 2, h);
        requireState("gru", candidate, h);
        requireState("gru", recurrent, h);
        requireState("gru", before, h);
        requireApart("gru", "the gates", gates, candidate, recurrent, before);
        requireApart("gru", "the gates", gates, h, h, h);
        requireApart("gru", "the candidate", candidate, recurrent, before, h);
        requireApart("gru", "h", h, recurrent, before, before);
        Kernels k = Kernels.active();
        int rows = h.dim(0);
        int n = h.dim(1);
        float[] v = gates.array();
        int vo = gates.offset();
        float[] z = candidate.array();
        int zo = candidate.offset();
        k.function(Unary.SIGMOID, 0f, 0f, v, vo, v, vo, rows * 2 * n);
        CellStep step = CellStep.of(rows, n).gates(vo).candidate(zo);
        k.gruCandidate(step.recurrent(recurrent.offset()), v, recurrent.array(), z);
        tanh(k, z, zo, z, zo, rows * n);
        k.gruOutput(step.before(before.offset()).after(h.offset()), v, z, before.array(), h.array());
    }

    /**
     * The gradients of {@link #gru}. The gradient of the loss at h_t is {@code dy + dh}.
     *
     * @param gates the values that {@code gru} gave, [batch x 2 units]; to be overwritten with the gradients at their
     *     pre-activations
     * @param candidate n [batch x units]; to be overwritten with the gradient at z
     * @param recurrent q [batch x units]; to be overwritten with the gradient at q
     * @param before h_{t-1} [batch x units]
     * @param dy the part of the gradient at h_t that comes from the layer's output, [batch x units]
     * @param dh the part that comes from the step after, [batch x units]; to be overwritten with the part {@code u (dy
     *     + dh)} of the gradient at h_{t-1}, to which the layer adds what comes through the recurrent weights
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if tensors share memory
     */
    public static void gruGradient(
            Tensor gates, Tensor candidate, Tensor recurrent, Tensor before, Tensor dy, Tensor dh) {
        requireGates("gruGradient", gates, 2, dh);
        requireState("gruGradient", candidate, dh);
        requireState("gruGradient", recurrent, dh);
        requireState("gruGradient", before, dh);
        requireState("gruGradient", dy, dh);
        requireApart("gruGradient", "the gates", gates, candidate, recurrent, before);
        requireApart("gruGradient", "the gates", gates, dy, dh, dh);
        requireApart("gruGradient", "the candidate", candidate, recurrent, before, dy);
        requireApart("gruGradient", "the candidate", candidate, dh, dh, dh);
        requireApart("gruGradient", "the recurrent part", recurrent, before, dy, dh);
        requireApart("gruGradient", "dh", dh, before, dy, dy);
        CellStep step = CellStep.of(dh.dim(0), dh.dim(1))
                .gates(gates.offset())
                .candidate(candidate.offset())
                .recurrent(recurrent.offset())
                .before(before.offset())
                .dy(dy.offset())
                .dh(dh.offset());
        Kernels.active()
                .gruGrad(
                        step,
                        gates.array(),
                        candidate.array(),
                        recurrent.array(),
                        before.array(),
                        dy.array(),
                        dh.array());
    }

    /**
     * A step of a diagonal linear recurrence of complex numbers, {@code h += lambda before}. For the gradients, which
     * go from step to step in the other direction, lambda is conjugate: {@code dBefore += conj(lambda) dh}.
     *
     * @param lambda the real parts of lambda and then the imaginary ones, [2 x units]
     * @param before the states before the step, real parts and then imaginary ones, [batch x 2 units]
     * @param h what is added to them, in the same order, [batch x 2 units]; to be overwritten with the states after the
     *     step
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if tensors share memory
     */
    public static void linear(Tensor lambda, Tensor before, Tensor h) {
        requireState("linear", before, h);
        int n = h.shape().rank() == 2 ? h.dim(1) / 2 : 0;
        if (h.shape().rank() != 2 || lambda.shape().rank() != 2 || lambda.dim(0) != 2 || lambda.size() != h.dim(1)) {
            throw new ShapeException(
                    "linear: expected lambda [2 x units] and states [batch x 2 units], got " + lambda.shape() + " and "
                            + h.shape(),
                    "[2 x units], [batch x 2 units]",
                    h.shape());
        }
        requireApart("linear", "h", h, lambda, before, before);
        Kernels.active()
                .linearCell(
                        h.dim(0),
                        n,
                        lambda.array(),
                        lambda.offset(),
                        before.array(),
                        before.offset(),
                        h.array(),
                        h.offset());
    }

    /** tanh of n elements. The squares of those that fade would be subnormal, and tanh returns such as they are. */
    private static void tanh(Kernels k, float[] x, int xo, float[] y, int yo, int n) {
        if (TinyRows.areBelow(Tensor.TANH_IS_LINEAR, x, xo, n)) {
            System.arraycopy(x, xo, y, yo, n);
        } else {
            k.function(Unary.TANH, 0f, 0f, x, xo, y, yo, n);
        }
    }

    /** Checks that gates are [batch x count * units] for a state [batch x units]. */
    private static void requireGates(String operation, Tensor gates, int count, Tensor state) {
        Shape shape = state.shape();
        if (shape.rank() != 2) {
            throw new ShapeException(
                    operation + ": expected states [batch x units], got " + shape, "[batch x units]", shape);
        }
        if (gates.shape().rank() != 2 || gates.dim(0) != state.dim(0) || gates.dim(1) != count * state.dim(1)) {
            Shape wanted = Shape.of(state.dim(0), count * state.dim(1));
            throw new ShapeException(
                    operation + ": for states " + shape + " expected gates " + wanted + ", got " + gates.shape(),
                    wanted.toString(),
                    gates.shape());
        }
    }

    private static void requireState(String operation, Tensor state, Tensor like) {
        if (!state.shape().equals(like.shape())) {
            throw new ShapeException(
                    operation + ": expected states of one shape, got " + like.shape() + " and " + state.shape(),
                    like.shape().toString(),
                    state.shape());
        }
    }

    private static void requireSameOrApart(String operation, String name, Tensor written, Tensor other) {
        if (written.offset() != other.offset()) {
            requireApart(operation, name, written, other, other, other);
        }
    }

    /** Checks that a tensor to be written shares no memory with three others; no array, as that would be an object. */
    private static void requireApart(String operation, String name, Tensor written, Tensor a, Tensor b, Tensor c) {
        if (written.overlaps(a) || written.overlaps(b) || written.overlaps(c)) {
            throw new IllegalArgumentException(
                    operation + ": " + name + " shares memory with another operand; give a separate tensor");
        }
    }
}
