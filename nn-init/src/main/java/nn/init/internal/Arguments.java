package nn.init.internal;

import java.math.BigDecimal;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * Checks of initializers' arguments, which refuse bad numbers by name and value, and texts of numbers that read back
 * as the same number.
 */
public final class Arguments {
    private static final int MOST_QUOTED = 100;

    /** An upper bound of |z| for the normal values of a key: sqrt(-2 log u) with u from 2^-33 on. */
    public static final double NORMAL_REACH = 7;

    private Arguments() {}

    /** Refuses values that are not finite in float32, and nonzero values that are 0 there. */
    public static double finite(String strategy, String name, double value) {
        if (!Float.isFinite((float) value)) {
            throw new IllegalArgumentException(
                    strategy + ": " + name + " " + value + " must be finite and in the range of float32");
        }
        if ((float) value == 0 && value != 0) {
            throw new IllegalArgumentException(strategy + ": " + name + " " + value + " would be 0 in float32, whose"
                    + " smallest magnitude is " + Float.MIN_VALUE
                    + "; take a larger one, or exactly 0");
        }
        return value;
    }

    /** Refuses what is no scale: values that are not from 1e-9 to 1e9. */
    public static double scale(String strategy, String name, double value) {
        if (!(value >= 1e-9 && value <= 1e9)) {
            throw new IllegalArgumentException(
                    strategy + ": " + name + " " + brief(value) + " must be from 1e-9 to 1e9");
        }
        return value;
    }

    /** Refuses negative values too. */
    public static double notNegative(String strategy, String name, double value) {
        if (finite(strategy, name, value) < 0) {
            throw new IllegalArgumentException(strategy + ": " + name + " " + value + " must be 0 or more");
        }
        return value;
    }

    /**
     * Refuses a mean and a standard deviation whose values, up to {@code reach} deviations, are infinite in float32.
     */
    public static void withinRange(String strategy, double mean, double stddev, double reach) {
        double largest = Math.abs(mean) + reach * stddev;
        if (!Float.isFinite((float) largest)) {
            throw new IllegalArgumentException(strategy + ": mean " + brief(mean) + " and stddev " + brief(stddev)
                    + " give values beyond the range of float32, as some are " + brief(reach)
                    + " standard deviations from the mean; take a smaller stddev");
        }
    }

    /**
     * Multiplies the values of another initializer; refuses a nonzero factor that makes them all 0, and one that makes
     * a finite value infinite.
     */
    public static void scale(String strategy, Tensor out, double factor, Object base) {
        boolean wereZero = isZero(out);
        boolean wereFinite = out.isFinite();
        out.scaleInPlace((float) factor);
        if (wereFinite && !out.isFinite()) {
            throw new IllegalArgumentException(strategy + ": factor " + brief(factor) + " makes values of "
                    + shortened(Description.of(base)) + " infinite in float32; take a smaller factor or smaller"
                    + " values");
        }
        if (factor != 0 && !wereZero && isZero(out)) {
            throw new IllegalArgumentException(strategy + ": factor " + brief(factor) + " makes all values of "
                    + shortened(Description.of(base)) + " 0 in float32, whose smallest magnitude is "
                    + Float.MIN_VALUE + "; take a larger factor or larger values, or zeros");
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

    /** Quotes a text from outside for a message, shortened if it is long. */
    public static String quote(String text) {
        return "'" + shortened(text) + "'";
    }

    /** Shortens a text to a hundred characters. */
    public static String shortened(String text) {
        return text.length() <= MOST_QUOTED ? text : text.substring(0, MOST_QUOTED - 3) + "...";
    }

    /** Formats a number with the fewest digits that read back as the same double. */
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

    /** Refuses a tensor without separate axes for inputs and units: one of rank 0 or 1. */
    public static void matrix(String strategy, Shape shape, String why) {
        if (shape.rank() < 2) {
            throw new ShapeException(
                    strategy + ": expected a tensor of rank 2 or more, got shape " + shape + "; " + why,
                    "[... x inputs x units]",
                    shape);
        }
    }
}
