package nn.train;

import java.util.List;

/**
 * Something that users run, measured by itself. A name is that of a family and of a member of it: {@code
 * optimizer:adam-256x512}, {@code recurrent:lstm-32-train}. Another library's way of doing the same is a task too.
 */
interface Task {
    /** Does it once. */
    void run();

    /** What the last run computed, to be compared with another library's. */
    float[] result();

    static Task of(String name) {
        String[] words = name.split(":");
        return switch (words[0]) {
            case "optimizer" -> OptimizerTask.of(words[1]);
            case "recurrent" -> RecurrentTask.of(words[1]);
            case "inference" -> InferenceTask.of(words[1]);
            case "fading" -> FadingTask.of(words[1]);
            case "data" -> DataTask.of(words[1]);
            default -> throw new IllegalArgumentException("no family of tasks is called '" + words[0] + "'");
        };
    }

    /**
     * Odd sizes of everything in a task's family, so that no code is compiled for one task alone, and often enough that
     * the vector kernels are compiled: after 4 million elements.
     */
    static void pollute(String name) {
        List<String> odd = switch (name.substring(0, name.indexOf(':'))) {
            case "optimizer" -> OptimizerTask.names("67x137");
            case "recurrent" -> RecurrentTask.POLLUTION;
            case "inference" -> InferenceTask.POLLUTION;
            default -> List.of();
        };
        odd.stream().map(Task::of).forEach(task -> {
            for (int i = 0; i < 500; i++) {
                task.run();
            }
        });
        if (odd.isEmpty()) {
            Workload.pollute();
        }
    }

    /** Refuses another library's result that is not ours, up to rounding. */
    static void compare(String name, float[] ours, float[] theirs) {
        if (ours.length != theirs.length) {
            throw new IllegalStateException(name + ": " + theirs.length + " numbers, ours are " + ours.length);
        }
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < ours.length; i++) {
            largest = Math.max(largest, Math.abs(theirs[i]));
            difference = Math.max(difference, Math.abs(theirs[i] - ours[i]));
        }
        if (!(difference <= 1e-5 * largest)) {
            throw new IllegalStateException(name + ": results differ by " + difference + " of " + largest);
        }
    }
}
