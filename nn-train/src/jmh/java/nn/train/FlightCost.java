package nn.train;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import jdk.jfr.Recording;
import nn.layers.Context;
import nn.tensor.Key;

/**
 * What the events of the Flight Recorder cost in a step, in four states of one JVM: no recording since it began; a
 * recording in which a step is too short to be written; one in which each is written; no recording any more. Two runs
 * of the same steps differ by far more than that. So the calls of a trainer are timed alone, and compared with its
 * steps. Run it by {@code mvn -q -Pjmh -pl nn-train -am test-compile exec:exec@ratios -Djmh.in=train
 * -Djmh.ratios=nn.train.FlightCost}.
 */
final class FlightCost {
    private static final int ROUNDS = 9; // of which the median is taken
    private static final int CALLS = 10_000_000;
    private static final int RECORDED = 1_000_000;
    private static final int WRITTEN = 50_000;
    private static final long BLOCK = 100_000_000; // nanoseconds of steps

    private static final TrainingObserver EVENTS =
            FlightEvents.of(Workload.of("tiny").network).orElseThrow();
    private static final StepReport REPORT = new StepReport(1, 0.5, 1, 0.1, 4);

    private FlightCost() {}

    /**
     * Prints the table.
     *
     * @param arguments names of workloads; some of each size without any
     */
    public static void main(String[] arguments) {
        List<String> names = arguments.length > 0 ? List.of(arguments) : List.of("tiny", "mlp-sgd-32", "rnn-28");
        double[] steps = names.stream().mapToDouble(FlightCost::step).toArray();
        double[] calls = new double[4];
        calls[0] = calls(CALLS);
        long bytes = Allocation.soFar();
        calls(CALLS, Context.inference());
        bytes = Allocation.soFar() - bytes;
        calls[1] = recorded(RECORDED, Duration.ofSeconds(1));
        calls[2] = recorded(WRITTEN, Duration.ZERO);
        calls[3] = calls(CALLS);
        System.out.printf("%d calls before any recording make %d bytes%n", CALLS, bytes);
        System.out.println("                       before   not written       written         after");
        line("nanoseconds", calls, 1);
        for (int k = 0; k < steps.length; k++) {
            String name = String.format(Locale.ROOT, "%s, %.1f us", names.get(k), steps[k] / 1000);
            line(name, calls, 100 / steps[k]);
        }
    }

    private static void line(String name, double[] calls, double factor) {
        System.out.printf(Locale.ROOT, "%-16s", name);
        for (double each : calls) {
            System.out.printf(Locale.ROOT, " %11.4f %s", factor * each, factor == 1 ? " " : "%");
        }
        System.out.println();
    }

    /** The nanoseconds of a step. */
    private static double step(String name) {
        Workload task = Workload.of(name);
        Trainer trainer = new Trainer(task.network, task.loss, task.optimizer, Key.of(1));
        double[] rounds = new double[ROUNDS];
        for (int round = -10; round < ROUNDS; round++) { // the first ones warm up
            long count = 0;
            long start = System.nanoTime();
            long passed;
            do {
                for (int i = 0; i < 10; i++) {
                    trainer.step(task.x, task.y);
                }
                count += 10;
                passed = System.nanoTime() - start;
            } while (passed < BLOCK);
            rounds[Math.max(round, 0)] = passed / (double) count;
        }
        return median(rounds);
    }

    /** The nanoseconds of the calls in a step while steps are recorded that take so long. */
    private static double recorded(int count, Duration threshold) {
        try (Recording recording = new Recording()) {
            recording.enable("nn.Step").withThreshold(threshold);
            recording.start();
            return calls(count);
        }
    }

    private static double calls(int count) {
        Context context = Context.inference();
        double[] rounds = new double[ROUNDS];
        for (int round = -3; round < ROUNDS; round++) {
            rounds[Math.max(round, 0)] = calls(count, context) / (double) count;
        }
        return median(rounds);
    }

    private static long calls(int count, Context context) {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            if (EVENTS.over(i, context) != context) {
                throw new IllegalStateException("layers are recorded");
            }
            EVENTS.onStep(REPORT);
        }
        return System.nanoTime() - start;
    }

    private static double median(double... values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
