package nn.layers;

import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Puts time first: [batch x time x features], as data come, to [time x batch x features], as {@link Rnn} reads them (one
 * time step of the whole batch is then one block). The gradient goes back the same way.
 */
public record TimeMajor() implements Layer {
    @Override
    public Pass forward(Tensor x, Context context) {
        Tensor y = context.empty(outputShape(x.shape()));
        swapOuterAxes(x, y);
        return new Pass(y, (dy, into) -> {
            Shapes.requireGradient(this, y, dy);
            Tensor dx = context.empty(x.shape());
            swapOuterAxes(dy, dx);
            return dx;
        });
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() != 3) {
            throw Shapes.mismatch(this, "[batch x time x features]", in, "");
        }
        return Shape.of(in.dim(1), in.dim(0), in.dim(2));
    }

    private static void swapOuterAxes(Tensor from, Tensor to) {
        int rows = from.dim(0);
        int columns = from.dim(1);
        int features = from.dim(2);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                System.arraycopy(
                        from.array(), from.offset() + (i * columns + j) * features,
                        to.array(), to.offset() + (j * rows + i) * features,
                        features);
            }
        }
    }

    @Override
    public String toString() {
        return "TimeMajor";
    }
}
