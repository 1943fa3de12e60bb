package nn.train;

import java.util.SequencedMap;

/**
 * The best epoch of a fit so far.
 *
 * @param loss its loss; infinity before the first
 * @param epoch its number in the trainer; 0 before the first
 * @param waited the epochs since
 */
record BestEpoch(double loss, int epoch, int waited) {
    static final BestEpoch NONE = new BestEpoch(Double.POSITIVE_INFINITY, 0, 0);

    private static final String LOSS = "trainer/fit/best/loss";
    private static final String EPOCH = "trainer/fit/best/epoch";
    private static final String WAITED = "trainer/fit/best/waited";

    /** After another epoch; NaN is not better than anything. */
    BestEpoch after(int nextEpoch, double nextLoss, double minDelta) {
        return nextLoss < loss - minDelta
                ? new BestEpoch(nextLoss, nextEpoch, 0)
                : new BestEpoch(loss, epoch, waited + 1);
    }

    void write(SequencedMap<String, String> text) {
        text.put(LOSS, "" + loss);
        text.put(EPOCH, "" + epoch);
        text.put(WAITED, "" + waited);
    }

    static BestEpoch read(StateReader reader) {
        return new BestEpoch(
                reader.number(LOSS),
                (int) reader.count(EPOCH, Integer.MAX_VALUE),
                (int) reader.count(WAITED, Integer.MAX_VALUE - 1));
    }
}
