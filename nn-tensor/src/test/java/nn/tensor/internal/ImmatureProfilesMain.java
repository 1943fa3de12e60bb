package nn.tensor.internal;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import nn.tensor.internal.warmup.Operation;
import nn.tensor.internal.warmup.Trial;

/**
 * Waits until each operation that it is given is compiled, and prints how many bytes a trial of it then allocates; -1
 * if it is not compiled after ten seconds.
 */
final class ImmatureProfilesMain {
    private static final int ENOUGH = 1 << 24;
    private static final int TRIALS = 1000;

    private ImmatureProfilesMain() {}

    public static void main(String[] args) throws InterruptedException {
        for (String name : args) {
            Operation operation = Operation.valueOf(name);
            System.out.println(name + " " + bytes(operation) + " bytes");
        }
        System.exit(0); // not after the warm-up's patience
    }

    private static long bytes(Operation operation) throws InterruptedException {
        VectorWarmUp warmUp = new VectorWarmUp();
        long start = System.nanoTime();
        while (!warmUp.has(operation, ENOUGH)) {
            if (System.nanoTime() - start > Duration.ofSeconds(10).toNanos()) {
                return -1;
            }
            Thread.sleep(5);
        }
        Trial trial = WarmUpTrials.of(operation);
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        trial.timed(); // makes this thread's scratch
        long before = thread.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < TRIALS; i++) {
            trial.timed();
        }
        return (thread.getCurrentThreadAllocatedBytes() - before) / TRIALS;
    }
}
