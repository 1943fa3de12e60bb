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

    /** Says that a sentence about one place holds for the others, too. */
    static String others(List<Place> places) {
        int others = places.size() - 1;
        return switch (others) {
            case 0 -> "";
            case 1 -> " The same holds for one more layer.";
            default -> " The same holds for " + others + " more layers.";
        };
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
