package nn.tensor.internal.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The time-out only ends a build that hangs. Sleeps vary the state of the workers; no result depends on a clock. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerPoolTest {
    private static final int PATIENCE_SECONDS = 600;

    private final WorkerPool pool = new WorkerPool(3);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 7})
    void everyPartRunsOnceAndHasEndedWhenTheRunReturns(int workers) {
        WorkerPool pool = new WorkerPool(workers);
        for (int parts = 1; parts <= 1000; parts++) {
            AtomicIntegerArray ran = new AtomicIntegerArray(parts);
            int[] written = new int[parts]; // plain: what a part wrote is seen by the caller
            pool.run(parts, part -> {
                ran.incrementAndGet(part);
                written[part] = part + 1;
            });
            for (int part = 0; part < parts; part++) {
                assertThat(ran.get(part)).isEqualTo(1);
                assertThat(written[part]).isEqualTo(part + 1);
            }
        }
    }

    @Test
    void partsRunAtTheSameTimeWhetherWorkersSpinOrSleep() throws InterruptedException {
        for (int pauseMillis : new int[] {0, 0, 30, 0, 1, 2, 30, 30, 0}) {
            Thread.sleep(pauseMillis);
            CountDownLatch all = new CountDownLatch(4);
            AtomicInteger together = new AtomicInteger();
            pool.run(4, part -> {
                all.countDown();
                if (reachesZero(all)) {
                    together.incrementAndGet();
                }
            });
            assertThat(together).hasValue(4);
        }
    }

    private static boolean reachesZero(CountDownLatch latch) {
        try {
            return latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theFirstFailureIsThrownAfterAllPartsHaveEnded() {
        for (int round = 0; round < 200; round++) {
            AtomicInteger ended = new AtomicInteger();
            assertThatThrownBy(() -> pool.run(20, part -> {
                        ended.incrementAndGet();
                        if (part >= 7 && part % 3 == 1) {
                            throw new IllegalArgumentException("part " + part);
                        }
                    }))
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessage("part 7");
            assertThat(ended).hasValue(20);
        }
    }

    @Test
    void errorsAreRethrownAndCheckedExceptionsWrapped() {
        assertThatThrownBy(() -> pool.run(3, part -> {
                    throw new AssertionError("wrong");
                }))
                .isExactlyInstanceOf(AssertionError.class)
                .hasMessage("wrong");
        IOException checked = new IOException("no file");
        assertThatThrownBy(() -> pool.run(3, part -> WorkerPoolTest.<RuntimeException>sneak(checked)))
                .isExactlyInstanceOf(IllegalStateException.class)
                .hasCause(checked);
        assertThat(sumOfParts(pool, 50)).isEqualTo(1275); // it still works
    }

    @SuppressWarnings("unchecked") // that is the trick
    private static <E extends Throwable> void sneak(Throwable e) throws E {
        throw (E) e;
    }

    private static int sumOfParts(WorkerPool pool, int parts) {
        int[] values = new int[parts];
        pool.run(parts, part -> values[part] = part + 1);
        int sum = 0;
        for (int value : values) {
            sum += value;
        }
        return sum;
    }

    @Test
    void partsMayRunParts() {
        for (int round = 0; round < 100; round++) {
            int[] sums = new int[9];
            pool.run(
                    9,
                    outer -> pool.run(2, inner -> {
                        if (inner == 1) {
                            sums[outer] = sumOfParts(pool, 10 * (outer + 1));
                        }
                    }));
            for (int outer = 0; outer < 9; outer++) {
                int parts = 10 * (outer + 1);
                assertThat(sums[outer]).isEqualTo(parts * (parts + 1) / 2);
            }
        }
    }

    @Test
    void eightConcurrentCallersEachGetTheirOwnResults() throws Exception {
        CyclicBarrier start = new CyclicBarrier(8);
        List<Callable<Integer>> callers = new ArrayList<>();
        for (int caller = 0; caller < 8; caller++) {
            int parts = 2 + caller;
            callers.add(() -> {
                start.await();
                for (int round = 0; round < 2000; round++) {
                    if (sumOfParts(pool, parts) != parts * (parts + 1) / 2) {
                        return round;
                    }
                    if (round % 500 == 0) {
                        assertThatThrownBy(() -> pool.run(parts, part -> {
                                    throw new IllegalStateException("of " + parts);
                                }))
                                .hasMessage("of " + parts);
                    }
                }
                return -1;
            });
        }
        try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
            for (Future<Integer> wrongRound : pool.invokeAll(callers)) {
                assertThat(wrongRound.get()).isEqualTo(-1);
            }
        }
    }

    @Test
    void aHundredThousandTinyJobsAllRun() {
        long[] sums = new long[4 * 16];
        int jobs = 100_000;
        for (int job = 0; job < jobs; job++) {
            int add = job;
            pool.run(2 + job % 3, part -> sums[16 * part] += add);
        }
        assertThat(sums[0]).isEqualTo(jobs * (jobs - 1L) / 2);
        assertThat(sums[16]).isEqualTo(sums[0]);
        long last = 0;
        for (int job = 2; job < jobs; job += 3) {
            last += job;
        }
        assertThat(sums[48]).isEqualTo(last);
    }

    @Test
    void anInterruptedCallerWaitsForAllPartsAndStaysInterrupted() {
        AtomicInteger ended = new AtomicInteger();
        oneWorkerTakes(20, ended);
        assertThat(ended).hasValue(2);
        assertThat(Thread.interrupted()).isTrue();
    }

    /** Two parts: the caller's ends, with the caller interrupted, when a worker has begun the other. */
    private void oneWorkerTakes(long millis, AtomicInteger ended) {
        Thread caller = Thread.currentThread();
        CountDownLatch begun = new CountDownLatch(1);
        pool.run(2, part -> {
            if (Thread.currentThread() == caller) {
                reachesZero(begun);
                caller.interrupt();
            } else {
                begun.countDown();
                sleep(millis);
            }
            ended.incrementAndGet();
        });
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aCallerComputesAloneAfterALateHandOff() {
        oneWorkerTakes(300, new AtomicInteger());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(pool.threads(1e12)).isEqualTo(1);
        while (pool.threads(1e12) == 1) { // else the time-out
            sleep(10);
        }
        assertThat(pool.threads(1e12)).isEqualTo(4);
    }

    @Test
    void aSmallOperationAfterALongOneTakesThreadsThatAreAwake() {
        double small = 4 * WorkerPool.WORTH_A_THREAD; // less than what pays for waking threads
        int threads = 1;
        while (threads == 1) { // else the time-out: this thread may lose its core after a run
            pool.run(4, part -> sleep(5)); // longer than the pauses in which workers are awake
            threads = pool.threads(small);
        }
        assertThat(threads).isEqualTo(4);
    }

    @Test
    void oneLateHandOffCostsAsMuchTimeAloneAndManyInARowUpToTwentyTimes() {
        WorkerPool.Caution caution = new WorkerPool.Caution(0);
        long now = 1_000;
        caution.note(10, now);
        assertThat(caution.forbids(now + 9)).isTrue();
        assertThat(caution.forbids(now + 10)).isFalse();
        long end = now + 10;
        for (int multiple : new int[] {2, 4, 8, 16, 20, 20}) {
            now = end + 100; // soon: within 20 times the wait
            caution.note(10, now);
            end = now + 10L * multiple;
            assertThat(caution.forbids(end - 1)).isTrue();
            assertThat(caution.forbids(end)).isFalse();
        }
        now = end + 210; // the wait began 200 after the time alone
        caution.note(10, now);
        assertThat(caution.forbids(now + 10)).isFalse();
    }

    @Test
    void anInterruptedWorkerKeepsWorking() {
        for (int round = 0; round < 10; round++) {
            pool.run(4, part -> {
                if (Thread.currentThread().getName().startsWith("nn-worker")) {
                    Thread.currentThread().interrupt();
                }
            });
            assertThat(sumOfParts(pool, 50)).isEqualTo(1275);
        }
    }

    @Test
    void theArraysOfAFinishedJobAreReleased() {
        WeakReference<float[]> array = useAnArray();
        while (array.get() != null) { // else the time-out
            System.gc();
            Thread.onSpinWait();
        }
        assertThat(array.get()).isNull();
    }

    private WeakReference<float[]> useAnArray() {
        float[] array = new float[1000];
        IntConsumer body = part -> array[part] = part;
        for (int i = 0; i < 100; i++) {
            pool.run(8, body);
        }
        return new WeakReference<>(array);
    }

    /** With no time at all: each thread ends as soon as it would park, also while the next job is handed over. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1_000_000})
    void workersWhoseThreadsHaveEndedAreRestartedForTheNextJob(long keepAliveNanos) {
        WorkerPool brief = new WorkerPool(3, keepAliveNanos);
        for (int round = 0; round < 300; round++) {
            CountDownLatch all = new CountDownLatch(4);
            AtomicInteger together = new AtomicInteger();
            brief.run(4, part -> {
                all.countDown();
                if (reachesZero(all)) {
                    together.incrementAndGet();
                }
            });
            assertThat(together).hasValue(4);
            if (round % 100 == 99) {
                while (brief.threadsAlive() > 0) { // else the time-out
                    sleep(1);
                }
            } else if (round % 10 == 0) {
                sleep(round % 3);
            }
        }
    }

    @Test
    void aPoolStartsNoThreadBeforeItsFirstJob() {
        WorkerPool idle = new WorkerPool(3);
        assertThat(idle.threadsAlive()).isZero();
        idle.run(1, part -> {});
        assertThat(idle.threadsAlive()).isZero();
        assertThat(sumOfParts(idle, 4)).isEqualTo(10);
    }

    @Test
    void smallOperationsAndBusyPoolsUseOneThread() {
        assertThat(pool.threads(WorkerPool.WORTH_A_THREAD)).isEqualTo(1);
        assertThat(pool.threads(1e12)).isEqualTo(4);
        int[] inside = new int[2];
        pool.run(2, part -> inside[part] = pool.threads(1e12));
        assertThat(inside).containsOnly(1);
    }

    @Test
    void sleepingWorkersAreNotWokenForSmallJobs() {
        assertThat(new WorkerPool(3).threads(2 * WorkerPool.WORTH_A_THREAD)).isEqualTo(1);
        assertThat(new WorkerPool(3).threads(WorkerPool.WORTH_WAKING)).isEqualTo(4);
    }
}
