package nn.train;

import java.util.SequencedMap;
import nn.train.schedule.Plateau;

/**
 * Where the {@link Plateau} of a fit is.
 *
 * @param factor what the rate is multiplied by
 * @param best the best loss so far
 * @param waited the epochs since
 */
record PlateauState(double factor, double best, int waited) {
    static final PlateauState START = new PlateauState(1, Double.POSITIVE_INFINITY, 0);

    private static final String FACTOR = "trainer/fit/plateau/factor";
    private static final String BEST = "trainer/fit/plateau/best";
    private static final String WAITED = "trainer/fit/plateau/waited";

    /** After an epoch of that loss; NaN is not better than anything. */
    PlateauState after(Plateau plateau, double loss) {
        boolean better = best == Double.POSITIVE_INFINITY
                ? loss < best
                : loss < best - plateau.threshold() * Math.abs(best);
        if (better) {
            return new PlateauState(factor, loss, 0);
        }
        if (waited < plateau.patience()) {
            return new PlateauState(factor, best, waited + 1);
        }
        return new PlateauState(Math.max(factor * plateau.factor(), plateau.least()), best, 0);
    }

    void write(SequencedMap<String, String> text) {
        text.put(FACTOR, "" + factor);
        text.put(BEST, "" + best);
        text.put(WAITED, "" + waited);
    }

    static PlateauState read(StateReader reader) {
        double factor = reader.number(FACTOR);
        if (!(factor >= 0 && factor <= 1)) {
            reader.problem(FACTOR, "is '" + factor + "'; expected a number from 0 to 1");
        }
        return new PlateauState(factor, reader.number(BEST), (int) reader.count(WAITED, Integer.MAX_VALUE - 1));
    }
}
