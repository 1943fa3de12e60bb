package nn.layers;

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
     * Whether the pass belongs to training, when layers such as dropout act.
     *
     * @return false for inference
     */
    boolean training();

    /**
     * Names the randomness of this step. A layer takes a child of it by its own name.
     *
     * @return another key at every step
     */
    Key key();

    /**
     * Sees what a layer made of others got from one of them. Such a layer calls it with each pass as it comes, {@code
     * context.watch(child, child.forward(x, context))}, and goes on with what it gives: usually the same pass. A trainer that
     * looks for the layer where numbers go bad looks here.
     *
     * @param layer the child
     * @param pass what it gave
     * @return the pass to go on with
     */
    default Pass watch(Layer layer, Pass pass) {
        return pass;
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
     * A context for a training pass by hand: every tensor is newly allocated.
     *
     * @param key names the randomness of this pass
     * @return the context
     */
    static Context training(Key key) {
        return new Plain(true, key);
    }
}
