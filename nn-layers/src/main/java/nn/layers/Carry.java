package nn.layers;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * What a model's layers remember between the chunks of a long sequence, kept outside the layers: the states of
 * recurrent layers, the keys and values of causal {@linkplain nn.layers.attention.Attention attention}, and the number
 * of positions before a chunk.
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
 * chunk without {@link #advance}, such as one whose step failed, changes nothing here. A layer used twice in a model
 * has a state for each place.
 *
 * <p>To generate text character by character, use chunks of one step. The results have the same bits as those of the
 * whole text at once if each layer that combines steps is recurrent, or causal attention; layers of positions carry
 * their number. Any other layer that combines steps carries nothing, and takes each chunk for a whole sequence: {@link
 * nn.layers.recurrent.Bidirectional}, attention that is not causal, convolutions and pools along the time, and {@link
 * nn.layers.normalization.GroupNorm}. With these the results are others than those of the whole text. They are not
 * refused, since a carry does not know which axis of a tensor is the time, if any is: a convolution may be over the
 * pixels of a frame.
 *
 * <p>States are copies, so they outlive the trainer's workspace. For use by one thread.
 */
public final class Carry {
    private Map<Layer, List<Recurrent.State>> current = new IdentityHashMap<>();
    private Map<Layer, List<Recurrent.State>> next = new IdentityHashMap<>();

    /** Begins with states of zero. */
    public Carry() {}

    /**
     * Returns a context for one forward pass that begins with the states carried here. Everything else comes from the
     * given context.
     *
     * @param context gives everything else
     * @return the context of one pass
     */
    public Context over(Context context) {
        next = new IdentityHashMap<>();
        return new CarryContext(context, current, next);
    }

    /**
     * Makes the next pass begin with the states that the last pass ended with. Does nothing if there was no pass since
     * the last call.
     */
    public void advance() {
        current.putAll(next);
        next = new IdentityHashMap<>();
    }

    /** Resets the states to zero, for new sequences. */
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
    public Map<Layer, List<Recurrent.State>> states() {
        Map<Layer, List<Recurrent.State>> copies = new IdentityHashMap<>();
        current.forEach((layer, states) ->
                copies.put(layer, states.stream().map(Recurrent.State::copy).toList()));
        return copies;
    }

    /**
     * Replaces the states carried here by those that {@link #states} gave, in this carry or another.
     *
     * @param states for each layer one state for each of its places; copied
     * @throws IllegalArgumentException if a state does not have the parts [batch x size] that the layer {@linkplain
     *     Recurrent#stateSizes declares}; nothing is changed then
     * @throws NullPointerException if it is null
     */
    public void restore(Map<Layer, List<Recurrent.State>> states) {
        Map<Layer, List<Recurrent.State>> copies = new IdentityHashMap<>();
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

    private static void requireFit(Layer carrying, Recurrent.State state) {
        if (!(carrying instanceof Recurrent layer)) {
            return; // the layer itself refuses a state of another one, in its next pass
        }
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

    /**
     * Refuses a state of another batch than the one that is about to be run.
     *
     * @param layer for messages
     * @param carried the state that the layer carried
     * @param batch the rows of the batch
     * @throws IllegalArgumentException if the state has another number of rows; the message says what to do
     */
    public static void requireRows(Layer layer, Recurrent.State carried, int batch) {
        Objects.requireNonNull(layer, "layer");
        int rows = carried.part(0).dim(0);
        if (rows != batch) {
            throw new IllegalArgumentException("the state carried for " + Description.of(layer) + " has " + rows
                    + " rows, but the batch has " + batch
                    + ": before new sequences, call reset(), or resetStates() of a"
                    + " trainer, and leave out a smaller last batch");
        }
    }

    private static final class CarryContext extends ForwardingContext {
        private final Map<Layer, List<Recurrent.State>> before;
        private final Map<Layer, List<Recurrent.State>> after;

        CarryContext(
                Context context, Map<Layer, List<Recurrent.State>> before, Map<Layer, List<Recurrent.State>> after) {
            super(context);
            this.before = before;
            this.after = after;
        }

        @Override
        public boolean carries() {
            return true;
        }

        @Override
        public Optional<Recurrent.State> carried(Layer layer) {
            int place = after.getOrDefault(layer, List.of()).size(); // how often the layer ran in this pass
            List<Recurrent.State> states = before.getOrDefault(layer, List.of());
            return place < states.size() ? Optional.of(states.get(place)) : super.carried(layer);
        }

        @Override
        public void carry(Layer layer, Recurrent.State state) {
            after.computeIfAbsent(layer, unseen -> new ArrayList<>()).add(state.copy());
            super.carry(layer, state);
        }

        @Override
        public void firstState(Recurrent layer, Recurrent.State state) {
            Recurrent.State carried = carried(layer).orElse(null);
            if (carried == null) {
                super.firstState(layer, state);
                return;
            }
            if (carried.parts().isEmpty()) {
                return; // a custom layer may have a state without parts
            }
            requireRows(layer, carried, state.part(0).dim(0));
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
