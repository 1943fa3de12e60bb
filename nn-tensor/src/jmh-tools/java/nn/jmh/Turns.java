package nn.jmh;

import com.sun.management.ThreadMXBean;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.openjdk.jmh.runner.BenchmarkListEntry;

/**
 * Runs the benchmarks of one row in turns of some milliseconds each, ours and those of other libraries, and keeps the
 * turns in which the {@link Cores} were undisturbed. JMH runs one benchmark after the other, a second apart; where the
 * host of a virtual machine is busy, a ratio of two such figures was 0.80, 1.04 and 1.18 in three runs where that of
 * turns was 0.95 and 0.99.
 */
final class Turns {
    private static final int WARM_UP = 300_000_000; // nanoseconds of each benchmark
    private static final int LONG = 20_000_000; // a call to which it does not matter what the caches have
    private static final int LEAST = 5; // turns
    private static final int PATIENCE = 3; // times as many turns, if cores are disturbed
    private static final double UNDISTURBED = 0.8; // of the greatest speed that was seen

    private final ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final int threads = Integer.getInteger("nn.threads", 1);
    private final Cores cores = new Cores(threads);
    private final int wanted; // turns
    private final int timed; // nanoseconds of a turn

    /**
     * Nanoseconds before, after which the caches have what the benchmark needs. On two threads also, idle threads of
     * the other libraries have stopped looking for work by then, for which they take a core up to 40 ms, and our own
     * use the second core again. A pause instead makes the next calls slow: a prediction had 0.77 of ONNX Runtime's
     * speed after a pause and 3 ms, 0.89 after a pause and 20 ms.
     */
    private final int untimed;

    private double fastest; // speed of the cores
    private int kept; // turns
    private int all;

    /** @param quick whether figures do not matter, so that the shortest times are enough */
    Turns(boolean quick) {
        boolean many = threads > 1;
        wanted = quick ? LEAST : many ? 25 : 100;
        timed = many ? 20_000_000 : 3_000_000;
        untimed = many ? 60_000_000 : 500_000;
    }

    /**
     * What was measured in a turn.
     *
     * @param speed of the cores in its worst part
     * @param handOff nanoseconds; NaN on one thread
     * @param nanos of a call of each benchmark
     * @param bytes of a call of each benchmark
     */
    private record Turn(double speed, double handOff, double[] nanos, double[] bytes) {}

    /** Measures the benchmarks of a selection; one that fails has no figures, and the log has its error. */
    void measure(Rounds.Selection selection, Scores scores) {
        List<Contender> contenders = new ArrayList<>();
        List<Integer> calls = new ArrayList<>();
        double slowest = 1; // nanoseconds of a call
        for (BenchmarkListEntry entry : Contender.benchmarks(selection)) {
            try {
                Contender contender = Contender.prepare(entry, selection);
                double nanos = warmUp(contender.run());
                contenders.add(contender);
                calls.add((int) Math.max(1, timed / nanos));
                slowest = Math.max(slowest, nanos);
            } catch (Throwable e) { // of a library that is not there or cannot do this, whatever it throws
                e.printStackTrace();
            }
        }
        int turns = (int) Math.clamp((long) wanted * timed / (long) slowest, LEAST, wanted);
        add(undisturbed(turns, contenders, calls), selection, contenders, scores);
        contenders.forEach(Contender::end);
    }

    /** All turns so far. */
    Cores.Report cores() {
        return new Cores.Report(fastest, kept, all);
    }

    private List<Turn> undisturbed(int wanted, List<Contender> contenders, List<Integer> calls) {
        List<Turn> turns = new ArrayList<>();
        int good = 0;
        for (int i = 0; i < PATIENCE * wanted && good < wanted; i++) {
            Turn turn = turn(contenders, calls);
            turns.add(turn);
            good += turn.speed >= UNDISTURBED * fastest ? 1 : 0;
        }
        List<Turn> undisturbed = turns.stream()
                .filter(turn -> turn.speed >= UNDISTURBED * fastest)
                .toList();
        kept += undisturbed.size();
        all += turns.size();
        return undisturbed.size() >= LEAST
                ? undisturbed
                : turns.stream()
                        .sorted(Comparator.comparingDouble(turn -> -turn.speed))
                        .limit(LEAST)
                        .toList();
    }

    private static void add(List<Turn> turns, Rounds.Selection selection, List<Contender> contenders, Scores scores) {
        for (int t = 0; t < turns.size(); t++) {
            Turn turn = turns.get(t);
            if (!Double.isNaN(turn.handOff)) {
                scores.addHandOff(selection.value(), t, turn.handOff);
            }
            for (int i = 0; i < contenders.size(); i++) {
                scores.add(contenders.get(i).key(), t, turn.nanos[i], turn.bytes[i]);
            }
        }
    }

    /** Runs it for some time, and returns the nanoseconds of a call in the later half. */
    private static double warmUp(MethodHandle run) throws Throwable {
        double nanos = 0;
        for (int half = 0; half < 2; half++) {
            long start = System.nanoTime();
            long calls = 0;
            do {
                run.invokeExact();
                calls++;
                nanos = (System.nanoTime() - start) / (double) calls;
            } while (nanos * calls < WARM_UP / 2);
        }
        return nanos;
    }

    private Turn turn(List<Contender> contenders, List<Integer> calls) {
        int size = contenders.size();
        Turn turn = new Turn(0, threads > 1 ? HandOff.nanos() : Double.NaN, new double[size], new double[size]);
        double speed = Double.POSITIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            try {
                double before = speed();
                run(contenders.get(i).run(), calls.get(i), turn, i);
                speed = Math.min(speed, Math.max(before, speed())); // an interrupt may come into one of them
            } catch (Throwable e) {
                throw new IllegalStateException(contenders.get(i).key() + " failed after it had run", e);
            }
        }
        return new Turn(speed, turn.handOff, turn.nanos, turn.bytes);
    }

    private double speed() {
        double speed = cores.speed();
        fastest = Math.max(fastest, speed);
        return speed;
    }

    private void run(MethodHandle run, int calls, Turn turn, int index) throws Throwable {
        if (threads > 1 || timed / calls < LONG) {
            long end = System.nanoTime() + untimed;
            do {
                run.invokeExact();
            } while (System.nanoTime() < end);
        }
        long bytes = memory.getTotalThreadAllocatedBytes();
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            run.invokeExact();
        }
        turn.nanos[index] = (System.nanoTime() - start) / (double) calls;
        turn.bytes[index] = (memory.getTotalThreadAllocatedBytes() - bytes) / (double) calls;
    }
}
