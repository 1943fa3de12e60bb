package nn.init.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import nn.init.Gain;
import nn.init.nonlinearity.EveryNonlinearity;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.WidthCorrection.Prediction;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Predictions for layers of finite width, compared with networks that are drawn. */
class WidthCorrectionTest {
    private static final List<Nonlinearity> ALL = EveryNonlinearity.all().toList();
    private static final int[] DEPTHS = {3, 10, 30};

    /** Multiplies the number of networks that the build draws. */
    private static final int TIMES = Integer.getInteger("nn.width.times", 1);

    private static double critical(Nonlinearity f) {
        try {
            return Criticality.of(f, 0).gain();
        } catch (IllegalArgumentException e) { // GELU, SiLU, softplus have none
            return Gain.secondMoment(f);
        }
    }

    /** A nonlinearity with a gain, and the measured second moments, by depth, of each network. */
    private record Case(Nonlinearity f, double gain, double[][] lengths, double[][] gradients) {}

    private static List<Case> draw(Collection<Nonlinearity> functions, int width, int networks, String name) {
        List<Case> cases = new ArrayList<>();
        for (Nonlinearity f : functions) {
            for (double gain : new double[] {0.8, critical(f), 1.3}) {
                cases.add(new Case(f, gain, new double[3][networks], new double[3][networks]));
            }
        }
        int rows = cases.size();
        int most = DEPTHS[DEPTHS.length - 1];
        Key key = Key.of(8).child(name + " " + width);
        Tensor[] z = new Tensor[most + 1];
        Tensor[] weights = new Tensor[most];
        for (int network = 0; network < networks; network++) {
            Key own = key.child(network);
            Tensor first = Tensor.zeros(width);
            own.child("first").normal(first, 0f, 1f);
            z[0] = Tensor.zeros(rows, width);
            for (int r = 0; r < rows; r++) {
                for (int i = 0; i < width; i++) {
                    z[0].set((float) (cases.get(r).gain * first.get(i)), r, i);
                }
            }
            for (int l = 0; l < most; l++) {
                weights[l] = Tensor.zeros(width, width);
                own.child("weight").child(l).normal(weights[l], 0f, (float) (1 / Math.sqrt(width)));
                Tensor y = z[l].copy();
                change(y, cases, (c, v) -> c.gain * c.f.value(v));
                z[l + 1] = y.matmul(weights[l]);
            }
            for (int d = 0; d < DEPTHS.length; d++) {
                Tensor dz = Tensor.zeros(rows, width);
                own.child("gradient").child(d).normal(dz, 0f, 1f);
                double[] begin = lengths(dz);
                for (int l = DEPTHS[d] - 1; l >= 0; l--) {
                    dz = dz.matmul(weights[l], Transposed.RIGHT);
                    Tensor slopes = z[l].copy();
                    change(slopes, cases, (c, v) -> c.gain * c.f.derivative(v));
                    dz = dz.multiply(slopes);
                }
                double[] end = lengths(dz);
                double[] signal = lengths(z[DEPTHS[d]]);
                for (int r = 0; r < rows; r++) {
                    cases.get(r).lengths[d][network] = signal[r] / width;
                    cases.get(r).gradients[d][network] = end[r] / begin[r];
                }
            }
        }
        return cases;
    }

    private interface ByCase {
        double of(Case c, double value);
    }

    private static void change(Tensor t, List<Case> cases, ByCase function) {
        int width = t.dim(1);
        for (int r = 0; r < cases.size(); r++) {
            for (int i = 0; i < width; i++) {
                t.set((float) function.of(cases.get(r), t.get(r, i)), r, i);
            }
        }
    }

    private static double[] lengths(Tensor t) {
        double[] lengths = new double[t.dim(0)];
        for (int r = 0; r < lengths.length; r++) {
            lengths[r] = t.row(r).dot(t.row(r));
        }
        return lengths;
    }

