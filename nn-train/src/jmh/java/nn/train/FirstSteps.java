package nn.train;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A program that trains: prints how many milliseconds after a given instant its 1st, 10th and 100th step ended. */
public final class FirstSteps {
    private static final List<Integer> STEPS = List.of(1, 10, 100);

    private FirstSteps() {}

    public static void main(String[] args) {
        Instant started = Instant.parse(args[0]);
        Workload task = Workload.of("mlp-sgd-32");
        Trainer trainer = task.trainer();
        List<String> millis = new ArrayList<>();
        for (int step = 1; step <= STEPS.getLast(); step++) {
            trainer.step(task.x, task.y);
            if (STEPS.contains(step)) {
                millis.add("" + Duration.between(started, Instant.now()).toMillis());
            }
        }
        System.out.println(String.join(" ", millis));
    }
}
