package nn.layers;

import java.util.Objects;
import java.util.Optional;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Gives a layer scratch tensors, randomness for this step, and whether the pass belongs to training.
 */
public interface Context {
    /**
     * A tensor to write an output or an intermediate result into. What it holds is undefined, so write every element.
     *
     * @param shape every dimension known
     * @return a tensor that nothing else uses until the run ends
     */
    Tensor empty(Shape shape);

    /**
     * Keeps a tensor as it is until the backward pass: a {@linkplain #release released} one that was saved is not
     * handed out again in this step. {@link Pass#save} calls this. By default nothing happens, which is right for a
     * context that hands out every tensor once.
     *
     * @param tensor any tensor, or a view of one
     */
    default void save(Tensor tensor) {}

    /**
     * Says that a scratch tensor of this run is not read any more, unless it was {@linkplain #save saved}, so that its
     * memory may be handed out again. A chain of layers releases every output once the layer after it has used it, and
     * every gradient once the layer before has used it: so a backward pass through any number of layers alternates
     * between two tensors that stay in a cache. By default nothing happens.
     *
     * @param scratch a tensor that {@link #empty} gave, or a view of one; any other is left alone
     */
    default void release(Tensor scratch) {}

    /**
     * Counts the steps of a context whose tensors are written over when the next step begins.
     *
     * @return another number in every step; always 0 if nothing is written over
     */
    default long step() {
        return 0;
    }

    /**
     * Whether the pass belongs to training, when layers such as dropout act.
     *
     * @return false for inference
     */
    boolean training();

    /**
     * Names the randomness of this step. A layer that draws asks for {@link #key(Key)}, which is made from it.
     *
     * @return another key at every step
     */
    Key key();

    /**
     * Names what a layer draws in this place of the pass: another key each time it is asked for in a pass in training,
     * so that a layer that stands in several places draws other numbers in each, as {@link
     * nn.layers.regularization.Dropout} does. Passes with the same key that ask in the same order get the same keys.
     * The first is {@code key().child(layer.hi()) .child(layer.lo())}, the one after n others {@code .child(n)} of
     * that. A context that wraps another one passes this on; one that does not keeps a {@link #training(Key)} context
     * for it.
     *
     * @param layer the layer's own key
     * @return the key to draw with
     */
    Key key(Key layer);

    /**
     * Writes the state that a recurrent layer begins a pass with: zeros, unless this context {@linkplain Carry carries}
     * states from pass to pass.
     *
     * @param layer the layer
     * @param state one tensor [batch x size] for each of the layer's {@linkplain Recurrent#stateSizes parts}; to be
     *     written
     */
    default void firstState(Recurrent layer, Recurrent.State state) {
        for (int i = 0; i < state.parts().size(); i++) {
            state.part(i).fill(0f);
        }
    }

    /**
     * Receives the state that a recurrent layer ends a pass with. Ignores it, unless this context {@linkplain Carry
     * carries} states.
     *
     * @param layer the layer
     * @param state valid until the next step begins; not to be changed
     */
    default void lastState(Recurrent layer, Recurrent.State state) {}

    /**
     * The lengths that the sequences of the batch have before their padding, where a layer around knows them, as {@link
     * nn.layers.network.Masking} does. Recurrent layers end each sequence at its own last step then, and what combines
     * time steps leaves out the padding. A context that wraps another one gives the lengths of that.
     *
     * @return the lengths; empty if all steps count
     */
    default Optional<Lengths> lengths() {
        return Optional.empty();
    }

    /**
     * Runs a layer's pass forward in this context. A layer that is made of others runs each of them by this: so a
     * context sees every layer's input and output, and may do something about them, as {@link Lsuv} does, or look for
     * the layer where numbers go bad, as a trainer does.
     *
     * @param pass of the layer
     * @param x its input
     * @return its output, valid as {@link Pass#output} says
     * @throws nn.tensor.ShapeException if the input has a shape that the layer cannot take
     * @throws NullPointerException if the layer gave null, naming it; or if an argument is null
     */
    default Tensor run(Pass pass, Tensor x) {
        return run(Objects.requireNonNull(pass, "pass"), Objects.requireNonNull(x, "x"), this);
    }

    /**
     * Runs a pass for a context that wraps this one. A context that looks at layers overrides this method; {@link
     * ForwardingContext} passes it on: so a run is seen by all of them, and the layers within the layer get the
     * outermost. What does not pass it on calls {@link Pass#runIn}.
     *
     * @param pass of the layer
     * @param x its input
     * @param outermost the context that the layer is to get
     * @return its output
     * @throws nn.tensor.ShapeException if the input has a shape that the layer cannot take
     */
    default Tensor run(Pass pass, Tensor x, Context outermost) {
        return pass.runIn(outermost, x);
    }

    /**
     * Called after a layer's backward pass, for a context that looks at gradients. By default nothing happens.
     *
     * @param pass of the layer
     * @param dOutput gradient at its output
     * @param dInput gradient at its input; null if only the parameters' were asked for
     * @param gradients where the parameters' gradients were added
     */
    @SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
    default void afterBackward(Pass pass, Tensor dOutput, @Nullable Tensor dInput, Gradients gradients) {}

    /**
     * A context for using a model: every tensor is newly allocated, and any number of threads may share it.
     *
     * @return the context
     */
    static Context inference() {
        return new AllocatingContext(false, Key.of(0));
    }

    /**
     * A context for one training pass by hand: every tensor is newly allocated.
     *
     * @param key names the randomness of this pass; another pass takes another context
     * @return the context
     */
    static Context training(Key key) {
        return new AllocatingContext(true, key);
    }
}
