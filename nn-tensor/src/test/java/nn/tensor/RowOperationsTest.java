package nn.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Softmax, normalization and losses against their formulas in double. */
class RowOperationsTest {
    /** Half a unit in the last place of 1: the relative error of one rounding to float. */
    private static final double ROUNDING = 0x1p-24;

    private static final float INFINITY = Float.POSITIVE_INFINITY;

    private static Tensor normal(long seed, double mean, double stddev, int... dims) {
        Tensor t = Tensor.zeros(dims);
        Key.of(seed).normal(t, (float) mean, (float) stddev);
        return t;
    }

    private static double[] row(Tensor x, int i) {
        int n = x.dim(-1);
        return IntStream.range(0, n).mapToDouble(j -> x.get(i, j)).toArray();
    }

    private static double[] softmax(double[] x) {
        double m = Arrays.stream(x).max().orElseThrow();
        double[] e = Arrays.stream(x).map(v -> Math.exp(v - m)).toArray();
        double sum = Arrays.stream(e).sum();
        return Arrays.stream(e).map(v -> v / sum).toArray();
    }

    /** The difference rounds by half an ulp of at most |x - m|; exponential, sum, quotient and product by six more. */
    @Test
    void softmaxIsRightToAFewRoundings() {
        for (int n : new int[] {1, 10, 100, 513, 5000}) {
            Tensor x = normal(n, 1000, 5, 7, n);
            Tensor y = Tensor.zeros(7, n);
            x.softmaxInto(y);
            for (int i = 0; i < 7; i++) {
                double[] expected = softmax(row(x, i));
                double m = Arrays.stream(row(x, i)).max().orElseThrow();
                for (int j = 0; j < n; j++) {
                    double roundings = 7 + m - x.get(i, j);
                    assertThat((double) y.get(i, j)).isCloseTo(expected[j], within(roundings * ROUNDING * expected[j]));
                }
            }
        }
    }

    @Test
    void softmaxOfSpecialRows() {
        Tensor x = Tensor.of(
                new float[] {
                    1e30f, -1e30f, 0, // huge
                    2, 2, 2, // equal
                    -INFINITY, 1, 1, // masked
                    -INFINITY, -INFINITY, -INFINITY, INFINITY, 1, 1, Float.NaN, 1, 1
                },
                6,
                3);
        Tensor y = Tensor.zeros(6, 3);
        x.softmaxInto(y);
        float nan = Float.NaN;
        float third = 1 / 3f;
        assertThat(y.toArray())
                .containsExactly(
                        1, 0, 0, third, third, third, 0, 0.5f, 0.5f, nan, nan, nan, nan, nan, nan, nan, nan, nan);
    }

    @Test
    void theGradientOfSoftmaxIsRightToAFewRoundings() {
        for (int n : new int[] {1, 10, 127, 700}) {
            Tensor y = Tensor.zeros(5, n);
            normal(1, 0, 3, 5, n).softmaxInto(y);
            Tensor dy = normal(2, 10, 1, 5, n);
            Tensor dx = Tensor.zeros(5, n);
            y.softmaxGradInto(dy, dx);
            for (int i = 0; i < 5; i++) {
                double[] p = row(y, i);
                double[] g = row(dy, i);
                double dot = IntStream.range(0, n).mapToDouble(j -> p[j] * g[j]).sum();
                double largest = Arrays.stream(g).map(Math::abs).max().orElseThrow();
                for (int j = 0; j < n; j++) {
                    // four roundings in the inner product, one of it, one of the difference, one of the product
                    double bound = 8 * ROUNDING * p[j] * largest;
                    assertThat((double) dx.get(i, j)).isCloseTo(p[j] * (g[j] - dot), within(bound));
                }
            }
        }
    }

