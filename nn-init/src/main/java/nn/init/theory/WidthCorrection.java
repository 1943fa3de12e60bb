package nn.init.theory;

import java.util.Arrays;
import java.util.Objects;
import nn.init.nonlinearity.Moments;
import nn.init.nonlinearity.Nonlinearity;

/**
 * Second moments of signal and gradient in stacks of layers of n units, where {@link MeanField} has those of infinitely
 * many. In critical networks the difference is of the order of depth over width.
 *
 * <p>With independent normal weights of variance {@code sigma_w^2 / n}, and given the layer before, the units of a
 * layer are independent normal variables of one variance q. So q is a random walk from layer to layer, and nothing but
 * q is carried on:
 *
 * <pre>q' = sigma_b^2 + sigma_w^2 (f(z_1)^2 + ... + f(z_n)^2) / n,   z_i ~ N(0, q) independent</pre>
 *
 * <p>with mean {@code F(q) = sigma_w^2 V(q) + sigma_b^2}, the length map, and variance {@code sigma_w^4 (E f^4 - V^2) /
 * n}. A gradient with respect to z gets {@code a = sigma_w^2 (f'(z_1)^2 + ... + f'(z_n)^2) / n} from layer to layer.
 * Its mean is {@code chi(q)}, and it varies with q': both are sums over the same units. Expectations from a layer to
 * the end are solved backwards on a grid of log q: {@code u(q) = E[a u'(q') | q]}, with q' taken as log-normal with its
 * mean and variance, and a as linear in q'. For linear and (leaky) ReLU layers u is linear, and the result exact.
 *
 * <p>To first order in 1 / n this is the correction of the metric by Roberts, Yaida and Hanin, <i>The principles of
 * deep learning theory</i> (2022), chapters 4 and 5; it goes further, because in a chaotic or subcritical stack the
 * corrections grow with depth until a series in 1 / n is of no use. Measured for 13 nonlinearities, 3, 10 and 30
 * layers, 64 and 512 units and 3 gains, the means of drawn networks agree within the bar of a {@link Prediction} and
 * three standard errors, which follow from the larger of its standard deviation and that of the sample.
 *
 * <p>The weights of the backward pass are those of the forward pass, {@code z' = W y}: given both passes before, {@code
 * W^T dz'} has a part {@code y (z' dz') / |y|^2}, and is random across y. With {@code r = E (z dz)^2 / (q E |dz|^2)},
 * which is 1 for a gradient independent of z, a layer's factor is larger by {@code 1 + (r' - 1) E[f^2 f'^2] / (n V D)},
 * and {@code r q chi = r' q' k^2 + sigma_w^2 (E[z^2 f'^2] - k^2 V)} with {@code k = E[z f f'] / V}. This is taken along
 * the lengths of infinite width.
 *
 * @param field f, {@code sigma_w^2} and {@code sigma_b^2}; not both 0
 * @param width n, units of each layer, 2 or more
 */
public record WidthCorrection(MeanField field, int width) {
    private static final int PER_DECADE = 8;

    /** Nodes of the normal distribution, in standard deviations: beyond them it has less than 10^-11. */
    private static final double REACH = 7;

    private static final int NODES = 29;

    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if there are fewer than 2 units
     */
    public WidthCorrection {
        Objects.requireNonNull(field, "field");
        Check.atLeast(2, "width correction", "width", width);
    }

    /**
     * A prediction with its error bar.
     *
     * @param value the expectation at this width, over draws of the weights
     * @param bar the error of the value, a quarter of its distance from infinite width; 0 where the value is exact. It
     *     is chosen and not derived, as an allowance for what the walk leaves out. At width 64, with 100 drawn networks
     *     for each of 360 predictions (20 nonlinearities, 3 depths, 3 gains), none was further from the mean than three
     *     standard errors even without it; more networks would show smaller errors
     * @param stddev the standard deviation of single networks. Where it is many times the value, rare networks carry
     *     the expectation, and the mean of a few drawn ones is far below it
     * @param infinite the expectation for infinite width
     */
    public record Prediction(double value, double bar, double stddev, double infinite) {}

