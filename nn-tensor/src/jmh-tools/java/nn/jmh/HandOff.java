package nn.jmh;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long a cache line takes from one core to another. Every job that threads share needs it, and every number that
 * one thread has computed and another reads. In a virtual machine it depends on where the host runs the two cores, and
 * changes within seconds: on an AMD EPYC it was 50 or 250 ns. So a table of two threads has it in each row.
 */
final class HandOff {
    private static final int TRIPS = 500; // of a trial
    private static final int TRIALS = 6;
    private static final int THERE = 32; // indices in cache lines of their own
    private static final int BACK = 64;
    private static final int LENGTH = 96;

    private HandOff() {}

    /** Nanoseconds for one way, in the fastest of some trials; it takes up to two milliseconds. */
    static double nanos() {
        AtomicLongArray lines = new AtomicLongArray(LENGTH);
        Thread other = new Thread(() -> {
            for (long trip = 1; trip <= TRIALS * TRIPS; trip++) {
                await(lines, THERE, trip);
                lines.set(BACK, trip);
            }
        });
        other.setDaemon(true);
        other.start();
        double least = Double.POSITIVE_INFINITY;
        long trip = 0;
        for (int i = 0; i < TRIALS; i++) {
            long start = System.nanoTime();
            for (int k = 0; k < TRIPS; k++) {
                trip++;
                lines.set(THERE, trip);
                await(lines, BACK, trip);
            }
            least = Math.min(least, (System.nanoTime() - start) / (2.0 * TRIPS));
        }
        return least;
    }

    private static void await(AtomicLongArray lines, int index, long value) {
        while (lines.get(index) != value) {
            Thread.onSpinWait();
        }
    }
}
