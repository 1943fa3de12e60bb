package nn.train;

import java.util.SequencedMap;
import nn.train.metric.Monitor;

/**
 * The best epoch of a fit so far.
 *
 * @param value its monitored value; the worst possible before the first epoch
 * @param epoch its number in the trainer; 0 before the first epoch
 * @param waited number of epochs since
 */
record BestEpoch(double value, int epoch, int waited) {
    private static final String VALUE = "trainer/fit/best/value";
    private static final String EPOCH = "trainer/fit/best/epoch";
    private static final String WAITED = "trainer/fit/best/waited";

    /** Returns the state before the first epoch. */
    static BestEpoch none(Monitor monitor) {
        return new BestEpoch(monitor.worst(), 0, 0);
    }

    /** Returns the state after another epoch. */
    BestEpoch after(int nextEpoch, double nextValue, EarlyStopping rule) {
        return rule.monitor().isBetter(nextValue, value, rule.minDelta())
                ? new BestEpoch(nextValue, nextEpoch, 0)
                : new BestEpoch(value, epoch, waited + 1);
    }

    void write(SequencedMap<String, String> text) {
        text.put(VALUE, "" + value);
        text.put(EPOCH, "" + epoch);
        text.put(WAITED, "" + waited);
    }

    static BestEpoch read(StateReader reader) {
        return new BestEpoch(reader.number(VALUE), (int) reader.count(EPOCH, Integer.MAX_VALUE), (int)
                reader.count(WAITED, Integer.MAX_VALUE - 1));
    }

    /**
     * Reports numbers that do not belong together.
     *
     * @param epochs the epochs of the fit that are done
     * @param allEpochs those of the trainer
     * @param patience of the fit; 0 for none
     */
    void requireConsistent(StateReader reader, int epochs, int allEpochs, long patience) {
        boolean none = epoch == 0;
        reader.require(
                none || epoch <= allEpochs && epoch > allEpochs - epochs,
                EPOCH,
                epoch,
                "the fit has done " + epochs + " epochs, and the trainer " + allEpochs);
        reader.require(
                waited == (none ? epochs : allEpochs - epoch),
                WAITED,
                waited,
                none
                        ? epochs + " epochs are done, none of them the best"
                        : "epoch " + epoch + " of " + allEpochs + " was the best");
        reader.require(
                patience == 0 || waited <= patience, WAITED, waited, "the fit ends after a patience of " + patience);
        reader.require(!none || Double.isInfinite(value), VALUE, value, "no epoch was the best");
    }
}
