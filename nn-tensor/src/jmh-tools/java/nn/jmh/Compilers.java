package nn.jmh;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The JIT compilers of this JVM, which take a core and leave slow code running while they work. */
public final class Compilers {
    private static final int WINDOW = 500; // milliseconds
    private static final int BUSY = 25; // milliseconds of compilation in a window
    private static final int MOST = 120; // windows

    private static final long ASKING_NANOS = 2_000_000_000;

    private static final Set<String> SETTLED = ConcurrentHashMap.newKeySet(); // in this JVM

    private Compilers() {}

    /**
     * The first time in a JVM, runs a task for two seconds, and then waits until the compilers have had little to do
     * for a second, or for a minute at most. A task asks for its vector kernels one after the other, and they are
     * compiled when it has asked.
     *
     * @param name of the task
     * @param task what is measured then
     */
    public static void settle(String name, Runnable task) {
        if (!SETTLED.add(name)) {
            return;
        }
        long end = System.nanoTime() + ASKING_NANOS;
        while (System.nanoTime() < end) {
            task.run();
        }
        waitUntilIdle();
    }

    private static void waitUntilIdle() {
        CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
        int idle = 0;
        for (int i = 0; i < MOST && idle < 2; i++) {
            long before = compilers.getTotalCompilationTime();
            try {
                Thread.sleep(WINDOW);
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted", e);
            }
            idle = compilers.getTotalCompilationTime() - before < BUSY ? idle + 1 : 0;
        }
    }
}
