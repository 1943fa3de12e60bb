package nn.layers.shape;

import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Gives the input another shape, and the gradient the input's shape. Both are views. */
final class ReshapePass extends Pass {
    private final View output = new View();
    private final View inputGradient = new View();

    /** A pass through a layer whose output has as many elements as its input. */
    ReshapePass(Layer layer) {
        super(layer);
    }

    @Override
    protected Tensor forward(Tensor x, Context context) {
        return output.of(x, outputShape());
    }

    @Override
    protected Tensor backward(Tensor dOutput, Gradients gradients) {
        return inputGradient.of(dOutput, inputShape());
    }

    /** A view of a tensor in another shape, kept for the next step: steady steps have the same tensors. */
    private static final class View {
        private @Nullable Tensor tensor;
        private @Nullable Tensor view;

        Tensor of(Tensor x, Shape shape) {
            if (view == null || x != tensor || !view.shape().equals(shape)) {
                view = x.reshape(shape);
                tensor = x;
            }
            return view;
        }
    }
}
