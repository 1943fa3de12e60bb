package nn.init;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DistributionTest {
    /** Of a normal value given that it is within 2 deviations, in those deviations. */
    private static final double CUT_DEVIATION = 0.87962566103423978;

    @Test
    void normalHasTheGivenStandardDeviation() {
        Sample.of(Distribution.NORMAL, 0.3)
                .hasMoments(0, 0.3, Sample.NORMAL_KURTOSIS)
                .hasDistribution(Sample.normal(0.3))
                .comesNear(-1.4, 1.4, 0.3)
                .hardlyRepeats();
    }

    @Test
    void uniformHasTheGivenStandardDeviationAndEndsAtRootThreeTimesThat() {
        double bound = 0.3 * Math.sqrt(3);
        Sample.of(Distribution.UNIFORM, 0.3)
                .hasMoments(0, 0.3, Sample.UNIFORM_KURTOSIS)
                .hasDistribution(Sample.uniform(-bound, bound))
                .staysWithin(-bound, bound)
                .comesNear(-bound, bound, 0.001)
                .hardlyRepeats();
    }

    @Test
    void truncatedNormalHasTheGivenStandardDeviationAfterTheCut() {
        double parent = 0.3 / CUT_DEVIATION;
        Sample.of(Distribution.TRUNCATED_NORMAL, 0.3)
                .hasMoments(0, 0.3, Sample.NORMAL_KURTOSIS)
                .hasDistribution(Sample.truncated(parent, 2))
                .staysWithin(-2 * parent, 2 * parent)
                .comesNear(-2 * parent, 2 * parent, 0.001)
                .hardlyRepeats();
    }

    @ParameterizedTest
    @EnumSource
    void aStandardDeviationOfZeroGivesZeros(Distribution distribution) {
        Tensor out = Tensor.full(Float.NaN, 3, 5);
        distribution.fill(out, 0, Key.of(1));
        assertThat(out.maxAbs()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void fillsViewsAndNothingOutside(Distribution distribution) {
        Tensor whole = Tensor.full(9, 4, 3);
        distribution.fill(whole.rows(1, 3), 0.1, Key.of(1));
        Tensor alone = Tensor.zeros(2, 3);
        distribution.fill(alone, 0.1, Key.of(1));
        assertThat(whole.rows(1, 3).copy()).isBitEqualTo(alone);
        assertThat(whole.row(0).toArray()).containsOnly(9);
        assertThat(whole.row(3).toArray()).containsOnly(9);
    }

    @ParameterizedTest
    @EnumSource
    void badStandardDeviationsAreRefusedByNameAndValue(Distribution distribution) {
        Tensor out = Tensor.zeros(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> distribution.fill(out, -0.1, Key.of(1)))
                .withMessage(distribution + ": stddev -0.1 must be 0 or more");
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1e39}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> distribution.fill(out, bad, Key.of(1)))
                    .withMessage(distribution + ": stddev " + bad + " must be finite and in the range of float32");
        }
    }

    /** 1e38 times sqrt(3) and times 2 / 0.88 are below the largest float, 3.4e38, times 7 is not. */
    @Test
    void deviationsWhoseValuesFloatCannotHoldAreRefused() {
        Tensor out = Tensor.zeros(3);
        for (Distribution distribution : Distribution.values()) {
            double most = distribution == Distribution.NORMAL ? 4e37 : 1e38;
            distribution.fill(out, most, Key.of(1));
            assertThat(out.isFinite()).isTrue();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> distribution.fill(out, 2.5 * most, Key.of(1)))
                    .withMessageStartingWith(distribution + ": mean 0 and stddev ")
                    .withMessageContaining("give values beyond the range of float32, as some are ");
        }
    }
}
