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
