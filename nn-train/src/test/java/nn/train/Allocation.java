package nn.train;

/** How much memory a piece of code takes. */
public final class Allocation {
    private Allocation() {}

    /**
     * Bytes that the current thread has allocated since it began. By reflection: this module needs no java.management.
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
