package nn.layers;

import java.util.Arrays;
import java.util.OptionalInt;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Checks and shapes for layers that read [time x batch x ...]. */
public final class Sequences {
    private Sequences() {}

    /**
     * Refuses an input without a last step.
     *
     * @param layer for messages
     * @param inputs features of a step, for messages
     * @param x [time x batch x inputs]
     * @param lengths of padded sequences; null if all steps count
     * @throws ShapeException if there are no steps
     * @throws IllegalArgumentException if a sequence is all padding
     */
    @SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
    public static void requireSteps(Layer layer, int inputs, Tensor x, @Nullable Lengths lengths) {
        if (x.dim(0) == 0) {
            throw new ShapeException(
                    layer + ": a sequence of no steps has no last state; expected at least one, got " + x.shape(),
                    "[time x batch x " + inputs + "], time >= 1",
                    x.shape());
        }
        if (lengths != null) {
            lengths.requireSteps(layer, "last step");
        }
    }

    /**
     * Computes the gradient at all steps from the gradient at the last ones. It is zero at the other steps.
     *
     * @param dLast gradient at each sequence's last step [batch x ...]
     * @param lengths of padded sequences; null if all steps count
     * @param dStates receives the gradient at all steps [time x batch x ...]
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if the two share memory; nothing has changed then
     */
    @SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
    public static void lastGradient(Tensor dLast, @Nullable Lengths lengths, Tensor dStates) {
        if (lengths == null) {
            boolean fits = dStates.shape().rank() == dLast.shape().rank() + 1
                    && dStates.dim(0) > 0
                    && (long) dLast.size() * dStates.dim(0) == dStates.size();
            if (!fits) {
                throw new ShapeException(
                        "gradient of the last step: expected [time x batch x ...], time >= 1, for one of shape "
                                + dLast.shape() + ", got " + dStates.shape(),
                        "[time x batch x ...]",
                        dStates.shape());
            }
            requireApart("gradient of the last step", dLast, dStates);
            int before = dStates.size() - dLast.size();
            Arrays.fill(dStates.array(), dStates.offset(), dStates.offset() + before, 0f);
            System.arraycopy(dLast.array(), dLast.offset(), dStates.array(), dStates.offset() + before, dLast.size());
        } else {
            lengths.lastStepsGradient(dLast, dStates);
        }
    }

    /** Refuses a destination that shares memory with what is read. */
    static void requireApart(String operation, Tensor from, Tensor to) {
        boolean overlap = from.array() == to.array()
                && from.offset() < to.offset() + to.size()
                && to.offset() < from.offset() + from.size();
        if (overlap) {
            throw new IllegalArgumentException(
                    operation + ": the destination shares memory with what is read; give a separate tensor");
        }
    }

    /**
     * Returns the batch axis of the output of a layer that reads [time x batch x ...].
     *
     * @param in the batch axis of the input
     * @param withoutTime whether the output has no time
     * @return for 1, axis 0 or 1; for any other, empty
     */
    public static OptionalInt batchAxis(int in, boolean withoutTime) {
        return in == 1 ? OptionalInt.of(withoutTime ? 0 : 1) : OptionalInt.empty();
    }

    /**
     * Returns the output's shape [batch x ...] of a layer that combines the steps of [time x batch x ...].
     *
     * @param layer for messages
     * @param in the input's shape
     * @param what the layer computes from the steps, for messages
     * @return the shape without the time
     * @throws ShapeException if the rank is below 3 or there are no steps
     */
    public static Shape withoutTime(Layer layer, Shape in, String what) {
        if (in.rank() < 3) {
            throw new ShapeException(
                    layer + ": expected [time x batch x ...] of rank 3 or more, got " + in,
                    "[time x batch x ...] of rank 3 or more",
                    in);
        }
        if (in.dim(0) == 0) {
            throw new ShapeException(
                    layer + ": a sequence of no steps has no " + what + "; expected at least one, got " + in,
                    "[time x batch x ...], time >= 1",
                    in);
        }
        return in.withoutFirst();
    }

    /**
     * Returns the output's shape of a recurrent layer.
     *
     * @param layer the layer
     * @param lastOnly whether the output is the last step only
     * @param in the input's shape
     * @return [time x batch x units] or [batch x units]
     * @throws ShapeException if the input is not [time x batch x inputs] of the layer
     */
    public static Shape outputShape(Recurrent layer, boolean lastOnly, Shape in) {
        if (in.rank() != 3 || in.dim(2) != layer.inputs()) {
            String expected = "[time x batch x " + layer.inputs() + "]";
            throw new ShapeException(layer + ": expected " + expected + ", got " + in, expected, in);
        }
        return lastOnly ? Shape.of(in.dim(1), layer.units()) : in.withLast(layer.units());
    }

    /**
     * Returns the number of inputs for which a factory creates its layer.
     *
     * @param layer for messages
     * @param in the input's shape, [time x batch x inputs]
     * @return inputs
     * @throws ShapeException if the rank is not 3, or the number of inputs is not known
     */
    public static int inputs(String layer, Shape in) {
        if (in.rank() != 3 || in.dim(2) == Shape.ANY) {
            throw new ShapeException(
                    layer + ": expected [time x batch x inputs] with a known number of inputs, got " + in,
                    "[time x batch x inputs]",
                    in);
        }
        return in.dim(2);
    }
}
