package nn.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import nn.golden.Golden;
import nn.layers.Context;
import nn.tensor.Losses;
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

    static List<String> weighted() {
        return OPS.cases("bce_pos_weight/");
    }

    @ParameterizedTest
    @MethodSource("weighted")
    void weightsOfPositiveTargetsMatchTheGoldenValues(String name) {
        Tensor logits = OPS.tensor(name, "in/logits");
        Tensor target = OPS.tensor(name, "in/target");
        double[] weights = OPS.doubles(name, "in/pos_weight");
        if (isReduced(name)) {
            check(
                    OPS,
                    name,
                    "grad/logits",
                    new SigmoidCrossEntropy(reductionOf(name)).withPositiveWeights(weights),
                    logits,
                    target);
            return;
        }
        checkElements(
                name,
                "grad/logits",
                logits,
                target,
                element -> new SigmoidCrossEntropy().withPositiveWeights(weights[element % weights.length]));
    }

    static List<String> binaryFocal() {
        return OPS.cases("focal/").stream()
                .filter(name -> name.startsWith("focal/binary_"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("binaryFocal")
    void binaryFocalLossMatchesTheGoldenValues(String name) {
        Tensor logits = OPS.tensor(name, "in/logits");
        Tensor target = OPS.tensor(name, "in/target");
        double alpha = OPS.config(name).get("alpha").asDouble();
        SigmoidFocalCrossEntropy plain =
                new SigmoidFocalCrossEntropy(OPS.config(name).get("gamma").asDouble());
        SigmoidFocalCrossEntropy loss = alpha < 0 ? plain : plain.withAlpha(alpha);
        if (isReduced(name)) {
            check(OPS, name, "grad/logits", loss, logits, target);
        } else {
            checkElements(name, "grad/logits", logits, target, element -> loss);
        }
    }

    static List<String> softmaxFocal() {
        return List.of("focal/softmax_B6_C4_g2", "focal/softmax_B5_C7_g1.5_alpha");
    }

    @ParameterizedTest
    @MethodSource("softmaxFocal")
    void focalLossOfClassesMatchesTheGoldenValues(String name) {
        SoftmaxFocalCrossEntropy loss =
                new SoftmaxFocalCrossEntropy(OPS.config(name).get("gamma").asDouble());
        if (OPS.has(name, "in/alpha")) {
            loss = loss.withClassWeights(OPS.doubles(name, "in/alpha"));
        }
        Tensor labels = GoldenInputs.labels(OPS.longs(name, "in/labels"));
        check(OPS, name, "grad/logits", loss, OPS.tensor(name, "in/logits"), labels);
    }

    static List<String> divergences() {
        return OPS.cases("kl/");
    }

    @ParameterizedTest
    @MethodSource("divergences")
    void divergencesMatchTheGoldenValues(String name) {
        JsonNode config = OPS.config(name);
        if (config.has("temperature")) {
            Loss loss = new Distillation(config.get("temperature").asDouble());
            check(OPS, name, "grad/logits", loss, OPS.tensor(name, "in/logits"), OPS.tensor(name, "in/teacher_logits"));
            return;
        }
        Tensor output = OPS.tensor(name, "in/log_q");
        if (config.path("log_target").asBoolean(false)) {
            Loss loss = new KullbackLeibler().ofLogTargets();
            check(OPS, name, "grad/log_q", loss, output, OPS.tensor(name, "in/log_target"));
            return;
        }
        Tensor target = OPS.tensor(name, "in/target");
        String reduction = config.get("reduction").asText();
        if (reduction.equals("none")) {
            checkElements(name, "grad/log_q", output, target, (x, t, dx) -> Losses.divergence(x, t, 1, dx));
            return;
        }
        boolean isMean = reduction.equals("batchmean");
        double factor = isMean ? 1.0 / output.dim(0) : reduction.equals("sum") ? 1 : 1.0 / output.size();
        Tensor gradient = Tensor.zeros(output.shape());
        double value = factor * Losses.divergence(output, target, factor, gradient);
        check(OPS, name, "grad/log_q", new Loss.Value(value, gradient));
        // Reduction mean is over elements, which no loss has here, and some targets of four rows do not add up to 1.
        KullbackLeibler loss = new KullbackLeibler(isMean ? Reduction.MEAN : Reduction.SUM, false);
        if (output.dim(0) == 3 && !reduction.equals("mean")) {
            check(OPS, name, "grad/log_q", loss, output, target);
        } else if (output.dim(0) == 4) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> loss.of(output, target, gradient))
                    .withMessageContaining("must add up to 1");
        }
    }

    private static boolean isReduced(String name) {
        return !OPS.config(name).get("reduction").asText().equals("none");
    }

    private static Reduction reductionOf(String name) {
        return Reduction.valueOf(OPS.config(name).get("reduction").asText().toUpperCase(Locale.ROOT));
    }

    private static void checkElements(
            String name, String gradientKey, Tensor output, Tensor target, IntFunction<DirectLoss> losses) {
        int[] element = {0};
        checkElements(
                name,
                gradientKey,
                output,
                target,
                (x, t, dx) -> losses.apply(element[0]++).of(x, t, dx));
    }

    /** A loss of one element, with its gradient. */
    private interface ElementLoss {
        double of(Tensor x, Tensor target, Tensor dx);
    }

    /** Each element is a batch, and the cotangent multiplies its gradient. */
    private static void checkElements(String name, String gradientKey, Tensor output, Tensor target, ElementLoss loss) {
        double[] losses = new double[output.size()];
        Tensor outputs = output.reshape(losses.length, 1);
        Tensor targets = target.reshape(losses.length, 1);
        Tensor gradient = Tensor.zeros(losses.length, 1);
        Tensor cotangent = OPS.tensor(name, "in/cotangent_loss");
        for (int i = 0; i < losses.length; i++) {
            losses[i] = loss.of(outputs.rows(i, i + 1), targets.rows(i, i + 1), gradient.rows(i, i + 1));
            gradient.row(i).scaleInPlace(cotangent.array()[cotangent.offset() + i]);
        }
        OPS.assertEntries(name, "out/loss", losses, OPS.atLeastOne(name, "out/loss"));
        OPS.assertClose(name, gradientKey, gradient.reshape(output.shape()));
    }

    private static void check(Golden golden, String name, String gradientKey, Loss loss, Tensor output, Tensor target) {
        check(golden, name, gradientKey, loss.of(output, target, Context.inference()));
    }

    private static void check(Golden golden, String name, String gradientKey, Loss.Value value) {
        golden.assertClose(name, "out/loss", new double[] {value.value()}, golden.tolerance(name, "out/loss"));
        golden.assertClose(name, gradientKey, value.dOutput());
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
        check(GOLDEN, name, gradientKey, value);
    }
}
