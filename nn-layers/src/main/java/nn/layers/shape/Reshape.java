package nn.layers.shape;

import java.util.Objects;
import java.util.OptionalInt;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * Gives each example of a batch another shape of the same size, in row-major order. The output is a view.
 *
 * <p>Shapes: x [batch x ...], y [batch x the example's dimensions].
 *
 * @param example the new shape of one example, without the batch; every dimension is known
 */
public record Reshape(Shape example) implements Layer {
    /**
     * Checks the argument.
     *
     * @throws IllegalArgumentException if a dimension is {@link Shape#ANY}
     */
    public Reshape {
        Objects.requireNonNull(example, "example");
        if (!example.isConcrete()) {
            throw new IllegalArgumentException("reshape: " + example
                    + " has a free dimension: give the dimensions of one example, without the batch");
        }
    }

    /**
     * Makes a layer that reshapes examples.
     *
     * @param dims the new dimensions of one example, without the batch
     * @return the layer
     */
    public static Reshape to(int... dims) {
        return new Reshape(Shape.of(dims));
    }

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
        boolean fits = in.rank() > 0
                && (!in.withoutFirst().isConcrete() || in.withoutFirst().size() == example.size());
        if (!fits) {
            String expected = "[batch x ...] of " + example.size() + " elements per example";
            throw new ShapeException(this + ": expected " + expected + ", got " + in, expected, in);
        }
        int[] dims = new int[1 + example.rank()];
        dims[0] = in.dim(0);
        System.arraycopy(example.dims(), 0, dims, 1, example.rank());
        return Shape.of(dims);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.reshape(x, outputShape(x.shape()));
    }

    /** Returns a text such as {@code Reshape [8 x 8]}. */
    @Override
    public String toString() {
        return "Reshape " + example;
    }
}