    /** Adds those that differ by more than three standard errors and the bar. */
    private static void compare(List<String> wrong, String what, double[] measured, Prediction p) {
        double mean = 0;
        for (double m : measured) {
            mean += m / measured.length;
        }
        double variance = 0;
        for (double m : measured) {
            variance += (m - mean) * (m - mean) / (measured.length - 1);
        }
        // a sample whose mean rests on rare networks knows less of its scatter than theory
        double error = Math.max(Math.sqrt(variance), p.stddev()) / Math.sqrt(measured.length);
        double away = Math.abs(mean - p.value());
        if (Boolean.getBoolean("nn.width.print") && away > 2.5 * error) {
            System.out.printf(
                    Locale.ROOT,
                    "%-34s measured/infinite %8.4f +- %.4f, finite %8.4f, bar %.4f, away %5.1f s.e., %.2f of bar%n",
                    what,
                    mean / p.infinite(),
                    error / p.infinite(),
                    p.value() / p.infinite(),
                    p.bar() / p.infinite(),
                    away / error,
                    Math.max(0, away - 3 * error) / p.bar());
        }
        if (!(away <= 3 * error + p.bar())) {
            wrong.add(String.format(
                    Locale.ROOT, "%s: %.4g +- %.2g, predicted %.4g +- %.2g", what, mean, error, p.value(), p.bar()));
        }
    }

    /** The moments of products of independent factors: sums of squares of n ReLU or linear units. */
    @ParameterizedTest
    @CsvSource({"3, 64", "30, 64", "10, 512"})
    void rectifiersHaveTheirExactMomentsAtEveryWidth(int layers, int width) {
        for (double slope : new double[] {0, 0.5, 1}) {
            Nonlinearity f = slope == 0 ? Nonlinearity.RELU : Nonlinearity.leakyRelu(slope);
            WidthCorrection theory = new WidthCorrection(MeanField.ofGain(f, Gain.he(slope)), width);
            int[] widths = new int[layers];
            Arrays.fill(widths, width);
            Prediction length = theory.lengths(1.7, layers).getLast();
            assertThat(length.value()).isCloseTo(1.7, within(1e-6));
            assertThat(length.bar()).isLessThan(1e-6);
            double relative = length.stddev() / length.value();
            assertThat(relative * relative).isCloseTo(FiniteWidth.lengthVariance(slope, widths), withPercentage(0.1));
            Prediction gradient = theory.gradients(1.7, layers).getLast();
            assertThat(gradient.value()).isCloseTo(1, within(1e-6));
            assertThat(gradient.infinite()).isCloseTo(1, within(1e-9));
        }
    }

    /** The length of W' u for independent normal W: a product of chi-squares over n. */
    @Test
    void linearGradientsScatterAsTwoByTheWidth() {
        WidthCorrection theory = new WidthCorrection(MeanField.ofGain(Nonlinearity.LINEAR, 1), 64);
        double stddev = theory.gradients(1, 10).getLast().stddev();
        assertThat(stddev * stddev).isCloseTo(Math.pow(1 + 2.0 / 64, 10) - 1, withPercentage(0.1));
    }

    @Test
    void wideLayersHaveTheLimitAndNarrowOnesFirstOrder() {
        MeanField tanh = MeanField.ofGain(Nonlinearity.TANH, 1);
        Prediction wide = new WidthCorrection(tanh, 1_000_000).lengths(1, 10).getLast();
        assertThat(wide.value()).isCloseTo(wide.infinite(), withPercentage(0.01));
        double first = new WidthCorrection(tanh, 200).lengths(1, 10).getLast().value() - wide.infinite();
        double second = new WidthCorrection(tanh, 400).lengths(1, 10).getLast().value() - wide.infinite();
        assertThat(first / second).isCloseTo(2, within(0.05));
        assertThat(first).isNegative();
    }

