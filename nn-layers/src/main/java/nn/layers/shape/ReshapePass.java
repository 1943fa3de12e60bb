package nn.layers.shape;

import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Tensor;

/** The same values in another shape, forward and backward. A view of the tensor of the step before is used again. */
final class ReshapePass extends Pass {
    private Tensor x;
    private Tensor y; // a view of x
    private Tensor dy;
    private Tensor dx; // a view of dy

    /** A pass to the shapes that a layer gives, each of the size of the input. */
    ReshapePass(Layer layer) {
        super(layer);
    }

    @Override
    protected Tensor forward(Tensor x, Context context) {
        if (x != this.x) {
            y = x.reshape(outputShape());
            this.x = x;
        }
        return y;
    }

    @Override
    protected Tensor backward(Tensor dOutput, Gradients gradients) {
        if (dOutput != dy || !dx.shape().equals(inputShape())) {
            dx = dOutput.reshape(inputShape());
            dy = dOutput;
        }
        return dx;
    }
}