    @Test
    void theCrossEntropyOfLabelsIsRight() {
        for (int n : new int[] {1, 10, 600, 5000}) {
            int rows = 9;
            Tensor x = normal(3, 100, 3, rows, n);
            Tensor labels = Tensor.zeros(rows);
            double[] weights = new double[n];
            Arrays.setAll(weights, j -> 1 + j % 3);
            for (int i = 0; i < rows; i++) {
                labels.set(i * 7 % n, i);
            }
            labels.set(-100, 4);
            Tensor dx = Tensor.zeros(rows, n);
            double loss = Losses.softmaxCrossEntropy(x, labels, weights, -100, 0.5, dx);
            double expected = 0;
            for (int i = 0; i < rows; i++) {
                if (i == 4) {
                    assertThat(dx.row(4).maxAbs()).isZero();
                    continue;
                }
                double[] p = softmax(row(x, i));
                int label = (int) labels.get(i);
                expected -= weights[label] * Math.log(p[label]);
                for (int j = 0; j < n; j++) {
                    double g = 0.5 * weights[label] * (p[j] - (j == label ? 1 : 0));
                    assertThat((double) dx.get(i, j)).isCloseTo(g, within(30 * ROUNDING * weights[label]));
                }
            }
            assertThat(loss).isCloseTo(expected, within(1e-6 * expected));
            labels.set(4 * 7 % n, 4);
            Tensor c = Tensor.zeros(rows, n);
            for (int i = 0; i < rows; i++) {
                c.set((float) weights[(int) labels.get(i)], i, (int) labels.get(i));
            }
            Tensor plain = Tensor.zeros(rows, n);
            double ofLabels = Losses.softmaxCrossEntropy(x, labels, weights, Float.NaN, 0.5, plain);
            assertThat(Losses.softmaxCrossEntropy(x, c, 0.5, dx)).isCloseTo(ofLabels, within(1e-7 * ofLabels));
            for (int at = 0; at < rows * n; at++) {
                assertThat(dx.array()[at]).isCloseTo(plain.array()[at], within((float) (9 * ROUNDING)));
            }
            assertThat(Losses.softmaxCrossEntropy(x, c, 0.5, c)).isCloseTo(ofLabels, within(1e-7 * ofLabels));
            assertThat(c.bitEquals(dx)).isTrue();
        }
    }

    /** A loss of e^-17 is below half a unit in the last place of 1, and a sum in float would lose it. */
    @Test
    void aConfidentRowKeepsItsSmallLossAndGradient() {
        Tensor x = Tensor.of(new float[] {17, 0}, 1, 2);
        Tensor dx = Tensor.zeros(1, 2);
        double loss = Losses.softmaxCrossEntropy(x, Tensor.zeros(1), new double[0], Float.NaN, 1, dx);
        assertThat(loss).isCloseTo(Math.exp(-17), within(1e-6 * Math.exp(-17)));
        assertThat((double) dx.get(0, 0)).isCloseTo(-Math.exp(-17), within(1e-6 * Math.exp(-17)));
    }

    private static final double EPSILON = 1e-5;

    private record Moments(double mean, double variance) {
        static Moments of(double[] x) {
            double mean = Arrays.stream(x).average().orElseThrow();
            return new Moments(
                    mean,
                    Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow());
        }
    }

    /** Rows far from 0 keep their precision, since the mean is subtracted in two parts. */
    @Test
    void rowsAreNormalizedToAFewRoundings() {
        for (int n : new int[] {1, 5, 64, 700}) {
            for (double offset : new double[] {0, 1e4, -1e7}) {
                Tensor x = normal(1, offset, 3, 4, n);
                Tensor scale = normal(2, 1, 1, n);
                Tensor bias = normal(3, 0, 1, n);
                double[] means = new double[4];
                double[] factors = new double[4];
                Tensor y = Tensor.zeros(4, n);
                Normalization.rows(x, EPSILON, scale, bias, means, factors, y);
                for (int i = 0; i < 4; i++) {
                    Moments m = Moments.of(row(x, i));
                    double factor = 1 / Math.sqrt(m.variance + EPSILON);
                    assertThat(means[i]).isCloseTo(m.mean, within(1e-12 * Math.max(1, Math.abs(offset))));
                    assertThat(factors[i]).isCloseTo(factor, within(1e-9 * factor));
                    for (int j = 0; j < n; j++) {
                        double scaled = (x.get(i, j) - m.mean) * factor * scale.get(j);
                        double bound = 5 * ROUNDING * (Math.abs(scaled) + Math.abs(bias.get(j))) + 1e-9;
                        assertThat((double) y.get(i, j)).isCloseTo(scaled + bias.get(j), within(bound));
                    }
                }
            }
        }
    }

