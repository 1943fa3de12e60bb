package nn.layers.recurrent;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SequencedMap;
import nn.layers.Carry;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.LastStepView;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Lengths;
import nn.layers.Pass;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.layers.Sequences;
import nn.layers.StateTensors;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * Two recurrent layers: one reads the sequence forwards, the other reads it backwards (Schuster and Paliwal,
 * <i>Bidirectional recurrent neural networks</i>, 1997). The output of a step is that of the forward layer, followed by
 * that of the backward layer. The context gives each layer its {@linkplain Context#firstState first state}, usually
 * zeros: that of the forward layer comes before the first step, that of the backward layer after the last. A sequence
 * must be whole: the layers pass no last state to the context, so a {@link Carry} carries nothing.
 *
 * <p>If the context knows the {@linkplain Context#lengths lengths} of padded sequences, the backward layer begins with
 * the last step of each sequence before its padding. Outputs at steps of padding are 0.
 *
 * <p>Shapes: x [time x batch x inputs], output [time x batch x units of both layers]. With {@link Config#last}, the
 * output is each layer's output after its last step, [batch x units of both layers]. The layers are the children
 * {@code forward} and {@code backward}.
 */
public final class Bidirectional implements Layer {
    private final Recurrent forward;
    private final Recurrent backward;
    private final boolean last;

    private Bidirectional(Recurrent forward, Recurrent backward, boolean last) {
        this.forward = forward;
        this.backward = backward;
        this.last = last;
    }

    /**
     * Describes two layers of one kind, whose inputs are not known yet.
     *
     * @param layer makes both layers, each with its own key; all their states are used, even if {@code last} is set
     * @return a description that outputs all steps
     */
    public static Config of(Recurrent.Factory layer) {
        return new Config(layer, false);
    }

    /**
     * The description of a bidirectional layer: an immutable factory.
     *
     * @param layer makes both layers
     * @param lastOnly whether the output is only each layer's output after its last step
     */
    public record Config(Recurrent.Factory layer, boolean lastOnly) implements LayerFactory {
        /**
         * Checks the argument.
         *
         * @throws NullPointerException if it is null
         */
        public Config {
            Objects.requireNonNull(layer, "layer");
        }

        /**
         * Outputs only each layer's output after its last step, [batch x units of both layers].
         *
         * @return a copy that outputs the last steps
         */
        public Config last() {
            return new Config(layer, true);
        }

        @Override
        public Bidirectional create(Shape in, Key key) {
            return new Bidirectional(
                    layer.create(in, key.child("forward")), layer.create(in, key.child("backward")), lastOnly);
        }
    }

    @Override
    public Pass newPass() {
        return new BothDirections();
    }

    /** Runs one layer over the sequence, the other over the reversed sequence. */
    private final class BothDirections extends Pass {
        private final Direction ahead = new Direction(forward);
        private final Direction back = new Direction(backward);
        private @Nullable Lengths lengths; // null: all steps count

        BothDirections() {
            super(Bidirectional.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            lengths = Lengths.of(Bidirectional.this, x, context);
            if (last) {
                Sequences.requireSteps(Bidirectional.this, forward.inputs(), x, lengths);
            }
            Tensor reversed = context.empty(x.shape());
            reverse(x, lengths, reversed);
            Tensor a = ahead.run(x, context);
            Tensor b = back.run(reversed, context);
            Tensor y = context.empty(outputShape());
            if (last) {
                join(ahead.lastStep.of(a, lengths, context), back.lastStep.of(b, lengths, context), y);
            } else {
                Tensor inOrder = context.empty(b.shape());
                reverse(b, lengths, inOrder);
                join(a, inOrder, y);
            }
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Context context = context();
            Tensor dAhead = context.empty(ahead.allSteps);
            Tensor dBack = context.empty(back.allSteps);
            if (last) {
                Tensor dAheadLast = context.empty(ahead.oneStep);
                Tensor dBackLast = context.empty(back.oneStep);
                split(dy, dAheadLast, dBackLast);
                Sequences.lastGradient(dAheadLast, lengths, dAhead);
                Sequences.lastGradient(dBackLast, lengths, dBack);
            } else {
                Tensor inOrder = context.empty(back.allSteps);
                split(dy, dAhead, inOrder);
                reverse(inOrder, lengths, dBack);
            }
            Tensor dx = context.empty(inputShape());
            reverse(back.pass.pullback(dBack, gradients), lengths, dx);
            dx.addInPlace(ahead.pass.pullback(dAhead, gradients));
            return dx;
        }
    }

    /** The pass of one of the two layers, with shapes and views that are kept from step to step. */
    private static final class Direction {
        private final Recurrent layer;
        private final RecurrentPass pass;
        private final StateTensors firstState = new StateTensors();
        private final LastStepView lastStep = new LastStepView();
        private int batch = -1; // of the shapes that follow
        private List<Shape> stateShapes = List.of();
        private Shape allSteps = Shape.of(); // of the output
        private Shape oneStep = Shape.of();

        Direction(Recurrent layer) {
            this.layer = layer;
            pass = (RecurrentPass) Pass.of(layer);
        }

        /** Begins with the context's first state, but does not give the context the last one. */
        Tensor run(Tensor x, Context context) {
            if (batch != x.dim(1)) {
                batch = x.dim(1);
                stateShapes = StateTensors.shapes(layer, batch);
            }
            Recurrent.State first = firstState.empty(stateShapes, context);
            context.firstState(layer, first);
            pass.from(first);
            Tensor y = context.run(pass, x);
            if (!y.shape().equals(allSteps)) {
                allSteps = y.shape();
                oneStep = allSteps.withoutFirst();
            }
            return y;
        }
    }

    /** Reverses the steps of each sequence. */
    private static void reverse(Tensor from, @Nullable Lengths lengths, Tensor to) {
        if (lengths != null) {
            lengths.reverse(from, to);
            return;
        }
        int time = from.dim(0);
        int step = time == 0 ? 0 : from.size() / time;
        for (int t = 0; t < time; t++) {
            System.arraycopy(
                    from.array(), from.offset() + t * step, to.array(), to.offset() + (time - 1 - t) * step, step);
        }
    }

    /** Maps axis 1 to axis 1, or to axis 0 if the output has no time. */
    @Override
    public OptionalInt batchAxis(int in) {
        return Sequences.batchAxis(in, last);
    }

    /** Makes each row of y from a row of a, followed by one of b. */
    private static void join(Tensor a, Tensor b, Tensor y) {
        copyColumns(a, a.dim(-1), 0, y, y.dim(-1), 0, a.dim(-1));
        copyColumns(b, b.dim(-1), 0, y, y.dim(-1), a.dim(-1), b.dim(-1));
    }

    private static void split(Tensor y, Tensor a, Tensor b) {
        copyColumns(y, y.dim(-1), 0, a, a.dim(-1), 0, a.dim(-1));
        copyColumns(y, y.dim(-1), a.dim(-1), b, b.dim(-1), 0, b.dim(-1));
    }

    private static void copyColumns(Tensor from, int step, int column, Tensor to, int toStep, int toColumn, int n) {
        for (int i = 0; i * step < from.size(); i++) {
            System.arraycopy(
                    from.array(),
                    from.offset() + i * step + column,
                    to.array(),
                    to.offset() + i * toStep + toColumn,
                    n);
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() != 3 || in.dim(2) != forward.inputs()) {
            String expected = "[time x batch x " + forward.inputs() + "]";
            throw new ShapeException(this + ": expected " + expected + ", got " + in, expected, in);
        }
        int units = forward.units() + backward.units();
        return last ? Shape.of(in.dim(1), units) : in.withLast(units);
    }

    @Override
    public SequencedMap<String, Layer> children() {
        SequencedMap<String, Layer> children = new LinkedHashMap<>();
        children.put("forward", forward);
        children.put("backward", backward);
        return Collections.unmodifiableSequencedMap(children);
    }

    /** Returns PyTorch's name, with {@code _reverse} for the backward layer; other tensors keep the default name. */
    @Override
    public String torchName(String child, String tensor) {
        Objects.requireNonNull(tensor, "tensor");
        if (!TorchCells.hasPlace(child(child), tensor)) {
            return Layer.super.torchName(child, tensor);
        }
        return child.equals("backward") ? tensor + "_reverse" : tensor;
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Value a = graph.within("forward", () -> forward.exportSteps(graph, x, false));
        Value b = graph.within("backward", () -> backward.exportSteps(graph, x, true));
        if (last) {
            a = Sequences.exportLastStep(graph, a);
            b = Sequences.exportStep(graph, b, 0); // where the backward layer ends
        }
        return graph.call("Concat", a, b).with("axis", -1).gives(outputShape(x.shape()));
    }

    /** Returns a text such as {@code Bidirectional (Gru 8 -> 64)}. */
    @Override
    public String toString() {
        return "Bidirectional (" + Description.of(forward) + ")" + (last ? ", the last states only" : "");
    }
}
