package nn.examples.claims;

import java.util.List;
import nn.examples.chart.Drawing;
import nn.examples.experiment.Measurement;
import nn.examples.experiment.RawTable;

/**
 * A claim and the results of its experiment.
 *
 * @param entry the claim
 * @param measurements all measured numbers
 * @param drawings to look at
 * @param tables raw measurements
 * @param samples the repetitions behind the measurements, one column each
 * @param failure the error that stopped the experiment; empty if there was none
 */
public record Result(
        Entry entry,
        List<Measurement> measurements,
        List<Drawing> drawings,
        List<RawTable> tables,
        List<RawTable.Column> samples,
        String failure) {
    /**
     * Returns whether every measurement is in its range.
     *
     * @return false also for an experiment that failed or measured nothing
     */
    public boolean accepted() {
        return failure.isEmpty()
                && !measurements.isEmpty()
                && measurements.stream().allMatch(Measurement::accepted);
    }

    /**
     * Returns the number of measurements outside of their range.
     *
     * @return 0 if all are inside
     */
    public int outside() {
        return (int) measurements.stream().filter(f -> !f.accepted()).count();
    }
}
