package nn.examples.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.claims.Claimant;
import nn.examples.claims.Entry;
import nn.examples.claims.Result;
import nn.examples.experiment.Basis;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Measurement;
import nn.examples.experiment.Over;
import nn.examples.numeric.Statistics;
import org.junit.jupiter.api.Test;

class TextReportTest {
    private static final Card CARD = Card.of(
                    List.of("X1"),
                    "something that takes more than one line of eighty columns to tell, as the claims of books do")
            .isFalse("something shorter.", "because.");

    private static Result result(Measurement... measurements) {
        Claim claim = new Claim() {
            @Override
            public Card card() {
                return CARD;
            }

            @Override
            public void measure(Experiment e) {}
        };
        Entry entry = new Entry(claim, CARD, "tests", "Tests", 0, Claimant.COURSE_UNIT);
        return new Result(entry, List.of(measurements), List.of(), List.of(), List.of(), "");
    }

    private static Measurement measurement(String quantity, double measured) {
        return new Measurement(quantity, Over.NOTHING, Basis.THEORY, 1, measured, 0, 1, 2);
    }

    @Test
    void aMeasurementOutsideItsRangeIsMarkedAndNotAccepted() {
        Measurement inside = measurement("inside", 1.5);
        Measurement outside = measurement("outside", 2.5);
        Measurement lost = measurement("lost", Double.NaN);
        assertThat(inside.accepted()).isTrue();
        assertThat(outside.accepted()).isFalse();
        assertThat(lost.accepted()).isFalse();
        assertThat(result(inside).accepted()).isTrue();
        assertThat(result(inside, lost).accepted()).isFalse();
        assertThat(result().accepted()).as("nothing measured").isFalse();
        String report = TextReport.of(result(inside, outside, lost));
        assertThat(report).contains(" ok inside", " NO outside", " NO lost", "FALSE: something shorter.", "because.");
        assertThat(report.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    }

    @Test
    void headingsAreAlignedWithTheirColumns() {
        String line = TextReport.line(result(measurement("inside", 1.5)));
        String heads = TextReport.heads();
        assertThat(heads).hasSameSizeAs(line);
        assertThat(heads.indexOf("claim")).isEqualTo(line.indexOf("something"));
        assertThat(heads.indexOf("verdict")).isEqualTo(line.indexOf("false"));
        assertThat(heads).endsWith("inside");
    }

    @Test
    void numbersHaveFourDigitsAndBoundsNoTrailingZeros() {
        String report = TextReport.of(result(
                new Measurement("q", Over.WEIGHTS, Basis.REFERENCE, 0.34084506, 1234.5678, 0.00012345, 1e-12, 0.1),
                new Measurement("e", Over.NOTHING, Basis.THEORY, 0, 0, 0, 0, 0)));
        assertThat(report).contains("~0.3408", " 1235 ", "+-1.2e-04", "1e-12..0.1", "exact");
    }

    @Test
    void jsonEscapesTextAndWritesNumbersExactly() throws IOException {
        assertThat(new ObjectMapper()
                        .readTree(JsonWriter.exact(List.of("a\"\\\n\u0001", Double.NaN, 1e-300)))
                        .toString())
                .isEqualTo("[\"a\\\"\\\\\\n\\u0001\",\"NaN\",1.0E-300]");
    }

    @Test
    void intervalsAreThoseOfStudentAndOfWilson() {
        // variance 2/3 with 3 degrees of freedom, whose quantile of Student's t is 3.182446
        assertThat(Statistics.margin(1, 2, 3, 2)).isCloseTo(3.182446 * Math.sqrt(1 / 6.0), within(2e-3));
        assertThat(Statistics.margin(1, 2, 3)).isCloseTo(4.302653 * Math.sqrt(1 / 3.0), within(1e-6));
        assertThat(Statistics.proportionMargin(30, 100)).isCloseTo(0.0881, within(5e-4));
        assertThat(Statistics.proportionMargin(0, 100)).isGreaterThan(0.01);
        assertThat(Statistics.quantile(0.25, 4, 1, 3, 2, 5)).isEqualTo(2);
    }
}
