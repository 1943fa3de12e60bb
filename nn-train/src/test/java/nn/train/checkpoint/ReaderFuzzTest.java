package nn.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.attention.Attention;
import nn.layers.attention.Rotary;
import nn.layers.attention.SinusoidalPositions;
import nn.layers.network.Network;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Rnn;
import nn.layers.recurrent.Stacked;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.Allocation;
import nn.train.Trainer;
import nn.train.data.Categories;
import nn.train.data.Csv;
import nn.train.data.Idx;
import nn.train.data.Npy;
import nn.train.data.Preprocessing;
import nn.train.data.Standardizer;
import nn.train.data.Table;
import nn.train.internal.io.ProtobufWriter;
import nn.train.io.DataFormatException;
import nn.train.loss.MeanSquaredError;
import nn.train.onnx.OnnxModel;
import nn.train.optimizer.Adam;
import nn.train.tensorboard.TensorBoard;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every reader gets changed copies of valid files, and their beginnings. Each is read, or refused by an exception that
 * names the file, within a second of one processor. What that allocates is bounded by the size of the file. Most files
 * take less than a millisecond, so a busy machine decides nothing; a file that seems to take a second is read twice
 * more. A longer run prints the slowest file and the most memory of each reader.
 *
 * <p>A longer run of one reader, or of all that have a text in their name, in turn: {@code -Dnn.fuzz.seconds=600
 * -Dnn.fuzz.reader=csv -Dnn.fuzz.seed=1}.
 */
class ReaderFuzzTest {
    private static final int CHANGES =
            500; // for each reader, in the usual run: a thousand for most formats, which have several
    private static final long MEMORY = 8 << 20; // bytes for a file of any size: buffers, and classes that are loaded
    private static final long MEMORY_PER_BYTE = 400; // of the file
    private static final long SECOND = 1_000_000_000; // nanoseconds of a processor
    private static final Duration HANGS = Duration.ofMinutes(2); // all files of a reader; one takes milliseconds
    private static final String EVENTS = "events.out.tfevents.0000000000.nn";
    private static final byte[] BYTES = {0, 1, 0x7F, (byte) 0x80, (byte) 0xFF, '0', '9', '"', '\'', ',', '{', '(', '\n'
    };

    /** How many beginnings are whole files: of texts, of events, and of messages whose last fields may be missing. */
    private static final Map<String, Long> WHOLE_BEGINNINGS = Map.of(
            "csv without header",
            4L,
            "csv with header",
            2L,
            "csv of people",
            8L,
            "index of shards",
            1L,
            "event file",
            124L,
            "event with a right checksum",
            3L);

    @TempDir
    private Path folder;

    private Path file;
    private long read;
    private long refused;
    private long slowest; // nanoseconds of a processor
    private long mostMemory; // bytes

    /** Reads a file. */
    @FunctionalInterface
    private interface Reader {
        void read(Path file) throws IOException;
    }

    /** Valid files of a reader. */
    private record Target(Reader reader, List<byte[]> files) {}

    @BeforeEach
    void nameAFile() {
        file = folder.resolve("the-file");
    }

    @Tag("slow")
    @Test
    void everyChangedFileIsReadOrRefused() throws IOException {
        SplittableRandom random = new SplittableRandom(15);
        for (Map.Entry<String, Target> target : targets().entrySet()) {
            List<byte[]> files = target.getValue().files();
            readAll(target, Stream.generate(() -> changed(files, random)).limit(CHANGES));
            assertThat(refused).as(target.getKey()).isGreaterThan(CHANGES / 10); // the changes have an effect
        }
    }

    /** The smallest file of each reader, up to every byte of the first ones, and then up to some. */
    @Tag("slow")
    @Test
    void everyBeginningOfAFileIsReadOrRefused() throws IOException {
        Map<String, Long> whole = new TreeMap<>();
        for (Map.Entry<String, Target> target : targets().entrySet()) {
            byte[] bytes = target.getValue().files().stream()
                    .min(Comparator.comparingInt(file -> file.length))
                    .orElseThrow();
            readAll(
                    target,
                    IntStream.iterate(0, length -> length < bytes.length, length -> length + (length < 256 ? 1 : 17))
                            .mapToObj(length -> Arrays.copyOf(bytes, length)));
            if (read > 0) {
                whole.put(target.getKey(), read);
            }
        }
        assertThat(whole).isEqualTo(WHOLE_BEGINNINGS);
    }

