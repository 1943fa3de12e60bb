package nn.tensor.internal;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Workers that compute beside a caller, one caller at a time: whoever comes while they are taken, from another thread
 * or from inside a part, computes alone. So nobody waits for anything but parts that are being computed: no deadlock.
 *
 * <p>A job is handed over by one compare-and-set of {@link #current}, which the workers watch. Whoever has time takes
 * the next part, the caller too; a worker that is late, or has no core, costs little.
 *
 * <p>What measuring taught (two cores of a virtual machine, Sapphire Rapids, Linux 6.18, JDK 25):
 * <ul>
 *   <li>A watching worker begins 0.6 us after the call, and a run costs the caller 1 us in all. To wake a parked one
 *       takes the caller 13 us, and the worker begins after 35 to 45: longer than most products of a training step.
 *   <li>A worker that gives way ({@link Thread#yield}) begins as soon as one that spins, and leaves the core to C2 or
 *       another program. So it can watch for longer than the longest pause between the products of a step (0.2 to
 *       0.3 ms, the optimizer). With 0.05 ms a step of a recurrent network took 15 % longer.
 *   <li>Where other programs take the cores, a worker may hold a part for a time slice of 4 ms without running,
 *       as long as many steps. So a caller that had to wait for nothing computes alone for a while.
 *   <li>A worker that is woken is often put on the core of its caller, and may stay there for seconds, with the other
 *       core idle: one more reason to park rarely.
 * </ul>
 */
final class Crew {
    /**
     * Multiply-adds in float (3 to 5 microseconds) that pay for another thread if it watches. With half as many, a
     * product of 64 x 64 x 64 takes 6.1 us on two threads and 4.3 on one.
     */
    static final double WORTH_A_THREAD = 1 << 18;

    /** Multiply-adds (some 60 microseconds) that pay for waking threads even if nothing else follows. */
    static final double WORTH_WAKING = 1 << 22;

    /**
     * How long to watch with the core all for itself: longer than between two products of a layer. With 20 us, caller
     * and worker were on one core in a third of the samples of a run, with 100 us in none.
     */
    private static final long SPIN_NANOS = 100_000;

    /** How long to watch before parking if operations come densely, with pauses shorter than this; else not at all. */
    private static final long AWAKE_NANOS = 1_000_000;

    /** A wait for workers that is longer, by this, than the caller itself has computed: they have no core. */
    private static final long LOST_NANOS = 100_000;

    /** So many times as long as was lost the caller then computes alone: a busy machine costs a twentieth. */
    private static final int CAUTION = 20;

    /**
     * How long a worker stays parked before its thread ends; the next operation worth waking it starts another. A
     * running thread holds the class loader of its code, and so everything of an application that was dropped. To start
     * one takes some 0.1 ms, nothing against a pause so long.
     */
    private static final long KEEP_ALIVE_NANOS = 2_000_000_000;

    /** Looks between two at the clock. */
    private static final int LOOKS = 16;

    private final Worker[] workers;
    private final long keepAlive;

    /** What is being computed; null while the workers are free. */
    private final AtomicReference<Job> current = new AtomicReference<>();

    /** When somebody last asked for threads. */
    private volatile long asked;

    /** When workers may be used again. */
    private volatile long alone;

    Crew(int size) {
        this(size, KEEP_ALIVE_NANOS);
    }

    /** With another time until a parked worker's thread ends. */
    Crew(int size, long keepAliveNanos) {
        keepAlive = keepAliveNanos;
        workers = new Worker[size];
        alone = System.nanoTime();
        asked = alone - AWAKE_NANOS;
        for (int i = 0; i < size; i++) {
            workers[i] = new Worker(i + 1);
        }
    }

    /** How many workers have a thread. */
    int threadsAlive() {
        int alive = 0;
        for (Worker worker : workers) {
            alive += worker.state.get() == State.GONE ? 0 : 1;
        }
        return alive;
    }

    /** {@link Parallel#threads}: 1 while the workers are taken, or have no core, or sleep and are not worth waking. */
    int threads(double work) {
        if (work < 2 * WORTH_A_THREAD) {
            return 1;
        }
        long now = System.nanoTime();
        boolean dense = now - asked < AWAKE_NANOS;
        asked = now;
        if (current.get() != null || now - alone < 0 || !dense && work < WORTH_WAKING) {
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
            job.work();
            if (!job.hasEnded()) {
                long ready = System.nanoTime();
                job.await();
                long end = System.nanoTime();
                long lost = end - ready - (ready - start);
                if (lost > LOST_NANOS) {
                    alone = end + CAUTION * lost;
                }
            }
            current.set(null);
        } else {
            job.work();
        }
        job.passFailureOn();
    }

    /** The caller wakes worker 1, worker n wakes 2 n and 2 n + 1, for each takes so long. */
    private void wake(int number, int parts) {
        if (number <= workers.length && number < parts) {
            workers[number - 1].wakeUp();
        }
    }

    private static final class Job {
        final int parts;
        private final IntConsumer body;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();
        private volatile Thread waiting; // null unless parked
        private Throwable failure;
        private int failed;

        Job(int parts, IntConsumer body) {
            this.parts = parts;
            this.body = body;
        }

        /** Whether there are parts that nobody has taken. */
        boolean isOpen() {
            return next.get() < parts;
        }

        boolean hasEnded() {
            return ended.get() == parts;
        }

        /** Computes parts until all are taken. */
        void work() {
            while (isOpen()) {
                int part = next.getAndIncrement();
                if (part < parts) {
                    try {
                        body.accept(part);
                    } catch (Throwable e) { // the caller's to handle, whatever it is
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

        /** Of the first part that failed. */
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
        /** Has a thread, which watches for work or does it. */
        AWAKE,
        /** Has a thread, which is parked or about to be. */
        PARKED,
        /** Has no thread. */
        GONE
    }

    private final class Worker implements Runnable {
        private final int number;
        private final AtomicReference<State> state = new AtomicReference<>(State.GONE);
        private volatile Thread thread;
        private long patience;

        Worker(int number) {
            this.number = number;
        }

        /** For a job that has been handed over: a worker that watches sees it by itself. */
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
            } catch (OutOfMemoryError e) { // no room for a thread: the others, or the caller alone, do the work
                state.set(State.GONE);
            }
        }

        @Override
        public void run() {
            while (awaitWork()) {
                help();
            }
        }

        /** False if none came for so long that the thread has to end. */
        private boolean awaitWork() {
            long start = System.nanoTime();
            if (!comes(this::hasWork, patience)) {
                state.set(State.PARKED);
                while (!hasWork()) {
                    if (System.nanoTime() - start - patience > keepAlive) {
                        return stays();
                    }
                    LockSupport.parkNanos(Crew.this, keepAlive);
                    Thread.interrupted(); // would keep it from parking
                }
                state.set(State.AWAKE);
            }
            patience = System.nanoTime() - start < AWAKE_NANOS ? AWAKE_NANOS : 0;
            return true;
        }

        /** Gives up the thread, unless a job came meanwhile and nobody has started another thread for it. */
        private boolean stays() {
            state.set(State.GONE);
            return hasWork() && state.compareAndSet(State.GONE, State.AWAKE);
        }

        private boolean hasWork() {
            Job job = current.get();
            return job != null && number < job.parts && job.isOpen();
        }

        /** Not part of the loop, so that no frame of a waiting worker holds the arrays of a job that has ended. */
        private void help() {
            Job job = current.get();
            if (job != null) {
                wake(2 * number, job.parts);
                wake(2 * number + 1, job.parts);
                job.work();
            }
        }
    }

    /** Waits for an event: first on the core, then giving way to whoever wants the core; false if it does not come. */
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
