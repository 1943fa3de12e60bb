package nn.layers.network;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.Consumer;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Pass;
import nn.layers.ResidualBranch;
import nn.layers.internal.LayerShapes;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * Adds the output of its layers to their input: y = x + f(x) (He, Zhang, Ren and Sun, <i>Deep residual learning for
 * image recognition</i>, CVPR 2016). The layers are its children, so a dense layer {@code fc1} in a residual block
 * {@code block1} has the parameters {@code block1.fc1.weight} and {@code block1.fc1.bias}.
 *
 * <p>Shapes: y has the shape of x, and so must the output of the layers.
 *
 * @param body f, whose output has the shape of its input
 */
public record Residual(Network body) implements Layer {
    /**
     * Checks the argument.
     *
     * @throws NullPointerException if it is null
     */
    public Residual {
        Objects.requireNonNull(body, "body");
    }

    /**
     * Describes a residual block whose input is not known yet:
     *
     * <pre>{@code
     * builder.layer("block1", Residual.of(body -> body.dense("fc1", 64).relu().dense("fc2", 64)))
     * }</pre>
     *
     * @param body adds the layers of f to a builder that knows the block's input and key
     * @return a factory
     */
    public static LayerFactory of(Consumer<Network.Builder> body) {
        LayerFactory chain = Network.chain(body);
        return (in, key) -> new Residual((Network) chain.create(in, key));
    }

    @Override
    public Pass newPass() {
        return new Sum();
    }

    /** Computes x + f(x), and backward dy + the gradient of f. */
    private final class Sum extends Pass {
        private final Pass inner = body.newPass();

        Sum() {
            super(Residual.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            Tensor branch = inner.runIn(context, x); // not by context.run: the layers of f are the children, f is not
            Tensor y = context.empty(outputShape());
            x.addInto(branch, y);
            if (branch.array() != x.array()) {
                context.release(branch);
            }
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(dy.shape());
            Tensor branch = inner.pullback(dy, gradients);
            dy.addInto(branch, dx);
            if (branch.array() != dy.array()) {
                context().release(branch);
            }
            return dx;
        }
    }

    /** Returns the same axis if the layers keep it. */
    @Override
    public OptionalInt batchAxis(int in) {
        OptionalInt out = body.batchAxis(in);
        return out.equals(OptionalInt.of(in)) ? out : OptionalInt.empty();
    }

    @Override
    public Shape outputShape(Shape in) {
        Shape out = LayerShapes.outputShape(body, body::outputShape, in);
        if (!out.equals(in)) {
            throw new ShapeException(
                    this + ": expected its layers to keep the shape " + in + ", got " + out
                            + "; give the last of them, '"
                            + body.children().lastEntry().getKey() + "', that size",
                    in.toString(),
                    out);
        }
        return in;
    }

    @Override
    public SequencedMap<String, Layer> children() {
        return body.children();
    }

    /** Returns f. */
    @Override
    public List<ResidualBranch> residualBranches() {
        return List.of(new ResidualBranch(List.copyOf(body.parametersByPath().values())));
    }

    /** Such as {@code Residual of 3 layers}. */
    @Override
    public String toString() {
        int count = body.children().size();
        return "Residual of " + count + (count == 1 ? " layer" : " layers");
    }
}
