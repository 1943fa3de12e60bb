package nn.jmh;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/** The JIT compilers of this JVM, which take a core and leave slow code running while they work. */
public final class Compilers {
    private static final long WINDOW = 500_000_000; // nanoseconds
    private static final int BUSY = 25; // milliseconds of compilation in a window
    private static final int LEAST = 4; // windows
    private static final int MOST = 40;

    private Compilers() {}

    /**
     * Runs a task for two seconds, and then until the compilers have had little to do for a second, or for 20 seconds
     * at most. A task asks for its vector kernels one after the other, and methods around them are compiled for good
     * after thousands of calls: on a busy machine, a step of a small network made 48 bytes in its first seven seconds,
     * and this does not always run so long.
     *
     * @param task what is measured then
     */
    public static void settle(Runnable task) {
        CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
        int idle = 0;
        for (int i = 0; i < MOST && (i < LEAST || idle < 2); i++) {
            long before = compilers.getTotalCompilationTime();
            long end = System.nanoTime() + WINDOW;
            do {
                task.run();
            } while (System.nanoTime() < end);
            idle = compilers.getTotalCompilationTime() - before < BUSY ? idle + 1 : 0;
        }
    }
}
