package nn.layers.graph;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * A layer that is written forward only; its backward pass follows from the operations:
 *
 * <pre>{@code
 * final class Gated extends Formula {                       // y = x sigmoid(x W)
 *     @Override
 *     protected Node forward(Node x) {
 *         return x.times(x.matmul(weight).sigmoid());
 *     }
 *
 *     @Override
 *     public List<Parameter> parameters() {
 *         return List.of(weight);
 *     }
 * }
 * }</pre>
 *
 * <p>{@link #forward} builds nodes and computes no numbers. It is called once for each shape of the input, so it may
 * loop over the shape, for example over time steps, but it cannot depend on the numbers. A layer lists its {@link
 * #parameters} and {@link #children} as any other layer does.
 *
 * <p>The bits are those of the same operations written by hand in a {@link Pass}. A steady step takes its tensors from
 * the context. It creates no objects for products, functions, concatenation, slices, sums and products of equal shapes,
 * and layers; and a few small ones for every operation that repeats, sums, permutes or looks up along axes.
 */
public abstract class Formula implements Layer {
    /** A formula. */
    protected Formula() {}

    /**
     * Builds the output from the input.
     *
     * @param x the input; its shape has free dimensions ({@link Shape#ANY}) when {@link #outputShape} asks for those of
     *     the output, and none when the layer is run
     * @return the output
     * @throws nn.tensor.ShapeException if the input has a shape that the layer cannot take
     */
    protected abstract Node forward(Node x);

    /**
     * A layer without parameters.
     *
     * @param name for messages and summaries
     * @param formula builds the output from the input
     * @return the layer
     */
    public static Layer of(String name, UnaryOperator<Node> formula) {
        return new Nameless(Objects.requireNonNull(name, "name"), Objects.requireNonNull(formula, "formula"));
    }

    private static final class Nameless extends Formula {
        private final String name;
        private final UnaryOperator<Node> formula;

        Nameless(String name, UnaryOperator<Node> formula) {
            this.name = name;
            this.formula = formula;
        }

        @Override
        protected Node forward(Node x) {
            return formula.apply(x);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    final Node output(Node x) {
        return Objects.requireNonNull(forward(x), () -> Layer.describe(this) + ": its formula returned null");
    }

    @Override
    public final Pass newPass() {
        return new FormulaPass(this);
    }

    /** Describes the operations of the formula; layers in it describe themselves. */
    @Override
    public Value export(OperatorGraph graph, Value x) {
        Node in = Node.input(x.shape());
        Map<Node, Value> values = new IdentityHashMap<>();
        values.put(in, x);
        return export(graph, List.of(output(in)), values).getFirst();
    }

    /** Describes the values of some nodes, given those of the inputs. */
    final List<Value> export(OperatorGraph graph, List<Node> nodes, Map<Node, Value> known) {
        Map<Object, String> paths = new IdentityHashMap<>();
        parametersByPath().forEach((path, parameter) -> paths.put(parameter, path));
        children().forEach((name, layer) -> paths.put(layer, name));
        for (Node node : Program.inOrder(nodes)) {
            Parameter parameter = node.parameter();
            Tensor constant = node.constant();
            Op op = node.op();
            if (parameter != null) {
                String path = paths.getOrDefault(parameter, parameter.name());
                known.put(node, graph.constant(path, parameter.value()));
            } else if (constant != null) {
                known.put(node, graph.constant("constant", constant));
            } else if (op != null) {
                Value[] inputs = Arrays.stream(node.in()).map(known::get).toArray(Value[]::new);
                String name = op instanceof Through through ? paths.get(through.layer) : null;
                known.put(
                        node,
                        name == null ? op.export(graph, inputs) : graph.within(name, () -> op.export(graph, inputs)));
            }
        }
        return nodes.stream().map(known::get).map(Objects::requireNonNull).toList();
    }

    /**
     * Axis 0 counts the examples, of the input and of the output. A formula that treats them along another axis one by
     * one, such as every element by itself, overrides this method; so does one that combines the examples of axis 0.
     */
    @Override
    public OptionalInt batchAxis(int in) {
        return in == 0 ? OptionalInt.of(0) : OptionalInt.empty();
    }

    @Override
    public Shape outputShape(Shape in) {
        return output(Node.input(Objects.requireNonNull(in, "shape"))).shape();
    }
}
