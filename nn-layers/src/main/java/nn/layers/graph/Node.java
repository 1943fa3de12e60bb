package nn.layers.graph;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.tensor.AttentionHeads;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.Windows;
import org.jspecify.annotations.Nullable;

/**
 * A value in a formula: the input of a layer, a parameter, or the result of an operation on other nodes. A node has a
 * shape but no numbers. A {@link Formula} builds its nodes once for each shape of its input, and then runs the
 * operations, forward and backward, at every step.
 *
 * <pre>{@code
 * Layer swish = Formula.of("swish", x -> x.times(x.sigmoid()));
 * }</pre>
 *
 * <p>In {@code a.plus(b)}, {@code minus}, {@code times} and {@code dividedBy} one of the two is repeated to the shape
 * of the other where it has size 1, and along leading axes that it lacks ({@link Shape#broadcastsTo}): a bias [n] is
 * added to every row of [... x n], and {@code x.minus(x.mean(-1))} centres every row. Never are both repeated: [n] and
 * [n x 1] are refused.
 *
 * <p>The operations are: matrix products, convolution, arithmetic with two nodes or a node and a number, any
 * {@linkplain #apply nonlinearity}, exponential, logarithm and root, softmax, sums, means and extremes along axes,
 * reshape, permute, slice, concat, and rows of a table. {@link #through} runs any layer.
 *
 * <p>A shape that does not fit is refused where the node is built, by a {@link ShapeException} that names the operation
 * and the shapes.
 */
public final class Node {
    private static final Node[] NONE = {};

    private final @Nullable Op op; // null: an input, a parameter or a constant
    private final Node[] in;
    private final Shape shape;
    private final @Nullable Parameter parameter;
    private final @Nullable Tensor constant;

    private Node(@Nullable Op op, Node[] in, Shape shape, @Nullable Parameter parameter, @Nullable Tensor constant) {
        this.op = op;
        this.in = in;
        this.shape = shape;
        this.parameter = parameter;
        this.constant = constant;
    }

    /** The input of a formula. */
    static Node input(Shape shape) {
        return new Node(null, NONE, shape, null, null);
    }

    /**
     * A parameter of the layer, which lists it in {@link Layer#parameters()}.
     *
     * @param parameter the parameter
     * @return a node of its shape
     */
    public static Node of(Parameter parameter) {
        return new Node(null, NONE, parameter.value().shape(), parameter, null);
    }

    /**
     * Numbers that are not trained.
     *
     * @param constant the numbers; not copied, and not to be changed
     * @return a node of its shape
     */
    public static Node of(Tensor constant) {
        return new Node(null, NONE, constant.shape(), null, Objects.requireNonNull(constant, "constant"));
    }

    private static Node of(Op op, Node... in) {
        Shape[] shapes = new Shape[in.length];
        for (int i = 0; i < in.length; i++) {
            shapes[i] = in[i].shape;
        }
        return new Node(op, in, shape(op, shapes), null, null);
    }

    /** An axis that a shape does not have is a fault of the shape: a layer refuses such an input. */
    private static Shape shape(Op op, Shape[] in) {
        try {
            return op.shape(in);
        } catch (ShapeException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            String expected = "a shape with the axes and indices that the formula uses";
            throw new ShapeException(
                    op.name() + ": expected " + expected + ", got " + in[0] + ": " + e.getMessage(), expected, in[0]);
        }
    }

    @Nullable
    Op op() {
        return op;
    }

    Node[] in() {
        return in;
    }

    @Nullable
    Parameter parameter() {
        return parameter;
    }

    @Nullable
    Tensor constant() {
        return constant;
    }

    /**
     * The shape of the value.
     *
     * @return its dimensions; {@link Shape#ANY} where the shape of the formula's input has it
     */
    public Shape shape() {
        return shape;
    }

    /**
     * The sum of two nodes, the smaller one repeated.
     *
     * @param other of this shape, or one is repeated to the other
     * @return of the larger shape
     * @throws ShapeException if neither can be repeated to the other
     */
    public Node plus(Node other) {
        return of(new Ops.Binary(Ops.Binary.Kind.ADD), this, other);
    }

    /**
     * The sum of this node and a parameter, such as a bias.
     *
     * @param other of this shape, or one is repeated to the other
     * @return of the larger shape
     * @throws ShapeException if neither can be repeated to the other
     */
    public Node plus(Parameter other) {
        return plus(of(other));
    }

