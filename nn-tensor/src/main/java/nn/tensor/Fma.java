package nn.tensor;

import nn.tensor.internal.math.Fused;

/**
 * Fused multiply-add: {@code a * b + c}, rounded once. The bits are those of {@link Math#fma}, and where the JVM has
 * the instruction, this is that method. Where it has not, {@code Math.fma} computes with {@link java.math.BigDecimal},
 * and this class with a few additions and products of doubles, some hundred times faster. Code that runs for each
 * element of a tensor should use it instead of {@code Math.fma}.
 *
 * <p>The method is that of S. Boldo and G. Melquiond, <i>Emulation of FMA and correctly rounded sums: proved algorithms
 * using rounding to odd</i>, IEEE Transactions on Computers 57, 2008.
 */
public final class Fma {
    private Fma() {}

    /**
     * Returns whether this JVM has the instruction.
     *
     * @return false with {@code -XX:-UseFMA}, or on a processor without it
     */
    public static boolean isInstruction() {
        return Fused.isInstruction();
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
        return Fused.fma(a, b, c);
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
        return Fused.fma(a, b, c);
    }
}
