package nn.layers;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * A layer that reads a sequence step by step and carries a state from step to step. {@link #forward} begins with the
 * state of the {@linkplain Context#firstState context}, usually zeros. {@link #run} begins with a given state, and its
 * pass also has the last state and the gradient at the first.
 *
 * <p>Shapes: x [time x batch x inputs], output [time x batch x units].
 *
 * <p>If the context knows the {@linkplain Context#lengths lengths} of padded sequences, each of them ends at its own
 * last step: outputs at padding steps are 0, and the last state is the one before the padding.
 *
 * <p>Such layers can be {@linkplain nn.layers.recurrent.Stacked stacked}, run in {@linkplain
 * nn.layers.recurrent.Bidirectional both directions}, and {@linkplain Carry carried} from chunk to chunk of a long
 * sequence.
 */
public interface Recurrent extends Layer {
    /**
     * The number of features that a time step has.
     *
     * @return at least 1
     */
    int inputs();

    /**
     * The number of features of the output at a step.
     *
     * @return at least 1
     */
    int units();

    /**
     * The number of features of each part of a state: (units) for a simple or gated recurrent unit, (units, units) for
     * a long short-term memory, whose state is an output and a cell.
     *
     * @return at least one number, each at least 1
     */
    List<Integer> stateSizes();

    /**
     * Whether the output is only that of the last step [batch x units].
     *
     * @return false by default: the output is that of all steps
     */
    default boolean lastOnly() {
        return false;
    }

    @Override
    RecurrentPass newPass();

    /**
     * Runs the layer once from a given state, with a new pass.
     *
     * @param x the inputs [time x batch x inputs]; not changed
     * @param first the state before the first step; not changed
     * @param context gives scratch tensors; it is not asked for the first state and does not receive the last one
     * @return the pass, whose output is that of all steps [time x batch x units], even if the layer gives the {@link
     *     #lastOnly last} one only
     * @throws ShapeException if the input or the state does not have these shapes
     */
    default RecurrentPass run(Tensor x, State first, Context context) {
        RecurrentPass pass = (RecurrentPass) Pass.of(this);
        pass.from(first);
        Objects.requireNonNull(context, "context").run(pass, x);
        return pass;
    }

    @Override
    default Shape outputShape(Shape in) {
        return Sequences.outputShape(this, lastOnly(), in);
    }

    /** Accepts axis 1 of the input; the batch axis of the output is 1 too, or 0 if it has no time axis. */
    @Override
    default OptionalInt batchAxis(int in) {
        return Sequences.batchAxis(in, lastOnly());
    }

    /**
     * Describes the outputs of all steps by standard operators, even if the layer gives the {@link #lastOnly last} one
     * only. A custom layer overrides this method for both directions, or for the forward one alone and calls {@link
     * Sequences#exportReversed} before and after for the other.
     *
     * @param graph takes the operators; its {@linkplain OperatorGraph#lengths lengths} say where padding begins
     * @param x the input [time x batch x inputs]
     * @param backwards whether the layer begins with the last step
     * @return [time x batch x units], in the order of the input
     * @throws UnsupportedOperationException if this layer does not override this method
     */
    default Value exportSteps(OperatorGraph graph, Value x, boolean backwards) {
        throw graph.refused("what " + Layer.describe(this) + " computes: let its class override"
                + " Recurrent.exportSteps(OperatorGraph, Value, boolean)");
    }

    /** Describes {@link #exportSteps all steps}, or the last one of them. */
    @Override
    default Value export(OperatorGraph graph, Value x) {
        Value steps = exportSteps(graph, x, false);
        return lastOnly() ? Sequences.exportLastStep(graph, steps) : steps;
    }

    /**
     * The state of a recurrent layer, for a batch: one tensor [batch x size] for each part.
     *
     * @param parts the tensors themselves, not copies
     */
    record State(List<Tensor> parts) {
        /** Copies the list. */
        public State {
            parts.forEach(part -> Objects.requireNonNull(part, "a part of the state"));
            parts = List.copyOf(parts);
        }

        /**
         * A state of the given parts.
         *
         * @param parts one tensor [batch x size] for each
         * @return the state
         */
        public static State of(Tensor... parts) {
            return new State(Arrays.asList(Objects.requireNonNull(parts, "parts")));
        }

        /**
         * One part.
         *
         * @param index from 0; part 0 of a simple or gated unit is the output of the step
         * @return [batch x size]
         * @throws IndexOutOfBoundsException if there is no such part
         */
        public Tensor part(int index) {
            return parts.get(index);
        }

        /**
         * Copies the tensors, so that no later step of training overwrites them.
         *
         * @return the copy
         */
        public State copy() {
            return new State(parts.stream().map(Tensor::copy).toList());
        }
    }

    /** Creates a recurrent layer once the shape of its input is known. */
    interface Factory extends LayerFactory {
        @Override
        Recurrent create(Shape in, Key key);
    }
}
