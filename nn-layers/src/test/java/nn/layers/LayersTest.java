package nn.layers;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import nn.fixtures.FunctionPass;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.activation.Activation;
import nn.layers.activation.Softmax;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.pooling.LastStep;
import nn.layers.recurrent.Rnn;
import nn.layers.regularization.Dropout;
import nn.layers.shape.Flatten;
import nn.layers.shape.Reshape;
import nn.layers.shape.TimeMajor;
import nn.layers.testing.GradientCheck;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients, bits and messages of all kinds of layers. */
class LayersTest {
    private static final Key KEY = Key.of(3);
    private static final Nonlinearity SOFTPLUS =
            Nonlinearity.of("softplus", z -> StrictMath.log1p(StrictMath.exp(z)), z -> 1 / (1 + StrictMath.exp(-z)));

    static Stream<Arguments> layers() {
        return Stream.of(
                Arguments.of(Dense.of(9, 3, KEY), normal("x", 4, 9)),
                Arguments.of(Dense.units(5).withoutBias().create(7, KEY), normal("x", 3, 2, 7)),
                Arguments.of(Dense.units(2).bias(Init.normal(1)).create(3, KEY), normal("x", 3)),
                Arguments.of(Activation.TANH, normal("x", 5, 7)),
                Arguments.of(Activation.RELU, normal("x", 5, 7)),
                Arguments.of(new Activation(Nonlinearity.SIGMOID), normal("x", 5, 7)),
                Arguments.of(new Activation(Nonlinearity.LINEAR), normal("x", 5)),
                Arguments.of(new Activation(Nonlinearity.leakyRelu(0.1)), normal("x", 5, 7)),
                Arguments.of(new Activation(SOFTPLUS), normal("x", 2, 3, 4)),
                Arguments.of(new TimeMajor(), normal("x", 3, 4, 2)),
                Arguments.of(new Softmax(), normal("x", 4, 6)),
                Arguments.of(new Softmax(), normal("x", 2, 3, 1)),
                Arguments.of(new Flatten(), normal("x", 3, 2, 4)),
                Arguments.of(Reshape.to(4, 2), normal("x", 3, 8)),
                Arguments.of(new Dropout(0.3, KEY), normal("x", 5, 7)),
                Arguments.of(residual(), normal("x", 3, 4)),
                Arguments.of(Rnn.units(6).create(4, KEY), normal("x", 5, 3, 4)),
                Arguments.of(Rnn.units(6).last().create(4, KEY), normal("x", 5, 3, 4)),
                Arguments.of(Rnn.units(1).create(1, KEY), normal("x", 1, 1, 1)),
                Arguments.of(
                        Rnn.units(5)
                                .activation(Nonlinearity.RELU)
                                .bias(Init.normal(0.5))
                                .create(3, KEY),
                        normal("x", 6, 2, 3)),
                Arguments.of(Rnn.units(5).activation(SOFTPLUS).withoutBias().create(3, KEY), normal("x", 6, 2, 3)),
                Arguments.of(mixed(), normal("x", 3, 6, 4)));
    }

    private static Layer residual() {
        return Residual.of(body -> body.dense("fc1", 6).tanh().dense("fc2", 4)).create(Shape.of(Shape.ANY, 4), KEY);
    }

    /** Several kinds of layers in one network. */
    private static Network mixed() {
        return Network.builder(KEY)
                .input(Shape.of(Shape.ANY, Shape.ANY, 4))
                .layer("time", new TimeMajor())
                .rnn("rnn1", 6)
                .layer("rnn2", Rnn.units(5).last())
                .dense("hidden", 8)
                .relu()
                .dense("out", 3)
                .build();
    }

    @ParameterizedTest
    @MethodSource("layers")
    void gradientsAreTheSlopes(Layer layer, Tensor x) {
        GradientCheck.Result result = GradientCheck.standard().check(layer, x);
        result.throwIfFailed();
        assertThat(result.worstError()).isLessThan(GradientCheck.standard().tolerance() / 2); // none is near the limit
    }

    static Stream<Arguments> layersWithABatch() {
        return layers().filter(layer -> ((Tensor) layer.get()[1]).shape().rank() > 1);
    }

    @ParameterizedTest
    @MethodSource("layersWithABatch")
    void anEmptyBatchHasGradientsOfZero(Layer layer, Tensor x) {
        int[] dims = x.shape().dims();
        boolean timeFirst = layer instanceof Rnn;
        dims[timeFirst ? 1 : 0] = 0;
        Pass pass = layer.forward(Tensor.zeros(dims), Context.inference());
        assertThat(pass.output().size()).isZero();
        Gradients gradients = new Gradients(layer.parameters());
        Tensor dx = pass.pullback(pass.output(), gradients);
        assertThat(dx.shape().dims()).isEqualTo(dims);
        assertThat(gradients.norm()).isZero();
    }

