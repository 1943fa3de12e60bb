package nn.train;

import java.util.SequencedMap;
import nn.train.loss.Reduction;

/**
 * Totals of the steps of an epoch so far.
 *
 * @param steps number of steps
 * @param examples number of examples in their batches
 * @param losses sum of their losses, each times its terms if the loss is a mean
 * @param terms sum of the terms of the losses
 * @param norms sum of the gradients' norms
 * @param rate the learning rate of the last step
 */
record EpochTotals(int steps, long examples, double losses, double terms, double norms, double rate) {
    static final EpochTotals NONE = new EpochTotals(0, 0, 0, 0, 0, 0);

    private static final String STEPS = "trainer/epoch/steps";
    private static final String EXAMPLES = "trainer/epoch/examples";
    private static final String LOSSES = "trainer/epoch/losses";
    private static final String TERMS = "trainer/epoch/terms";
    private static final String NORMS = "trainer/epoch/norms";
    private static final String RATE = "trainer/epoch/rate";

    /** Returns the totals with one more step, whose loss had the given number of terms. */
    EpochTotals plus(StepReport step, Reduction reduction, double stepTerms) {
        return new EpochTotals(
                steps + 1,
                examples + step.batchSize(),
                losses + (reduction == Reduction.MEAN ? stepTerms * step.loss() : step.loss()),
                terms + stepTerms,
                norms + step.gradientNorm(),
                step.rate());
    }

    /** Returns the loss of all examples so far. */
    double loss(Reduction reduction) {
        return reduction == Reduction.MEAN ? losses / terms : losses;
    }

    double norm() {
        return norms / steps;
    }

    void write(SequencedMap<String, String> text) {
        text.put(STEPS, "" + steps);
        text.put(EXAMPLES, "" + examples);
        text.put(LOSSES, "" + losses);
        text.put(TERMS, "" + terms);
        text.put(NORMS, "" + norms);
        text.put(RATE, "" + rate);
    }

    static EpochTotals read(StateReader reader) {
        return new EpochTotals(
                (int) reader.count(STEPS, Integer.MAX_VALUE),
                reader.count(EXAMPLES, Long.MAX_VALUE),
                reader.number(LOSSES),
                reader.number(TERMS),
                reader.number(NORMS),
                reader.number(RATE));
    }

    /** Reports totals that no steps can add up to. */
    void requireConsistent(StateReader reader, Reduction reduction) {
        if (steps == 0) {
            reader.require(equals(NONE), STEPS, steps, "without a step, all totals of the epoch are 0");
            return;
        }
        reader.require(examples >= steps, EXAMPLES, examples, "each of " + steps + " steps has an example");
        reader.require(Double.isFinite(losses), LOSSES, losses, "the loss of every step is finite");
        boolean isEmpty = reduction == Reduction.MEAN && terms == 0 && losses != 0; // a loss without a term
        reader.require(
                Double.isFinite(terms) && terms >= 0 && !isEmpty,
                TERMS,
                terms,
                "the loss of every step has a finite number of terms, 0 or more, and a mean of none is 0");
        reader.require(norms >= 0 && Double.isFinite(norms), NORMS, norms, "a norm is finite, and 0 or more");
        reader.require(rate >= 0 && Double.isFinite(rate), RATE, rate, "a learning rate is finite, and 0 or more");
    }
}
