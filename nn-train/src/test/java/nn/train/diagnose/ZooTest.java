package nn.train.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Recurrent;
import nn.tensor.Key;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.diagnose.Zoo.Kind;
import nn.train.diagnose.Zoo.Patient;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The doctor's findings on sick and healthy networks, over many draws of their weights. */
class ZooTest {
    private static final int DRAWS = Integer.getInteger("nn.zoo.draws", 2);

    private static InitReport examine(Kind kind, int draw) {
        Key key = Key.of(1000 + draw);
        Patient patient = kind.draw().apply(key);
        return Doctor.standard().examine(patient.model(), patient.loss(), patient.x(), patient.y(), key);
    }

    @Tag("slow")
    @Test
    void theFirstFindingOnASickNetworkIsItsCauseAndEachWithItsRemedyHasThreeLines() {
        List<String> wrong = new ArrayList<>();
        Set<String> tooLong = new LinkedHashSet<>();
        int draws = 0;
        int right = 0;
        for (Kind kind : Zoo.sick()) {
            int misses = 0;
            String example = "";
            for (int draw = 0; draw < DRAWS; draw++) {
                InitReport report = examine(kind, draw);
                draws++;
                report.findings().stream()
                        .flatMap(f -> Stream.concat(
                                Stream.of(ReportText.cause(f)),
                                f.consequences().stream().map(ReportText::consequence)))
                        .filter(text -> text.lines().count() > 3)
                        .forEach(tooLong::add);
                boolean found = !report.findings().isEmpty()
                        && kind.causes().contains(report.findings().getFirst().symptom());
                right += found ? 1 : 0;
                if (!found) {
                    misses++;
                    example = report.findings().toString();
                }
            }
            if (misses > 0) {
                wrong.add(kind + ": " + misses + ", such as " + example);
            }
        }
        assertThat(tooLong)
                .as("of more than three lines:\n%s", String.join("", tooLong))
                .isEmpty();
        assertThat((double) right / draws)
                .as("share of %d draws; wrong:\n%s", draws, String.join("\n", wrong))
                .isGreaterThanOrEqualTo(0.9);
    }

    @Tag("slow")
    @Test
    void healthyNetworksHaveNoFailuresAndHardlyEverAWarning() {
        List<String> wrong = new ArrayList<>();
        int draws = 0;
        int warned = 0;
        int failed = 0;
        for (Kind kind : Zoo.healthy()) {
            int alarms = 0;
            String example = "";
            for (int draw = 0; draw < DRAWS; draw++) {
                InitReport report = examine(kind, draw);
                draws++;
                warned += report.findings().isEmpty() ? 0 : 1;
                failed += report.findings(Severity.FAILURE).isEmpty() ? 0 : 1;
                if (!report.findings().isEmpty()) {
                    alarms++;
                    example = report.findings().toString();
                }
            }
            if (alarms > 0) {
                wrong.add(kind + ": " + alarms + ", such as " + example);
            }
        }
        String all = String.join("\n", wrong);
        assertThat(failed).as("failures:\n%s", all).isZero();
        assertThat((double) warned / draws).as("warnings:\n%s", all).isLessThanOrEqualTo(0.02);
    }

    @Test
    void theZooHasEnoughOfEachFamily() {
        assertThat(Zoo.sick()).hasSizeGreaterThanOrEqualTo(60);
        assertThat(Zoo.healthy()).hasSizeGreaterThanOrEqualTo(40);
        for (List<Kind> kinds : List.of(Zoo.sick(), Zoo.healthy())) {
            List<Layer> models = kinds.stream()
                    .map(kind -> kind.draw().apply(Key.of(1)).model())
                    .toList();
            assertThat(having(models, layer -> layer instanceof Recurrent)).isGreaterThanOrEqualTo(10);
            assertThat(having(models, ZooTest::normalizes)).isGreaterThanOrEqualTo(5);
            assertThat(having(models, layer -> !layer.residualBranches().isEmpty()))
                    .isGreaterThanOrEqualTo(5);
            assertThat(having(models, Layer::takesIndices)).isGreaterThanOrEqualTo(5);
        }
        assertThat(Stream.concat(Zoo.sick().stream(), Zoo.healthy().stream()).map(Kind::name))
                .doesNotHaveDuplicates();
    }

    private static long having(List<Layer> models, Predicate<Layer> property) {
        return models.stream()
                .filter(model -> model.layersByPath().values().stream().anyMatch(property))
                .count();
    }

    private static boolean normalizes(Layer layer) {
        return layer.children().isEmpty()
                && layer.parameters().stream().anyMatch(p -> p.kind() == Parameter.Kind.SCALE)
                && layer.parameters().stream().noneMatch(p -> p.kind() == Parameter.Kind.WEIGHT);
    }

    /** A check of the doctor, and a sick network in which all other checks together find nothing. */
    static Stream<Arguments> checksThatAreNeeded() {
        return Stream.of(
                Arguments.of(LossCheck.class, "head x 100", Symptom.LOSS),
                Arguments.of(LossCheck.class, "a class of 1 in 100", Symptom.LOSS),
                Arguments.of(LossCheck.class, "targets around 100", Symptom.TARGETS),
                Arguments.of(InputCheck.class, "one feature x 30", Symptom.INPUT_SCALE),
                Arguments.of(BiasCheck.class, "biases 6, relu, small head", Symptom.BIASES),
                Arguments.of(GateCheck.class, "gru that admits nothing", Symptom.GATES));
    }

    @ParameterizedTest
    @MethodSource("checksThatAreNeeded")
    void onlyItsCheckFindsIt(Class<? extends Check> check, String name, Symptom cause) {
        for (int draw = 0; draw < 3; draw++) {
            Key key = Key.of(1000 + draw);
            Patient patient = kind(name).draw().apply(key);
            Doctor all = Doctor.standard();
            InitReport with = all.examine(patient.model(), patient.loss(), patient.x(), patient.y(), key);
            InitReport without =
                    all.without(check).examine(patient.model(), patient.loss(), patient.x(), patient.y(), key);
            assertThat(with.findings()).extracting(InitFinding::symptom).containsExactly(cause);
            assertThat(without.findings()).isEmpty();
        }
    }

    /** A rate has no trace before the first step: a rehearsal finds it, and no check does. */
    @Test
    void onlyARehearsalFindsTheRate() {
        Key key = Key.of(1000);
        Patient patient = kind("usual, relu x 3").draw().apply(key);
        assertThat(Doctor.standard()
                        .examine(patient.model(), patient.loss(), patient.x(), patient.y(), key)
                        .findings())
                .isEmpty();
        Rehearsal.Rate rate = Rehearsal.of(patient.model(), patient.loss(), Sgd.of(30), patient.x(), patient.y(), key)
                .rate(5);
        assertThat(rate.findings()).extracting(InitFinding::symptom).containsExactly(Symptom.RATE);
    }

    private static Kind kind(String name) {
        return Stream.concat(Zoo.sick().stream(), Zoo.healthy().stream())
                .filter(k -> k.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
