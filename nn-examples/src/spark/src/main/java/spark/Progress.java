package spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import nn.train.EpochReport;
import nn.train.FitOptions;
import nn.train.StepReport;
import nn.train.Trainer;
import nn.train.TrainingObserver;
import nn.train.checkpoint.Checkpoint;
import nn.train.data.Batches;

/** How far a training has come: a checkpoint, and the history of its epochs, in a folder. */
final class Progress {
    /** Saves nothing but when it is asked to. */
    static final int NEVER = -1;

    private final Path checkpoint;
    private final Path epochs;
    private final Trainer trainer;
    private final int every;
    private final SortedMap<Integer, String> history = new TreeMap<>();

    Progress(Path folder, Trainer trainer, int every) {
        this.checkpoint = folder.resolve("training.nn");
        this.epochs = folder.resolve("epochs.txt");
        this.trainer = trainer;
        this.every = every;
    }

    /** Takes up what is in the folder, if there is anything. */
    void load() {
        try {
            if (Files.exists(checkpoint)) {
                Checkpoint.resume(checkpoint, trainer);
            }
            if (Files.exists(epochs)) {
                for (String line : Files.readAllLines(epochs)) {
                    history.put(Integer.parseInt(line.substring(0, line.indexOf(' '))), line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Saves the state, and the history first: an epoch in it that the state has not finished comes again, alike. */
    void save() {
        try {
            Path written = Files.createTempFile(epochs.getParent(), "epochs", ".tmp");
            Files.write(written, history.values());
            Files.move(written, epochs, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Checkpoint.save(checkpoint, trainer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Trains to the end, or to a step before it, and saves the progress on the way. */
    void train(Batches batches, int count, long last) {
        TrainingObserver observer = new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                if (every > 0 && report.step() % every == 0) {
                    save();
                }
                if (report.step() == last) {
                    trainer.cancel();
                }
            }

            @Override
            public void onEpoch(EpochReport report) {
                history.put(report.epoch(), report.epoch() + " " + report.loss() + " " + report.rate());
                if (every == 0) {
                    save();
                }
            }
        };
        if (trainer.epochs() < count) {
            trainer.fit(batches, FitOptions.epochs(count).observers(observer));
        }
        if (every >= 0) {
            save();
        }
    }

    /** Returns the SHA-256 of weights, optimizer state and history. */
    String bits() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            trainer.state()
                    .tensors()
                    .forEach(
                            (name, tensor) -> digest.update((name + tensor.sha256()).getBytes(StandardCharsets.UTF_8)));
            digest.update(String.join("\n", history.values()).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
