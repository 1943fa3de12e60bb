package nn.train.diagnose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nn.fixtures.TensorAssert;
import nn.init.Init;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Dataset;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.diagnose.Rehearsal.Overfit;
import nn.train.diagnose.Rehearsal.Rate;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Probes that take steps. */
class RehearsalTest {
    private static final Key KEY = Key.of(6);
    private static final int ROWS = 32;
    private static final Tensor X = normal();
    private static final Tensor Y = labels();

    private static Tensor normal() {
        Tensor x = Tensor.zeros(ROWS, 64);
        KEY.child("x").normal(x, 0f, 1f);
        return x;
    }

    private static Tensor labels() {
        Tensor y = Tensor.zeros(ROWS);
        for (int i = 0; i < ROWS; i++) {
            y.set(i % 10, i);
        }
        return y;
    }

    private static Network.Builder sound() {
        return Network.builder(KEY)
                .input(64)
                .dense("hidden1", 64)
                .relu()
                .dense("hidden2", 64)
                .relu();
    }

    private static Rehearsal rehearsal(Optimizer optimizer) {
        return Rehearsal.of(sound().dense("out", 10).build(), new SoftmaxCrossEntropy(), optimizer, X, Y, KEY);
    }

    /** The loss is (3 - 1)^2 with a curvature of 2: a rate of 1/2 leads to the smallest loss, 1 to the other side. */
    @ParameterizedTest
    @CsvSource({"0.25, -0.5", "0.5, 0", "0.75, 0.5", "1, 1", "2, 3"})
    void aStepOnAParabolaLandsWhereItShould(double rate, double alpha) {
        Network network = Network.builder(KEY)
                .input(1)
                .dense("a", 1, Init.constant(3), Init.zeros())
                .build();
        // the bias has the same curvature as the weight, so that both together have twice that
        Rate measured = Rehearsal.of(
                        network,
                        new MeanSquaredError(),
                        Sgd.of(rate / 2),
                        Tensor.full(1, 4, 1),
                        Tensor.full(1, 4, 1),
                        KEY)
                .rate(1);
        assertThat(measured.alpha()).isCloseTo(alpha, within(1e-5));
        assertThat(measured.updates().getFirst()).isCloseTo(4 * rate / 2 / 3, within(1e-6));
        assertThat(measured.findings()).hasSize(alpha > 1 ? 1 : 0);
    }

    @Test
    void aRateThatDivergesIsTooLarge() {
        InitFinding finding = rehearsal(Sgd.of(1e30)).rate(10).findings().getFirst();
        assertThat(finding.symptom()).isEqualTo(Symptom.RATE);
        assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
        assertThat(finding.measured()).isInfinite();
        assertThat(finding.remedy()).contains("a tenth or less");
    }

    /** Usual rates pass; 100 times and a 1000th of them are found, and by no look at the weights. */
    @Test
    void ratesThatAreWrongAreFoundOnlyByRehearsal() {
        Map<String, Optimizer> usual = new LinkedHashMap<>();
        usual.put("sgd", Sgd.of(0.1));
        usual.put("momentum", Sgd.of(0.02).withMomentum(0.9));
        usual.put("adam", Adam.of(1e-3));
        Map<String, Optimizer> fast = new LinkedHashMap<>();
        fast.put("sgd", Sgd.of(10));
        fast.put("momentum", Sgd.of(2).withMomentum(0.9));
        fast.put("adam", Adam.of(0.1));
        Map<String, Optimizer> slow = new LinkedHashMap<>();
        slow.put("sgd", Sgd.of(1e-4));
        slow.put("momentum", Sgd.of(2e-5).withMomentum(0.9));
        slow.put("adam", Adam.of(1e-6));
        List<String> wrong = new ArrayList<>();
        usual.forEach((name, o) -> check(wrong, name, rehearsal(o).rate(10), "[]"));
        fast.forEach((name, o) ->
                check(wrong, name, rehearsal(o).rate(10), name.equals("adam") ? "[WARNING]" : "[FAILURE]"));
        slow.forEach((name, o) -> check(wrong, name, rehearsal(o).rate(10), "[WARNING]"));
        assertThat(wrong).isEmpty();
        Network network = sound().dense("out", 10).build();
        assertThat(InitReport.of(network, new SoftmaxCrossEntropy(), X, Y, KEY).findings())
                .isEmpty();
    }

