package nn.train;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import jdk.jfr.Recording;
import nn.layers.Context;
import nn.tensor.Key;

/**
 * What the events of the Flight Recorder cost in a step, in three states of one JVM: no recording since it began; a
 * recording of steps; no recording any more. The first cost is that of the calls alone, timed by themselves, because it
 * is far below what differs between two runs of a step. The others are differences between blocks of steps in turn. Run
 * it by {@code mvn -q -Pjmh -pl nn-train -am test-compile exec:exec@ratios -Djmh.in=train
 * -Djmh.ratios=nn.train.FlightCost}.
 */
final class FlightCost {
    private static final int CALLS = 20_000_000;
    private static final int ROUNDS = 15; // of a block in each state
    private static final long BLOCK = 60_000_000; // nanoseconds, about

    private FlightCost() {}

    private record Steps(String name, Trainer trainer, Workload task, double before) {
        /** Nanoseconds of a step, in a block of them. */
        double block(long nanoseconds) {
            long steps = 0;
            long start = System.nanoTime();
            long now = start;
            while (now - start < nanoseconds) {
                for (int i = 0; i < 10; i++) {
                    trainer.step(task.x, task.y);
                }
                steps += 10;
                now = System.nanoTime();
            }
            return (now - start) / (double) steps;
        }
    }

    /**
     * Prints the table.
     *
     * @param arguments names of workloads; some of each size without any
     */
    public static void main(String[] arguments) {
        List<String> names = arguments.length > 0 ? List.of(arguments) : List.of("tiny", "mlp-sgd-32", "rnn-28");
        List<Steps> all = names.stream().map(FlightCost::warmedUp).toList();
        double call = median(9, FlightCost::calls);
        System.out.printf(
                Locale.ROOT,
                "before any recording: the calls of a step take %.2f ns; %d of them make %d bytes%n",
                call,
                CALLS,
                bytes());
        System.out.println("workload            a step       calls  recorded to after  after to before");
        for (Steps steps : all) {
            double[] on = new double[ROUNDS];
            double[] off = new double[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                try (Recording recording = new Recording()) {
                    recording.enable("nn.Step");
                    recording.start();
                    on[round] = steps.block(BLOCK);
                }
                off[round] = steps.block(BLOCK);
            }
            System.out.printf(
                    Locale.ROOT,
                    "%-14s %8.2f us   %7.4f %%         %8.2f %%       %8.2f %%%n",
                    steps.name(),
                    steps.before() / 1000,
                    100 * call / steps.before(),
                    100 * (median(on) / median(off) - 1),
                    100 * (median(off) / steps.before() - 1));
        }
    }

    private static Steps warmedUp(String name) {
        Workload task = Workload.of(name);
        Trainer trainer = new Trainer(task.network, task.loss, task.optimizer, Key.of(1));
        Steps steps = new Steps(name, trainer, task, 0);
        steps.block(20 * BLOCK);
        double[] before = new double[ROUNDS];
        Arrays.setAll(before, round -> steps.block(BLOCK));
        return new Steps(name, trainer, task, median(before));
    }

    private static final TrainingObserver EVENTS =
            FlightEvents.of(Workload.of("tiny").network).orElseThrow();

    private static final StepReport REPORT = new StepReport(1, 0.5, 1, 0.1, 4);

    /** Nanoseconds of the calls in one step. */
    private static long calls() {
        Context context = Context.inference();
        long start = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            if (EVENTS.over(i, context) != context) {
                throw new IllegalStateException("a recording runs");
            }
            EVENTS.onStep(REPORT);
        }
        return System.nanoTime() - start;
    }

    private static double median(int rounds, LongSupplier nanoseconds) {
        double[] each = new double[rounds];
        Arrays.setAll(each, round -> nanoseconds.getAsLong() / (double) CALLS);
        return median(each);
    }

    private static long bytes() {
        long before = Allocation.soFar();
        calls();
        return Allocation.soFar() - before;
    }

    private static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
