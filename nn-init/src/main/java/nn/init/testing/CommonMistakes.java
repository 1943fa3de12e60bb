package nn.init.testing;

import java.util.Comparator;
import java.util.List;
import nn.init.Fans;

/** Finds the likely mistake from the factor by which a variance is wrong. */
final class CommonMistakes {
    private record Mistake(String what, double factor) {
        double distance(double ratio) {
            return Math.abs(StrictMath.log(ratio / factor));
        }
    }

    /** A factor beyond this is hardly a number of branches. */
    private static final int MOST_BRANCHES = 1000;

    private CommonMistakes() {}

    /**
     * Returns the nearest known mistake that explains the ratio within the given limits.
     *
     * @param swapped the variance with swapped fans over the correct one
     * @param guessed the fans as a shape would have them, which knows no groups, strides and gates
     * @param byShape the variance with these fans over the correct one
     * @param bySum the variance with the sum of all dimensions as the sum of the fans, over the correct one
     */
    static String likely(
            double ratio,
            double low,
            double high,
            double stddev,
            double swapped,
            Fans fans,
            Fans guessed,
            double byShape,
            double bySum) {
        double in = fans.in();
        double both = in + fans.out();
        boolean sameFans = guessed.equals(fans) || guessed.equals(new Fans(fans.out(), fans.in()));
        List<Mistake> known = List.of(
                new Mistake("fan in and fan out are swapped", swapped),
                new Mistake(
                        "the fans are read off the shape, " + guessed + ", and not those of the layer, " + fans
                                + ": a shape does not show groups, strides, or matrices side by side such as gates or"
                                + " query, key and value",
                        sameFans ? 1 : byShape),
                new Mistake("the dimensions of a kernel are added up; its taps multiply the fans", bySum),
                new Mistake("a uniform bound, sqrt(3) standard deviations, was widened by sqrt(3) twice", 3),
                new Mistake("a standard deviation was taken for a uniform bound, which is sqrt(3) times that", 1.0 / 3),
                new Mistake("a factor 2 too many: the gain of ReLU counted twice, or a bound sqrt(2) too wide", 2),
                new Mistake("a factor 2 is missing: the gain of ReLU, or fans added up and not averaged", 0.5),
                new Mistake("truncation is not corrected: a cut at 2 leaves 0.774 of the variance", 0.7737),
                new Mistake("truncation is corrected twice", 1 / 0.7737),
                new Mistake("the variance is taken for the standard deviation", stddev * stddev),
                new Mistake("the standard deviation is taken for the variance", 1 / stddev),
                new Mistake("the average fan is taken for fan in", 2 * in / both),
                new Mistake("fan in is taken for the average fan", both / (2 * in)));
        return known.stream()
                .filter(m -> m.factor() != 1 && ratio / m.factor() >= low && ratio / m.factor() <= high)
                .min(Comparator.comparingDouble(m -> m.distance(ratio))) // the first of equals
                .map(m -> "likely mistake: " + m.what())
                .orElse("likely mistake: a wrong formula for the variance" + missing(ratio, low, high));
    }

    /** A whole number of times the variance is that of values which were not divided by its root. */
    private static String missing(double ratio, double low, double high) {
        long whole = Math.round(ratio);
        return whole >= 4 && whole <= MOST_BRANCHES && ratio / whole >= low && ratio / whole <= high
                ? ", which is " + whole + " times the promised one: values are not divided by sqrt(" + whole
                        + "), such as the root of the number of residual branches"
                : "";
    }
}