    private static void check(List<String> wrong, String name, Rate rate, String expected) {
        if (!rate.findings().stream()
                .map(InitFinding::severity)
                .toList()
                .toString()
                .equals(expected)) {
            wrong.add(name + " " + expected + ": " + rate);
        }
    }

    @Test
    void aSoundModelLearnsOneBatchByHeart() {
        Overfit overfit = rehearsal(Adam.of(1e-3)).overfit(100);
        assertThat(overfit.findings()).isEmpty();
        assertThat(overfit.last()).isLessThan(0.5 * overfit.constant());
        assertThat(overfit.shuffled()).isGreaterThan(overfit.constant());
        assertThat(overfit.constant()).isCloseTo(2.29, within(0.02)); // ln 10, were all classes equally frequent
    }

    @Test
    void aModelThatIgnoresItsInputIsFound() {
        Network network = sound().dense("out", 10).build();
        network.parameter("hidden2.bias").value().fill(-100);
        Overfit overfit = Rehearsal.of(network, new SoftmaxCrossEntropy(), Adam.of(1e-3), X, Y, KEY)
                .overfit(100);
        InitFinding finding = overfit.findings().getFirst();
        assertThat(finding.symptom()).isEqualTo(Symptom.INPUT_UNUSED);
        assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
        assertThat(overfit.shuffled()).isEqualTo(overfit.last());
        assertThat(ReportText.cause(finding).lines()).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void aModelThatLearnsTooSlowlyIsFound() {
        InitFinding finding = rehearsal(Sgd.of(1e-3)).overfit(50).findings().getFirst();
        assertThat(finding.symptom()).isEqualTo(Symptom.ONE_BATCH);
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(ReportText.cause(finding).lines()).hasSizeLessThanOrEqualTo(3);
        assertThat(rehearsal(Sgd.of(1e30)).overfit(3).last()).isInfinite();
    }

    @Test
    void theModelKeepsItsBits() {
        Network network = sound().batchNorm("norm")
                .dropout("dropout", 0.2)
                .dense("out", 10)
                .build();
        Map<String, Tensor> before = new LinkedHashMap<>();
        network.parametersByPath()
                .forEach((path, p) -> before.put(path, p.value().copy()));
        Rehearsal rehearsal = Rehearsal.of(network, new SoftmaxCrossEntropy(), Adam.of(1e-3), X, Y, KEY);
        rehearsal.rate(3);
        rehearsal.overfit(3);
        before.forEach((path, value) ->
                TensorAssert.assertThat(network.parameter(path).value()).isBitEqualTo(value));
    }

    @Test
    void noStepsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rehearsal(Sgd.of(1)).rate(0))
                .withMessage("a rehearsal of 0 steps; give 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rehearsal(Sgd.of(1)).overfit(-1))
                .withMessage("a rehearsal of -1 steps; give 1 or more");
    }

    /** At Adam's default rate, the healthy networks of the zoo pass, and those that train learn their batch. */
    @Tag("slow")
    @Test
    void healthyNetworksPass() {
        List<String> wrong = new ArrayList<>();
        for (Zoo.Kind kind : Zoo.healthy()) {
            Zoo.Patient p = kind.draw().apply(Key.of(1000));
            Dataset some = TrainingWatchTest.data(p).rows(0, ROWS);
            Rehearsal rehearsal = Rehearsal.of(p.model(), p.loss(), Adam.of(1e-3), some.x(), some.y(), KEY);
            Rate rate = rehearsal.rate(5);
            Overfit overfit = rehearsal.overfit(100);
            if (!rate.findings().isEmpty() || !overfit.findings().isEmpty()) {
                wrong.add(kind + ": " + rate + "\n" + overfit);
            }
        }
        assertThat(wrong).isEmpty();
    }
}
