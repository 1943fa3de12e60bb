package nn.init.nonlinearity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MomentsTest {
    private static final double[] KINKS = {-3, -1, 0, 1, 3};

    /** Those with kinks elsewhere than at 0, which the general rule does not know. */
    private static final Set<Nonlinearity> KINKED =
            Set.of(Nonlinearity.HARD_TANH, Nonlinearity.HARD_SIGMOID, Nonlinearity.HARD_SWISH);

    static Stream<Nonlinearity> all() {
        return EveryNonlinearity.all();
    }

    /** Every one of them again as a pair of lambdas, so that nothing but the general rule applies. */
    private static Nonlinearity anonymous(Nonlinearity f) {
        return Nonlinearity.of("lambda", f::value, f::derivative);
    }

    @ParameterizedTest
    @CsvSource({
        "tanh, 0, 0.394294, 0.464403",
        "sigmoid, 0.5, 0.293379, 0.044836",
        "gelu, 0.282095, 0.425221, 0.455851",
        "silu, 0.206621, 0.355776, 0.379482",
        "elu(1), 0.160521, 0.644945, 0.668102",
        "selu, 0, 1, 1.071575",
        "softplus, 0.806059, 0.921246, 0.293379",
        "mish, 0.240404, 0.452342, 0.479084",
        "hard swish, 0.166217, 0.331567, 0.358532",
        "hard sigmoid, 0.5, 0.277639, 0.027703",
        "log sigmoid, -0.806059, 0.921246, 0.293379",
        "hard tanh, 0, 0.516059, 0.682689"
    })
    void momentsAtVarianceOneAreTheKnownOnes(String name, double mean, double second, double slope) {
        Nonlinearity f = EveryNonlinearity.named(name);
        Moments m = f.moments(1);
        assertThat(m.mean()).isCloseTo(mean, within(5e-7));
        assertThat(m.secondMoment()).isCloseTo(second, within(5e-7));
        assertThat(m.slopeSecondMoment()).isCloseTo(slope, within(5e-7));
    }

    @ParameterizedTest
    @MethodSource("all")
    void momentsAgreeWithAnotherQuadratureAtEveryVariance(Nonlinearity f) {
        for (double q : new double[] {1e-4, 0.01, 0.3, 0.45, 0.55, 1, 2, 10, 100, 1000}) {
            assertMoments(f, 0, q, 1e-12);
        }
    }

    @ParameterizedTest
    @CsvSource({"0.5, 1", "-2, 1", "3, 0.25", "-1, 20", "0.01, 2"})
    void momentsAgreeAtOtherMeansToo(double mean, double q) {
        all().forEach(f -> assertMoments(f, mean, q, KINKED.contains(f) ? 4e-3 : 1e-12)); // those have no closed form
    }

    private static void assertMoments(Nonlinearity f, double mean, double q, double error) {
        Moments m = f.moments(mean, q);
        double ofRates = error / Math.min(1, Math.sqrt(q));
        assertExpectation(f, z -> f.value(z), mean, q, m.mean(), error);
        assertExpectation(f, z -> square(f.value(z)), mean, q, m.secondMoment(), error);
        assertExpectation(f, z -> square(f.derivative(z)), mean, q, m.slopeSecondMoment(), error);
        assertExpectation(f, z -> square(square(f.derivative(z))), mean, q, m.slopeFourthMoment(), error);
        assertExpectation(f, z -> f.derivative(z) * (z - mean) / (2 * q), mean, q, m.meanRate(), ofRates);
        DoubleUnaryOperator growth = z -> f.value(z) * f.derivative(z) * (z - mean) / q;
        assertExpectation(f, growth, mean, q, m.secondMomentRate(), ofRates);
    }

    private static void assertExpectation(
            Nonlinearity f, DoubleUnaryOperator g, double mean, double q, double actual, double error) {
        double expected = Integral.expectation(g, mean, q, KINKS);
        assertThat(actual)
                .as("%s at N(%s, %s)", f, mean, q)
                .isCloseTo(expected, within(error * Math.max(1, Math.abs(expected))));
    }

    private static double square(double x) {
        return x * x;
    }

    @ParameterizedTest
    @MethodSource("all")
    void smallVariancesKeepTheirDigits(Nonlinearity f) {
        for (double q : new double[] {1e-3, 1e-6, 1e-10}) {
            Moments m = f.moments(q);
            // V is about f'(0)^2 q: compared relatively, and so is M, which is of second order where f is smooth
            double second = Integral.expectation(z -> square(f.value(z)), 0, q, KINKS);
            assertThat(m.secondMoment()).as("%s at %s", f, q).isCloseTo(second, within(1e-12 * second));
            double mean = Integral.expectation(f::value, 0, q, KINKS);
            assertThat(m.mean()).as("%s at %s", f, q).isCloseTo(mean, within(1e-12 * Math.sqrt(second)));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void ratesAreTheSlopesOfTheMoments(Nonlinearity f) {
        for (double q : new double[] {0.2, 1, 30}) {
            double h = q / 1024;
            double mean = (f.moments(q + h).mean() - f.moments(q - h).mean()) / (2 * h);
            double second = (f.moments(q + h).secondMoment() - f.moments(q - h).secondMoment()) / (2 * h);
            assertThat(f.moments(q).meanRate()).as("%s at %s", f, q).isCloseTo(mean, within(1e-6));
            assertThat(f.moments(q).secondMomentRate()).as("%s at %s", f, q).isCloseTo(second, within(1e-6));
        }
    }

    @Test
    void largeVariancesApproachTheAsymptotes() {
        for (double q : new double[] {1e6, 1e10}) {
            Offset<Double> error = within(1e-5);
            double density = 1 / Math.sqrt(2 * Math.PI * q);
            assertThat(Nonlinearity.TANH.moments(q).slopeSecondMoment() / (4.0 / 3 * density))
                    .isCloseTo(1, error);
            assertThat(Nonlinearity.SIGMOID.moments(q).slopeSecondMoment() / (density / 6))
                    .isCloseTo(1, error);
            assertThat(1 - Nonlinearity.TANH.moments(q).secondMoment()).isCloseTo(2 * density, within(1e-5 * density));
            assertThat(Nonlinearity.SILU.moments(q).secondMoment() / (q / 2)).isCloseTo(1, error);
            assertThat(Nonlinearity.SOFTPLUS.moments(q).slopeSecondMoment()).isCloseTo(0.5, within(2 * density));
        }
    }

    /** A jump elsewhere than at 0 lies anywhere between two nodes, 0.0015 apart. */
    @ParameterizedTest
    @MethodSource("all")
    void lambdasGetTheSameMomentsByTheGeneralRule(Nonlinearity f) {
        boolean jumps = KINKED.contains(f);
        for (double q : new double[] {1e-6, 0.1, 1, 10, 1e4}) {
            if (q == 1e4 && f == Nonlinearity.SIN) {
                continue; // 60 waves in one deviation are more than nodes that grow sparse can follow
            }
            Moments general = anonymous(f).moments(q);
            Moments known = f.moments(q);
            double error = jumps ? 1e-3 : 1e-12;
            assertThat(general.mean()).as("%s", f).isCloseTo(known.mean(), within((jumps ? 1e-6 : 1e-12) * (1 + q)));
            assertThat(general.secondMoment())
                    .as("%s", f)
                    .isCloseTo(known.secondMoment(), within((jumps ? 1e-6 : 1e-12) * (1 + q)));
            assertThat(general.slopeSecondMoment()).as("%s", f).isCloseTo(known.slopeSecondMoment(), within(error));
            assertThat(general.secondMomentRate()).as("%s", f).isCloseTo(known.secondMomentRate(), within(error));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void varianceZeroIsThePointItself(Nonlinearity f) {
        Moments m = f.moments(0);
        assertThat(m.mean()).isEqualTo(f.value(0));
        assertThat(m.secondMoment()).isCloseTo(square(f.value(0)), within(4e-16)); // stretched ones divide by a square
        double left = f.derivative(-1e-12);
        double right = f.derivative(1e-12);
        assertThat(m.slopeSecondMoment()).isCloseTo((left * left + right * right) / 2, within(1e-11));
        assertThat(anonymous(f).moments(0).slopeSecondMoment()).isCloseTo(m.slopeSecondMoment(), within(1e-12));
        assertThat(anonymous(f).moments(1e-200, 0).mean()).isEqualTo(f.value(1e-200));
        assertThat(anonymous(f).moments(0.7, 0).slopeSecondMoment()).isCloseTo(square(f.derivative(0.7)), within(1e-9));
    }

    /** E a^2 = (m^2 + s^2) Phi(m/s) + m s phi(m/s), D = Phi(m/s), E a = m Phi(m/s) + s phi(m/s). */
    @ParameterizedTest
    @CsvSource({"0.01, 2", "0.1, 2", "1, 2", "-1, 0.5", "30, 1", "-30, 1"})
    void biasedReluFollowsItsClosedForm(double mean, double variance) {
        double s = Math.sqrt(variance);
        double r = mean / s;
        double phi = Math.exp(-r * r / 2) / Math.sqrt(2 * Math.PI);
        double cdf = ErrorFunction.cdf(r);
        Moments m = Nonlinearity.RELU.moments(mean, variance);
        assertThat(m.mean()).isCloseTo(mean * cdf + s * phi, within(1e-13));
        assertThat(m.secondMoment()).isCloseTo((mean * mean + variance) * cdf + mean * s * phi, within(1e-12));
        assertThat(m.slopeSecondMoment()).isCloseTo(cdf, within(1e-15));
    }

    /** Shares of active units from measurements: He weights, constant bias. */
    @ParameterizedTest
    @CsvSource({"0.01, 0.5028", "0.1, 0.5282", "0.358, 0.5999", "0.742, 0.7001", "1, 0.7602"})
    void constantBiasesActivateTheKnownShareOfUnits(double bias, double share) {
        assertThat(Nonlinearity.RELU.moments(bias, 2).slopeSecondMoment()).isCloseTo(share, within(5e-5));
    }

    @Test
    void varianceAndCurvatureAreDifferences() {
        Moments m = Nonlinearity.RELU.moments(1);
        assertThat(m.variance()).isCloseTo(0.340845, within(5e-7));
        assertThat(m.curvature()).isZero();
        assertThat(Nonlinearity.SELU.moments(1).variance()).isCloseTo(1, within(1e-14));
        // E[f f''] of sin is -E[sin^2]
        assertThat(Nonlinearity.SIN.moments(1).curvature()).isCloseTo(-(1 - Math.exp(-2)) / 2, within(1e-15));
    }

    @ParameterizedTest
    @MethodSource("all")
    void crossMomentsAgreeWithAnotherQuadrature(Nonlinearity f) {
        for (double q : new double[] {0.3, 2}) {
            for (double c : new double[] {-0.4, 0.9}) {
                CrossMoments m = f.crossMoments(q, c);
                double values = Integral.expectation((u, v) -> f.value(u) * f.value(v), q, c, KINKS);
                double slopes = Integral.expectation((u, v) -> f.derivative(u) * f.derivative(v), q, c, KINKS);
                double error = 1e-12;
                assertThat(m.values()).as("%s, q %s, c %s", f, q, c).isCloseTo(values, within(error));
                assertThat(m.slopes()).as("%s, q %s, c %s", f, q, c).isCloseTo(slopes, within(error));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void fullCorrelationIsOneVariable(Nonlinearity f) {
        for (double q : new double[] {1e-3, 1, 50, 1000}) {
            Moments m = f.moments(q);
            CrossMoments same = f.crossMoments(q, 1);
            assertThat(same.values()).as("%s at %s", f, q).isCloseTo(m.secondMoment(), within(1e-11 * (1 + q)));
            assertThat(same.slopes()).as("%s at %s", f, q).isCloseTo(m.slopeSecondMoment(), within(1e-11));
            CrossMoments independent = f.crossMoments(q, 0);
            assertThat(independent.values()).as("%s at %s", f, q).isCloseTo(square(m.mean()), within(1e-11 * (1 + q)));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void lambdasGetTheSameCrossMomentsByTheGeneralRule(Nonlinearity f) {
        boolean kinksElsewhere = KINKED.contains(f);
        for (double c : new double[] {-1, -0.999, -0.4, 0, 0.5, 0.99, 1 - 1e-9, 1}) {
            CrossMoments general = anonymous(f).crossMoments(2, c);
            CrossMoments known = f.crossMoments(2, c);
            assertThat(general.values())
                    .as("%s, c %s", f, c)
                    .isCloseTo(known.values(), within(kinksElsewhere ? 2e-4 : 1e-12));
            assertThat(general.slopes())
                    .as("%s, c %s", f, c)
                    .isCloseTo(known.slopes(), within(kinksElsewhere ? 2e-2 : 1e-12));
        }
    }

    /** dE[f(u) f(v)]/dc = q E[f'(u) f'(v)]. */
    @ParameterizedTest
    @MethodSource("all")
    void slopesAreTheDerivativeByTheCovariance(Nonlinearity f) {
        double h = 1e-4;
        for (double c : new double[] {-0.6, 0.2, 0.8}) {
            double rate = (f.crossMoments(3, c + h).values()
                            - f.crossMoments(3, c - h).values())
                    / (2 * h);
            assertThat(3 * f.crossMoments(3, c).slopes()).as("%s, c %s", f, c).isCloseTo(rate, within(1e-6));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
    void badVariancesAreRefusedByAll(double bad) {
        all().flatMap(f -> Stream.of(f, anonymous(f))).forEach(f -> {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> f.moments(bad))
                    .withMessage("moments: variance " + bad + " must be finite and 0 or more");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> f.crossMoments(bad, 0))
                    .withMessage("cross moments: variance " + bad + " must be finite and 0 or more");
        });
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1.001, 1.001, Double.NaN})
    void badCorrelationsAreRefusedByAll(double bad) {
        all().flatMap(f -> Stream.of(f, anonymous(f)))
                .forEach(f -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> f.crossMoments(1, bad))
                        .withMessage("cross moments: correlation " + bad + " must be from -1 to 1"));
    }

    @Test
    void badMeansAreRefused() {
        all().flatMap(f -> Stream.of(f, anonymous(f)))
                .forEach(f -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> f.moments(Double.NaN, 1))
                        .withMessage("moments: mean NaN must be finite"));
    }

    /** At correlation 1, f(u) f(v) is f(z)^2; of a large variance little is left in the differences of exponentials. */
    @ParameterizedTest
    @ValueSource(doubles = {1e2, 1e6, 1e10, 1e14, 1e20, 1e100, 1e290})
    void theCrossMomentsOfAHardTanhKeepTheirDigitsAtLargeVariances(double q) {
        Moments moments = Nonlinearity.HARD_TANH.moments(q);
        CrossMoments same = Nonlinearity.HARD_TANH.crossMoments(q, 1);
        assertThat(same.values()).isCloseTo(moments.secondMoment(), within(1e-12));
        assertThat(same.slopes() / moments.slopeSecondMoment()).isCloseTo(1, within(1e-12));
        if (q >= 1e20) { // the limit is the sign function
            assertThat(Nonlinearity.HARD_TANH.crossMoments(q, 0.5).values()).isCloseTo(1.0 / 3, within(1e-9));
        }
    }

    /** However far the mean is from where a function bends. */
    @Test
    void allMomentsOfTheLibrarysFunctionsAreFinite() {
        EveryNonlinearity.all().forEach(f -> {
            for (double mean : new double[] {0, -100, 100}) {
                for (double variance : new double[] {1e-6, 1, 25, 100, 1e6}) {
                    Moments m = GaussianQuadrature.moments(f, mean, variance);
                    assertThat(new double[] {m.mean(), m.secondMoment(), m.slopeSecondMoment(), m.slopeFourthMoment()})
                            .as("%s at %s, %s", f, mean, variance)
                            .doesNotContain(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN);
                }
            }
        });
    }
}
