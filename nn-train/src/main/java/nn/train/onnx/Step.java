package nn.train.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.Recurrent;
import nn.layers.attention.Rotary;
import nn.layers.graph.Node;
import nn.tensor.AttentionHeads;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One operation of a model that is read, in the terms of this library: a layer, or an operation of a {@link Node}.
 * Patterns are found among steps, and steps that no output needs are left out in the end.
 */
final class Step {
    /** What a step does. */
    sealed interface Kind {
        /** An input of the model. */
        record Input(String name) implements Kind {}

        /** Numbers of the file that stay as they are. */
        record Fixed(Tensor numbers) implements Kind {}

        /** A layer of one input. */
        record Made(Layer layer) implements Kind {}

        /** x W + b; the bias may be missing. */
        record Affine(Tensor weight, @Nullable Tensor bias) implements Kind {}

        /** A recurrent layer of one direction, with the values of its parameters. */
        record Cell(String type, Recurrent.Factory factory, Map<String, Tensor> values, boolean backwards)
                implements Kind {}

        /** The same elements in the shape of the step. */
        record Reshaped() implements Kind {}

        /** The axes in another order. */
        record Permuted(int... axes) implements Kind {}

        /** A nonlinearity of each element. */
        record Elementwise(Nonlinearity nonlinearity) implements Kind {}

        /** x times a number. */
        record Times(float factor) implements Kind {}

        /** x plus a number. */
        record Plus(float addend) implements Kind {}

        /** An operation of two inputs: {@code + - * /}, of which the smaller is repeated, or {@code @}, the product. */
        record Binary(char sign) implements Kind {}

        /** Each row divided by its root mean square, times a scale for each feature. */
        record RootMeanSquare(Tensor scale, double epsilon) implements Kind {}

        /** Each channel of each example normalized over its places, channels last. */
        record Instance(Tensor scale, Tensor bias, double epsilon) implements Kind {}

        /** The softmax of each row. */
        record Softmax() implements Kind {}

        /** Scores, with minus infinity where a query would see a later key. */
        record Causal() implements Kind {}

        /** Zeros around images or sequences, channels last, before and after each axis of places. */
        record Padded(int[] before, int[] after) implements Kind {}

        /** A part along an axis. */
        record Sliced(int axis, int from, int to) implements Kind {}

        /** The inputs side by side along an axis. */
        record Concatenated(int axis) implements Kind {}

        /** Sines or cosines of angles that grow with the position, for as many positions as there are. */
        record Waves(Meaning.Wave wave) implements Kind {}

        /**
         * Queries or keys [batch x time x heads * size] with rotary positions.
         *
         * @param plain computes the same by other steps
         */
        record Rotated(Rotary rotary, int heads, Step plain) implements Kind {}

        /** The first step of sequences [time x batch x ...]. */
        record FirstStep() implements Kind {}

        /** The last step of sequences [time x batch x ...]. */
        record LastStep() implements Kind {}

        /** The mean along the last axis, which keeps a size of 1. */
        record RowMean() implements Kind {}

        /** The square root. */
        record Sqrt() implements Kind {}

        /** The first rows and columns of a mask, as many as the step has. */
        record Corner(Tensor mask) implements Kind {}

        /**
         * The attention of heads to queries, keys and values.
         *
         * @param isCorner whether only the first rows and columns of the mask are added, as many as there are positions
         */
        record Heads(AttentionHeads heads, @Nullable Tensor mask, boolean isCorner) implements Kind {}

        /**
         * Any other operation.
         *
         * @param label for names
         * @param operation on the inputs
         * @param axis the output's axis that counts the examples, for that of the input; -1 if there is none
         */
        record Computed(String label, Function<Node[], Node> operation, IntUnaryOperator axis) implements Kind {}
    }

    final String title; // of the node, for messages
    final String hint; // for the name of a layer; may be empty
    final int[] dims; // of the result; negative for sizes that differ from run to run, each with its own number
    Kind kind;
    List<Step> in;

    Step(String title, String hint, Kind kind, int[] dims, List<Step> in) {
        this.title = title;
        this.hint = hint;
        this.kind = kind;
        this.dims = dims;
        this.in = in;
    }

    int rank() {
        return dims.length;
    }

    Shape shape() {
        return Shape.of(Arrays.stream(dims).map(d -> Math.max(d, Shape.ANY)).toArray());
    }

    boolean isFixed() {
        return kind instanceof Kind.Fixed;
    }

    /** Such as {@code MatMul 'head/MatMul' [? x 10]}. */
    @Override
    public String toString() {
        return title + " " + shape();
    }
}
