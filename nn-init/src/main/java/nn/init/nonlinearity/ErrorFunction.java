package nn.init.nonlinearity;

import nn.tensor.Fma;

/**
 * The error function and related functions in double: relative errors of a few units in the last place, and the same
 * bits everywhere (only + - * / fma and {@code StrictMath.exp}).
 */
final class ErrorFunction {
    private static final double SQRT_PI = 1.7724538509055160273;
    private static final double SQRT_2 = 1.4142135623730950488;
    private static final double SQRT_2_PI = 2.5066282746310005024;

    /** From here on erfcx(x) = 1 / (x sqrt(pi)) to the last digit; also keeps infinity out of a quotient. */
    private static final double FAR = 1e9;

    /** Maclaurin's series of erf(x) / x in x^2: {@code 2 / sqrt(pi) (-1)^n / (n! (2 n + 1))}. */
    private static final double[] SERIES = {
        1.1283791670955125739, -0.37612638903183752463, 0.11283791670955125739, -0.026866170645131251759,
        0.0052239776254421878421, -0.00085483270234508528325, 0.00012055332981789664251, -0.000014925650358406250977,
        1.6462114365889247402e-6, -1.6365844691234924317e-7, 1.480719281587921724e-8, -1.2290555301717927353e-9,
        9.4227590646504109706e-11, -6.7113668551641103779e-12, 4.4632242632864773449e-13, -2.7835162072109213549e-14,
        1.6342614095367151894e-15, -9.0639708428086724792e-17, 4.7633480405150681197e-18, -2.3784598852774294255e-19
    };

    /**
     * (1 + 2 x) exp(x^2) erfc(x) for every x of 0 or more, as a Chebyshev series in (x - 15/4) / (x + 15/4). The form
     * is that of Shepherd and Laframboise, <i>Chebyshev approximation of (1 + 2x) exp(x^2) erfc x in 0 &lt;= x &lt;
     * infinity</i> (Mathematics of Computation 36, 1981); the coefficients were computed anew with 50 digits, the first
     * one halved. The next is below 3e-20.
     */
    private static final double[] CHEBYSHEV = {
        1.1775789345674017541,
        -0.0045900545806464773309,
        -0.084249133366517915584,
        0.059209939998191890498,
        -0.026658668435305752277,
        0.0090749976707052650939,
        -0.0024131635404176081909,
        0.00049077583652580863229,
        -0.000069169733025012063671,
        4.1390279860730101675e-6,
        7.7403830661984906686e-7,
        -2.1886401049234395661e-7,
        1.0764999465670910377e-8,
        4.5219598112182868979e-9,
        -7.7544002088313511065e-10,
        -6.3180883408866844944e-11,
        2.8687950109306698981e-11,
        1.945586854577734723e-13,
        -9.6546967484334389059e-13,
        3.2525481481487398415e-14,
        3.3478119482868053878e-14,
        -1.8645628804193131015e-15,
        -1.2507950530688647085e-15,
        7.418235256624043463e-17,
        5.0681489047961113168e-17,
        -2.2370566594359995974e-18
    };

    private ErrorFunction() {}

    static double erf(double x) {
        double magnitude = Math.abs(x);
        if (magnitude < 1) {
            double square = x * x;
            double sum = 0;
            for (int n = SERIES.length - 1; n >= 0; n--) {
                sum = Fma.fma(sum, square, SERIES[n]);
            }
            return x * sum;
        }
        return Math.copySign(1 - erfc(magnitude), x); // NaN stays so: every comparison with it is false
    }

    static double erfc(double x) {
        if (x < 0.5) {
            return x < -1 ? 2 - erfc(-x) : 1 - erf(x);
        }
        return expOfMinusSquare(x) * erfcx(x);
    }

    /** exp(x^2) erfc(x), x at least 0. */
    static double erfcx(double x) {
        if (x > FAR) {
            return 1 / (x * SQRT_PI);
        }
        double y = (x - 3.75) / (x + 3.75);
        double b1 = 0;
        double b2 = 0;
        for (int j = CHEBYSHEV.length - 1; j > 0; j--) {
            double b = Fma.fma(2 * y, b1, CHEBYSHEV[j] - b2);
            b2 = b1;
            b1 = b;
        }
        return Fma.fma(y, b1, CHEBYSHEV[0] - b2) / (1 + 2 * x);
    }

    /** exp(-x^2). */
    static double expOfMinusSquare(double x) {
        return expOfMinusSquare(1, x);
    }

    /** exp(-f x^2), f a power of two, corrected for the rounding of x^2, which matters where x is large. */
    private static double expOfMinusSquare(double factor, double x) {
        double square = x * x;
        if (!(square < 1600)) {
            return Double.isNaN(x) ? x : 0; // below the smallest double
        }
        return StrictMath.exp(-factor * square) * (1 - factor * Fma.fma(x, x, -square));
    }

    /** The distribution function of the standard normal. */
    static double cdf(double z) {
        return z < -1 ? expOfMinusSquare(0.5, z) * erfcx(-z / SQRT_2) / 2 : erfc(-z / SQRT_2) / 2;
    }

    /** The density of the standard normal. */
    static double density(double z) {
        return expOfMinusSquare(0.5, z) / SQRT_2_PI;
    }
}
