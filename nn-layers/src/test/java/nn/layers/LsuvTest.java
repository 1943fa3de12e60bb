package nn.layers;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import nn.fixtures.FunctionPass;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.dense.Dense;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.LastValidStep;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Stacked;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.linalg.Qr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LsuvTest {
    private static final int WIDTH = 64;
    private static final int BATCH = 512;
    private static final Tensor DATA = whitened();

    /** Rounding of a variance: twice that of a sum of WIDTH products. */
    private static final double ROUNDING = 2 * (WIDTH + 2) * 0x1p-24;

    /** Data that are centred, of unit variance and uncorrelated, up to rounding. */
    private static Tensor whitened() {
        Tensor x = Tensor.zeros(BATCH, WIDTH);
        Key.of(1).normal(x, 0, 1);
        for (int j = 0; j < WIDTH; j++) {
            double sum = 0;
            for (int i = 0; i < BATCH; i++) {
                sum += x.get(i, j);
            }
            for (int i = 0; i < BATCH; i++) {
                x.set((float) (x.get(i, j) - sum / BATCH), i, j);
            }
        }
        Tensor q = Qr.of(x).q();
        q.scaleInPlace((float) Math.sqrt(BATCH));
        return q;
    }

    private static Network chain(int layers, Nonlinearity f, Initializer weight) {
        Network.Builder builder = Network.builder(Key.of(2)).input(WIDTH);
        for (int i = 1; i <= layers; i++) {
            builder.dense("hidden" + i, WIDTH, weight).activation(f);
        }
        return builder.build();
    }

    /** Returns the variance of the output of each dense layer. */
    private static List<Double> variances(Network network, Tensor x) {
        List<Double> variances = new ArrayList<>();
        Tensor h = x;
        for (Layer layer : network.children().values()) {
            h = layer.forward(h, Context.inference()).output();
            if (layer instanceof Dense) {
                variances.add(h.variance());
            }
        }
        return variances;
    }

    static Stream<Nonlinearity> nonlinearities() {
        return Stream.of(
                Nonlinearity.TANH,
                Nonlinearity.SIGMOID,
                Nonlinearity.RELU,
                Nonlinearity.leakyRelu(0.1),
                Nonlinearity.GELU,
                Nonlinearity.of("sin", Math::sin, Math::cos));
    }

    @ParameterizedTest
    @MethodSource("nonlinearities")
    void tenLayersReachUnitVarianceWithOneScalingEachAndNoneForTheFirst(Nonlinearity f) {
        Network network = chain(10, f, Init.orthogonal());
        List<Lsuv.Scaled> report = Lsuv.standard().apply(network, DATA);
        List<String> paths = IntStream.rangeClosed(1, 10)
                .mapToObj(i -> "hidden" + i + ".weight")
                .toList();
        assertThat(report).extracting(Lsuv.Scaled::path).containsExactlyElementsOf(paths);
        assertThat(report).extracting(Lsuv.Scaled::times).containsExactly(0, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        assertThat(report).allMatch(Lsuv.Scaled::reached);
        assertThat(variances(network, DATA))
                .allSatisfy(variance -> assertThat(variance).isCloseTo(1, within(ROUNDING)));
    }

    @ParameterizedTest
    @MethodSource("nonlinearities")
    void applyingItTwiceIsTheSameAsApplyingItOnce(Nonlinearity f) {
        Network network = chain(4, f, Init.normal(3));
        Lsuv.standard().apply(network, DATA);
        List<Tensor> once =
                network.parameters().stream().map(p -> p.value().copy()).toList();
        assertThat(Lsuv.standard().apply(network, DATA)).allSatisfy(line -> {
            assertThat(line.times()).isZero();
            assertThat(line.factor()).isEqualTo(1);
            assertThat(line.after()).isEqualTo(line.before());
        });
        for (int i = 0; i < once.size(); i++) {
            assertThat(network.parameters().get(i).value()).isBitEqualTo(once.get(i));
        }
    }

    @Test
    void theReportHasFactorsAndVariances() {
        Network network = chain(2, Nonlinearity.RELU, Init.orthogonal(4));
        Tensor before = network.parametersByPath().get("hidden2.weight").value().copy();
        List<Double> variances = variances(network, DATA);
        List<Lsuv.Scaled> report = Lsuv.standard().apply(network, DATA);
        assertThat(report.getFirst().before()).isEqualTo(variances.getFirst()).isCloseTo(16, within(16 * ROUNDING));
        assertThat(report.getFirst().factor()).isCloseTo(0.25, within(ROUNDING / 4));
        // the second layer gets the output of the scaled first one
        assertThat(report.getLast().before())
                .isCloseTo(variances.getLast() / 16, within(variances.getLast() * ROUNDING));
        before.scaleInPlace((float) report.getLast().factor());
        assertThat(network.parametersByPath().get("hidden2.weight").value()).isBitEqualTo(before);
        assertThat(variances(network, DATA))
                .containsExactly(report.getFirst().after(), report.getLast().after());
    }

    @Test
    void randomBiasesTakeMoreScalings() {
        Network network = Network.builder(Key.of(2))
                .input(WIDTH)
                .dense("out", WIDTH, Init.normal(1), Init.normal(0.5))
                .build();
        List<Lsuv.Scaled> report = Lsuv.standard().apply(network, DATA);
        assertThat(report).singleElement().satisfies(line -> {
            assertThat(line.times()).isGreaterThan(1);
            assertThat(line.reached()).isTrue();
            assertThat(line.after()).isBetween(0.99, 1.01);
        });
        assertThat(new Lsuv(1e-9, 1)
                        .apply(chain(1, Nonlinearity.RELU, Init.normal(1)), DATA)
                        .getFirst()
                        .times())
                .isEqualTo(1);
    }

    @Test
    void weightsStayIfTheBiasesAloneGiveALargerVariance() {
        Dense dense = Dense.units(8).bias(Init.normal(2)).create(8, Key.of(3));
        Tensor before = dense.weight().value().copy();
        Tensor x = Tensor.zeros(256, 8);
        Key.of(4).normal(x, 0, 1);
        double least = dense.bias().orElseThrow().value().variance();
        assertThat(least).isGreaterThan(1);
        assertThat(Lsuv.standard().apply(dense, x)).singleElement().satisfies(line -> {
            assertThat(line.reached()).isFalse();
            assertThat(line.factor()).isEqualTo(1);
            assertThat(line.times()).isZero();
            assertThat(line.after()).isEqualTo(line.before());
            assertThat(line.reason())
                    .matches("cannot be reached: with weights of 0 the output has the variance"
                            + " [\\d.]+, from its biases alone; draw smaller ones");
        });
        assertThat(dense.weight().value()).isBitEqualTo(before);
    }

    @Test
    void weightsStayIfTheOutputIsBoundedToASmallerVariance() {
        Dense dense = Dense.of(8, 8, Key.of(3));
        Tensor before = dense.weight().value().copy();
        Layer bounded = new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(this, (x, context) -> {
                    Tensor y = dense.forward(x, context).output().map(v -> 1 / (1 + Math.exp(-v)));
                    return new FunctionPass.Result(y, (dy, into) -> x.copy());
                });
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }

            @Override
            public List<Parameter> parameters() {
                return dense.parameters();
            }
        };
        Tensor x = Tensor.zeros(256, 8);
        Key.of(4).normal(x, 0, 1);
        assertThat(new Lsuv(0.01, 30).apply(bounded, x)).singleElement().satisfies(line -> {
            assertThat(line.factor()).isEqualTo(1);
            assertThat(line.reason())
                    .startsWith(
                            "cannot be reached: the variance hardly changes with the weights, and" + " stays near 0.2");
        });
        assertThat(dense.weight().value()).isBitEqualTo(before);
    }

    @Test
    void dataWithoutRowsAreRefused() {
        Network network = chain(1, Nonlinearity.TANH, Init.orthogonal());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lsuv.standard().apply(network, Tensor.zeros(0, WIDTH)))
                .withMessage("LSUV: the data [0 x 64] has no elements, so no layer's output has a variance; give some"
                        + " hundred rows");
    }

    /** A container that runs its layer without the context. */
    private record Hiding(Layer inner) implements Layer {
        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                Pass pass = inner.newPass();
                return new FunctionPass.Result(pass.runIn(context, x), pass::pullback);
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return inner.outputShape(in);
        }

        @Override
        public SequencedMap<String, Layer> children() {
            SequencedMap<String, Layer> children = new LinkedHashMap<>();
            children.put("inner", inner);
            return children;
        }
    }

    @Test
    void nestedLayersAreScaledInTheOrderOfTheData() {
        Network network = Network.builder(Key.of(4))
                .input(WIDTH)
                .dense("stem", WIDTH, Init.normal(1))
                .tanh()
                .layer(
                        "block",
                        Residual.of(body -> body.dense("first", WIDTH).relu().dense("second", WIDTH, Init.normal(1))))
                .layer(
                        "nested",
                        Network.chain(body ->
                                body.dense("inner", WIDTH, Init.normal(1)).relu()))
                .dense("out", 10, Init.normal(1))
                .build();
        assertThat(Lsuv.standard().apply(network, DATA))
                .allMatch(Lsuv.Scaled::reached)
                .extracting(Lsuv.Scaled::path)
                .containsExactly(
                        "stem.weight",
                        "block.first.weight",
                        "block.second.weight",
                        "nested.inner.weight",
                        "out.weight");
        assertThat(network.predict(DATA).variance()).isCloseTo(1, within(0.01));
    }

    @Test
    void aContainerThatRunsItsLayersPastTheContextIsNamedAndNothingChanges() {
        Network network = Network.builder(Key.of(4))
                .input(WIDTH)
                .dense("stem", WIDTH, Init.normal(1))
                .tanh()
                .layer("block", new Hiding(Dense.of(WIDTH, WIDTH, Key.of(5))))
                .build();
        List<Tensor> before =
                network.parameters().stream().map(p -> p.value().copy()).toList();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lsuv.standard().apply(network, DATA))
                .withMessage(
                        "LSUV: no data reached the layer of 'block.inner.weight': the layer that contains it must run"
                                + " it by Context.run");
        for (int i = 0; i < before.size(); i++) {
            assertThat(network.parameters().get(i).value()).isBitEqualTo(before.get(i));
        }
    }

    @Test
    void aLayerUsedTwiceIsScaledOnceWhereItIsUsedFirst() {
        Dense shared = Dense.units(WIDTH).weight(Init.normal(1)).create(WIDTH, Key.of(5));
        Network network = Network.builder(Key.of(4))
                .input(WIDTH)
                .layer("once", shared)
                .tanh()
                .layer("again", shared)
                .build();
        assertThat(Lsuv.standard().apply(network, DATA))
                .singleElement()
                .satisfies(line -> assertThat(line.path()).isEqualTo("once.weight"));
        assertThat(variances(network, DATA).getFirst()).isCloseTo(1, within(0.01));
    }

    @Test
    void recurrentLayersAreNotScaled() {
        Network network = Network.builder(Key.of(4))
                .sequence(5)
                .rnn("state", 8)
                .layer("stack", Stacked.of(Lstm.units(6), Gru.units(7)))
                .layer("end", LastValidStep.of(Network.chain(body -> body.dense("inner", 4, Init.normal(1))), 0))
                .dense("out", 3, Init.normal(1))
                .build();
        Tensor before = network.parametersByPath().get("state.input").value().copy();
        Tensor x = Tensor.zeros(6, 10, 5);
        Key.of(6).normal(x, 0, 1);
        assertThat(Lsuv.standard().apply(network, x))
                .extracting(Lsuv.Scaled::path)
                .containsExactly("end.steps.inner.weight", "out.weight");
        assertThat(network.parametersByPath().get("state.input").value()).isBitEqualTo(before);
    }

    @Test
    void aSingleLayerIsScaled() {
        assertThat(Lsuv.standard().apply(Dense.of(WIDTH, 10, Key.of(1)), DATA))
                .singleElement()
                .satisfies(line -> assertThat(line.path()).isEqualTo("weight"));
    }

    @Test
    void aDeadLayerIsNamedAndTheWeightsAreRestored() {
        Network network = Network.builder(Key.of(2))
                .input(WIDTH)
                .dense("alive", WIDTH, Init.normal(1))
                .relu()
                .dense("dead", WIDTH, Init.zeros())
                .build();
        Tensor before = network.parametersByPath().get("alive.weight").value().copy();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lsuv.standard().apply(network, DATA))
                .withMessage("layer 'dead' (Dense 64 -> 64): LSUV: the output of the layer of 'dead.weight' has the"
                        + " variance 0.0 over the data; no factor makes that 1. A constant weight or a dead layer"
                        + " before does this");
        assertThat(network.parametersByPath().get("alive.weight").value()).isBitEqualTo(before);
    }

    @Test
    void badArgumentsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Lsuv(0, 1))
                .withMessage("LSUV: tolerance 0.0 must be above 0 and finite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Lsuv(Double.NaN, 1))
                .withMessageContaining("NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Lsuv(0.1, 0))
                .withMessage("LSUV: at most 0 scalings; there must be at least 1");
        Tensor bad = Tensor.full(Float.NaN, 2, WIDTH);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lsuv.standard().apply(chain(1, Nonlinearity.TANH, Init.orthogonal()), bad))
                .withMessage("LSUV: the data [2 x 64] has a value that is not finite");
    }

    @Test
    void weightsThatNeedAFactorBeyondAFloatAreScaledInTwoSteps() {
        Network network = chain(1, Nonlinearity.TANH, Init.normal(1e-40));
        Lsuv.Scaled scaled = Lsuv.standard().apply(network, DATA).getFirst();
        assertThat(scaled.reached()).isTrue();
        assertThat(scaled.before()).isZero(); // the output was rounded to zero
        assertThat(scaled.after()).isCloseTo(1, within(0.01));
        assertThat(scaled.factor()).isGreaterThan(Float.MAX_VALUE);
    }

    @Test
    void anErrorRestoresTheWeights() {
        Layer broken = new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(this, (x, context) -> {
                    throw new StackOverflowError("in a custom layer");
                });
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }
        };
        Network network = Network.builder(Key.of(2))
                .input(WIDTH)
                .dense("hidden", WIDTH, Init.normal(3))
                .layer("broken", broken)
                .build();
        Tensor before = network.parameter("hidden.weight").value().copy();
        assertThatThrownBy(() -> Lsuv.standard().apply(network, DATA)).isInstanceOf(StackOverflowError.class);
        assertThat(network.parameter("hidden.weight").value()).isBitEqualTo(before);
    }

    @Test
    void theBranchesOfAGraphAreScaledInTheOrderOfTheData() {
        Graph.Builder graph = Graph.builder(Key.of(2));
        Node x = graph.input("x", WIDTH);
        Node hidden = graph.layer("hidden", Dense.units(WIDTH).weight(Init.normal(3)), x)
                .relu();
        Node left = graph.chain(
                "left", hidden, n -> n.dense("a", WIDTH, Init.normal(3)).tanh().dense("b", WIDTH, Init.normal(3)));
        Layer shared = graph.make("shared", Dense.units(WIDTH).weight(Init.normal(3)), left);
        Graph model = graph.output("y", left.through(shared).plus(hidden.through(shared)))
                .build();
        List<Lsuv.Scaled> report = Lsuv.standard().apply(model, DATA);
        assertThat(report)
                .extracting(Lsuv.Scaled::path)
                .containsExactly("hidden.weight", "left.a.weight", "left.b.weight", "shared.weight");
        assertThat(report).allMatch(Lsuv.Scaled::reached);
        assertThat(Lsuv.standard().apply(model, DATA))
                .extracting(Lsuv.Scaled::times)
                .containsOnly(0);
    }
}
