package nn.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import nn.golden.Golden;
import nn.layers.Context;
import nn.tensor.Tensor;
import nn.train.golden.GoldenInputs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses and their gradients against another framework's, case by case. */
class GoldenLossTest {
    private static final Golden GOLDEN = Golden.load("losses.safetensors");
    private static final Golden OPS = Golden.load("ops.safetensors");

    /** The cases with a mean or a sum; the others have a loss for each row or element. */
    private static List<String> cases(String prefix, boolean reduced) {
        List<String> cases = GOLDEN.cases(prefix).stream()
                .filter(name -> reduced(name) == reduced)
                .toList();
        assertThat(cases).isNotEmpty();
        return cases;
    }

    static List<String> crossEntropies() {
        List<String> cases = cases("ce/", true);
        assertThat(cases).contains("ce/label_smoothing_0.1", "ce/soft_targets");
        return cases;
    }

    static List<String> crossEntropiesOfRows() {
        return cases("ce/", false);
    }

    static List<String> squaredErrors() {
        return cases("mse/", true);
    }

    static List<String> squaredErrorsOfElements() {
        return cases("mse/", false);
    }

    private static Reduction reduction(String name) {
        return Reduction.valueOf(GOLDEN.config(name).get("reduction").asText().toUpperCase(Locale.ROOT));
    }

    private static boolean reduced(String name) {
        return !GOLDEN.config(name).get("reduction").asText().equals("none");
    }

    @ParameterizedTest
    @MethodSource("crossEntropies")
    void crossEntropyMatchesTheGoldenValues(String name) {
        boolean probabilities = GOLDEN.has(name, "in/target");
        Tensor target =
                probabilities ? GOLDEN.tensor(name, "in/target") : GoldenInputs.labels(GOLDEN.longs(name, "in/labels"));
        double smoothing = GOLDEN.config(name).path("label_smoothing").asDouble(0);
        SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy(reduction(name)).withSmoothing(smoothing);
        loss = probabilities ? loss.ofProbabilities() : loss;
        check(name, "grad/logits", loss.of(GOLDEN.tensor(name, "in/logits"), target, Context.inference()));
    }

    @ParameterizedTest
    @MethodSource("crossEntropiesOfRows")
    void crossEntropyOfEachRowMatchesTheGoldenValues(String name) {
        Tensor logits = GOLDEN.tensor(name, "in/logits");
        Tensor labels = GoldenInputs.labels(GOLDEN.longs(name, "in/labels"));
        double[] losses = new SoftmaxCrossEntropy().perExample(logits, labels);
        GOLDEN.assertEntries(name, "out/loss", losses, GOLDEN.atLeastOne(name, "out/loss"));
        Tensor gradient = new SoftmaxCrossEntropy(Reduction.SUM)
                .of(logits, labels, Context.inference())
                .dOutput();
        Tensor cotangent = GOLDEN.tensor(name, "in/cotangent_loss");
        for (int i = 0; i < losses.length; i++) {
            gradient.row(i).scaleInPlace(cotangent.get(i));
        }
        GOLDEN.assertClose(name, "grad/logits", gradient);
    }

    static List<String> sequences() {
        return OPS.cases("ce_sequence/");
    }

    /** Logits [time x batch x classes] and labels [time x batch], of which some do not count. */
    @ParameterizedTest
    @MethodSource("sequences")
    void crossEntropyOfSequencesMatchesTheGoldenValues(String name) {
        JsonNode config = OPS.config(name);
        Tensor logits = OPS.tensor(name, "in/logits");
        Tensor labels = GoldenInputs.labels(OPS.longs(name, "in/labels")).reshape(logits.dim(0), logits.dim(1));
        String reduction = config.get("reduction").asText();
        boolean reduced = !reduction.equals("none");
        SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy(
                        reduced ? Reduction.valueOf(reduction.toUpperCase(Locale.ROOT)) : Reduction.SUM)
                .withSmoothing(config.get("label_smoothing").asDouble())
                .ignoring(config.get("ignore_index").asInt());
        if (config.get("class_weights").asBoolean()) {
            loss = loss.withClassWeights(OPS.doubles(name, "in/class_weights"));
        }
        Tensor gradient = Tensor.zeros(logits.shape());
        double value = loss.of(logits, labels, gradient);
        if (reduced) {
            OPS.assertClose(name, "out/loss", new double[] {value}, OPS.tolerance(name, "out/loss"));
        } else {
            OPS.assertEntries(name, "out/loss", loss.perExample(logits, labels), OPS.atLeastOne(name, "out/loss"));
            Tensor cotangent = OPS.tensor(name, "in/cotangent_loss");
            Tensor rows = gradient.reshape(labels.size(), logits.dim(2));
            for (int i = 0; i < labels.size(); i++) {
                rows.row(i).scaleInPlace(cotangent.array()[i]);
            }
        }
        OPS.assertClose(name, "grad/logits", gradient);
    }

