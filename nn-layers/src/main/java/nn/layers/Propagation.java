package nn.layers;

import nn.tensor.Tensor;

/**
 * The passes of a layer, forward and back, by one object that is used again and again: {@link #forward} leaves in its
 * fields what the way back needs, where a layer's own {@link Layer#forward} makes a pullback that captures it. So a
 * step of training makes no objects where there is a {@link Workspace}.
 *
 * <p>The fields are there for one pass at a time, and nothing of one pass may be seen in the next: the same input gives
 * the same output, whatever went through before, of this shape or another. What the layer has learned is in its
 * parameters.
 */
public interface Propagation extends Pullback {
    /**
     * Computes the output, and keeps what the way back needs of this pass in place of the last one.
     *
     * @param x the input, of a shape that the layer takes; not changed
     * @param context gives scratch tensors and says whether this is training; to be asked for all of them anew in every
     *     pass
     * @return the output
     * @throws nn.tensor.ShapeException if the input has a shape that the layer cannot take
     */
    Tensor forward(Tensor x, Context context);
}
