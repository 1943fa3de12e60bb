package nn.tensor.internal;

import java.time.Duration;
import nn.tensor.internal.warmup.Operation;
import nn.tensor.internal.warmup.Trial;

/**
 * Waits until each operation that it is given is compiled, and prints how many bytes a trial of it then allocates; -1
 * if it is not compiled after a minute.
 */
final class ImmatureProfilesMain {
    private static final int ENOUGH = 1 << 24;
    private static final int TRIALS = 10_000; // beside which the objects of reflection do not count

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
            if (System.nanoTime() - start > Duration.ofMinutes(1).toNanos()) {
                return -1;
            }
            Thread.sleep(5);
        }
        Trial trial = WarmUpTrials.of(operation);
        trial.timed(); // makes this thread's scratch
        long before = allocated();
        for (int i = 0; i < TRIALS; i++) {
            trial.timed();
        }
        return (allocated() - before) / TRIALS;
    }

    /** The bytes that this thread has allocated. By reflection, as this module needs no java.management. */
    private static long allocated() {
        try {
            Object bean = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            return (long) Class.forName("com.sun.management.ThreadMXBean")
                    .getMethod("getCurrentThreadAllocatedBytes")
                    .invoke(bean);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
