package nn.layers.network;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.TreeMap;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Lengths;
import nn.layers.Pass;
import nn.layers.Sequences;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The output of a sequence layer at each sequence's own last step, for a batch of sequences of different lengths that
 * are padded at the end. A step is padding if all its numbers are the padding value; a sequence ends at its last step
 * that is not padding.
 *
 * <p>Shapes: x [time x batch] or [time x batch x ...], the layer's output [time x batch x units], y [batch x units].
 *
 * <p>The layer inside knows the {@linkplain Context#lengths lengths}, as in a {@link Masking} with a {@link
 * nn.layers.pooling.LastStep} at its end: recurrent layers in any direction give the same output as for each sequence
 * alone. The layer inside is the child {@code steps}.
 */
public final class LastValidStep implements Layer {
    private final Layer steps;
    private final float padding;

    private LastValidStep(Layer steps, float padding) {
        this.steps = steps;
        this.padding = padding;
    }

    /**
     * Describes the layer.
     *
     * @param steps creates the layer inside, which gives [time x batch x units]: a recurrent one, or a {@linkplain
     *     Network#chain chain}
     * @param padding the value of padding steps, such as 0; not NaN
     * @return a factory, which refuses a layer that does not take [time x batch x ...]
     * @throws IllegalArgumentException if the padding is NaN
     */
    public static LayerFactory of(LayerFactory steps, float padding) {
        Objects.requireNonNull(steps, "steps");
        Masking.requirePadding("last valid step", padding);
        return (in, key) -> {
            Layer inside = Objects.requireNonNull(
                    steps.create(in, key.child("steps")), "last valid step: the factory of its layer gave null");
            Masking.requireSequences("last valid step", inside);
            return new LastValidStep(inside, padding);
        };
    }

    @Override
    public Pass newPass() {
        return new LastSteps();
    }

    /** Runs the layer inside, and takes the last steps of its output. */
    private final class LastSteps extends Pass {
        private final Pass inner = Pass.of(steps);
        private Lengths lengths = Lengths.of(0); // of the last forward pass

        LastSteps() {
            super(LastValidStep.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            lengths = Lengths.of(x, padding);
            requireSteps(x, lengths);
            Tensor states = lengths.over(context).run(inner, x);
            Tensor y = context.empty(outputShape());
            lengths.lastSteps(states, y);
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dAll = context().empty(inner.output().shape());
            lengths.lastStepsGradient(dy, dAll);
            return inner.pullback(dAll, gradients);
        }
    }

    private void requireSteps(Tensor x, Lengths lengths) {
        for (int b = 0; b < lengths.batch(); b++) {
            if (lengths.length(b) == 0) {
                throw new IllegalArgumentException(this + ": sequence " + b + " of the input " + x.shape()
                        + " is all padding (" + padding + "), so it has no last step; leave it out");
            }
        }
    }

    /** Accepts axis 1 of the input, as axis 0 is the time; the batch axis of the output is 0. */
    @Override
    public OptionalInt batchAxis(int in) {
        return in == 1 && steps.batchAxis(1).equals(OptionalInt.of(1)) ? OptionalInt.of(0) : OptionalInt.empty();
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() < 2) {
            throw new ShapeException(this + ": expected [time x batch x ...], got " + in, "[time x batch x ...]", in);
        }
        Shape all = steps.outputShape(in);
        if (all.rank() != 3 || all.dim(0) != in.dim(0) || all.dim(1) != in.dim(1)) {
            throw new ShapeException(
                    this + ": expected its layer to give [time x batch x units] of as many steps and sequences as " + in
                            + ", got " + all + "; let it give all steps",
                    "[time x batch x units]",
                    all);
        }
        return all.withoutFirst();
    }

    @Override
    public SequencedMap<String, Layer> children() {
        return Collections.unmodifiableSequencedMap(new TreeMap<>(Map.of("steps", steps)));
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.withLengths(
                Sequences.exportLengths(graph, x, padding),
                () -> Sequences.exportLastStep(graph, graph.within("steps", () -> steps.export(graph, x))));
    }

    /** Such as {@code LastValidStep (Lstm 8 -> 64)}. */
    @Override
    public String toString() {
        return "LastValidStep (" + Description.of(steps) + ")" + (padding == 0 ? "" : " padded with " + padding);
    }
}
