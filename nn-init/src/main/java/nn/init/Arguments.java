package nn.init;

import java.math.BigDecimal;
import java.math.MathContext;

/** What every strategy does with its numbers: refuse bad ones by name and value, and print good ones briefly. */
final class Arguments {
    private static final MathContext SIX_DIGITS = new MathContext(6);

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

    /** A number for a summary: at most six digits, no trailing zeros. */
    static String brief(double value) {
        if (value == 0) {
            return "0";
        }
        BigDecimal rounded = new BigDecimal(value).round(SIX_DIGITS).stripTrailingZeros();
        double magnitude = Math.abs(value);
        return magnitude >= 1e-4 && magnitude < 1e7 ? rounded.toPlainString() : rounded.toString();
    }
}
