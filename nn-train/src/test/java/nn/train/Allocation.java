package nn.train;

/** Measures the memory that code allocates. */
public final class Allocation {
    private Allocation() {}

    /**
     * Returns the bytes that the current thread has allocated. By reflection, as this module needs no java.management.
     */
    public static long soFar() {
        try {
            Object bean = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            return (long) Class.forName("com.sun.management.ThreadMXBean")
                    .getMethod("getThreadAllocatedBytes", long.class)
                    .invoke(bean, Thread.currentThread().threadId());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
