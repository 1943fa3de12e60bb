package nn.layers.dense;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Lsuv;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.network.Network;
import nn.layers.testing.GradientCheck;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class EmbeddingTest {
    private static final Key KEY = Key.of(19);
    private static final Embedding TABLE = Embedding.of(5, 3, KEY);

    @Test
    void anIndexSelectsItsRow() {
        Tensor y = TABLE.forward(Tensor.of(new float[] {4, 0, 2, 4}, 2, 2), Context.inference())
                .output();
        assertThat(y.shape()).isEqualTo(Shape.of(2, 2, 3));
        int[] rows = {4, 0, 2, 4};
        for (int i = 0; i < 4; i++) {
            assertThat(y.reshape(4, 3).row(i))
                    .isBitEqualTo(TABLE.weight().value().row(rows[i]));
        }
    }

    @Test
    void aRowUsedTwiceGetsTheSumOfBothGradients() {
        Tensor x = Tensor.of(new float[] {4, 0, 2, 4}, 4);
        GradientCheck.standard().ofParameters().check(TABLE, x).throwIfFailed();
        Gradients gradients = new Gradients(TABLE.parameters());
        Tensor dy = normal("dy", 4, 3);
        Tensor dx = TABLE.forward(x, Context.inference()).pullback(dy, gradients);
        Tensor dw = gradients.of(TABLE.weight());
        assertThat(dw.row(4)).isBitEqualTo(dy.row(0).add(dy.row(3)));
        assertThat(dw.row(0)).isBitEqualTo(dy.row(1));
        assertThat(dw.row(1).norm()).isZero();
        assertThat(dx.shape()).isEqualTo(Shape.of(4));
        assertThat(dx.norm()).isZero();
    }

    @Test
    void anInvalidIndexIsReportedWithItsPlace() {
        for (float bad : new float[] {5, -1, 1.5f, Float.NaN, Float.POSITIVE_INFINITY}) {
            Tensor x = Tensor.zeros(4, 2);
            x.set(bad, 2, 1);
            assertThatThrownBy(() -> TABLE.forward(x, Context.inference()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Embedding 5 -> 3: element [2, 1] of the input [4 x 2] is " + bad
                            + "; an index is a whole number from 0 to 4");
        }
        assertThatThrownBy(() -> Embedding.of(0, 3, KEY))
                .hasMessage("Embedding 0 -> 3: a table has at least one entry and one unit");
        assertThatThrownBy(() -> Embedding.of((1 << 24) + 1, 1, KEY)).hasMessageContaining("exact up to 16777216");
    }

    @Test
    void theTableIsStandardNormalByDefault() {
        Embedding large = Embedding.of(100, 100, KEY);
        assertThat(large.weight().initializer()).isEqualTo(Init.normal(1));
        assertThat(large.weight().value().secondMoment()).isBetween(1 - 5 * Math.sqrt(2e-4), 1 + 5 * Math.sqrt(2e-4));
    }

    @Test
    void theTableTakesAnotherInitializer() {
        Embedding table = Embedding.of(4, 2).weight(Init.constant(3)).create(KEY);
        assertThat(table.weight().value().toArray()).containsOnly(3f);
    }

    @Test
    void aTiedOutputSharesTheParameterOfTheTable() {
        Embedding table = Embedding.of(6, 4, KEY);
        Network network = Network.builder(KEY)
                .input(Shape.of(Shape.ANY))
                .layer("table", table)
                .dense("hidden", 4)
                .tanh()
                .layer("out", table.tied())
                .build();
        assertThat(network.parametersByPath().keySet()).containsExactly("table.weight", "hidden.weight", "hidden.bias");
        Tensor x = Tensor.of(new float[] {4, 0, 2, 4, 5}, 5);
        assertThat(network.predict(x).shape()).isEqualTo(Shape.of(5, 6));
        GradientCheck.standard().ofParameters().check(network, x).throwIfFailed();
        GradientCheck.standard().check(table.tied(), normal("x", 3, 4)).throwIfFailed();
        assertThatThrownBy(() -> table.tied().outputShape(Shape.of(3, 5)))
                .isInstanceOf(ShapeException.class)
                .hasMessage("Tied 4 -> 6: expected [... x 4], got [3 x 5]");
    }

    @Test
    void aLayerInTwoPlacesHasItsParametersOnceAndTheSumOfBothGradients() {
        Dense dense = Dense.of(4, 4, KEY);
        Network network = Network.builder(KEY)
                .input(4)
                .layer("first", dense)
                .tanh()
                .layer("second", dense)
                .build();
        assertThat(network.parametersByPath().keySet()).containsExactly("first.weight", "first.bias");
        GradientCheck.standard().check(network, normal("x", 3, 4)).throwIfFailed();
    }

    private static Network padded(Embedding table) {
        return Network.builder(KEY)
                .input(Shape.of(Shape.ANY))
                .layer("table", table)
                .dense("hidden", 4)
                .tanh()
                .layer("out", table.tied())
                .build();
    }

    /** Entry 2 is looked up, and all scores depend on its row: yet it gets no gradient, and the others get theirs. */
    @Test
    void theRowForPaddingIsZeroAndGetsNoGradientFromLookupsAndScores() {
        Embedding table = Embedding.of(6, 4).padding(2).create(KEY);
        Embedding without = Embedding.of(6, 4, KEY);
        assertThat(table.toString()).isEqualTo("Embedding 6 -> 4, padding 2");
        assertThat(table.padding()).hasValue(2);
        assertThat(table.weight().paddingRow()).hasValue(2);
        assertThat(table.weight().initializer()).isEqualTo(Init.paddingRow(Init.normal(1), 2));
        for (int row = 0; row < 6; row++) {
            Tensor expected =
                    row == 2 ? Tensor.zeros(4) : without.weight().value().row(row);
            assertThat(table.weight().value().row(row)).isBitEqualTo(expected);
        }
        Network network = padded(table);
        Tensor x = Tensor.of(new float[] {4, 2, 2, 0, 5}, 5);
        Pass pass = network.forward(x, Context.inference());
        assertThat(pass.output().get(0, 2)).isZero(); // the score of the padding
        Gradients gradients = new Gradients(network.parameters());
        pass.pullback(normal("dy", 5, 6), gradients);
        Tensor dTable = gradients.of(table.weight());
        assertThat(dTable.row(2).maxAbs()).isZero();
        for (int row : new int[] {0, 1, 3, 4, 5}) {
            assertThat((double) dTable.row(row).maxAbs()).isPositive();
        }
    }

    @Test
    void theRowForPaddingStaysZeroUnderLsuvAndAnotherInitializer() {
        Embedding table = Embedding.of(6, 4).weight(Init.constant(3)).padding(0).create(KEY);
        Parameter weight = table.weight();
        assertThat(weight.value().row(0).maxAbs()).isZero();
        assertThat(weight.value().row(1).toArray()).containsOnly(3f);
        weight.draw(Init.uniform(0.5));
        assertThat(weight.value().row(0).maxAbs()).isZero();
        assertThat(weight.initializer()).isEqualTo(Init.paddingRow(Init.uniform(0.5), 0));
        Tensor drawn = Tensor.zeros(6, 4);
        weight.initializer().fill(drawn, weight.fans(), weight.key());
        assertThat(weight.value()).isBitEqualTo(drawn);
        Network network = padded(table);
        double before = weight.value().row(1).norm();
        List<Lsuv.Scaled> report = Lsuv.standard().apply(network, Tensor.of(new float[] {0, 1, 2, 3, 4, 5, 0, 1}, 8));
        assertThat(report.getFirst().times()).isPositive();
        assertThat(weight.value().row(0).maxAbs()).isZero();
        assertThat(weight.value().row(1).norm()).isNotEqualTo(before);
    }

    @Test
    void anEntryForPaddingIsOneOfTheTable() {
        assertThatThrownBy(() -> Embedding.of(6, 4).padding(6).create(KEY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Embedding 6 -> 4, padding 6: the entry for padding must be below the number of entries");
        assertThatThrownBy(() -> Embedding.of(6, 4).padding(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("embedding: the entry for padding, -1, must be 0 or more");
        assertThat(Embedding.of(6, 4, KEY).padding()).isEmpty();
        assertThat(Embedding.of(6, 4, KEY).weight().paddingRow()).isEmpty();
    }

    @Test
    void aTableThatIsDrawnByDefaultSuitsItsTiedOutput() {
        Embedding table = Embedding.of(400, 64).padding(3).create(KEY);
        Tensor before = table.weight().value().copy();
        table.tied();
        assertThat(table.weight().initializer().toString())
                .isEqualTo("padding row(variance scaling(gain 1, fan out, normal), 3)");
        before.scaleInPlace(1 / 8f); // the same draws by sqrt(64)
        assertThat(table.weight().value()).isBitEqualTo(before);
        Tensor tied = table.weight().value().copy();
        table.tied();
        assertThat(table.weight().value()).isBitEqualTo(tied);
        Embedding chosen = Embedding.of(400, 64).weight(Init.normal(1)).create(KEY);
        Tensor own = chosen.weight().value().copy();
        chosen.tied();
        assertThat(chosen.weight().value()).isBitEqualTo(own);
        Embedding trained = Embedding.of(400, 64, KEY);
        trained.weight().value().set(2f, 0, 0);
        Tensor values = trained.weight().value().copy();
        trained.tied();
        assertThat(trained.weight().value()).isBitEqualTo(values);
    }
}
