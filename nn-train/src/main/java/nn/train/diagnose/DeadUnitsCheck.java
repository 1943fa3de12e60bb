package nn.train.diagnose;

import java.util.ArrayList;
import java.util.List;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;

/** Looks for units whose slope is 0 for every row. */
final class DeadUnitsCheck implements Check {
    private static final int ENOUGH_ROWS = 256;
    private static final double MANY_IN_FIRST = 0.01;

    /** More are reported even if the data leave them dead. */
    private static final double MANY_OF_DATA = 0.125;

    /** Units that are drawn to see how many the data leave dead. */
    private static final int DRAWN = 256;

    /** More than those that He weights leave at this depth. */
    private static final double MANY = 0.25;

    /** What keeps a layer from being dead as a whole. */
    static final String ALIVE = "a leaky slope, wider layers, or small positive biases.";

    @Override
    public List<InitFinding> findings(Examination examination) {
        if (examination.gradients().isEmpty()) {
            return List.of();
        }
        boolean enough = RowStatistics.count(examination.signal()) >= ENOUGH_ROWS;
        List<Place> rectified = examination.places().stream()
                .filter(p -> !Double.isNaN(p.reading().dead()))
                .toList();
        List<Place> many = new ArrayList<>();
        for (int i = 0; i < rectified.size(); i++) {
            Place place = rectified.get(i);
            boolean nothing = place.reading().preActivation() == 0; // the symptom "no gradient" covers this
            double dead = place.reading().dead();
            if (!nothing && (dead == 1 || enough && dead > limit(i) && dead > ofData(place, i))) {
                many.add(place);
            }
        }
        if (many.isEmpty()) {
            return List.of();
        }
        Place worst = Sentences.worst(many, LayerReading::dead);
        boolean whole = worst.reading().dead() == 1;
        boolean first = worst == rectified.getFirst();
        String advice = whole
                ? ALIVE
                : first
                        ? "centre the data (nn.train.data.Standardizer), or use a leaky slope."
                        : "a leaky slope, or fewer layers: each one makes rows more alike.";
        return List.of(InitFinding.of(
                whole ? Severity.FAILURE : Severity.WARNING,
                Symptom.DEAD_UNITS,
                worst.reading().path(),
                worst.reading().dead(),
                whole ? 1 : limit(rectified.indexOf(worst)),
                Sentences.percent(worst.reading().dead()) + " of the units of " + Sentences.name(worst, many)
                        + " have slope 0 for all " + RowStatistics.count(examination.signal())
                        + " rows, so their weights get no gradient.",
                Remedy.advice(advice)));
    }

    /**
     * The share of dead units that data leave in the first layer whatever its weights, with three standard deviations:
     * of inputs that have much in common, some units see only one side. At most {@link #MANY_OF_DATA}; 0 for
     * other layers.
     */
    private static double ofData(Place place, int index) {
        if (index > 0
                || place.layer().linearMap().isEmpty()
                || place.nonlinearity().isEmpty()) {
            return 0;
        }
        Tensor weights = Tensor.zeros(RowStatistics.units(place.input()), DRAWN);
        Key.of(0).child("units").normal(weights, 0f, 1f);
        Tensor rows = place.input().reshape(RowStatistics.count(place.input()), RowStatistics.units(place.input()));
        double share =
                RowStatistics.dead(rows.matmul(weights), place.nonlinearity().get());
        return Math.min(
                MANY_OF_DATA, share + 3 * Math.sqrt(share / place.reading().units()));
    }

    /**
     * The share of dead units from which a layer is reported. Deep ReLU networks have some for any initial weights,
     * because every layer makes rows more alike: of 64 units with He weights, 4 % at layer 5, 11 % at layer 10, 24 % at
     * layer 20 and 40 % at layer 50.
     *
     * @param index of the layer among those with such units, from 0
     */
    static double limit(int index) {
        return index == 0 ? MANY_IN_FIRST : MANY + 0.5 * (1 - StrictMath.exp(-(index + 1) / 33.0));
    }
}
