package nn.train;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A program that trains for five seconds. Prints how many milliseconds after a given instant its 1st, 10th and 100th
 * step ended, and how many milliseconds the first three seconds of training lost: the sum over their steps of what each
 * took longer than the median step of the last second.
 */
public final class FirstSteps {
    /** What is printed. */
    static final int FIGURES = 4;

    private static final List<Integer> STEPS = List.of(1, 10, 100);
    private static final long EARLY = 3_000_000_000L;
    private static final long LATE = 4_000_000_000L;
    private static final long END = 5_000_000_000L;

    private FirstSteps() {}

    public static void main(String[] args) {
        Instant started = Instant.parse(args[0]);
        Workload task = Workload.of("mlp-sgd-32");
        Trainer trainer = task.trainer();
        List<String> millis = new ArrayList<>();
        long[] ends = new long[1 << 17]; // of steps; a step takes at least 0.1 ms
        int steps = 0;
        long begin = System.nanoTime();
        while (steps == 0 || ends[steps - 1] < END) {
            trainer.step(task.x, task.y);
            ends[steps++] = System.nanoTime() - begin;
            if (STEPS.contains(steps)) {
                millis.add("" + Duration.between(started, Instant.now()).toMillis());
            }
        }
        millis.add("" + lost(ends, steps) / 1_000_000);
        System.out.println(String.join(" ", millis));
    }

    private static long lost(long[] ends, int steps) {
        long[] times = new long[steps];
        int early = 0; // the number of steps in the first seconds
        int late = 0; // the first step of the last second
        for (int i = 0; i < steps; i++) {
            times[i] = ends[i] - (i == 0 ? 0 : ends[i - 1]);
            early = ends[i] < EARLY ? i + 1 : early;
            late = ends[i] < LATE ? i + 1 : late;
        }
        long[] last = Arrays.copyOfRange(times, late, steps);
        Arrays.sort(last);
        return ends[early - 1] - early * last[last.length / 2];
    }
}
