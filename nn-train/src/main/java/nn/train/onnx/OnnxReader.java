package nn.train.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;
import nn.train.internal.Texts;
import nn.train.internal.io.BinaryReader;
import nn.train.internal.io.Dimensions;
import nn.train.internal.io.ElementType;
import nn.train.internal.io.FileKind;
import nn.train.internal.io.ProtobufReader;
import nn.train.io.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a ModelProto. Numbers of fields and types are those of the standard's onnx.proto. What does not change the
 * computation, such as descriptions, is passed over. What would change it and is not understood is refused.
 */
final class OnnxReader {
    private static final int MAX_TEXT = 1 << 16; // bytes of a name or text
    private static final long EXTERNAL = 1;

    private final String source;

    private OnnxReader(String source) {
        this.source = source;
    }

    /** What a file has. */
    record Content(OnnxGraph graph, int opset, String producer) {}

    /** The names of values that a node may read: those of its graph so far, and those of the graphs around it. */
    private record Scope(@Nullable Scope outer, Set<String> names) {
        Scope(@Nullable Scope outer) {
            this(outer, new HashSet<>());
        }

        boolean contains(String name) {
            return names.contains(name) || outer != null && outer.contains(name);
        }

        /** Returns false if the name was there. */
        boolean add(String name) {
            return names.add(name);
        }
    }

    static Content read(Path file) throws IOException {
        String name = file.toString();
        try (InputStream in = BinaryReader.openRegular(file)) {
            long size = Files.size(file);
            if (size > OnnxModel.LARGEST) {
                throw new DataFormatException(
                        name, 0, "the file has " + size + " bytes; an ONNX file has at most " + OnnxModel.LARGEST);
            }
            long heap = Runtime.getRuntime().maxMemory();
            if (size > heap) {
                throw new DataFormatException(
                        name,
                        0,
                        "the file has " + size + " bytes, but the heap has only " + heap
                                + "; give the JVM more by -Xmx");
            }
            return read(new BinaryReader(in, name).bytes((int) size), name);
        }
    }

    static Content read(byte[] bytes, String source) throws DataFormatException {
        return new OnnxReader(source).model(new ProtobufReader(bytes, source), bytes);
    }

    private Content model(ProtobufReader message, byte[] bytes) throws DataFormatException {
        OnnxGraph graph = null;
        long opset = 0;
        String producer = "";
        boolean hasVersion = false;
        try {
            while (message.next()) {
                switch (message.field()) {
                    case 1 -> {
                        message.varint("ir_version");
                        hasVersion = true;
                    }
                    case 2 -> producer = text(message, "producer_name");
                    case 7 -> {
                        if (graph != null) {
                            throw message.problem("graph", "is given twice");
                        }
                        graph = graph(message.message("graph"), new Scope(null));
                    }
                    case 8 -> opset = Math.max(opset, opset(message.message("opset_import")));
                    default -> message.skip();
                }
            }
        } catch (DataFormatException e) {
            throw hasVersion ? e : unlike(bytes, e);
        }
        if (graph == null || !hasVersion) {
            String missing = "the model has no " + (graph == null ? "graph" : "ir_version");
            DataFormatException e = new DataFormatException(source, bytes.length, missing);
            throw hasVersion || graph != null ? e : unlike(bytes, e);
        }
        if (opset < 1 || opset > Integer.MAX_VALUE) {
            throw new DataFormatException(
                    source,
                    bytes.length,
                    "opset_import does not give the version of the standard's operators: the file is damaged");
        }
        return new Content(graph, (int) opset, producer);
    }

    /** A fault before anything of a model was read: perhaps the file is of another kind. */
    private DataFormatException unlike(byte[] bytes, DataFormatException e) {
        String kind = FileKind.resemblance(Arrays.copyOf(bytes, Math.min(bytes.length, 16)));
        DataFormatException unlike = new DataFormatException(source, e.position(), "this is no ONNX model" + kind);
        unlike.initCause(e);
        return unlike;
    }

    /** The version of the standard's operators; 0 for other domains. */
    private long opset(ProtobufReader message) throws DataFormatException {
        String domain = "";
        long version = 0;
        while (message.next()) {
            switch (message.field()) {
                case 1 -> domain = text(message, "domain");
                case 2 -> version = message.varint("version");
                default -> message.skip();
            }
        }
        return domain.isEmpty() || domain.equals("ai.onnx") ? version : 0;
    }