    /**
     * Adds a number to every element.
     *
     * @param number as a float
     * @return of this shape
     */
    public Node plus(double number) {
        return of(new Ops.Affine(1, (float) number), this);
    }

    /**
     * The difference of two nodes, the smaller one repeated.
     *
     * @param other of this shape, or one is repeated to the other
     * @return this - other, of the larger shape
     * @throws ShapeException if neither can be repeated to the other
     */
    public Node minus(Node other) {
        return of(new Ops.Binary(Ops.Binary.Kind.SUBTRACT), this, other);
    }

    /**
     * The product of two nodes, element by element, the smaller one repeated.
     *
     * @param other of this shape, or one is repeated to the other
     * @return of the larger shape
     * @throws ShapeException if neither can be repeated to the other
     */
    public Node times(Node other) {
        return of(new Ops.Binary(Ops.Binary.Kind.MULTIPLY), this, other);
    }

    /**
     * The product of this node and a parameter, element by element, the smaller one repeated.
     *
     * @param other of this shape, or one is repeated to the other
     * @return of the larger shape
     * @throws ShapeException if neither can be repeated to the other
     */
    public Node times(Parameter other) {
        return times(of(other));
    }

    /**
     * Multiplies every element by a number.
     *
     * @param number as a float
     * @return of this shape
     */
    public Node times(double number) {
        return of(new Ops.Affine((float) number, 0), this);
    }

    /**
     * The quotient of two nodes, element by element, the smaller one repeated.
     *
     * @param other of this shape, or one is repeated to the other
     * @return this / other, of the larger shape
     * @throws ShapeException if neither can be repeated to the other
     */
    public Node dividedBy(Node other) {
        return of(new Ops.Binary(Ops.Binary.Kind.DIVIDE), this, other);
    }

    /**
     * Changes the sign of every element.
     *
     * @return of this shape
     */
    public Node negate() {
        return times(-1);
    }

    /**
     * The square of every element.
     *
     * @return of this shape
     */
    public Node square() {
        return times(this);
    }

    /**
     * The matrix product with a parameter, as of a dense layer.
     *
     * @param weight [inputs x units] for this [... x inputs]
     * @return [... x units]
     * @throws ShapeException if the inner dimensions differ
     */
    public Node matmul(Parameter weight) {
        return matmul(of(weight));
    }

    /**
     * The matrix product.
     *
     * @param right [k x n] for this [... x k]; or matrices side by side, [... x k x n] for this [... x m x k] with the
     *     same leading axes
     * @return [... x n]
     * @throws ShapeException if the shapes do not fit
     */
    public Node matmul(Node right) {
        return matmul(right, Transposed.NONE);
    }

    /**
     * A matrix product with one side read transposed.
     *
     * @param right as for {@link Tensor#matmul(Tensor, Transposed)}, or matrices side by side as for {@link
     *     Tensor#matmulEachInto}
     * @param transposed the side
     * @return the product
     * @throws ShapeException if the shapes do not fit
     */
    public Node matmul(Node right, Transposed transposed) {
        Objects.requireNonNull(transposed, "transposed");
        return of(new Ops.Matmul(transposed, right.shape.rank() > 2), this, right);
    }

    /**
     * The convolution of these images with a parameter, as of a convolution layer without a bias.
     *
     * @param weight [height x width x channels / groups x outputs], the first two those of a window
     * @param windows their sizes, strides, dilations and padding
     * @return [batch x height x width x outputs] for this [batch x height x width x channels]
     * @throws ShapeException if the shapes do not fit
     */
    public Node convolution(Parameter weight, Windows windows) {
        return convolution(of(weight), windows);
    }

    /**
     * The convolution of these images. A sequence [batch x length x channels] is an image of height 1: {@linkplain
     * #reshape reshape} it.
     *
     * @param weight [height x width x channels / groups x outputs], the first two those of a window
     * @param windows their sizes, strides, dilations and padding
     * @return [batch x height x width x outputs] for this [batch x height x width x channels]
     * @throws ShapeException if the shapes do not fit
     */
    public Node convolution(Node weight, Windows windows) {
        return of(new Ops.Convolution(Objects.requireNonNull(windows, "windows")), this, weight);
    }

    /**
     * Applies a nonlinearity to every element.
     *
     * @param nonlinearity f and its derivative
     * @return of this shape
     */
    public Node apply(Nonlinearity nonlinearity) {
        return of(new Ops.Elementwise(Objects.requireNonNull(nonlinearity, "nonlinearity")), this);
    }