    /** A deeper stack has a wider grid, so the last digits differ. */
    @Test
    void thePredictionsOfAStackBeginWithThoseOfAShorterOne() {
        WidthCorrection theory = new WidthCorrection(MeanField.ofGain(Nonlinearity.TANH, 1.3), 64);
        List<Prediction> lengths = theory.lengths(1.7, 30);
        List<Prediction> gradients = theory.gradients(1.7, 30);
        assertThat(lengths.getFirst().value()).isCloseTo(1.7, within(1e-9));
        assertThat(gradients.getFirst().value()).isCloseTo(1, within(1e-9));
        for (int layers = 1; layers <= 9; layers += 4) {
            Prediction length = theory.lengths(1.7, layers).getLast();
            Prediction gradient = theory.gradients(1.7, layers).getLast();
            assertThat(lengths.get(layers).value()).isCloseTo(length.value(), withPercentage(0.01));
            assertThat(lengths.get(layers).infinite()).isEqualTo(length.infinite());
            assertThat(gradients.get(layers).value()).isCloseTo(gradient.value(), withPercentage(0.01));
            assertThat(gradients.get(layers).stddev()).isCloseTo(gradient.stddev(), withPercentage(0.1));
        }
    }

    @Test
    void badArgumentsAreRefused() {
        MeanField tanh = MeanField.ofGain(Nonlinearity.TANH, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WidthCorrection(tanh, 1))
                .withMessage("width correction: width 1 must be at least 2");
        WidthCorrection theory = new WidthCorrection(tanh, 2);
        assertThatIllegalArgumentException().isThrownBy(() -> theory.lengths(0, 3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> theory.gradients(1, 1001))
                .withMessage("width correction: layers 1001 must be from 0 to 1000");
    }

    /**
     * Of a thousand comparisons, some leave three standard errors by chance. The functions of those are drawn again,
     * with other keys and four times the networks: chance does not strike the same twice, a wrong prediction does.
     */
    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"64, 40", "512, 4"})
    void drawnNetworksAgreeWithinThreeStandardErrorsAndTheBar(int width, int networks) {
        Map<Nonlinearity, List<String>> away = wrong(draw(ALL, width, TIMES * networks, "width"), width);
        assertThat(away.values().stream().mapToInt(List::size).sum())
                .as("%s", away)
                .isLessThanOrEqualTo(3);
        assertThat(wrong(draw(away.keySet(), width, 4 * TIMES * networks, "again"), width))
                .isEmpty();
    }

    /** Returns the comparisons that fail, by function. */
    private static Map<Nonlinearity, List<String>> wrong(List<Case> cases, int width) {
        Map<Nonlinearity, List<String>> all = new LinkedHashMap<>();
        int scattered = 0;
        for (Case c : cases) {
            List<String> wrong = new ArrayList<>();
            WidthCorrection theory = new WidthCorrection(MeanField.ofGain(c.f, c.gain), width);
            double q = c.gain * c.gain;
            int most = DEPTHS[DEPTHS.length - 1];
            List<Prediction> lengths = theory.lengths(q, most);
            List<Prediction> gradients = theory.gradients(q, most);
            for (int d = 0; d < DEPTHS.length; d++) {
                String what = String.format(Locale.ROOT, "%s %.3f, %d x %d", c.f.name(), c.gain, DEPTHS[d], width);
                Prediction length = lengths.get(DEPTHS[d]);
                Prediction gradient = gradients.get(DEPTHS[d]);
                compare(wrong, what + " z^2", c.lengths[d], length);
                compare(wrong, what + " grad", c.gradients[d], gradient);
                scattered += length.stddev() > 5 * length.value() ? 1 : 0;
                scattered += gradient.stddev() > 5 * gradient.value() ? 1 : 0;
            }
            if (!wrong.isEmpty()) {
                all.computeIfAbsent(c.f, f -> new ArrayList<>()).addAll(wrong);
            }
        }
        assertThat(scattered)
                .as("predictions that a sample can hardly contradict")
                .isLessThan(ALL.size()); // of 18 for each nonlinearity
        return all;
    }
}
