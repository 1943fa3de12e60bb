package nn.train.data;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.Texts;
import nn.train.internal.io.AtomicFile;
import nn.train.internal.io.BinaryReader;
import nn.train.internal.io.Dimensions;
import nn.train.internal.io.ElementType;
import nn.train.internal.io.FileKind;
import nn.train.internal.io.ZipArchive;
import nn.train.io.DataFormatException;

/**
 * Reads and writes the files of NumPy: one array ({@code .npy}), or several with names ({@code .npz}), in the format
 * that NumPy's <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">numpy.lib.format</a>
 * describes, versions 1.0 to 3.0.
 *
 * <pre>{@code
 * Tensor x = Npy.read(Path.of("x.npy"));
 * Npy.names(Path.of("digits.npz"));                      // [x, y, names]
 * Npy.readNamed(Path.of("digits.npz"), "x", "y");        // without names, which are texts
 * }</pre>
 *
 * <p>It reads booleans, signed and unsigned integers of 8 to 64 bits, and floats of 16, 32 and 64 bits, in either byte
 * order. Doubles are rounded to the nearest float. A whole number that float32 does not hold, such as 16777217, and a
 * double beyond the range of floats are refused, because two labels could become one. To have them rounded, save {@code
 * astype(numpy.float64)}. An array in Fortran order is put into row-major order, so that {@code get(i, j)} is what
 * {@code a[i, j]} is in Python. Arrays of complex numbers, dates, texts, records or Python objects are refused, with
 * the name of their type. Objects would need a pickle, which is a program and is never run.
 *
 * <p>It writes float32, little-endian, row-major, version 1.0. A file is replaced as a whole: an error or a crash
 * leaves the old one. Files may be in any file system, such as that of a zip archive.
 *
 * <p>Memory is allocated for the elements that a file has, not for those that its header claims. A compressed array can
 * be a thousand times as large as its file; it is refused if the heap cannot hold it.
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LONGEST_HEADER = 1 << 16;
    private static final int LONGEST_NAME = 0x7FFF; // in bytes; a zip archive has 65535 for the name and other fields
    private static final int EXPANSION = 4; // memory allocated before a compressed array is read, per compressed byte
    private static final int BUFFER = 1 << 13; // bytes
    private static final String SUFFIX = ".npy";

    private Npy() {}

    /**
     * Reads one array.
     *
     * @param file a {@code .npy} file
     * @return the array, in its shape
     * @throws DataFormatException if it is not a whole file of that form, or of a type that cannot be read
     * @throws IOException if it cannot be read
     */
    public static Tensor read(Path file) throws IOException {
        try (InputStream in = BinaryReader.open(file)) {
            return read(in, file.toString(), Files.size(file), "");
        }
    }

    /**
     * Reads one array from a stream, to its end; does not close it.
     *
     * @param in the bytes of a {@code .npy} file
     * @param name its name in messages
     * @return the array, in its shape
     * @throws DataFormatException if it is not a whole file of that form, or of a type that cannot be read
     * @throws IOException if it cannot be read
     */
    public static Tensor read(InputStream in, String name) throws IOException {
        return read(in, name, 0, "");
    }

    /** Reads one array; the advice ends the message for a type that cannot be read. */
    private static Tensor read(InputStream in, String name, long size, String advice) throws IOException {
        Objects.requireNonNull(in, "in");
        Objects.requireNonNull(name, "name");
        int buffer = size > 0 ? (int) Math.min(size, BUFFER) : BUFFER; // a small array needs no more
        BinaryReader source = BinaryReader.ofSize(new BufferedInputStream(in, buffer), name, size);
        Header header = header(source, advice);
        Tensor array = header.fortran()
                ? FortranOrder.read(source, header.type(), header.order(), header.shape())
                : source.elements(header.type(), header.order(), header.shape(), BinaryReader.Rounding.REFUSED);
        source.requireEnd(header.shape());
        return array;
    }

    /**
     * Returns the rows of two arrays as examples for {@link Batches#streamed(ExampleSource, int)}. They are read when
     * they are needed, so the arrays may be larger than the heap. A training that is resumed compares the names and
     * sizes of the files, but not their numbers.
     *
     * @param x a {@code .npy} file of the inputs [n x ...], in row-major order
     * @param y a {@code .npy} file of the targets [n x ...], in row-major order
     * @return the examples
     * @throws DataFormatException if a file is not a whole one of that form, in Fortran order, or of a type that cannot
     *     be read
     * @throws IOException if a file cannot be read
     * @throws nn.tensor.ShapeException if the arrays differ in the number of rows
     */
    public static ExampleSource examples(Path x, Path y) throws IOException {
        return new NpyExamples(Objects.requireNonNull(x, "x"), Objects.requireNonNull(y, "y"));
    }

    /**
     * Returns the names of all arrays of a {@code .npz} file, also of those whose types cannot be read.
     *
     * @param file a {@code .npz} file: a zip archive, compressed or not, of {@code .npy} files
     * @return the names without {@code .npy}, in the order of the archive
     * @throws DataFormatException if it is not such an archive, or two arrays have the same name
     * @throws IOException if it cannot be read
     */
    public static List<String> names(Path file) throws IOException {
        return List.copyOf(arrays(open(file), file).keySet());
    }

    /**
     * Reads all arrays of a {@code .npz} file.
     *
     * @param file a {@code .npz} file: a zip archive, compressed or not, of {@code .npy} files
     * @return the arrays by name, without {@code .npy}, in the order of the archive
     * @throws DataFormatException if it is not such an archive, two arrays have the same name, one is not a whole array
     *     or of a type that cannot be read, or an array is longer or shorter than the archive states
     * @throws IOException if it cannot be read
     */
    public static SequencedMap<String, Tensor> readAll(Path file) throws IOException {
        ZipArchive archive = open(file);
        return read(archive, arrays(archive, file));
    }

    /**
     * Reads some arrays of a {@code .npz} file. The others may be of types that cannot be read, such as texts.
     *
     * @param file a {@code .npz} file: a zip archive, compressed or not, of {@code .npy} files
     * @param names the names of the arrays, without {@code .npy}
     * @return the arrays by name, in the order of the names
     * @throws DataFormatException if it is not such an archive, two arrays have the same name, or one of those named is
     *     missing, not whole, or of a type that cannot be read
     * @throws IOException if it cannot be read
     */
    public static SequencedMap<String, Tensor> readNamed(Path file, String... names) throws IOException {
        Objects.requireNonNull(names, "names");
        ZipArchive archive = open(file);
        SequencedMap<String, ZipArchive.Entry> all = arrays(archive, file);
        SequencedMap<String, ZipArchive.Entry> wanted = new LinkedHashMap<>();
        for (String name : names) {
            ZipArchive.Entry entry = all.get(Objects.requireNonNull(name, "name"));
            if (entry == null) {
                throw new DataFormatException(
                        file.toString(),
                        0,
                        "no array is named '" + Texts.visible(name) + "'; there are " + Texts.list(all.keySet()));
            }
            wanted.put(name, entry);
        }
        return read(archive, wanted);
    }

    private static SequencedMap<String, Tensor> read(ZipArchive archive, SequencedMap<String, ZipArchive.Entry> wanted)
            throws IOException {
        Map<ZipArchive.Entry, Tensor> read = new HashMap<>();
        archive.read(wanted.values(), (entry, content, name) -> {
            long size = Math.min(entry.size(), EXPANSION * entry.packed());
            read.put(entry, read(content, name, size, "; Npy.readNamed reads the other arrays, by their names"));
        });
        SequencedMap<String, Tensor> arrays = new LinkedHashMap<>();
        wanted.forEach((name, entry) -> arrays.put(name, read.get(entry)));
        return Collections.unmodifiableSequencedMap(arrays);
    }

    /** Returns the entries of an archive by the names of the arrays. */
    private static SequencedMap<String, ZipArchive.Entry> arrays(ZipArchive archive, Path file)
            throws DataFormatException {
        SequencedMap<String, ZipArchive.Entry> arrays = new LinkedHashMap<>();
        for (ZipArchive.Entry entry : archive.entries()) {
            String name = entry.name();
            if (!name.endsWith(SUFFIX)) {
                throw new DataFormatException(
                        file.toString(),
                        entry.offset(),
                        "entry '" + Texts.visible(name) + "' is not an array: its name does not end in " + SUFFIX);
            }
            String array = name.substring(0, name.length() - SUFFIX.length());
            if (arrays.put(array, entry) != null) {
                throw new DataFormatException(
                        file.toString(), entry.offset(), "two arrays are named '" + Texts.visible(array) + "'");
            }
        }
        return arrays;
    }

    private static ZipArchive open(Path file) throws IOException {
        try (InputStream in = BinaryReader.openRegular(file)) {
            byte[] start = in.readNBytes(4);
            int magic = start.length < 4 ? 0 : ByteBuffer.wrap(start).getInt();
            if (magic != 0x504B0304 && magic != 0x504B0506) { // an empty archive begins with its end record
                throw new DataFormatException(
                        file.toString(),
                        0,
                        "a .npz file is a zip archive, this is not one" + FileKind.resemblance(start));
            }
        }
        return ZipArchive.open(file);
    }

    /**
     * Writes one array.
     *
     * @param file the destination; an old file is replaced as a whole
     * @param array the array, of at most 255 dimensions
     * @throws IOException if it cannot be written; the old file is unchanged
     * @throws IllegalArgumentException if it has more dimensions
     */
    public static void write(Path file, Tensor array) throws IOException {
        Objects.requireNonNull(file, "file");
        Dimensions.requireReadable(
                "the array", Objects.requireNonNull(array, "array").shape());
        AtomicFile.write(file, out -> write(out, array));
    }

    /**
     * Writes named arrays, uncompressed.
     *
     * @param file the destination; an old file is replaced as a whole
     * @param arrays by name, without {@code .npy}
     * @throws IOException if it cannot be written; the old file is unchanged
     * @throws IllegalArgumentException if there are more than 65536 arrays, one has more than 255 dimensions, or a name
     *     is longer than 32767 bytes or not Unicode
     */
    public static void writeAll(Path file, SequencedMap<String, Tensor> arrays) throws IOException {
        Objects.requireNonNull(file, "file");
        Map<String, Tensor> all = new LinkedHashMap<>(Objects.requireNonNull(arrays, "arrays"));
        if (all.size() > ZipArchive.MAX_ENTRIES) {
            throw new IllegalArgumentException(all.size() + " arrays; one file holds at most " + ZipArchive.MAX_ENTRIES
                    + ", so write several files");
        }
        all.forEach((name, array) -> {
            Objects.requireNonNull(array, () -> "array '" + name + "'");
            Dimensions.requireReadable("array '" + Texts.visible("" + name) + "'", array.shape());
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(Objects.requireNonNull(name, "name"))
                    || name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
                throw new IllegalArgumentException("an array cannot be named '" + Texts.visible(name)
                        + "': a name is Unicode and has at most " + LONGEST_NAME + " bytes");
            }
        });
        AtomicFile.write(file, out -> {
            try (ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(out, 1 << 16))) {
                zip.setLevel(0);
                for (Map.Entry<String, Tensor> array : all.entrySet()) {
                    ZipEntry entry = new ZipEntry(array.getKey() + SUFFIX);
                    entry.setTime(0); // so that equal arrays give equal bytes
                    zip.putNextEntry(entry);
                    write(zip, array.getValue());
                    zip.closeEntry();
                }
            }
        });
    }

    private static void write(OutputStream out, Tensor array) throws IOException {
        int rank = array.shape().rank();
        String dims = Arrays.stream(array.shape().dims()).mapToObj(d -> d + ",").collect(Collectors.joining(" "));
        String shape = rank < 2 ? dims : dims.substring(0, dims.length() - 1); // (3,) but (3, 4)
        String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
        int before = MAGIC.length + 4;
        text += " ".repeat(-(before + text.length() + 1) & 63) + "\n"; // data begin at a multiple of 64
        ByteBuffer start = ByteBuffer.allocate(before).order(ByteOrder.LITTLE_ENDIAN);
        start.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) text.length());
        out.write(start.array());
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        ByteBuffer chunk = ByteBuffer.allocate(Math.clamp((long) Float.BYTES * array.size(), 1, 1 << 16))
                .order(ByteOrder.LITTLE_ENDIAN);
        int most = chunk.capacity() / Float.BYTES;
        for (int i = 0; i < array.size(); i += most) {
            int count = Math.min(most, array.size() - i);
            chunk.asFloatBuffer().put(array.array(), array.offset() + i, count); // copies bits, also those of NaN
            out.write(chunk.array(), 0, count * Float.BYTES);
        }
    }

    record Header(ElementType type, ByteOrder order, boolean fortran, Shape shape) {}

    static Header header(BinaryReader source, String advice) throws IOException {
        byte[] start = source.bytes(MAGIC.length + 2);
        if (start.length < MAGIC.length + 2 || !Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw source.problem(
                    0, "a .npy file begins with \\x93NUMPY, this one does not" + FileKind.resemblance(start));
        }
        int version = start[MAGIC.length];
        if (version < 1 || version > 3 || start[MAGIC.length + 1] != 0) {
            throw source.problem(
                    MAGIC.length,
                    "version " + version + "." + start[MAGIC.length + 1] + "; known are 1.0, 2.0 and 3.0");
        }
        int digits = version == 1 ? 2 : 4;
        byte[] bytes = source.bytes(digits);
        long length = 0;
        for (int i = bytes.length - 1; i >= 0; i--) {
            length = length << 8 | bytes[i] & 0xFF;
        }
        if (bytes.length < digits || length > LONGEST_HEADER) {
            throw source.problem(
                    bytes.length < digits
                            ? "the file ends inside the length of the header"
                            : "a header of " + length + " bytes; at most " + LONGEST_HEADER + " are read");
        }
        long begin = source.position();
        byte[] text = source.bytes((int) length);
        if (text.length < length) {
            throw source.problem("the file ends inside the header, which would end at byte " + (begin + length));
        }
        return new Dictionary(new String(text, StandardCharsets.UTF_8), begin, source, advice).read();
    }

    /** Reads the header's text: a Python dictionary of the three entries of the format. */
    private static final class Dictionary {
        private final String text;
        private final long begin;
        private final BinaryReader source;
        private final String advice;
        private int at;

        Dictionary(String text, long begin, BinaryReader source, String advice) {
            this.text = text;
            this.begin = begin;
            this.source = source;
            this.advice = advice;
        }

        Header read() throws DataFormatException {
            String descr = null;
            Boolean fortran = null;
            Shape shape = null;
            expect('{');
            while (!accept('}')) {
                int keyAt = at;
                String key = string();
                expect(':');
                boolean fresh = switch (key) {
                    case "descr" -> descr == null;
                    case "fortran_order" -> fortran == null;
                    case "shape" -> shape == null;
                    default -> false;
                };
                if (!fresh) {
                    throw problem(keyAt, "the entry '" + Texts.visible(key) + "' is unknown or repeated");
                }
                switch (key) {
                    case "descr" -> descr = descr();
                    case "shape" -> shape = shape();
                    default -> fortran = bool();
                }
                if (!accept(',')) {
                    expect('}');
                    break;
                }
            }
            skipSpace();
            if (at < text.length()) {
                throw problem(at, "more text follows the dictionary");
            }
            if (descr == null || fortran == null || shape == null) {
                throw problem(0, "the header needs the entries descr, fortran_order and shape");
            }
            ElementType type = type(descr);
            ByteOrder order = descr.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            return new Header(type, order, fortran, shape);
        }

        private String descr() throws DataFormatException {
            skipSpace();
            if (at < text.length() && text.charAt(at) == '[') {
                throw problem(at, "an array of records; save its fields one by one" + advice);
            }
            return string();
        }

        private ElementType type(String descr) throws DataFormatException {
            String order = descr.isEmpty() ? "" : descr.substring(0, 1);
            ElementType type = switch (descr.isEmpty() ? "" : descr.substring(1)) {
                case "b1" -> ElementType.BOOL;
                case "u1" -> ElementType.U8;
                case "i1" -> ElementType.I8;
                case "u2" -> ElementType.U16;
                case "i2" -> ElementType.I16;
                case "u4" -> ElementType.U32;
                case "i4" -> ElementType.I32;
                case "u8" -> ElementType.U64;
                case "i8" -> ElementType.I64;
                case "f2" -> ElementType.F16;
                case "f4" -> ElementType.F32;
                case "f8" -> ElementType.F64;
                default -> null;
            };
            if (type == null || !(order.equals("<") || order.equals(">") || order.equals("|") && type.bytes() == 1)) {
                throw problem(
                        0,
                        "elements of type '" + Texts.visible(descr) + "' cannot be read"
                                + (descr.contains("O") ? ": they are Python objects, pickled" : "")
                                + "; save numbers or booleans, as by astype(numpy.float32)" + advice);
            }
            return type;
        }

        private Shape shape() throws DataFormatException {
            Dimensions dims = new Dimensions();
            expect('(');
            int count = 0;
            boolean comma = true;
            while (!accept(')')) {
                skipSpace();
                int numberAt = at;
                while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                    at++;
                }
                String digits = text.substring(numberAt, at);
                if (!comma || digits.isEmpty() || digits.length() > 1 && digits.startsWith("0")) {
                    throw problem(numberAt, "expected a dimension, a whole number of 0 or more without leading zeros");
                }
                Optional<String> wrong = dims.add(digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits));
                if (wrong.isPresent()) {
                    throw problem(numberAt, wrong.get());
                }
                count++;
                comma = accept(',');
            }
            if (count == 1 && !comma) {
                throw problem(at, "(3) is a number; a shape of one dimension is (3,)");
            }
            return dims.shape();
        }

        private boolean bool() throws DataFormatException {
            skipSpace();
            for (String word : new String[] {"True", "False"}) {
                if (text.startsWith(word, at)) {
                    at += word.length();
                    return word.equals("True");
                }
            }
            throw problem(at, "expected True or False");
        }

        private String string() throws DataFormatException {
            skipSpace();
            char quote = at < text.length() ? text.charAt(at) : ' ';
            int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
            if (end < 0) {
                throw problem(at, "expected a string");
            }
            String string = text.substring(at + 1, end);
            at = end + 1;
            return string;
        }

        private void expect(char c) throws DataFormatException {
            if (!accept(c)) {
                throw problem(at, "expected '" + c + "'");
            }
        }

        private boolean accept(char c) {
            skipSpace();
            boolean there = at < text.length() && text.charAt(at) == c;
            at += there ? 1 : 0;
            return there;
        }

        private void skipSpace() {
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\n')) {
                at++;
            }
        }

        private DataFormatException problem(int index, String problem) {
            return source.problem(begin + index, "header: " + problem);
        }
    }
}
