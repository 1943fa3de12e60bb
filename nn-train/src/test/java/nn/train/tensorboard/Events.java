package nn.train.tensorboard;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import nn.train.internal.io.ProtobufReader;
import nn.train.io.DataFormatException;

/** Reads event files back, field by field as TensorFlow's messages number them. */
final class Events {
    static final String NAME = "events.out.tfevents.0000000000.nn";

    /** An event; the value is a Float, a list of doubles (six numbers of a histogram, limits, counts), or a text. */
    record Event(long step, String tag, Object value) {}

    private Events() {}

    static List<Event> of(Path folder) throws IOException {
        return of(Files.readAllBytes(folder.resolve(NAME)));
    }

    static List<Event> of(byte[] file) throws IOException {
        EventRecords records = new EventRecords(new ByteArrayInputStream(file), "the file");
        List<Event> events = new ArrayList<>();
        for (byte[] data = records.next(); data != null; data = records.next()) {
            events.add(event(new ProtobufReader(data, "the file")));
        }
        return events;
    }

    private static Event event(ProtobufReader event) throws DataFormatException {
        long step = 0;
        Event read = new Event(0, "", "");
        while (event.next()) {
            switch (event.field()) {
                case 1 -> {
                    double time = event.float64("wall_time");
                    if (!(time > 1.7e9 && time < 1e10)) {
                        throw event.problem("wall_time", "is " + time + ", not a time of this century");
                    }
                }
                case 2 -> step = event.varint("step");
                case 3 -> read = new Event(0, "version", event.text("file_version"));
                case 5 -> read = summary(event.message("summary"));
                default -> throw event.problem("field " + event.field(), "is not expected");
            }
        }
        return new Event(step, read.tag(), read.value());
    }

    private static Event summary(ProtobufReader summary) throws DataFormatException {
        summary.next();
        ProtobufReader value = summary.message("value");
        if (summary.next()) {
            throw summary.problem("value", "is there twice");
        }
        String tag = "";
        Object read = "";
        String plugin = "";
        while (value.next()) {
            switch (value.field()) {
                case 1 -> tag = value.text("tag");
                case 2 -> read = value.float32("simple_value");
                case 5 -> read = histogram(value.message("histo"));
                case 8 -> read = text(value.message("tensor"));
                case 9 -> plugin = plugin(value.message("metadata"));
                default -> throw value.problem("field " + value.field(), "is not expected");
            }
        }
        if (read instanceof String != plugin.equals("text")) {
            throw value.problem("metadata", "names the plugin '" + plugin + "'");
        }
        return new Event(0, tag, read);
    }

    private static String plugin(ProtobufReader metadata) throws DataFormatException {
        metadata.next();
        ProtobufReader plugin = metadata.message("plugin_data");
        plugin.next();
        return plugin.text("plugin_name");
    }

    private static String text(ProtobufReader tensor) throws DataFormatException {
        String text = "";
        long type = 0;
        long size = 0;
        while (tensor.next()) {
            switch (tensor.field()) {
                case 1 -> type = tensor.varint("dtype");
                case 2 -> {
                    ProtobufReader shape = tensor.message("tensor_shape");
                    shape.next();
                    ProtobufReader dimension = shape.message("dim");
                    dimension.next();
                    size = dimension.varint("size");
                }
                case 8 -> text = tensor.text("string_val");
                default -> throw tensor.problem("field " + tensor.field(), "is not expected");
            }
        }
        if (type != 7 || size != 1) {
            throw tensor.problem("dtype", "is " + type + " of size " + size);
        }
        return text;
    }

    private static List<Double> histogram(ProtobufReader histogram) throws DataFormatException {
        List<Double> numbers = new ArrayList<>();
        while (histogram.next()) {
            if (histogram.field() <= 5) {
                numbers.add(histogram.float64("number"));
            } else {
                DoubleStream.Builder packed = DoubleStream.builder();
                histogram.doubles("buckets", packed);
                packed.build().forEach(numbers::add);
            }
        }
        return numbers;
    }
}
