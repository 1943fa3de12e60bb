package nn.layers.testing;

import static org.assertj.core.api.Assertions.assertThat;

import nn.fixtures.FunctionPass;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Layers that read a tensor's values from the beginning of its array are found. */
class ViewContractTest {
    private static final Tensor X = Tensor.zeros(5, 3);

    static {
        Key.of(1).normal(X, 0, 1);
    }

    /** Returns its input, and backward its gradient. */
    private record Copying(boolean ofInput, boolean ofGradient) implements Layer {
        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                outputShape(x.shape());
                return new FunctionPass.Result(copy(x, ofInput), (dy, into) -> copy(dy, ofGradient));
            });
        }

        private static Tensor copy(Tensor x, boolean fromZero) {
            Tensor y = Tensor.zeros(x.shape());
            System.arraycopy(x.array(), fromZero ? 0 : x.offset(), y.array(), 0, x.size());
            return y;
        }

        @Override
        public Shape outputShape(Shape in) {
            return in.requireFeatures("copying", 3);
        }
    }

    @Test
    void aLayerThatUsesTheOffsetPasses() {
        LayerContract.standard().check(new Copying(false, false), X).throwIfFailed();
    }

    @Test
    void aLayerThatIgnoresTheOffsetOfItsInputIsFound() {
        assertThat(LayerContract.standard().check(new Copying(true, false), X).failures())
                .singleElement()
                .asString()
                .startsWith("output")
                .endsWith("of a view; its values begin at offset() of its array(), not at 0");
    }

    @Test
    void aLayerThatIgnoresTheOffsetOfItsGradientIsFound() {
        assertThat(LayerContract.standard().check(new Copying(false, true), X).failures())
                .singleElement()
                .asString()
                .startsWith("the gradient of x")
                .endsWith("of a view; its values begin at offset() of its array(), not at 0");
    }
}
