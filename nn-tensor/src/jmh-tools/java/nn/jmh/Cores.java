package nn.jmh;

import java.util.Locale;

/**
 * How fast the cores are at the moment. In a virtual machine, another guest may use the same core: multiply-adds on
 * registers alone then ran at 120 GFLOP/s instead of 175, for some tenths of a second to minutes.
 */
final class Cores {
    private static final int TIMES = 4; // 30 to 60 us
    private static final long WARM_UP = 500_000_000; // nanoseconds

    /**
     * How the cores were in some turns.
     *
     * @param fastest their greatest speed, in GFLOP/s
     * @param undisturbed turns
     * @param turns all
     */
    record Report(double fastest, int undisturbed, int turns) {
        static final Report NONE = new Report(0, 0, 0);

        /** Reads a {@link #line}. */
        static Report of(String line) {
            String[] cells = line.split("\t");
            return new Report(Double.parseDouble(cells[0]), Integer.parseInt(cells[1]), Integer.parseInt(cells[2]));
        }

        String line() {
            return fastest + "\t" + undisturbed + "\t" + turns;
        }

        Report with(Report other) {
            return new Report(Math.max(fastest, other.fastest), undisturbed + other.undisturbed, turns + other.turns);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "cores: %.0f GFLOP/s, undisturbed in %d of %d turns", fastest, undisturbed, turns);
        }
    }

    private final int threads;
    private float half = 0.5f; // not known to the compiler
    private float one = 1;

    /** @param threads how many cores are used */
    Cores(int threads) {
        this.threads = threads;
        long end = System.nanoTime() + WARM_UP;
        while (System.nanoTime() < end) {
            one = ofThisThread() > 0 ? 1 : half;
        }
    }

    /** Multiply-adds on registers now, in GFLOP/s of the slowest core. */
    double speed() {
        double[] speeds = new double[threads];
        Thread[] others = new Thread[threads - 1];
        for (int i = 0; i < others.length; i++) {
            int at = i + 1;
            others[i] = new Thread(() -> speeds[at] = ofThisThread());
            others[i].start();
        }
        speeds[0] = ofThisThread();
        double least = speeds[0];
        for (int i = 0; i < others.length; i++) {
            try {
                others[i].join();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted", e);
            }
            least = Math.min(least, speeds[i + 1]);
        }
        return least;
    }

    private double ofThisThread() {
        long start = System.nanoTime();
        float sum = 0;
        for (int i = 0; i < TIMES; i++) {
            sum += FmaPeak.run(half, one);
        }
        double nanos = System.nanoTime() - start;
        return sum > 0 ? (double) TIMES * FmaPeak.FLOPS / nanos : 0; // the sum must not be left out
    }
}
