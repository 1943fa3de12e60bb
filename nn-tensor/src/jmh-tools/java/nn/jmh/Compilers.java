package nn.jmh;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/** The JIT compilers of this JVM, which take a core and leave slow code running while they work. */
public final class Compilers {
    private static final int WINDOW = 500; // milliseconds
    private static final int BUSY = 25; // milliseconds of compilation in a window
    private static final int MOST = 120; // windows

    private Compilers() {}

    /** Waits until the compilers have had little to do for a second, or for a minute at most. */
    public static void settle() {
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
