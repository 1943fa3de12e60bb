package nn.layers;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import org.junit.jupiter.api.Test;

/** Parameters, gradients and contexts. */
class ContractsTest {
    private static final Key KEY = Key.of(7);

    private static Parameter parameter(String name, int... dims) {
        return Parameter.create(name, Parameter.Kind.WEIGHT, Shape.of(dims), new Fans(2, 3), Init.xavierUniform(), KEY);
    }

    @Test
    void aBadParameterIsRefusedByName() {
        assertThatThrownBy(() -> parameter("a.b", 2, 3))
                .hasMessage("parameter name 'a.b' must not be empty or contain a dot");
        assertThatThrownBy(() -> parameter("", 2, 3)).hasMessageStartingWith("parameter name ''");
        assertThatThrownBy(() -> parameter("weight", 2, 0))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("parameter 'weight' of shape [2 x 0] has no elements");
    }

    @Test
    void gradientsBeginAtZeroAndAddUp() {
        Parameter a = parameter("a", 2, 3);
        Parameter b = parameter("b", 3);
        Gradients gradients = new Gradients(List.of(a, b, a));
        assertThat(gradients.parameters()).containsExactly(a, b);
        assertThat(gradients.norm()).isZero();
        gradients.of(a).fill(1);
        gradients.of(b).fill(-1);
        Gradients others = new Gradients(List.of(b));
        others.of(b).fill(3);
        gradients.add(others);
        assertThat(gradients.of(b).toArray()).containsExactly(2, 2, 2);
        assertThat(gradients.norm()).isEqualTo(Math.sqrt(6 + 12));
        gradients.clear();
        assertThat(gradients.norm()).isZero();
    }

    @Test
    void theNormOfALargeGradientIsZeroAfterAClear() {
        Parameter weight = parameter("weight", 600, 500); // so large that the norm is computed with the product
        Gradients gradients = new Gradients(List.of(weight));
        gradients.clear();
        gradients.addWeightGradient(weight, Tensor.full(1, 1, 600), Tensor.full(1, 1, 500));
        assertThat(gradients.norm()).isEqualTo(Math.sqrt(600 * 500));
        gradients.clear();
        assertThat(gradients.norm()).isZero();
    }