    /** Reads a graph; an inner one may use the values of those around it. */
    private OnnxGraph graph(ProtobufReader message, Scope known) throws DataFormatException {
        List<OnnxNode> nodes = new ArrayList<>();
        SequencedMap<String, OnnxTensor> constants = new LinkedHashMap<>();
        List<OnnxValue> declared = new ArrayList<>();
        List<OnnxValue> outputs = new ArrayList<>();
        List<ProtobufReader> bodies = new ArrayList<>(); // of nodes, read when all constants and inputs are known
        String name = "";
        while (message.next()) {
            switch (message.field()) {
                case 1 -> bodies.add(message.message("node[" + bodies.size() + "]"));
                case 2 -> name = text(message, "name");
                case 5 -> {
                    ProtobufReader part = message.message("initializer[" + constants.size() + "]");
                    Named tensor = tensor(part);
                    if (tensor.name().isEmpty() || constants.put(tensor.name(), tensor.tensor()) != null) {
                        throw part.problem(
                                "name",
                                "is '" + Texts.visible(tensor.name()) + "': a constant has a name that no other has");
                    }
                }
                case 11 -> declared.add(value(message.message("input[" + declared.size() + "]")));
                case 12 -> outputs.add(value(message.message("output[" + outputs.size() + "]")));
                case 15 ->
                    throw message.problem(
                            "sparse_initializer",
                            "holds sparse numbers, which are not read: write the file with dense ones");
                default -> message.skip();
            }
        }
        List<OnnxValue> inputs = declared.stream()
                .filter(value -> !constants.containsKey(value.name())) // old files list constants among the inputs
                .toList();
        constants.keySet().forEach(known::add);
        for (OnnxValue input : inputs) {
            if (!known.add(input.name())) {
                throw message.problem("input", "'" + Texts.visible(input.name()) + "' is declared twice");
            }
        }
        for (ProtobufReader body : bodies) {
            nodes.add(node(body, known));
        }
        for (OnnxValue output : outputs) {
            if (!known.contains(output.name())) {
                throw message.problem("output", "'" + Texts.visible(output.name()) + "' is given by no node");
            }
        }
        if (outputs.isEmpty()) {
            throw message.problem("output", "is missing: a graph has at least one");
        }
        return new OnnxGraph(
                name,
                List.copyOf(nodes),
                Collections.unmodifiableSequencedMap(constants),
                inputs,
                List.copyOf(outputs));
    }

    private OnnxNode node(ProtobufReader message, Scope known) throws DataFormatException {
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        SequencedMap<String, OnnxAttribute> attributes = new LinkedHashMap<>();
        String name = "";
        String type = "";
        String domain = "";
        while (message.next()) {
            switch (message.field()) {
                case 1 -> inputs.add(text(message, "input"));
                case 2 -> outputs.add(text(message, "output"));
                case 3 -> name = text(message, "name");
                case 4 -> type = text(message, "op_type");
                case 5 -> {
                    ProtobufReader part = message.message("attribute[" + attributes.size() + "]");
                    attribute(part, attributes, known);
                }
                case 7 -> domain = text(message, "domain");
                default -> message.skip();
            }
        }
        for (String input : inputs) {
            if (!input.isEmpty() && !known.contains(input)) {
                throw message.problem(
                        "input",
                        "'" + Texts.visible(input)
                                + "' is given by no node before this one: the nodes are out of order, or one is"
                                + " missing");
            }
        }
        for (String output : outputs) {
            if (!output.isEmpty() && !known.add(output)) {
                throw message.problem("output", "'" + Texts.visible(output) + "' is given twice");
            }
        }
        return new OnnxNode(
                domain,
                type,
                name,
                List.copyOf(inputs),
                List.copyOf(outputs),
                Collections.unmodifiableSequencedMap(attributes));
    }

    private void attribute(ProtobufReader message, SequencedMap<String, OnnxAttribute> all, Scope known)
            throws DataFormatException {
        String name = "";
        long type = 0;
        float real = 0;
        long whole = 0;
        String text = "";
        OnnxTensor tensor = null;
        OnnxGraph graph = null;
        DoubleStream.Builder reals = DoubleStream.builder();
        LongStream.Builder wholes = LongStream.builder();
        List<String> texts = new ArrayList<>();
        while (message.next()) {
            switch (message.field()) {
                case 1 -> name = text(message, "name");
                case 2 -> real = message.float32("f");
                case 3 -> whole = message.varint("i");
                case 4 -> text = text(message, "s");
                case 5 -> tensor = tensor(message.message("t")).tensor();
                case 6 -> graph = graph(message.message("g"), new Scope(known));
                case 7 -> message.floats("floats", reals);
                case 8 -> message.varints("ints", wholes);
                case 9 -> texts.add(text(message, "strings"));
                case 20 -> type = message.varint("type");
                default -> message.skip();
            }
        }
        OnnxAttribute attribute = switch (Math.clamp(type, 0, 100)) {
            case 1 -> new OnnxAttribute.Real(real);
            case 2 -> new OnnxAttribute.Whole(whole);
            case 3 -> new OnnxAttribute.Text(text);
            case 4 -> {
                if (tensor == null) {
                    throw message.problem(
                            "t", "is missing: attribute '" + Texts.visible(name) + "' is said to be a tensor");
                }
                yield new OnnxAttribute.Numbers(tensor);
            }
            case 5 -> {
                if (graph == null) {
                    throw message.problem(
                            "g", "is missing: attribute '" + Texts.visible(name) + "' is said to be a graph");
                }
                yield new OnnxAttribute.Body(graph);
            }
            case 6 ->
                new OnnxAttribute.Reals(
                        reals.build().mapToObj(number -> (float) number).toList());
            case 7 -> new OnnxAttribute.Wholes(wholes.build().boxed().toList());
            case 8 -> new OnnxAttribute.Texts(List.copyOf(texts));
            default -> new OnnxAttribute.Other(type);
        };
        if (name.isEmpty() || all.put(name, attribute) != null) {
            throw message.problem(
                    "name", "is '" + Texts.visible(name) + "': an attribute has a name that no other of its node has");
        }
    }

