package nn.layers;

import java.util.Objects;
import java.util.Optional;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import org.jspecify.annotations.Nullable;

/**
 * The surroundings of a pass: scratch tensors, randomness for this step, and whether the pass is part of training.
 */
public interface Context {
    /**
     * Returns a tensor for an output or an intermediate result. Its values are undefined, so write every element.
     *
     * @param shape every dimension known
     * @return a tensor that nothing else uses until the layer's forward or backward method has returned
     */
    Tensor empty(Shape shape);

    /**
     * Keeps a tensor unchanged until the backward pass: it is not handed out again in this step, even if it is
     * {@linkplain #release released}. {@link Pass#save} calls this. By default it does nothing, which is right for a
     * context that hands out every tensor once.
     *
     * @param tensor any tensor, or a view of one
     */
    default void save(Tensor tensor) {}

    /**
     * Declares that a scratch tensor is not read any more, so that its memory may be handed out again unless it was
     * {@linkplain #save saved}. A chain of layers releases every output once the layer after it has used it, and every
     * gradient once the layer before has used it. So a backward pass through any number of layers alternates between
     * two tensors that stay in a cache. By default it does nothing.
     *
     * @param scratch a tensor that {@link #empty} gave, or a view of one; any other is left alone
     */
    default void release(Tensor scratch) {}

    /**
     * Returns a tensor for a result that is computed element by element from a scratch tensor, which is not read after
     * that. It is the scratch tensor itself, unless that was {@linkplain #save saved}: a result in the place of an
     * operand takes no more room in a cache. Otherwise it is {@link #empty another one}, as by default. Call it only
     * for a tensor that overlaps none that must stay as it is, such as the gradient at a layer's output.
     *
     * @param scratch a tensor that {@link #empty} gave in this step; for any other, another one is returned
     * @return the tensor to write, of the same shape
     */
    default Tensor reuse(Tensor scratch) {
        return empty(scratch.shape());
    }

    /**
     * Returns the number of the current step, for a context whose tensors are overwritten when the next step begins.
     *
     * @return a different number in every step; always 0 if nothing is overwritten
     */
    default long step() {
        return 0;
    }

    /**
     * Whether the pass is part of training. Layers such as dropout act only then.
     *
     * @return false for inference
     */
    boolean training();

    /**
     * Whether a parameter is frozen, that is, left as it is by the training that this pass is part of. A layer asks if
     * its forward pass differs then: a normalization by batches uses its running statistics if these are frozen.
     *
     * @param parameter any
     * @return false by default; the answer of {@link Gradients#isFrozen} in a context {@linkplain Gradients#over over}
     *     another one
     */
    default boolean isFrozen(Parameter parameter) {
        Objects.requireNonNull(parameter, "parameter");
        return false;
    }

    /**
     * The values of a parameter that a forward pass computes with. A layer asks for them at every pass, by this method
     * and not by {@link Parameter#value}, so that a {@link nn.layers.network.Predictor} can give it those of an earlier
     * time.
     *
     * @param parameter any parameter of the layer
     * @return of the parameter's shape; not to be changed. By default the {@linkplain Parameter#value current} ones
     */
    default Tensor value(Parameter parameter) {
        return Objects.requireNonNull(parameter, "parameter").value();
    }

    /**
     * Computes x W with the {@linkplain #value values} of a parameter: what a dense layer without a bias computes
     * forward. A {@link nn.layers.network.Predictor} reads the weight faster by this method than by {@link #value},
     * where x has few rows. The bits are the same.
     *
     * @param x [... x inputs], read as a matrix of all its rows
     * @param weight W [inputs x units]
     * @param y receives [... x units]; no part of it may be an operand's
     * @throws nn.tensor.ShapeException if the shapes do not fit
     */
    default void linearInto(Tensor x, Parameter weight, Tensor y) {
        x.matmulInto(value(weight), Transposed.NONE, y);
    }

    /**
     * Computes x W + b with the {@linkplain #value values} of two parameters: what a dense layer computes forward. All
     * else is as in {@link #linearInto}.
     *
     * @param x [... x inputs], read as a matrix of all its rows
     * @param weight W [inputs x units]
     * @param bias b [units]
     * @param y receives [... x units]; no part of it may be an operand's
     * @throws nn.tensor.ShapeException if the shapes do not fit
     */
    default void affineInto(Tensor x, Parameter weight, Parameter bias, Tensor y) {
        x.matmulPlusRowInto(value(weight), value(bias), y);
    }

    /**
     * Whether {@link #value} gives the same tensor for a parameter in every pass, and its numbers never change, as in a
     * {@link nn.layers.network.Predictor}. A layer may then keep what it computes from them for the next pass. A
     * context that overrides {@link #value} overrides this method too.
     *
     * @param parameter any parameter of the layer
     * @return false by default
     */
    default boolean keepsValue(Parameter parameter) {
        Objects.requireNonNull(parameter, "parameter");
        return false;
    }

