package nn.init.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Limits at probabilities for which they can be worked out on paper, and next to true quantiles. */
class SamplingBoundsTest {
    private static final double P = 2 * StrictMath.exp(-8);

    @Test
    void aNormalVariableIsLimitedByItsExponent() {
        assertThat(SamplingBounds.normal(P)).isCloseTo(4, within(1e-12));
        assertThat(SamplingBounds.normal(2 * StrictMath.exp(-2))).isCloseTo(2, within(1e-12));
    }

    @Test
    void theDistanceShrinksWithTheRootOfTheNumberOfValues() {
        assertThat(SamplingBounds.distance(P, 100)).isCloseTo(0.2, within(1e-12)); // sqrt(8 / 200)
        assertThat(SamplingBounds.distance(P, 400)).isCloseTo(0.1, within(1e-12));
    }

    /**
     * Chi-square of 10 degrees exceeds 29.588 in one of a thousand cases and 1.479 in all but one; 3.0902 is the normal
     * quantile of 0.999.
     */
    @Test
    void theLimitsOfChiSquareAreJustBeyondItsQuantiles() {
        assertThat(10 * SamplingBounds.gamma(5, 3.090232)).isBetween(29.588, 29.9);
        assertThat(10 * SamplingBounds.gamma(5, -3.090232)).isBetween(1.3, 1.479);
        assertThat(SamplingBounds.gamma(9, 4)).isCloseTo(2.937101, within(1e-6)); // (1 - 1/81 + 4/9)^3
        assertThat(SamplingBounds.gamma(9, -4)).isCloseTo(0.160289, within(1e-6));
        assertThat(SamplingBounds.gamma(1, -4)).isZero(); // 1 - 1/9 - 4/3 is below 0
    }

    /** Chernoff's exponent 100 (r ln r - r + 1) is 7.8 for 142 and 8.1 for 143; 7.9 for 63 and 8.4 for 62. */
    @Test
    void countsOfRareEventsAreLimitedOnBothSides() {
        assertThat(SamplingBounds.unlikely(142, 100, P)).isFalse();
        assertThat(SamplingBounds.unlikely(143, 100, P)).isTrue();
        assertThat(SamplingBounds.unlikely(63, 100, P)).isFalse();
        assertThat(SamplingBounds.unlikely(62, 100, P)).isTrue();
        assertThat(SamplingBounds.unlikely(0, 7.9, P)).isFalse(); // e^-7.9
        assertThat(SamplingBounds.unlikely(0, 8.1, P)).isTrue();
    }

    /** Of 64, 16 and 48 have the exponent 64 (ln 2 + ln(1/4) / 4 + 3 ln(3/4) / 4) = 8.37, 17 and 47 have 7.3. */
    @Test
    void countsOfHalvesAreLimitedOnBothSides() {
        for (int least : new int[] {17, 32, 47}) {
            assertThat(SamplingBounds.unlikelyHalf(least, 64, P)).isFalse();
        }
        for (int beyond : new int[] {0, 16, 48, 64}) {
            assertThat(SamplingBounds.unlikelyHalf(beyond, 64, P)).isTrue();
        }
        assertThat(SamplingBounds.unlikelyHalf(0, 11, P)).isFalse(); // 11 ln 2 = 7.6
        assertThat(SamplingBounds.unlikelyHalf(12, 12, P)).isTrue(); // 12 ln 2 = 8.3
    }
}
