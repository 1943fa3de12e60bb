package nn.train;

import java.util.SequencedMap;
import nn.train.metric.Monitor;
import nn.train.schedule.Plateau;

/**
 * State of the {@link Plateau} of a fit.
 *
 * @param factor multiplies the rate
 * @param best the best monitored value so far
 * @param waited number of epochs since the best one or the last lowering of the rate
 */
record PlateauState(double factor, double best, int waited) {
    private static final String FACTOR = "trainer/fit/plateau/factor";
    private static final String BEST = "trainer/fit/plateau/best";
    private static final String WAITED = "trainer/fit/plateau/waited";

    /** Returns the state before the first epoch. */
    static PlateauState start(Monitor monitor) {
        return new PlateauState(1, monitor.worst(), 0);
    }

    /** Returns the state after an epoch. */
    PlateauState after(Plateau plateau, double value) {
        double margin = Double.isInfinite(best) ? 0 : plateau.threshold() * Math.abs(best);
        if (plateau.monitor().isBetter(value, best, margin)) {
            return new PlateauState(factor, value, 0);
        }
        if (waited < plateau.patience()) {
            return new PlateauState(factor, best, waited + 1);
        }
        return new PlateauState(Math.max(factor * plateau.factor(), plateau.minFactor()), best, 0);
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

    /** Reports numbers that a fit with this number of epochs cannot have. */
    void requireConsistent(StateReader reader, int epochs) {
        reader.require(waited <= epochs, WAITED, waited, "the fit has done " + epochs + " epochs");
        reader.require(
                epochs > 0 || factor == 1 && Double.isInfinite(best), FACTOR, factor, "no epoch of the fit is done");
    }
}
