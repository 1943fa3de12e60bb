package nn.examples.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import nn.examples.claims.Entry;
import nn.examples.claims.Lab;
import nn.examples.claims.Result;
import nn.examples.experiment.Basis;
import nn.examples.experiment.Measurement;
import nn.examples.experiment.Over;
import org.junit.jupiter.api.Test;

class HtmlReportTest {
    private static final List<String> MOST_STRIKING = List.of("V2", "13", "O5", "B-1", "D3", "B8");

    /** A page of claims that were not measured: only their order and words matter here. */
    private static String page(List<Entry> claims) {
        Measurement inside = new Measurement("q", Over.NOTHING, Basis.THEORY, 1, 1, 0, 0, 2);
        List<Result> results = claims.stream()
                .map(claim -> new Result(claim, List.of(inside), List.of(), List.of(), List.of(), ""))
                .toList();
        return HtmlReport.of(results, 1, true);
    }

    private static List<String> sections(String page) {
        return Pattern.compile("<article id=\"claim-([^\"]+)\"")
                .matcher(page)
                .results()
                .map(m -> m.group(1))
                .toList();
    }

    @Test
    void theMostStrikingClaimsComeFirstThenTheOthersInTheOrderOfTheLab() {
        List<String> expected = new ArrayList<>(MOST_STRIKING);
        Lab.claims().stream()
                .map(Entry::id)
                .filter(id -> !MOST_STRIKING.contains(id))
                .forEach(expected::add);
        assertThat(sections(page(Lab.claims()))).containsExactlyElementsOf(expected);
    }

    @Test
    void aPageOfFewClaimsKeepsTheOrderOfTheLab() {
        List<Entry> few = Lab.claims().stream()
                .filter(claim -> claim.family().equals("variance"))
                .limit(11)
                .toList();
        assertThat(sections(page(few)))
                .containsExactlyElementsOf(few.stream().map(Entry::id).toList());
    }

    @Test
    void theListOfAllClaimsNamesEachOnceAndLinksToItsSection() {
        List<String> links = Pattern.compile("<li data-verdict=\"\\w+\"><a href=\"#claim-([^\"]+)\"")
                .matcher(page(Lab.claims()))
                .results()
                .map(m -> m.group(1))
                .toList();
        assertThat(links)
                .containsExactlyElementsOf(Lab.claims().stream().map(Entry::id).toList());
    }
}
