package nn.init.nonlinearity;

/**
 * Expectations over normal variables by the trapezoid rule on a line that is stretched first. The trapezoid rule
 * converges exponentially for analytic integrands that vanish at both ends, so the choice of the stretching matters:
 * half lines {@code r = exp(t - exp(-t))} and finite pieces {@code (1 + tanh(pi/2 sinh t)) / 2} (Takahasi and Mori,
 * <i>Double exponential formulas for numerical integration</i>, 1974). Nodes crowd at 0, where activation functions
 * bend and may have kinks, on every scale at once, so any variance is possible. (The rule of Gauss and Hermite is far
 * worse: its nodes follow the normal weight, while tanh bends at 0 for every weight; 64 nodes leave an error of 3e-3 at
 * variance 10.)
 *
 * <p>Weights by StrictMath, sums in a fixed order: the same bits everywhere.
 */
final class GaussianQuadrature {
    /**
     * A step for functions that are analytic within a distance of pi / 2 around the real line, as those of tanh are.
     */
    private static final double SMOOTH = 1.0 / 32;

    /** A step for unknown functions. */
    private static final double FINE = 1.0 / 1024;

    /** Range of integration, in standard deviations: beyond it, the normal density is below 1e-22 of its maximum. */
    private static final double REACH = 10;

    /**
     * An integral whose last nodes, taken as a density over the logarithm of the distance, have more than this share of
     * it does not converge within the range of integration.
     */
    private static final double MOST_AT_THE_ENDS = 1e-3;

    /** A value or a slope at the ends that is this many times as large as that of a straight line grows too fast. */
    private static final double STEEP = 1e6;

    /** The step of the two-dimensional rule, in both dimensions. */
    private static final double STEP = 1.0 / 16;

    /** With a standard deviation below this share of the mean, the nodes are a few neighbouring doubles. */
    private static final double FLAT = 1e-10;

    /** From here on the square of a mean is near the largest double. */
    private static final double HUGE = 1e150;

    /** Below this t, the remaining integral is less than one ulp. */
    private static final double LEAST = -3.6;

    /** Largest t: r is 11 here. */
    private static final double MOST = 2.5;

    private static final double SQRT_2_PI = 2.5066282746310005024;

    private GaussianQuadrature() {}

    /** Moments of any function; a kink or a jump at 0 costs no digits. */
    static Moments moments(Nonlinearity f, double mean, double variance) {
        return moments(f, mean, variance, FINE);
    }

    /** Moments of a function that is analytic within a distance of pi / 2 around the real line. */
    static Moments smoothMoments(Nonlinearity f, double mean, double variance) {
        return moments(f, mean, variance, SMOOTH);
    }

    /**
     * Moments by two half lines, {@code z = scale r} and {@code z = -scale r}: at step 1/32 some 400 nodes. A jump at 0
     * costs nothing, as each half has its own side.
     */
    private static Moments moments(Nonlinearity f, double mean, double variance, double step) {
        Moments.requireArguments(mean, variance);
        if (Math.sqrt(variance) <= FLAT * Math.abs(mean)) { // 0 included: nodes coincide, f is a straight line
            if (Math.abs(mean) > HUGE) {
                double slope = f.derivative(mean);
                double square = slope * slope;
                double value = f.value(mean);
                return new Moments(value, value * value + variance * square, square, square * square, 0, square);
            }
            double tiny = mean == 0 ? 1e-30 : Math.max(1e-300, 1e-12 * mean * mean);
            Moments near = moments(f, mean, tiny, step);
            double y = f.value(mean);
            return new Moments(
                    y,
                    y * y + variance * near.slopeSecondMoment(),
                    near.slopeSecondMoment(),
                    near.slopeFourthMoment(),
                    near.meanRate(),
                    near.secondMomentRate());
        }
        double stddev = Math.sqrt(variance);
        double distance = Math.abs(mean);
        double scale = stddev + distance / REACH;
        double h = Math.min(step, 8 * step * stddev / distance); // far from 0, the peak is narrow
        Sums sums = new Sums(f, mean, stddev);
        Sums ends = new Sums(f, mean, stddev);
        boolean steep = false;
        for (int side = -1; side <= 1; side += 2) {
            double from = Math.max(0, side * mean - REACH * stddev) / scale;
            double to = (side * mean + REACH * stddev) / scale;
            if (to > 0) {
                long last = Math.round(Math.ceil(inverse(to) / h));
                for (long i = Math.round(Math.floor(inverse(from) / h)); i <= last; i++) {
                    double e = StrictMath.exp(-i * h);
                    double r = StrictMath.exp(i * h - e);
                    double z = side * scale * r;
                    sums.add(z, (1 + e) * r);
                    if (i == last) {
                        ends.add(z, (1 + e) * r);
                        steep |= Math.abs(f.value(z)) > STEEP * Math.max(1, Math.abs(z))
                                || Math.abs(f.derivative(z)) > STEEP;
                    }
                }
            }
        }
        if (steep) {
            sums.requireSmall(ends, MOST_AT_THE_ENDS * h);
        }
        return sums.moments(SQRT_2_PI * stddev / (scale * h));
    }

