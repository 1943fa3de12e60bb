package nn.init.testing;

import java.util.Comparator;
import java.util.List;
import nn.init.Fans;

/** Guesses what went wrong from the factor by which a variance is off. */
final class Mistakes {
    private record Mistake(String what, double factor) {
        double distance(double ratio) {
            return Math.abs(StrictMath.log(ratio / factor));
        }
    }

    private Mistakes() {}

    /**
     * The nearest of the known ones that explains the ratio within the given limits.
     *
     * @param swapped the variance that swapped fans would give, over the right one
     */
    static String likely(double ratio, double low, double high, double deviation, double swapped, Fans fans) {
        double in = fans.in();
        double both = in + fans.out();
        List<Mistake> known = List.of(
                new Mistake("fan in and fan out are swapped", swapped),
                new Mistake("the bound of a uniform distribution, sqrt(3) deviations, was widened by sqrt(3) again", 3),
                new Mistake("a deviation was taken for the bound of a uniform distribution, sqrt(3) of it", 1.0 / 3),
                new Mistake("a factor 2 too many: the gain of ReLU counted twice, or a bound sqrt(2) too wide", 2),
                new Mistake("a factor 2 is missing: the gain of ReLU, or fans added up and not averaged", 0.5),
                new Mistake("truncation is not corrected: at 2 deviations, 0.774 of the variance remain", 0.7737),
                new Mistake("truncation is corrected twice", 1 / 0.7737),
                new Mistake("the variance is taken for the deviation", deviation * deviation),
                new Mistake("the deviation is taken for the variance", 1 / deviation),
                new Mistake("the average fan is taken for fan in", 2 * in / both),
                new Mistake("fan in is taken for the average fan", both / (2 * in)));
        return known.stream()
                .filter(m -> m.factor() != 1 && ratio / m.factor() >= low && ratio / m.factor() <= high)
                .min(Comparator.comparingDouble(m -> m.distance(ratio))) // the first of equals
                .map(m -> "likely mistake: " + m.what())
                .orElse("likely mistake: a wrong formula for the variance");
    }
}
