package nn.train;

import java.util.SequencedMap;

/**
 * Lowers the learning rate when training no longer gets anywhere, by the rules of PyTorch's {@code ReduceLROnPlateau}:
 * an epoch is better if its loss is below {@code best - threshold |best|}; after more than {@code patience} epochs in a
 * row that are not, the rate is multiplied by {@code factor} and the count begins anew. The loss is that of the
 * validation, or of the training where a {@link Fit} has no validation. It works together with a {@link Schedule}: the
 * factors are multiplied.
 *
 * <p>A plateau belongs to one {@linkplain Trainer#fit(nn.train.data.Batches, Fit) fit}: the next fit begins with the
 * full rate and its own best loss. Steps by hand are made with the full rate.
 *
 * @param factor above 0 and below 1
 * @param patience how many epochs in a row may fail to be better, 0 or more
 * @param threshold by what part of the best loss a better one is below it, in [0, 1)
 * @param least the rate falls to this part of what it was, and no further; in [0, 1]
 */
public record Plateau(double factor, int patience, double threshold, double least) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range; by name and value
     */
    public Plateau {
        if (!(factor > 0 && factor < 1)) {
            throw new IllegalArgumentException(
                    "Plateau: factor is " + factor + "; it must be above 0 and below 1");
        }
        if (patience < 0) {
            throw new IllegalArgumentException("Plateau: patience is " + patience + "; it must be 0 or more");
        }
        Hyper.requireFractionDouble("Plateau", "threshold", threshold);
        if (!(least >= 0 && least <= 1)) {
            throw new IllegalArgumentException("Plateau: least is " + least + "; it must be from 0 to 1");
        }
    }

    /**
     * The usual threshold of 1e-4, and no least rate.
     *
     * @param factor above 0 and below 1; 0.1 is usual
     * @param patience how many epochs in a row may fail to be better; 10 is usual
     * @return the rule
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static Plateau of(double factor, int patience) {
        return new Plateau(factor, patience, 1e-4, 0);
    }

    /**
     * Where it is.
     *
     * @param factor what the rate is multiplied by
     * @param best the best loss so far
     * @param waited the epochs since
     */
    record State(double factor, double best, int waited) {
        static final State START = new State(1, Double.POSITIVE_INFINITY, 0);

        private static final String FACTOR = "trainer/fit/plateau/factor";
        private static final String BEST = "trainer/fit/plateau/best";
        private static final String WAITED = "trainer/fit/plateau/waited";

        void write(SequencedMap<String, String> text) {
            text.put(FACTOR, "" + factor);
            text.put(BEST, "" + best);
            text.put(WAITED, "" + waited);
        }

        static State read(StateReader reader) {
            double factor = reader.number(FACTOR);
            if (!(factor >= 0 && factor <= 1)) {
                reader.problem(FACTOR, "is '" + factor + "'; expected a number from 0 to 1");
            }
            return new State(factor, reader.number(BEST), (int) reader.count(WAITED, Integer.MAX_VALUE - 1));
        }
    }

    /** After an epoch of that loss; NaN is not better than anything. */
    State after(State state, double loss) {
        boolean better = state.best() == Double.POSITIVE_INFINITY
                ? loss < state.best()
                : loss < state.best() - threshold * Math.abs(state.best());
        if (better) {
            return new State(state.factor(), loss, 0);
        }
        if (state.waited() < patience) {
            return new State(state.factor(), state.best(), state.waited() + 1);
        }
        return new State(Math.max(state.factor() * factor, least), state.best(), 0);
    }
}