    @Test
    void hugeAndConstantRowsAreNormalized() {
        Tensor x = Tensor.of(new float[] {3e38f, -3e38f, 2e38f, 2e38f, 1e-38f, 3e-38f}, 3, 2);
        Tensor y = Tensor.zeros(3, 2);
        Tensor ones = Tensor.full(1, 2);
        double[] means = new double[3];
        double[] factors = new double[3];
        Normalization.rows(x, EPSILON, ones, Tensor.zeros(2), means, factors, y);
        assertThat(y.row(0).toArray()).containsExactly(new float[] {1, -1}, within(1e-6f));
        assertThat(y.row(1).toArray()).containsExactly(0, 0);
        assertThat(y.row(2).toArray()).containsExactly(new float[] {0, 0}, within(1e-30f));
        Tensor columns = Tensor.zeros(2, 3);
        new BatchNormalization(3, EPSILON).forward(x.transpose(), Tensor.full(1, 3), Tensor.zeros(3), columns);
        assertThat(columns.row(0).toArray()).containsExactly(new float[] {1, 0, 0}, within(1e-6f));
    }

    /** More rows than one chain of sums, and than one piece; all gradients against the formula in double. */
    @Test
    void theGradientsOfNormalizedRowsAreThoseOfTheFormula() {
        for (int[] dims : new int[][] {{3, 200}, {300, 40}, {20_000, 3}}) {
            int rows = dims[0];
            int n = dims[1];
            Tensor x = normal(1, 1000, 2, rows, n);
            Tensor dy = normal(2, 0.5, 1, rows, n);
            Tensor scale = normal(3, 1, 0.5, n);
            double[] means = new double[rows];
            double[] factors = new double[rows];
            Tensor dx = Tensor.zeros(rows, n);
            Normalization.rows(x, EPSILON, scale, Tensor.zeros(n), means, factors, dx);
            Tensor dScale = Tensor.full(0.25f, n);
            Tensor dBias = Tensor.full(-0.5f, n);
            Normalization.rowsGrad(x, dy, scale, means, factors, dScale, dBias, dx);
            double[] ofScale = new double[n];
            double[] ofBias = new double[n];
            for (int i = 0; i < rows; i++) {
                double mean = 0;
                double dot = 0;
                for (int j = 0; j < n; j++) {
                    double d = (double) dy.get(i, j) * scale.get(j);
                    double z = (x.get(i, j) - means[i]) * factors[i];
                    mean += d / n;
                    dot += d * z / n;
                    ofScale[j] += dy.get(i, j) * z;
                    ofBias[j] += dy.get(i, j);
                }
                for (int j = 0; j < n; j++) {
                    double d = (double) dy.get(i, j) * scale.get(j);
                    double z = (x.get(i, j) - means[i]) * factors[i];
                    double size = Math.abs(d) + Math.abs(mean) + Math.abs(z * dot) + 2;
                    assertThat((double) dx.get(i, j))
                            .isCloseTo((d - mean - z * dot) * factors[i], within(10 * ROUNDING * size * factors[i]));
                }
            }
            for (int j = 0; j < n; j++) { // chains of 128 floats, of numbers of about 1
                double bound = 128 * ROUNDING * rows;
                assertThat(dScale.get(j) - 0.25).isCloseTo(ofScale[j], within(bound));
                assertThat(dBias.get(j) + 0.5).isCloseTo(ofBias[j], within(bound));
            }
        }
    }

    /** More columns than are processed together. */
    @Test
    void dotsOfColumnsAreThoseOfTheFormula() {
        for (int[] dims : new int[][] {{2, 3}, {37, 1100}, {501, 70}}) {
            int rows = dims[0];
            int n = dims[1];
            Tensor x = normal(1, 1e4, 2, rows, n);
            Tensor dy = normal(2, 0.5, 1, rows, n);
            double[] means = new double[n];
            double[] factors = new double[n];
            Arrays.setAll(means, j -> 1e4 + 0.01 * (j % 7));
            Arrays.setAll(factors, j -> 0.5 + 0.01 * (j % 5));
            double[] sums = new double[n];
            double[] dots = new double[n];
            Normalization.columnDots(x, dy, means, factors, sums, dots);
            for (int j = 0; j < n; j++) {
                double[] column = row(x.transpose(), j);
                double[] g = row(dy.transpose(), j);
                double mean = means[j];
                double factor = factors[j];
                double magnitudes = Arrays.stream(g).map(Math::abs).sum(); // of products too: no normal is above 6
                double dot = IntStream.range(0, rows)
                        .mapToDouble(i -> g[i] * (column[i] - mean) * factor)
                        .sum();
                assertThat(sums[j]).isCloseTo(Arrays.stream(g).sum(), within(3 * ROUNDING * magnitudes));
                assertThat(dots[j]).isCloseTo(dot, within(8 * ROUNDING * 6 * magnitudes));
            }
        }
    }

