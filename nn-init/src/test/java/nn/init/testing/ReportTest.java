package nn.init.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import nn.init.testing.CheckFinding.Verdict;
import org.junit.jupiter.api.Test;

/** What a report says and throws. */
class ReportTest {
    private static final CheckFinding HOLDS =
            new CheckFinding(Property.MEAN, Verdict.HOLDS, "[2 x 3]", "0.000", "0.01000", "+-0.1000", "");
    private static final CheckFinding UNDECIDED = new CheckFinding(
            Property.TAILS, Verdict.UNDECIDED, "[2 x 3]", "", "", "", "6 values are too few for tails");
    private static final CheckFinding FAILS = new CheckFinding(
            Property.SECOND_MOMENT, Verdict.FAILS, "[4]", "1", "variance 2 times that", "0.5 to 1.5", "likely a gain");

    private static Report report(CheckFinding... findings) {
        return new Report("mine", List.of(findings), 1.5);
    }

    @Test
    void aFindingIsALine() {
        assertThat(HOLDS).hasToString("mean HOLDS at [2 x 3]: expected 0.000, measured 0.01000, allowed +-0.1000");
        assertThat(UNDECIDED).hasToString("tails UNDECIDED at [2 x 3]; 6 values are too few for tails");
        assertThat(FAILS)
                .hasToString("second moment FAILS at [4]: expected 1, measured variance 2 times that,"
                        + " allowed 0.5 to 1.5; likely a gain");
    }

    @Test
    void aReportListsItsFindings() {
        assertThat(report(HOLDS, UNDECIDED))
                .hasToString("initializer 'mine':\n  mean HOLDS at [2 x 3]: expected 0.000, measured 0.01000,"
                        + " allowed +-0.1000\n  tails UNDECIDED at [2 x 3]; 6 values are too few for tails");
    }

    @Test
    void aReportPassesIfNothingFailsAndIsConclusiveIfNothingIsUndecided() {
        assertThat(report(HOLDS)).returns(true, Report::passed).returns(true, Report::conclusive);
        assertThat(report(HOLDS, UNDECIDED)).returns(true, Report::passed).returns(false, Report::conclusive);
        assertThat(report(HOLDS, FAILS)).returns(false, Report::passed).returns(true, Report::conclusive);
        assertThat(report(HOLDS, FAILS, UNDECIDED).findings(Verdict.UNDECIDED)).containsExactly(UNDECIDED);
    }

    @Test
    void aReportThatThrowsNothingReturnsItself() {
        Report undecided = report(HOLDS, UNDECIDED);
        assertThat(undecided.throwIfFailed()).isSameAs(undecided);
        Report holds = report(HOLDS);
        assertThat(holds.throwIfUndecided()).isSameAs(holds);
    }

    @Test
    void anErrorListsWhatItIsAbout() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(report(HOLDS, UNDECIDED, FAILS)::throwIfFailed)
                .withMessage("initializer 'mine':\n  " + FAILS);
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(report(HOLDS, UNDECIDED, FAILS)::throwIfUndecided)
                .withMessage("initializer 'mine':\n  " + FAILS);
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(report(HOLDS, UNDECIDED)::throwIfUndecided)
                .withMessage("initializer 'mine':\n  " + UNDECIDED);
    }
}
