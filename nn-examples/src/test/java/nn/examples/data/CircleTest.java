package nn.examples.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import nn.tensor.Key;
import nn.train.data.Dataset;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.diagnose.InitReport;
import nn.train.diagnose.Symptom;
import nn.train.loss.SigmoidCrossEntropy;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The doctor tells the sick networks of a published benchmark from the healthy ones, before training. */
class CircleTest {
    private static boolean isFound(InitReport report) {
        return !report.passed() || report.finding(Symptom.BORN_DEAD).isPresent();
    }

    private static void judge(int keys) {
        Dataset data = CircleModel.train();
        List<String> missed = new ArrayList<>();
        List<String> alarms = new ArrayList<>();
        int sick = 0;
        int healthy = 0;
        for (CircleModel model : CircleModel.all()) {
            for (int k = 0; k < keys; k++) {
                InitReport report = InitReport.of(
                        model.network(Key.of(k)), new SigmoidCrossEntropy(), data.x(), data.y(), Key.of(k));
                if (model.isHealthy()) {
                    healthy++;
                    if (!report.passed()) {
                        alarms.add(model.name() + ", key " + k + ": " + report.findings(Severity.FAILURE));
                    }
                } else {
                    sick++;
                    if (!isFound(report)) {
                        missed.add(model.name() + ", key " + k + ": " + report.findings());
                    }
                }
            }
        }
        assertThat((double) missed.size() / sick)
                .as("missed of %d:\n%s", sick, String.join("\n", missed))
                .isLessThanOrEqualTo(0.05);
        assertThat((double) alarms.size() / healthy)
                .as("alarms on %d:\n%s", healthy, String.join("\n", alarms))
                .isLessThanOrEqualTo(0.01);
    }

    @Test
    void sickNetworksAreFoundAndHealthyOnesPass() {
        judge(3);
    }

    /** The build takes six draws, and 20 with {@code -Dnn.zoo.draws=20}. */
    @Tag("slow")
    @Test
    void overManyDrawsOfTheWeightsToo() {
        judge(Integer.getInteger("nn.zoo.draws", 6));
    }

    @Test
    void theSetIsThatOfThePaper() {
        List<CircleModel> models = CircleModel.all();
        assertThat(models).hasSize(30);
        assertThat(models.stream().filter(CircleModel::isHealthy)).hasSize(10);
        assertThat(models)
                .allSatisfy(model -> assertThat(model.layers().size()).isBetween(2, 18))
                .allSatisfy(
                        model -> assertThat(model.layers().getLast().units()).isEqualTo(1));
        assertThat(CircleModel.train().x().shape()).hasToString("[700 x 2]");
        assertThat(CircleModel.test().y().shape()).hasToString("[300 x 1]");
    }
}
