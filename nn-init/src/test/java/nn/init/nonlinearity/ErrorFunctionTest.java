package nn.init.nonlinearity;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorFunctionTest {
    /** Relative, in percent: 1e-15. */
    private static final Percentage TO_THE_LAST_DIGITS = Percentage.withPercentage(1e-13);

    /** x, erf, erfc and exp(x^2) erfc of the double nearest x, with 20 digits of 40 computed. */
    @ParameterizedTest
    @CsvSource({
        "1e-300, 1.1283791670955126022e-300, 1.0, 1.0",
        "1e-8, 1.1283791670955125599e-8, 0.99999998871620832904, 0.99999998871620842904",
        "0.1, 0.1124629160182848984, 0.8875370839817151016, 0.89645697996912663666",
        "0.3, 0.32862675945912741619, 0.67137324054087258381, 0.73459933456765514992",
        "0.4999999, 0.5204997899347842477, 0.4795002100652157523, 0.61569039546181176006",
        "0.5, 0.52049987781304653768, 0.47950012218695346232, 0.61569034419292587487",
        "0.75, 0.7111556336535151316, 0.2888443663464848684, 0.50693765029314480579",
        "0.9999999, 0.84270075143896099806, 0.15729924856103900194, 0.42758360347701001214",
        "1, 0.84270079294971486934, 0.15729920705028513066, 0.42758357615580700441",
        "1.25, 0.92290012825645823014, 0.077099871743541769863, 0.36782291645236109293",
        "1.5, 0.96610514647531072707, 0.033894853524689272933, 0.32158541645431750235",
        "2, 0.99532226501895273416, 0.0046777349810472658379, 0.25539567631050574387",
        "2.5, 0.99959304798255504106, 0.00040695201744495893956, 0.21080636406114358065",
        "3, 0.99997790950300141456, 0.000022090496998585441373, 0.17900115118138995042",
        "4, 0.99999998458274209972, 1.5417257900280018852e-8, 0.13699945762506138989",
        "5, 0.99999999999846254021, 1.5374597944280348502e-12, 0.11070463773306862637",
        "5.9, 0.9999999999999999281, 7.1904097835504777249e-17, 0.094307136148327026475",
        "8, 1.0, 1.122429717298292708e-29, 0.069985166200880927723",
        "12.5, 1.0, 6.2319427819799110061e-70, 0.044992099001027920845",
        "20, 1.0, 5.3958656116079009289e-176, 0.028174348741051319319",
        "26, 1.0, 5.6631924088561428465e-296, 0.021683584850562906616",
        "26.5, 1.0, 2.2109076642637343e-307, 0.021275046685371105955",
        "100, 1.0, 0, 0.0056416137829894329036",
        "1e4, 1.0, 0, 0.000056418958072680836921",
        "1e10, 1.0, 0, 5.6418958354775628695e-11"
    })
    void valuesAreRightToTheLastDigits(double x, double erf, double erfc, double erfcx) {
        assertThat(ErrorFunction.erf(x)).isCloseTo(erf, TO_THE_LAST_DIGITS);
        assertThat(ErrorFunction.erf(-x)).isEqualTo(-ErrorFunction.erf(x));
        assertThat(ErrorFunction.erfc(x)).isCloseTo(erfc, TO_THE_LAST_DIGITS);
        assertThat(ErrorFunction.erfc(-x)).isCloseTo(1 + erf, TO_THE_LAST_DIGITS);
        assertThat(ErrorFunction.erfcx(x)).isCloseTo(erfcx, TO_THE_LAST_DIGITS);
    }

    @Test
    void limitsAreReachedAndNanStaysNan() {
        assertThat(ErrorFunction.erf(Double.POSITIVE_INFINITY)).isEqualTo(1);
        assertThat(ErrorFunction.erf(Double.NEGATIVE_INFINITY)).isEqualTo(-1);
        assertThat(ErrorFunction.erfc(Double.POSITIVE_INFINITY)).isZero();
        assertThat(ErrorFunction.erfc(Double.NEGATIVE_INFINITY)).isEqualTo(2);
        assertThat(ErrorFunction.erfcx(0)).isCloseTo(1, TO_THE_LAST_DIGITS);
        assertThat(ErrorFunction.erf(Double.NaN)).isNaN();
        assertThat(ErrorFunction.erfc(Double.NaN)).isNaN();
        assertThat(ErrorFunction.density(Double.NaN)).isNaN();
        assertThat(ErrorFunction.erf(-0.0)).isEqualTo(-0.0);
    }

    /** The pieces meet: steps of one unit in the last place may not fall by more than rounding. */
    @Test
    void piecesMeet() {
        for (double x : new double[] {0.5, 1, -1}) {
            double here = ErrorFunction.erfc(x);
            assertThat(ErrorFunction.erfc(Math.nextUp(x))).isCloseTo(here, Percentage.withPercentage(2e-13));
            assertThat(ErrorFunction.erfc(Math.nextDown(x))).isCloseTo(here, Percentage.withPercentage(2e-13));
        }
        assertThat(ErrorFunction.erf(Math.nextDown(1.0)))
                .isCloseTo(ErrorFunction.erf(1), Percentage.withPercentage(2e-13));
    }

    @Test
    void normalDistributionFollows() {
        assertThat(ErrorFunction.cdf(0)).isEqualTo(0.5);
        assertThat(ErrorFunction.cdf(1.959963984540054)).isCloseTo(0.975, Percentage.withPercentage(1e-13));
        assertThat(ErrorFunction.cdf(-10)).isCloseTo(7.619853024160526066e-24, TO_THE_LAST_DIGITS);
        assertThat(ErrorFunction.density(0)).isCloseTo(0.39894228040143267794, TO_THE_LAST_DIGITS);
        assertThat(ErrorFunction.density(30)).isCloseTo(1.4736461348785475e-196, TO_THE_LAST_DIGITS);
    }
}
