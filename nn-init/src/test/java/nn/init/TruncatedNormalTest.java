package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TruncatedNormalTest {
    /** 1 - 2 c phi(c) / (2 Phi(c) - 1), by arithmetic of 60 digits. */
    @ParameterizedTest
    @CsvSource({
        "0.1, 0.003328891006699802185",
        "0.5, 0.080589154600811698428",
        "1, 0.29112509477279321119",
        "2, 0.77374130354992324718",
        "3, 0.97333692466254147659",
        "5, 0.99998513279632924242",
        "8, 0.99999999999991916366",
        "9, 1",
        "100, 1"
    })
    void varianceOfTheCutNormalIsKnownToTheLastDigits(double cut, double variance) {
        assertThat(TruncatedNormal.variance(cut)).isCloseTo(variance, within(4 * Math.ulp(variance)));
    }

    @Test
    void cutOfTwoHasTheUsualCorrection() {
        assertThat(Math.sqrt(TruncatedNormal.variance(2))).isEqualTo(0.87962566103423978);
    }

    /** A cut narrower than 1 is nearly uniform, a wide one nearly normal; the kurtosis of the latter bounds all. */
    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 1, 2, 3, 9})
    void theStandardDeviationIsThatOfTheResultWhateverTheCut(double cut) {
        double parent = 0.02 / Math.sqrt(TruncatedNormal.variance(cut));
        Sample.of(new TruncatedNormal(0, 0.02, cut))
                .hasMoments(0, 0.02, Sample.NORMAL_KURTOSIS)
                .staysWithin(-cut * parent, cut * parent)
                .hasDistribution(Sample.truncated(parent, cut))
                .hardlyRepeats();
    }

    @Test
    void meanMovesTheWholeInterval() {
        double reach = 2 * 0.5 / 0.87962566103423978;
        Sample.of(new TruncatedNormal(3, 0.5, 2))
                .hasMoments(3, 0.5, Sample.NORMAL_KURTOSIS)
                .staysWithin(3 - reach, 3 + reach)
                .comesNear(3 - reach, 3 + reach, 0.001);
    }

    @Test
    void elementIsTheFirstDrawWithinTheCut() {
        Key key = Key.of(7).child("weight");
        Tensor out = Sample.filled(new TruncatedNormal(1, 0.5, 0.7), key, 20, 30);
        double parent = 0.5 / Math.sqrt(TruncatedNormal.variance(0.7));
        int drawnAgain = 0;
        for (int i = 0; i < out.size(); i++) {
            float z = key.normal(i);
            for (int again = 1; Math.abs(z) > 0.7; again++) {
                z = key.child(again).normal(i);
                drawnAgain++;
            }
            assertThat(out.array()[i]).isEqualTo((float) Math.fma(parent, z, 1.0));
        }
        assertThat(drawnAgain).isGreaterThan(300);
    }

    @Test
    void elementDoesNotDependOnTheSize() {
        Initializer initializer = Init.truncatedNormal(1);
        float[] few = Sample.filled(initializer, 100).toArray();
        assertThat(Sample.filled(initializer, 10, 20).toArray()).startsWith(few);
    }

    @Test
    void truncatedNormalCutsAtTwoByDefault() {
        assertThat(Init.truncatedNormal(0.02)).isEqualTo(new TruncatedNormal(0, 0.02, 2));
    }

    @Test
    void badNumbersAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TruncatedNormal(Double.NaN, 1, 2))
                .withMessage("truncated normal: mean NaN must be finite and in the range of float32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TruncatedNormal(0, Double.POSITIVE_INFINITY, 2))
                .withMessage("truncated normal: stddev Infinity must be finite and in the range of float32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.truncatedNormal(-0.02))
                .withMessage("truncated normal: stddev -0.02 must be 0 or more");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -2, 0.09})
    void cutsBelowTheMinimumAreRefused(double bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TruncatedNormal(0, 1, bad))
                .withMessage("truncated normal: cut " + bad
                        + " must be at least 0.1 standard deviations; for a narrower one use a"
                        + " uniform distribution, which it then is");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
    void cutsThatAreNotFiniteAreRefused(double bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TruncatedNormal(0, 1, bad))
                .withMessage("truncated normal: cut " + bad + " must be finite and in the range of float32");
    }

    @Test
    void printsAsInASummary() {
        assertThat(Init.truncatedNormal(0.02)).hasToString("truncated normal(0, 0.02)");
        assertThat(new TruncatedNormal(1, 0.5, 3)).hasToString("truncated normal(1, 0.5, cut 3)");
    }

    /** A normal value of a key is below 7; a cut at 3 deviations of the parent is at 3 / sqrt(0.9733) of the result. */
    @Test
    void theLargestValueIsTheCutInDeviationsOfTheResult() {
        assertThat(TruncatedNormal.reach(3)).isCloseTo(3 / Math.sqrt(0.973337), within(1e-5));
        assertThat(TruncatedNormal.reach(100)).isEqualTo(7);
        float most = Float.MAX_VALUE;
        assertThat(new TruncatedNormal(0, most / 3.05, 3).stddev()).isEqualTo(most / 3.05);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TruncatedNormal(0, most / 3.03, 3))
                .withMessageContaining("give values beyond the range of float32, as some are 3.0408");
    }
}
