package nn.tensor.internal.warmup;

/**
 * Calls of one vector kernel that make C2 compile it, for {@code VectorWarmUp}: empty ones, ones with a little data,
 * and ones that show by their time whether it is compiled.
 */
public abstract class Trial {
    /** Where hardly any call is to have data: the last of each round has some. */
    public static final int SELDOM = Integer.MAX_VALUE;

    /** Nanoseconds below which a trial counts as compiled: a compiled one takes 50 to 1500, another 10,000 and more. */
    public static final int FAST_NANOS = 3000;

    /**
     * Calls the kernel with nothing to do.
     *
     * @param times the number of calls
     */
    public abstract void empty(int times);

    /** Calls the kernel with the data that C2 takes its profile from. */
    public abstract void withData();

    /** Calls the kernel with so much data that only compiled code is fast. */
    public abstract void timed();

    /** The nanoseconds below which {@link #timed} shows that the kernel is compiled. */
    public int fastNanos() {
        return FAST_NANOS;
    }

    /**
     * The number of calls of which one has data.
     *
     * @param enough whether there have been enough calls for C2 to compile the kernel
     */
    public abstract int callsForOneWithData(boolean enough);
}