    private interface Loss {
        double of(double x, double t);
    }

    private static void check(Tensor x, Tensor t, double loss, Tensor g, double error, Loss function, Loss derivative) {
        double total = 0;
        double magnitudes = 0;
        for (int i = 0; i < x.size(); i++) {
            double value = function.of(x.array()[i], t.array()[i]);
            total += value;
            magnitudes += Math.abs(value);
            double size = 1 + Math.abs(x.array()[i]);
            assertThat((double) g.array()[i])
                    .isCloseTo(0.5 * derivative.of(x.array()[i], t.array()[i]), within(4 * ROUNDING * size));
        }
        assertThat(loss).isCloseTo(total, within(error * magnitudes));
    }

    private static Tensor column(Tensor x) {
        return x.reshape(x.size(), 1);
    }

    /** The focal loss of a logit with target 1, for a gamma of 1.5. */
    private static double focal(double logit, double weight) {
        double other = 1 / (1 + Math.exp(logit));
        return weight * Math.pow(other, 1.5) * Math.log1p(Math.exp(-logit));
    }

    private static double focalSlope(double logit, double weight) {
        double other = 1 / (1 + Math.exp(logit));
        double loss = Math.log1p(Math.exp(-logit));
        return -weight * Math.pow(other, 1.5) * (other + 1.5 * (1 - other) * loss);
    }

    /** Columns of 1, 3 and 2500 weights: shorter than a block, no divisor of it, and longer. */
    @Test
    void eachColumnHasItsOwnWeight() {
        for (int n : new int[] {1, 3, 2500}) {
            Tensor x = normal(1, 0, 3, 5000 / n, n);
            Tensor t = Tensor.zeros(x.shape());
            Key.of(2).uniform(t, 0, 1);
            Tensor g = Tensor.zeros(x.shape());
            double[] weights = new double[n];
            Arrays.setAll(weights, j -> 1 + j % 5);
            double total = Losses.sigmoidCrossEntropy(x, t, weights, 1, g);
            double expected = 0;
            for (int i = 0; i < x.size(); i++) {
                double logit = x.array()[i];
                double ones = t.array()[i] * weights[i % n];
                double zeros = 1 - t.array()[i];
                expected += ones * Math.log1p(Math.exp(-logit)) + zeros * Math.log1p(Math.exp(logit));
                double slope = zeros / (1 + Math.exp(-logit)) - ones / (1 + Math.exp(logit));
                assertThat((double) g.array()[i]).as("%d of %d", i, n).isCloseTo(slope, within(32 * ROUNDING));
            }
            assertThat(total).isCloseTo(expected, within(16 * ROUNDING * expected));
        }
    }

    /** Rows shorter than a vector, of many vectors, and longer than a block, at two temperatures. */
    @Test
    void divergencesOfSoftmaxAreRight() {
        for (int n : new int[] {2, 100, 5000}) {
            for (double temperature : new double[] {1, 3}) {
                Tensor x = normal(1, 0, 3, 5, n);
                Tensor t = normal(2, 1, 2, 5, n);
                Tensor g = Tensor.zeros(x.shape());
                double value = Losses.softmaxDivergence(x, t, temperature, 0.5, g);
                double expected = 0;
                for (int i = 0; i < 5; i++) {
                    double[] p = probabilities(x.row(i), temperature);
                    double[] q = probabilities(t.row(i), temperature);
                    for (int j = 0; j < n; j++) {
                        expected += q[j] * Math.log(q[j] / p[j]);
                        // a difference to the largest, a product and an exponential are rounded
                        double error = 64 * ROUNDING * Math.max(p[j], q[j]) / temperature;
                        assertThat((double) g.get(i, j)).isCloseTo(0.5 * (p[j] - q[j]) / temperature, within(error));
                    }
                }
                assertThat(value).isCloseTo(expected, within(64 * ROUNDING * expected));
                assertThat(Losses.softmaxDivergence(x, x.copy(), temperature, 1, g))
                        .as("of equal rows")
                        .isZero();
            }
        }
    }

