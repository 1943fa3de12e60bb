package nn.tensor.internal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import nn.tensor.internal.product.ScalarMatmul;
import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.warmup.Operation;
import nn.tensor.internal.warmup.OperationSet;
import nn.tensor.internal.warmup.Trial;

/**
 * Gets the vector kernels compiled in the background. Until C2 has compiled it, each vector operation allocates an
 * object, and the code is a thousand times slower. So a thread runs each operation that the program has used often
 * enough until it is fast, one after the other; meanwhile the program uses scalar kernels, with the same bits. The
 * tiles of products are queued one by one, so that a function, such as tanh, does not wait for all of them; additions,
 * which are almost as fast in scalar code, wait at the end.
 *
 * <p>C2 compiles a method that has been called 5,000 times. Nearly all of these calls have nothing to do: each
 * operation on vectors that is not compiled calls a dozen methods of the Vector API, and if it is done a few thousand
 * times C2 compiles them as well, for most of a second, in vain. The few calls with data give C2 its profile.
 *
 * <p>Whichever method C2 compiles first, and however little it has seen of the others, the code makes no objects: loops
 * on vectors call no method of the project that takes or returns a vector, and all they carry from turn to turn are
 * arguments ({@code VectorFunctions}).
 */
final class VectorWarmUp implements Compiled {
    /** Empty calls between two readings of the clock. */
    private static final int CALLS = 1000;

    /** Calls that pass C2's threshold; from then on the thread waits. */
    private static final int ENOUGH = 5500;

    private static final int PAUSE_MILLIS = 5;

    /** Pauses before giving up, some 60 seconds; a JVM without C2 stays with scalar kernels. */
    private static final int MOST_PAUSES = 10_000;

    /** Pauses, some two seconds, after which a trial may take longer: the processor may be a slow one. */
    private static final int PAUSES_OF_FAST_PROCESSORS = 400;

    /** Factor of the limits of slow processors. */
    private static final int SLOWER = 4;

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
    private final long[] computed = new long[Operation.COUNT];

    /** Operations that are compiled or queued. */
    private final OperationSet asked = new OperationSet();

    /** Operations queued for compilation. */
    private final List<Operation> waiting = new ArrayList<>();

    /** Operations that are compiled. */
    private final OperationSet operations = new OperationSet();

    /** Operations whose trial has ended without success: they stay with scalar code. */
    private final OperationSet givenUp = new OperationSet();

    /** Begins: a program that is about to use tensors will multiply matrices, and needs the classes of vectors. */
    VectorWarmUp() {
        thread.execute(VectorWarmUp::prepare);
    }

    private static void prepare() {
        ScalarMatmul.warmUp();
        TieredKernels.loadVectors();
    }

    /** Whether an operation is compiled. If not, counts its elements, and queues it once compiling pays. */
    @Override
    public boolean has(Operation operation, int n) {
        return operations.has(operation) || count(operation, n);
    }

    private boolean count(Operation operation, int n) {
        int at = operation.ordinal();
        computed[at] += n;
        if (computed[at] > worthCompiling(operation.kind)) {
            ask(operation);
        }
        return false;
    }

    /** Elements computed by scalar code before compiling an operation pays. */
    private static int worthCompiling(Operation.Kind kind) {
        return switch (kind) {
            case SIMPLE, SUM, STEPS, TILES, MORE_TILES -> 1 << 22;
            case FUNCTION -> 1 << 21;
            case RANDOM -> 1 << 23;
        };
    }

    private synchronized void ask(Operation operation) {
        if (asked.add(operation)) {
            waiting.add(operation);
            thread.execute(this::compileNext);
        }
    }

    /** Takes the first of the waiting operations in their order. */
    private synchronized Operation next() {
        Operation first =
                Collections.min(waiting, Comparator.comparingInt(operation -> operation.kind.order())); // the earliest
        waiting.remove(first);
        return first;
    }

    private void compileNext() {
        Operation operation = next();
        if (becomesFast(WarmUpTrials.of(operation))) {
            operations.add(operation);
        } else {
            givenUp.add(operation);
        }
    }

    /**
     * Whether an operation's trial took too long, as it does in a JVM without C2.
     */
    boolean hasGivenUp(Operation operation) {
        return givenUp.has(operation);
    }

    /**
     * {@link #untilFast}; false as well if the heap is full: scalar kernels, with the same results, are then used.
     */
    private static boolean becomesFast(Trial trial) {
        try {
            return untilFast(trial);
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    /** Tries an operation or a tile until it is compiled; false if it never is. */
    private static boolean untilFast(Trial trial) {
        int pauses = 0; // counted rather than timed, for a process that is stopped for a while
        long limit = trial.fastNanos();
        for (int calls = 0; calls <= ENOUGH || !isFast(trial, limit); calls += CALLS) {
            if (pauses == PAUSES_OF_FAST_PROCESSORS) {
                limit *= SLOWER;
            }
            if (pauses == MOST_PAUSES) {
                return false;
            }
            boolean enough = calls > ENOUGH;
            call(trial, trial.callsForOneWithData(enough), enough);
            if (enough) {
                pauses++;
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
     * Some calls. Where data is needed seldom, those that only wait for C2 have none: they would make C2 compile
     * methods of the Vector API.
     */
    private static void call(Trial trial, int callsForOneWithData, boolean enough) {
        if (enough && callsForOneWithData == Trial.SELDOM) {
            trial.empty(CALLS);
            return;
        }
        int every = Math.min(CALLS, callsForOneWithData);
        for (int call = every; call <= CALLS; call += every) {
            trial.empty(every - 1);
            trial.withData();
        }
    }

    /**
     * Whether a timed call takes little longer than an empty one, whose time the interpreter determines. A thread may
     * be interrupted, so each is made more than once: an empty call that took long would make any kernel look fast.
     */
    private static boolean isFast(Trial trial, long limit) {
        long empty = Long.MAX_VALUE;
        long timed = Long.MAX_VALUE;
        for (int i = 0; i < 2; i++) {
            long start = System.nanoTime();
            trial.empty(1);
            long first = System.nanoTime();
            trial.empty(1);
            long second = System.nanoTime();
            trial.timed();
            timed = Math.min(timed, System.nanoTime() - second);
            empty = Math.min(empty, Math.min(first - start, second - first));
            if (timed > SLOWER * (limit + empty)) {
                return false;
            }
        }
        return timed - empty <= limit;
    }
}
