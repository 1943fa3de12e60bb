package nn.train.diagnose;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import nn.train.diagnose.Examination.Place;

/** Parts of sentences that several checks write. */
final class Sentences {
    private Sentences() {}

    static String capital(String sentence) {
        return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.3g %%", 100 * share);
    }

    static String number(double value) {
        return ReportText.number(value);
    }

    /** Names one of the layers that have a fault, and says how many more have it. */
    static String name(Place place, List<Place> all) {
        int more = all.size() - 1;
        return place.name() + (more == 0 ? "" : " (and " + more + " more)");
    }

    static Place worst(List<Place> places, ToDoubleFunction<LayerReading> badness) {
        Place worst = places.getFirst();
        for (Place place : places) {
            if (badness.applyAsDouble(place.reading()) > badness.applyAsDouble(worst.reading())) {
                worst = place;
            }
        }
        return worst;
    }
}
