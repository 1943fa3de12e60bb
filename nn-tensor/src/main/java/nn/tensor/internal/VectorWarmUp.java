package nn.tensor.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Gets the vector kernels compiled in the background. Until C2 has compiled it, each vector operation allocates an
 * object, and the code is a thousand times slower. So a thread runs each operation that the program has used often
 * enough until it is fast, one after the other; meanwhile the program uses scalar kernels, with the same bits. The
 * tiles of products are queued one by one, so that a function, such as tanh, does not wait for all of them; additions,
 * which are almost as fast in scalar code, wait at the end.
 *
 * <p>C2 compiles a method that has been called 5,000 times. Nearly all of these calls have nothing to do: each
 * operation on vectors that is not compiled calls a dozen methods of the Vector API, and if it is done a few thousand
 * times C2 compiles them as well, for most of a second, in vain. The few calls with data give C2 its
 * profile.
 */
final class VectorWarmUp {
    static final int ADD = 0;
    static final int SUBTRACT = 1;
    static final int MULTIPLY = 2;
    static final int SCALE = 3;
    static final int ADD_SCALED = 4;
    static final int RELU = 5;
    static final int RELU_GRAD = 6;
    static final int TANH_GRAD = 7;
    static final int MAX_ABS = 8;
    static final int TRANSPOSE = 9;

    /** Products with a transposed right side for few rows; counted in elements of the right side. */
    static final int TRANSPOSED_PRODUCTS = 10;

    static final int EXP = 11;
    static final int LOG = 12;
    static final int TANH = 13;
    static final int SIGMOID = 14;

    /** All products in double; counted in rows of a strip times inner steps. */
    static final int DOUBLES = 15;

    static final int UNIFORM = 16;
    static final int NORMAL = 17;

    /**
     * With an inner size of 1 to {@link VectorMatmul#MOST_STEPS} added, a product of that size; its elements are C's.
     */
    static final int PRODUCTS_BY_STEPS = NORMAL;

    private static final int OPERATIONS = PRODUCTS_BY_STEPS + 1 + VectorMatmul.MOST_STEPS;

    static {
        if (OPERATIONS > Integer.SIZE) { // sets of operations are bits of an int
            throw new AssertionError(OPERATIONS + " operations do not fit into " + Integer.SIZE + " bits");
        }
    }

    /**
     * Elements computed by scalar code before compiling an operation pays.
     */
    private static final int WORTH_COMPILING = 1 << 22;

    /** The same for functions, from {@link #EXP} on, which gain more and take longer to compile. */
    private static final int FUNCTION_WORTH_COMPILING = 1 << 21;

    /** The same for random numbers, whose code is the longest: most programs draw their weights once. */
    private static final int RANDOM_WORTH_COMPILING = 1 << 23;

    /** Elements of an operation's trial, and of a function's. */
    private static final int TRIAL = 1024;

    private static final int FUNCTION_TRIAL = 256;

    /** Elements of a function in calls that only give C2 a profile: one to four vectors and more. */
    private static final int FEW = 32;

    /** Empty calls between two readings of the clock. */
    private static final int CALLS = 1000;

    /** Calls that pass C2's threshold; from then on the thread waits. */
    private static final int ENOUGH = 5500;

    private static final int PAUSE_MILLIS = 5;

    /** Nanoseconds below which a trial counts as compiled: a compiled one takes 50 to 1000, another 10,000 and more. */
    private static final int FAST_NANOS = 3000;

    /** Trials before giving up; a JVM without C2 stays with scalar kernels. */
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    /**
     * Without the caller's class loader and thread locals: an application that is dropped together with these classes
     * can then be collected, and the executor ends its thread.
     */
    private final ExecutorService thread = Executors.newSingleThreadExecutor(Thread.ofPlatform()
            .daemon()
            .name("nn-warm-up")
            .inheritInheritableThreadLocals(false)
            .factory());

    /** Approximate number of elements that each operation computed by scalar code: threads may overwrite counts. */
    private final long[] computed = new long[OPERATIONS];

    /** Bit i: operation i is compiled or queued. */
    private int asked;

    private boolean askedForTiles;
    private boolean tilesUnderWay;

    /** Operations queued for compilation. */
    private final List<Integer> afterTiles = new ArrayList<>();

    /** Bit i: operation i is compiled. */
    private volatile int operations;

    private volatile int tiles;

    /**
     * Whether an operation is compiled. If not, counts its elements, and queues it once compiling pays.
     *
     * @param operation {@link #ADD} to {@link #NORMAL}, or {@link #PRODUCTS_BY_STEPS} and an inner size
     * @param n the number of elements that the caller is about to compute
     */
    boolean compiled(int operation, int n) {
        return (operations >>> operation & 1) != 0 || count(operation, n);
    }

    private boolean count(int operation, int n) {
        computed[operation] += n;
        if (computed[operation] > worth(operation)) {
            ask(operation);
        }
        return false;
    }

    private static int worth(int operation) {
        return operation > PRODUCTS_BY_STEPS
                ? WORTH_COMPILING
                : operation >= UNIFORM
                        ? RANDOM_WORTH_COMPILING
                        : operation >= EXP ? FUNCTION_WORTH_COMPILING : WORTH_COMPILING;
    }