    /** Reads files, or fails if that never ends. */
    private void readAll(Map.Entry<String, Target> target, Stream<byte[]> files) {
        begin();
        assertTimeoutPreemptively(HANGS, () -> {
            for (byte[] bytes : (Iterable<byte[]>) files::iterator) {
                read(target.getKey(), target.getValue(), bytes);
            }
        });
    }

    private void begin() {
        read = 0;
        refused = 0;
        slowest = 0;
        mostMemory = 0;
    }

    @Test
    @EnabledIfSystemProperty(named = "nn.fuzz.seconds", matches = "\\d+")
    void everyFileOfALongRunIsReadOrRefused() throws IOException {
        Map<String, Target> targets = targets();
        targets.keySet().removeIf(name -> !name.contains(System.getProperty("nn.fuzz.reader", "")));
        assertThat(targets).isNotEmpty();
        long seconds = Long.getLong("nn.fuzz.seconds");
        long nanos = Duration.ofSeconds(seconds).toNanos() / targets.size();
        SplittableRandom random = new SplittableRandom(Long.getLong("nn.fuzz.seed", 1));
        for (Map.Entry<String, Target> target : targets.entrySet()) {
            begin();
            for (long start = System.nanoTime(); System.nanoTime() - start < nanos; ) {
                read(
                        target.getKey(),
                        target.getValue(),
                        changed(target.getValue().files(), random));
            }
            System.out.println(target.getKey() + ": " + read + " read, " + refused + " refused; the slowest took "
                    + slowest / 1000 + " microseconds, the largest " + mostMemory + " bytes");
        }
    }

    private void read(String name, Target target, byte[] changed) throws IOException {
        Files.write(file, changed);
        long limit = MEMORY + MEMORY_PER_BYTE * changed.length;
        long[] nanos = new long[1];
        long taken = Allocation.least(limit + 1, () -> nanos[0] = nanosOfReading(name, target, changed));
        long shortest = nanos[0];
        for (int again = 0; again < 2 && shortest > SECOND; again++) {
            shortest = Math.min(shortest, nanosOfReading(name, target, changed));
        }
        slowest = Math.max(slowest, shortest);
        mostMemory = Math.max(mostMemory, taken);
        if (taken > limit) {
            throw failure(name, changed, new AssertionError("it took " + taken + " bytes"));
        }
        if (shortest > SECOND) {
            throw failure(name, changed, new AssertionError("it took " + shortest + " nanoseconds of a processor"));
        }
    }

    /** Reads the file, and returns the time of the processor that this took. */
    private long nanosOfReading(String name, Target target, byte[] changed) throws IOException {
        long start = Allocation.processorTimeSoFar();
        try {
            target.reader().read(file);
            read++;
        } catch (DataFormatException e) {
            assertThat(e.getMessage()).as(name).contains("the-file").doesNotContain("null");
            refused++;
        } catch (IllegalArgumentException e) { // a checkpoint that does not fit
            if (!name.startsWith("checkpoint") || !e.getMessage().startsWith(file + "")) {
                throw failure(name, changed, e);
            }
            refused++;
        } catch (RuntimeException | Error e) {
            throw failure(name, changed, e);
        }
        return Allocation.processorTimeSoFar() - start;
    }

    private static AssertionError failure(String name, byte[] changed, Throwable e) throws IOException {
        Path kept = Files.write(Files.createTempFile("fuzz", ".bin"), changed);
        return new AssertionError(name + ": " + e + "; the file is " + kept, e);
    }