    private OnnxValue value(ProtobufReader message) throws DataFormatException {
        String name = "";
        ElementKind kind = ElementKind.FLOAT32;
        Shape shape = null;
        while (message.next()) {
            switch (message.field()) {
                case 1 -> name = text(message, "name");
                case 2 -> {
                    ProtobufReader type = message.message("type");
                    while (type.next()) {
                        if (type.field() == 1) {
                            ProtobufReader tensor = type.message("tensor_type");
                            while (tensor.next()) {
                                switch (tensor.field()) {
                                    case 1 -> kind = kind(tensor, tensor.varint("elem_type"));
                                    case 2 -> shape = shape(tensor.message("shape"));
                                    default -> tensor.skip();
                                }
                            }
                        } else {
                            type.skip();
                        }
                    }
                }
                default -> message.skip();
            }
        }
        if (name.isEmpty()) {
            throw message.problem("name", "is missing: an input or output has one");
        }
        return new OnnxValue(name, kind, Optional.ofNullable(shape));
    }

    private static ElementKind kind(ProtobufReader message, long type) throws DataFormatException {
        return switch (Math.clamp(type, 0, 100)) {
            case 1, 10, 16 -> ElementKind.FLOAT32; // halves become floats
            case 2, 3, 4, 5, 6, 12 -> ElementKind.INT32;
            case 7, 13 -> ElementKind.INT64;
            case 9 -> ElementKind.BOOL;
            case 11 -> ElementKind.FLOAT64;
            default -> throw message.problem("elem_type", "is " + type + ", which is no type of numbers that is read");
        };
    }

    private static Shape shape(ProtobufReader message) throws DataFormatException {
        List<Integer> dims = new ArrayList<>();
        Dimensions known = new Dimensions();
        while (message.next()) {
            if (message.field() != 1) {
                message.skip();
                continue;
            }
            ProtobufReader dim = message.message("dim[" + dims.size() + "]");
            long size = Shape.ANY;
            while (dim.next()) {
                if (dim.field() == 1) {
                    size = dim.varint("dim_value");
                    if (size < 0) {
                        throw dim.problem("dim_value", "is " + size + "; it is 0 or more");
                    }
                } else {
                    dim.skip();
                }
            }
            Optional<String> wrong = known.add(size == Shape.ANY ? 1 : size);
            if (wrong.isPresent()) {
                throw message.problem("dim", "is impossible: " + wrong.get());
            }
            dims.add((int) size);
        }
        return Shape.of(dims.stream().mapToInt(Integer::intValue).toArray());
    }

    private record Named(String name, OnnxTensor tensor) {}

    private Named tensor(ProtobufReader message) throws DataFormatException {
        LongStream.Builder dims = LongStream.builder();
        long type = 0;
        String name = "";
        ByteBuffer raw = null;
        DoubleStream.Builder reals = DoubleStream.builder();
        LongStream.Builder wholes = LongStream.builder();
        while (message.next()) {
            switch (message.field()) {
                case 1 -> message.varints("dims", dims);
                case 2 -> type = message.varint("data_type");
                case 3 -> throw message.problem("segment", "says that this is a part of a tensor, which is not read");
                case 4 -> message.floats("float_data", reals);
                case 5 -> message.varints("int32_data", wholes);
                case 6 -> throw message.problem("string_data", "holds texts, which no tensor here can");
                case 7 -> message.varints("int64_data", wholes);
                case 8 -> name = text(message, "name");
                case 9 -> raw = message.bytes("raw_data");
                case 10 -> message.doubles("double_data", reals);
                case 11 -> message.varints("uint64_data", wholes);
                case 14 -> {
                    if (message.varint("data_location") == EXTERNAL) {
                        throw message.problem(
                                "data_location",
                                "says that the numbers are in another file (external"
                                        + " data), which is not read: save the model with its numbers in one file");
                    }
                }
                default -> message.skip();
            }
        }
        Dimensions known = new Dimensions();
        for (long dim : dims.build().toArray()) {
            Optional<String> wrong = dim < 0 ? Optional.of("dimension " + dim + " is negative") : known.add(dim);
            if (wrong.isPresent()) {
                throw message.problem("dims", "of '" + Texts.visible(name) + "': " + wrong.get());
            }
        }
        return new Named(name, numbers(message, name, type, known.shape(), raw, reals, wholes));
    }

