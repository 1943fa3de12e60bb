package nn.examples.claims;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import nn.tensor.Key;
import org.junit.jupiter.api.Test;

class ReportTest {
    private record Told(Verdict verdict) implements Claim {
        @Override
        public String id() {
            return "X1";
        }

        @Override
        public String text() {
            return "something that takes more than one line of eighty columns to tell, as the claims of books do";
        }

        @Override
        public String statement() {
            return "something shorter.";
        }

        @Override
        public List<Finding> measure(Key key) {
            return List.of();
        }
    }

    @Test
    void aMeasurementOutsideItsRangeIsMarkedAndNotAccepted() {
        Finding inside = Finding.exact("inside", 1, 1.5, 1, 2);
        Finding outside = Finding.exact("outside", 1, 2.5, 1, 2);
        Finding lost = Finding.exact("lost", 1, Double.NaN, 1, 2);
        assertThat(inside.accepted()).isTrue();
        assertThat(outside.accepted()).isFalse();
        assertThat(lost.accepted()).isFalse();
        String report = Report.of(new Told(Claim.Verdict.FALSE), List.of(inside, outside, lost));
        assertThat(report).contains(" ok inside", " NO outside", " NO lost", "FALSE: something shorter.");
        assertThat(report.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    }

    @Test
    void anIntervalIsThatOfTheMean() {
        Finding f = Finding.sampled("q", 2, new double[] {1, 2, 3, 2}, 1, 3);
        assertThat(f.measured()).isEqualTo(2);
        // variance 2/3 with 3 degrees of freedom, so the mean's deviation is sqrt(1/6)
        assertThat(f.margin()).isCloseTo(1.96 * Math.sqrt(1 / 6.0), org.assertj.core.api.Assertions.within(1e-12));
        assertThat(Finding.proportion("p", 0.5, 30, 100, 0, 1).margin())
                .isCloseTo(1.96 * Math.sqrt(0.21 / 100), org.assertj.core.api.Assertions.within(1e-12));
    }

    @Test
    void numbersHaveFourDigitsAndBoundsNoTrailingZeros() {
        String report = Report.of(
                new Told(Claim.Verdict.TRUE),
                List.of(new Finding("q", 0.34084506, 1234.5678, 0.00012345, 0.1, 1e-12), Finding.equal("e", 0, 0)));
        assertThat(report).contains("0.3408", " 1235 ", "+-1.2e-04", "0.1..1e-12", "exact");
    }
}
