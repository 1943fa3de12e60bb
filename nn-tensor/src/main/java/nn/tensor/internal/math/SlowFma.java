package nn.tensor.internal.math;

/**
 * Finds out whether {@link Math#fma} is an instruction here. Where it is not, the JVM computes it with {@link
 * java.math.BigDecimal}: the same bits, but half a microsecond for each.
 *
 * <p>It measures time, because the only API for this is in the module jdk.management, which a small image lacks. An
 * instruction takes nanoseconds, also in the interpreter. A sum in BigDecimal of numbers that are 74 orders of
 * magnitude apart takes several microseconds, also when it is compiled. The fastest of several trials counts, so a busy
 * machine causes no false alarm; where it is an instruction, the first trial ends the search.
 */
public final class SlowFma {
    private static final int TRIALS = 20;
    private static final int CALLS = 8;

    /** Threshold between the two, a factor of ten or more from either. */
    private static final long LIMIT_NANOS = 1000L * CALLS;

    private SlowFma() {}

    /** Whether there is no such instruction, or the JVM does not use it. */
    public static boolean isPresent() {
        for (int trial = 0; trial < TRIALS; trial++) {
            if (nanos() <= LIMIT_NANOS) {
                return false;
            }
        }
        return true;
    }

    private static long nanos() {
        float sum = 0;
        long start = System.nanoTime();
        for (int call = 0; call < CALLS; call++) {
            sum += Math.fma(1.1e18f, 1.3e18f + call, 1.7e-38f);
        }
        long nanos = System.nanoTime() - start;
        return sum > 0 ? nanos : 0; // the sum is used, so that no compiler removes the loop
    }
}
