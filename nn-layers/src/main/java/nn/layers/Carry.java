package nn.layers;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * The states of a model's recurrent layers between the chunks of a long sequence. Layers keep no state; this does, for
 * whoever holds it:
 *
 * <pre>{@code
 * Carry carry = new Carry();
 * for (Tensor chunk : chunks) {                        // [time x batch x inputs], in order
 *     Pass pass = model.forward(chunk, carry.over(context));
 *     ...                                              // loss, pullback, update
 *     carry.advance();                                 // the next chunk begins with these states
 * }
 * }</pre>
 *
 * <p>In training this is truncated backpropagation through time: states go from chunk to chunk, gradients do not. A
 * chunk without {@link #advance}, such as one whose step failed, has left nothing behind. For writing text character by
 * character the chunks are of one step. A layer that stands in a model twice has a state for each place. {@link
 * nn.layers.recurrent.Bidirectional} layers need whole sequences and carry nothing.
 *
 * <p>States are copies, so they outlive the trainer's workspace. For one thread.
 */
public final class Carry {
    private Map<Recurrent, List<Recurrent.State>> current = new IdentityHashMap<>();
    private Map<Recurrent, List<Recurrent.State>> next = new IdentityHashMap<>();

    /** States of zero. */
    public Carry() {}

    /**
     * A context for one forward pass that begins with the states carried here, and is the given one otherwise.
     *
     * @param context gives everything else
     * @return the context of one pass
     */
    public Context over(Context context) {
        next = new IdentityHashMap<>();
        return new CarryContext(context, current, next);
    }

    /** Carries the states that the last pass ended with into the next one. Without a pass since, nothing happens. */
    public void advance() {
        current.putAll(next);
        next = new IdentityHashMap<>();
    }

    /** Resets the states to zero, where other sequences begin. */
    public void reset() {
        current = new IdentityHashMap<>();
        next = new IdentityHashMap<>();
    }

    /**
     * The states that the next pass begins with.
     *
     * @return copies; for each layer that a pass went through before the last {@link #advance}, one state for each of
     *     its places in the model, in the order of the pass
     */
    public Map<Recurrent, List<Recurrent.State>> states() {
        Map<Recurrent, List<Recurrent.State>> copies = new IdentityHashMap<>();
        current.forEach((layer, states) ->
                copies.put(layer, states.stream().map(Recurrent.State::copy).toList()));
        return copies;
    }

    /**
     * Replaces the states carried here by those that {@link #states} gave, in this carry or another.
     *
     * @param states for each layer one state for each of its places; copied
     * @throws IllegalArgumentException if the parts of a state are not what the layer {@linkplain
     *     Recurrent#stateSizes says}, [batch x size] each; nothing has changed then
     * @throws NullPointerException if it is null
     */
    public void restore(Map<Recurrent, List<Recurrent.State>> states) {
        Map<Recurrent, List<Recurrent.State>> copies = new IdentityHashMap<>();
        Objects.requireNonNull(states, "states").forEach((layer, list) -> {
            List<Recurrent.State> own = new ArrayList<>();
            Objects.requireNonNull(list, () -> "the states of " + Description.of(layer));
            for (Recurrent.State state : list) {
                requireFit(layer, Objects.requireNonNull(state, () -> "a state of " + Description.of(layer)));
                own.add(state.copy());
            }
            copies.put(layer, own);
        });
        reset();
        current.putAll(copies);
    }

    private static void requireFit(Recurrent layer, Recurrent.State state) {
        List<Shape> shapes = state.parts().stream().map(Tensor::shape).toList();
        int rows = shapes.isEmpty() || shapes.getFirst().rank() == 0
                ? 0
                : shapes.getFirst().dim(0);
        List<Shape> expected =
                layer.stateSizes().stream().map(size -> Shape.of(rows, size)).toList();
        if (!shapes.equals(expected)) {
            throw new IllegalArgumentException("a state of " + Description.of(layer) + " has parts of shapes " + shapes
                    + "; expected " + expected);
        }
    }

    private static final class CarryContext extends ForwardingContext {
        private final Map<Recurrent, List<Recurrent.State>> before;
        private final Map<Recurrent, List<Recurrent.State>> after;

        CarryContext(
                Context context,
                Map<Recurrent, List<Recurrent.State>> before,
                Map<Recurrent, List<Recurrent.State>> after) {
            super(context);
            this.before = before;
            this.after = after;
        }

        @Override
        public void firstState(Recurrent layer, Recurrent.State state) {
            int place = after.getOrDefault(layer, List.of()).size(); // its passes so far
            List<Recurrent.State> states = before.getOrDefault(layer, List.of());
            if (place >= states.size()) {
                super.firstState(layer, state);
                return;
            }
            Recurrent.State carried = states.get(place);
            if (carried.parts().isEmpty()) {
                return; // of a custom layer that keeps none
            }
            int rows = carried.part(0).dim(0);
            int batch = state.part(0).dim(0);
            if (rows != batch) {
                throw new IllegalArgumentException("the state carried for " + Description.of(layer) + " is of " + rows
                        + " rows, the batch has " + batch + ": reset() where other sequences begin, and leave out a"
                        + " smaller last batch");
            }
            for (int i = 0; i < state.parts().size(); i++) {
                state.part(i).copyFrom(carried.part(i));
            }
        }

        @Override
        public void lastState(Recurrent layer, Recurrent.State state) {
            after.computeIfAbsent(layer, unseen -> new ArrayList<>()).add(state.copy());
            super.lastState(layer, state);
        }
    }
}
