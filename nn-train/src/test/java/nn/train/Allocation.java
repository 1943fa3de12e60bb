package nn.train;

/** Measures the memory that code allocates, and the time of the processor that it takes. */
public final class Allocation {
    private Allocation() {}

    /**
     * Returns the bytes that the current thread has allocated. By reflection, as this module needs no java.management.
     */
    public static long soFar() {
        return ofThisThread("getThreadAllocatedBytes");
    }

    /**
     * Runs an action up to three times, until it allocates fewer bytes than the given number, and returns the least
     * that it allocated. Each operation on vectors makes objects while the JVM compiles its code again, a hundred
     * bytes and more for sixteen numbers: that is not the action's own memory, and ends soon.
     */
    public static <E extends Exception> long least(long enough, Action<E> action) throws E {
        long least = Long.MAX_VALUE;
        for (int run = 0; run < 3 && least >= enough; run++) {
            long before = soFar();
            action.run();
            least = Math.min(least, soFar() - before);
        }
        return least;
    }

    /** What is measured. */
    public interface Action<E extends Exception> {
        void run() throws E;
    }

    /** Returns the nanoseconds for which the current thread had a processor: pauses do not count. */
    public static long processorTimeSoFar() {
        return ofThisThread("getThreadCpuTime");
    }

    private static long ofThisThread(String method) {
        try {
            Object bean = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            return (long) Class.forName("com.sun.management.ThreadMXBean")
                    .getMethod(method, long.class)
                    .invoke(bean, Thread.currentThread().threadId());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
