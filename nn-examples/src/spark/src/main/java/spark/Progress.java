package spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import nn.train.EpochReport;
import nn.train.FitOptions;
import nn.train.StepReport;
import nn.train.Trainer;
import nn.train.TrainingObserver;
import nn.train.TrainingState;
import nn.train.checkpoint.Checkpoint;
import nn.train.data.Batches;

/**
 * How far a training has come: checkpoints, and the history of its epochs, in a folder. Each member writes files of its
 * own, so that none replaces what another one has saved. Whoever takes the training up reads the files of all: the
 * checkpoint with the most steps, and every epoch, which is the same in all histories that have it.
 */
final class Progress {
    /** Saves nothing but when it is asked to. */
    static final int NEVER = -1;

    private static final String CHECKPOINTS = "training-*.nn";
    private static final String HISTORIES = "epochs-*.txt";

    private final Path folder;
    private final int rank;
    private final Trainer trainer;
    private final int every;
    private final SortedMap<Integer, String> history = new TreeMap<>();

    /**
     * Has no epochs yet.
     *
     * @param folder of all members
     * @param rank of this member
     * @param trainer whose state is saved
     * @param every how many steps, the state is saved; 0 for after each epoch, or {@link #NEVER}
     */
    Progress(Path folder, int rank, Trainer trainer, int every) {
        this.folder = folder;
        this.rank = rank;
        this.trainer = trainer;
        this.every = every;
    }

    private List<Path> files(String pattern) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, pattern)) {
            found.forEach(files::add);
        }
        return files;
    }

    /** Takes up the state of the member that came furthest, if there is any. */
    void loadState() {
        try {
            TrainingState furthest = trainer.state();
            long most = trainer.steps();
            for (Path file : files(CHECKPOINTS)) {
                Checkpoint.resume(file, trainer);
                if (trainer.steps() > most) {
                    most = trainer.steps();
                    furthest = trainer.state();
                }
            }
            trainer.restore(furthest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads all epochs that a member has finished. The state of this one may have come from another member, when they
     * connected.
     */
    void loadHistory() {
        try {
            for (Path file : files(HISTORIES)) {
                for (String line : Files.readAllLines(file)) {
                    history.put(Integer.parseInt(line.substring(0, line.indexOf(' '))), line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Saves the state, and the history first: an epoch in it that the state has not finished comes again, alike. */
    void save() {
        saveHistory();
        saveState();
    }

    private void saveState() {
        try {
            Checkpoint.save(folder.resolve(CHECKPOINTS.replace("*", "" + rank)), trainer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void saveHistory() {
        try {
            Path written = Files.createTempFile(folder, "history", ".tmp");
            Files.write(written, history.values());
            Files.move(
                    written,
                    folder.resolve(HISTORIES.replace("*", "" + rank)),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
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
                    saveState();
                }
                if (report.step() == last) {
                    trainer.cancel();
                }
            }

            @Override
            public void onEpoch(EpochReport report) {
                history.put(report.epoch(), line(report));
                if (every >= 0) {
                    saveHistory();
                }
                if (every == 0) {
                    saveState();
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

    /** Returns all that an epoch measured, but the time it took. */
    private static String line(EpochReport report) {
        return report.epoch() + " " + report.loss() + " " + report.gradientNorm() + " " + report.rate() + " "
                + report.steps() + " " + report.examples();
    }

    /** Returns the SHA-256 of weights, optimizer state, counters and history. */
    String bits() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            TrainingState state = trainer.state();
            state.tensors().forEach((name, tensor) -> update(digest, name + " " + tensor.sha256()));
            state.text().forEach((name, text) -> {
                if (name.startsWith("trainer/")) {
                    update(digest, name + " " + text);
                }
            });
            history.values().forEach(line -> update(digest, line));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void update(MessageDigest digest, String line) {
        digest.update((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