    @ParameterizedTest
    @MethodSource("layers")
    void twoPassesAtATimeDoNotDisturbEachOther(Layer layer, Tensor x) {
        Tensor other = x.map(v -> 1 - v / 2);
        Gradients alone = new Gradients(layer.parameters());
        Pass first = layer.forward(x, Context.inference());
        Tensor dy = first.output().map(v -> 0.5 - v);
        Tensor dx = first.pullback(dy, alone);

        Gradients among = new Gradients(layer.parameters());
        Pass again = layer.forward(x, Context.inference());
        Pass between = layer.forward(other, Context.inference());
        between.pullback(between.output(), new Gradients(layer.parameters()));
        assertThat(again.pullback(dy, among)).isBitEqualTo(dx);
        for (Parameter p : layer.parameters()) {
            assertThat(among.of(p)).isBitEqualTo(alone.of(p));
        }
    }

    @Test
    void aRowGetsTheSameBitsAloneOrInABatch() {
        Dense dense = Dense.of(37, 19, KEY);
        Tensor x = normal("x", 13, 37);
        Tensor together = dense.forward(x, Context.inference()).output();
        for (int i = 0; i < 13; i++) {
            assertThat(dense.forward(x.row(i), Context.inference()).output()).isBitEqualTo(together.row(i));
        }

        Rnn rnn = Rnn.units(19).last().create(7, KEY);
        Tensor sequences = normal("x", 11, 13, 7);
        Tensor states = rnn.forward(sequences, Context.inference()).output();
        for (int i = 0; i < 13; i++) {
            Tensor one = Tensor.zeros(11, 1, 7);
            for (int t = 0; t < 11; t++) {
                one.row(t).row(0).copyFrom(sequences.row(t).row(i));
            }
            Tensor alone = rnn.forward(one, Context.inference()).output();
            assertThat(alone.row(0)).isBitEqualTo(states.row(i));
        }
    }

    @Test
    void aWorkspaceGivesTheSameBitsAtEveryStep() {
        Network network = mixed();
        Tensor x = normal("x", 3, 6, 4);
        Pass plain = network.forward(x, Context.inference());
        Tensor dy = plain.output().map(v -> v + 1);
        Tensor dx = plain.pullback(dy, new Gradients(network.parameters()));
        Workspace workspace = new Workspace();
        for (int step = 0; step < 3; step++) {
            workspace.begin(KEY.child(step));
            Pass pass = network.forward(x, workspace);
            assertThat(pass.output()).isBitEqualTo(plain.output());
            assertThat(pass.pullback(dy, new Gradients(network.parameters()))).isBitEqualTo(dx);
        }
    }

    @Test
    void theGradientAtAnInitialStateIsItsSlope() {
        Rnn rnn = Rnn.units(6).create(4, KEY);
        Tensor x = normal("x", 5, 3, 4);
        Layer ofState = new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(this, (state, context) -> {
                    RecurrentPass run = rnn.run(x, state(state), context);
                    return new FunctionPass.Result(run.output(), (dy, into) -> {
                        run.pullback(dy, into);
                        return run.firstStateGradient().part(0);
                    });
                });
            }

            @Override
            public Shape outputShape(Shape in) {
                return Shape.of(5, 3, 6);
            }