    private static byte[] changed(List<byte[]> files, SplittableRandom random) {
        byte[] bytes = files.get(random.nextInt(files.size())).clone();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            bytes = changedOnce(bytes, files, random);
        }
        return bytes;
    }

    private static byte[] changedOnce(byte[] bytes, List<byte[]> files, SplittableRandom random) {
        if (bytes.length < 8) {
            return files.getFirst().clone();
        }
        int at = random.nextInt(
                random.nextBoolean() ? Math.min(bytes.length, 128) : bytes.length); // half of the time in a header
        int end = Math.min(bytes.length, at + 1 + random.nextInt(16));
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                for (int i = 1 + random.nextInt(4); i > 0; i--) {
                    bytes[random.nextInt(at, bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                bytes[at] ^= (byte) (1 << random.nextInt(8));
                return bytes;
            }
            case 2 -> {
                bytes[at] = BYTES[random.nextInt(BYTES.length)];
                return bytes;
            }
            case 3 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 4 -> { // another number, in either byte order
                ByteBuffer numbers = ByteBuffer.wrap(bytes);
                numbers.order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
                numbers.putInt(Math.min(at, bytes.length - 4), random.nextInt() >>> random.nextInt(32));
                return bytes;
            }
            case 5 -> { // without some bytes
                return join(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, end, bytes.length));
            }
            case 6 -> { // some bytes several times
                byte[] some = Arrays.copyOfRange(bytes, at, end);
                byte[] result = Arrays.copyOf(bytes, end);
                for (int i = random.nextInt(40); i >= 0; i--) {
                    result = join(result, some);
                }
                return join(result, Arrays.copyOfRange(bytes, end, bytes.length));
            }
            default -> { // a part of another file
                byte[] other = files.get(random.nextInt(files.size()));
                int from = random.nextInt(other.length);
                byte[] part = Arrays.copyOfRange(other, from, Math.min(other.length, from + 1 + random.nextInt(200)));
                return join(join(Arrays.copyOf(bytes, at), part), Arrays.copyOfRange(bytes, end, bytes.length));
            }
        }
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, Target> targets() throws IOException {
        Map<String, Target> targets = new LinkedHashMap<>();
        List<byte[]> arrays = List.of(
                npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }\n", 48),
                npy("{'descr': '>f8', 'fortran_order': True, 'shape': (2, 3, 2), }\n", 96),
                npy("{'descr': '<i8', 'fortran_order': False, 'shape': (5,), }\n", 40),
                npy("{'descr': '|u1', 'fortran_order': False, 'shape': (), }\n", 1));
        targets.put("npy", new Target(Npy::read, arrays));
        targets.put(
                "npz", new Target(Npy::readAll, List.of(npz(arrays, ZipEntry.DEFLATED), npz(arrays, ZipEntry.STORED))));
        List<byte[]> idx = List.of(
                join(new byte[] {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4}, new byte[24]),
                join(new byte[] {0, 0, 0xE, 1, 0, 0, 0, 3}, new byte[24]));
        targets.put("idx", new Target(Idx::read, idx));
        targets.put("idx in gzip", new Target(Idx::read, List.of(gzip(idx.getFirst()), gzip(idx.getLast()))));
        targets.put(
                "csv without header",
                new Target(
                        Csv.withoutHeader()::read,
                        List.of(utf8("1,2.5,-3e4\n4,5,6\n"), utf8("\ufeff1\r\n\"2\"\r\n\r\n"))));
        targets.put(
                "csv with header",
                new Target(
                        Csv.withHeader()::read,
                        List.of(
                                utf8("a,b,\"c\n\"\n1,2,3\n4,16777218,-.5\n"),
                                utf8("x\ty\n1\t2\n"),
                                utf8("a,b,c\n1,2,3\n"))));
        Csv people = Csv.withHeader()
                .separator(';')
                .decimalComma()
                .comments('#')
                .allowMissing("NA")
                .text("city")
                .without("id");
        targets.put(
                "csv of people",
                new Target(
                        path -> use(people.read(path)),
                        List.of(
                                utf8("# list\nid;city;age;income\nx;Rome;1,5;NA\ny;\"K;ln\";;2\n#\nz;;3;4\n\n"),
                                utf8("city;id;b\n\u00e9;2;3,25\nb;;NA\n"))));
        targets.put(
                "safetensors of others",
                new Target(
                        Safetensors::read,
                        List.of(
                                safetensors(
                                        "{'a':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]},"
                                                + "'b':{'dtype':'I64','shape':[1],'data_offsets':[16,24]}}",
                                        24),
                                safetensors(
                                        "{'__metadata__':{'format':'pt','\\u00e9':'x'},"
                                                + "'t':{'dtype':'BF16','shape':[3,1],'data_offsets':[0,6]}}"
                                                + "   ",
                                        6))));
        Network model = network(1);
        Trainer trainer = new Trainer(model, new MeanSquaredError(), Adam.of(0.1), Key.of(1));
        List<byte[]> own = checkpoints(model, trainer);
        targets.put("safetensors of nn", new Target(Safetensors::read, own));
        targets.put("safetensors in a stream", new Target(ReaderFuzzTest::readStream, own));
        targets.put(
                "index of shards",
                new Target(
                        ReaderFuzzTest::readIndex,
                        List.of(
                                utf8("{\"metadata\": {\"total_size\": 16}, \"weight_map\": {\"a\": \"one\", \"b\":"
                                        + " \"one\"}}"),
                                utf8("{\"weight_map\":{\"a\":\"one\",\"b\":\"one\"},\"x\":[1.5e3,true,{}]}\n"))));
        // Without the checksum, changes reach what reads the texts and the tensors.
        List<byte[]> unchecked =
                own.stream().map(ReaderFuzzTest::withoutChecksum).toList();
        Network other = network(1);
        Trainer resumed = new Trainer(other, new MeanSquaredError(), Adam.of(0.1), Key.of(1));
        targets.put("checkpoint of weights", new Target(path -> Checkpoint.loadWeights(path, other), unchecked));
        targets.put("checkpoint of a training", new Target(path -> Checkpoint.resume(path, resumed), unchecked));
        targets.put("checkpoint of first weights", new Target(Checkpoint::drift, unchecked));
        targets.put("preprocessing", new Target(Checkpoint::preprocessing, unchecked));
        targets.put("event file", new Target(ReaderFuzzTest::events, List.of(eventFile())));
        targets.put(
                "event with a right checksum",
                new Target(ReaderFuzzTest::event, List.of(scalarEvent(3, 0.5f), scalarEvent(1 << 20, -1))));
        targets.put(
                "onnx",
                new Target(
                        ReaderFuzzTest::onnx,
                        List.of(onnx(model), onnx(texts()), pytorch("cnn"), pytorch("encoder"), pytorch("gpt_any"))));
        return targets;
    }

    /** What TensorBoard's writer reads when a training goes on: the steps of the events. */
    private static void events(Path path) throws IOException {
        Path folder = Files.createDirectories(path.resolveSibling(path.getFileName() + ".events"));
        Files.copy(path, folder.resolve(EVENTS), StandardCopyOption.REPLACE_EXISTING);
        try {
            TensorBoard.to(folder).over(4, Context.inference());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void event(Path path) throws IOException {
        Files.write(path, record(Files.readAllBytes(path)));
        events(path);
    }

    /** A record of TensorFlow: length, checksum, data, checksum. */
    private static byte[] record(byte[] data) {
        ByteBuffer record = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(masked(Arrays.copyOf(record.array(), 8))).put(data).putInt(masked(data));
        return record.array();
    }

    private static int masked(byte[] data) {
        CRC32C checksum = new CRC32C();
        checksum.update(data);
        return Integer.rotateRight((int) checksum.getValue(), 15) + 0xa282ead8;
    }

    private static byte[] scalarEvent(long step, float number) {
        return new ProtobufWriter()
                .float64(1, 1.75e9)
                .varint(2, step)
                .message(
                        5,
                        summary -> summary.message(
                                1, value -> value.text(1, "loss").float32(2, number)))
                .toBytes();
    }

    private static byte[] eventFile() {
        byte[] version =
                new ProtobufWriter().float64(1, 1.75e9).text(3, "brain.Event:2").toBytes();
        return join(record(version), join(record(scalarEvent(1, 2)), record(scalarEvent(2, 1))));
    }

    private static void readStream(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            Safetensors.read(in, path.toString());
        }
    }

    /** Reads an index, next to which there is one shard, with the tensors a and b. */
    private static void readIndex(Path path) throws IOException {
        SequencedMap<String, Tensor> shard = new LinkedHashMap<>();
        shard.put("a", Tensor.zeros(2));
        shard.put("b", Tensor.zeros(2));
        try (InputStream in = Files.newInputStream(path)) {
            Shards.read(in, path.toString(), name -> {
                if (!name.equals("one")) {
                    throw new DataFormatException(path.toString(), 0, "there is no shard " + name.length());
                }
                return new Safetensors(shard, new LinkedHashMap<>());
            });
        }
    }

    /** Operators that this library does not have are refused in another way than a malformed file. */
    private static void onnx(Path path) throws IOException {
        OnnxModel model = OnnxModel.read(path);
        try {
            model.graph();
        } catch (UnsupportedOperationException e) {
            assertThat(e.getMessage()).isNotBlank().doesNotContain("null");
        }
    }

    private static Network texts() {
        return Network.builder(Key.of(1))
                .input(Shape.of(Shape.ANY, Shape.ANY, 4))
                .layer("positions", SinusoidalPositions.of())
                .layer("attention", Attention.heads(1).rotary(Rotary.halves()).mask(Tensor.zeros(3, 3)))
                .timeMajor()
                .layer("rnn", Rnn.units(3).activation(Nonlinearity.SILU))
                .build();
    }

    private static byte[] onnx(Network model) throws IOException {
        Path file = Files.createTempFile("fuzz", ".onnx");
        try {
            OnnxModel.of(model).write(file);
            return Files.readAllBytes(file);
        } finally {
            Files.delete(file);
        }
    }

    private static byte[] pytorch(String name) throws IOException {
        String file = "/nn/train/onnx/" + name + ".onnx";
        try (InputStream in = Objects.requireNonNull(ReaderFuzzTest.class.getResourceAsStream(file), file)) {
            return in.readAllBytes();
        }
    }

    private static void use(Table table) throws IOException {
        if (table.columns().contains("city")) {
            Table whole = table.fillMissing("city", "none");
            whole.oneHot("city", whole.categories("city")).dropMissing();
        }
    }

    private static Network network(long seed) {
        return Network.builder(Key.of(seed))
                .sequence(2)
                .layer("stack", Stacked.of(Gru.units(2), Rnn.units(3)).last())
                .dense("out", 1)
                .build();
    }

    private static List<byte[]> checkpoints(Network model, Trainer trainer) throws IOException {
        Path folder = Files.createTempDirectory("fuzz");
        try {
            List<byte[]> files = new ArrayList<>();
            Path file = folder.resolve("file");
            Preprocessing steps = Preprocessing.NONE
                    .with("x", Standardizer.of(new double[] {1.5, -2}, new double[] {1, 3e-5}))
                    .with("city", Categories.of("Rome", "K\u00f6ln", "a\nb"));
            for (Layout layout : Layout.values()) {
                Checkpoint.saveWeights(file, model, layout, steps);
                files.add(Files.readAllBytes(file));
            }
            Checkpoint.save(file, trainer, steps);
            files.add(Files.readAllBytes(file));
            return files;
        } finally {
            try (var left = Files.list(folder)) {
                for (Path path : left.toList()) {
                    Files.delete(path);
                }
            }
            Files.delete(folder);
        }
    }

    /** Returns the file with other names instead of the two of the checksum. */
    private static byte[] withoutChecksum(byte[] file) {
        return new String(file, StandardCharsets.ISO_8859_1)
                .replace("nn.crc32c\":", "no.crc32c\":")
                .replace("nn.checked\":", "no.checked\":")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] npy(String header, int data) {
        ByteBuffer file = ByteBuffer.allocate(10 + header.length() + data).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) header.length());
        return file.put(utf8(header)).array();
    }

    private static byte[] npz(List<byte[]> arrays, int method) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(file)) {
            for (int i = 0; i < arrays.size(); i++) {
                ZipEntry entry = new ZipEntry("array" + i + ".npy");
                entry.setMethod(method);
                if (method == ZipEntry.STORED) {
                    CRC32 checksum = new CRC32();
                    checksum.update(arrays.get(i));
                    entry.setSize(arrays.get(i).length);
                    entry.setCrc(checksum.getValue());
                }
                zip.putNextEntry(entry);
                zip.write(arrays.get(i));
                zip.closeEntry();
            }
        }
        return file.toByteArray();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    private static byte[] safetensors(String header, int data) {
        byte[] text = utf8(header.replace('\'', '"'));
        ByteBuffer file = ByteBuffer.allocate(8 + text.length + data).order(ByteOrder.LITTLE_ENDIAN);
        return file.putLong(text.length).put(text).array();
    }
}