    private synchronized void ask(int operation) {
        if ((asked >>> operation & 1) == 0) {
            asked |= 1 << operation;
            if (operation < EXP && tilesUnderWay) {
                afterTiles.add(operation);
            } else {
                thread.execute(() -> compile(operation));
            }
        }
    }

    private void compile(int operation) {
        if (becomesFast(operation)) {
            operations |= 1 << operation;
        }
    }

    /** The compiled tiles, 0 to {@link VectorMatmul#ALL}. The first call starts compiling them. */
    int tiles() {
        int now = tiles;
        if (now == 0) {
            askForTiles();
        }
        return now;
    }

    private synchronized void askForTiles() {
        if (!askedForTiles) {
            askedForTiles = true;
            tilesUnderWay = true;
            thread.execute(() -> compileTile(VectorMatmul.ROW_BY_ROW));
        }
    }

    private void compileTile(int tile) {
        boolean fast = becomesFast(OPERATIONS + tile);
        if (fast) {
            tiles = tile;
        }
        if (fast && tile < VectorMatmul.ALL) {
            thread.execute(() -> compileTile(tile + 1));
        } else {
            endTiles();
        }
    }

    private synchronized void endTiles() {
        tilesUnderWay = false;
        afterTiles.forEach(operation -> thread.execute(() -> compile(operation)));
    }

    /**
     * {@link #untilFast}; false as well if the heap is full: scalar kernels, with the same results, are then used.
     */
    private static boolean becomesFast(int what) {
        try {
            return untilFast(what);
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    /** Tries an operation or a tile until it is compiled; false if it never is. */
    private static boolean untilFast(int what) {
        long start = System.nanoTime();
        for (int calls = 0; nanos(what) > FAST_NANOS; calls += CALLS) {
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                return false;
            }
            int every = every(what, calls);
            for (int call = 1; call <= CALLS; call++) {
                trial(what, call % every == 0 ? few(what) : 0);
            }
            if (calls > ENOUGH) {
                try {
                    Thread.sleep(PAUSE_MILLIS);
                } catch (InterruptedException e) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * The interval of calls with data. Of the methods that a function's loop calls, C2 inlines only those that run at
     * every fourth call or more often; methods that leave the loop to another method get data in every call.
     */
    private static int every(int what, int calls) {
        if (what > PRODUCTS_BY_STEPS || what < EXP && calls > ENOUGH) {
            return CALLS + 1;
        }
        return what >= UNIFORM ? 1 : what >= EXP ? 4 : 8;
    }

    /** The number of elements of a call with data. C2 unrolls the loop of an operation according to it. */
    private static int few(int what) {
        return what >= UNIFORM ? ScalarRandom.GROUP : what >= EXP ? FEW : TRIAL;
    }

    /** The time of the faster of two trials, as a thread may be interrupted. */
    private static long nanos(int what) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 2; i++) {
            long start = System.nanoTime();
            trial(what, what >= EXP ? FUNCTION_TRIAL : TRIAL);
            least = Math.min(least, System.nanoTime() - start);
        }
        return least;
    }

    /** Runs a trial with n elements, or with the size of a product; with no data if n is 0. */
    private static void trial(int what, int n) {
        if (what > OPERATIONS) {
            VectorMatmul.trial(what - OPERATIONS, n == 0);
            return;
        }
        if (what > PRODUCTS_BY_STEPS) {
            VectorMatmul.trialOfStrips(what - PRODUCTS_BY_STEPS, n == 0);
            return;
        }
        float[] x = Scratch.BLOCK.floats(2 * TRIAL);
        float[] y = Scratch.PANEL.floats(2 * TRIAL);
        switch (what) {
            case ADD -> VectorElementwise.add(x, 0, x, 1, y, 0, n);
            case SUBTRACT -> VectorElementwise.subtract(x, 0, x, 1, y, 0, n);
            case MULTIPLY -> VectorElementwise.multiply(x, 0, x, 1, y, 0, n);
            case SCALE -> VectorElementwise.scale(0.5f, x, 0, y, 1, n);
            case ADD_SCALED -> VectorElementwise.addScaled(0.5f, x, 0, y, 1, n);
            case RELU -> VectorElementwise.relu(x, 0, y, 1, n);
            case RELU_GRAD -> VectorFunctions.reluGrad(x, 0, y, 1, y, 1, n);
            case TANH_GRAD -> VectorElementwise.tanhGrad(x, 0, y, 1, y, 1, n);
            case MAX_ABS -> VectorElementwise.maxAbs(x, 1, n);
            case TRANSPOSE -> VectorTranspose.trial(n, x, y);
            case TRANSPOSED_PRODUCTS -> VectorTranspose.trialOfProducts(n, x, y);
            case EXP -> VectorFunctions.exp(x, 0, y, 1, n);
            case LOG -> VectorFunctions.log(x, 0, y, 1, n);
            case TANH -> VectorFunctions.tanh(x, 0, y, 1, n);
            case SIGMOID -> VectorFunctions.sigmoid(x, 0, y, 1, n);
            case DOUBLES -> VectorDoubleMatmul.trial(n == 0);
            case UNIFORM -> VectorRandom.uniform(1, 2, 0, y, 1, n);
            case NORMAL -> VectorRandom.normal(1, 2, 0, y, 1, n);
            default -> throw new IllegalArgumentException("no operation has the number " + what);
        }
    }
}
