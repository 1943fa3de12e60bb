package nn.train.data;

/**
 * Reads decimal numbers from bytes, without an object for each: the bits of {@link Float#parseFloat}. Numbers that need
 * exact arithmetic are left to that method.
 *
 * <p>A number is w 10^q, with a whole number w of its first 18 digits. Both factors are rounded to double and
 * multiplied. Each of these three steps has a relative error of at most 2^-53, and leaving out the digits after the
 * 18th one of less than 10^-17. So the exact number is less than 4 units in the last place from the product. Rounding
 * the product to float is right unless the boundary between two floats lies between the two. Such a boundary is a
 * double whose last 29 bits are a 1 and 28 zeros, as a double has 53 digits and a float 24. So a product is refused if
 * it is within 8 units of a boundary, and if its float is subnormal or too large.
 */
final class FloatScanner {
    private static final long MOST_DIGITS = 100_000_000_000_000_000L; // 10^17: w has 18 digits or more from there on
    private static final int LEAST_POWER = -64;
    private static final int MOST_POWER = 40;
    private static final double[] POWERS = new double[MOST_POWER - LEAST_POWER + 1];
    private static final int LARGEST_EXPONENT = 1000; // far beyond all powers, and far from overflow
    private static final int DROPPED = (1 << 29) - 1; // the bits of a double's fraction that a float does not have
    private static final int BOUNDARY = 1 << 28;
    private static final int MARGIN = 8;

    static {
        for (int i = 0; i < POWERS.length; i++) {
            POWERS[i] = Double.parseDouble("1e" + (LEAST_POWER + i));
        }
    }

    private float value;
    private int end;

    /**
     * Reads a number: an optional sign, digits with at most one point, and an optional exponent.
     *
     * @param bytes the text
     * @param from the index of the number
     * @param to the end of the text
     * @param point the decimal point
     * @return whether there is a number and its {@link #value} is known; if not, another method may know it
     */
    boolean scan(byte[] bytes, int from, int to, byte point) {
        int at = from;
        boolean negative = at < to && bytes[at] == '-';
        if (negative || at < to && bytes[at] == '+') {
            at++;
        }
        int begin = at;
        long digits = 0;
        int power = 0;
        for (; at < to && isDigit(bytes[at]); at++) {
            if (digits < MOST_DIGITS) {
                digits = digits * 10 + (bytes[at] - '0');
            } else {
                power++;
            }
        }
        int count = at - begin;
        if (at < to && bytes[at] == point) {
            begin = ++at;
            for (; at < to && isDigit(bytes[at]); at++) {
                if (digits < MOST_DIGITS) {
                    digits = digits * 10 + (bytes[at] - '0');
                    power--;
                }
            }
            count += at - begin;
        }
        if (count == 0) {
            return false;
        }
        if (at < to && (bytes[at] == 'e' || bytes[at] == 'E')) {
            at++;
            boolean down = at < to && bytes[at] == '-';
            if (down || at < to && bytes[at] == '+') {
                at++;
            }
            begin = at;
            int exponent = 0;
            for (; at < to && isDigit(bytes[at]); at++) {
                exponent = Math.min(exponent * 10 + (bytes[at] - '0'), LARGEST_EXPONENT);
            }
            if (at == begin) {
                return false;
            }
            power += down ? -exponent : exponent;
        }
        end = at;
        return round(negative, digits, power);
    }

    private boolean round(boolean negative, long digits, int power) {
        double product = 0;
        if (digits != 0) {
            if (power < LEAST_POWER || power > MOST_POWER) {
                return false;
            }
            product = digits * POWERS[power - LEAST_POWER];
            int dropped = (int) Double.doubleToRawLongBits(product) & DROPPED;
            if (product < Float.MIN_NORMAL || product >= 0x1p127 || Math.abs(dropped - BOUNDARY) <= MARGIN) {
                return false;
            }
        }
        value = negative ? -(float) product : (float) product;
        return true;
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    /** Returns the nearest float to the number that was read. */
    float value() {
        return value;
    }

    /** Returns the index after the number that was read. */
    int end() {
        return end;
    }
}
