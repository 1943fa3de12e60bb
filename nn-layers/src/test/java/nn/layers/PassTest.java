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
}
