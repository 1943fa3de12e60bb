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

    /** Gradients 3 and 1 have the mean 2 and the variance 2, so |G|^2 is 4 - 2 / 2 = 3, and the ratio 3 / 2. */
    @Test
    void signalToNoiseHasTheNumberComputedByHand() {
        assertThat(signalToNoise(3)).isNaN();
        assertThat(signalToNoise(3, 1)).isCloseTo(1.5, within(1e-6));
        assertThat(signalToNoise(3, 1, 2)).isCloseTo((4 - 1.0 / 3) / 1, within(1e-6));
        assertThat(signalToNoise(1, -1)).isZero();
        assertThat(signalToNoise(2, 2, 2)).isInfinite();
        assertThat(signalToNoise(0, 0, 0)).isNaN();
    }

    /** The weight is 0, so that its gradient has no size to be compared with, but signal and noise. */
    private static double signalToNoise(float... gradientsOfLooks) {
        Dense layer = Dense.of(1, 1, KEY);
        layer.weight().value().set(0, 0, 0);
        WeightWatch watch = new WeightWatch("weight", layer.weight(), false);
        Gradients gradients = new Gradients(layer);
        for (float gradient : gradientsOfLooks) {
            gradients.of(layer.weight()).set(gradient, 0, 0);
            watch.begin();
            watch.end(gradients, 1);
        }
        return watch.signalToNoise();
    }

    /**
     * First |G|^2 = N, then G = 0, for n = 1024 elements and sixty looks each, of which the mean has c = 1/9. The first
     * estimate scatters by sqrt((4 c + 2 c + 0.02) / n) = 0.026, by the product of G and the noise, by N, and by the
     * squared noise; the second one by 0.16 / sqrt(n) = 0.005. Five of these are allowed.
     */
    @Test
    void signalToNoiseTellsThePresentState() {
        Dense layer = Dense.of(32, 32, KEY);
        WeightWatch watch = new WeightWatch("weight", layer.weight(), false);
        Gradients gradients = new Gradients(layer);
        for (int look = 0; look < 60; look++) {
            look(watch, gradients, layer, look, 1);
        }
        assertThat(watch.signalToNoise()).isCloseTo(1, within(5 * 0.026));
        for (int look = 60; look < 120; look++) {
            look(watch, gradients, layer, look, 0);
        }
        assertThat(watch.signalToNoise()).isBetween(0.0, 5 * 0.005);
    }

    /** A look at gradients of one mean and the standard deviation 1. */
    private static void look(WeightWatch watch, Gradients gradients, Dense layer, int look, float mean) {
        KEY.child("looks").child(look).normal(gradients.of(layer.weight()), mean, 1f);
        watch.begin();
        watch.end(gradients, look);
    }
}
