package nn.tensor.internal.thread;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Worker threads for one caller at a time: a caller that finds them busy, from another thread or inside a part,
 * computes alone. A caller waits only for parts that are being computed, so there is no deadlock.
 *
 * <p>A job is handed over by one compare-and-set of {@link #current}, which the workers watch. Each
 * free worker takes its own part first, then any that is left, and so does the caller; a worker that is late, or has no
 * core, costs little.
 *
 * <p>The waiting times were chosen by measurement; see PERFORMANCE.md, "Measurements behind the kernels".
 */
final class WorkerPool {
    /**
     * Multiply-adds in float, 3 to 5 microseconds of work, that pay for another thread if it spins.
     */
    static final double WORTH_A_THREAD = 1 << 18;

    /** Multiply-adds (some 60 microseconds) that pay for waking threads even if nothing else follows. */
    static final double WORTH_WAKING = 1 << 22;

    /**
     * Spin-wait limit when cores are free: longer than the pause between two products of a layer.
     */
    private static final long SPIN_NANOS = 100_000;

    /** Time to wait before parking while the pauses between operations are shorter than this; else no wait. */
    private static final long AWAKE_NANOS = 1_000_000;

    /** Workers count as without a core if the caller waits this much longer for them than it computed. */
    private static final long LOST_NANOS = 100_000;

    /**
     * Time that a worker stays parked before its thread ends; a later operation starts another one. A running thread
     * holds the class loader of its code, and so all of an application that was dropped. Starting a thread is cheap
     * compared with this pause.
     */
    private static final long KEEP_ALIVE_NANOS = 2_000_000_000;

    /** Polls between two readings of the clock. */
    private static final int LOOKS = 16;

    private final Worker[] workers;
    private final long keepAlive;

    /** The current job; null while the workers are free. */
    private final AtomicReference<@Nullable Job> current = new AtomicReference<>();

    /** The time of the last request for threads, or of the end of the last job: from then on workers wait awake. */
    private volatile long asked;

    private final Caution caution;

    WorkerPool(int size) {
        this(size, KEEP_ALIVE_NANOS);
    }

    /** Creates a pool with another time until a parked worker's thread ends. */
    WorkerPool(int size, long keepAliveNanos) {
        keepAlive = keepAliveNanos;
        workers = new Worker[size];
        long now = System.nanoTime();
        caution = new Caution(now);
        asked = now - AWAKE_NANOS;
        for (int i = 0; i < size; i++) {
            workers[i] = new Worker(i + 1);
        }
    }

    /** The number of workers with a thread. */
    int threadsAlive() {
        int alive = 0;
        for (Worker worker : workers) {
            alive += worker.state.get() == State.GONE ? 0 : 1;
        }
        return alive;
    }

    /** {@link Parallel#threads}: 1 while the workers are busy or have no core, or if waking them does not pay. */
    int threads(double work) {
        if (work < 2 * WORTH_A_THREAD) {
            return 1;
        }
        long now = System.nanoTime();
        boolean dense = now - asked < AWAKE_NANOS;
        asked = now;
        if (current.get() != null || caution.forbids(now) || !dense && work < WORTH_WAKING) {
            return 1;
        }
        return (int) Math.min(workers.length + 1, work / WORTH_A_THREAD);
    }

    /** {@link Parallel#run}. */
    void run(int parts, IntConsumer body) {
        Job job = new Job(parts, body);
        if (parts > 1 && current.compareAndSet(null, job)) {
            long start = System.nanoTime();
            wake(1, parts);
            job.work(0);
            if (!job.hasEnded()) {
                long ready = System.nanoTime();
                job.await();
                long end = System.nanoTime();
                long lost = end - ready - (ready - start);
                if (lost > LOST_NANOS) {
                    caution.note(lost, end);
                }
            }
            current.set(null);
            asked = System.nanoTime();
        } else {
            job.work(0);
        }
        job.passFailureOn();
    }

    /** The caller wakes worker 1, worker n wakes 2 n and 2 n + 1, as each wake-up takes long. */
    private void wake(int number, int parts) {
        if (number <= workers.length && number < parts) {
            workers[number - 1].wakeUp();
        }
    }

    /**
     * How long a caller computes alone after it has waited for a worker without a core. A virtual machine that stops a
     * core for a moment should cost little, and so should another program that keeps it busy: the caller is alone for
     * as long as it waited; for twice as long each time it waits again soon; and at most for {@link #MOST} times as
     * long, so that a busy machine costs 1/20.
     */
    static final class Caution {
        private static final int MOST = 20;

        private int multiple = 1; // of the last wait; changed only by the caller that the workers work for
        private volatile long end; // of the time alone

        Caution(long now) {
            end = now;
        }

        /** Whether the caller is to compute alone now. */
        boolean forbids(long now) {
            return now - end < 0;
        }

        /** Notes that the caller waited for some time, up to now. */
        void note(long waited, long now) {
            boolean soon = now - waited - end < MOST * waited;
            multiple = soon ? Math.min(2 * multiple, MOST) : 1;
            end = now + multiple * waited;
        }
    }

    private static final class Job {
        final int parts;
        private final IntConsumer body;
        private final AtomicIntegerArray taken; // 1 for a part that a thread has begun
        private final AtomicInteger open; // parts that no thread has begun
        private final AtomicInteger ended = new AtomicInteger();
        private volatile @Nullable Thread waiting; // null unless parked
        private @Nullable Throwable failure;
        private int failed;

        Job(int parts, IntConsumer body) {
            this.parts = parts;
            this.body = body;
            taken = new AtomicIntegerArray(parts);
            open = new AtomicInteger(parts);
        }

        /** Whether parts are left. */
        boolean isOpen() {
            return open.get() > 0;
        }

        boolean hasEnded() {
            return ended.get() == parts;
        }

        /**
         * Computes parts until all are taken, the one of the thread's own number first: from operation to operation
         * that is mostly the same part of the same data, which may still be in a cache of this thread's core.
         */
        void work(int first) {
            for (int i = 0; i < parts && isOpen(); i++) {
                int part = (first + i) % parts;
                if (taken.compareAndSet(part, 0, 1)) {
                    open.decrementAndGet();
                    try {
                        body.accept(part);
                    } catch (Throwable e) { // rethrown to the caller
                        note(part, e);
                    }
                    if (ended.incrementAndGet() == parts) {
                        LockSupport.unpark(waiting);
                    }
                }
            }
        }

        /** Returns when all parts have ended. */
        void await() {
            if (!comes(this::hasEnded, AWAKE_NANOS)) {
                park();
            }
        }

        private void park() {
            waiting = Thread.currentThread();
            boolean interrupted = false;
            while (!hasEnded()) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        private synchronized void note(int part, Throwable e) {
            if (failure == null || part < failed) {
                failure = e;
                failed = part;
            }
        }

        /** The failure of the first part that failed. */
        void passFailureOn() {
            switch (failure) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new IllegalStateException(failure);
            }
        }
    }

    private enum State {
        /** Has a thread that waits for work or does it. */
        AWAKE,
        /** Has a thread that is parked or about to park. */
        PARKED,
        /** Has no thread. */
        GONE
    }

    private final class Worker implements Runnable {
        private final int number;
        private final AtomicReference<State> state = new AtomicReference<>(State.GONE);
        private volatile @Nullable Thread thread;
        private long patience;

        Worker(int number) {
            this.number = number;
        }

        /** Wakes the worker for a job that has been handed over, unless it is spinning. */
        void wakeUp() {
            State now = state.get();
            if (now == State.PARKED) {
                LockSupport.unpark(thread);
            } else if (now == State.GONE && state.compareAndSet(State.GONE, State.AWAKE)) {
                start();
            }
        }

        private void start() {
            Thread next = new Thread(null, this, "nn-worker-" + number, 0, false);
            next.setDaemon(true);
            next.setContextClassLoader(ClassLoader.getSystemClassLoader()); // not the caller's: it would be held
            thread = next;
            patience = AWAKE_NANOS;
            try {
                next.start();
            } catch (OutOfMemoryError e) { // no room for a thread: the others do the work
                state.set(State.GONE);
            }
        }

        @Override
        public void run() {
            while (awaitWork()) {
                help();
            }
        }

        /** Waits for a job; returns false if the thread should end. */
        private boolean awaitWork() {
            long start = System.nanoTime();
            if (!comes(this::hasWork, patience)) {
                state.set(State.PARKED);
                while (!hasWork()) {
                    if (System.nanoTime() - start - patience > keepAlive) {
                        return stays();
                    }
                    LockSupport.parkNanos(WorkerPool.this, keepAlive);
                    Thread.interrupted(); // an interrupted thread does not park
                }
                state.set(State.AWAKE);
            }
            patience = System.nanoTime() - start < AWAKE_NANOS ? AWAKE_NANOS : 0;
            return true;
        }

        /** Gives up the thread, unless a job has come that no other thread was started for. */
        private boolean stays() {
            state.set(State.GONE);
            return hasWork() && state.compareAndSet(State.GONE, State.AWAKE);
        }

        private boolean hasWork() {
            Job job = current.get();
            return job != null && number < job.parts && job.isOpen();
        }

        /** A separate method, so that no frame of a waiting worker holds the arrays of a finished job. */
        private void help() {
            Job job = current.get();
            if (job != null) {
                wake(2 * number, job.parts);
                wake(2 * number + 1, job.parts);
                job.work(number);
            }
        }
    }

    /** Waits for an event, first spinning, then yielding; returns false on a timeout. */
    private static boolean comes(BooleanSupplier event, long nanos) {
        long start = System.nanoTime();
        for (long waited = 0; waited < nanos; waited = System.nanoTime() - start) {
            for (int look = 0; look < LOOKS; look++) {
                if (event.getAsBoolean()) {
                    return true;
                }
                if (waited < SPIN_NANOS) {
                    Thread.onSpinWait();
                } else {
                    Thread.yield();
                }
            }
        }
        return event.getAsBoolean();
    }
}
