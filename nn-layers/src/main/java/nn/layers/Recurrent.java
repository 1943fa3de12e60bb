package nn.layers;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * A layer that goes through a sequence step by step and takes a state along. As a {@link Layer} it begins with the
 * state of the {@linkplain Context#firstState context}, zeros as a rule, and gives all states; by {@link #run} it
 * begins with any state, gives the last one too, and takes gradients back to the first.
 *
 * <p>Shapes: x [time x batch x inputs], output [time x batch x units].
 *
 * <p>Where the context knows the {@linkplain Context#lengths lengths} of padded sequences, each of them ends with its
 * own last step: outputs at steps of padding are 0, and the last state is the one before them.
 *
 * <p>What implements this can be {@linkplain Stacked stacked}, run in {@linkplain Bidirectional both directions}, and
 * {@linkplain Carry carried} from chunk to chunk of a long sequence.
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
     * Runs the layer from a given state.
     *
     * @param x the inputs [time x batch x inputs]; not changed
     * @param initial the state before the first step; not changed
     * @param context gives scratch tensors; its own {@linkplain Context#firstState states} are not asked
     * @return all outputs, the state after the last step, and the way back
     * @throws ShapeException if a shape is another
     */
    Run run(Tensor x, State initial, Context context);

    @Override
    default Pass forward(Tensor x, Context context) {
        return Sequences.forward(this, false, x, context);
    }

    @Override
    default Shape outputShape(Shape in) {
        return Sequences.outputShape(this, false, in);
    }

    /** Axis 1 of both, as axis 0 is the time; a layer that gives its last state only overrides this. */
    @Override
    default OptionalInt batchAxis(int in) {
        return Sequences.batchAxis(in, false);
    }

    /**
     * What a layer takes along from step to step, for a batch: one tensor [batch x size] for each part.
     *
     * @param parts the tensors themselves, not copies; as a gradient, no parts at all stand for zero
     */
    record State(List<Tensor> parts) {
        /** The gradient of a loss that does not look at a state. */
        public static final State NONE = new State(List.of());

        /** Copies the list. */
        public State {
            parts = List.copyOf(parts);
        }

        /**
         * A state of the given parts.
         *
         * @param parts one tensor [batch x size] for each
         * @return the state
         */
        public static State of(Tensor... parts) {
            return new State(List.of(parts));
        }

        /**
         * One part.
         *
         * @param index from 0; 0 is what the layer gives as its output
         * @return [batch x size]
         * @throws IndexOutOfBoundsException if there is no such part
         */
        public Tensor part(int index) {
            return parts.get(index);
        }

        /**
         * The same numbers in tensors of their own, which no later step of training writes over.
         *
         * @return the copy
         */
        public State copy() {
            return new State(parts.stream().map(Tensor::copy).toList());
        }
    }

    /**
     * What {@link #run} gives. As in a {@link Pass}, the way back is open once.
     *
     * @param states the output at all steps [time x batch x units]
     * @param last the state after the last step; the initial one if there are no steps
     * @param pullback the way back
     */
    record Run(Tensor states, State last, StatePullback pullback) {
        /**
         * Puts the guard before the pullback.
         *
         * @throws NullPointerException if an argument is null
         */
        public Run {
            Objects.requireNonNull(states, "states");
            Objects.requireNonNull(last, "last");
            pullback = new Sequences.Once(states.shape(), last, Objects.requireNonNull(pullback, "pullback"));
        }
    }

    /** Takes gradients back through all time steps. To be called once at most. */
    @FunctionalInterface
    interface StatePullback {
        /**
         * Takes the gradients at the outputs and at the last state back to the inputs and the initial state.
         *
         * @param dStates gradient at the outputs of all steps [time x batch x units]; not changed
         * @param dLast gradient at the last state, beside what reaches it by {@code dStates}; not changed; {@link
         *     State#NONE} for zero
         * @param into receives the parameters' gradients, by addition
         * @return the gradients
         */
        StateGradient apply(Tensor dStates, State dLast, Gradients into);

        /**
         * Takes the gradient at the outputs back, for a loss that does not look at the last state.
         *
         * @param dStates gradient at the outputs of all steps [time x batch x units]; not changed
         * @param into receives the parameters' gradients, by addition
         * @return the gradients
         */
        default StateGradient apply(Tensor dStates, Gradients into) {
            return apply(dStates, State.NONE, into);
        }
    }

    /**
     * Gradients at what a run was given.
     *
     * @param dx gradient at the inputs [time x batch x inputs]
     * @param dInitial gradient at the initial state, part by part
     */
    record StateGradient(Tensor dx, State dInitial) {}

    /** Makes a recurrent layer once its input is known. */
    interface Factory extends LayerFactory {
        @Override
        Recurrent create(Shape in, Key key);
    }
}