    /** One row alone makes the mean 5e37. So each row is compared with the formula in double. */
    @Test
    void eachRowOfHugeLogitsHasACorrectLoss() {
        String name = "ce/edge_huge_logits";
        Tensor logits = GOLDEN.tensor(name, "in/logits");
        long[] labels = GOLDEN.longs(name, "in/labels");
        double[] losses = new SoftmaxCrossEntropy().perExample(logits, GoldenInputs.labels(labels));
        double sum = 0;
        for (int row = 0; row < losses.length; row++) {
            double most = Math.max(logits.get(row, 0), Math.max(logits.get(row, 1), logits.get(row, 2)));
            double exponentials = 0;
            for (int j = 0; j < 3; j++) {
                exponentials += Math.exp(logits.get(row, j) - most);
            }
            double loss = Math.log(exponentials) - (logits.get(row, (int) labels[row]) - most);
            assertThat(losses[row]).as("row %d", row).isCloseTo(loss, within(4 * 0x1p-24 * Math.max(loss, 1)));
            sum += loss;
        }
        double truth = GOLDEN.doubles(name, "out/loss")[0];
        assertThat(sum / losses.length).isCloseTo(truth, within(1e-15 * truth));

        Tensor gradient = new SoftmaxCrossEntropy()
                .of(logits, GoldenInputs.labels(labels), Context.inference())
                .dOutput();
        double[] scales = new double[logits.size()];
        Arrays.fill(scales, 1.0 / losses.length);
        GOLDEN.assertEntries(name, "grad/logits", gradient, scales);
    }

    static List<Arguments> logProbabilities() {
        return List.of(
                Arguments.of(GOLDEN, "log_softmax/B7_C3"),
                Arguments.of(OPS, "log_softmax/rows_17x4"),
                Arguments.of(OPS, "log_softmax/wide_3x78"),
                Arguments.of(OPS, "log_softmax/one_column_4x1"));
    }

    /** The loss of a row with label j is minus the j-th log probability, and so is its gradient. */
    @ParameterizedTest
    @MethodSource("logProbabilities")
    void logProbabilitiesMatchTheGoldenValues(Golden golden, String name) {
        Tensor logits = golden.tensor(name, "in/x");
        Tensor cotangent = golden.tensor(name, "in/cotangent_y");
        int rows = logits.dim(0);
        int classes = logits.dim(1);
        double[] y = new double[rows * classes];
        double[] dx = new double[rows * classes];
        double[] scales = new double[rows * classes];
        for (int j = 0; j < classes; j++) {
            Tensor labels = Tensor.full(j, rows);
            double[] losses = new SoftmaxCrossEntropy().perExample(logits, labels);
            Tensor gradient = new SoftmaxCrossEntropy(Reduction.SUM)
                    .of(logits, labels, Context.inference())
                    .dOutput();
            for (int row = 0; row < rows; row++) {
                y[row * classes + j] = -losses[row];
                for (int k = 0; k < classes; k++) {
                    dx[row * classes + k] -= (double) cotangent.get(row, j) * gradient.get(row, k);
                    scales[row * classes + k] += Math.abs(cotangent.get(row, j));
                }
            }
        }
        golden.assertEntries(name, "out/y", y, golden.atLeastOne(name, "out/y"));
        golden.assertEntries(name, "grad/x", dx, scales);
    }

    @Test
    void sigmoidCrossEntropyMatchesTheGoldenValues() {
        String name = "bce_with_logits/mean";
        Tensor logits = GOLDEN.tensor(name, "in/logits");
        Tensor target = GOLDEN.tensor(name, "in/target");
        check(name, "grad/logits", new SigmoidCrossEntropy().of(logits, target, Context.inference()));
    }

    @ParameterizedTest
    @MethodSource("squaredErrors")
    void squaredErrorMatchesTheGoldenValues(String name) {
        Tensor output = GOLDEN.tensor(name, "in/pred");
        Tensor target = GOLDEN.tensor(name, "in/target");
        check(name, "grad/pred", new MeanSquaredError(reduction(name)).of(output, target, Context.inference()));
    }

    /** Each element is a batch. */
    @ParameterizedTest
    @MethodSource("squaredErrorsOfElements")
    void squaredErrorOfEachElementMatchesTheGoldenValues(String name) {
        Tensor output = GOLDEN.tensor(name, "in/pred");
        Tensor target = GOLDEN.tensor(name, "in/target");
        double[] losses = new double[output.size()];
        Tensor elements = output.reshape(losses.length);
        Tensor targets = target.reshape(losses.length);
        Tensor gradient = GOLDEN.tensor(name, "in/cotangent_loss");
        Tensor gradients = gradient.reshape(losses.length);
        for (int i = 0; i < losses.length; i++) {
            Loss.Value value = new MeanSquaredError().of(elements.row(i), targets.row(i), Context.inference());
            losses[i] = value.value();
            gradients.row(i).multiplyInto(value.dOutput(), gradients.row(i));
        }
        GOLDEN.assertEntries(name, "out/loss", losses, GOLDEN.atLeastOne(name, "out/loss"));
        GOLDEN.assertEntries(name, "grad/pred", gradient, GOLDEN.atLeastOne(name, "grad/pred"));
    }

    private static void check(String name, String gradientKey, Loss.Value value) {
        GOLDEN.assertClose(name, "out/loss", new double[] {value.value()}, GOLDEN.tolerance(name, "out/loss"));
        GOLDEN.assertClose(name, gradientKey, value.dOutput());
    }
}
