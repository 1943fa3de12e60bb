package nn.train.diagnose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Samples of large weights stand for all of their elements. */
class WeightWatchTest {
    private static final Key KEY = Key.of(3);

    /** Two norms of 4096 independent elements each: their ratio is off by 1.6 %, of which five are allowed. */
    @Test
    void aSampleOfALargeWeightTellsHowMuchItChanged() {
        Dense layer = Dense.of(600, 500, KEY);
        Parameter weight = layer.weight();
        WeightWatch watch = new WeightWatch("weight", weight, false);
        Gradients gradients = new Gradients(layer);
        KEY.child("gradient").normal(gradients.of(weight), 0f, 2f);
        Tensor change = Tensor.zeros(600, 500);
        KEY.child("change").normal(change, 0f, 0.01f);
        double size = weight.value().norm();
        watch.begin();
        weight.value().addInPlace(change);
        watch.end(gradients, 1);
        double update = change.norm() / size;
        assertThat(watch.update()).isCloseTo(update, within(0.08 * update));
        double gradient = gradients.of(weight).norm() / size;
        assertThat(watch.gradient()).isCloseTo(gradient, within(0.08 * gradient));
    }

    @Test
    void aSmallWeightIsReadWhole() {
        Dense layer = Dense.of(30, 20, KEY);
        Parameter weight = layer.weight();
        WeightWatch watch = new WeightWatch("weight", weight, false);
        double size = weight.value().norm();
        watch.begin();
        weight.value().set(weight.value().get(29, 19) + 1, 29, 19);
        watch.end(new Gradients(layer), 1);
        assertThat(watch.update()).isCloseTo(1 / size, within(1e-6 / size));
        assertThat(watch.reading().hadGradient()).isFalse();
    }

    /** One row of a table of 100,000, which the sample misses, had a gradient. */
    @Test
    void aGradientOutsideTheSampleIsNoMissingGradient() {
        Embedding table = Embedding.of(100_000, 16, KEY);
        Parameter weight = table.parameters().getFirst();
        WeightWatch watch = new WeightWatch("table", weight, true);
        Gradients gradients = new Gradients(table);
        gradients.of(weight).set(1, 5, 3);
        watch.begin();
        watch.end(gradients, 1);
        assertThat(watch.gradient()).isZero();
        assertThat(watch.reading().hadGradient()).isTrue();
    }
}
