package nn.train;

import java.util.SequencedMap;

/**
 * What the steps of an epoch come to so far.
 *
 * @param steps their number
 * @param examples the examples in their batches
 * @param losses their losses, each times the size of its batch
 * @param norms their gradients' norms
 * @param rate of the last
 */
record EpochSums(int steps, long examples, double losses, double norms, double rate) {
    static final EpochSums NONE = new EpochSums(0, 0, 0, 0, 0);

    private static final String STEPS = "trainer/epoch/steps";
    private static final String EXAMPLES = "trainer/epoch/examples";
    private static final String LOSSES = "trainer/epoch/losses";
    private static final String NORMS = "trainer/epoch/norms";
    private static final String RATE = "trainer/epoch/rate";

    EpochSums plus(StepReport step) {
        return new EpochSums(
                steps + 1,
                examples + step.batchSize(),
                losses + step.loss() * step.batchSize(),
                norms + step.gradientNorm(),
                step.rate());
    }

    double loss() {
        return losses / examples;
    }

    double norm() {
        return norms / steps;
    }

    void write(SequencedMap<String, String> text) {
        text.put(STEPS, "" + steps);
        text.put(EXAMPLES, "" + examples);
        text.put(LOSSES, "" + losses);
        text.put(NORMS, "" + norms);
        text.put(RATE, "" + rate);
    }

    static EpochSums read(StateReader reader) {
        return new EpochSums(
                (int) reader.count(STEPS, Integer.MAX_VALUE),
                reader.count(EXAMPLES, Long.MAX_VALUE),
                reader.number(LOSSES),
                reader.number(NORMS),
                reader.number(RATE));
    }
}
