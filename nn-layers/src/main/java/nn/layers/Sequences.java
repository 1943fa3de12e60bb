package nn.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** What recurrent layers share. */
final class Sequences {
    private Sequences() {}

    /** The layer's pass from the context's state: the output of all steps, or of each sequence's last one. */
    static Pass forward(Recurrent layer, boolean lastOnly, Tensor x, Context context) {
        outputShape(layer, lastOnly, x.shape());
        Lengths lengths = Lengths.of(layer, x, context);
        if (lastOnly) {
            requireSteps(layer, layer.inputs(), x, lengths);
        }
        Recurrent.Run run = run(layer, x, context.firstState(layer, x.dim(1)), lengths, context);
        context.lastState(layer, run.last());
        if (!lastOnly) {
            return new Pass(run.states(), (dy, gradients) -> run.pullback().apply(dy, gradients).dx());
        }
        return new Pass(last(run.states(), lengths, context), (dy, gradients) -> {
            Tensor dStates = context.empty(run.states().shape());
            lastGradient(dy, lengths, dStates);
            return run.pullback().apply(dStates, gradients).dx();
        });
    }

    /** A run from a state, each sequence ending at its own last step. */
    static Recurrent.Run run(
            Recurrent layer, Tensor x, Recurrent.State initial, Lengths lengths, Context context) {
        return lengths == null ? layer.run(x, initial, context) : PaddedRun.of(layer, x, initial, lengths, context);
    }

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

    /** The states after each sequence's last step [batch x units]; a view, if all have the same number of steps. */
    static Tensor last(Tensor states, Lengths lengths, Context context) {
        if (lengths == null) {
            return states.row(states.dim(0) - 1);
        }
        Tensor last = context.empty(Shape.of(states.dim(1), states.dim(2)));
        lengths.lastSteps(states, last);
        return last;
    }

    /** The gradient at all states, from that at the last ones. */
    static void lastGradient(Tensor dLast, Lengths lengths, Tensor dStates) {
        if (lengths == null) {
            int time = dStates.dim(0);
            dStates.rows(0, time - 1).fill(0f);
            dStates.row(time - 1).copyFrom(dLast);
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

    /** Checks what {@link Recurrent#run} is given. */
    static void require(Recurrent layer, Tensor x, Recurrent.State initial) {
        outputShape(layer, false, x.shape());
        List<Shape> expected = shapes(layer, x.dim(1));
        List<Shape> given = initial.parts().stream().map(Tensor::shape).toList();
        if (!given.equals(expected)) {
            throw new ShapeException(
                    layer + ": expected an initial state " + text(expected) + ", got " + text(given),
                    text(expected),
                    given.isEmpty() ? Shape.of(0) : given.getFirst());
        }
    }

    private static List<Shape> shapes(Recurrent layer, int batch) {
        return layer.stateSizes().stream().map(size -> Shape.of(batch, size)).toList();
    }

    private static String text(List<Shape> shapes) {
        return shapes.isEmpty()
                ? "without parts"
                : shapes.stream().map(Shape::toString).collect(Collectors.joining(", "));
    }

    /** A state of zeros. */
    static Recurrent.State zeros(Recurrent layer, int batch, Context context) {
        List<Tensor> parts = new ArrayList<>();
        for (Shape shape : shapes(layer, batch)) {
            Tensor part = context.empty(shape);
            part.fill(0f);
            parts.add(part);
        }
        return new Recurrent.State(parts);
    }

    /** The gradient at a part of the last state, in a tensor of its own, to be added to. */
    static Tensor beginning(Recurrent.State dLast, int part, Shape shape, Context context) {
        Tensor result = context.empty(shape);
        if (dLast.parts().isEmpty()) {
            result.fill(0f);
        } else {
            result.copyFrom(dLast.part(part));
        }
        return result;
    }

    /** Lets one call through, and lets go of what was captured for it. */
    static final class Once implements Recurrent.StatePullback {
        private final Shape shape;
        private final List<Shape> lastShapes;
        private Recurrent.StatePullback open;

        Once(Shape shape, Recurrent.State last, Recurrent.StatePullback pullback) {
            this.shape = shape;
            this.lastShapes = last.parts().stream().map(Tensor::shape).toList();
            this.open = pullback;
        }

        @Override
        public Recurrent.StateGradient apply(Tensor dStates, Recurrent.State dLast, Gradients into) {
            Objects.requireNonNull(dStates, "dStates");
            Objects.requireNonNull(dLast, "dLast");
            Objects.requireNonNull(into, "gradients");
            if (!dStates.shape().equals(shape)) {
                throw new ShapeException(
                        "pullback: expected a gradient of the states' shape " + shape + ", got " + dStates.shape(),
                        shape.toString(),
                        dStates.shape());
            }
            List<Shape> given = dLast.parts().stream().map(Tensor::shape).toList();
            if (!given.isEmpty() && !given.equals(lastShapes)) {
                throw new ShapeException(
                        "pullback: expected a gradient of the last state's shape " + text(lastShapes) + ", got "
                                + text(given),
                        text(lastShapes),
                        given.getFirst());
            }
            if (open == null) {
                throw new IllegalStateException("this run was taken back before: a pullback is called once at most, as"
                        + " its tensors may hold other values by now; run again for another gradient");
            }
            Recurrent.StatePullback pullback = open;
            open = null;
            return pullback.apply(dStates, dLast, into);
        }
    }
}
