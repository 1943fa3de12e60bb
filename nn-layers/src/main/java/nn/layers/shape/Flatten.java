package nn.layers.shape;

import java.util.OptionalInt;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * Turns each example into one row: merges all axes after the batch, in row-major order. The output is a view.
 *
 * <p>Shapes: x [batch x ...], y [batch x the product of the other dimensions].
 */
public record Flatten() implements Layer {
    @Override
    public Pass newPass() {
        return new ReshapePass(this);
    }

    /** Maps axis 0 to axis 0. */
    @Override
    public OptionalInt batchAxis(int in) {
        return in == 0 ? OptionalInt.of(0) : OptionalInt.empty();
    }

    @Override
    public boolean isRowwise() {
        return true;
    }

    @Override
    public boolean isTransparent() {
        return true;
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() == 0) {
            throw new ShapeException(this + ": expected [batch x ...], got " + in, "[batch x ...]", in);
        }
        Shape example = in.withoutFirst();
        return Shape.of(in.dim(0), example.isConcrete() ? example.size() : Shape.ANY);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.call("Flatten", x).with("axis", 1).gives(x.kind(), outputShape(x.shape()));
    }

    /** Returns the layer's name. */
    @Override
    public String toString() {
        return "Flatten";
    }
}