    private static double[] probabilities(Tensor logits, double temperature) {
        double[] p = new double[logits.size()];
        double most =
                IntStream.range(0, p.length).mapToDouble(logits::get).max().getAsDouble();
        Arrays.setAll(p, j -> Math.exp((logits.get(j) - most) / temperature));
        double sum = Arrays.stream(p).sum();
        Arrays.setAll(p, j -> p[j] / sum);
        return p;
    }

    @Test
    void focalLossesOfRowsAreRight() {
        double[] weights = {0.5, 1, 2};
        for (double gamma : new double[] {0, 0.5, 2}) {
            Tensor x = normal(1, 0, 3, 40, 3);
            Tensor labels = Tensor.zeros(40);
            for (int i = 0; i < 40; i++) {
                labels.set(i % 3, i);
            }
            Tensor g = Tensor.zeros(x.shape());
            double value = Losses.softmaxFocalCrossEntropy(x, labels, gamma, weights, 0.5, g);
            double expected = 0;
            for (int i = 0; i < 40; i++) {
                double[] p = probabilities(x.row(i), 1);
                double mine = p[i % 3];
                double power = weights[i % 3] * Math.pow(1 - mine, gamma);
                expected -= power * Math.log(mine);
                double steep = power - gamma * mine * power / (1 - mine) * Math.log(mine);
                for (int j = 0; j < 3; j++) {
                    double slope = 0.5 * steep * (p[j] - (j == i % 3 ? 1 : 0));
                    assertThat((double) g.get(i, j)).isCloseTo(slope, within(16 * ROUNDING * steep));
                }
            }
            assertThat(value).isCloseTo(expected, within(8 * ROUNDING * expected));
        }
        Tensor sure = Tensor.of(new float[] {100, 0}, 1, 2);
        Tensor g = Tensor.zeros(1, 2);
        for (double gamma : new double[] {0.5, 1, 2}) {
            assertThat(Losses.softmaxFocalCrossEntropy(sure, Tensor.zeros(1), gamma, new double[0], 1, g))
                    .as("of a sure and correct row")
                    .isZero();
            assertThat(g.toArray()).containsExactly(0, 0);
        }
    }

    /** Losses of infinite logits are not finite, also where the limit is 0. */
    @Test
    void anInfiniteLogitHasNoFocalLoss() {
        for (float logit : new float[] {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN}) {
            Tensor x = Tensor.full(logit, 1);
            for (float target = 0; target < 2; target++) {
                double loss = Losses.sigmoidFocalCrossEntropy(
                        x, Tensor.full(target, 1), 2, new double[] {1, 1}, 1, Tensor.zeros(1));
                assertThat(loss).as("logit %s, target %s", logit, target).isNotFinite();
            }
        }
    }

