package nn.layers;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
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
        if (from.overlaps(to)) {
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
     * Refuses padded sequences, for a layer that combines the steps of [batch x time x ...] and cannot leave out
     * padding. A forward pass calls this. Inputs without time are not refused, as behind a layer that has combined the
     * steps.
     *
     * @param layer for the message
     * @param in the shape of the input
     * @param context of the pass
     * @param instead what to use instead, for the message
     * @throws IllegalArgumentException if the context knows the {@linkplain Context#lengths lengths} of as many
     *     sequences and steps as the first two axes of the input count
     */
    public static void requireNoPadding(Layer layer, Shape in, Context context, String instead) {
        Optional<Lengths> lengths = context.lengths();
        if (lengths.isPresent()
                && in.rank() > 1
                && in.dim(0) == lengths.get().batch()
                && in.dim(1) == lengths.get().time()) {
            throw new IllegalArgumentException(Layer.describe(layer) + ": it combines the steps of each sequence and"
                    + " cannot leave out padding, so a sequence would get other numbers than alone; use " + instead);
        }
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

    /**
     * Describes the last step of each sequence by standard operators; the one before the padding if the graph knows the
     * {@linkplain OperatorGraph#lengths lengths}.
     *
     * @param graph takes the operators
     * @param x [time x batch x ...]
     * @return [batch x ...]
     */
    public static Value exportLastStep(OperatorGraph graph, Value x) {
        Shape out = x.shape().withoutFirst();
        Value lengths = graph.lengths().orElse(null);
        if (lengths == null) {
            return exportStep(graph, x, -1);
        }
        Value last = graph.call("Sub", graph.cast(lengths, ElementKind.INT64), graph.whole("one", 1))
                .gives(ElementKind.INT64, lengths.shape());
        Value is = graph.call("Equal", exportStepNumbers(graph, x, 0), last).gives(ElementKind.BOOL, stepsByBatch(x));
        Value only = graph.call("Where", exportForEachFeature(graph, is, x), x, graph.number("zero", 0))
                .gives(x.shape());
        return graph.call("ReduceSum", only, graph.wholes("axes", 0))
                .with("keepdims", 0)
                .gives(out);
    }

    /**
     * Describes one step by standard operators.
     *
     * @param graph takes the operators
     * @param x [time x batch x ...]
     * @param step from 0, or from the end: -1 is the last one
     * @return [batch x ...]
     */
    public static Value exportStep(OperatorGraph graph, Value x, int step) {
        return graph.call("Gather", x, graph.whole("step", step))
                .with("axis", 0)
                .gives(x.kind(), x.shape().withoutFirst());
    }

    /**
     * Describes the steps of each sequence in reverse order by standard operators; padding stays at the end if the
     * graph knows the {@linkplain OperatorGraph#lengths lengths}.
     *
     * @param graph takes the operators
     * @param x [time x batch x ...]
     * @return [time x batch x ...]
     */
    public static Value exportReversed(OperatorGraph graph, Value x) {
        Value lengths = graph.lengths().orElse(null);
        if (lengths != null) {
            return graph.call("ReverseSequence", x, graph.cast(lengths, ElementKind.INT64))
                    .with("time_axis", 0)
                    .with("batch_axis", 1)
                    .gives(x.shape());
        }
        return graph.call(
                        "Slice",
                        x,
                        graph.wholes("starts", -1),
                        graph.wholes("ends", -Long.MAX_VALUE),
                        graph.wholes("axes", 0),
                        graph.wholes("steps", -1))
                .gives(x.shape());
    }

    /**
     * Describes a choice by standard operators: x before the padding, another number in it.
     *
     * @param graph takes the operators, and knows the {@linkplain OperatorGraph#lengths lengths}
     * @param x [time x batch x ...]
     * @param other the number at the steps of padding
     * @return [time x batch x ...]; x itself if all steps count
     */
    public static Value exportWithoutPadding(OperatorGraph graph, Value x, double other) {
        Value lengths = graph.lengths().orElse(null);
        if (lengths == null) {
            return x;
        }
        Value counts = graph.call("Less", exportStepNumbers(graph, x, 0), graph.cast(lengths, ElementKind.INT64))
                .gives(ElementKind.BOOL, stepsByBatch(x));
        return graph.call("Where", exportForEachFeature(graph, counts, x), x, graph.number("other", other))
                .gives(x.shape());
    }

    /**
     * Describes the lengths of padded sequences by standard operators, as {@link Lengths#of(Tensor, float)} finds them.
     *
     * @param graph takes the operators
     * @param x [time x batch] or [time x batch x ...]
     * @param padding the value of padding steps
     * @return [batch], of kind {@link ElementKind#INT32}
     */
    public static Value exportLengths(OperatorGraph graph, Value x, float padding) {
        boolean isWhole = x.kind() == ElementKind.INT64;
        if (isWhole && padding != (long) padding) {
            throw graph.refused("a padding of " + padding + " for tokens, which are whole numbers");
        }
        Value value = isWhole ? graph.whole("padding", (long) padding) : graph.number("padding", padding);
        Value is = graph.call("Equal", x, value).gives(ElementKind.BOOL, x.shape());
        Value other = graph.cast(graph.call("Not", is).gives(ElementKind.BOOL, x.shape()), ElementKind.INT64);
        if (x.shape().rank() > 2) {
            long[] features = new long[x.shape().rank() - 2];
            for (int i = 0; i < features.length; i++) {
                features[i] = i + 2L;
            }
            other = graph.call("ReduceMax", other, graph.wholes("axes", features))
                    .with("keepdims", 0)
                    .gives(ElementKind.INT64, stepsByBatch(x));
        }
        Value numbered =
                graph.call("Mul", other, exportStepNumbers(graph, x, 1)).gives(ElementKind.INT64, stepsByBatch(x));
        Value last = graph.call("ReduceMax", numbered, graph.wholes("axes", 0))
                .with("keepdims", 0)
                .gives(ElementKind.INT64, Shape.of(x.shape().dim(1)));
        return graph.cast(last, ElementKind.INT32);
    }

    private static Shape stepsByBatch(Value x) {
        return Shape.of(x.shape().dim(0), x.shape().dim(1));
    }

    /** The number of each step, from a first one on, as a column [time x 1]. */
    private static Value exportStepNumbers(OperatorGraph graph, Value x, int first) {
        Value time = graph.call("Squeeze", graph.size(x, 0)).gives(ElementKind.INT64, Shape.of());
        Value from = graph.whole("first", first);
        Value end = first == 0 ? time : graph.call("Add", time, from).gives(ElementKind.INT64, Shape.of());
        Value row = graph.call("Range", from, end, graph.whole("one", 1))
                .gives(ElementKind.INT64, Shape.of(x.shape().dim(0)));
        return graph.call("Unsqueeze", row, graph.wholes("axes", 1))
                .gives(ElementKind.INT64, Shape.of(x.shape().dim(0), 1));
    }

    /** Repeats what is known of each step and sequence for all features: [time x batch x 1 ...]. */
    private static Value exportForEachFeature(OperatorGraph graph, Value each, Value x) {
        int more = x.shape().rank() - 2;
        if (more == 0) {
            return each;
        }
        long[] axes = new long[more];
        int[] dims = new int[x.shape().rank()];
        Arrays.fill(dims, 1);
        dims[0] = x.shape().dim(0);
        dims[1] = x.shape().dim(1);
        for (int i = 0; i < more; i++) {
            axes[i] = i + 2L;
        }
        return graph.call("Unsqueeze", each, graph.wholes("axes", axes)).gives(each.kind(), Shape.of(dims));
    }
}
