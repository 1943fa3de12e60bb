package nn.train.tensorboard;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import nn.tensor.Tensor;
import nn.train.internal.io.AtomicFile;
import nn.train.internal.io.BinaryReader;
import nn.train.internal.io.ProtobufReader;
import nn.train.internal.io.ProtobufWriter;
import nn.train.io.DataFormatException;

/**
 * A file of events, each of which has a time, the number of a step, and a value under a tag. They are encoded as
 * TensorFlow's messages {@code Event}, {@code Summary}, {@code HistogramProto} and {@code TensorProto}; the numbers in
 * the code are those of their fields.
 *
 * <p>Events are gathered in memory, and {@link #flush} appends them. The file is open only meanwhile, so a training
 * that fails leaves nothing open.
 */
final class EventFile {
    private static final String NAME = "events.out.tfevents.0000000000.nn"; // TensorBoard looks for "tfevents"
    private static final String REPLACED = "replaced-events.nn"; // it must not find this one
    private static final String VERSION = "brain.Event:2";
    private static final int DT_STRING = 7;
    private static final int CHUNK = 1 << 16;

    private final Path file;
    private final Path replaced;
    private final ByteArrayOutputStream unwritten = new ByteArrayOutputStream();

    EventFile(Path folder) {
        this.file = folder.resolve(NAME);
        this.replaced = folder.resolve(REPLACED);
    }

    /**
     * Prepares the file for events of a step and later ones. Those that it has are taken out, and so is an unfinished
     * event of a process that was killed; if it loses whole events, a copy of it is kept under another name.
     *
     * @return whether the file has events of step 0 at most, and none of them under the tag
     * @throws DataFormatException if the file is damaged
     */
    boolean continueAt(long step, String tag) throws IOException {
        flush();
        Files.createDirectories(file.toAbsolutePath().getParent());
        if (Files.notExists(file)) {
            return true;
        }
        Beginning kept = before(step, tag);
        if (kept.isFollowedByEvents()) {
            Files.copy(file, replaced, StandardCopyOption.REPLACE_EXISTING);
        }
        if (kept.bytes() < Files.size(file)) {
            try (InputStream in = BinaryReader.open(file)) {
                AtomicFile.write(file, out -> copy(in, out, kept.bytes()));
            }
        }
        return kept.lacksTag();
    }

    private static void copy(InputStream in, OutputStream out, long bytes) throws IOException {
        for (long left = bytes; left > 0; ) {
            byte[] chunk = in.readNBytes((int) Math.min(left, CHUNK));
            out.write(chunk);
            left -= chunk.length;
        }
    }

    /** What stays of a file. */
    private record Beginning(long bytes, boolean isFollowedByEvents, boolean lacksTag) {}

    /** Reads the events before the first one of a step, or of a later one. */
    private Beginning before(long step, String tag) throws IOException {
        try (InputStream in = BinaryReader.open(file)) {
            EventRecords records = new EventRecords(in, file.toString());
            boolean lacksTag = true;
            while (true) {
                long end = records.end();
                byte[] data;
                try {
                    data = records.next();
                } catch (DataFormatException e) {
                    if (records.isCutOff()) {
                        return new Beginning(end, false, lacksTag);
                    }
                    throw e;
                }
                if (data == null) {
                    return new Beginning(end, false, lacksTag);
                }
                Head head = head(data, end);
                if (head.step() >= step) {
                    return new Beginning(end, true, lacksTag);
                }
                lacksTag &= head.step() == 0 && !head.tag().equals(tag);
            }
        }
    }

    /** What an event is about; its tag is empty if it has none. */
    private record Head(long step, String tag) {}

    /** Reads an event, which begins at a position of the file. */
    private Head head(byte[] data, long position) throws DataFormatException {
        ProtobufReader event = new ProtobufReader(data, file.toString(), position);
        long step = 0;
        String tag = "";
        while (event.next()) {
            switch (event.field()) {
                case 2 -> step = event.varint("step");
                case 5 -> tag = tag(event.message("summary"));
                default -> event.skip();
            }
        }
        return new Head(step, tag);
    }

    private static String tag(ProtobufReader summary) throws DataFormatException {
        String tag = "";
        while (summary.next()) { // it has no other field
            ProtobufReader value = summary.message("value");
            while (value.next()) {
                if (value.field() == 1) {
                    tag = value.text("tag");
                } else {
                    value.skip();
                }
            }
        }
        return tag;
    }

    private static byte[] event(long step, Consumer<ProtobufWriter> what) {
        ProtobufWriter event = new ProtobufWriter().float64(1, System.currentTimeMillis() * 1e-3);
        if (step > 0) { // 0 is what a missing field means
            event.varint(2, step);
        }
        what.accept(event);
        return EventRecords.record(event.toBytes());
    }

    private void value(String tag, long step, Consumer<ProtobufWriter> what) {
        unwritten.writeBytes(event(
                step,
                event -> event.message(
                        5,
                        summary -> summary.message(1, value -> {
                            value.text(1, tag);
                            what.accept(value);
                        }))));
    }

    /** Adds a number. */
    void scalar(String tag, long step, double number) {
        value(tag, step, value -> value.float32(2, (float) number));
    }

    /** Adds the distribution of a tensor's elements. */
    void histogram(String tag, long step, Tensor values) {
        Histogram histogram = Histogram.of(values);
        value(
                tag,
                step,
                value -> value.message(
                        5,
                        message -> message.float64(1, histogram.min())
                                .float64(2, histogram.max())
                                .float64(3, values.size())
                                .float64(4, histogram.sum())
                                .float64(5, histogram.sumOfSquares())
                                .packedDoubles(6, histogram.limits())
                                .packedDoubles(7, histogram.counts())));
    }

    /** Adds a text in Markdown: a tensor of one string, for the plugin "text". */
    void text(String tag, long step, String text) {
        value(
                tag,
                step,
                value -> value.message(9, metadata -> metadata.message(1, plugin -> plugin.text(1, "text")))
                        .message(
                                8,
                                tensor -> tensor.varint(1, DT_STRING)
                                        .message(2, shape -> shape.message(2, dimension -> dimension.varint(1, 1)))
                                        .text(8, text)));
    }

    /** Writes all events; the version comes first in a new file. */
    void flush() throws IOException {
        if (unwritten.size() > 0) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                if (Files.size(file) == 0) {
                    out.write(event(0, event -> event.text(3, VERSION)));
                }
                unwritten.writeTo(out);
            }
            unwritten.reset();
        }
    }
}
