package nn.layers;

import java.util.Objects;
import java.util.Optional;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * What a layer may ask of the run it is part of: scratch tensors, whether it is being trained, and randomness for this
 * step.
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
     * Says that nobody will read a scratch tensor of this run again, so that its memory may be handed out once more.
     * A chain of layers says so of a gradient when the layer before has made its own of it, so that the way back
     * through any number of layers goes to and fro between two tensors that stay in a cache; and of an output that
     * neither of the layers on its two sides {@linkplain Propagating#readsInput reads} on the way back. By default,
     * nothing happens: a context that keeps what it sees leaves it so, even if it wraps another one.
     *
     * @param scratch a tensor that {@link #empty} gave, or a view of one; of any other nothing happens
     */
    default void release(Tensor scratch) {}

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
     * so that a layer that stands in several places draws other numbers in each, as {@link Dropout} does. Passes with
     * the same key that ask in the same order get the same keys. The first is {@code key().child(layer.hi())
     * .child(layer.lo())}, the one after n others {@code .child(n)} of that. A context that wraps another one passes
     * this on; one that does not keeps a {@link #training(Key)} context for it.
     *
     * @param layer the layer's own key
     * @return the key to draw with
     */
    Key key(Key layer);

    /**
     * The state that a recurrent layer begins a pass with: zeros, unless this context {@linkplain Carry carries} states
     * from pass to pass.
     *
     * @param layer the layer
     * @param batch rows of the state
     * @return one tensor [batch x size] for each of the layer's {@linkplain Recurrent#stateSizes parts}
     */
    default Recurrent.State firstState(Recurrent layer, int batch) {
        return Sequences.zeros(layer, batch, this);
    }

    /**
     * Takes notice of the state that a recurrent layer ends a pass with. Forgets it, unless this context {@linkplain
     * Carry carries} states.
     *
     * @param layer the layer
     * @param state valid until the next step begins
     */
    default void lastState(Recurrent layer, Recurrent.State state) {}

    /**
     * The lengths that the sequences of the batch have before their padding, where a layer around knows them, as {@link
     * Masking} does. Recurrent layers end each sequence at its own last step then, and what combines time steps leaves
     * out the padding. A context that wraps another one gives the lengths of that.
     *
     * @return the lengths; empty if all steps count
     */
    default Optional<Lengths> lengths() {
        return Optional.empty();
    }

    /**
     * Runs a layer in this context. A layer that is made of others runs each of them by this, and not by calling its
     * {@code forward}: so a context sees every layer's input and output, and may do something about them, as {@link
     * Lsuv} does, or look for the layer where numbers go bad, as a trainer does.
     *
     * @param layer the layer
     * @param x its input
     * @return its output and its pullback, which refuses a gradient at the input that is null or of another shape, and
     *     names the layer
     * @throws nn.tensor.ShapeException if the input has a shape that the layer cannot take
     * @throws NullPointerException if the layer gave null, naming it; or if an argument is null
     */
    default Pass run(Layer layer, Tensor x) {
        Objects.requireNonNull(layer, "layer");
        Objects.requireNonNull(x, "x");
        return Pass.checked(layer, x, run(layer, x, this));
    }

    /**
     * Runs a layer for a context that wraps this one. What looks at layers overrides this method, and what wraps
     * another context, as {@link Carry#over} does, passes it on: so a run is seen by all of them, and the layers within
     * the layer get the outermost. What does not pass it on calls {@link Pass#of}.
     *
     * @param layer the layer
     * @param x its input
     * @param outermost the context that the layer is to get
     * @return its output and its pullback
     * @throws nn.tensor.ShapeException if the input has a shape that the layer cannot take
     */
    default Pass run(Layer layer, Tensor x, Context outermost) {
        return Pass.of(layer, x, outermost);
    }

    /**
     * A context for using a model: every tensor is newly allocated, and any number of threads may share it.
     *
     * @return the context
     */
    static Context inference() {
        return new Plain(false, Key.of(0));
    }

    /**
     * A context for one training pass by hand: every tensor is newly allocated.
     *
     * @param key names the randomness of this pass; another pass takes another context
     * @return the context
     */
    static Context training(Key key) {
        return new Plain(true, key);
    }
}
