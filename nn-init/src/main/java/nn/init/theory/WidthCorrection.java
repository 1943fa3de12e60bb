package nn.init.theory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
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
 * deep learning theory</i> (2022), chapters 4 and 5: that order needs the mean and the variance of q' only, and the
 * covariance of a and q'. It goes further, because in a chaotic or subcritical stack the corrections grow with depth
 * until a series in 1 / n is of no use. But from the second order on, q' being log-normal and a linear are assumptions.
 * So the error bar of a {@link Prediction} is all that the prediction has beyond first order:
 *
 * <pre>bar = |value - infinite - C / n|,   C = lim n (value(n) - infinite), taken at 16 n units</pre>
 *
 * <p>It was compared with drawn networks of 16 and 32 units, 1,500 and 800 of them for each of 828 predictions (23
 * nonlinearities, 3, 10 and 30 layers, gains of 0.8, critical and 1.3, signal and gradient): the mean of none was
 * further away than three standard errors and the bar, while that of 10 was further than three standard errors. The
 * standard error is that of the larger standard deviation, of the networks or of the prediction. Half of the bars are
 * below 0.3 % of the value at 16 units, and 0.1 % at 32.
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

    /** The width, in units of n, at which the first order is read off. */
    private static final int WIDER = 16;

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
     * @param bar the error of the value: its part beyond the first order of 1 / n, which rests on assumptions; 0 where
     *     the value is exact
     * @param stddev the standard deviation of single networks. Where it is many times the value, rare networks carry
     *     the expectation, and the mean of a few drawn ones is far below it
     * @param infinite the expectation for infinite width
     */
    public record Prediction(double value, double bar, double stddev, double infinite) {}

    /**
     * Predicts E z^2 of each layer.
     *
     * @param q the second moment of the first layer's pre-activations, the same for every draw of the weights, above 0
     * @param layers the number of layers after the first, 0 to 1000
     * @return E z^2 over draws of the weights, after 0, 1, ... and all layers
     * @throws IllegalArgumentException if a number is out of its range
     */
    public List<Prediction> lengths(double q, int layers) {
        check(q, layers);
        double[] infinite = field.lengths(q, layers);
        Grid grid = grid(infinite);
        Walk walk = new Walk(grid, width);
        double[] value = walk.lengths(q, layers, 1);
        double[] square = walk.lengths(q, layers, 2);
        double[] wide = new Walk(grid, wider().width).lengths(q, layers, 1);
        return IntStream.rangeClosed(0, layers)
                .mapToObj(l -> prediction(value[l], square[l], infinite[l], wide[l]))
                .toList();
    }

    /**
     * Predicts the factor of the squared length of a gradient, from the pre-activations of each layer back to the
     * first, for a gradient that is independent of the weights.
     *
     * @param q the second moment of the first layer's pre-activations, the same for every draw of the weights, above 0
     * @param layers the number of layers after the first, 0 to 1000
     * @return the expectation over draws of the weights, for 0, 1, ... and all layers; for infinite width, the product
     *     of chi
     * @throws IllegalArgumentException if a number is out of its range
     */
    public List<Prediction> gradients(double q, int layers) {
        check(q, layers);
        double[] lengths = field.lengths(q, layers);
        Grid grid = grid(lengths);
        Walk walk = new Walk(grid, width);
        WidthCorrection wider = wider();
        SameWeights same = sameWeights(lengths);
        double[] value = walk.gradients(q, layers);
        double[] square = walk.expectations(q, layers, 0, walk.squaredFactor);
        double[] wide = new Walk(grid, wider.width).gradients(q, layers);
        List<Prediction> predictions = new ArrayList<>();
        double infinite = 1;
        for (int l = 0; l <= layers; l++) {
            double factor = same.factor(l, width);
            predictions.add(prediction(
                    value[l] * factor, square[l] * factor * factor, infinite, wide[l] * same.factor(l, wider.width)));
            infinite *= field.chi(lengths[l]);
        }
        return List.copyOf(predictions);
    }

    private WidthCorrection wider() {
        return new WidthCorrection(field, (int) Math.min(Integer.MAX_VALUE, (long) WIDER * width));
    }

    private static void check(double q, int layers) {
        Check.positive("width correction", "length", q);
        if (layers < 0 || layers > 1000) {
            throw new IllegalArgumentException("width correction: layers " + layers + " must be from 0 to 1000");
        }
    }

    /** A prediction, whose first order in 1 / n is read off at a larger width. */
    private Prediction prediction(double value, double square, double infinite, double wide) {
        double firstOrder = (wide - infinite) * wider().width / width;
        double bar = Math.abs(value - infinite - firstOrder);
        return new Prediction(value, bar, Math.sqrt(Math.max(0, square - value * value)), infinite);
    }

    /**
     * By how much gradients are larger than for weights that are independent of those of the forward pass: numbers of
     * each layer, for the recursion {@code r = kept r' + added}.
     *
     * @param scatter {@code E[f^2 f'^2] / (V D)}
     */
    private record SameWeights(double[] scatter, double[] kept, double[] added) {
        /** The factor from a layer back to the first. */
        double factor(int layer, int width) {
            double product = 1;
            double aligned = 1; // r'
            for (int l = layer - 1; l >= 0; l--) {
                product *= Math.max(0, 1 + (aligned - 1) * scatter[l] / width);
                aligned = kept[l] * aligned + added[l];
            }
            return product;
        }
    }

    private SameWeights sameWeights(double[] lengths) {
        Nonlinearity f = field.nonlinearity();
        int layers = lengths.length - 1;
        SameWeights same = new SameWeights(new double[layers], new double[layers], new double[layers]);
        for (int l = 0; l < layers; l++) {
            double q = lengths[l];
            Moments m = f.moments(q);
            double v = m.secondMoment();
            double d = m.slopeSecondMoment();
            double both = square().moments(q).slopeSecondMoment() / 4; // E f^2 f'^2
            double h = 1e-3;
            double rate = (f.moments(q * (1 + h)).slopeSecondMoment()
                            - f.moments(q * (1 - h)).slopeSecondMoment())
                    / (2 * h * q);
            double squares = q * d + 2 * q * q * rate; // E z^2 f'^2, by Stein's identity
            double k = q * m.secondMomentRate() / v;
            double chi = field.weightVariance() * d;
            same.scatter[l] = both / (v * d);
            same.kept[l] = lengths[l + 1] * k * k / (q * chi);
            same.added[l] = Math.max(0, squares - k * k * v) / (q * d);
        }
        return same;
    }

    private Nonlinearity square() {
        Nonlinearity f = field.nonlinearity();
        return Nonlinearity.of("square", z -> f.value(z) * f.value(z), z -> 2 * f.value(z) * f.derivative(z));
    }

    /**
     * The layer's numbers at each q of a grid, by steps of log q.
     *
     * @param low the first log q
     * @param mean of q'
     * @param variance n times that of q'
     * @param chi the mean of a
     * @param common n times the covariance of a and q'
     * @param scatter n times the variance of a, with that of the products of weights and gradient
     */
    private record Grid(double low, double[] mean, double[] variance, double[] chi, double[] common, double[] scatter) {
        static final double STEP = StrictMath.log(10) / PER_DECADE;

        int size() {
            return mean.length;
        }
    }

    /** The grid around the lengths of infinite width. */
    private Grid grid(double[] lengths) {
        double smallest = Arrays.stream(lengths).min().orElseThrow();
        double largest = Arrays.stream(lengths).max().orElseThrow();
        double margin = 10 * StrictMath.exp(5 * Math.sqrt(5.0 * lengths.length / width));
        double low = StrictMath.log(Math.max(smallest / margin, 1e-200));
        int size = 2 + (int) Math.ceil((StrictMath.log(Math.min(largest * margin, 1e200)) - low) / Grid.STEP);
        Grid grid =
                new Grid(low, new double[size], new double[size], new double[size], new double[size], new double[size]);
        Nonlinearity f = field.nonlinearity();
        Nonlinearity square = square();
        double s = field.weightVariance();
        for (int i = 0; i < size; i++) {
            double q = StrictMath.exp(low + i * Grid.STEP);
            Moments moments = f.moments(q);
            Moments squares = square.moments(q);
            double v = moments.secondMoment();
            double d = moments.slopeSecondMoment();
            grid.mean[i] = s * v + field.biasVariance();
            grid.variance[i] = s * s * Math.max(0, squares.secondMoment() - v * v);
            grid.chi[i] = s * d;
            grid.common[i] = s * s * (squares.slopeSecondMoment() / 4 - v * d);
            grid.scatter[i] = s * s * (3 * moments.slopeFourthMoment() - d * d);
        }
        return grid;
    }

    /** The random walk of q among layers of some width, on a grid. */
    private static final class Walk {
        private final double low; // of log q
        private final int size;
        private final double[] weights = new double[NODES];
        private final double[][] next; // log q' at each node
        private final double[][] factor; // a at each node
        private final double[][] squaredFactor; // E a^2

        Walk(Grid grid, int width) {
            double[] nodes = new double[NODES];
            double sum = 0;
            for (int k = 0; k < NODES; k++) {
                nodes[k] = REACH * (2.0 * k / (NODES - 1) - 1);
                weights[k] = StrictMath.exp(-nodes[k] * nodes[k] / 2);
                sum += weights[k];
            }
            for (int k = 0; k < NODES; k++) {
                weights[k] /= sum;
            }
            low = grid.low;
            size = grid.size();
            next = new double[size][NODES];
            factor = new double[size][NODES];
            squaredFactor = new double[size][NODES];
            for (int i = 0; i < size; i++) {
                double mean = grid.mean[i];
                double variance = grid.variance[i] / width;
                double slope = variance > 0 ? grid.common[i] / grid.variance[i] : 0; // of a in q'
                double scatter = Math.max(0, grid.scatter[i] - slope * grid.common[i]) / width;
                double spread = StrictMath.log1p(variance / (mean * mean)); // of the log-normal
                for (int k = 0; k < NODES; k++) {
                    next[i][k] = StrictMath.log(mean) - spread / 2 + Math.sqrt(spread) * nodes[k];
                    double away = StrictMath.exp(next[i][k]) - mean;
                    factor[i][k] = Math.max(0, grid.chi[i] + slope * away);
                    squaredFactor[i][k] = factor[i][k] * factor[i][k] + scatter;
                }
            }
        }

        /** E of a power of the last q, after each number of layers. */
        double[] lengths(double q, int layers, int power) {
            double[][] ones = new double[size][NODES];
            for (double[] row : ones) {
                Arrays.fill(row, 1);
            }
            return expectations(q, layers, power, ones);
        }

        /** E of the product of the factors of a gradient, for each number of layers. */
        double[] gradients(double q, int layers) {
            return expectations(q, layers, 0, factor);
        }

        /** E of a power of the last q times the product of the factors, for each number of layers. */
        double[] expectations(double q, int layers, int power, double[][] factors) {
            double[] logs = new double[size]; // of u, which is as straight as can be in log q
            for (int i = 0; i < size; i++) {
                logs[i] = power * (low + i * Grid.STEP);
            }
            double first = StrictMath.log(q);
            double[] expectations = new double[layers + 1];
            expectations[0] = StrictMath.exp(interpolated(logs, first));
            for (int l = 1; l <= layers; l++) {
                double[] before = new double[size];
                for (int i = 0; i < size; i++) {
                    double u = 0;
                    for (int k = 0; k < NODES; k++) {
                        u += weights[k] * factors[i][k] * StrictMath.exp(interpolated(logs, next[i][k]));
                    }
                    before[i] = StrictMath.log(Math.clamp(u, 1e-300, 1e300));
                }
                logs = before;
                expectations[l] = StrictMath.exp(interpolated(logs, first));
            }
            return expectations;
        }

        /** By the cubic through four neighbours; straight on beyond the grid. */
        private double interpolated(double[] values, double at) {
            double x = (at - low) / Grid.STEP;
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
