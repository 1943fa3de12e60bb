package nn.examples.sweep;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The finished trials of a sweep, kept in a file that grows by a line for each. After a kill the next sweep reads them
 * and runs only the others; it may also ask for other settings of the same recipe.
 *
 * <p>The file is text in UTF-8, its fields separated by tabs. The first line names the format, the version of the
 * program and the recipe. Each other line holds a trial and its outcome, with all digits. A line ends with the CRC-32
 * of the text before it. A last line that was cut off by a kill is dropped; any other damage is refused, with the
 * number of the line.
 */
public final class TrialLog implements AutoCloseable {
    private static final String FORMAT = "nn sweep 1";
    private static final int FIELDS = 12;
    private static final long MOST_BYTES = 1L << 30; // far above a million trials

    private final Map<Trial, Outcome> finished = new HashMap<>();
    private final Optional<Path> file;
    private final Optional<FileChannel> channel; // of the file

    private TrialLog(Optional<Path> file, Optional<FileChannel> channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Returns a log that is only kept in memory.
     *
     * @return without trials
     */
    public static TrialLog inMemory() {
        return new TrialLog(Optional.empty(), Optional.empty());
    }

    /**
     * Opens a file, or begins it. No other process can open it meanwhile.
     *
     * @param file of an earlier sweep, or one that does not exist or is empty
     * @param version of the program, whose bits another version need not have
     * @param recipe what all trials have in common
     * @return the log, with the trials of the file
     * @throws IOException if the file cannot be read or written, is in use, is damaged, or belongs to another version
     *     or recipe; the file is not changed then
     */
    public static TrialLog open(Path file, String version, Recipe recipe) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        try {
            lock(channel, file);
            TrialLog log = new TrialLog(Optional.of(file), Optional.of(channel));
            log.read(channel, FORMAT + "\t" + version + "\t" + recipe);
            return log;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void lock(FileChannel channel, Path file) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new IOException(file + ": another sweep is writing to this file; wait for it, or name another file");
        }
    }

    private void read(FileChannel channel, String head) throws IOException {
        byte[] bytes = bytes(channel);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') { // the kill came in the middle of a line
            end--;
        }
        String[] lines = new String(bytes, 0, end, StandardCharsets.UTF_8).split("\n", -1); // the last one is empty
        for (int i = 0; i < lines.length - 1; i++) {
            String text = checked(lines[i], i + 1);
            if (i > 0) {
                add(text, i + 1);
            } else if (!text.equals(head)) {
                throw new IOException(file.orElseThrow() + " belongs to another sweep: '" + text.replace('\t', ' ')
                        + "', not '" + head.replace('\t', ' ') + "'; name another file, or repeat that sweep's options"
                        + " with its version");
            }
        }
        channel.truncate(end);
        channel.position(end);
        if (lines.length == 1) {
            write(head);
        }
    }

    private byte[] bytes(FileChannel channel) throws IOException {
        if (channel.size() > MOST_BYTES) {
            throw new IOException(file.orElseThrow() + " has " + channel.size() + " bytes, too many for a sweep; name"
                    + " another file");
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer part = ByteBuffer.allocate(1 << 16);
        while (channel.read(part) >= 0) {
            all.write(part.array(), 0, part.position());
            part.clear();
        }
        return all.toByteArray();
    }

    private String checked(String line, int number) throws IOException {
        int at = line.lastIndexOf('\t');
        if (at < 0 || !line.substring(at + 1).equals(checksum(line.substring(0, at)))) {
            throw damaged(number, number == 1 ? "name another file" : "delete the line, and its trial runs again");
        }
        return line.substring(0, at);
    }

    private IOException damaged(int number, String fix) {
        return new IOException(file.orElseThrow() + ", line " + number + ", is not a line of a sweep, or was changed"
                + " since it was written; " + fix);
    }

    private void add(String text, int number) throws IOException {
        String[] fields = text.split("\t", -1);
        if (fields.length != FIELDS) {
            throw damaged(number, "name another file");
        }
        try {
            Setting setting = new Setting(
                    fields[0],
                    Double.parseDouble(fields[1]),
                    Integer.parseInt(fields[2]),
                    Integer.parseInt(fields[3]),
                    fields[4],
                    Double.parseDouble(fields[5]));
            Outcome outcome = new Outcome(
                    Double.parseDouble(fields[7]),
                    Double.parseDouble(fields[8]),
                    Double.parseDouble(fields[9]),
                    Integer.parseInt(fields[10]),
                    Boolean.parseBoolean(fields[11]));
            finished.put(new Trial(setting, Long.parseLong(fields[6])), outcome);
        } catch (IllegalArgumentException e) {
            throw new IOException(file.orElseThrow() + ", line " + number + ": " + e.getMessage(), e);
        }
    }

    /**
     * Keeps an outcome. The line is handed to the operating system before this method returns, so a kill of the process
     * loses no finished trial.
     *
     * @param trial the coordinates
     * @param outcome what it measured
     * @throws IOException if it cannot be written
     * @throws IllegalStateException if the trial is kept already with another outcome, as trials are pure functions of
     *     their coordinates
     */
    public void add(Trial trial, Outcome outcome) throws IOException {
        Outcome before = finished.putIfAbsent(trial, outcome);
        if (before != null) {
            if (!before.equals(outcome)) {
                throw new IllegalStateException("trial '" + trial + "' gave " + outcome + ", and before " + before
                        + "; a worker has another version, or a defect");
            }
            return;
        }
        Setting s = trial.setting();
        write(String.join(
                "\t",
                s.scheme(),
                String.valueOf(s.gain()),
                String.valueOf(s.depth()),
                String.valueOf(s.width()),
                s.activation(),
                String.valueOf(s.rate()),
                String.valueOf(trial.seed()),
                String.valueOf(outcome.firstLoss()),
                String.valueOf(outcome.loss()),
                String.valueOf(outcome.accuracy()),
                String.valueOf(outcome.steps()),
                String.valueOf(outcome.diverged())));
    }

    private void write(String text) throws IOException {
        if (channel.isEmpty()) {
            return;
        }
        ByteBuffer line = ByteBuffer.wrap((text + "\t" + checksum(text) + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
            channel.get().write(line);
        }
    }

    private static String checksum(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    /**
     * Returns the finished trials.
     *
     * @return a view, in no order
     */
    public Map<Trial, Outcome> finished() {
        return Collections.unmodifiableMap(finished);
    }

    /** Forces the file to the disk, and closes it. */
    @Override
    public void close() throws IOException {
        if (channel.isPresent()) {
            channel.get().force(true);
            channel.get().close();
        }
    }
}
