package nn.examples.claims;

import java.util.List;
import nn.examples.chart.Drawing;
import nn.examples.experiment.Measurement;
import nn.examples.experiment.RawTable;

/**
 * A claim and what its experiment gave.
 *
 * @param entry the claim
 * @param measurements what was measured
 * @param drawings to look at
 * @param tables raw measurements
 * @param samples the repetitions behind the measurements, one column each
 * @param failure what stopped the experiment; empty if nothing did
 */
public record Result(
        Entry entry,
        List<Measurement> measurements,
        List<Drawing> drawings,
        List<RawTable> tables,
        List<RawTable.Column> samples,
        String failure) {
    /**
     * Whether everything that was measured is in its range.
     *
     * @return false also for an experiment that failed or measured nothing
     */
    public boolean accepted() {
        return failure.isEmpty() && !measurements.isEmpty() && measurements.stream().allMatch(Measurement::accepted);
    }

    /**
     * How many measurements left their range.
     *
     * @return 0 if all is well
     */
    public int outside() {
        return (int) measurements.stream().filter(f -> !f.accepted()).count();
    }
}
