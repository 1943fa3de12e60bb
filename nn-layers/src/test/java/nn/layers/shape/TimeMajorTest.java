package nn.layers.shape;

import static nn.fixtures.TensorAssert.assertThat;

import java.util.stream.Stream;
import nn.layers.Gradients;
import nn.layers.Pass;
import nn.layers.Workspace;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every number at its place, in one part and in several. */
class TimeMajorTest {
    private static final Key KEY = Key.of(5);

    static Stream<Shape> shapes() {
        return Stream.of(
                Shape.of(1, 1, 1),
                Shape.of(5, 7),
                Shape.of(3, 4, 2),
                Shape.of(16, 17, 512), // split between threads, as the next two
                Shape.of(1, 300_000),
                Shape.of(300, 1001, 1, 3));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theFirstTwoAxesAreSwappedForwardAndBackward(Shape shape) {
        Tensor x = normal(shape);
        TimeMajor layer = new TimeMajor();
        Pass pass = Pass.of(layer);
        Workspace workspace = new Workspace();
        for (int step = 0; step < 3; step++) {
            workspace.begin(KEY);
            assertThat(workspace.run(pass, x)).isBitEqualTo(swapped(x));
            Tensor dy = normal(layer.outputShape(x.shape()));
            assertThat(pass.pullback(dy, new Gradients(layer))).isBitEqualTo(swapped(dy));
        }
    }

    private static Tensor normal(Shape shape) {
        Tensor x = Tensor.zeros(shape);
        KEY.normal(x, 0, 1);
        return x;
    }

    private static Tensor swapped(Tensor x) {
        int[] axes = new int[x.shape().rank()];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i < 2 ? 1 - i : i;
        }
        return x.permute(axes);
    }
}
