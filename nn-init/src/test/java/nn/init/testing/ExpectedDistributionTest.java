package nn.init.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Moments, bounds and distribution functions of the promised distributions. */
class ExpectedDistributionTest {
    private static final DoubleUnaryOperator HALF = x -> 0.5;

    private static ExpectedDistribution of(double mean, double stddev, double kurtosis, double low, double high) {
        return new ExpectedDistribution("mine", mean, stddev, kurtosis, low, high, HALF);
    }

    @Test
    void theLimitsOfTheNumbersAreAllowed() {
        assertThat(of(1, 0, 1, 1, 1).stddev()).isZero();
        assertThat(of(0, Double.MAX_VALUE, Double.MAX_VALUE, Double.NEGATIVE_INFINITY, 0)
                        .high())
                .isZero();
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        double infinity = Double.POSITIVE_INFINITY;
        double[][] bad = {
            {Double.NaN, 1, 3, -9, 9},
            {infinity, 1, 3, -9, infinity},
            {0, -0.1, 3, -9, 9},
            {0, infinity, 3, -9, 9},
            {0, Double.NaN, 3, -9, 9},
            {0, 1, 0.9, -9, 9},
            {0, 1, infinity, -9, 9},
            {0, 1, 3, 1, 9},
            {0, 1, 3, -9, -1},
            {0, 1, 3, Double.NaN, 9},
            {0, 1, 3, -9, Double.NaN}
        };
        for (double[] x : bad) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> of(x[0], x[1], x[2], x[3], x[4]))
                    .withMessage("expected distribution 'mine': mean " + x[0] + ", stddev " + x[1] + ", kurtosis "
                            + x[2] + ", bounds " + x[3] + " to " + x[4] + "; the mean must be finite and between the"
                            + " bounds, the stddev finite and 0 or more, the kurtosis finite and at least 1");
        }
    }

    @Test
    void aNormalDistributionHasItsMomentsAndItsFunction() {
        ExpectedDistribution normal = ExpectedDistribution.normal(3, 2);
        assertThat(normal)
                .extracting("name", "mean", "stddev", "kurtosis", "low", "high")
                .containsExactly("normal", 3.0, 2.0, 3.0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        assertThat(normal.cdf().applyAsDouble(3)).isEqualTo(0.5);
        assertThat(normal.cdf().applyAsDouble(5)).isCloseTo(0.8413447460685429, within(1e-15));
        assertThat(normal.cdf().applyAsDouble(-1)).isCloseTo(0.022750131948179207, within(1e-15));
    }

    @Test
    void aUniformDistributionHasItsMomentsAndItsFunction() {
        ExpectedDistribution uniform = ExpectedDistribution.uniform(1, 5);
        assertThat(uniform)
                .extracting("name", "mean", "stddev", "kurtosis", "low", "high")
                .containsExactly("uniform", 3.0, 4 / Math.sqrt(12), 1.8, 1.0, 5.0);
        double[] x = {0, 1, 2, 4, 5, 6};
        double[] share = {0, 0, 0.25, 0.75, 1, 1};
        for (int i = 0; i < x.length; i++) {
            assertThat(uniform.cdf().applyAsDouble(x[i])).isEqualTo(share[i]);
        }
    }

    /**
     * A cut at c = 1: E[z^2] = 1 - 2 f(1) / s and E[z^4] = 3 E[z^2] - 2 f(1) / s with the density f(1) = 0.2419707 and
     * s = 0.6826895, so 0.2911251 and 0.1645002.
     */
    @Test
    void aTruncatedNormalDistributionHasItsMomentsAndItsFunction() {
        ExpectedDistribution cut = ExpectedDistribution.truncatedNormal(3, Math.sqrt(0.2911250947) * 2, 1);
        assertThat(cut.name()).isEqualTo("truncated normal");
        assertThat(cut.mean()).isEqualTo(3);
        assertThat(cut.stddev()).isEqualTo(Math.sqrt(0.2911250947) * 2);
        assertThat(cut.kurtosis()).isCloseTo(0.1645003788 / (0.2911250947 * 0.2911250947), within(1e-6));
        assertThat(cut.low()).isCloseTo(1, within(1e-8)); // one standard deviation of the parent, 2
        assertThat(cut.high()).isCloseTo(5, within(1e-8));
        double[] x = {0, 2, 3, 4, 6};
        double half = 0.19146246 / 0.68268949; // of (0, 1/2) in units of the parent
        double[] share = {0, 0.5 - half, 0.5, 0.5 + half, 1};
        for (int i = 0; i < x.length; i++) {
            assertThat(cut.cdf().applyAsDouble(x[i])).isCloseTo(share[i], within(1e-7));
        }
    }

    /** Almost uniform: a kurtosis of 9/5 + 24/175 c^2, and terms of c^4. */
    @Test
    void aCutIsAtLeastATenth() {
        assertThat(ExpectedDistribution.truncatedNormal(0, 1, 0.1).kurtosis()).isCloseTo(1.8013714, within(1e-5));
        for (double cut : new double[] {0.0999, Double.POSITIVE_INFINITY, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ExpectedDistribution.truncatedNormal(0, 1, cut))
                    .withMessage("expected distribution: cut " + cut
                            + " must be finite and at least 0.1 standard deviations");
        }
    }

    @Test
    void knownMomentsHaveNoBoundsAndNoFunction() {
        ExpectedDistribution moments = ExpectedDistribution.ofMoments(3, 2, 5);
        assertThat(moments)
                .extracting("name", "mean", "stddev", "kurtosis", "low", "high", "cdf")
                .containsExactly("moments", 3.0, 2.0, 5.0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, null);
    }

    /** With u of U(1, 3): E ln u = (3 ln 3 - 2) / 2, E ln^2 u = (3 ln^2 3 - 2 (3 ln 3 - 2)) / 2. */
    @Test
    void chronoBiasesAreLogarithmsOfUniformTimes() {
        ExpectedDistribution chrono = ExpectedDistribution.chrono(4);
        double log = Math.log(3);
        double mean = (3 * log - 2) / 2;
        double square = (3 * log * log - 2 * (3 * log - 2)) / 2 - mean * mean;
        assertThat(chrono.mean()).isCloseTo(mean, within(1e-14));
        assertThat(chrono.stddev() * chrono.stddev()).isCloseTo(square, within(1e-14));
        assertThat(chrono.low()).isZero();
        assertThat(chrono.high()).isCloseTo(log, within(1e-15));
        assertThat(chrono.cdf().applyAsDouble(Math.log(2))).isCloseTo(0.5, within(1e-15));
        double fourth = 0;
        int steps = 100_000;
        for (int i = 0; i < steps; i++) { // the midpoint rule over u
            fourth += Math.pow(Math.log(1 + 2 * (i + 0.5) / steps) - mean, 4) / steps;
        }
        assertThat(chrono.kurtosis()).isCloseTo(fourth / (square * square), within(1e-8));
        assertThatIllegalArgumentException().isThrownBy(() -> ExpectedDistribution.chrono(2));
    }
}