    /**
     * The hyperbolic tangent of every element.
     *
     * @return of this shape
     */
    public Node tanh() {
        return apply(Nonlinearity.TANH);
    }

    /**
     * The logistic function of every element.
     *
     * @return of this shape
     */
    public Node sigmoid() {
        return apply(Nonlinearity.SIGMOID);
    }

    /**
     * max(x, 0) of every element.
     *
     * @return of this shape
     */
    public Node relu() {
        return apply(Nonlinearity.RELU);
    }

    /**
     * The exponential of every element.
     *
     * @return of this shape
     */
    public Node exp() {
        return of(new Ops.Exp(), this);
    }

    /**
     * The natural logarithm of every element.
     *
     * @return of this shape
     */
    public Node log() {
        return of(new Ops.Log(), this);
    }

    /**
     * The square root of every element.
     *
     * @return of this shape
     */
    public Node sqrt() {
        return of(new Ops.Sqrt(), this);
    }

    /**
     * Each element, but no less than one number and no more than another. The gradient passes where {@code low < x <=
     * high}.
     *
     * @param low the least result, as a float
     * @param high the largest result, as a float
     * @return of this shape
     * @throws IllegalArgumentException unless {@code low <= high}
     */
    public Node clip(double low, double high) {
        if (!(low <= high)) {
            throw new IllegalArgumentException(
                    "clip: the bounds are " + low + " and " + high + "; the first must be at most the second");
        }
        return of(new Ops.Clip((float) low, (float) high), this);
    }

    /**
     * Makes each row, along the last axis, numbers above 0 with the sum 1: {@code exp(x) / sum exp(x)}, without
     * overflow. For another axis {@link #permute} before and after.
     *
     * @return of this shape
     * @throws ShapeException if there is no last axis, or it is empty
     */
    public Node softmax() {
        return of(new Ops.Softmax(), this);
    }

    /**
     * The natural logarithm of {@link #softmax}, exact where that is 0 in float: {@code x - log(sum exp(x))}.
     *
     * @return of this shape
     * @throws ShapeException if there is no last axis, or it is empty
     */
    public Node logSoftmax() {
        return of(new Ops.LogSoftmax(), this);
    }

    /**
     * Sums along axes, which keep size 1, so that the result can be combined with this node.
     *
     * @param axes from 0, or from -1 downwards; none stands for all of them
     * @return of this shape with size 1 along the axes
     * @throws IllegalArgumentException if an axis does not exist or is given twice
     */
    public Node sum(int... axes) {
        return of(new Ops.Sum(axes.clone()), this);
    }

    /**
     * Means along axes, which keep size 1, so that the result can be combined with this node.
     *
     * @param axes from 0, or from -1 downwards; none stands for all of them
     * @return of this shape with size 1 along the axes
     * @throws IllegalArgumentException if an axis does not exist or is given twice
     */
    public Node mean(int... axes) {
        return of(new Ops.Mean(axes.clone()), this);
    }

    /**
     * Maxima along axes, which keep size 1. Of equal elements the first gets the gradient.
     *
     * @param axes from 0, or from -1 downwards; none stands for all of them
     * @return of this shape with size 1 along the axes
     * @throws IllegalArgumentException if an axis does not exist or is given twice
     */
    public Node max(int... axes) {
        return of(new Ops.Max(axes.clone()), this);
    }

    /**
     * Minima along axes, which keep size 1. Of equal elements the first gets the gradient.
     *
     * @param axes from 0, or from -1 downwards; none stands for all of them
     * @return of this shape with size 1 along the axes
     * @throws IllegalArgumentException if an axis does not exist or is given twice
     */
    public Node min(int... axes) {
        return negate().max(axes).negate();
    }

    /**
     * Removes axes of size 1.
     *
     * @param axes from 0, or from -1 downwards
     * @return of this shape without the axes
     * @throws IllegalArgumentException if an axis does not exist, is given twice or has another size
     */
    public Node squeeze(int... axes) {
        return of(new Ops.Squeeze(axes.clone()), this);
    }

    /**
     * The same values with other dimensions.
     *
     * @param dims the new dimensions; one may be -1, for what is left
     * @return of that shape
     * @throws ShapeException if the number of elements differs
     */
    public Node reshape(int... dims) {
        return of(new Ops.Reshape(dims.clone()), this);
    }