    /**
     * Predicts E z^2 after some layers.
     *
     * @param q the second moment of the first layer's pre-activations, the same for every draw of the weights, above 0
     * @param layers the number of layers after the first, 0 to 1000
     * @return E z^2 of the last one over draws of the weights
     * @throws IllegalArgumentException if a number is out of its range
     */
    public Prediction length(double q, int layers) {
        check(q, layers);
        double[] lengths = field.lengths(q, layers);
        Walk walk = new Walk(lengths);
        return prediction(walk.length(q, layers, 1), walk.length(q, layers, 2), lengths[layers]);
    }

    /**
     * Predicts the factor of the squared length of a gradient, from the last pre-activations back to the first, for a
     * gradient that is independent of the weights.
     *
     * @param q the second moment of the first layer's pre-activations, the same for every draw of the weights, above 0
     * @param layers the number of layers after the first, 0 to 1000
     * @return the expectation over draws of the weights; for infinite width, the product of chi
     * @throws IllegalArgumentException if a number is out of its range
     */
    public Prediction gradient(double q, int layers) {
        check(q, layers);
        double[] lengths = field.lengths(q, layers);
        double infinite = 1;
        for (int l = 0; l < layers; l++) {
            infinite *= field.chi(lengths[l]);
        }
        Walk walk = new Walk(lengths);
        double same = sameWeights(lengths);
        double value = walk.expectation(q, layers, 0, walk.factor) * same;
        return prediction(value, walk.expectation(q, layers, 0, walk.squaredFactor) * same * same, infinite);
    }

    private static void check(double q, int layers) {
        Check.positive("width correction", "length", q);
        if (layers < 0 || layers > 1000) {
            throw new IllegalArgumentException("width correction: layers " + layers + " must be from 0 to 1000");
        }
    }

    private static Prediction prediction(double value, double square, double infinite) {
        double bar = Math.abs(value - infinite) / 4;
        return new Prediction(value, bar, Math.sqrt(Math.max(0, square - value * value)), infinite);
    }

    /** The factor by which gradients are larger than for weights that are independent of those of the forward pass. */
    private double sameWeights(double[] lengths) {
        Nonlinearity f = field.nonlinearity();
        double product = 1;
        double aligned = 1; // r'
        for (int l = lengths.length - 2; l >= 0; l--) {
            double q = lengths[l];
            Moments m = f.moments(q);
            double v = m.secondMoment();
            double d = m.slopeSecondMoment();
            double both = square().moments(q).slopeSecondMoment() / 4; // E f^2 f'^2
            product *= Math.max(0, 1 + (aligned - 1) * both / (width * v * d));
            double h = 1e-3;
            double rate = (f.moments(q * (1 + h)).slopeSecondMoment()
                            - f.moments(q * (1 - h)).slopeSecondMoment())
                    / (2 * h * q);
            double squares = q * d + 2 * q * q * rate; // E z^2 f'^2, by Stein's identity
            double k = q * m.secondMomentRate() / v;
            double s = field.weightVariance();
            aligned = (aligned * lengths[l + 1] * k * k + s * Math.max(0, squares - k * k * v)) / (q * s * d);
        }
        return product;
    }

    private Nonlinearity square() {
        Nonlinearity f = field.nonlinearity();
        return Nonlinearity.of("square", z -> f.value(z) * f.value(z), z -> 2 * f.value(z) * f.derivative(z));
    }

    /** The random walk of q on a grid. */
    private final class Walk {
        private final double[] nodes = new double[NODES];
        private final double[] weights = new double[NODES];
        private final double low; // of log q
        private final double step;
        private final int size;
        private final double[][] next; // log q' at each node
        private final double[][] factor; // a at each node
        private final double[][] squaredFactor; // E a^2, with the scatter of the products of weights and gradient

