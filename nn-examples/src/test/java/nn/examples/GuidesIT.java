package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The code of the guides compiles and runs, and says what they say; their links lead to files. */
class GuidesIT {
    private static final Path ROOT = Path.of(System.getProperty("basedir"), "..");

    @TempDir
    Path scratch;

    @Test
    void theTutorialLearnsTheSpiralsAndShowsTheHarmOfEqualWeights() throws Exception {
        String output =
                Markdown.run(ROOT.resolve("nn-train/TUTORIAL.md"), "", scratch).output();
        assertThat(output).contains("300 points to learn from, 100 held out", "symmetry");
        assertThat(percentages(output))
                .as(output)
                .satisfies(
                        all -> assertThat(all[0]).isGreaterThan(95),
                        all -> assertThat(all[1]).isLessThan(75));
        assertThat(output.strip()).endsWith("true");
    }

    private static double[] percentages(String output) {
        return Pattern.compile("accuracy ([\\d.]+) %")
                .matcher(output)
                .results()
                .mapToDouble(match -> Double.parseDouble(match.group(1)))
                .toArray();
    }

    @Test
    void everyAnswerOfTheHowToRuns() throws Exception {
        assertThat(Markdown.run(ROOT.resolve("nn-train/HOWTO.md"), "", scratch).output())
                .contains("bump");
    }

    @Test
    void theExplanationPrintsWhatItSays() throws Exception {
        assertThat(Markdown.run(ROOT.resolve("nn-init/EXPLANATION.md"), "", scratch)
                        .output())
                .contains("gain 1.000: the signal changes by 9.31e-10", "gain 1.414: the signal changes by 1.00e+00")
                .contains("singular values from 1.00e+00 to 1.00e+00");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nn-train/TUTORIAL.md", "nn-train/HOWTO.md", "nn-init/EXPLANATION.md"})
    void everyLinkLeadsToAFile(String guide) throws Exception {
        Path page = ROOT.resolve(guide);
        assertThat(Pattern.compile("\\]\\(([^)#:]+)\\)")
                        .matcher(Files.readString(page))
                        .results()
                        .map(match -> match.group(1)))
                .allSatisfy(link -> assertThat(page.resolveSibling(link)).exists());
    }
}
