package nn.layers.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import nn.fixtures.FunctionPass;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.Scaled;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.Recurrent;
import nn.layers.dense.Dense;
import nn.layers.recurrent.Rnn;
import nn.layers.shape.TimeMajor;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

/** Messages say what, where, why and one likely fix. */
class ErrorTextTest {
    private static final Key KEY = Key.of(1);

    private static Network.Builder builder(int features) {
        return Network.builder(KEY).input(features);
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> build(Network.Builder builder) {
        return assertThatThrownBy(builder::build);
    }

    @Test
    void layersWithoutInputsOrUnitsAreRefused() {
        build(builder(4).dense("a", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("layer 'a': Dense 4 -> 0: a layer has at least one input and one unit");
        build(builder(4).dense("a", -1)).hasMessageContaining("Dense 4 -> -1: a layer has at least one");
        build(builder(0).dense("a", 3)).hasMessageContaining("Dense 0 -> 3: a layer has at least one");
        build(Network.builder(KEY).sequence(4).layer("r", Rnn.units(0)))
                .hasMessage("layer 'r': Rnn 4 -> 0: a layer has at least one input and one unit");
        assertThatThrownBy(() -> Dense.of(0, 3, KEY)).hasMessageContaining("Dense 0 -> 3");
        build(builder(65_536).dense("a", 65_536))
                .hasMessageContaining("layer 'a': shape [65536 x 65536] has 4.295e+09");
    }

    @Test
    void layersThatDoNotFitTogetherAreBothNamed() {
        Dense fc2 = Dense.of(9, 3, KEY);
        build(builder(10).dense("fc1", 8).relu().layer("fc2", fc2))
                .isInstanceOfSatisfying(ShapeException.class, e -> {
                    assertThat(e.expected()).endsWith("x 9]");
                    assertThat(e.actual()).isEqualTo(Shape.of(Shape.ANY, 8));
                })
                .hasMessageContainingAll(
                        "layer 'fc2' (Dense 9 -> 3): expected ", "x 9], got [? x 8]. The layer before, 'fc1'")
                .hasMessageEndingWith(
                        "(Dense 10 -> 8), gives 8 features: declare fc2 with 8 inputs or fc1 with 9 units");
        build(builder(10).layer("fc2", fc2)).hasMessageContainingAll("layer 'fc2'", "The network's input", "10");
        build(builder(10).dense("fc1", 8).layer("rnn", Rnn.units(5)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContainingAll(
                        "layer 'rnn'", "[time x batch x inputs]", "got [? x 8]", "'fc1' (Dense 10 -> 8)");
    }

    @Test
    void aWrongInputAtRunTimeNamesTheLayer() {
        Network network = builder(10).dense("fc1", 8).build();
        assertThatThrownBy(() -> network.predict(Tensor.zeros(4, 9)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContainingAll("expected [? x 10], got [4 x 9]", "'fc1' (Dense 10 -> 8)");
        Network twoTimes = Network.builder(KEY)
                .input(4)
                .layer("cut", new Layer() {
                    @Override
                    public Pass newPass() {
                        return FunctionPass.of(
                                this,
                                (x, context) -> new FunctionPass.Result(Tensor.zeros(x.dim(0), 3), (dy, into) -> x));
                    }

                    @Override
                    public Shape outputShape(Shape in) {
                        return in.dim(0) == Shape.ANY ? in : in.withLast(3);
                    }
                })
                .dense("out", 2)
                .build();
        assertThatThrownBy(() -> twoTimes.predict(Tensor.zeros(5, 4)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContainingAll("layer 'out' (Dense 4 -> 2)", "got [5 x 3]");
        assertThatThrownBy(() -> Rnn.units(3)
                        .create(2, KEY)
                        .run(Tensor.zeros(4, 5, 2), Recurrent.State.of(Tensor.zeros(5, 2)), Context.inference()))
                .hasMessage("Rnn 2 -> 3 (tanh): expected an initial state [5 x 3], got [5 x 2]");
        assertThatThrownBy(() -> Rnn.units(3).last().create(2, KEY).forward(Tensor.zeros(0, 5, 2), Context.inference()))
                .hasMessageContainingAll("a sequence of no steps has no last state", "got [0 x 5 x 2]");
        assertThatThrownBy(() -> new TimeMajor().forward(Tensor.zeros(5), Context.inference()))
                .hasMessage("TimeMajor: expected [batch x time x ...], got [5]");
    }

    @Test
    void emptyRepeatedAndDottedNamesAreRefused() {
        build(builder(4).dense("a", 3).dense("a", 3))
                .hasMessage("layer name 'a' was used before: names determine paths of parameters and keys");
        build(builder(4).dense("", 3))
                .hasMessage("layer name '' is empty: names determine paths of parameters and keys");
        build(builder(4).dense("a.b", 3)).hasMessageStartingWith("layer name 'a.b' has a dot, which separates");
        assertThatThrownBy(() -> builder(4).dense(null, 3))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("layer name");
        Fans fans = new Fans(1, 1);
        for (String name : List.of("", "a.b")) {
            assertThatThrownBy(() -> Parameter.create(name, Parameter.Kind.BIAS, Shape.of(1), fans, Init.zeros(), KEY))
                    .hasMessage("parameter name '" + name + "' must not be empty or contain a dot");
        }
    }

    @Test
    void everyActivationGetsAName() {
        assertThat(builder(4)
                        .activation(Nonlinearity.leakyRelu(0.01))
                        .activation(Nonlinearity.of("x.y", z -> z, z -> 1))
                        .activation(Nonlinearity.of("", z -> z, z -> 1))
                        .build()
                        .children()
                        .keySet())
                .containsExactly("leaky1", "x2", "3");
    }

    @Test
    void twoParametersOfTheSameNameAreRefused() {
        Fans fans = new Fans(1, 1);
        List<Parameter> twoOfOneName = List.of(
                Parameter.create("w", Parameter.Kind.WEIGHT, Shape.of(1), fans, Init.zeros(), KEY),
                Parameter.create("w", Parameter.Kind.WEIGHT, Shape.of(1), fans, Init.zeros(), KEY));
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
                return twoOfOneName;
            }
        };
        build(builder(1).layer("layer", layer)).hasMessageStartingWith("two parameters are named 'layer.w'");
    }

    @Test
    void nullArgumentsAreRefusedByName() {
        assertThatThrownBy(() -> Network.builder(null)).hasMessage("key");
        assertThatThrownBy(() -> builder(4).dense("a", 3, null)).hasMessage("weight initializer");
        assertThatThrownBy(() -> builder(4).layer("a", (Layer) null)).hasMessage("layer 'a'");
        assertThatThrownBy(() -> builder(4).layer("a", (LayerFactory) null)).hasMessage("layer 'a'");
        assertThatThrownBy(() -> builder(4).activation(null)).hasMessage("nonlinearity");
        build(builder(4).layer("a", (in, key) -> null)).hasMessage("the factory of layer 'a' gave null");
        assertThatThrownBy(() -> builder(4).dense("a", 3).build().predict(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("x");
    }

    @Test
    void aBuilderNeedsAnInputAndALayer() {
        build(Network.builder(KEY).dense("a", 3))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the builder does not know the input: call input(features) first");
        build(builder(4)).isInstanceOf(IllegalStateException.class).hasMessage("a network needs a layer");
    }

    @Test
    void aParameterThatIsNotListedHasNoGradient() {
        Dense dense = Dense.of(4, 3, KEY);
        Gradients none = new Gradients(List.of());
        assertThatThrownBy(() -> none.of(dense.weight()))
                .hasMessage("no gradient for parameter weight [4 x 3]: it is not among the model's parametersByPath()."
                        + " Its layer must list it in parameters(), a layer must list the layers inside it in"
                        + " children(), and both must return the same objects at every call");
        Gradients some = new Gradients(dense.parameters());
        some.of(dense.weight()).fill(1f);
        assertThatThrownBy(() -> none.add(some)).hasMessageContaining("no gradient for parameter");
        assertThat(none.norm()).isZero();
    }

    @Test
    void initializersThatFailAreNamedWithTheirParameter() {
        build(builder(4).dense("a", 3, (out, fans, key) -> out.set(Float.NaN, 1, 1)))
                .hasMessageMatching(
                        "layer 'a': initializer a lambda left a value that is not finite in parameter 'weight' of"
                                + " shape \\[4 x 3], fans \\(in 4, out 3\\)");
        build(builder(4).layer("a", Dense.units(3).bias(Init.orthogonal())))
                .isNotInstanceOf(ShapeException.class) // the input's shape is right
                .hasMessageStartingWith("layer 'a': parameter 'bias': orthogonal: expected a tensor of rank 2");
    }

    @Test
    void anInitializerThatRefusesItsNumbersIsToldOfTheParameter() {
        Initializer twice = new Scaled(new Scaled(Init.ones(), 1e30), 1e30);
        assertThatThrownBy(() ->
                        Network.builder(KEY).input(3).dense("fc", 2, twice).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("layer 'fc': parameter 'weight': scaled: factor 1E+30 makes values");
    }
}
