package nn.layers.network;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import nn.fixtures.FunctionPass;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** What {@link Network#predict} keeps from one prediction to the next. */
class PredictionTest {
    private static final Key KEY = Key.of(7);
    private static final Tensor X = normal("x", 5, 6);
    private static final Tensor OTHER = normal("other", 5, 6);

    /** A layer that hands on its input, and notes its array. */
    private record Probe(List<float[]> seen) implements Layer {
        Probe() {
            this(Collections.synchronizedList(new ArrayList<>())); // of any thread
        }

        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                seen.add(x.array());
                if (Float.isNaN(x.get(0, 0))) {
                    throw new IllegalStateException("not a number");
                }
                return new FunctionPass.Result(x, (dy, gradients) -> dy);
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    /** All tensors have one shape, so that any of them can take the place of another. */
    private static Network square(Layer middle) {
        return Network.builder(KEY)
                .input(6)
                .dense("first", 6)
                .layer("middle", middle)
                .tanh()
                .layer(
                        "inner",
                        new Residual(Network.builder(KEY.child("inner"))
                                .input(6)
                                .dense("a", 6)
                                .tanh()
                                .dense("b", 6)
                                .build()))
                .dense("last", 6)
                .layer("end", new Probe())
                .build();
    }

    private static Tensor expected(Network network, Tensor x) {
        return network.forward(x, Context.inference()).output();
    }

    @Test
    void tensorsBetweenLayersAreUsedAgain() {
        Probe middle = new Probe();
        Network network = square(middle);
        network.predict(X);
        network.predict(OTHER);
        assertThat(middle.seen().get(0)).isSameAs(middle.seen().get(1));
    }

    @Test
    void noPredictionChangesTheOutputOfAnother() {
        Network network = square(new Probe());
        Tensor first = network.predict(X);
        Tensor second = network.predict(OTHER);
        Tensor third = network.predict(X);
        assertThat(first).isBitEqualTo(expected(network, X));
        assertThat(second).isBitEqualTo(expected(network, OTHER));
        assertThat(third).isBitEqualTo(first);
        assertThat(third.array()).isNotSameAs(first.array());
    }

    @Test
    void aBatchOfAnotherSizeGetsItsOwnTensors() {
        Network network = square(new Probe());
        Tensor all = network.predict(X);
        assertThat(network.predict(X.rows(1, 3))).isBitEqualTo(all.rows(1, 3));
        assertThat(network.predict(X)).isBitEqualTo(all);
    }

    @Test
    void aPredictionThatFailsLeavesNothingBehind() {
        Network network = square(new Probe());
        Tensor before = network.predict(X);
        assertThatThrownBy(() -> network.predict(Tensor.full(Float.NaN, 5, 6)))
                .isInstanceOf(IllegalStateException.class);
        assertThat(network.predict(X)).isBitEqualTo(before);
    }

    @Test
    void threadsPredictAtOnce() {
        Network network =
                square(Network.builder(KEY.child("no probe")).input(6).tanh().build());
        Tensor expected = expected(network, X);
        List<Tensor> outputs = IntStream.range(0, 200)
                .parallel()
                .mapToObj(i -> network.predict(i % 2 == 0 ? X : OTHER))
                .toList();
        for (int i = 0; i < outputs.size(); i += 2) {
            assertThat(outputs.get(i)).isBitEqualTo(expected);
        }
    }
}
