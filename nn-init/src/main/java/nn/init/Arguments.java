package nn.init;

import java.math.BigDecimal;
import nn.tensor.Shape;
import nn.tensor.ShapeException;

/**
 * What every strategy does with its numbers: refuse bad ones by name and value, and print good ones so that they read
 * back.
 */
final class Arguments {
    private Arguments() {}

    /** Refuses what a float32 weight cannot be. */
    static double finite(String strategy, String name, double value) {
        if (!Float.isFinite((float) value)) {
            throw new IllegalArgumentException(
                    strategy + ": " + name + " " + value + " must be finite and in the range of float32");
        }
        return value;
    }

    /** Refuses what a spread cannot be. */
    static double notNegative(String strategy, String name, double value) {
        if (finite(strategy, name, value) < 0) {
            throw new IllegalArgumentException(strategy + ": " + name + " " + value + " must be 0 or more");
        }
        return value;
    }

    /** A number as text: the fewest digits that read back as the same double. */
    static String brief(double value) {
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

    /** What an initializer calls itself; what it is, if it does not say. */
    static String describe(Initializer initializer) {
        Class<?> type = initializer.getClass();
        String text = initializer.toString();
        if (!text.startsWith(type.getName() + "@")) {
            return text;
        }
        return type.isHidden() ? "a lambda" : type.isAnonymousClass() ? "anonymous" : type.getSimpleName();
    }

    /** Refuses a tensor that has no units apart from its inputs: one of rank 0 or 1. */
    static void matrix(String strategy, Shape shape, String why) {
        if (shape.rank() < 2) {
            throw new ShapeException(
                    strategy + ": expected a tensor of rank 2 or more, got shape " + shape + "; " + why,
                    "[... x inputs x units]",
                    shape);
        }
    }
}
