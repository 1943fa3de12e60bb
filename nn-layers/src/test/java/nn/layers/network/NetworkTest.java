package nn.layers.network;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import nn.fixtures.FunctionPass;
import nn.fixtures.OwnRelu;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Gain;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.activation.Activation;
import nn.layers.dense.Dense;
import nn.layers.normalization.BatchNorm;
import nn.layers.normalization.LayerNorm;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.layers.recurrent.Stacked;
import nn.layers.regularization.Dropout;
import nn.layers.shape.Flatten;
import nn.layers.shape.Reshape;
import nn.layers.testing.GradientCheck;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class NetworkTest {
    private static final Key KEY = Key.of(42);

    private static Network small() {
        return Network.builder(KEY)
                .input(64)
                .dense("hidden1", 128)
                .relu()
                .dense("hidden2", 32)
                .tanh()
                .dense("out", 10)
                .build();
    }

    private static Tensor weight(Network network, String path) {
        return network.parametersByPath().get(path).value();
    }

    @Test
    void parametersHavePaths() {
        Network network = small();
        assertThat(network.parametersByPath().keySet())
                .containsExactly(
                        "hidden1.weight", "hidden1.bias", "hidden2.weight", "hidden2.bias", "out.weight", "out.bias");
        assertThat(network.parameters())
                .containsExactlyElementsOf(network.parametersByPath().values());
        assertThat(network.children().keySet()).containsExactly("hidden1", "relu2", "hidden2", "tanh4", "out");
        assertThat(network.inputShape()).isEqualTo(Shape.of(Shape.ANY, 64));
        assertThat(network.outputShape(Shape.of(7, 64))).isEqualTo(Shape.of(7, 10));
        assertThat(weight(network, "hidden1.weight"))
                .isBitEqualTo(Dense.units(128)
                        .weight(Init.heNormal())
                        .create(64, KEY.child("hidden1"))
                        .weight()
                        .value());
    }

    @Test
    void anUnknownLayerOrParameterIsRefusedWithTheExistingNames() {
        Network network = Network.builder(Key.of(1))
                .input(3)
                .dense("hidden", 4)
                .tanh()
                .dense("out", 2)
                .build();
        assertThat(network.child("out")).isSameAs(network.children().get("out"));
        assertThat(network.parameter("out.bias"))
                .isSameAs(network.parametersByPath().get("out.bias"));
        assertThatThrownBy(() -> network.child("hiden"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no layer is called 'hiden'; there are hidden, tanh2, out");
        assertThatThrownBy(() -> network.parameter("hidden.weights"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no parameter is called 'hidden.weights'; there are hidden.weight, hidden.bias, out.weight,"
                        + " out.bias");
        assertThatThrownBy(() -> network.child("out").child("x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no layer is called 'x'; there are none");
        Network.Builder many = Network.builder(Key.of(1)).input(2);
        for (int i = 0; i < 25; i++) {
            many.dense("layer" + i, 2);
        }
        Network deep = many.build();
        assertThatThrownBy(() -> deep.child("layer25"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("layer18, layer19 and 5 more");
    }

    @Test
    void aParameterKnowsHowItsInitialValuesWereDrawn() {
        small().parametersByPath().forEach((path, parameter) -> {
            String[] names = path.split("\\.");
            assertThat(parameter.key()).isEqualTo(KEY.child(names[0]).child(names[1]));
            Tensor again = Tensor.zeros(parameter.value().shape());
            parameter.initializer().fill(again, parameter.fans(), parameter.key());
            assertThat(again).as(path).isBitEqualTo(parameter.value());
        });
    }

    @Test
    void insertingOrReorderingLayersChangesNoOtherWeights() {
        Network network = small();
        Network changed = Network.builder(KEY)
                .input(64)
                .tanh()
                .dense("wide", 64)
                .relu()
                .dense("hidden1", 128)
                .relu()
                .layer("own", (in, key) -> Dense.of(in.dim(-1), 128, key))
                .tanh()
                .dense("hidden2", 32)
                .dense("out", 10)
                .build();
        for (String path : List.of("hidden1.weight", "hidden2.weight", "out.weight")) {
            assertThat(weight(changed, path)).as(path).isBitEqualTo(weight(network, path));
        }
        Network reordered =
                Network.builder(KEY).input(8).dense("b", 8).dense("a", 8).build();
        Network ordered =
                Network.builder(KEY).input(8).dense("a", 8).dense("b", 8).build();
        assertThat(weight(reordered, "a.weight")).isBitEqualTo(weight(ordered, "a.weight"));
        assertThat(weight(reordered, "b.weight")).isBitEqualTo(weight(ordered, "b.weight"));
        assertThat(weight(ordered, "a.weight")).isNotBitEqualTo(weight(ordered, "b.weight"));
    }

    @Test
    void aDenseLayerTakesTheInitializerThatSuitsTheNextNonlinearity() {
        Initializer own = Init.orthogonal();
        Network network = Network.builder(KEY)
                .input(8)
                .dense("relu", 8)
                .relu()
                .dense("leaky", 8)
                .activation(Nonlinearity.leakyRelu(0.2))
                .dense("tanh", 8)
                .tanh()
                .dense("sigmoid", 8)
                .activation(Nonlinearity.SIGMOID)
                .dense("gelu", 8)
                .activation(Nonlinearity.GELU)
                .dense("linear", 8)
                .activation(Nonlinearity.LINEAR)
                .dense("custom", 8)
                .activation(Nonlinearity.of("relu", z -> z, z -> 1))
                .dense("own", 8, own)
                .relu()
                .dense("premade", 8)
                .layer("act", Activation.RELU)
                .dense("dense", 8)
                .dense("end", 8)
                .build();
        assertThat(scheme(network, "relu")).isEqualTo(Init.heNormal());
        assertThat(scheme(network, "leaky")).isEqualTo(Init.heNormal(0.2));
        assertThat(scheme(network, "own")).isEqualTo(own);
        assertThat(scheme(network, "premade")).isEqualTo(Init.heNormal());
        assertThat(scheme(network, "sigmoid")).isEqualTo(new VarianceScaling(4, Fan.IN, Distribution.NORMAL));
        assertThat(scheme(network, "gelu"))
                .isEqualTo(new VarianceScaling(Gain.secondMoment(Nonlinearity.GELU), Fan.IN, Distribution.NORMAL));
        for (String name : List.of("tanh", "linear", "custom", "dense", "end")) {
            assertThat(scheme(network, name)).as(name).isEqualTo(Init.xavierUniform());
        }
    }

    private static Initializer scheme(Network network, String name) {
        return network.parametersByPath().get(name + ".weight").initializer();
    }

    @Test
    void layersThatDoNotFitTogetherAreBothNamed() {
        Network.Builder builder =
                Network.builder(KEY).input(10).dense("fc1", 8).relu().layer("fc2", Dense.of(9, 3, KEY));
        assertThatThrownBy(builder::build)
                .isInstanceOfSatisfying(ShapeException.class, e -> {
                    assertThat(e.expected()).isEqualTo("[batch x 9]");
                    assertThat(e.actual()).isEqualTo(Shape.of(Shape.ANY, 8));
                })
                .hasMessage("layer 'fc2' (Dense 9 -> 3): expected [batch x 9], got [? x 8]. The layer before, 'fc1'"
                        + " (Dense 10 -> 8), gives 8 features: declare fc2 with 8 inputs or fc1 with 9 units");
    }

    @Test
    void aFirstLayerThatDoesNotFitIsNamedWithTheInput() {
        Network.Builder builder = Network.builder(KEY).input(10).layer("fc1", Dense.of(9, 3, KEY));
        assertThatThrownBy(builder::build)
                .isInstanceOf(ShapeException.class)
                .hasMessage("layer 'fc1' (Dense 9 -> 3): expected [batch x 9], got [? x 10]. The network's input is"
                        + " [? x 10]: declare fc1 with 10 inputs or the input with 9 features");
    }

    @Test
    void aSequenceThatEndsTooEarlyIsNamed() {
        Network.Builder builder = Network.builder(KEY)
                .sequence(8)
                .layer("rnn1", Rnn.units(6).last())
                .layer("rnn2", Rnn.units(6).create(6, KEY));
        assertThatThrownBy(builder::build)
                .isInstanceOf(ShapeException.class)
                .hasMessage("layer 'rnn2' (Rnn 6 -> 6 (tanh)): expected [time x batch x 6], got [? x 6]. The layer"
                        + " before, 'rnn1' (Rnn 8 -> 6 (tanh)), gives [? x 6]");
    }

    @Test
    void anInputOfAnotherShapeIsRefused() {
        assertThatThrownBy(() -> small().predict(Tensor.zeros(4, 63)))
                .isInstanceOfSatisfying(
                        ShapeException.class, e -> assertThat(e.actual()).isEqualTo(Shape.of(4, 63)))
                .hasMessage("input of the network: expected [? x 64], got [4 x 63]. The first layer is 'hidden1'"
                        + " (Dense 64 -> 128)");
        assertThatThrownBy(() -> small().outputShape(Shape.of(64))).isInstanceOf(ShapeException.class);
    }

    @Test
    void aLayerThatFailsAtRunTimeIsNamed() {
        Network network = Network.builder(KEY)
                .sequence(8)
                .layer("rnn", Rnn.units(6).last())
                .build();
        assertThatThrownBy(() -> network.predict(Tensor.zeros(0, 3, 8)))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("layer 'rnn' (Rnn 8 -> 6 (tanh)): a sequence of no steps has no last state");
    }

    @Test
    void aLayerWhoseOutputIsTooLargeIsNamed() {
        Network network = Network.builder(KEY)
                .input(1)
                .dense("wide", 60_000, Init.zeros())
                .build();
        assertThatThrownBy(() -> network.predict(Tensor.zeros(60_000, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "layer 'wide' (Dense 1 -> 60000), given [60000 x 1]: shape [60000 x 60000] has 3.600e+09"
                                + " elements");
    }

    @Test
    void badNamesAreRefused() {
        assertName("", "layer name '' is empty");
        assertName("a.b", "layer name 'a.b' has a dot");
        assertThatThrownBy(() -> Network.builder(KEY)
                        .input(4)
                        .dense("a", 3)
                        .dense("a", 3)
                        .build())
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("layer name 'a' was used before");
    }

    private static void assertName(String name, String message) {
        assertThatThrownBy(() -> Network.builder(KEY).input(4).dense(name, 3).build())
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void aGivenNameWinsOverAnAutomaticOne() {
        Network network = Network.builder(KEY)
                .input(4)
                .dense("a", 3)
                .relu()
                .dense("relu2", 3)
                .build();
        assertThat(network.children().keySet()).containsExactly("a", "relu2_", "relu2");
    }

    /** relu1 as the second layer and relu as the twelfth would both be called relu12. */
    @Test
    void automaticNamesThatMeetAreToldApart() {
        Nonlinearity plus = Nonlinearity.of("relu1", z -> z + 100, z -> 1);
        Network.Builder builder = Network.builder(KEY).input(1).tanh().activation(plus);
        for (int place = 3; place <= 11; place++) {
            builder.layer("same" + place, new Residual(zero()));
        }
        Network network = builder.relu().build();
        assertThat(network.children()).hasSize(12);
        assertThat(network.children().keySet()).contains("relu12", "relu12_");
        assertThat(network.predict(Tensor.zeros(1, 1)).get(0, 0)).isEqualTo(100);
    }

    private static Network zero() {
        return Network.builder(KEY).input(1).dense("zero", 1, Init.zeros()).build();
    }

    @Test
    void aLayerWhoseTextHasSeveralLinesHasOneInTheSummary() {
        Layer layer = new Layer() {
            @Override
            public Pass newPass() {
                return Activation.RELU.newPass();
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }

            @Override
            public String toString() {
                return "first\nsecond";
            }
        };
        assertThat(Network.builder(KEY).input(3).layer("own", layer).build().summary())
                .contains("own                first second             [? x 3]");
    }

    @Test
    void aMissingInputOrLayerIsNamed() {
        assertThatThrownBy(() -> Network.builder(KEY).dense("a", 3).build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("input");
        assertThatThrownBy(() -> Network.builder(KEY).input(4).build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("layer");
        assertThatThrownBy(() -> Network.builder(KEY)
                        .input(4)
                        .layer("own", (in, key) -> null)
                        .build())
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("'own'");
        assertThatThrownBy(() -> Network.builder(KEY)
                        .input(Shape.of(4, Shape.ANY))
                        .dense("a", 3)
                        .build())
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "layer 'a': Dense: expected [... x inputs] with a known number of inputs, got [4 x ?]");
    }

    @Test
    void aLayerUsedTwiceHasItsParametersOnce() {
        Dense tied = Dense.of(5, 5, KEY.child("tied"));
        Network network = Network.builder(KEY)
                .input(5)
                .layer("first", tied)
                .tanh()
                .layer("second", tied)
                .build();
        assertThat(network.parametersByPath().keySet()).containsExactly("first.weight", "first.bias");
        GradientCheck.standard().check(network, normal("x", 3, 5)).throwIfFailed();

        // The gradient is the sum of the gradients of two untied layers with the same values.
        Dense copy = Dense.of(5, 5, KEY.child("tied"));
        Network untied = Network.builder(KEY)
                .input(5)
                .layer("first", tied)
                .tanh()
                .layer("second", copy)
                .build();
        Tensor x = normal("x", 3, 5);
        Gradients together = gradients(network, x);
        Gradients apart = gradients(untied, x);
        Tensor sum = apart.of(tied.weight()).add(apart.of(copy.weight()));
        assertThat(together.of(tied.weight()).subtract(sum).maxAbs()).isLessThan(1e-5f);
    }

    private static Gradients gradients(Network network, Tensor x) {
        Gradients gradients = new Gradients(network.parameters());
        Pass pass = network.forward(x, Context.inference());
        pass.pullback(pass.output(), gradients);
        return gradients;
    }

    @Test
    void aNetworkIsALayer() {
        Network outer = Network.builder(KEY)
                .input(4)
                .layer(
                        "encoder",
                        (in, key) -> Network.builder(key)
                                .input(in)
                                .dense("hidden", 3)
                                .tanh()
                                .build())
                .dense("out", 2)
                .build();
        assertThat(outer.parametersByPath().keySet())
                .containsExactly("encoder.hidden.weight", "encoder.hidden.bias", "out.weight", "out.bias");
        assertThat(weight(outer, "encoder.hidden.weight"))
                .isBitEqualTo(Dense.of(4, 3, KEY.child("encoder").child("hidden"))
                        .weight()
                        .value());
        GradientCheck.standard().check(outer, normal("x", 3, 4)).throwIfFailed();
    }

    @Test
    void theSummaryFitsEightyColumnsAndNamesSchemes() {
        Dense tied = Dense.of(10, 10, KEY);
        Network network = Network.builder(KEY)
                .input(64)
                .dense("hidden1", 128)
                .relu()
                .dense("a_name_that_is_longer_than_its_column", 10, (out, fans, key) -> out.fill(1))
                .layer("tied", tied)
                .layer("again", tied)
                .layer("own", new Layer() {
                    @Override
                    public Pass newPass() {
                        return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(x, (dy, into) -> dy));
                    }

                    @Override
                    public Shape outputShape(Shape in) {
                        return in;
                    }
                })
                .build();
        assertThat(network.summary()).isEqualTo("""
            name                                  layer           output          parameters
                                                  input           [? x 64]
            hidden1                               Dense 64 -> 128 [? x 128]            8,320
              .weight                             [64 x 128]      he normal
              .bias                               [128]           zeros
            relu2                                 relu            [? x 128]                0
            a_name_that_is_longer_than_its_column Dense 128 -> 10 [? x 10]             1,290
              .weight                             [128 x 10]      a lambda
              .bias                               [10]            zeros
            tied                                  Dense 10 -> 10  [? x 10]               110
              .weight                             [10 x 10]       xavier uniform
              .bias                               [10]            zeros
            again                                 Dense 10 -> 10  [? x 10]                 0
              .weight                             [10 x 10]       shared, see tied.weight
              .bias                               [10]            shared, see tied.bias
            own                                   anonymous       [? x 10]                 0
            9,720 parameters, 38,880 bytes
            """);
        assertThat(network.summary().lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void aSummaryOfNestedLayersCutsNoPath() {
        Network network = Network.builder(KEY)
                .sequence(3)
                .layer("reader", Bidirectional.of(Stacked.of(Lstm.units(2), Gru.units(2))))
                .build();
        network.parametersByPath()
                .keySet()
                .forEach(path -> assertThat(network.summary())
                        .containsPattern(" " + path.substring("reader".length()) + " +\\["));
    }

    @Test
    void aSummaryOfAnOrdinaryNetworkHasItsUsualColumns() {
        assertThat(Network.builder(KEY)
                        .input(64)
                        .dense("hidden1", 128)
                        .relu()
                        .build()
                        .summary())
                .isEqualTo("""
                    name               layer                    output                    parameters
                                       input                    [? x 64]
                    hidden1            Dense 64 -> 128          [? x 128]                      8,320
                      .weight          [64 x 128]               he normal
                      .bias            [128]                    zeros
                    relu2              relu                     [? x 128]                          0
                    8,320 parameters, 33,280 bytes
                    """);
    }

    @Test
    void aSummaryCountsRunningStatisticsSeparately() {
        Network network =
                Network.builder(KEY).input(8).batchNorm("bn").dense("out", 1).build();
        assertThat(network.summary().lines().toList())
                .contains(
                        "bn                 BatchNorm 8              [? x 8]                      16 + 16",
                        "  .scale           [8]                      ones",
                        "  .variance        [8]                      ones, a statistic",
                        "out                Dense 8 -> 1             [? x 1]                            9",
                        "25 parameters and 16 running statistics, 164 bytes");
    }

    @Test
    void aFreeDimensionIsNamedWithItsOrigin() {
        Network.Builder builder = Network.builder(KEY)
                .input(Shape.of(Shape.ANY, Shape.ANY, 4))
                .layer("flat", new Flatten())
                .layer("mask", Activation.RELU)
                .dense("out", 3);
        assertThatThrownBy(builder::build)
                .isInstanceOf(ShapeException.class)
                .hasMessage("layer 'out': Dense: expected [... x inputs] with a known number of inputs, got [? x ?]."
                        + " The layer before, 'flat' (Flatten), gives [? x ?] for its input [? x ? x 4]: of [? x ? x 4]"
                        + " dimension 1 (counted from 0) is free; give the network's input a number there, as in"
                        + " input(Shape.of(Shape.ANY, 5, 4))");
    }

    /** A custom layer that returns its nonlinearity, or is transparent. */
    private record Own(Optional<Nonlinearity> activation, boolean isTransparent) implements Layer {
        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(x, (dy, into) -> dy));
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    @Test
    void transparentLayersDoNotChangeTheWeightsOfTheDenseLayerBefore() {
        Network plain = Network.builder(KEY).input(20).dense("a", 30).relu().build();
        Map<String, LayerFactory> between = Map.of(
                "dropout",
                Dropout.of(0.3),
                "batchNorm",
                BatchNorm.standard(),
                "layerNorm",
                LayerNorm.standard(),
                "nothing",
                Dropout.of(0));
        between.forEach((name, factory) -> {
            Network network = Network.builder(KEY)
                    .input(20)
                    .dense("a", 30)
                    .layer(name, factory)
                    .layer("more", Dropout.of(0.1))
                    .relu()
                    .build();
            assertThat(scheme(network, "a")).as(name).isEqualTo(Init.heNormal());
            assertThat(weight(network, "a.weight")).as(name).isBitEqualTo(weight(plain, "a.weight"));
        });
        Network premade = Network.builder(KEY)
                .input(20)
                .dense("a", 30)
                .layer("flat", new Flatten())
                .layer("drop", new Dropout(0.5, KEY))
                .layer("shape", Reshape.to(5, 6))
                .layer("own", new Own(Optional.empty(), true))
                .relu()
                .build();
        assertThat(weight(premade, "a.weight")).isBitEqualTo(weight(plain, "a.weight"));
        Network other = Network.builder(KEY)
                .input(20)
                .dense("a", 30)
                .layer("own", new Own(Optional.empty(), false))
                .relu()
                .build();
        assertThat(scheme(other, "a")).isEqualTo(Init.xavierUniform());
        assertThat(scheme(
                        Network.builder(KEY)
                                .input(20)
                                .dense("a", 30)
                                .dropout("d", 0.3)
                                .build(),
                        "a"))
                .isEqualTo(Init.xavierUniform());
        assertThat(scheme(
                        Network.builder(KEY)
                                .input(20)
                                .dense("a", 30)
                                .dropout("d", 0.3)
                                .selu()
                                .build(),
                        "a"))
                .isEqualTo(Init.lecunNormal());
    }

    @Test
    void aCustomRectifierGetsTheWeightsOfARectifier() {
        Nonlinearity clipped = Nonlinearity.of("relu6", z -> Math.clamp(z, 0, 6), z -> z > 0 && z < 6 ? 1 : 0);
        Network network = Network.builder(KEY)
                .input(8)
                .dense("layer", 8)
                .layer("own", new OwnRelu())
                .dense("between", 8)
                .layer("drop", Dropout.of(0.5))
                .layer("again", new OwnRelu())
                .dense("function", 8)
                .activation(Nonlinearity.of("mine", z -> Math.max(z, 0), z -> z > 0 ? 1 : 0))
                .dense("leaky", 8)
                .activation(Nonlinearity.of("mine", z -> z > 0 ? z : z / 4, z -> z > 0 ? 1 : 0.25))
                .dense("clipped", 8)
                .activation(clipped)
                .build();
        assertThat(scheme(network, "layer")).isEqualTo(Init.heNormal());
        assertThat(scheme(network, "between")).isEqualTo(Init.heNormal());
        assertThat(scheme(network, "function")).isEqualTo(Init.heNormal());
        assertThat(scheme(network, "leaky")).isEqualTo(Init.heNormal(0.25));
        assertThat(scheme(network, "clipped")) // no rectifier, but nearly one
                .isEqualTo(new VarianceScaling(Gain.secondMoment(clipped), Fan.IN, Distribution.NORMAL));
    }

    @Test
    void twoParametersOfTheSameNameAreRefused() {
        Parameter one = Dense.of(2, 2, KEY).weight();
        Parameter two = Dense.of(2, 2, KEY).weight();
        Layer layer = new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(x, (dy, into) -> dy));
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }

            @Override
            public List<Parameter> parameters() {
                return List.of(one, two);
            }
        };
        assertThatThrownBy(layer::parametersByPath)
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("two parameters are named 'weight'");
    }
}
