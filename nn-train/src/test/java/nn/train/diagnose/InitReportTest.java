package nn.train.diagnose;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import nn.fixtures.FunctionPass;
import nn.fixtures.OwnDense;
import nn.fixtures.OwnRelu;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.BornDead;
import nn.layers.Layer;
import nn.layers.Lsuv;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.activation.Activation;
import nn.layers.activation.Softmax;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.GlobalPool;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.graph.Formula;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.pooling.LastStep;
import nn.layers.recurrent.Lstm;
import nn.layers.shape.Flatten;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.NonFiniteException;
import nn.train.Trainer;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.loss.Distillation;
import nn.train.loss.KullbackLeibler;
import nn.train.loss.Loss;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.loss.SoftmaxFocalCrossEntropy;
import nn.train.metric.Metrics;
import nn.train.optimizer.Sgd;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports on networks with known faults. */
class InitReportTest {
    private static final Key KEY = Key.of(1);
    private static final int WIDTH = 64;
    private static final Tensor X = normal(512, WIDTH);

    private static Tensor normal(int... dims) {
        Tensor x = Tensor.zeros(dims);
        Key.of(77).normal(x, 0f, 1f);
        return x;
    }

    private static Network stack(int layers, int width, Initializer weights, Nonlinearity f) {
        return stack(layers, width, weights, Init.zeros(), weights, f);
    }

    private static Network stack(
            int layers, int width, Initializer weights, Initializer biases, Initializer last, Nonlinearity f) {
        Network.Builder builder = Network.builder(KEY).input(WIDTH);
        for (int l = 1; l <= layers; l++) {
            builder.dense("hidden" + l, width, weights, biases).activation(f);
        }
        return builder.dense("out", 10, last).build();
    }

    private static InitReport report(Network network) {
        return InitReport.of(network, X, Key.of(5));
    }

    private static InitFinding only(InitReport report, Symptom symptom) {
        return report.finding(symptom).orElseThrow(() -> new AssertionError("no '" + symptom + "' in\n" + report));
    }

    @Test
    void aSmallNetworkHasTheNumbersComputedByHand() {
        Network network =
                Network.builder(KEY).input(2).dense("a", 2).relu().dense("b", 1).build();
        network.parameter("a.weight").value().copyFrom(Tensor.of(new float[] {1, 2, -1, 1}, 2, 2));
        network.parameter("a.bias").value().copyFrom(Tensor.of(new float[] {0, -1}, 2));
        network.parameter("b.weight").value().copyFrom(Tensor.of(new float[] {3, -2}, 2, 1));
        Tensor x = Tensor.of(new float[] {1, 0, 2, 3}, 2, 2);
        Tensor y = Tensor.of(new float[] {0, 0}, 2, 1);

        InitReport report = InitReport.of(network, new MeanSquaredError(), x, y, KEY);

        // z = (1, 1), (-1, 6); relu (1, 1), (0, 6); out 1, -12; loss (1 + 144) / 2; its gradient 1, -12
        assertThat(report.rows()).isEqualTo(2);
        assertThat(report.input()).isEqualTo(14 / 4.0);
        assertThat(report.inputCorrelation()).isEqualTo(2 / (14 / 2.0));
        assertThat(report.loss()).isEqualTo(72.5);
        LayerReading a = report.layers().get(0);
        assertThat(a.path()).isEqualTo("a");
        assertThat(a.layer()).isEqualTo("Dense 2 -> 2");
        assertThat(a.nonlinearity()).isEqualTo("relu");
        assertThat(a.preActivation()).isEqualTo(39 / 4.0);
        assertThat(a.predicted()).isEqualTo(2 * (7 / 4.0) * (14 / 4.0) + 1 / 2.0);
        assertThat(a.output()).isEqualTo(38 / 4.0);
        assertThat(a.correlation()).isEqualTo(6 / (38 / 2.0));
        // at z: (3, -2) and -12 (0, -2), as the first unit is off in row 2; squares 13 + 576
        assertThat(a.gradient()).isCloseTo(589 / 145.0, within(1e-12));
        assertThat(a.dead()).isZero();
        assertThat(a.saturated()).isNaN();
        assertThat(a.distinctUnits()).isEqualTo(2);
        LayerReading b = report.layers().get(1);
        assertThat(b.nonlinearity()).isEmpty();
        assertThat(b.output()).isEqualTo(b.preActivation()).isEqualTo(145 / 2.0);
        assertThat(b.gradient()).isEqualTo(1);
        assertThat(b.distinctUnits()).isZero();
        assertThat(report.forwardGain()).isEqualTo(38 / 39.0);
        assertThat(report.backwardGain()).isEqualTo(a.gradient());
    }

    /** A chain, written as a network and as a graph. */
    @Test
    void aGraphGetsTheReportOfTheSameNetwork() {
        Network network = Network.builder(KEY)
                .input(WIDTH)
                .dense("a", 32, Init.xavierNormal())
                .relu()
                .dense("b", 32)
                .tanh()
                .dense("c", 10)
                .build();
        Graph.Builder graph = Graph.builder(KEY);
        Node a = graph.layer("a", Dense.units(32).weight(Init.xavierNormal()), graph.input("x", WIDTH))
                .relu();
        Node b = graph.layer("b", Dense.units(32), a).tanh();
        Graph same = graph.output("y", graph.layer("c", Dense.units(10), b)).build();
        assertThat(InitReport.of(same, X, Key.of(5)).toString())
                .isEqualTo(report(network).toString());
    }

    @Test
    void aFaultInABranchOfAGraphIsNamedByItsPath() {
        Graph.Builder graph = Graph.builder(KEY);
        Node x = graph.input("x", WIDTH);
        Node left = graph.chain("left", x, n -> n.dense("fc", 32).relu());
        Node right = graph.chain(
                "right",
                x,
                n -> n.dense("fc", 32, Init.heNormal(), Init.constant(-100)).relu());
        Graph model = graph.output("y", graph.layer("out", Dense.units(10), Node.concat(-1, left, right)))
                .build();
        InitReport report = InitReport.of(model, X, Key.of(5));
        assertThat(report.layers()).extracting(LayerReading::path).containsExactly("left.fc", "right.fc", "out");
        assertThat(only(report, Symptom.DEAD_UNITS).layer()).isEqualTo("right.fc");
        assertThat(report.findings()).extracting(InitFinding::layer).doesNotContain("left.fc");
    }

