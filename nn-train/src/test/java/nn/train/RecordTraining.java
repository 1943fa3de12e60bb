package nn.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Prints numbers about the events of {@link TrainUnrecorded}, which it records. */
final class RecordTraining {
    private RecordTraining() {}

    public static void main(String[] arguments) throws IOException {
        Trainer trainer = TrainUnrecorded.trainer();
        TrainUnrecorded.fit(trainer, 1); // before the recording
        Path file = Files.createTempFile("training", ".jfr");
        List<RecordedEvent> events;
        double loss;
        try (Recording recording = new Recording()) {
            for (String name : List.of("nn.Step", "nn.Epoch", "nn.Layer", "nn.Product")) {
                recording.enable(name).withThreshold(Duration.ZERO);
            }
            recording.start();
            loss = TrainUnrecorded.fit(trainer, 2).last().loss();
            trainer.step(TrainUnrecorded.x(), TrainUnrecorded.y());
            recording.stop();
            recording.dump(file);
            events = RecordingFile.readAllEvents(file);
        } finally {
            Files.deleteIfExists(file);
        }
        List<RecordedEvent> steps = named(events, "nn.Step");
        List<RecordedEvent> epochs = named(events, "nn.Epoch");
        List<RecordedEvent> layers = named(events, "nn.Layer");
        System.out.println(steps.size());
        System.out.println(steps.getFirst().getLong("step"));
        System.out.println(steps.getLast().getInt("batchSize"));
        System.out.println(epochs.size());
        System.out.println(epochs.getLast().getInt("epoch"));
        System.out.println(epochs.getLast().getDouble("loss") == loss ? 1 : 0);
        for (boolean backward : new boolean[] {false, true}) {
            System.out.println(layers.stream()
                    .filter(event -> event.getString("path").equals("hidden"))
                    .filter(event -> event.getString("layer").equals("Dense 3 -> 5"))
                    .filter(event -> event.getBoolean("backward") == backward)
                    .count());
        }
        System.out.println(layers.size());
        System.out.println(named(events, "nn.Product").stream()
                .filter(event ->
                        event.getInt("rows") == 4 && event.getInt("columns") == 5 && event.getInt("inner") == 3)
                .count());
        System.out.println(steps.stream().allMatch(RecordTraining::hasADuration) ? 1 : 0);
    }

    private static boolean hasADuration(RecordedEvent step) {
        return step.getDuration().compareTo(Duration.ZERO) > 0
                && step.getDuration().compareTo(Duration.ofMinutes(1)) < 0;
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }
}