    @Test
    void lossesOfElementsAreRight() {
        for (int n : new int[] {1, 33, 2048, 5000}) {
            Tensor x = normal(1, 0, 3, n);
            Tensor t = Tensor.zeros(n);
            Key.of(2).uniform(t, 0, 1);
            Tensor g = Tensor.zeros(n);
            double rounded = 2 * ROUNDING; // a difference is a float
            check(
                    x,
                    t,
                    Losses.squaredError(x, t, 0.5, g),
                    g,
                    2 * rounded,
                    (a, b) -> (a - b) * (a - b),
                    (a, b) -> a - b);
            check(
                    x,
                    t,
                    Losses.absoluteError(x, t, 0.5, g),
                    g,
                    rounded,
                    (a, b) -> Math.abs(a - b),
                    (a, b) -> Math.signum(a - b));
            check(
                    x,
                    t,
                    Losses.huberError(x, t, 1.5, 0.5, g),
                    g,
                    2 * rounded,
                    (a, b) -> Math.abs(a - b) <= 1.5 ? (a - b) * (a - b) / 2 : 1.5 * (Math.abs(a - b) - 0.75),
                    (a, b) -> Math.min(Math.max(a - b, -1.5), 1.5));
            check(
                    x,
                    t,
                    Losses.sigmoidCrossEntropy(x, t, 0.5, g),
                    g,
                    8 * rounded,
                    (a, b) -> Math.max(a, 0) - a * b + Math.log1p(Math.exp(-Math.abs(a))),
                    (a, b) -> 1 / (1 + Math.exp(-a)) - b);
            double[] weight = {2.5};
            check(
                    x,
                    t,
                    Losses.sigmoidCrossEntropy(column(x), column(t), weight, 0.5, column(g)),
                    g,
                    8 * rounded,
                    (a, b) -> 2.5 * b * Math.log1p(Math.exp(-a)) + (1 - b) * Math.log1p(Math.exp(a)),
                    (a, b) -> (1 - b) / (1 + Math.exp(-a)) - 2.5 * b / (1 + Math.exp(a)));
            check(x, t, Losses.divergence(x, t, 0.5, g), g, 8 * rounded, (a, b) -> b * (Math.log(b) - a), (a, b) -> -b);
            check(
                    x,
                    t,
                    Losses.logDivergence(x, t, 0.5, g),
                    g,
                    8 * rounded,
                    (a, b) -> Math.exp(b) * (b - a),
                    (a, b) -> -Math.exp(b));
            Tensor bits = Tensor.zeros(n);
            for (int i = 0; i < n; i++) {
                bits.set(i % 3 == 0 ? 1 : 0, i);
            }
            check(
                    x,
                    bits,
                    Losses.sigmoidFocalCrossEntropy(x, bits, 1.5, new double[] {0.75, 0.25}, 0.5, g),
                    g,
                    8 * rounded,
                    (a, b) -> focal(b == 1 ? a : -a, b == 1 ? 0.25 : 0.75),
                    (a, b) -> b == 1 ? focalSlope(a, 0.25) : -focalSlope(-a, 0.75));
            bits.set(0.5f, n - 1);
            assertThat(Losses.sigmoidFocalCrossEntropy(x, bits, 1.5, new double[] {1, 1}, 1, g))
                    .isNaN();
            t.set(1.5f, n - 1);
            assertThat(Losses.sigmoidCrossEntropy(x, t, 1, g)).isNaN();
            assertThat(Losses.sigmoidCrossEntropy(column(x), column(t), weight, 1, column(g)))
                    .isNaN();
            t.set(Float.NaN, n - 1);
            assertThat(Losses.sigmoidCrossEntropy(x, t, 1, g)).isNaN();
        }
    }

    @Test
    void emptyTensorsHaveNoLossAndNoRows() {
        Tensor x = Tensor.zeros(0, 3);
        assertThat(Losses.squaredError(x, x.copy(), 1, x)).isZero();
        x.softmaxInto(x.copy());
        Tensor.zeros(3, 0).softmaxInto(Tensor.zeros(3, 0));
        assertThat(Losses.softmaxCrossEntropy(x, Tensor.zeros(0), new double[0], Float.NaN, 1, x.copy()))
                .isZero();
    }

    @Test
    void arraysThatAreTooShortAreRefused() {
        Tensor x = Tensor.zeros(2, 3);
        double[] three = new double[3];
        assertThatThrownBy(() -> Normalization.columnDots(x, x, three, three, three.clone(), new double[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("columnDots: an array of 2 numbers is too short; it has one for each of 3 columns");
        assertThatThrownBy(() -> Normalization.rows(
                        x, 1, Tensor.zeros(3), Tensor.zeros(3), new double[1], new double[2], x.copy()))
                .hasMessage("normalizeRows: an array of 1 numbers is too short; it has one for each of 2 rows");
        assertThatThrownBy(() -> Losses.softmaxCrossEntropy(x, Tensor.zeros(3), new double[0], 0, 1, x.copy()))
                .isInstanceOf(ShapeException.class)
                .hasMessage("softmaxCrossEntropy: 2 rows need as many labels, got [3]");
    }
}
