package nn.examples.sweep;

import java.io.Serializable;

/**
 * What a trial measured.
 *
 * @param firstLoss the loss of the first batch before the first step; infinite if that is not finite
 * @param loss the loss of the last batch before the last step; infinite if the trial diverged
 * @param accuracy the share of test examples that are classified correctly in the end; 0 if the trial diverged
 * @param steps the number of steps taken
 * @param diverged whether a step failed because a loss, a gradient or a weight was not finite. The trial ended there
 */
public record Outcome(double firstLoss, double loss, double accuracy, int steps, boolean diverged)
        implements Serializable {}