    @Test
    void heWeightsWithReluHaveNoFaults() {
        InitReport report = report(stack(6, WIDTH, Init.heNormal(), Nonlinearity.RELU));
        assertThat(report.findings()).isEmpty();
        assertThat(report.passed()).isTrue();
        assertThat(report.toString()).endsWith("No faults found.\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 30, 100})
    void xavierHalvesTheSignalOfReluAtEveryLayerAndTheGradientToo(int layers) {
        InitReport report = report(stack(layers, WIDTH, Init.xavierNormal(), Nonlinearity.RELU));
        // Four standard deviations of the sum of logarithms, sqrt(5 / n) each, and the second-order term of their mean.
        double scatter = 4 * Math.sqrt(layers * 5.0 / WIDTH) + layers * 2.5 / WIDTH;
        assertThat(Math.log(report.forwardGain())).isCloseTo(-layers * Math.log(2), within(scatter));
        assertThat(Math.log(report.backwardGain())).isCloseTo(-layers * Math.log(2), within(scatter));
        Severity severity = layers < 20 ? Severity.WARNING : Severity.FAILURE;
        assertThat(only(report, Symptom.SIGNAL).severity()).isEqualTo(severity);
        assertThat(only(report, Symptom.GRADIENT).severity()).isEqualTo(severity);
        assertThat(only(report, Symptom.SIGNAL).text()).contains("vanishes");
        assertThat(only(report, Symptom.SIGNAL).remedy()).isEqualTo("Draw the weights by 'he normal'.");
    }

    /** Linear layers whose weights are 0.03 times an orthogonal matrix multiply a mean square by 9e-4 exactly. */
    private static Network.Builder fading(int layers) {
        Network.Builder builder = Network.builder(KEY).input(WIDTH);
        for (int l = 1; l <= layers; l++) {
            builder.dense("hidden" + l, WIDTH, Init.orthogonal(0.03));
        }
        return builder;
    }

    private static InitReport gains(Network.Builder builder) {
        return Doctor.of(new GainCheck()).examine(builder.dense("out", 10).build(), X, Key.of(5));
    }

    @Test
    void theFactorOfALayerIsThatOfTheLayersBetweenTheTwoReadings() {
        InitReport report = gains(fading(3));
        assertThat(only(report, Symptom.SIGNAL).text())
                .isEqualTo("The signal vanishes: its mean square at the last layer is 8.1e-7 times that at the first,"
                        + " a factor of 9.0e-4 per layer.");
        assertThat(only(report, Symptom.GRADIENT).text())
                .isEqualTo("The gradient vanishes: its squared length at the first layer is 8.1e-7 times that at the"
                        + " last hidden layer, a factor of 9.0e-4 per layer.");
    }

    @Test
    void theGainOfASingleLayerIsNotRepeated() {
        InitReport report = gains(fading(2));
        assertThat(only(report, Symptom.SIGNAL).text())
                .endsWith(" at the last layer is 9.0e-4 times that at the first.");
        assertThat(only(report, Symptom.GRADIENT).text()).endsWith(" is 9.0e-4 times that at the last hidden layer.");
    }

    /** The signal takes the way around the branch, the gradient's last reading is before it. */
    @Test
    void aBranchIsNotCountedAsALayerBetween() {
        InitReport report = gains(fading(3)
                .layer("residual", Residual.of(b -> b.dense("branch", WIDTH)).gain(0)));
        assertThat(only(report, Symptom.SIGNAL).text()).endsWith(" is 8.1e-7 times that at the first.");
        assertThat(only(report, Symptom.GRADIENT).text())
                .endsWith(" at the first layer is 8.1e-7 times that at layer 'hidden3', the last that gets a gradient,"
                        + " a factor of 9.0e-4 per layer.");
    }

    @Test
    void betweenNormalizationsTheLayersOfTheWorstPartAreNamedAndCounted() {
        Network.Builder builder = fading(4).layerNorm("norm");
        for (int l = 5; l <= 12; l++) {
            builder.dense("hidden" + l, WIDTH, Init.orthogonal());
        }
        assertThat(only(gains(builder), Symptom.SIGNAL).text())
                .isEqualTo("The signal vanishes: its mean square at layer 'hidden4' is 8.1e-7 times that at layer"
                        + " 'hidden1', a factor of 9.0e-4 per layer.");
    }

    /** A function that passes signals on and a tenth of the gradient: a factor of 0.01 for each layer. */
    @Test
    void amongNormalizationsTheGradientIsSaidToBeMeasuredTogetherWithTheSignal() {
        Nonlinearity muted = Nonlinearity.of("muted", z -> z, z -> 0.1);
        Network.Builder builder = Network.builder(KEY).input(WIDTH);
        for (int l = 1; l <= 4; l++) {
            builder.dense("hidden" + l, WIDTH, Init.orthogonal(0.5)).activation(muted);
        }
        assertThat(only(gains(builder.layerNorm("norm")), Symptom.GRADIENT).text())
                .isEqualTo("The gradient vanishes: its grad^2 E z^2 at the first layer is 1.0e-6"
                        + " times that at the last hidden layer, a factor of 0.0100 per layer.");
    }

    /** A factor of 0.4 per layer, 1e-40 in all: the numbers of the report are 0, and its sentences say why. */
    @Test
    void aSignalThatFadesToZeroIsSaidToVanish() {
        InitReport report = report(stack(100, WIDTH, Init.normal(0.05), Nonlinearity.TANH));
        assertThat(report.forwardGain()).isZero();
        assertThat(report.backwardGain()).isZero();
        for (Symptom symptom : List.of(Symptom.SIGNAL, Symptom.GRADIENT)) {
            assertThat(only(report, symptom).severity()).isEqualTo(Severity.FAILURE);
            assertThat(only(report, symptom).text()).contains("vanishes", "rounded to zero", "below 7.9e-31");
        }
        assertThat(report.finding(Symptom.DEAD_UNITS)).isEmpty();
    }

    @Test
    void weightsOfZeroAreNotSaidToFade() {
        InitReport report = report(stack(3, WIDTH, Init.zeros(), Nonlinearity.TANH));
        assertThat(report.finding(Symptom.SIGNAL)).isEmpty();
        assertThat(report.finding(Symptom.GRADIENT)).isEmpty();
    }

    @Test
    void theRemediesWork() {
        Network network = stack(30, WIDTH, Init.xavierNormal(), Nonlinearity.TANH);
        network.parametersByPath().forEach((path, p) -> p.value().scaleInPlace(0.5f));
        InitReport ill = report(network);
        assertThat(ill.passed()).isFalse();
        assertThat(only(ill, Symptom.SIGNAL).remedy()).isEqualTo("Draw the weights by 'lecun normal'.");
        assertThat(ill.findings())
                .singleElement()
                .extracting(InitFinding::symptom)
                .isEqualTo(Symptom.WEIGHTS);

        assertThat(report(stack(30, WIDTH, Init.parse("lecun normal"), Nonlinearity.TANH))
                        .findings())
                .isEmpty();
        Lsuv.standard().apply(network, X);
        InitReport scaled = report(network);
        assertThat(scaled.finding(Symptom.SIGNAL)).isEmpty();
        assertThat(Math.abs(Math.log(scaled.backwardGain()))).isLessThan(Math.abs(Math.log(ill.backwardGain())));
    }

    @Test
    void heWeightsWithGeluVanish() {
        InitReport report = report(stack(60, WIDTH, Init.heNormal(), Nonlinearity.GELU));
        assertThat(only(report, Symptom.SIGNAL).text()).contains("vanishes");
        assertThat(only(report, Symptom.SIGNAL).remedy())
                .isEqualTo("Draw the weights by 'variance scaling(gain 1.53353, fan in, normal)'.");
    }

    @Test
    void constantWeightsMakeAllUnitsEqual() {
        InitReport report = report(stack(3, 16, Init.constant(0.1), Nonlinearity.TANH));
        InitFinding finding = only(report, Symptom.SYMMETRY);
        assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
        assertThat(finding.layer()).isEqualTo("hidden1");
        assertThat(finding.measured()).isEqualTo(1);
        assertThat(finding.text()).startsWith("Layer 'hidden1' (and 2 more) has 16 units, only 1 distinct:");
        assertThat(report.layers()).extracting(LayerReading::distinctUnits).containsExactly(1, 1, 1, 0);
        assertThat(only(report, Symptom.UNLIKE_THEORY).layer()).isEqualTo("hidden3");
    }

    @Test
    void aRemedySaysBeforeWhichNonlinearityItsWeightsAre() {
        Network mixed = Network.builder(KEY)
                .input(WIDTH)
                .dense("a", 8)
                .relu()
                .dense("b", 8)
                .tanh()
                .dense("c", 3)
                .build();
        List<String> texts = new ArrayList<>();
        Doctor.of(examination -> {
                    List<Examination.Place> all = examination.weighted();
                    texts.add(SuitableWeights.random("the weights", all).text());
                    texts.add(SuitableWeights.orthogonal("the weights", all)
                            .orElseThrow()
                            .text());
                    texts.add(SuitableWeights.orthogonal("the weights", all.subList(1, 3))
                            .orElseThrow()
                            .text());
                    return List.of();
                })
                .examine(mixed, X, KEY);
        assertThat(texts)
                .containsExactly(
                        "Draw the weights before relu by 'he normal', others by 'lecun normal'.",
                        "Draw the weights before tanh and linear by 'orthogonal'.",
                        "Draw the weights by 'orthogonal'.");
    }

    @Test
    void randomWeightsBiasesAndDropoutBreakTheSymmetry() {
        Nonlinearity tanh = Nonlinearity.TANH;
        Initializer same = Init.constant(0.1);
        assertThat(report(stack(3, 16, same, Init.zeros(), Init.normal(0.1), tanh))
                        .layers())
                .extracting(LayerReading::distinctUnits)
                .containsExactly(1, 1, 16, 0); // a random last layer tells the units before it apart, and no others
        assertThat(report(stack(3, 16, same, Init.normal(0.1), same, tanh)).finding(Symptom.SYMMETRY))
                .isEmpty();

        Network.Builder builder =
                Network.builder(KEY).input(WIDTH).dense("hidden", 16, same).tanh();
        Network dropped = builder.dropout("drop", 0.5).dense("out", 10, same).build();
        assertThat(only(report(dropped), Symptom.SYMMETRY).severity()).isEqualTo(Severity.WARNING);
    }

    @Test
    void unitsThatDifferOnlyByRoundingAreEqual() {
        Network network = stack(1, 4, Init.constant(0.5), Nonlinearity.TANH);
        network.parameter("hidden1.weight").value().set(0.5f + 0x1p-24f, 0, 0);
        assertThat(report(network).layers().getFirst().distinctUnits()).isEqualTo(1);
        network.parameter("hidden1.weight").value().set(0.50001f, 0, 0);
        assertThat(report(network).layers().getFirst().distinctUnits()).isEqualTo(2);
    }

    @Test
    void weightsOfZeroGetNoGradient() {
        InitReport report = report(stack(3, WIDTH, Init.zeros(), Nonlinearity.TANH));
        InitFinding finding = only(report, Symptom.NO_GRADIENT);
        assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
        assertThat(finding.text()).contains("No weight gets a gradient", "all zero");
        assertThat(report.finding(Symptom.SIGNAL)).isEmpty(); // one finding is enough
        assertThat(report.finding(Symptom.GRADIENT)).isEmpty();
        assertThat(report.finding(Symptom.DEAD_UNITS)).isEmpty();
    }

    @Test
    void aLastLayerOfZerosIsNoFaultBecauseItsFirstStepEndsIt() {
        InitReport report = report(stack(3, WIDTH, Init.heNormal(), Init.zeros(), Init.zeros(), Nonlinearity.RELU));
        assertThat(report.findings()).isEmpty();
    }

    @Test
    void largeWeightsSaturateTanh() {
        InitReport report = report(stack(5, WIDTH, Init.normal(1), Nonlinearity.TANH));
        InitFinding finding = only(report, Symptom.SATURATION);
        assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
        // From layer 2 on, the standard deviation of z is sqrt(n E y^2) = 7.5, so |z| > 2.65 in 1 - P(|N| < 2.65 / 7.5)
        // = 0.72 of the elements. It differs by sqrt(1 / 128) from unit to unit: in 64 units, 0.003 of the share.
        assertThat(finding.measured()).isCloseTo(0.72, within(0.03));
        assertThat(finding.text()).contains("flat ends of tanh");

        InitReport xavier = report(stack(5, WIDTH, Init.xavierNormal(), Nonlinearity.TANH));
        // P(|N| > 2.65) = 0.008. The variances of units differ by sqrt(2 / 64), which makes the share 0.009 on average,
        // with a standard deviation of 0.0009.
        assertThat(xavier.layers().getFirst().saturated()).isCloseTo(0.009, within(5 * 0.0009));
        assertThat(xavier.findings()).isEmpty();
    }

    @Test
    void onlyBoundedNonlinearitiesSaturate() {
        for (Nonlinearity f : List.of(
                Nonlinearity.TANH,
                Nonlinearity.SIGMOID,
                Nonlinearity.ERF,
                Nonlinearity.HARD_TANH,
                Nonlinearity.of("mine", z -> Math.atan(z), z -> 1 / (1 + z * z)))) {
            assertThat(RowStatistics.isBounded(f)).as(f.name()).isTrue();
        }
        for (Nonlinearity f : List.of(
                Nonlinearity.LINEAR,
                Nonlinearity.RELU,
                Nonlinearity.GELU,
                Nonlinearity.SILU,
                Nonlinearity.SELU,
                Nonlinearity.SOFTPLUS,
                Nonlinearity.LOG_SIGMOID,
                Nonlinearity.MISH,
                Nonlinearity.HARD_SWISH,
                Nonlinearity.celu(2),
                Nonlinearity.SIN,
                Nonlinearity.leakyRelu(0.01))) {
            assertThat(RowStatistics.isBounded(f)).as(f.name()).isFalse();
        }
    }

    @Test
    void uncentredDataMakeDeadUnitsInTheFirstLayer() {
        Tensor shifted = X.map(v -> v + 3);
        Network network = stack(2, WIDTH, Init.heNormal(), Nonlinearity.RELU);
        assertThat(report(network).finding(Symptom.DEAD_UNITS)).isEmpty();
        InitFinding finding = only(InitReport.of(network, shifted, KEY), Symptom.DEAD_UNITS);
        assertThat(finding.layer()).isEqualTo("hidden1");
        assertThat(finding.measured()).isGreaterThan(0.01);
        assertThat(finding.remedy()).startsWith("Standardize all data by Standardizer.fit(train.x())");
        assertThat(InitReport.of(network, shifted, KEY).findings().getFirst().symptom())
                .isEqualTo(Symptom.INPUT_OFFSET);

        InitReport few = InitReport.of(network, shifted.rows(0, 255), KEY);
        assertThat(few.layers().getFirst().dead()).isGreaterThan(0.01);
        assertThat(few.finding(Symptom.DEAD_UNITS)).as("too few rows").isEmpty();
    }

    @Test
    void aDeadLayerIsAFailureForAnyNumberOfRows() {
        Network network = stack(2, WIDTH, Init.heNormal(), Nonlinearity.RELU);
        network.parameter("hidden2.bias").value().fill(-100f);
        InitReport report = InitReport.of(network, X.rows(0, 8), KEY);
        InitFinding finding = only(report, Symptom.DEAD_UNITS);
        assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
        assertThat(finding.layer()).isEqualTo("hidden2");
        assertThat(only(report, Symptom.NO_GRADIENT).remedy()).isEqualTo("Let the biases begin with Init.zeros().");
        assertThat(report.findings().getFirst().symptom()).isEqualTo(Symptom.BIASES);
    }

    @Test
    void narrowDeepReluNetworksAreAtRiskOfBeingBornDead() {
        Network network = stack(10, 5, Init.heNormal(), Nonlinearity.RELU);
        InitFinding finding = only(report(network), Symptom.BORN_DEAD);
        assertThat(finding.measured()).isBetween(0.05, BornDead.upperBound(5, 10));
        assertThat(report(stack(10, WIDTH, Init.heNormal(), Nonlinearity.RELU)).finding(Symptom.BORN_DEAD))
                .isEmpty();
        Network biased = stack(10, 5, Init.heNormal(), Init.constant(0.1), Init.heNormal(), Nonlinearity.RELU);
        assertThat(report(biased).finding(Symptom.BORN_DEAD)).isEmpty();
    }

    @Test
    void deepSigmoidsMakeRowsAlike() {
        InitReport report = report(stack(8, WIDTH, Init.xavierNormal(), Nonlinearity.SIGMOID));
        InitFinding finding = only(report, Symptom.ROWS_ALIKE);
        assertThat(finding.measured()).isBetween(0.0, 1e-3);
        assertThat(report.inputCorrelation()).isCloseTo(0, within(5 / Math.sqrt(512.0 * 511 * WIDTH / 2)));
        // 0.0557 a layer, and 16 of the last: mean-field theory's chi of sigmoid at gain 1
        assertThat(only(report, Symptom.GRADIENT).severity()).isEqualTo(Severity.FAILURE);
    }

    @Test
    void theFirstLayerThatOverflowsIsNamed() {
        Network network = stack(20, WIDTH, Init.normal(100), Nonlinearity.RELU);
        InitReport report = report(network);
        InitFinding finding = only(report, Symptom.NOT_FINITE);
        // A layer multiplies E z^2 by 64 * 100^2 / 2, from 64 * 100^2 on, and float32 ends near 10^38.5.
        assertThat(finding.layer()).isIn("hidden13", "hidden14");
        assertThat(report.findings()).hasSize(1);
        assertThat(report.backwardGain()).isNaN();
        assertThat(report.passed()).isFalse();
    }

    @Test
    void anOverflowBetweenFiniteLayersIsFound() {
        Network network = Network.builder(KEY)
                .input(2)
                .layer("block", Residual.of(b -> b.dense("same", 2, Init.identity())))
                .build();
        InitReport report = InitReport.of(network, Tensor.full(3e38f, 2, 2), KEY);
        assertThat(only(report, Symptom.NOT_FINITE).text()).contains("though that of every layer is");
        assertThat(report.passed()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0.01, true", "0.2, false", "5, false", "30, true"})
    void inputsFarFromOneAreAWarning(float scale, boolean pointedOut) {
        Network network = stack(1, WIDTH, Init.heNormal(), Nonlinearity.RELU);
        InitReport report = InitReport.of(network, X.map(v -> v * scale), KEY);
        assertThat(report.finding(Symptom.INPUT_SCALE).isPresent()).isEqualTo(pointedOut);
    }

    @Test
    void otherWellInitializedNetworksHaveNoFaults() {
        Tensor sequences = normal(20, 64, 5); // [time x batch x features]
        for (String kind : List.of("rnn", "lstm", "gru")) {
            Network.Builder builder = Network.builder(KEY).sequence(5);
            Network network = (switch (kind) {
                        case "rnn" -> builder.rnn("recurrent", 32);
                        case "lstm" -> builder.lstm("recurrent", 32);
                        default -> builder.gru("recurrent", 32);
                    })
                    .layer("last", new LastStep())
                    .dense("out", 3)
                    .build();
            assertThat(InitReport.of(network, sequences, KEY).findings())
                    .as(kind)
                    .isEmpty();
        }
        Network.Builder residual = Network.builder(KEY).input(WIDTH);
        Network.Builder normalized = Network.builder(KEY).input(WIDTH);
        for (int l = 1; l <= 6; l++) {
            Initializer scaled = Init.residual(Init.heNormal(), 6);
            residual.layer(
                    "block" + l, Residual.of(b -> b.dense("a", WIDTH).relu().dense("b", WIDTH, scaled)));
            normalized.dense("dense" + l, WIDTH).batchNorm("norm" + l).relu();
        }
        assertThat(report(residual.dense("out", 3).build()).findings()).isEmpty();
        assertThat(report(normalized.dense("out", 3).build()).findings()).isEmpty();

        Tensor words = Tensor.zeros(40, 7);
        for (int i = 0; i < words.size(); i++) {
            words.array()[i] = i % 100;
        }
        Network embedded = Network.builder(KEY)
                .input(Shape.of(Shape.ANY, 7))
                .layer("words", Embedding.of(100, 16))
                .layer("flat", new Flatten())
                .dense("h", 32)
                .tanh()
                .dense("out", 3)
                .build();
        InitReport report = InitReport.of(embedded, words, KEY);
        assertThat(report.rows()).isEqualTo(280);
        assertThat(report.input()).isBetween(0.5, 1.5); // of the rows of the table, not of the indices
        assertThat(report.findings()).isEmpty();
        assertThat(report.layers()).extracting(LayerReading::path).containsExactly("words", "h", "out");
    }

    @Test
    void aNonlinearityAfterANormalizationBelongsToItsReading() {
        Network.Builder builder = Network.builder(KEY)
                .input(WIDTH)
                .dense("a", 8)
                .layerNorm("norm")
                .tanh();
        Network network = builder.dense("b", 3).build();
        assertThat(report(network).layers())
                .extracting(LayerReading::path, LayerReading::nonlinearity)
                .containsExactly(tuple("a", ""), tuple("norm", "tanh"), tuple("b", ""));
    }

    @Test
    void aSingleLayerHasReadings() {
        Layer single = Dense.of(WIDTH, 3, KEY);
        InitReport report = InitReport.of(single, X, KEY);
        assertThat(report.findings()).isEmpty();
        assertThat(report.layers())
                .singleElement()
                .extracting(LayerReading::path)
                .isEqualTo("");
        assertThat(report.forwardGain()).isNaN();
        assertThat(InitReport.of(Activation.TANH, X, KEY).layers())
                .singleElement()
                .extracting(LayerReading::nonlinearity)
                .isEqualTo("tanh");
    }

    /** A layer that does not describe itself. */
    private static final class Doubling implements Layer {
        private final Parameter weight =
                Parameter.create("weight", Parameter.Kind.WEIGHT, Shape.of(1), new Fans(1, 1), Init.constant(2), KEY);

        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                float factor = weight.value().get(0);
                return new FunctionPass.Result(x.map(v -> factor * v), (dy, gradients) -> {
                    gradients.of(weight).addInPlace(Tensor.of(new float[] {(float) dy.dot(x)}, 1));
                    return dy.map(v -> factor * v);
                });
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(weight);
        }
    }

    @Test
    void aCustomLayerHasReadingsUnderItsClassName() {
        Network network = Network.builder(KEY)
                .input(WIDTH)
                .layer("mine", new Doubling())
                .tanh()
                .layer("more", new Doubling())
                .build();
        LayerReading mine = report(network).layers().getFirst();
        assertThat(mine.layer()).isEqualTo("Doubling");
        assertThat(mine.preActivation()).isCloseTo(4 * X.secondMoment(), within(1e-9));
        assertThat(mine.predicted()).isNaN();
        assertThat(mine.nonlinearity()).isEqualTo("tanh");
    }

    /** The same stack of custom layers. */
    private static Network customStack(int width, Initializer weights) {
        Network.Builder builder = Network.builder(KEY).input(WIDTH);
        for (int l = 1; l <= 3; l++) {
            builder.layer("hidden" + l, (in, key) -> new OwnDense(in.dim(-1), width, weights, key))
                    .layer("relu" + l, new OwnRelu());
        }
        return builder.layer("out", (in, key) -> new OwnDense(width, 10, weights, key))
                .build();
    }

    @Test
    void constantWeightsOfACustomDenseLayerAreFound() {
        InitReport report = report(customStack(16, Init.constant(0.1)));
        InitFinding finding = only(report, Symptom.SYMMETRY);
        assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
        assertThat(finding.layer()).isEqualTo("hidden1");
        assertThat(finding.text()).startsWith("Layer 'hidden1' (and 2 more) has 16 units, only 1 distinct:");
        assertThat(report.layers()).extracting(LayerReading::distinctUnits).containsExactly(1, 1, 1, 0);
        assertThat(report.finding(Symptom.UNLIKE_THEORY)).isPresent();
    }

    private static List<String> texts(InitReport report) {
        return report.findings().stream().map(InitFinding::toString).toList();
    }

    /** Returns a reading without the name of the layer's class. */
    private static LayerReading numbers(LayerReading r) {
        return new LayerReading(
                r.path(),
                "",
                r.nonlinearity(),
                r.preActivation(),
                r.predicted(),
                r.output(),
                r.gradient(),
                r.correlation(),
                r.dead(),
                r.saturated(),
                r.units(),
                r.distinctUnits());
    }

    @ParameterizedTest
    @ValueSource(strings = {"he normal", "constant(0)", "constant(0.1)", "normal(0.001)", "normal(3)"})
    void customLayersThatDescribeThemselvesGetTheReportOfBuiltInLayers(String scheme) {
        Initializer weights = Init.parse(scheme);
        Network builtIn = Network.builder(KEY)
                .input(WIDTH)
                .dense("hidden1", 16, weights)
                .relu()
                .dense("hidden2", 16, weights)
                .relu()
                .dense("hidden3", 16, weights)
                .relu()
                .dense("out", 10, weights)
                .build();
        Network same = customStack(16, weights);
        List<Parameter> values = same.parameters();
        for (int i = 0; i < values.size(); i++) { // the keys differ by the names of the parameters
            values.get(i).value().copyFrom(builtIn.parameters().get(i).value());
        }
        InitReport expected = report(builtIn);
        InitReport report = report(same);
        assertThat(texts(report)).isEqualTo(texts(expected)); // treatments name the parameters
        assertThat(report.layers().stream().map(InitReportTest::numbers).toList())
                .isEqualTo(
                        expected.layers().stream().map(InitReportTest::numbers).toList());
    }

    @Test
    void unitsOfATiedOutputLayerAreItsRows() {
        Embedding table = Embedding.of(5, WIDTH, KEY);
        Layer tied = table.tied();
        Network network = Network.builder(KEY)
                .input(WIDTH)
                .layer("tied", tied)
                .dense("out", 3)
                .build();
        assertThat(report(network).layers().getFirst().distinctUnits()).isEqualTo(5);
        table.weight().value().row(1).copyFrom(table.weight().value().row(0).copy());
        network.parameter("out.weight").value().fill(0.5f);
        LayerReading reading = report(network).layers().getFirst();
        assertThat(reading.distinctUnits()).isEqualTo(4);
        assertThat(reading.predicted()).isEqualTo(WIDTH * table.weight().value().secondMoment() * X.secondMoment());

        Network before = Network.builder(KEY)
                .input(WIDTH)
                .dense("hidden", WIDTH, Init.constant(0.1))
                .layer("tied", tied)
                .build();
        table.weight().value().fill(1f);
        assertThat(report(before).layers().getFirst().distinctUnits()).isEqualTo(1);
        table.weight().value().set(2f, 3, 7); // where the hidden unit 7 goes
        assertThat(report(before).layers().getFirst().distinctUnits()).isEqualTo(2);
    }

    /** A custom layer that adds noise in training. */
    private record Noise(Key key) implements Layer {
        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                Tensor noise = Tensor.zeros(x.shape());
                if (context.training()) {
                    context.key(key).normal(noise, 0f, 1f);
                }
                return new FunctionPass.Result(x.add(noise), (dy, gradients) -> dy);
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    @Test
    void aCustomNoiseLayerMakesEqualUnitsDifferAsDropoutDoes() {
        Initializer same = Init.constant(0.1);
        Network.Builder builder =
                Network.builder(KEY).input(WIDTH).dense("hidden", 16, same).tanh();
        Network noisy =
                builder.layer("noise", new Noise(KEY)).dense("out", 10, same).build();
        InitFinding finding = only(report(noisy), Symptom.SYMMETRY);
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.text()).endsWith("only random layers, such as dropout, tell them apart.");
    }

    /** A custom layer that drops every second value of a row, and may tell so. */
    private record EverySecond(double dropoutRate) implements Layer {
        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                Tensor mask = Tensor.zeros(x.shape());
                for (int i = 0; i < x.size(); i++) {
                    mask.array()[i] = context.training() ? i % 2 * 2 : 1;
                }
                return new FunctionPass.Result(x.multiply(mask), (dy, gradients) -> dy.multiply(mask));
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    @ParameterizedTest
    @CsvSource({"0.5, DROPOUT", "0, SIGNAL"})
    void weightsAfterACustomDropoutAreNamedIfItTellsItsRate(double told, Symptom cause) {
        Network.Builder builder = Network.builder(KEY).input(WIDTH);
        for (int l = 1; l <= 20; l++) {
            builder.dense("hidden" + l, WIDTH, Init.heNormal()).relu().layer("drop" + l, new EverySecond(told));
        }
        InitReport report = report(builder.dense("out", 10).build());
        assertThat(report.findings().getFirst().symptom()).isEqualTo(cause);
    }

    @Test
    void aReportChangesNothingAndRepeats() {
        Network network = stack(4, WIDTH, Init.heNormal(), Nonlinearity.RELU);
        List<Tensor> before = network.parameters().stream()
                .map(Parameter::value)
                .map(Tensor::copy)
                .toList();
        String first = report(network).toString();
        List<Parameter> after = network.parameters();
        for (int i = 0; i < after.size(); i++) {
            assertThat(after.get(i).value()).isBitEqualTo(before.get(i));
        }
        assertThat(report(network).toString()).isEqualTo(first);
    }

    @Test
    void emptyBadOrMisshapenBatchesAreRefused() {
        Network network = stack(1, WIDTH, Init.heNormal(), Nonlinearity.RELU);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> InitReport.of(network, Tensor.zeros(0, WIDTH), KEY))
                .withMessageContaining("empty");
        Tensor bad = Tensor.zeros(2, WIDTH);
        bad.set(Float.NaN, 1, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> InitReport.of(network, bad, KEY))
                .withMessageContaining("not finite");
        assertThatThrownBy(() -> InitReport.of(network, Tensor.zeros(2, 3), KEY))
                .isInstanceOf(ShapeException.class);
    }

    @Test
    void throwIfFailedNamesTheFailuresAndPassesOnWarnings() {
        InitReport ill = report(stack(3, 16, Init.constant(0.1), Nonlinearity.TANH));
        assertThatThrownBy(ill::throwIfFailed)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("FAILURE symmetry: Layer 'hidden1' (and 2 more) has 16 units")
                .hasMessageContaining("Remedy: ")
                .hasMessageNotContaining("unlike theory");
        InitReport warned = report(stack(10, 5, Init.heNormal(), Nonlinearity.RELU));
        assertThat(warned.findings(Severity.WARNING)).isNotEmpty();
        assertThatCode(warned::throwIfFailed).doesNotThrowAnyException();
    }

    @Test
    void theTextHasEightyColumnsAndOmitsTheMiddleOfDeepNetworks() {
        Network.Builder builder = Network.builder(KEY).input(WIDTH);
        for (int l = 1; l <= 200; l++) {
            builder.dense("a-layer-with-a-long-name-" + l, 10 + l).activation(Nonlinearity.leakyRelu(0.0123456));
        }
        String text = InitReport.of(builder.build(), X.rows(0, 2), KEY).toString();
        assertThat(text.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(text.lines().count()).isLessThan(45);
        assertThat(text).contains("a-layer-w.. Dense 64 -> 11, leaky .. ", " layers more\n");
    }

    @Tag("slow")
    @Test
    void aReportHandlesTenThousandLayers() {
        InitReport report = report(stack(10_000, 4, Init.orthogonal(), Nonlinearity.TANH));
        assertThat(report.layers()).hasSize(10_001);
        assertThat(report.passed()).isTrue();
    }

    /**
     * Of two networks that differ only in the scale of their weights, the one whose report fails learns nothing at any
     * rate, and the one whose report passes learns.
     */
    @Test
    void aFailingNetworkDoesNotLearnAndAPassingOneDoes() {
        int classes = 10;
        Tensor centres = Tensor.zeros(classes, WIDTH);
        Key.of(3).normal(centres, 0f, 1f);
        Tensor x = Tensor.zeros(640, WIDTH);
        Key.of(4).normal(x, 0f, 0.5f);
        Tensor labels = Tensor.zeros(640);
        for (int i = 0; i < 640; i++) {
            x.row(i).addInPlace(centres.row(i % classes));
            labels.set(i % classes, i);
        }
        Dataset data = new Dataset(x, labels);
        List<Double> accuracies = new ArrayList<>();
        for (double gain : new double[] {1e-9, 1}) {
            Initializer weights =
                    new VarianceScaling(Math.sqrt(2 * Math.pow(gain, 1 / 16.0)), Fan.IN, Distribution.NORMAL);
            double best = 0;
            for (double rate : new double[] {1, 0.1, 0.01}) {
                Network network = stack(16, WIDTH, weights, Init.zeros(), Init.lecunNormal(), Nonlinearity.RELU);
                InitReport report = InitReport.of(network, new SoftmaxCrossEntropy(), x, labels, KEY);
                assertThat(report.passed()).isEqualTo(gain == 1);
                Trainer trainer = new Trainer(network, new SoftmaxCrossEntropy(), Sgd.of(rate), KEY);
                try {
                    trainer.fit(Batches.shuffled(data, 64, Key.of(6)), 10);
                    best = Math.max(best, Metrics.accuracy(network, x, labels));
                } catch (NonFiniteException e) {
                    // too high a rate
                }
            }
            accuracies.add(best);
        }
        assertThat(accuracies.get(0)).isLessThan(0.2);
        assertThat(accuracies.get(1)).isGreaterThan(0.9);
    }

    private static Network classifier(Function<Network.Builder, Network.Builder> end) {
        Network.Builder body =
                Network.builder(KEY).input(WIDTH).dense("hidden", 32).relu().dense("out", 4);
        return end.apply(body).build();
    }

    /** A row of targets with probability 0.7 of one class and 0.1 of the others. */
    private static Tensor distributions() {
        Tensor y = Tensor.full(0.1f, 512, 4);
        for (int i = 0; i < 512; i++) {
            y.set(0.7f, i, i % 4);
        }
        return y;
    }

    @Test
    void lossesSayThemselvesWhatOutputsTheyTake() {
        Tensor labels = Tensor.zeros(512);
        Network shares = classifier(b -> b.layer("softmax", new Softmax()));
        for (Loss loss : List.of(new SoftmaxCrossEntropy(), new SoftmaxFocalCrossEntropy(2))) {
            InitFinding twice = only(InitReport.of(shares, loss, X, labels, KEY), Symptom.OUTPUT);
            assertThat(twice.text()).as("%s", loss).contains("softmax is applied twice");
        }
        Loss divergence = new KullbackLeibler();
        InitFinding logits =
                only(InitReport.of(classifier(b -> b), divergence, X, distributions(), KEY), Symptom.OUTPUT);
        assertThat(logits.text()).contains("The loss takes logarithms of probabilities");
        assertThat(logits.remedies().getFirst().text()).contains("Node.logSoftmax()");
        Network logarithms = classifier(b -> b.layer("log", Formula.of("LogSoftmax", Node::logSoftmax)));
        assertThat(InitReport.of(logarithms, divergence, X, distributions(), KEY)
                        .finding(Symptom.OUTPUT))
                .isEmpty();
        InitReport distilled = InitReport.of(classifier(b -> b), new Distillation(2), X, Tensor.full(30, 512, 4), KEY);
        assertThat(distilled.finding(Symptom.TARGETS))
                .as("a teacher's logits are no targets to standardize")
                .isEmpty();
    }

    /** The frequencies of the classes, whose divergence from the targets is the least. */
    @Test
    void theBestConstantOutputOfADivergenceIsADistribution() {
        Tensor y = Tensor.of(new float[] {1, 0, 0, 1, 0, 1, 0, 1}, 4, 2);
        double best = LossCheck.bestConstant(new KullbackLeibler(), y, Shape.of(4, 2), 2)
                .loss();
        double entropy = -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75));
        assertThat(best).isCloseTo(entropy, within(1e-6));
    }

    @Test
    void aFixedModelIsTheSameWithNewWeightsAndAListOfThem() {
        Network network = stack(20, WIDTH, Init.xavierNormal(), Nonlinearity.RELU);
        InitReport sick = report(network);
        assertThat(sick.passed()).isFalse();
        Fixed fixed = sick.fixed();
        assertThat(fixed.model()).isSameAs(network);
        assertThat(fixed.changes()).hasSize(20).contains("hidden1.weight: he normal in place of xavier normal");
        assertThat(fixed.inputs(X)).isSameAs(X);
        assertThat(InitReport.of(network, X, Key.of(5)).findings()).isEmpty();
    }

    @Test
    void aFixedModelThatNeedsOtherDataSaysSo() {
        Network network = Network.builder(KEY)
                .input(WIDTH)
                .dense("a", 64)
                .tanh()
                .dense("out", 10)
                .build();
        Tensor large = X.map(v -> 100 * v);
        Fixed fixed = InitReport.of(network, large, Key.of(5)).fixed();
        assertThat(fixed.changes()).containsExactly("inputs: to be standardized");
        assertThat(fixed.inputs(large).secondMoment()).isCloseTo(1, within(1e-3));
    }

    @Test
    void aHealthyModelIsNotChangedByFixing() {
        Network network = stack(3, WIDTH, Init.heNormal(), Nonlinearity.RELU);
        Tensor before = network.parameter("hidden2.weight").value().copy();
        assertThat(report(network).fixed().changes()).isEmpty();
        assertThat(network.parameter("hidden2.weight").value()).isBitEqualTo(before);
    }

    /** The gate of a chrono bias admits about one input in all 400 steps, as it should; 8 admits 0.13 of it. */
    @Test
    void chronoBiasesForLongSequencesAreNotCalledShut() {
        Tensor x = normal(400, 8, 4);
        for (boolean chrono : new boolean[] {true, false}) {
            Network network = Network.builder(KEY)
                    .sequence(4)
                    .layer(
                            "lstm",
                            Lstm.units(8)
                                    .bias("forget", Init.chronoKeep(400, KEY))
                                    .bias("input", chrono ? Init.chronoAdmit(400, KEY) : Init.constant(-9))
                                    .last())
                    .dense("out", 2)
                    .build();
            assertThat(InitReport.of(network, x, KEY).finding(Symptom.GATES).isPresent())
                    .isEqualTo(!chrono);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // function, target, severity; tanh reaches 1 within a hundredth
        "tanh, 1.005, ",
        "tanh, 1.5, FAILURE",
        "sigmoid, 0, ",
        "sigmoid, -0.1, FAILURE",
        "relu, 1000, ",
        "relu, -2, FAILURE",
        "softplus, -2, FAILURE",
        "leaky, -2, ",
        "gelu, -0.17, ",
        "gelu, -2, FAILURE"
    })
    void targetsMustBeWithinReachOfTheLastFunction(String name, float target, @Nullable Severity severity) {
        Nonlinearity f = switch (name) {
            case "tanh" -> Nonlinearity.TANH;
            case "sigmoid" -> Nonlinearity.SIGMOID;
            case "relu" -> Nonlinearity.RELU;
            case "softplus" -> Nonlinearity.SOFTPLUS;
            case "gelu" -> Nonlinearity.GELU;
            default -> Nonlinearity.leakyRelu(0.1);
        };
        Network network =
                Network.builder(KEY).input(WIDTH).dense("out", 1).activation(f).build();
        InitReport report = InitReport.of(network, new MeanSquaredError(), X, Tensor.full(target, 512, 1), KEY);
        assertThat(report.finding(Symptom.OUTPUT).map(InitFinding::severity)).isEqualTo(Optional.ofNullable(severity));
    }

    @Test
    void aFewTargetsOutOfReachAreAWarning() {
        Network network =
                Network.builder(KEY).input(WIDTH).dense("out", 1).tanh().build();
        Tensor y = Tensor.zeros(512, 1);
        y.set(3, 7, 0);
        InitFinding finding = only(InitReport.of(network, new MeanSquaredError(), X, y, KEY), Symptom.OUTPUT);
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.text()).contains("0.195 % of the targets", "between -1.00 and 1.00");
    }

    @Test
    void equalChannelsOfConvolutionsAreFoundAndDepthwiseKernelsAreNotBlamed() {
        Tensor images = normal(64, 6, 6, 4);
        Network equal = Network.builder(KEY)
                .input(Shape.of(Shape.ANY, 6, 6, 4))
                .layer("a", Convolution.channels(8).kernel(3, 3).weight(Init.constant(0.1)))
                .relu()
                .layer("b", Convolution.channels(8).kernel(3, 3).weight(Init.constant(0.1)))
                .layer("mean", GlobalPool.MEAN)
                .dense("out", 3)
                .build();
        InitFinding finding = only(InitReport.of(equal, images, KEY), Symptom.SYMMETRY);
        assertThat(finding.layer()).isEqualTo("a");
        assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
        Network depthwise = Network.builder(KEY)
                .input(Shape.of(Shape.ANY, 6, 6, 4))
                .layer("a", Convolution.depthwise(1).kernel(3, 3).weight(Init.constant(0.3)))
                .relu()
                .layer("b", Convolution.channels(8).kernel(1, 1))
                .layer("mean", GlobalPool.MEAN)
                .dense("out", 3)
                .build();
        assertThat(InitReport.of(depthwise, images, KEY).finding(Symptom.SYMMETRY))
                .isEmpty();
    }

    /** Rows with 0.7 of their mean square in common: of 256 units with other weights some are dead, too. */
    @Test
    void deadUnitsOfTheFirstLayerAreReportedUnlessTheDataLeaveThemSo() {
        Tensor alike = X.map(v -> (float) (0.55 * v + 0.84));
        Network network = stack(2, WIDTH, Init.heNormal(), Nonlinearity.RELU);
        InitReport report = InitReport.of(network, alike, Key.of(5));
        assertThat(report.inputCorrelation()).isCloseTo(0.7, within(0.02));
        assertThat(report.layers().getFirst().dead()).isGreaterThan(0.01);
        assertThat(report.finding(Symptom.DEAD_UNITS)).isEmpty();
        network.parameter("hidden1.bias").value().set(-100, 3);
        assertThat(only(InitReport.of(network, X, Key.of(5)), Symptom.DEAD_UNITS)
                        .text())
                .startsWith("1.56 % of the units of layer 'hidden1'");
    }
}