    @Test
    void aWeightGradientIsAddedToOthersAndWrittenAfterAClear() {
        Parameter weight = parameter("weight", 2, 3);
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2); // any number of leading dimensions
        Tensor dy = Tensor.of(new float[] {1, 0, -1, 2, 1, 0, 0, 1, 3, -2, 2, 1}, 2, 2, 3);
        Tensor product = Tensor.zeros(2, 3);
        x.matmulInto(dy, Transposed.LEFT, product);
        Gradients gradients = new Gradients(List.of(weight));
        Tensor gradient = gradients.of(weight);
        gradients.addWeightGradient(weight, x, dy);
        gradients.addWeightGradient(weight, x, dy);
        assertThat(gradient.toArray()).isEqualTo(product.add(product).toArray());
        gradient.fill(Float.NaN);
        gradients.clear();
        gradients.addWeightGradient(weight, x, dy);
        assertThat(gradients.of(weight)).isSameAs(gradient);
        assertThat(gradient).isBitEqualTo(product);
    }

    @Test
    void clearedGradientsCountAsZeroForEveryMethod() {
        Parameter weight = parameter("weight", 2, 3);
        Gradients cleared = new Gradients(List.of(weight));
        Gradients other = new Gradients(List.of(weight));
        Tensor x = Tensor.of(new float[] {1, 2}, 1, 2);
        Tensor narrow = Tensor.of(new float[] {1, 2}, 1, 2);
        cleared.of(weight).fill(Float.NaN);
        cleared.clear();
        other.add(cleared);
        assertThat(other.norm()).isZero();
        cleared.of(weight).fill(Float.NaN);
        cleared.clear();
        assertThatThrownBy(() -> cleared.addWeightGradient(weight, x, narrow)).isInstanceOf(ShapeException.class);
        assertThat(cleared.norm()).isZero();
        cleared.of(weight).fill(Float.NaN);
        cleared.clear();
        other.of(weight).fill(3);
        cleared.add(other);
        assertThat(cleared.of(weight).toArray()).containsOnly(3);
        cleared.clear();
        assertThat(cleared.of(weight).toArray()).containsOnly(0);
        assertThatThrownBy(() -> cleared.addWeightGradient(parameter("other", 1, 2), x, narrow))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no gradient for parameter other [1 x 2]");
    }

    @Test
    void gradientsOfOtherParametersAreRefusedAndChangeNothing() {
        Parameter a = parameter("a", 3);
        Parameter b = parameter("b", 3);
        Gradients gradients = new Gradients(List.of(a));
        assertThatThrownBy(() -> gradients.of(b))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no gradient for parameter b [3]");
        Gradients both = new Gradients(List.of(a, b));
        both.of(a).fill(1);
        assertThatThrownBy(() -> gradients.add(both)).isExactlyInstanceOf(IllegalArgumentException.class);
        assertThat(gradients.norm()).isZero();
    }

    @Test
    void aWorkspaceHandsOutTheSameTensorsAtEveryStep() {
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        Tensor first = workspace.empty(Shape.of(2, 3));
        Tensor second = workspace.empty(Shape.of(2, 3));
        assertThat(second).isNotSameAs(first);
        workspace.begin(KEY.child(1));
        assertThat(workspace.key()).isEqualTo(KEY.child(1));
        assertThat(workspace.training()).isTrue();
        assertThat(workspace.empty(Shape.of(2, 3))).isSameAs(first);
        Tensor smaller = workspace.empty(Shape.of(1, 3));
        assertThat(smaller.shape()).isEqualTo(Shape.of(1, 3));
        assertThat(smaller.array()).isSameAs(second.array());
    }

    @Test
    void aSmallerLastBatchTakesNoNewMemory() {
        Network network =
                Network.builder(KEY).input(5).dense("a", 7).relu().dense("b", 3).build();
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        float[] whole = network.forward(Tensor.zeros(8, 5), workspace).output().array();
        Tensor x = Tensor.full(0.5f, 3, 5);
        for (int step = 0; step < 3; step++) {
            workspace.begin(KEY);
            Tensor part = network.forward(x, workspace).output();
            assertThat(part.array()).isSameAs(whole);
            assertThat(part).isBitEqualTo(network.predict(x));
            workspace.begin(KEY);
            assertThat(network.forward(Tensor.zeros(8, 5), workspace).output().array())
                    .isSameAs(whole);
        }
        workspace.begin(KEY);
        assertThat(workspace.empty(Shape.of(1000)).shape()).isEqualTo(Shape.of(1000)); // larger than any before
    }

    @Test
    void contextsSayWhetherTheyTrain() {
        assertThat(Context.inference().training()).isFalse();
        assertThat(Context.training(KEY).training()).isTrue();
        assertThat(Context.training(KEY).key()).isEqualTo(KEY);
        assertThat(Context.inference().empty(Shape.of(2)).shape()).isEqualTo(Shape.of(2));
    }

    @Test
    void aPullbackForParametersOnlyGivesTheSameGradientsToTheBit() {
        Network network =
                Network.builder(KEY).input(5).dense("a", 7).relu().dense("b", 3).build();
        Tensor x = Tensor.zeros(4, 5);
        KEY.normal(x, 0f, 1f);
        Tensor dy = Tensor.zeros(4, 3);
        KEY.child("dy").normal(dy, 0f, 1f);
        for (Layer layer : List.of(network, Dense.of(5, 3, KEY))) {
            Gradients whole = new Gradients(layer.parameters());
            layer.forward(x, Context.inference()).pullback(dy, whole);
            Gradients only = new Gradients(layer.parameters());
            layer.forward(x, Context.inference()).pullbackParameters(dy, only);
            for (Parameter p : layer.parameters()) {
                assertThat(only.of(p).maxAbs()).isPositive();
                assertThat(only.of(p)).isBitEqualTo(whole.of(p));
            }
        }
    }
}
