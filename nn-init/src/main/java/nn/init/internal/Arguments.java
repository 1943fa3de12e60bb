package nn.init.internal;

import java.math.BigDecimal;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * What every strategy does with its numbers: refuse bad ones by name and value, and print good ones so that they read
 * back.
 */
public final class Arguments {
    private static final int MOST_QUOTED = 100;

    /** No normal value is as many standard deviations from its mean: sqrt(-2 log u) with u from 2^-33 on. */
    public static final double NORMAL_REACH = 7;

    private Arguments() {}

    /** Refuses what a float32 weight cannot be: what is not finite there, and what is lost to 0. */
    public static double finite(String strategy, String name, double value) {
        if (!Float.isFinite((float) value)) {
            throw new IllegalArgumentException(
                    strategy + ": " + name + " " + value + " must be finite and in the range of float32");
        }
        if ((float) value == 0 && value != 0) {
            throw new IllegalArgumentException(strategy + ": " + name + " " + value + " would be 0 in float32, whose"
                    + " smallest magnitude is " + Float.MIN_VALUE
                    + "; take a larger one, or 0 itself where that is meant");
        }
        return value;
    }

    /** Refuses what a spread cannot be. */
    public static double notNegative(String strategy, String name, double value) {
        if (finite(strategy, name, value) < 0) {
            throw new IllegalArgumentException(strategy + ": " + name + " " + value + " must be 0 or more");
        }
        return value;
    }

    /**
     * Refuses normal values of which some would be infinite in float32: z, up to so many standard deviations, comes to
     * that.
     */
    public static void withinRange(String strategy, double mean, double stddev, double reach) {
        double largest = Math.abs(mean) + reach * stddev;
        if (!Float.isFinite((float) largest)) {
            throw new IllegalArgumentException(strategy + ": mean " + brief(mean) + " and stddev " + brief(stddev)
                    + " give values beyond the range of float32, as some lie " + brief(reach)
                    + " standard deviations off; take a smaller standard deviation");
        }
    }

    /**
     * Multiplies another scheme's values; refuses a factor other than 0 that takes them all to 0.
     */
    public static void scale(String strategy, Tensor out, double factor, Object base) {
        boolean wereZero = isZero(out);
        out.scaleInPlace((float) factor);
        if (factor != 0 && !wereZero && isZero(out)) {
            throw new IllegalArgumentException(strategy + ": factor " + brief(factor) + " takes all values of "
                    + shortened(Description.of(base)) + " to 0 in float32, whose smallest magnitude is "
                    + Float.MIN_VALUE + "; take a larger factor or larger values, or zeros where those are meant");
        }
    }

    private static boolean isZero(Tensor x) {
        for (int i = 0; i < x.size(); i++) {
            if (x.array()[x.offset() + i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** A text from outside within a message: in quotes, and cut where it is long. */
    public static String quote(String text) {
        return "'" + shortened(text) + "'";
    }

    /** A text of a hundred characters at most. */
    public static String shortened(String text) {
        return text.length() <= MOST_QUOTED ? text : text.substring(0, MOST_QUOTED - 3) + "...";
    }

    /** A number as text: the fewest digits that read back as the same double. */
    public static String brief(double value) {
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        double magnitude = Math.abs(value);
        return magnitude >= 1e-4 && magnitude < 1e7 ? shortest.toPlainString() : shortest.toString();
    }

    /** Refuses a tensor that has no units apart from its inputs: one of rank 0 or 1. */
    public static void matrix(String strategy, Shape shape, String why) {
        if (shape.rank() < 2) {
            throw new ShapeException(
                    strategy + ": expected a tensor of rank 2 or more, got shape " + shape + "; " + why,
                    "[... x inputs x units]",
                    shape);
        }
    }
}
