package nn.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClippingTest {
    private final Parameter first = parameter("a");
    private final Parameter second = parameter("b");
    private final Gradients gradients = new Gradients(List.of(first, second));

    private static Parameter parameter(String name) {
        return Parameter.create(name, Parameter.Kind.WEIGHT, Shape.of(2), new Fans(1, 1), Init.zeros(), Key.of(0));
    }

    private void set(float a, float b, float c, float d) {
        gradients.of(first).set(a, 0);
        gradients.of(first).set(b, 1);
        gradients.of(second).set(c, 0);
        gradients.of(second).set(d, 1);
    }

    private void clip(double max, double p) {
        new Clipping.Norm(max, p).apply(gradients, gradients.norm());
    }

    /** The p-norm of {@code c x} is c times that of x, whatever the powers of it are. */
    @ParameterizedTest
    @ValueSource(doubles = {1, 1.5, 3, 100, 1000, 1e300, Double.POSITIVE_INFINITY})
    void noPowerOverflowsOrUnderflows(double p) {
        double norm = Double.isInfinite(p) ? 4 : 4 * StrictMath.pow(1 + StrictMath.pow(0.75, p), 1 / p); // of 3, 4, 0
        for (float scale : new float[] {1e-3f, 0.1f, 1, 1e10f, 1e37f}) {
            set(3 * scale, 0, -4 * scale, 0);
            clip(norm * scale / 2, p);
            // The 1e-6 in the rule is up to 3e-4 of the norm.
            double half = 0.5 * scale / (1 + 1e-6 / (norm * scale));
            assertThat(gradients.of(first).get(0)).isCloseTo((float) (3 * half), withinPercentage(1e-4));
            assertThat(gradients.of(second).get(0)).isCloseTo((float) (-4 * half), withinPercentage(1e-4));
            assertThat(gradients.of(first).get(1)).isZero();
        }
    }

    @Test
    void theNormOfPowerThousandClipsByTheLargestMagnitude() {
        set(3, 0, 0, 0);
        clip(1, 1000);
        assertThat(gradients.of(first).get(0)).isCloseTo(1, withinPercentage(1e-3));
        set(0.4f, 0, 0, 0);
        clip(0.1, 1000);
        assertThat(gradients.of(first).get(0)).isCloseTo(0.1f, withinPercentage(1e-3));
        set(0.4f, 0, 0, 0);
        clip(0.5, 1000);
        assertThat(gradients.of(first).get(0)).isEqualTo(0.4f);
    }

    /** The factor, 1e-46, is 0 as a float. */
    @Test
    void aHugeGradientIsClippedToATinyNorm() {
        for (double p : new double[] {1, 2, 3, Double.POSITIVE_INFINITY}) {
            set(0, 1e36f, 0, 0);
            clip(1e-10, p);
            assertThat(gradients.of(first).get(1)).isCloseTo(1e-10f, withinPercentage(1e-4));
        }
    }

    @Test
    void aZeroGradientStaysZero() {
        set(0, 0, 0, 0);
        clip(1, 3);
        assertThat(gradients.norm()).isZero();
    }
}
