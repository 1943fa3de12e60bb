package nn.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import nn.fixtures.FunctionPass;
import nn.layers.activation.Activation;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class PassTest {
    private static final Key KEY = Key.of(1);
    private static final List<Layer> LAYERS = List.of(
            Dense.of(3, 2, KEY),
            Network.builder(KEY).input(3).dense("a", 4).relu().dense("b", 2).build(),
            Activation.TANH);

    @Test
    void aPullbackCalledTwiceIsAnErrorThatAddsNothing() {
        for (Layer layer : LAYERS) {
            Gradients gradients = new Gradients(layer.parameters());
            Pass pass = layer.forward(Tensor.full(1, 4, 3), Context.inference());
            Tensor dy = Tensor.full(1, pass.output().shape().dims());
            pass.pullback(dy, gradients);
            double norm = gradients.norm();
            assertThatThrownBy(() -> pass.pullback(dy, gradients))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            Layer.describe(layer) + ": the pullback of this pass was called before; it may be called"
                                    + " once, as its tensors may hold other values by now. Run forward"
                                    + " again for another gradient");
            assertThatThrownBy(() -> pass.pullbackParameters(dy, gradients)).isInstanceOf(IllegalStateException.class);
            assertThat(gradients.norm()).isEqualTo(norm);
        }
    }

    @Test
    void aGradientOfAnotherShapeIsRefusedAndThePassStaysOpen() {
        for (Layer layer : LAYERS) {
            Gradients gradients = new Gradients(layer.parameters());
            Pass pass = layer.forward(Tensor.full(1, 4, 3), Context.inference());
            assertThatThrownBy(() -> pass.pullback(Tensor.zeros(2, 9), gradients))
                    .isInstanceOfSatisfying(
                            ShapeException.class,
                            e -> assertThat(e.expected())
                                    .isEqualTo(pass.output().shape().toString()))
                    .hasMessage("pullback: expected a gradient of the output's shape "
                            + pass.output().shape() + ", got [2 x 9]");
            assertThat(gradients.norm()).isZero();
            pass.pullback(pass.output(), gradients);
        }
    }

    @Test
    void nullArgumentsAreRefusedByName() {
        assertThatThrownBy(() -> FunctionPass.of(null, (x, context) -> null)).hasMessage("layer");
        assertThatThrownBy(() -> Context.inference().run(null, Tensor.zeros(1))).hasMessage("pass");
        assertThatThrownBy(() -> Context.inference().run(Activation.RELU.newPass(), null))
                .hasMessage("x");
        assertThatThrownBy(() -> Activation.RELU.newPass().runIn(null, Tensor.zeros(1)))
                .hasMessage("context");
        Pass pass = Activation.RELU.forward(Tensor.zeros(1), Context.inference());
        assertThatThrownBy(() -> pass.pullback(null, new Gradients(List.of()))).hasMessage("dOutput");
        assertThatThrownBy(() -> pass.pullback(Tensor.zeros(1), null)).hasMessage("gradients");
    }

    @Test
    void aPassThatWasNotRunHasNoOutputAndNoGradient() {
        Pass pass = Dense.of(3, 2, KEY).newPass();
        String message = "Dense 3 -> 2: this pass has no output; run it forward first, by Context.run";
        assertThatThrownBy(pass::output)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> pass.pullback(Tensor.zeros(4, 2), new Gradients(List.of())))
                .hasMessage(message);
        assertThatThrownBy(() -> Context.inference().run(pass, Tensor.zeros(4, 5)))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(pass::output).hasMessage(message);
        assertThat(Context.inference().run(pass, Tensor.zeros(4, 3)).shape()).hasToString("[4 x 2]");
    }

    @Test
    void aPassThatWasNotRunHasNoContextAndNoShapes() {
        Pass pass = FunctionPass.of(Dense.of(3, 2, KEY), (x, context) -> null);
        Map<String, ThrowingCallable> questions = Map.of(
                "context", pass::context,
                "input shape", pass::inputShape,
                "output shape", pass::outputShape);
        questions.forEach((what, question) -> assertThatThrownBy(question)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Dense 3 -> 2: this pass has no " + what + " before it is run; ask for it in forward"
                        + " or backward, not in the constructor"));
    }

    @Test
    void anOutputOfAnotherShapeThanPromisedIsRefused() {
        Layer layer = new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(x.transpose(), (dy, into) -> dy));
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }

            @Override
            public String toString() {
                return "Turned";
            }
        };
        assertThatThrownBy(() -> layer.forward(Tensor.zeros(4, 3), Context.inference()))
                .isInstanceOf(ShapeException.class)
                .hasMessage(
                        "Turned: its outputShape promises [4 x 3] for an input of shape [4 x 3], but its forward gives"
                                + " [3 x 4]");
    }

    /** A layer of one function. */
    private static Layer layer(FunctionPass.Forward forward) {
        return new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(this, forward);
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }

            @Override
            public String toString() {
                return "Own";
            }
        };
    }

    @Test
    void aPassThatRunsItselfIsRefused() {
        Pass[] own = new Pass[1];
        Layer forward = layer((x, context) -> {
            context.run(own[0], Tensor.zeros(7, 7));
            return new FunctionPass.Result(x, (dy, into) -> dy);
        });
        own[0] = forward.newPass();
        String message =
                "Own: this pass is running already; a pass stands for one place in a model, on one thread: make"
                        + " another by Pass.of(layer)";
        for (int time = 0; time < 2; time++) {
            assertThatThrownBy(() -> Context.inference().run(own[0], Tensor.zeros(2, 2)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(message);
        }
        Layer backward = layer((x, context) -> new FunctionPass.Result(x, (dy, into) -> {
            context.run(own[0], x);
            return dy;
        }));
        own[0] = backward.newPass();
        Context.inference().run(own[0], Tensor.zeros(2, 2));
        assertThatThrownBy(() -> own[0].pullback(Tensor.zeros(2, 2), new Gradients(backward)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
    }

    @Test
    void aPassThatFailedMayBeRunAgain() {
        int[] runs = {0};
        Layer layer = layer((x, context) -> {
            if (runs[0]++ % 2 == 0) {
                throw new UnsupportedOperationException("of the layer");
            }
            return new FunctionPass.Result(x, (dy, into) -> {
                throw new UnsupportedOperationException("of its backward");
            });
        });
        Pass pass = layer.newPass();
        for (int step = 0; step < 2; step++) {
            assertThatThrownBy(() -> Context.inference().run(pass, Tensor.zeros(2)))
                    .hasMessage("of the layer");
            Context.inference().run(pass, Tensor.zeros(2));
            assertThatThrownBy(() -> pass.pullback(Tensor.zeros(2), new Gradients(List.of())))
                    .hasMessage("of its backward");
        }
    }

    @Test
    void aLayerThatBeginsAnotherStepOfItsWorkspaceIsRefused() {
        Workspace workspace = new Workspace();
        Layer layer = layer((x, context) -> {
            workspace.begin(KEY);
            return new FunctionPass.Result(x, (dy, into) -> dy);
        });
        Network network = Network.builder(KEY)
                .input(3)
                .dense("a", 4)
                .layer("own", layer)
                .dense("b", 2)
                .build();
        workspace.begin(KEY);
        assertThatThrownBy(() -> workspace.run(network.newPass(), Tensor.zeros(5, 3)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("Own: its forward began another step of the workspace that it runs in");
    }

    @Test
    void aPassHasNoContextBeforeItsFirstForwardPass() {
        Layer layer = layer((x, context) -> new FunctionPass.Result(x, (dy, into) -> dy));
        class Early extends Pass {
            Early() {
                super(layer);
                save(Tensor.zeros(1));
            }

            @Override
            protected Tensor forward(Tensor x, Context context) {
                return x;
            }

            @Override
            protected Tensor backward(Tensor dOutput, Gradients gradients) {
                return dOutput;
            }
        }
        assertThatThrownBy(Early::new)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("Own: this pass has no context before it is run");
    }
}
