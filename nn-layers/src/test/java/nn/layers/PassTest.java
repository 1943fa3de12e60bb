package nn.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
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
            pass.pullback().apply(dy, gradients);
            double norm = gradients.norm();
            assertThatThrownBy(() -> pass.pullback().apply(dy, gradients))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("this pass was taken back before: a pullback is called once at most, as its tensors may hold"
                            + " other values by now; run forward again for another gradient");
            assertThatThrownBy(() -> pass.pullback().parametersOnly(dy, gradients))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(gradients.norm()).isEqualTo(norm);
        }
    }

    @Test
    void aGradientOfAnotherShapeIsRefusedAndThePassStaysOpen() {
        for (Layer layer : LAYERS) {
            Gradients gradients = new Gradients(layer.parameters());
            Pass pass = layer.forward(Tensor.full(1, 4, 3), Context.inference());
            assertThatThrownBy(() -> pass.pullback().apply(Tensor.zeros(2, 9), gradients))
                    .isInstanceOfSatisfying(ShapeException.class, e -> assertThat(e.expected())
                            .isEqualTo(pass.output().shape().toString()))
                    .hasMessage("pullback: expected a gradient of the output's shape " + pass.output().shape()
                            + ", got [2 x 9]");
            assertThat(gradients.norm()).isZero();
            pass.pullback().apply(pass.output(), gradients);
        }
    }

    @Test
    void nullIsNamedAtTheDoor() {
        assertThatThrownBy(() -> new Pass(null, (dy, into) -> dy)).hasMessage("output");
        assertThatThrownBy(() -> new Pass(Tensor.zeros(1), null)).hasMessage("pullback");
        Pass pass = Activation.RELU.forward(Tensor.zeros(1), Context.inference());
        assertThatThrownBy(() -> pass.pullback().apply(null, new Gradients(List.of()))).hasMessage("dOutput");
        assertThatThrownBy(() -> pass.pullback().apply(Tensor.zeros(1), null)).hasMessage("gradients");
    }
}