        Walk(double[] lengths) {
            double sum = 0;
            for (int k = 0; k < NODES; k++) {
                nodes[k] = REACH * (2.0 * k / (NODES - 1) - 1);
                weights[k] = StrictMath.exp(-nodes[k] * nodes[k] / 2);
                sum += weights[k];
            }
            for (int k = 0; k < NODES; k++) {
                weights[k] /= sum;
            }
            double smallest = lengths[0];
            double largest = lengths[0];
            for (double q : lengths) {
                smallest = Math.min(smallest, q);
                largest = Math.max(largest, q);
            }
            double margin = 10 * StrictMath.exp(5 * Math.sqrt(5.0 * lengths.length / width));
            low = StrictMath.log(Math.max(smallest / margin, 1e-200));
            step = StrictMath.log(10) / PER_DECADE;
            size = 2 + (int) Math.ceil((StrictMath.log(Math.min(largest * margin, 1e200)) - low) / step);
            next = new double[size][NODES];
            factor = new double[size][NODES];
            squaredFactor = new double[size][NODES];
            Nonlinearity f = field.nonlinearity();
            Nonlinearity square = square();
            for (int i = 0; i < size; i++) {
                double q = StrictMath.exp(low + i * step);
                Moments moments = f.moments(q);
                Moments squares = square.moments(q);
                double s = field.weightVariance();
                double mean = s * moments.secondMoment() + field.biasVariance();
                double variance = s
                        * s
                        * Math.max(0, squares.secondMoment() - moments.secondMoment() * moments.secondMoment())
                        / width;
                double common = s
                        * s
                        * (squares.slopeSecondMoment() / 4 - moments.secondMoment() * moments.slopeSecondMoment())
                        / width;
                double d = moments.slopeSecondMoment();
                double scatter = s * s * (3 * moments.slopeFourthMoment() - d * d) / width;
                scatter = Math.max(0, scatter - (variance > 0 ? common * common / variance : 0));
                double spread = StrictMath.log1p(variance / (mean * mean)); // of the log-normal
                for (int k = 0; k < NODES; k++) {
                    next[i][k] = StrictMath.log(mean) - spread / 2 + Math.sqrt(spread) * nodes[k];
                    double away = StrictMath.exp(next[i][k]) - mean;
                    double a = s * moments.slopeSecondMoment() + (variance > 0 ? common / variance * away : 0);
                    factor[i][k] = Math.max(0, a);
                    squaredFactor[i][k] = factor[i][k] * factor[i][k] + scatter;
                }
            }
        }

        /** E of a power of the last q. */
        double length(double q, int layers, int power) {
            double[][] ones = new double[size][NODES];
            for (double[] row : ones) {
                Arrays.fill(row, 1);
            }
            return expectation(q, layers, power, ones);
        }

        /** E of a power of the last q times the product of the factors. */
        double expectation(double q, int layers, int power, double[][] factors) {
            double[] logs = new double[size]; // of u, which is as straight as can be in log q
            for (int i = 0; i < size; i++) {
                logs[i] = power * (low + i * step);
            }
            for (int l = 0; l < layers; l++) {
                double[] before = new double[size];
                for (int i = 0; i < size; i++) {
                    double u = 0;
                    for (int k = 0; k < NODES; k++) {
                        u += weights[k] * factors[i][k] * StrictMath.exp(interpolated(logs, next[i][k]));
                    }
                    before[i] = StrictMath.log(Math.clamp(u, 1e-300, 1e300));
                }
                logs = before;
            }
            return StrictMath.exp(interpolated(logs, StrictMath.log(q)));
        }

        /** By the cubic through four neighbours; straight on beyond the grid. */
        private double interpolated(double[] values, double at) {
            double x = (at - low) / step;
            int i = Math.clamp((long) Math.floor(x), 1, size - 3);
            if (x < 0 || x > size - 1) {
                int edge = x < 0 ? 0 : size - 2;
                return values[edge] + (x - edge) * (values[edge + 1] - values[edge]);
            }
            double t = x - i;
            return -t * (t - 1) * (t - 2) / 6 * values[i - 1]
                    + (t + 1) * (t - 1) * (t - 2) / 2 * values[i]
                    - (t + 1) * t * (t - 2) / 2 * values[i + 1]
                    + (t + 1) * t * (t - 1) / 6 * values[i + 2];
        }
    }
}
