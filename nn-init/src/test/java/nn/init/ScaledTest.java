package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ScaledTest {
    private static final int BLOCKS = 12;
    private static final int UNITS = 256;
    private static final int NETWORKS = 16;

    @Test
    void everyValueIsTheBasesTimesTheFactor() {
        float[] base = Sample.filled(Init.heNormal(), 30, 20).toArray();
        float[] scaled =
                Sample.filled(new Scaled(Init.heNormal(), -0.3), 30, 20).toArray();
        for (int i = 0; i < base.length; i++) {
            assertThat(scaled[i]).isEqualTo(base[i] * -0.3f);
        }
    }

    @Test
    void factorsAreThoseOfTheirFormulas() {
        assertThat(factor(Init.residual(Init.heNormal(), 16))).isEqualTo(0.25);
        assertThat(factor(Init.fixup(Init.heNormal(), 16, 2))).isCloseTo(0.25, within(1e-15));
        assertThat(factor(Init.fixup(Init.heNormal(), 16, 3))).isCloseTo(0.5, within(1e-15));
        assertThat(factor(Init.fixup(Init.heNormal(), 1, 3))).isEqualTo(1);
        assertThat(factor(Init.afterDropout(Init.heNormal(), 0.25))).isEqualTo(0.5);
        assertThat(factor(Init.afterDropout(Init.heNormal(), 1))).isEqualTo(1);
    }

    private static double factor(Initializer initializer) {
        return ((Scaled) initializer).factor();
    }

    /**
     * x + W2 relu(W1 x) with He weights: the second moment grows by 3 in each of 12 blocks, by 1 + 2/12 with the last
     * weight over sqrt(12), and not at all with zeros there.
     *
     * <p>With b = W2 relu(W1 x) / sqrt(12), a block of n units multiplies |x|^2 by 1 + 2 x.b / |x|^2 + |b|^2 / |x|^2.
     * The terms are uncorrelated, of variance 4 / (6 n) and (5 + 2) / (36 n): 5 / n is the relative variance of
     * |relu(W1 x)|^2, 2 / n that of a sum of n squares. Relative to the squared mean (7/6)^2 that is 31 / (49 n). The
     * inputs of a network share its weights, so only the networks are counted.
     */
    @Test
    void residualBranchesKeepTheSignalAsTheirFormulaSays() {
        double expected = Math.pow(1 + 2.0 / BLOCKS, BLOCKS);
        double relativeVariance = Math.pow(1 + 31.0 / (49 * UNITS), BLOCKS) - 1;
        assertThat(growth(Init.residual(Init.heNormal(), BLOCKS)))
                .isCloseTo(expected, within(5 * expected * Math.sqrt(relativeVariance / NETWORKS)));
        assertThat(growth(Init.zeros())).isEqualTo(1);
        assertThat(growth(Init.heNormal())).isGreaterThan(1e5);
    }

    /** The factor of the second moment over all blocks, as the mean over networks with 16 inputs each. */
    private static double growth(Initializer last) {
        int n = UNITS;
        Fans fans = new Fans(n, n);
        double sum = 0;
        for (int network = 0; network < NETWORKS; network++) {
            Key key = Key.of(9).child(network);
            Tensor x = Sample.filled(Init.normal(1), key, 16, n);
            double before = x.secondMoment();
            for (int block = 0; block < BLOCKS; block++) {
                Tensor first = Tensor.zeros(n, n);
                Tensor second = Tensor.zeros(n, n);
                Init.heNormal().fill(first, fans, key.child("first").child(block));
                last.fill(second, fans, key.child("second").child(block));
                Tensor h = x.matmul(first);
                for (int i = 0; i < h.size(); i++) {
                    h.array()[h.offset() + i] = Math.max(0, h.array()[h.offset() + i]);
                }
                x.addInPlace(h.matmul(second));
            }
            sum += x.secondMoment() / before;
        }
        return sum / NETWORKS;
    }

    @Test
    void badArgumentsAreRefusedByNameAndValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Scaled(Init.zeros(), Double.NaN))
                .withMessage("scaled: factor NaN must be finite and in the range of float32");
        assertThatNullPointerException().isThrownBy(() -> new Scaled(null, 1)).withMessage("base");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.residual(Init.heNormal(), 0))
                .withMessage("residual: branches 0 must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.fixup(Init.heNormal(), 3, 1))
                .withMessage("fixup: weights 1 must be at least 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.fixup(Init.heNormal(), 0, 2))
                .withMessage("fixup: branches 0 must be at least 1");
        for (double keep : new double[] {0, -0.5, 1.5, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Init.afterDropout(Init.heNormal(), keep))
                    .withMessage("dropout: keep " + keep + " must be above 0 and at most 1");
        }
    }

    @Test
    void aFactorThatMakesValuesInfiniteIsRefused() {
        Tensor out = Tensor.zeros(2, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Scaled(new Scaled(Init.ones(), 1e30), 1e30).fill(out, new Fans(2, 2), Key.of(1)))
                .withMessage("scaled: factor 1E+30 makes values of scaled(ones, 1E+30) infinite in float32; take a"
                        + " smaller factor or smaller values");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.muP(MuP.Role.OUTPUT, Integer.MAX_VALUE, Init.constant(3e38))
                        .fill(out, new Fans(1, 2), Key.of(1)))
                .withMessageStartingWith("mup: factor 46340.950001051984 makes values of constant(3E+38) infinite");
    }
}