    private OnnxTensor numbers(
            ProtobufReader message,
            String name,
            long type,
            Shape shape,
            @Nullable ByteBuffer raw,
            DoubleStream.Builder reals,
            LongStream.Builder wholes)
            throws DataFormatException {
        ElementType element = switch (Math.clamp(type, 0, 100)) {
            case 1 -> ElementType.F32;
            case 2 -> ElementType.U8;
            case 3 -> ElementType.I8;
            case 4 -> ElementType.U16;
            case 5 -> ElementType.I16;
            case 6 -> ElementType.I32;
            case 7 -> ElementType.I64;
            case 9 -> ElementType.BOOL;
            case 10 -> ElementType.F16;
            case 11 -> ElementType.F64;
            case 12 -> ElementType.U32;
            case 13 -> ElementType.U64;
            case 16 -> ElementType.BF16;
            default ->
                throw message.problem(
                        "data_type",
                        "of '" + Texts.visible(name) + "' is " + type + ", which is no type of numbers that is read");
        };
        boolean isReal = element == ElementType.F32 || element == ElementType.F64;
        long[] whole = raw != null || isReal ? new long[0] : wholes.build().toArray();
        double[] real = raw != null || !isReal ? new double[0] : reals.build().toArray();
        long has = raw != null ? raw.remaining() : whole.length + real.length;
        long needs = raw != null ? (long) shape.size() * element.bytes() : shape.size();
        if (has != needs) {
            throw message.problem(
                    raw != null ? "raw_data" : "data",
                    "of '" + Texts.visible(name) + "' has " + has
                            + (raw != null ? " bytes" : " numbers") + "; a tensor " + shape + " of " + element + " has "
                            + needs);
        }
        return switch (element) {
            case F32, F16, BF16 -> {
                float[] numbers = new float[shape.size()];
                if (raw != null) {
                    element.next(raw, numbers.length, numbers, 0);
                } else if (isReal) {
                    for (int i = 0; i < numbers.length; i++) {
                        numbers[i] = (float) real[i];
                    }
                } else { // the bits of halves, as int32
                    ByteBuffer half = ByteBuffer.allocate(Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                    for (int i = 0; i < numbers.length; i++) {
                        numbers[i] =
                                element.next(half.putShort(0, (short) whole[i]).position(0));
                    }
                }
                yield new OnnxTensor.Floats(Tensor.of(numbers, shape.dims()));
            }
            case F64 -> {
                double[] numbers = real;
                if (raw != null) {
                    numbers = new double[shape.size()];
                    raw.asDoubleBuffer().get(numbers);
                }
                yield new OnnxTensor.Doubles(shape, numbers);
            }
            default -> {
                long[] numbers = whole;
                if (raw != null) {
                    numbers = new long[shape.size()];
                    for (int i = 0; i < numbers.length; i++) {
                        numbers[i] = whole(element, raw);
                    }
                }
                ElementKind kind = element == ElementType.BOOL
                        ? ElementKind.BOOL
                        : element.bytes() == Long.BYTES ? ElementKind.INT64 : ElementKind.INT32;
                yield new OnnxTensor.Wholes(kind, shape, numbers);
            }
        };
    }

    private static long whole(ElementType element, ByteBuffer from) {
        return switch (element) {
            case BOOL -> from.get() == 0 ? 0 : 1;
            case U8 -> from.get() & 0xFF;
            case I8 -> from.get();
            case U16 -> from.getChar();
            case I16 -> from.getShort();
            case U32 -> from.getInt() & 0xFFFFFFFFL;
            case I32 -> from.getInt();
            default -> from.getLong();
        };
    }

    private static String text(ProtobufReader message, String name) throws DataFormatException {
        ByteBuffer bytes = message.bytes(name);
        if (bytes.remaining() > MAX_TEXT) {
            throw message.problem(name, "has " + bytes.remaining() + " bytes; a name has at most " + MAX_TEXT);
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw message.problem(name, "is not UTF-8 text: the file is damaged, or of another kind");
        }
    }
}