    /** Returns t for r. */
    private static double inverse(double r) {
        double low = LEAST;
        double high = MOST;
        double target = StrictMath.log(r);
        for (int i = 0; i < 40; i++) { // to within any step
            double t = (low + high) / 2;
            if (t - StrictMath.exp(-t) < target) {
                low = t;
            } else {
                high = t;
            }
        }
        return low;
    }

    private static final class Sums {
        private final Nonlinearity f;
        private final double mean;
        private final double stddev;
        private double value;
        private double square;
        private double slopeSquare;
        private double slopeFourth;
        private double meanRate;
        private double squareRate;

        Sums(Nonlinearity f, double mean, double stddev) {
            this.f = f;
            this.mean = mean;
            this.stddev = stddev;
        }

        void add(double z, double stretch) {
            double t = (z - mean) / stddev;
            double weight = stretch * StrictMath.exp(-t * t / 2);
            double y = f.value(z);
            double slope = f.derivative(z);
            value += weight * y;
            square += weight * y * y;
            slopeSquare += weight * slope * slope;
            slopeFourth += weight * slope * slope * slope * slope;
            meanRate += weight * slope * t;
            squareRate += weight * y * slope * t;
        }

        /** Makes the sums infinite of which the terms at the ends are more than a share: their integrals diverge. */
        void requireSmall(Sums ends, double share) {
            value = small(value, ends.value, share);
            square = small(square, ends.square, share);
            slopeSquare = small(slopeSquare, ends.slopeSquare, share);
            slopeFourth = small(slopeFourth, ends.slopeFourth, share);
            meanRate = small(meanRate, ends.meanRate, share);
            squareRate = small(squareRate, ends.squareRate, share);
        }

        private static double small(double sum, double ends, double share) {
            return Math.abs(ends) > share * Math.abs(sum) ? Math.copySign(Double.POSITIVE_INFINITY, sum) : sum;
        }

        Moments moments(double total) {
            return new Moments(
                    value / total,
                    square / total,
                    slopeSquare / total,
                    slopeFourth / total,
                    meanRate / total / (2 * stddev),
                    squareRate / total / stddev);
        }
    }

    /**
     * Cross moments in polar coordinates: {@code u = s r cos(a + w/2)}, {@code v = s r cos(a - w/2)} with {@code c =
     * cos w}. The lines u = 0 and v = 0, along which f may have a kink or bend sharply, become four directions that cut
     * the circle into sectors; by symmetry three of them are enough, and in each, any q and any c, 1 included, are
     * alike.
     */
    static CrossMoments crossMoments(Nonlinearity f, double variance, double correlation) {
        CrossMoments.requireArguments(variance, correlation);
        double stddev = Math.sqrt(variance);
        double w = StrictMath.acos(correlation);
        double side = (Math.PI - w) / 2; // from the axis of symmetry to the first line
        Sectors sums = new Sectors(f, stddev);
        for (int i = -ANGLES; i <= ANGLES; i++) {
            double t = i * STEP;
            double x = Math.PI / 2 * StrictMath.sinh(t);
            double below = 1 / (1 + StrictMath.exp(-2 * x)); // share of the way
            double above = 1 / (1 + StrictMath.exp(2 * x));
            double weight = STEP * Math.PI * StrictMath.cosh(t) * below * above;
            // in terms of the angle from the nearest line, so that no digit is lost next to it
            sums.add(side * weight, StrictMath.sin(above * side), StrictMath.sin(above * side + w));
            sums.add(w * weight, -StrictMath.sin(below * w), StrictMath.sin(above * w));
            sums.add(side * weight, -StrictMath.sin(below * side + w), -StrictMath.sin(below * side));
        }
        return new CrossMoments(sums.values / Math.PI, sums.slopes / Math.PI);
    }

    /** Number of angles, on each side. */
    private static final int ANGLES = (int) (3.25 / STEP);

    private static final int FIRST_RADIUS = (int) (-3.25 / STEP);
    private static final int LAST_RADIUS = (int) (2.5 / STEP);

    private static final class Sectors {
        private final Nonlinearity f;
        private final double[] radii = new double[LAST_RADIUS - FIRST_RADIUS + 1];
        private final double[] weights = new double[radii.length];
        private double values;
        private double slopes;

        Sectors(Nonlinearity f, double stddev) {
            this.f = f;
            for (int i = 0; i < radii.length; i++) {
                double t = (FIRST_RADIUS + i) * STEP;
                double e = StrictMath.exp(-t);
                double r = StrictMath.exp(t - e);
                radii[i] = stddev * r;
                weights[i] = STEP * (1 + e) * r * r * StrictMath.exp(-r * r / 2);
            }
        }

        /** Adds one direction. */
        void add(double weight, double cosU, double cosV) {
            double value = 0;
            double slope = 0;
            for (int i = 0; i < radii.length; i++) {
                double u = cosU * radii[i];
                double v = cosV * radii[i];
                value += weights[i] * f.value(u) * f.value(v);
                slope += weights[i] * f.derivative(u) * f.derivative(v);
            }
            values += weight * value;
            slopes += weight * slope;
        }
    }
}
