package nn.tensor.internal;

/**
 * Has the register tiles compiled beside the program. Until C2 has compiled it, each operation of a tile makes an
 * object, and the tile is a thousand times slower than after; and C2 takes 100 to 300 milliseconds over so long a method.
 * A program that computed its first products on tiles would wait for all of them. So a thread runs one after the other
 * on a little data until it is fast, those first that a program can least do without; meanwhile the scalar twin
 * computes, and then whatever is compiled. All of them give the same bits.
 *
 * <p>It also gives every JVM the same profile to compile the tiles by.
 */
final class VectorWarmUp {
    /** Calls between two looks at the clock. */
    private static final int CALLS = 50;

    /** Calls that pass the thresholds of C1 and C2 together; from then on the thread mostly waits for C2. */
    private static final int ENOUGH = 3000;

    /** A JVM that compiles late, or never, is not to be burdened meanwhile. */
    private static final int PAUSE_MILLIS = 5;

    /** Fewer are a compiled call: it takes some 300, or 20,000 and more. */
    private static final int FAST_NANOS = 3000;

    /** A JVM without C2 never gets there, and stays with the scalar twin. */
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private static volatile int compiled;

    private VectorWarmUp() {}

    /** The thread, started when the first large product comes. */
    private static final class Holder {
        static {
            Thread.ofPlatform().daemon().name("nn-warm-up").start(VectorWarmUp::run);
        }

        /** Touched to start the thread. */
        static void start() {}
    }

    /** What is compiled, 0 to {@link VectorMatmul#ALL}. */
    static int compiled() {
        Holder.start();
        return compiled;
    }

    private static void run() {
        long start = System.nanoTime();
        for (int next = VectorMatmul.ROW_BY_ROW; next <= VectorMatmul.ALL; next++) {
            int calls = 0;
            while (nanos(next) > FAST_NANOS) {
                if (System.nanoTime() - start > PATIENCE_NANOS) {
                    return;
                }
                for (int call = 0; call < CALLS; call++) {
                    VectorMatmul.compile(next, call % 2 == 0);
                }
                calls += CALLS;
                if (calls > ENOUGH) {
                    try {
                        Thread.sleep(PAUSE_MILLIS);
                    } catch (InterruptedException e) {
                        return;
                    }
                }
            }
            compiled = next;
        }
    }

    /** Of the fastest of a few calls: a thread may be held up. */
    private static long nanos(int what) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            long start = System.nanoTime();
            VectorMatmul.compile(what, true);
            least = Math.min(least, System.nanoTime() - start);
        }
        return least;
    }
}