            @Override
            public List<Parameter> parameters() {
                return rnn.parameters();
            }
        };
        GradientCheck.standard().check(ofState, normal("state", 3, 6)).throwIfFailed();
    }

    private static Recurrent.State state(Tensor h) {
        return Recurrent.State.of(h);
    }

    @Test
    void aSequenceInTwoPartsGivesTheSameStates() {
        Rnn rnn = Rnn.units(6).create(4, KEY);
        Tensor x = normal("x", 9, 3, 4);
        Tensor whole = rnn.forward(x, Context.inference()).output();
        Tensor first = rnn.run(x.rows(0, 4), state(Tensor.zeros(3, 6)), Context.inference())
                .output();
        Tensor second =
                rnn.run(x.rows(4, 9), state(first.row(3)), Context.inference()).output();
        assertThat(first).isBitEqualTo(whole.rows(0, 4));
        assertThat(second).isBitEqualTo(whole.rows(4, 9));
    }

    @Test
    void aSequenceWithoutStepsKeepsTheState() {
        Rnn rnn = Rnn.units(6).create(4, KEY);
        Gradients gradients = new Gradients(rnn.parameters());
        RecurrentPass run = rnn.run(Tensor.zeros(0, 3, 4), state(normal("state", 3, 6)), Context.inference());
        assertThat(run.output().shape()).isEqualTo(Shape.of(0, 3, 6));
        Tensor dx = run.pullback(run.output(), gradients);
        assertThat(dx.shape()).isEqualTo(Shape.of(0, 3, 4));
        assertThat(run.firstStateGradient().part(0).norm()).isZero();
        assertThat(gradients.norm()).isZero();

        Rnn last = Rnn.units(6).last().create(4, KEY);
        assertThatThrownBy(() -> last.forward(Tensor.zeros(0, 3, 4), Context.inference()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("Rnn 4 -> 6 (tanh): a sequence of no steps has no last state")
                .hasMessageContaining("[0 x 3 x 4]");
    }

    @Test
    void defaultInitializersAreThoseOfKeras() {
        Dense dense = Dense.of(64, 32, KEY);
        assertThat(dense.weight().initializer()).isEqualTo(Init.xavierUniform());
        assertThat(dense.bias().orElseThrow().value().norm()).isZero();
        Rnn rnn = Rnn.units(16).create(8, KEY);
        assertThat(rnn.parameters()).extracting(Parameter::name).containsExactly("input", "recurrent", "bias");
        assertThat(rnn.parameters())
                .extracting(Parameter::kind)
                .containsExactly(Parameter.Kind.WEIGHT, Parameter.Kind.RECURRENT, Parameter.Kind.BIAS);
        assertThat(rnn.parameters())
                .extracting(Parameter::initializer)
                .containsExactly(Init.xavierUniform(), Init.orthogonal(), Init.zeros());
        assertThat(rnn.parameters()).extracting(p -> p.fans().in()).containsExactly(8.0, 16.0, 8.0);
        assertThat(rnn.parameters()).extracting(p -> p.fans().out()).containsExactly(16.0, 16.0, 16.0);
    }

    @Test
    void valuesComeFromTheKeyAndTheParametersName() {
        Tensor weight = Tensor.zeros(5, 4);
        Init.xavierUniform().fill(weight, new nn.init.Fans(5, 4), KEY.child("weight"));
        assertThat(Dense.of(5, 4, KEY).weight().value()).isBitEqualTo(weight);
        assertThat(Dense.of(5, 4, KEY.child("other")).weight().value()).isNotBitEqualTo(weight);
    }

    @Test
    void sizesOfZeroAreRefusedByName() {
        assertThatThrownBy(() -> Dense.of(0, 3, KEY))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessage("Dense 0 -> 3: a layer has at least one input and one unit");
        assertThatThrownBy(() -> Rnn.units(-1).create(8, KEY))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessage("Rnn 8 -> -1: a layer has at least one input and one unit");
        assertThatThrownBy(
                        () -> Network.builder(KEY).input(4).dense("hidden", 0).build())
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessage("layer 'hidden': Dense 4 -> 0: a layer has at least one input and one unit");
        assertThatThrownBy(
                        () -> Network.builder(KEY).input(0).dense("hidden", 2).build())
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0");
    }

    @Test
    void inputsOfAnotherShapeAreRefusedByName() {
        assertShape(Dense.of(9, 3, KEY), Shape.of(4, 8), "Dense 9 -> 3: expected [batch x 9], got [4 x 8]");
        assertShape(Dense.of(9, 3, KEY), Shape.of(2, 4, 8), "Dense 9 -> 3: expected [... x 9], got [2 x 4 x 8]");
        assertShape(Dense.of(9, 3, KEY), Shape.of(), "Dense 9 -> 3: expected [... x 9], got []");
        assertShape(
                Rnn.units(6).create(4, KEY),
                Shape.of(3, 4),
                "Rnn 4 -> 6 (tanh): expected [time x batch x 4], got [3 x 4]");
        assertShape(new TimeMajor(), Shape.of(3), "TimeMajor: expected [batch x time x ...], got [3]");
        assertShape(new Softmax(), Shape.of(3, 0), "Softmax: expected [... x n], n at least 1, got [3 x 0]");
        assertShape(new Flatten(), Shape.of(), "Flatten: expected [batch x ...], got []");
        assertShape(
                Reshape.to(2, 3),
                Shape.of(4, 5),
                "Reshape [2 x 3]: expected [batch x ...] of 6 elements per example, got [4 x 5]");
        assertShape(
                new LastStep(),
                Shape.of(4, 3),
                "LastStep: expected [time x batch x ...] of rank 3 or more, got [4 x 3]");
        assertShape(
                new LastStep(),
                Shape.of(0, 4, 5),
                "LastStep: a sequence of no steps has no last step; expected at least one, got [0 x 4 x 5]");
        Rnn rnn = Rnn.units(6).create(4, KEY);
        assertThatThrownBy(() -> rnn.run(Tensor.zeros(5, 3, 4), state(Tensor.zeros(2, 6)), Context.inference()))
                .isInstanceOf(ShapeException.class)
                .hasMessage("Rnn 4 -> 6 (tanh): expected an initial state [3 x 6], got [2 x 6]");
    }

    private static void assertShape(Layer layer, Shape in, String message) {
        assertThatThrownBy(() -> layer.forward(Tensor.zeros(in), Context.inference()))
                .isInstanceOf(ShapeException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> layer.outputShape(in))
                .isInstanceOfSatisfying(
                        ShapeException.class, e -> assertThat(e.actual()).isEqualTo(in));
    }

    @Test
    void anInitializerThatFailsIsNamed() {
        assertThatThrownBy(() -> Network.builder(KEY)
                        .input(4)
                        .dense("hidden", 3, (out, fans, key) -> out.fill(Float.NaN))
                        .build())
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("layer 'hidden': ")
                .hasMessageContaining("parameter 'weight' of shape [4 x 3]");
    }

    @Test
    void softmaxGivesProbabilitiesOfAnyLogits() {
        Tensor y = new Softmax()
                .forward(
                        Tensor.of(new float[] {1, 2, 3, 1000, 1001, 1002, -5, -5, Float.NEGATIVE_INFINITY}, 3, 3),
                        Context.inference())
                .output();
        double sum = 1 + Math.exp(-1) + Math.exp(-2);
        for (int j = 0; j < 3; j++) {
            assertThat((double) y.get(0, j)).isCloseTo(Math.exp(j - 2) / sum, within(0x1p-22));
            assertThat(y.get(1, j)).isEqualTo(y.get(0, j)); // softmax depends on differences only
        }
        assertThat(y.row(2).toArray()).containsExactly(0.5f, 0.5f, 0);
        Tensor nan = new Softmax()
                .forward(Tensor.of(new float[] {1, Float.NaN, 3}, 1, 3), Context.inference())
                .output();
        assertThat(nan.toArray()).containsOnly(Float.NaN);
    }

    @Test
    void outputShapesKeepFreeDimensions() {
        assertThat(new Flatten().outputShape(Shape.of(Shape.ANY, 2, 3))).isEqualTo(Shape.of(Shape.ANY, 6));
        assertThat(new Flatten().outputShape(Shape.of(5, Shape.ANY, 3))).isEqualTo(Shape.of(5, Shape.ANY));
        assertThat(new Flatten().outputShape(Shape.of(5))).isEqualTo(Shape.of(5, 1));
        assertThat(Reshape.to(3, 2).outputShape(Shape.of(Shape.ANY, 6))).isEqualTo(Shape.of(Shape.ANY, 3, 2));
        assertThat(new LastStep().outputShape(Shape.of(Shape.ANY, Shape.ANY, 3)))
                .isEqualTo(Shape.of(Shape.ANY, 3));
        assertThatThrownBy(() -> Reshape.to(Shape.ANY, 2))
                .hasMessageContaining("reshape: [? x 2] has a free dimension");
    }

    @Test
    void onlyTheLastStepGetsAGradient() {
        Tensor x = normal("x", 4, 3, 2);
        Pass pass = new LastStep().forward(x, Context.inference());
        assertThat(pass.output()).isBitEqualTo(x.row(3));
        Tensor dy = normal("dy", 3, 2);
        Tensor dx = pass.pullback(dy, new Gradients(List.of()));
        assertThat(dx.row(3)).isBitEqualTo(dy);
        assertThat(dx.rows(0, 3).norm()).isZero();
    }

    @Test
    void aTinyRowOfTheLastStepsGradientIsHandedOnAsZerosInItsOwnStepOnly() {
        Tensor x = normal("x", 4, 3, 2);
        Pass pass = new LastStep().newPass();
        Gradients none = new Gradients(List.of());
        Tensor dy = normal("dy", 3, 2);
        Tensor faded = dy.copy();
        faded.row(1).fill(Tensor.TINY / 2);
        Context.inference().run(pass, x);
        Tensor dx = pass.pullback(faded, none);
        assertThat(dx.row(3).row(0)).isBitEqualTo(dy.row(0));
        assertThat(dx.row(3).row(1).norm()).isZero();
        assertThat(dx.row(3).row(2)).isBitEqualTo(dy.row(2));
        Context.inference().run(pass, x);
        Tensor next = pass.pullback(dy, none);
        assertThat(next.row(3)).isBitEqualTo(dy);
        assertThat(next.rows(0, 3).norm()).isZero();
    }
}
