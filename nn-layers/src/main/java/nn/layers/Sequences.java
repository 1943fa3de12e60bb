package nn.layers;

import java.util.Arrays;
import java.util.OptionalInt;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** What recurrent layers share. */
final class Sequences {
    private Sequences() {}

    /** Refuses to look for a last step where there is none. */
    static void requireSteps(Layer layer, int inputs, Tensor x, Lengths lengths) {
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

    /** The gradient at all states, from that at the last ones. */
    static void lastGradient(Tensor dLast, Lengths lengths, Tensor dStates) {
        if (lengths == null) {
            int before = dStates.size() - dLast.size();
            Arrays.fill(dStates.array(), dStates.offset(), dStates.offset() + before, 0f);
            System.arraycopy(dLast.array(), dLast.offset(), dStates.array(), dStates.offset() + before, dLast.size());
        } else {
            lengths.lastStepsGradient(dLast, dStates);
        }
    }

    /** The batch axis of the output of what reads [time x batch x ...]. */
    static OptionalInt batchAxis(int in, boolean withoutTime) {
        return in == 1 ? OptionalInt.of(withoutTime ? 0 : 1) : OptionalInt.empty();
    }

    /** The shape [batch x ...] that a layer makes of [time x batch x ...]. */
    static Shape withoutTime(Layer layer, Shape in, String what) {
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

    static Shape outputShape(Recurrent layer, boolean lastOnly, Shape in) {
        if (in.rank() != 3 || in.dim(2) != layer.inputs()) {
            String expected = "[time x batch x " + layer.inputs() + "]";
            throw new ShapeException(layer + ": expected " + expected + ", got " + in, expected, in);
        }
        return lastOnly ? Shape.of(in.dim(1), layer.units()) : in.withLast(layer.units());
    }

    /** The number of inputs that a factory is to make its layer for. */
    static int inputs(String layer, Shape in) {
        if (in.rank() != 3 || in.dim(2) == Shape.ANY) {
            throw new ShapeException(
                    layer + ": expected [time x batch x inputs] with a known number of inputs, got " + in,
                    "[time x batch x inputs]",
                    in);
        }
        return in.dim(2);
    }
}