    /**
     * Returns the key of this step's randomness. A layer that draws random numbers calls {@link Pass#draw}, or asks for
     * {@link #key(Key)}, which is derived from it.
     *
     * @return a different key at every step
     */
    Key key();

    /**
     * Returns the key with which a layer draws random numbers in one place of a pass. In training each call in a pass
     * returns a different key, so a layer used in several places, such as {@link nn.layers.regularization.Dropout},
     * draws different numbers in each. Passes with the same key that ask in the same order get the same keys: the first
     * is {@code key().child(layer.hi()).child(layer.lo())}, the one after n others is {@code .child(n)} of that. A
     * context that wraps another one passes the call on; any other context keeps a {@link #training(Key)} context for
     * it.
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
     * Receives the state that a recurrent layer ends a pass with, and ignores it unless this context {@linkplain Carry
     * carries} states.
     *
     * @param layer the layer
     * @param state valid until the next step begins; not to be changed
     */
    default void lastState(Recurrent layer, Recurrent.State state) {}

    /**
     * Whether this context {@linkplain Carry carries} states from pass to pass. A layer that looks back at earlier
     * positions, and is not {@link Recurrent}, such as {@link nn.layers.attention.Attention}, then begins with what it
     * {@linkplain #carried carried}, and {@linkplain #carry hands on} what the next pass needs.
     *
     * @return false by default: every pass is over whole sequences
     */
    default boolean carries() {
        return false;
    }

    /**
     * The state that a layer handed on in the pass before.
     *
     * @param layer the layer
     * @return not to be changed; empty if the sequences begin with this pass
     */
    default Optional<Recurrent.State> carried(Layer layer) {
        return Optional.empty();
    }

    /**
     * Receives the state that a layer hands on to the next pass, once in each pass, if this context {@linkplain
     * #carries carries} states.
     *
     * @param layer the layer
     * @param state of any parts [batch x size]; valid until the next step begins
     */
    default void carry(Layer layer, Recurrent.State state) {}

    /**
     * The lengths of the batch's sequences without their padding, if a surrounding layer such as {@link
     * nn.layers.network.Masking} knows them. Recurrent layers then end each sequence at its own last step, and layers
     * that combine time steps leave out the padding, or {@linkplain Sequences#requireNoPadding refuse} it. A context
     * that wraps another one returns that one's lengths.
     *
     * @return the lengths; empty if all steps count
     */
    default Optional<Lengths> lengths() {
        return Optional.empty();
    }

    /**
     * The parts of the batch, if several of them are run at once and their gradients are summed apart. {@link Pass}
     * asks for them, so that no layer has to: a layer that is not {@linkplain Layer#isRowwise row-wise} is run on the
     * rows of each part by itself. A context that wraps another one returns that one's parts.
     *
     * @return the parts; empty if the pass runs one batch, or one part of it
     */
    default Optional<BatchParts> parts() {
        return Optional.empty();
    }

    /**
     * Runs a layer's pass forward in this context. A layer made of layers runs each of them by this method, so a
     * context sees every layer's input and output. {@link Lsuv} uses that to scale weights, and a trainer to find the
     * layer whose output is not finite.
     *
     * @param pass the layer's pass
     * @param x its input
     * @return its output, valid as {@link Pass#output} says
     * @throws nn.tensor.ShapeException if the input has a shape that the layer cannot take
     * @throws NullPointerException if the layer returned null (the message names it), or an argument is null
     */
    default Tensor run(Pass pass, Tensor x) {
        return run(Objects.requireNonNull(pass, "pass"), Objects.requireNonNull(x, "x"), this);
    }

    /**
     * Runs a pass for a context that wraps this one. A context that looks at layers overrides this method, and {@link
     * ForwardingContext} passes the call on, so every wrapped context sees the run. The layers inside the layer get the
     * outermost context. An override that does not pass the call on calls {@link Pass#runIn}.
     *
     * @param pass the layer's pass
     * @param x its input
     * @param outermost the context that the layer gets
     * @return its output
     * @throws nn.tensor.ShapeException if the input has a shape that the layer cannot take
     */
    default Tensor run(Pass pass, Tensor x, Context outermost) {
        return pass.runIn(outermost, x);
    }

    /**
     * Called after a layer's backward pass, for a context that looks at gradients. By default it does nothing.
     *
     * @param pass the layer's pass
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
     * @param key of this pass's randomness; use another context for another pass
     * @return the context
     */
    static Context training(Key key) {
        return new AllocatingContext(true, key);
    }
}
