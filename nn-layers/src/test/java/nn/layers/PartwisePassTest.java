package nn.layers;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import nn.layers.normalization.BatchNorm;
import nn.layers.normalization.GroupNorm;
import nn.layers.normalization.LayerNorm;
import nn.layers.normalization.RmsNorm;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Normalizations on several parts of a batch at once: the bits of one pass for each part. */
class PartwisePassTest {
    private static final Key KEY = Key.of(1);
    private static final int FEATURES = 24;

    static List<LayerFactory> normalizations() {
        return List.of(BatchNorm.standard(), LayerNorm.standard(), RmsNorm.epsilon(1e-6), GroupNorm.groups(4));
    }

    private static Tensor uniform(int seed, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Key.of(seed).uniform(tensor, -2f, 3f);
        return tensor;
    }

    @ParameterizedTest
    @MethodSource("normalizations")
    void partsHaveTheBitsOfAPassForEach(LayerFactory factory) {
        Layer layer = factory.create(Shape.of(Shape.ANY, 3, FEATURES), KEY);
        Pass pass = Pass.of(layer);
        Workspace workspace = new Workspace();
        requireSame(layer, pass, workspace, 5, 2, 9);
        requireSame(layer, pass, workspace, 20, 3); // kept parts have other sizes in the next step
    }

    /** Runs parts of the given sizes at once, in the next step of a workspace, and each of them by itself. */
    private static void requireSame(Layer layer, Pass pass, Workspace workspace, int... sizes) {
        List<Parameter> parameters = List.copyOf(layer.parametersByPath().values());
        PartProducts products = new PartProducts(sizes.length);
        products.begin(Tensor.zeros(1));
        workspace.begin(KEY);
        BatchParts parts = new BatchParts(workspace, parameters);
        parts.begin(products, 0, sizes.length);
        List<Gradients> together = new ArrayList<>();
        int all = 0;
        for (int i = 0; i < sizes.length; i++) {
            together.add(new Gradients(parameters));
            together.get(i).clear();
            parts.add(i, sizes[i], KEY, together.get(i));
            all += sizes[i];
        }
        Tensor x = uniform(all, all, 3, FEATURES);
        Tensor dy = uniform(all + 1, all, 3, FEATURES);
        Tensor y = parts.context().run(pass, x);
        Tensor dx = pass.pullback(dy, parts.gradients());

        int from = 0;
        for (int i = 0; i < sizes.length; i++) {
            int to = from + sizes[i];
            Gradients alone = new Gradients(parameters);
            alone.clear();
            alone.beginPart();
            Pass own = Pass.of(layer);
            assertThat(y.rows(from, to)).isBitEqualTo(Context.training(KEY).run(own, x.rows(from, to)));
            assertThat(dx.rows(from, to)).isBitEqualTo(own.pullback(dy.rows(from, to), alone));
            for (Parameter parameter : alone.parameters()) {
                assertThat(together.get(i).of(parameter)).isBitEqualTo(alone.of(parameter));
            }
            for (StatisticUpdate update : alone.statistics()) {
                assertThat(together.get(i).statistic(update.parameter()).change())
                        .isBitEqualTo(update.change());
            }
            from = to;
        }
        parts.end();
    }

    @Test
    void aPartOfOneRowHasNoVarianceForABatchNormalization() {
        Layer layer = BatchNorm.standard().create(Shape.of(Shape.ANY, FEATURES), KEY);
        List<Parameter> parameters = layer.parameters();
        BatchParts parts = new BatchParts(Context.training(KEY), parameters);
        parts.begin(new PartProducts(2), 0, 2);
        parts.add(0, 4, KEY, new Gradients(parameters));
        parts.add(1, 1, KEY, new Gradients(parameters));
        Pass pass = Pass.of(layer);
        Tensor x = uniform(1, 5, FEATURES);
        assertThatThrownBy(() -> parts.context().run(pass, x)).hasMessageContaining("a batch of 1 row has no variance");
    }

    @Test
    void aPassNeedsWhatComputesAPart() {
        Layer layer = LayerNorm.standard().create(Shape.of(Shape.ANY, FEATURES), KEY);
        assertThatNullPointerException()
                .isThrownBy(() -> new PartwisePass(layer, null))
                .withMessageContaining("part");
        Pass pass = new PartwisePass(layer, () -> null);
        Tensor x = uniform(1, 5, FEATURES);
        assertThatNullPointerException()
                .isThrownBy(() -> Context.training(KEY).run(pass, x))
                .withMessageContaining("part");
        assertThat(pass.layer()).isSameAs(layer);
    }
}