    /**
     * The axes in another order.
     *
     * @param axes each axis once, from 0 or from -1 downwards
     * @return of the shape whose axis i is axis {@code axes[i]} of this one
     * @throws IllegalArgumentException if an axis is missing, given twice or does not exist
     */
    public Node permute(int... axes) {
        return of(new Ops.Permute(axes.clone()), this);
    }

    /**
     * A range along one axis.
     *
     * @param axis from 0, or from -1 downwards
     * @param from the first index
     * @param to one more than the last
     * @return of this shape with {@code to - from} along the axis
     * @throws IllegalArgumentException if {@code 0 <= from <= to <= dim(axis)} does not hold
     */
    public Node slice(int axis, int from, int to) {
        return of(new Ops.Slice(axis, from, to), this);
    }

    /**
     * Nodes side by side along one axis.
     *
     * @param axis from 0, or from -1 downwards
     * @param nodes one or more, alike in all other dimensions
     * @return of their shape with the sum of the sizes along the axis
     * @throws IllegalArgumentException if there is no node or no such axis
     * @throws ShapeException if another dimension differs
     */
    public static Node concat(int axis, Node... nodes) {
        if (nodes.length == 0) {
            throw new IllegalArgumentException("concat: there is nothing to put side by side; give at least one node");
        }
        return of(new Ops.Concat(axis), nodes.clone());
    }

    /**
     * Rows of this table by index, as of an embedding.
     *
     * @param indices whole numbers from 0 to the number of rows, less 1; of any shape; they get no gradient
     * @return of the shape of the indices, followed by that of a row
     */
    public Node rows(Node indices) {
        return of(new Ops.Rows(), this, indices);
    }

    /**
     * Scaled dot-product attention: of each head, {@code softmax(scale q k') v}.
     *
     * @param heads how the features are divided into heads, the scale, and whether it is causal
     * @param q the queries [batch x queries x heads * size]
     * @param k the keys [batch x keys x key heads * size]
     * @param v the values [batch x keys x key heads * value size]
     * @return [batch x queries x heads * value size]
     * @throws ShapeException if the shapes do not fit
     */
    public static Node attention(AttentionHeads heads, Node q, Node k, Node v) {
        return of(new Ops.Attention(Objects.requireNonNull(heads, "heads")), q, k, v);
    }

    /**
     * Scaled dot-product attention with a mask: of each head, {@code softmax(scale q k' + mask) v}.
     *
     * @param heads how the features are divided into heads, the scale, and whether it is causal
     * @param q the queries [batch x queries x heads * size]
     * @param k the keys [batch x keys x key heads * size]
     * @param v the values [batch x keys x key heads * value size]
     * @param mask of a shape that can be repeated to [batch x heads x queries x keys]. Minus infinity hides a key; when
     *     it is run, a mask that hides every key from a query is refused
     * @return [batch x queries x heads * value size]
     * @throws ShapeException if the shapes do not fit
     */
    public static Node attention(AttentionHeads heads, Node q, Node k, Node v, Node mask) {
        return of(new Ops.Attention(Objects.requireNonNull(heads, "heads")), q, k, v, mask);
    }

    /**
     * Runs a layer on this value. A layer that runs others lists them in {@link Layer#children()}.
     *
     * @param layer the layer
     * @return its output
     * @throws ShapeException if the layer cannot take this shape
     */
    public Node through(Layer layer) {
        return of(new Through(Objects.requireNonNull(layer, "layer")), this);
    }

    /** Such as {@code matmul [4 x 8]}. */
    @Override
    public String toString() {
        return (op == null ? parameter == null ? "node" : parameter.name() : op.name()) + " " + shape;
    }

    /** This value computed from other nodes in place of some. */
    Node replace(Map<Node, Node> others) {
        Map<Node, Node> now = new IdentityHashMap<>(others);
        for (Node node : Program.inOrder(List.of(this))) {
            if (now.containsKey(node)) {
                continue;
            }
            now.put(node, node.with(now));
        }
        return Objects.requireNonNull(now.get(this));
    }

    /** This operation on what replaces its inputs; all of them are among the others. */
    Node with(Map<Node, Node> others) {
        Node[] inputs = new Node[in.length];
        boolean changes = false;
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = Objects.requireNonNull(others.get(in[i]));
            changes |= inputs[i] != in[i];
        }
        return changes && op != null ? of(op, inputs) : this;
    }
}
