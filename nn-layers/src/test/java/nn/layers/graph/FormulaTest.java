package nn.layers.graph;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import nn.golden.Golden;
import nn.init.Fans;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.activation.Softmax;
import nn.layers.convolution.Convolution;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.regularization.Dropout;
import nn.layers.testing.GradientCheck;
import nn.layers.testing.LayerContract;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.Windows;
import nn.tensor.Windows.Axis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FormulaTest {
    private static final Golden OPS = Golden.load("ops.safetensors");
    private static final Key KEY = Key.of(5);

    private static Tensor numbers(int... dims) {
        Tensor t = Tensor.zeros(dims);
        KEY.child("x").normal(t, 0, 1);
        return t;
    }

    private static Parameter parameter(String name, int... dims) {
        return Parameter.create(
                name,
                Parameter.Kind.WEIGHT,
                Shape.of(dims),
                Fans.dense(dims[0], dims[dims.length - 1]),
                Init.normal(0.5),
                KEY.child(name));
    }

    /** A formula with some parameters. */
    private static Layer layer(UnaryOperator<Node> formula, Parameter... parameters) {
        return new Formula() {
            @Override
            protected Node forward(Node x) {
                return formula.apply(x);
            }

            @Override
            public List<Parameter> parameters() {
                return List.of(parameters);
            }

            @Override
            public String toString() {
                return "formula";
            }
        };
    }

    private static final Windows WINDOWS = new Windows(new Axis(2, 1, 1, 0, 1), new Axis(3, 2, 1, 1, 1));

    private static Arguments operation(String name, UnaryOperator<Node> formula, Tensor x, Parameter... parameters) {
        return Arguments.of(name, layer(formula, parameters), x);
    }

    static Stream<Arguments> operations() {
        Tensor x = numbers(4, 3);
        Tensor positive = x.exp();
        Tensor images = numbers(2, 3, 4, 5);
        Parameter row = parameter("row", 3);
        Parameter column = parameter("column", 1, 1);
        Parameter weight = parameter("weight", 3, 2);
        Parameter wide = parameter("wide", 2, 3);
        Parameter channels = parameter("channels", 5);
        Parameter planes = parameter("planes", 3, 1, 5);
        Parameter kernel = parameter("kernel", 2, 3, 5, 2);
        Parameter groups = parameter("groups", 2, 3, 1, 10);
        Parameter square = parameter("square", 1, 1, 5, 5);
        Parameter table = parameter("table", 6, 2);
        Tensor indices = Tensor.of(new float[] {1, 5, 1, 0}, 4, 1);
        return Stream.of(
                operation("plus a row", n -> n.plus(row), x, row),
                operation("plus itself", n -> n.plus(n), x),
                operation("a row plus", n -> Node.of(row).plus(n), x, row),
                operation("plus a number", n -> n.plus(3).times(2), x),
                operation("minus a row", n -> n.minus(Node.of(row)), x, row),
                operation("a row minus", n -> Node.of(row).minus(n), x, row),
                operation("minus", n -> n.minus(n.times(0.5)), x),
                operation("times a row", n -> n.times(row), x, row),
                operation("times one number", n -> n.times(column), x, column),
                operation("square", Node::square, x),
                operation("cube", n -> n.times(n).times(n), x),
                operation("divided by a row", n -> n.dividedBy(Node.of(row).exp()), x, row),
                operation("a row divided by", n -> Node.of(row).dividedBy(n), positive, row),
                operation("divided by", n -> n.times(n).dividedBy(n.plus(1)), positive),
                operation("negate", Node::negate, x),
                operation("matmul", n -> n.matmul(weight), x, weight),
                operation("matmul, right transposed", n -> n.matmul(Node.of(wide), Transposed.RIGHT), x, wide),
                operation("dense", n -> n.matmul(weight).plus(parameterOf(weight, 2)), x, weight),
                operation("matmul by itself, left transposed", n -> n.matmul(n, Transposed.LEFT), x),
                operation("matmul by itself, right transposed", n -> n.matmul(n, Transposed.RIGHT), x),
                operation("matmul twice", n -> n.matmul(weight).matmul(wide), x, weight, wide),
                operation(
                        "one weight twice",
                        n -> n.matmul(weight).tanh().matmul(Node.of(weight), Transposed.RIGHT),
                        x,
                        weight),
                operation(
                        "matrices side by side",
                        n -> n.matmul(n, Transposed.RIGHT).matmul(n),
                        images),
                operation("matrices side by side, left", n -> n.matmul(n, Transposed.LEFT), images),
                operation("convolution", n -> n.convolution(kernel, WINDOWS), images, kernel),
                operation("convolution in groups", n -> n.convolution(groups, WINDOWS), images, groups),
                operation(
                        "a kernel used twice",
                        n -> n.convolution(square, new Windows(Axis.of(1), Axis.of(1)))
                                .tanh()
                                .convolution(square, new Windows(Axis.of(1), Axis.of(1))),
                        images,
                        square),
                operation("softmax", Node::softmax, images),
                operation("softmax along another axis", n -> n.permute(0, 2, 1).softmax(), numbers(2, 3, 4)),
                operation("logSoftmax", Node::logSoftmax, images),
                operation("clip", n -> n.times(3).clip(-100, 100).plus(n.clip(99, 100)), x),
                operation("min", n -> n.min(1), images),
                operation("tanh", Node::tanh, x),
                operation("sigmoid", Node::sigmoid, x),
                operation("gelu", n -> n.apply(Nonlinearity.GELU), x),
                operation("exp", Node::exp, x),
                operation("log", Node::log, positive),
                operation("sqrt", Node::sqrt, positive),
                operation("sum", n -> n.sum(-1), images),
                operation("sum of all", Node::sum, x),
                operation("sum along two axes", n -> n.sum(1, 2).times(n), images),
                operation("mean", n -> n.minus(n.mean(1, -1)), images),
                operation("max", n -> n.max(1), images),
                operation("max of all", n -> n.minus(n.max()), x),
                operation("squeeze", n -> n.sum(1).squeeze(1), images),
                operation("reshape", n -> n.reshape(-1, 20).tanh().reshape(2, 3, 20), images),
                operation("permute", n -> n.permute(0, 3, 1, 2).plus(n.permute(0, 3, 1, 2)), images),
                operation("slice", n -> n.slice(1, 1, 3).times(n.slice(1, 0, 2)), images),
                operation(
                        "slices", n -> n.slice(-1, 1, 2).plus(n.slice(-1, 3, 4)).plus(n.slice(-1, 1, 2)), images),
                operation("concat", n -> Node.concat(2, n, n.tanh(), n.slice(2, 0, 1)), images),
                operation("channels", n -> n.times(channels).plus(planes), images, channels, planes),
                operation(
                        "rows",
                        n -> Node.of(table)
                                .rows(Node.of(indices))
                                .sum(1)
                                .squeeze(1)
                                .sum(0)
                                .plus(n.slice(-1, 0, 2)),
                        x,
                        table),
                operation(
                        "a parameter reshaped",
                        n -> n.matmul(Node.of(weight).reshape(2, 3).permute(1, 0)),
                        x,
                        weight),
                operation("the input itself", n -> n, x),
                operation("without the input", n -> Node.of(numbers(4, 3)).times(row), x, row),
                operation(
                        "a value used three times",
                        n -> {
                            Node t = n.matmul(weight);
                            return t.plus(t.tanh()).times(t);
                        },
                        x,
                        weight));
    }

    private static Node parameterOf(Parameter weight, int n) {
        return Node.of(weight).slice(0, 0, 1).reshape(n);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void theGradientOfEachOperationIsTheSlopeOfItsOutput(String name, Layer layer, Tensor x) {
        GradientCheck.standard().check(layer, x).throwIfFailed();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void eachOperationKeepsTheContractOfLayers(String name, Layer layer, Tensor x) {
        LayerContract.standard().withoutRows().check(layer, x).throwIfFailed();
    }

    @Test
    void aDenseLayerByFormulaHasTheBitsOfDense() {
        Dense dense = Dense.units(7).create(5, KEY);
        Layer formula = layer(
                x -> x.matmul(dense.weight()).plus(dense.bias().orElseThrow()),
                dense.weight(),
                dense.bias().orElseThrow());
        sameBits(dense, formula, numbers(9, 5));
        sameBits(dense, formula, numbers(3, 4, 5));
    }

    @Test
    void aConvolutionByFormulaHasTheBitsOfConvolution() {
        Convolution convolution = Convolution.channels(6)
                .kernel(3, 3)
                .stride(2, 2)
                .padding(1)
                .withoutBias()
                .create(Shape.of(Shape.ANY, 7, 8, 4), KEY);
        Axis axis = new Axis(3, 2, 1, 1, 1);
        Layer formula = layer(x -> x.convolution(convolution.weight(), new Windows(axis, axis)), convolution.weight());
        sameBits(convolution, formula, numbers(3, 7, 8, 4));
    }

    @Test
    void softmaxByFormulaHasTheBitsOfSoftmax() {
        sameBits(new Softmax(), layer(Node::softmax), numbers(9, 70));
    }

    @Test
    void clipByFormulaHasTheBitsOfItsKernel() {
        Tensor x = numbers(9, 7);
        x.scaleInPlace(3);
        Pass pass = layer(n -> n.clip(-1, 2)).forward(x, Context.training(KEY));
        Tensor expected = Tensor.zeros(x.shape());
        x.clampInto(-1, 2, expected);
        assertThat(pass.output()).isBitEqualTo(expected);
        x.clampGradInto(-1, 2, x, expected);
        assertThat(pass.pullback(x, new Gradients(List.<Parameter>of()))).isBitEqualTo(expected);
        assertThatIllegalArgumentException().isThrownBy(() -> Node.of(x).clip(2, 1));
    }

    static List<String> logSoftmaxes() {
        return OPS.cases("log_softmax/");
    }

    @ParameterizedTest
    @MethodSource("logSoftmaxes")
    void logSoftmaxAgreesWithPyTorch(String name) {
        Pass pass = layer(Node::logSoftmax).forward(OPS.tensor(name, "in/x"), Context.training(KEY));
        OPS.assertEntries(name, "out/y", pass.output(), OPS.atLeastOne(name, "out/y"));
        if (OPS.has(name, "in/cotangent_y")) {
            Gradients none = new Gradients(List.<Parameter>of());
            OPS.assertClose(name, "grad/x", pass.pullback(OPS.tensor(name, "in/cotangent_y"), none));
        }
    }

    private static void sameBits(Layer one, Layer other, Tensor x) {
        Pass a = one.forward(x, Context.training(KEY));
        Pass b = other.forward(x, Context.training(KEY));
        assertThat(b.output()).isBitEqualTo(a.output());
        Tensor dy = Tensor.zeros(a.output().shape());
        KEY.child("dy").normal(dy, 0, 1);
        Gradients ofA = new Gradients(one);
        Gradients ofB = new Gradients(other);
        assertThat(b.pullback(dy, ofB)).isBitEqualTo(a.pullback(dy, ofA));
        for (Parameter p : ofA.parameters()) {
            assertThat(ofB.of(p)).isBitEqualTo(ofA.of(p));
        }
    }

    @Test
    void aFormulaMayLoopOverTimeSteps() {
        Parameter u = parameter("u", 3, 3);
        Layer recurrent = layer(
                x -> {
                    Node h = Node.of(Tensor.zeros(2, 3));
                    Node[] states = new Node[Math.max(1, x.shape().dim(0))];
                    for (int t = 0; t < states.length; t++) {
                        h = x.slice(0, t, t + 1).reshape(2, 3).plus(h.matmul(u)).tanh();
                        states[t] = h.reshape(1, 2, 3);
                    }
                    return Node.concat(0, states);
                },
                u);
        GradientCheck.standard().check(recurrent, numbers(6, 2, 3)).throwIfFailed();
    }

    @Test
    void aThousandOperationsDeepNeedsNoDeepStack() throws InterruptedException {
        Layer deep = layer(x -> {
            Node y = x;
            for (int i = 0; i < 20_000; i++) {
                y = y.plus(x);
            }
            return y;
        });
        Tensor[] dx = new Tensor[1];
        Thread small = new Thread(
                null,
                () -> {
                    Pass pass = deep.forward(Tensor.full(1, 1), Context.training(KEY));
                    dx[0] = pass.pullback(Tensor.full(1, 1), new Gradients(deep));
                },
                "small",
                1 << 17);
        small.start();
        small.join();
        assertThat(dx[0].toArray()).containsExactly(20_001f);
    }

    @Test
    void layersInsideDrawAndTrainAsElsewhere() {
        Layer dropout = new Dropout(0.5, KEY.child("dropout"));
        Layer formula = new Formula() {
            @Override
            protected Node forward(Node x) {
                return x.through(dropout).plus(x.through(dropout));
            }

            @Override
            public SequencedMap<String, Layer> children() {
                return new TreeMap<>(java.util.Map.of("dropout", dropout));
            }
        };
        Tensor y = formula.forward(Tensor.full(1, 200), Context.training(KEY)).output();
        assertThat(y.toArray()).contains(0f, 2f, 4f); // other draws in both places
        LayerContract.standard().withoutRows().check(formula, numbers(4, 3)).throwIfFailed();
    }

    @Test
    void aNetworkTakesAFormulaByItsShape() {
        Network network = Network.builder(KEY)
                .input(6)
                .layer("gate", Formula.of("gate", x -> x.times(x.sigmoid())))
                .dense("out", 2)
                .build();
        assertThat(network.outputShape(Shape.of(Shape.ANY, 6))).isEqualTo(Shape.of(Shape.ANY, 2));
        assertThat(network.summary()).contains("gate");
    }

    @Test
    void shapesThatDoNotFitAreRefusedByTheOperation() {
        Node x = Node.of(numbers(4, 3));
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> x.plus(Node.of(numbers(4))))
                .withMessage("plus: shapes [4 x 3] and [4] do not fit: counted from the last axis, their sizes must be"
                        + " equal, or those of one of them 1 or missing; give both layers the same number of"
                        + " features, reshape one, or put them side by side by Node.concat");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Node.of(numbers(4, 1)).times(Node.of(numbers(4))));
        assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> x.matmul(x));
        assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> x.reshape(5, -1));
        assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> x.reshape(5, 3));
        assertThatIllegalArgumentException().isThrownBy(() -> x.reshape(-1, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> x.slice(1, 2, 4));
        assertThatIllegalArgumentException().isThrownBy(() -> x.squeeze(0));
        assertThatIllegalArgumentException().isThrownBy(() -> x.sum(0, -2));
        assertThatIllegalArgumentException().isThrownBy(() -> Node.concat(0));
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Node.concat(0, x, Node.of(numbers(4, 2))))
                .withMessage("concat along axis 0: shapes [4 x 3] and [4 x 2] must be equal along all other axes; join"
                        + " them along an axis where they differ, or reshape one");
    }
}
