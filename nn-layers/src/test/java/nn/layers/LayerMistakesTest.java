package nn.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.OptionalInt;
import nn.fixtures.FunctionPass;
import nn.fixtures.Weights;
import nn.init.nonlinearity.ElementwiseKernel;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.activation.Activation;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.recurrent.Rnn;
import nn.layers.testing.GradientCheck;
import nn.layers.testing.LayerContract;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A layer that returns null, or a gradient of the wrong shape, is named in any model. */
class LayerMistakesTest {
    private static final Key KEY = Key.of(67);

    private enum Mistake {
        NULL_PASS("its newPass() returned null; return a new Pass"),
        NULL_GRADIENT("its backward returned null; return the gradient at the input, of shape [4 x 3]"),
        GRADIENT_OF_ANOTHER_SHAPE("its backward gave a gradient of shape [3 x 4] at an input of shape [4 x 3]; both"
                + " have the same shape"),
        NULL_OUTPUT("its forward returned null; return the output");

        private final String says;

        Mistake(String says) {
            this.says = says;
        }
    }

    private record Mistaken(Mistake mistake) implements Layer {
        @Override
        public Pass newPass() {
            return mistake == Mistake.NULL_PASS
                    ? null
                    : FunctionPass.of(
                            this,
                            (x, context) -> mistake == Mistake.NULL_OUTPUT
                                    ? null
                                    : new FunctionPass.Result(
                                            x.copy(),
                                            (dy, into) -> mistake == Mistake.NULL_GRADIENT ? null : dy.transpose()));
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }

        @Override
        public String toString() {
            return "Mistaken";
        }
    }

    private static void forwardAndBackward(Layer layer, Context context) {
        Pass pass = layer.forward(Weights.normal("x", 4, 3), context);
        pass.pullback(pass.output().copy(), new Gradients(layer));
    }

    @ParameterizedTest
    @EnumSource
    void theLayerIsNamedByItself(Mistake mistake) {
        Layer layer = new Mistaken(mistake);
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        for (Context context : new Context[] {Context.training(KEY), workspace, new Carry().over(workspace)}) {
            assertThatThrownBy(() -> forwardAndBackward(layer, context))
                    .isInstanceOfAny(NullPointerException.class, ShapeException.class)
                    .hasMessage("Mistaken: " + mistake.says);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNetworkNamesTheLayerByItsPath(Mistake mistake) {
        Network network = Network.builder(KEY)
                .input(3)
                .dense("before", 3)
                .layer(
                        "nested",
                        Network.chain(
                                body -> body.layer("own", new Mistaken(mistake)).tanh()))
                .build();
        assertThatThrownBy(() -> forwardAndBackward(network, Context.training(KEY)))
                .isInstanceOfAny(NullPointerException.class, ShapeException.class)
                .hasMessage("layer 'nested.own' (Mistaken): " + mistake.says);
        Network residual = Network.builder(KEY)
                .input(3)
                .layer("block", Residual.of(body -> body.layer("own", new Mistaken(mistake))))
                .build();
        assertThatThrownBy(() -> forwardAndBackward(residual, Context.training(KEY)))
                .hasMessageContaining("layer 'own' (Mistaken)")
                .hasMessageContaining("layer 'block'")
                .hasMessageContaining(mistake.says);
    }

    @ParameterizedTest
    @EnumSource
    void checksAndInitializationNameTheLayer(Mistake mistake) {
        Layer layer = new Mistaken(mistake);
        Tensor x = Weights.normal("x", 4, 3);
        assertThat(messageOf(() -> GradientCheck.standard().check(layer, x).throwIfFailed()))
                .contains(mistake.says);
        assertThat(messageOf(() -> LayerContract.standard().check(layer, x).throwIfFailed()))
                .contains(mistake.says);
        if (mistake == Mistake.NULL_PASS || mistake == Mistake.NULL_OUTPUT) {
            assertThat(messageOf(() -> Lsuv.standard().apply(layer, x))).contains("Mistaken: " + mistake.says);
        }
    }

    private static String messageOf(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | AssertionError e) {
            return String.valueOf(e.getMessage());
        }
        return "";
    }

    @Test
    void aShapeThatIsNullIsRefusedWhenTheNetworkIsBuilt() {
        Layer layer = new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(x, (dy, into) -> dy));
            }

            @Override
            public Shape outputShape(Shape in) {
                return null;
            }
        };
        assertThatThrownBy(
                        () -> Network.builder(KEY).input(3).layer("own", layer).build())
                .isInstanceOf(NullPointerException.class)
                .hasMessage("layer 'own' (anonymous): its outputShape returned null for an input of shape [? x 3];"
                        + " return the output's shape, or throw a ShapeException");
    }

    /** A layer that answers nothing of what the builder asks, by null where an empty answer is meant. */
    private static final class Silent implements Layer {
        private final boolean batchAxis;

        Silent(boolean batchAxis) {
            this.batchAxis = batchAxis;
        }

        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(x, (dy, into) -> dy));
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }

        @Override
        public OptionalInt batchAxis(int in) {
            return batchAxis ? OptionalInt.of(in) : null;
        }

        @Override
        public Optional<Nonlinearity> activation() {
            return batchAxis ? null : Optional.empty();
        }
    }

    @Test
    void anAnswerThatIsNullIsRefusedByNamingTheLayer() {
        Network.Builder builder = Network.builder(KEY).input(3);
        assertThatThrownBy(() -> builder.layer("own", new Silent(true)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("layer 'own': its activation() returned null; return an empty one");
        LayerFactory factory = new LayerFactory() {
            @Override
            public Layer create(Shape in, Key key) {
                return Activation.RELU;
            }

            @Override
            public Optional<Nonlinearity> nonlinearity() {
                return null;
            }
        };
        assertThatThrownBy(() -> builder.layer("own", factory))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("layer 'own': its factory's nonlinearity() returned null; return an empty one");
        builder.layer("own", new Silent(false));
        assertThatThrownBy(builder::build)
                .isInstanceOf(NullPointerException.class)
                .hasMessage("layer 'own': its batchAxis(0) returned null; return an empty one");
    }

    @Test
    void aNonlinearityWithoutAKernelIsRefusedByNamingTheLayer() {
        Nonlinearity mine = new Nonlinearity() {
            @Override
            public String name() {
                return "mine";
            }

            @Override
            public double value(double z) {
                return z;
            }

            @Override
            public double derivative(double z) {
                return 1;
            }

            @Override
            public ElementwiseKernel newKernel() {
                return null;
            }
        };
        Network network = Network.builder(KEY).input(3).activation(mine).build();
        assertThatThrownBy(() -> network.predict(Tensor.zeros(1, 3)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("layer 'mine1' (mine): the newKernel() of its nonlinearity returned null; return a new"
                        + " kernel");
        assertThatThrownBy(() -> Rnn.units(2)
                        .activation(mine)
                        .create(3, KEY)
                        .forward(Tensor.zeros(1, 1, 3), Context.inference()))
                .hasMessage(
                        "Rnn 3 -> 2 (mine): the newKernel() of its nonlinearity returned null; return a new kernel");
    }
}
