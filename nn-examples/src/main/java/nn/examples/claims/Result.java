package nn.examples.claims;

import java.util.List;
import nn.examples.chart.Drawing;
import nn.examples.experiment.Finding;
import nn.examples.experiment.Table;

/**
 * A claim and what its experiment gave.
 *
 * @param entry the claim
 * @param findings what was measured
 * @param drawings to look at
 * @param tables raw measurements
 * @param samples the repetitions behind the findings, one column each
 * @param failure what stopped the experiment; empty if nothing did
 */
public record Result(
        Entry entry,
        List<Finding> findings,
        List<Drawing> drawings,
        List<Table> tables,
        List<Table.Column> samples,
        String failure) {
    /**
     * Whether everything that was measured is in its range.
     *
     * @return false also for an experiment that failed or measured nothing
     */
    public boolean accepted() {
        return failure.isEmpty() && !findings.isEmpty() && findings.stream().allMatch(Finding::accepted);
    }

    /**
     * How many findings left their range.
     *
     * @return 0 if all is well
     */
    public int outside() {
        return (int) findings.stream().filter(f -> !f.accepted()).count();
    }
}
