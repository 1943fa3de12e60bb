package nn.train;

import java.io.BufferedWriter;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.checkpoint.Checkpoint;
import nn.train.data.Csv;
import nn.train.data.Idx;
import nn.train.data.Npy;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;

/**
 * Reading or writing a file that the operating system has in memory: {@code csv-1000000} has that many rows of 20
 * numbers, {@code npy-268435456} that many floats, {@code idx-60000} that many images of 784 bytes, and {@code
 * save-4096} and {@code resume-4096} are the checkpoint of a network of two such squares trained by Adam.
 */
final class DataTask implements Task {
    private static final Key KEY = Key.of(19);
    private static final int CSV_COLUMNS = 20;
    private static final int PIXELS = 784;
    private static final int BLOCK = 1 << 20;

    private interface Body {
        void run() throws IOException;
    }

    private final Path file;
    private final Body body;
    private final boolean writes;

    private DataTask(Path file, boolean writes, Body body) {
        this.file = file;
        this.writes = writes;
        this.body = body;
    }

    static List<String> names(boolean quick) {
        return quick
                ? List.of("data:csv-10000", "data:npy-1000000", "data:idx-1000", "data:save-256", "data:resume-256")
                : List.of(
                        "data:csv-1000000",
                        "data:npy-268435456",
                        "data:idx-60000",
                        "data:save-4096",
                        "data:resume-4096");
    }

    static DataTask of(String name) {
        String[] words = name.split("-");
        int size = Integer.parseInt(words[1]);
        Path file = file(name);
        try {
            return switch (words[0]) {
                case "csv" -> {
                    make(file, path -> writeCsv(path, size));
                    yield new DataTask(file, false, () -> Csv.withoutHeader().read(file));
                }
                case "npy" -> {
                    make(file, path -> writeNpy(path, size));
                    yield new DataTask(file, false, () -> Npy.read(file));
                }
                case "idx" -> {
                    make(file, path -> writeIdx(path, size));
                    yield new DataTask(file, false, () -> Idx.read(file));
                }
                case "save", "resume" -> {
                    Trainer trainer = trainer(size);
                    make(file, path -> Checkpoint.save(path, trainer));
                    yield words[0].equals("save")
                            ? new DataTask(file, true, () -> Checkpoint.save(file, trainer))
                            : new DataTask(file, false, () -> Checkpoint.resume(file, trainer));
                }
                default -> throw new IllegalArgumentException("no file is called '" + name + "'");
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same in every JVM, so that it is made once. */
    private static Path file(String name) {
        return Path.of(System.getProperty("java.io.tmpdir"), "nn-benchmark-" + name);
    }

    private interface Maker {
        void make(Path file) throws IOException;
    }

    private static void make(Path file, Maker maker) throws IOException {
        if (!Files.exists(file)) {
            Path part = file.resolveSibling(file.getFileName() + ".part"); // one that is interrupted is made again
            maker.make(part);
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void writeNpy(Path file, int size) throws IOException {
        Tensor numbers = Tensor.zeros(size);
        KEY.uniform(numbers, 0, 1);
        Npy.write(file, numbers);
    }

    private static void writeCsv(Path file, int rows) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < CSV_COLUMNS; i++) {
                    out.append(i == 0 ? "" : ",").append("" + KEY.word((long) row * CSV_COLUMNS + i) * 1e-9);
                }
                out.append('\n');
            }
        }
    }

    private static void writeIdx(Path file, int images) throws IOException {
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
            out.writeInt(0x803); // bytes in three dimensions
            out.writeInt(images);
            out.writeInt(28);
            out.writeInt(28);
            byte[] pixels = new byte[PIXELS];
            for (int i = 0; i < images; i++) {
                pixels[i % PIXELS] = (byte) i;
                out.write(pixels);
            }
        }
    }

    private static Trainer trainer(int width) {
        Network network = Network.builder(KEY)
                .input(width)
                .dense("hidden", width)
                .relu()
                .dense("out", width)
                .build();
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Adam.of(1e-3), KEY);
        Tensor x = Tensor.zeros(1, width);
        KEY.normal(x, 0, 1);
        trainer.step(x, x);
        return trainer;
    }

    /** The length of the file, after a measurement. */
    static long bytes(String name) {
        try {
            return Files.size(file(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(String name) {
        try {
            Files.deleteIfExists(file(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void run() {
        try {
            body.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads or writes as many bytes through a buffer and does nothing with them: the limit of the machine. */
    Runnable raw() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BLOCK);
        return () -> {
            try {
                if (writes) {
                    write(buffer);
                } else {
                    read(buffer);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    private void read(ByteBuffer buffer) throws IOException {
        try (FileChannel in = FileChannel.open(file)) {
            while (in.read(buffer.clear()) >= 0) {
                // the numbers are not looked at
            }
        }
    }

    private void write(ByteBuffer buffer) throws IOException {
        Path copy = Files.createTempFile("nn-raw", ".data");
        try (FileChannel out = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            for (long rest = Files.size(file); rest > 0; ) {
                rest -= out.write(buffer.clear().limit((int) Math.min(BLOCK, rest)));
            }
            out.force(true); // as a checkpoint is
        } finally {
            Files.delete(copy);
        }
    }

    @Override
    public float[] result() {
        throw new UnsupportedOperationException("compared with nothing");
    }
}
