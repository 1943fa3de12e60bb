package nn.examples.numeric;

import java.util.Locale;

/** Numbers as text with a chosen number of significant digits. */
public final class Decimals {
    private Decimals() {}

    /**
     * Writes a number to some significant digits; trailing zeros are kept only after a decimal point.
     *
     * @param x any number
     * @param digits the number of digits, at least 1
     * @return such as {@code 0.50}, {@code 1235}, {@code 4.1e-07}, {@code inf} or {@code NaN}
     */
    public static String text(double x, int digits) {
        if (!Double.isFinite(x)) {
            return Double.isNaN(x) ? "NaN" : x > 0 ? "inf" : "-inf";
        }
        if (x == Math.rint(x) && Math.abs(x) < 1e6) {
            return String.format(Locale.ROOT, "%.0f", x + 0.0);
        }
        double size = Math.abs(x);
        if (size >= 1e-3 && size < 1e5) {
            int decimals = Math.clamp(digits - 1 - (int) Math.floor(StrictMath.log10(size)), 0, 9);
            return String.format(Locale.ROOT, "%." + decimals + "f", x);
        }
        return String.format(Locale.ROOT, "%." + Math.min(digits - 1, 2) + "e", x);
    }
}
