package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher as a user meets it: what it prints, in 80 columns, and its exit codes. */
class MainTest {
    private record Outcome(int code, String text) {}

    private static Outcome nn(String... words) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(List.of(words), new Terminal(out, Optional.empty()));
        String text = bytes.toString(StandardCharsets.UTF_8);
        // A path of the test's own may be longer than a line.
        assertThat(text.lines().filter(line -> line.length() > 80 && !line.contains("junit"))).isEmpty();
        return new Outcome(code, text);
    }

    @Test
    void listNamesEveryExampleAndHelpExplainsEach() {
        Outcome list = nn("list");
        assertThat(list.code()).isZero();
        for (String name : List.of(
                "digits", "fashion", "sunspots", "characters", "symmetry", "variance", "xavier", "he", "orthogonal",
                "dead-relu", "deep", "diagnose", "claims")) {
            assertThat(list.text()).contains("  " + name + " ");
            Outcome help = nn(name, "--help");
            assertThat(help.code()).isZero();
            assertThat(help.text()).startsWith("nn " + name + ": ").contains("--seed N", "--help");
        }
        assertThat(nn().text()).isEqualTo(list.text());
    }

    @Test
    void whatCannotBeUnderstoodEndsWithTwoAndASentence() {
        assertThat(nn("digit")).isEqualTo(new Outcome(2, "nn: no example 'digit'; 'nn list' shows them\n"));
        assertThat(nn("digits", "--epoch", "3").text()).contains("unknown option '--epoch'; known: --rnn, --epochs");
        assertThat(nn("digits", "--epochs").text()).contains("wants a value: --epochs N");
        assertThat(nn("digits", "--epochs", "0"))
                .isEqualTo(new Outcome(2, "nn digits: option --epochs is '0': it is a whole number of at least 1\n"));
        assertThat(nn("symmetry", "--seed", "x"))
                .isEqualTo(new Outcome(2, "nn symmetry: option --seed is 'x': it is a whole number\n"));
    }

    @Test
    void fashionWithoutItsFilesSaysWhatTheyAreAndHowToGetThem(@TempDir Path empty) {
        Outcome outcome = nn("fashion", "--data", empty.toString());
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.text())
                .contains("train-images-idx3-ubyte", "t10k-labels-idx1-ubyte", "apt install dataset-fashion-mnist")
                .contains("--data FOLDER")
                .doesNotContain("Exception");
    }

    @Test
    void fashionWithABrokenFileNamesItAndThePlace(@TempDir Path folder) throws Exception {
        for (String name : List.of(
                "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")) {
            Files.write(folder.resolve(name), new byte[] {0, 0, 8, 1, 0, 0, 0, 9, 1, 2});
        }
        Outcome outcome = nn("fashion", "--data", folder.toString());
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.text()).contains("train-images-idx3-ubyte: at byte 10", "cut off").doesNotContain("\tat ");
    }

    @Test
    void digitsAreLearnedByADenseNetwork() {
        Outcome outcome = nn("digits");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains("hidden1", "he normal", "xavier uniform", "1438 digits to learn from, 359 held");
    }

    @Test
    void digitsAreLearnedByARecurrentNetworkThatReadsRows() {
        Outcome outcome = nn("digits", "--rnn");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains("Rnn 8 -> 96 (tanh)", "orthogonal");
    }

    @Test
    void theLicenceIsLearnedBetterThanByATableOfThreeCharacters() {
        Outcome outcome = nn("characters");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains("9198 characters to learn from", "after two characters    3.04");
    }

    @Test
    void sunspotsAreForetoldBetterThanByALinearRuleOfTwoYears() {
        Outcome outcome = nn("sunspots");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains("221 years to learn from, 88 held out", "linear in 2 years", "20.5");
    }

    @Test
    void claimsAreListedAndMeasuredByIdRowAndFamily(@TempDir Path folder) throws Exception {
        Outcome list = nn("claims", "--list", "symmetry", "V2");
        assertThat(list.code()).isZero();
        assertThat(list.text()).contains("symmetry: ", "    S3   ", "    V2   ", " false\n").doesNotContain("V3 ");
        Path json = folder.resolve("found.json");
        Outcome measured = nn("claims", "--quick", "7", "--json", json.toString(), "--csv", folder.toString());
        assertThat(measured.code()).as(measured.text()).isZero();
        assertThat(measured.text()).contains("S5  text: ", " 0 outside their range");
        assertThat(json).content().contains("\"id\": \"S5\"");
        assertThat(folder.resolve("findings.csv")).content().contains("S5,");
        assertThat(nn("claims", "S99").text()).contains("no claim and no family is called 'S99'");
        Outcome nowhere = nn("claims", "--quick", "--json", folder.resolve("not/there.json").toString());
        assertThat(nowhere.code()).isEqualTo(2);
        assertThat(nowhere.text()).contains("there is no folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"symmetry", "variance", "xavier", "he", "orthogonal", "dead-relu"})
    void everyStoryEndsAsItPredicts(String example) {
        for (String seed : List.of("1", "2", "3")) {
            Outcome outcome = nn(example, "--seed", seed);
            assertThat(outcome.code()).as(outcome.text()).isZero();
            assertThat(outcome.text()).contains("expected  measured").doesNotContain("NOT IN RANGE");
        }
    }
}
