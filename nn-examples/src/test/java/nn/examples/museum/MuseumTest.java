package nn.examples.museum;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import nn.examples.report.Paragraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every mistake is named in the words of the page, and of its repair nothing is said. */
class MuseumTest {
    private static final Path PAGE =
            Path.of(System.getProperty("basedir", ".")).resolve(Path.of("..", "nn-init", "MUSEUM.md"));

    static Stream<Arguments> exhibits() {
        List<Exhibit> all = Museum.exhibits();
        return IntStream.range(0, all.size())
                .mapToObj(i -> Arguments.of(i + 1, all.get(i).name(), all.get(i)));
    }

    @ParameterizedTest(name = "{0}. {1}")
    @MethodSource("exhibits")
    void thePageQuotesWhatNamesTheMistake(int number, String name, Exhibit exhibit) throws IOException {
        List<String> said = exhibit.broken().apply(1);
        assertThat(said).isNotEmpty();
        assertThat(Files.readString(PAGE)).contains(Museum.section(number, exhibit, said.getFirst()));
    }

    /** What is wrong, where, how it is known, and what to do. */
    @Test
    void theDoctorNeedsThreeLinesAtMost() {
        List<Exhibit> examined = Museum.exhibits().stream()
                .filter(exhibit -> exhibit.finder() == Exhibit.Finder.REPORT)
                .toList();
        assertThat(examined).isNotEmpty();
        assertThat(examined)
                .allSatisfy(exhibit -> assertThat(exhibit.broken().apply(1))
                        .allSatisfy(said ->
                                assertThat(Paragraph.of("", said).lines()).hasSizeLessThanOrEqualTo(3)));
    }

    @ParameterizedTest(name = "{0}. {1}")
    @MethodSource("exhibits")
    void nothingIsSaidOfTheRepair(int number, String name, Exhibit exhibit) {
        assertThat(exhibit.repaired().apply(1)).isEmpty();
    }

    /** 270 repaired schemes: at one in a million each, an alarm has a probability of at most 3 in 10,000. */
    @Tag("slow")
    @ParameterizedTest(name = "{0}. {1}")
    @MethodSource("exhibits")
    void tenMoreSeedsSayTheSame(int number, String name, Exhibit exhibit) {
        for (int seed = 2; seed < 12; seed++) {
            assertThat(exhibit.broken().apply(seed)).as("seed " + seed).isNotEmpty();
            assertThat(exhibit.repaired().apply(seed)).as("seed " + seed).isEmpty();
        }
    }

    @Test
    void thePageListsTheExhibitsInOrderAndNoOthers() throws IOException {
        List<String> titles = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("### "))
                .toList();
        List<Exhibit> all = Museum.exhibits();
        assertThat(titles)
                .isEqualTo(IntStream.range(0, all.size())
                        .mapToObj(i -> "### " + (i + 1) + ". " + all.get(i).name())
                        .toList());
        assertThat(all).hasSizeGreaterThanOrEqualTo(20);
        assertThat(all).extracting(Exhibit::name).doesNotHaveDuplicates();
        assertThat(all)
                .allSatisfy(exhibit -> assertThat(exhibit.sources())
                        .allSatisfy(source -> assertThat(source).matches("[\\w.-]+/[\\w.-]+#\\d+")));
        assertThat(Files.readString(PAGE)).contains("These " + all.size() + " mistakes");
    }
}
