package nn.tensor.internal.math;

/**
 * Fused multiply-add, by the instruction or, where the JVM has none, by the method of S. Boldo and G. Melquiond,
 * <i>Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd</i>, IEEE Transactions on
 * Computers 57, 2008.
 */
public final class Fused {
    private static final boolean INSTRUCTION = !SlowFma.isPresent();

    private static final int DROPPED = (1 << 29) - 1; // the bits of a double that a float does not have
    private static final int MIDDLE = 1 << 28;

    private static final double SPLITTER = 0x1p27 + 1;
    private static final double LEAST_FACTOR = 0x1p-400; // the error of a product of two such factors is normal
    private static final double MOST_FACTOR = 0x1p400;
    private static final double LEAST_ADDEND = 0x1p-900;
    private static final double MOST_ADDEND = 0x1p900;

    private Fused() {}

    /**
     * Returns whether this JVM has the instruction.
     *
     * @return false with {@code -XX:-UseFMA}, or on a processor without it
     */
    public static boolean isInstruction() {
        return INSTRUCTION;
    }

    /**
     * Returns {@code a * b + c} of floats, rounded once.
     *
     * @param a a factor
     * @param b a factor
     * @param c the addend
     * @return the bits of {@link Math#fma(float, float, float)}
     */
    public static float fma(float a, float b, float c) {
        return INSTRUCTION ? Math.fma(a, b, c) : emulated(a, b, c);
    }

    /**
     * Returns {@code a * b + c} of doubles, rounded once.
     *
     * @param a a factor
     * @param b a factor
     * @param c the addend
     * @return the bits of {@link Math#fma(double, double, double)}
     */
    public static double fma(double a, double b, double c) {
        return INSTRUCTION ? Math.fma(a, b, c) : emulated(a, b, c);
    }

    /**
     * Returns {@code a * b + c} of two doubles that are floats, rounded once.
     *
     * @param a a factor, a float
     * @param b a factor, a float
     * @param c the addend
     * @return the bits of {@link Math#fma(double, double, double)}
     */
    public static double fmaOfFloats(double a, double b, double c) {
        return INSTRUCTION ? Math.fma(a, b, c) : a * b + c; // the product is exact: two times 24 digits, of 53
    }

    /**
     * The product is exact in double. Its sum with c, rounded to double, is rounded to float. That is the float nearest
     * to the exact sum unless the double lies in the middle of two floats and the exact sum beside it. In normal
     * floats, such a double ends in a 1 and 28 zeros, as it has 29 digits more than a float.
     */
    static float emulated(float a, float b, float c) {
        double product = (double) a * b;
        double sum = product + c;
        if (((int) Double.doubleToRawLongBits(sum) & DROPPED) != MIDDLE
                && (Math.abs(sum) >= Float.MIN_NORMAL || sum == 0)) {
            return (float) sum;
        }
        // Rounding to odd keeps what the second rounding has to know: whether digits were lost.
        return (float) odd(sum, error(product, c, sum));
    }

    static double emulated(double a, double b, double c) {
        double most = Math.max(Math.abs(a), Math.abs(b));
        double least = Math.min(Math.abs(a), Math.abs(b));
        double addend = Math.abs(c);
        if (!(least >= LEAST_FACTOR && most <= MOST_FACTOR)
                || !(addend == 0 || addend >= LEAST_ADDEND && addend <= MOST_ADDEND)) {
            return a == 0 || b == 0 ? a * b + c : Math.fma(a, b, c);
        }
        double product = a * b;
        double productError = productError(a, b, product);
        double low = c + productError;
        double lowError = error(c, productError, low);
        double high = product + low;
        double highError = error(product, low, high);
        double rest = lowError + highError;
        return high + odd(rest, error(lowError, highError, rest));
    }

    /** The rounding error of a product: a * b - product (Dekker 1971). */
    private static double productError(double a, double b, double product) {
        double highA = high(a);
        double lowA = a - highA;
        double highB = high(b);
        double lowB = b - highB;
        return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
    }

    private static double high(double x) {
        double scaled = SPLITTER * x;
        return scaled - (scaled - x);
    }

    /** The rounding error of a sum: a + b - sum (Knuth, The Art of Computer Programming 2, 4.2.2). */
    private static double error(double a, double b, double sum) {
        double part = sum - a;
        return a - (sum - part) + (b - part);
    }

    /**
     * Rounds an exact sum, given as its nearest double and the error of that, to odd: of the two doubles around it, the
     * one whose last bit is 1. An error of NaN, that of an infinite sum, changes nothing.
     */
    private static double odd(double sum, double error) {
        long bits = Double.doubleToRawLongBits(sum);
        if ((bits & 1) == 0 && Math.abs(error) > 0) {
            bits += (bits ^ Double.doubleToRawLongBits(error)) >> 63 | 1; // away from 0 if the signs are equal
        }
        return Double.longBitsToDouble(bits);
    }
}
