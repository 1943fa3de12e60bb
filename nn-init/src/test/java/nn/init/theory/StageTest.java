package nn.init.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;
import nn.init.DeepNorm;
import nn.init.Fans;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.SignalPropagation.DenseLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Predictions next to measurements of random networks: within five standard errors of the mean over the draws. */
class StageTest {
    private final RandomGenerator random = new java.util.SplittableRandom(97);

    private double[] normal(int n, double stddev) {
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = stddev * random.nextGaussian();
        }
        return values;
    }

    private static double meanSquare(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return sum / values.length;
    }

    private static void assertMean(double predicted, int draws, DoubleSupplier measured) {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < draws; i++) {
            double value = measured.getAsDouble();
            sum += value;
            squares += value * value;
        }
        double mean = sum / draws;
        double error = Math.sqrt(Math.max(0, squares / draws - mean * mean) / draws);
        assertThat(mean).isCloseTo(predicted, within(5 * error));
        assertThat(error).as("the measurement decides something").isLessThan(predicted / 30);
    }

    /** W x with independent weights. */
    private double[] product(double[] x, int units, double stddev) {
        double[] y = new double[units];
        for (int i = 0; i < units; i++) {
            for (double value : x) {
                y[i] += stddev * random.nextGaussian() * value;
            }
        }
        return y;
    }

    // convolutions

    /** Counted by hand: a kernel of 3 over 8 places misses a tap at either end. */
    @Test
    void tapsAtTheEdgesAreNotCounted() {
        assertThat(Taps.same(8, 3)).isEqualTo(new Taps(22 / 8.0, 22 / 8.0));
        assertThat(Taps.same(8, 5).perOutput()).isCloseTo(5 - 24 / 32.0, within(1e-15)); // k - (k^2 - 1) / (4 length)
        assertThat(Taps.of(8, 3, 1, 1, 0, 0)).isEqualTo(new Taps(3, 18 / 8.0));
        assertThat(Taps.of(8, 3, 2, 1, 0, 1)).isEqualTo(new Taps(11 / 4.0, 11 / 8.0)); // 012 234 456 67-
        assertThat(Taps.of(8, 3, 1, 2, 4, 0)).isEqualTo(new Taps(18 / 8.0, 18 / 8.0)); // causal, dilated
        assertThat(Taps.of(2, 5, 1, 1, 2, 2)).isEqualTo(new Taps(2, 2)); // a kernel beyond the input
        assertThat(Taps.same(1, 1)).isEqualTo(new Taps(1, 1));
        assertThat(Taps.fans(16, 8, Taps.same(8, 3), Taps.same(8, 3)))
                .isEqualTo(new Fans(16 * 2.75 * 2.75, 8 * 2.75 * 2.75));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Taps.of(3, 5, 1, 1, 0, 0))
                .withMessage("taps: a kernel of 5 taps at dilation 1 does not fit into 3 places and 0 of padding");
    }

    @ParameterizedTest
    @CsvSource({"7, 3, 1, 1, 1, 1", "9, 4, 3, 2, 0, 5", "5, 7, 2, 1, 3, 3", "6, 1, 4, 1, 0, 0", "10, 3, 1, 3, 6, 0"})
    void tapsAreThoseOfACountOneByOne(int length, int kernel, int stride, int dilation, int before, int after) {
        int outputs = (length + before + after - dilation * (kernel - 1) - 1) / stride + 1;
        int inside = 0;
        for (int o = 0; o < outputs; o++) {
            for (int tap = 0; tap < kernel; tap++) {
                int place = o * stride - before + tap * dilation;
                inside += place >= 0 && place < length ? 1 : 0;
            }
        }
        assertThat(Taps.of(length, kernel, stride, dilation, before, after))
                .isEqualTo(new Taps((double) inside / outputs, (double) inside / length));
    }

    /** The edges take 8 % of the second moment here. */
    @Test
    void aSmallImageHasTheMeanOfItsTaps() {
        int length = 8;
        int channels = 8;
        double v = 1 / 24.0; // 1 / fan in without edges
        DenseLayer layer =
                new DenseLayer(Taps.fans(channels, channels, Taps.same(length, 3)), v, 0, Nonlinearity.LINEAR);
        assertThat(layer.output(1)).isCloseTo(22 / 24.0, within(1e-15));
        assertMean(layer.output(1), 6000, () -> {
            double[] x = normal(length * channels, 1);
            double[] w = normal(3 * channels, Math.sqrt(v)); // one output channel
            double sum = 0;
            for (int place = 0; place < length; place++) {
                double y = 0;
                for (int tap = 0; tap < 3; tap++) {
                    int at = place + tap - 1;
                    for (int c = 0; at >= 0 && at < length && c < channels; c++) {
                        y += w[tap * channels + c] * x[at * channels + c];
                    }
                }
                sum += y * y / length;
            }
            return sum;
        });
    }

    // pooling

    @Test
    void maximaHaveTheKnownMoments() {
        double root = Math.sqrt(Math.PI);
        assertThat(new Stage.MaxPool(1).mean()).isCloseTo(0, within(1e-14));
        assertThat(new Stage.MaxPool(1).secondMoment()).isCloseTo(1, within(1e-13));
        assertThat(new Stage.MaxPool(2).mean()).isCloseTo(1 / root, within(1e-13));
        assertThat(new Stage.MaxPool(2).secondMoment()).isCloseTo(1, within(1e-13));
        assertThat(new Stage.MaxPool(3).mean()).isCloseTo(1.5 / root, within(1e-13));
        assertThat(new Stage.MaxPool(3).secondMoment()).isCloseTo(1 + Math.sqrt(3) / (2 * Math.PI), within(1e-13));
        assertThat(new Stage.MaxPool(4).mean())
                .isCloseTo(6 / (Math.PI * root) * Math.atan(Math.sqrt(2)), within(1e-13)); // Jones 1948
        assertThat(new Stage.MaxPool(4).secondMoment()).isCloseTo(1 + Math.sqrt(3) / Math.PI, within(1e-13));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 9})
    void poolsHaveTheirSecondMoments(int window) {
        assertMean(new Stage.MaxPool(window).output(4), 20_000, () -> {
            double max = Double.NEGATIVE_INFINITY;
            for (double value : normal(window, 2)) {
                max = Math.max(max, value);
            }
            return max * max;
        });
        assertMean(new Stage.MeanPool(window, 0).output(4), 20_000, () -> {
            double sum = 0;
            for (double value : normal(window, 2)) {
                sum += value / window;
            }
            return sum * sum;
        });
        assertMean(
                new Stage.MeanPool(window, 1 / Math.PI).output(0.5),
                20_000,
                () -> { // of ReLUs
                    double sum = 0;
                    for (double value : normal(window, 1)) {
                        sum += Math.max(0, value) / window;
                    }
                    return sum * sum;
                });
        assertThat(new Stage.MaxPool(window).gradientFactor(1)).isEqualTo(1.0 / window);
        assertThat(new Stage.MeanPool(window, 0).gradientFactor(1)).isCloseTo(1.0 / (window * window), within(1e-15));
    }

    // normalizations

    /** With the second moment of each sample, which is that of all only if there are many elements. */
    @Test
    void aNormalizationRemovesTwoDirectionsOfTheGradient() {
        int n = 12;
        assertMean(new Stage.Normalization(n, 2).gradientFactor(1), 20_000, () -> {
            double[] x = normal(n, 3);
            double[] dy = normal(n, 1);
            double mean = 0;
            for (double value : x) {
                mean += value / n;
            }
            double variance = 0;
            for (int i = 0; i < n; i++) {
                x[i] -= mean;
                variance += x[i] * x[i] / n;
            }
            double meanGradient = 0;
            double along = 0;
            for (int i = 0; i < n; i++) {
                meanGradient += dy[i] / n;
                along += dy[i] * x[i] / Math.sqrt(variance) / n;
            }
            double sum = 0;
            for (int i = 0; i < n; i++) {
                double dx = (dy[i] - meanGradient - along * x[i] / Math.sqrt(variance)) / Math.sqrt(variance);
                sum += dx * dx * variance / n;
            }
            return sum;
        });
        assertThat(new Stage.Normalization(n, 2).output(7)).isEqualTo(1);
        assertThat(new Stage.Normalization(100, 1).gradientFactor(4)).isCloseTo(0.99 / 4, within(1e-15));
        assertThatIllegalArgumentException().isThrownBy(() -> new Stage.Normalization(2, 2));
    }

    // residual blocks

    private static final int WIDTH = 16;

    /** W2 relu(W1 x) of He weights, the last times a factor. */
    private static Stage branch(double factor) {
        Fans fans = new Fans(WIDTH, WIDTH);
        return new Stage.Chain(List.of(
                DenseLayer.ofGain(fans, Math.sqrt(2), Nonlinearity.RELU),
                DenseLayer.ofGain(fans, factor * Math.sqrt(2), Nonlinearity.LINEAR)));
    }

    private static Stage blocks(int count, double gain) {
        return new Stage.Chain(Collections.nCopies(count, new Stage.Residual(branch(1), 1, gain)));
    }

    @Test
    void residualBlocksGrowAsKnown() {
        assertThat(blocks(12, 1).output(1)).isCloseTo(Math.pow(3, 12), within(1e-6));
        assertThat(blocks(12, 1 / Math.sqrt(12)).output(1)).isCloseTo(Math.pow(1 + 2 / 12.0, 12), within(1e-12));
        assertThat(blocks(12, 1 / Math.sqrt(12)).gradientFactor(1))
                .isCloseTo(Math.pow(1 + 2 / 12.0, 12), within(1e-12));
        assertThat(blocks(10_000, 0.01).output(1)).isCloseTo(Math.exp(2), within(2e-3));
        assertThat(blocks(12, 0).output(1)).isEqualTo(1); // ReZero, zero-last
        assertThat(blocks(12, 0).gradientFactor(1)).isEqualTo(1);
        double[] steps = new Stage.Chain(Collections.nCopies(3, new Stage.Residual(branch(1), 1, 1))).outputs(2);
        assertThat(steps).containsExactly(new double[] {2, 6, 18, 54}, within(1e-12));
    }

    @Test
    void sixScaledBlocksAreMeasuredAsPredicted() {
        int count = 6;
        double gain = 1 / Math.sqrt(count);
        assertMean(blocks(count, gain).output(1), 3000, () -> {
            double[] x = normal(WIDTH, 1);
            for (int block = 0; block < count; block++) {
                double[] hidden = product(x, WIDTH, Math.sqrt(2.0 / WIDTH));
                for (int i = 0; i < WIDTH; i++) {
                    hidden[i] = Math.max(0, hidden[i]);
                }
                double[] f = product(hidden, WIDTH, Math.sqrt(2.0 / WIDTH));
                for (int i = 0; i < WIDTH; i++) {
                    x[i] += gain * f[i];
                }
            }
            return meanSquare(x);
        });
    }

    /** GPT-2: each branch reads a normalized trunk, so each of 2 L additions adds v / (2 L), and all of them v. */
    @Test
    void behindANormalizationTheTrunkGrowsByAddition() {
        int branches = 24;
        Stage f = new Stage.Chain(List.of(new Stage.Normalization(1 << 20, 2), branch(1)));
        Stage trunk = new Stage.Chain(Collections.nCopies(branches, new Stage.Residual(f, 1, 1 / Math.sqrt(branches))));
        assertThat(trunk.output(1)).isCloseTo(1 + 2, within(1e-12));
        Stage without = new Stage.Chain(Collections.nCopies(branches, new Stage.Residual(f, 1, 1)));
        assertThat(without.output(1)).isCloseTo(1 + 2 * branches, within(1e-10));
    }

    /** A post-norm block divides the gradient by 1 + v / alpha^2 on its shortcut: alpha grows, so that it stays. */
    @Test
    void deepNormKeepsTheShortcutOfPostNormBlocks() {
        int layers = 100;
        DeepNorm scales = DeepNorm.ofOneStack(layers);
        double v = 2 * Math.pow(scales.beta(), 4); // of two weights times beta
        double kept = Math.pow(scales.alpha() * scales.alpha() / (scales.alpha() * scales.alpha() + v), 2 * layers);
        double plain = Math.pow(1 / 3.0, 2 * layers); // post-norm without scales, v = 2
        assertThat(kept).isGreaterThan(0.9);
        assertThat(plain).isLessThan(1e-90);
        Fans fans = new Fans(WIDTH, WIDTH);
        Stage scaled = new Stage.Chain(List.of(
                DenseLayer.ofGain(fans, scales.beta() * Math.sqrt(2), Nonlinearity.RELU),
                DenseLayer.ofGain(fans, scales.beta() * Math.sqrt(2), Nonlinearity.LINEAR)));
        Stage block = new Stage.Chain(
                List.of(new Stage.Residual(scaled, scales.alpha(), 1), new Stage.Normalization(1L << 40, 2)));
        Stage all = new Stage.Chain(Collections.nCopies(2 * layers, block));
        assertThat(all.output(1)).isCloseTo(1, within(1e-12));
        assertThat(all.gradientFactor(1)).isCloseTo(1, within(1e-9)); // (alpha^2 + v) / (alpha^2 + v) in each block
    }

    // attention

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void uniformAttentionAveragesTokens(boolean causal) {
        int tokens = 12;
        Stage attention = new Stage.UniformAttention(tokens, causal, 0);
        assertMean(attention.output(4), 4000, () -> {
            double[] values = normal(tokens, 2);
            double sum = 0;
            double result = 0;
            double all = 0;
            for (double value : values) {
                all += value / tokens;
            }
            for (int t = 0; t < tokens; t++) {
                sum += values[t];
                double y = causal ? sum / (t + 1) : all;
                result += y * y / tokens;
            }
            return result;
        });
        assertMean(attention.gradientFactor(4), 4000, () -> {
            double[] dy = normal(tokens, 1);
            double result = 0;
            for (int s = 0; s < tokens; s++) {
                double dv = 0;
                for (int t = causal ? s : 0; t < tokens; t++) {
                    dv += dy[t] / (causal ? t + 1 : tokens);
                }
                result += dv * dv / tokens;
            }
            return result;
        });
        assertThat(new Stage.UniformAttention(tokens, causal, 1).output(4)).isCloseTo(4, within(1e-15));
        assertThat(new Stage.UniformAttention(4, false, 0.2).output(1)).isCloseTo(0.2 + 0.8 / 4, within(1e-15));
        assertThat(new Stage.UniformAttention(3, true, 0).output(1)).isCloseTo((1 + 0.5 + 1 / 3.0) / 3, within(1e-15));
    }

    // gates

    @Test
    void gatedDenseLayersMultiplyTheirMoments() {
        int inputs = 32;
        Stage gated = new Stage.GatedDense(new Fans(inputs, 16), 1.5 / inputs, Nonlinearity.SILU);
        // wide layers: the products of one draw are normal, given x of length sqrt(inputs)
        assertMean(gated.output(1), 20_000, () -> {
            double[] products = normal(2, Math.sqrt(1.5));
            double y = Nonlinearity.SILU.value(products[0]) * products[1];
            return y * y;
        });
        assertMean(gated.gradientFactor(1), 40_000, () -> {
            double[] products = normal(2, Math.sqrt(1.5));
            double slope = Nonlinearity.SILU.derivative(products[0]) * products[1];
            double value = Nonlinearity.SILU.value(products[0]);
            return 16 * 1.5 / inputs * (slope * slope + value * value);
        });
        Stage linear = new Stage.GatedDense(new Fans(4, 4), 0.25, Nonlinearity.LINEAR); // GLU without its gate's bend
        assertThat(linear.output(3)).isCloseTo(9, within(1e-14));
    }

    @Test
    void aLayerIsAStage() {
        DenseLayer layer = DenseLayer.ofGain(new Fans(10, 20), Math.sqrt(2), Nonlinearity.RELU);
        SignalPropagation stack = SignalPropagation.of(List.of(layer, layer), 3, 1);
        Stage chain = new Stage.Chain(List.of(layer, layer));
        assertThat(chain.output(3)).isEqualTo(stack.layers().getLast().output());
        assertThat(chain.gradientFactor(3)).isCloseTo(stack.backwardGain(), within(1e-14));
        assertThat(new Stage.Chain(List.of()).output(5)).isEqualTo(5);
        assertThat(new Stage.Chain(List.of()).gradientFactor(5)).isEqualTo(1);
    }

    @Test
    void badNumbersAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Stage.MeanPool(0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Stage.MeanPool(2, Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> new Stage.MaxPool(0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Stage.UniformAttention(0, true, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Stage.UniformAttention(2, true, 1.5));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Stage.Residual(branch(1), Double.NaN, 1))
                .withMessage("residual: shortcut NaN and gain 1.0 must be finite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Stage.GatedDense(new Fans(1, 1), -1, Nonlinearity.TANH));
        assertThatIllegalArgumentException().isThrownBy(() -> branch(1).output(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Taps(0, 1));
    }
}
