package nn.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import nn.tensor.Tensor;

/**
 * PyTorch's operators, called as its own C++ code calls them: {@code at::_ops::<name>::call}, on tensors of DJL, with
 * results written into given tensors. Between this program and the operator there is a downcall (some 10 ns) and
 * PyTorch's dispatcher; no JNI, no autograd graph, no allocation.
 */
final class TorchOperators implements AutoCloseable {
    private static final Path LOADED = Path.of("/proc/self/maps"); // so on Linux only
    private static final SymbolLookup SYMBOLS;
    private static final MethodHandle MALLOC =
            standard("malloc", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    private static final MethodHandle FREE = standard("free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

    /** Two words by value: an {@code ArrayRef} or a {@code string_view}. */
    private static final StructLayout TWO_WORDS = MemoryLayout.structLayout(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);

    /** Three references: a tuple of results, which the caller makes room for. */
    private static final StructLayout THREE_REFERENCES =
            MemoryLayout.structLayout(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS);

    static {
        System.setProperty("ai.djl.offline", "true"); // the natives come from Maven
        System.setProperty("OPT_OUT_TRACKING", "true");
        Engine.getEngine("PyTorch");
        try (Stream<String> lines = Files.lines(LOADED)) {
            Path library = lines.filter(line -> line.endsWith("/libtorch_cpu.so"))
                    .map(line -> Path.of(line.substring(line.indexOf('/'))))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("libtorch_cpu.so is not loaded"));
            SYMBOLS = SymbolLookup.libraryLookup(library, Arena.global());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MethodHandle standard(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }

    private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager();
    private final Arena arena = Arena.ofShared();

    TorchOperators() {
        int threads = Integer.getInteger("nn.threads", Runtime.getRuntime().availableProcessors());
        JniUtils.setNumThreads(threads);
        if (JniUtils.getNumThreads() != threads) {
            throw new IllegalStateException(
                    "PyTorch would use " + JniUtils.getNumThreads() + " threads, we " + threads);
        }
    }

    NDArray array(Tensor tensor) {
        return manager.create(tensor.toArray(), shape(tensor));
    }

    NDArray zeros(Tensor like) {
        return manager.zeros(shape(like));
    }

    NDArray zeros(NDArray like) {
        return manager.zeros(like.getShape());
    }

    NDArray zeros(long... dims) {
        return manager.zeros(new Shape(dims));
    }

    NDArray ones(long... dims) {
        return manager.ones(new Shape(dims));
    }

    NDArray flags(long... dims) {
        return manager.zeros(new Shape(dims), DataType.BOOLEAN);
    }

    NDArray indices(long... dims) {
        return manager.zeros(new Shape(dims), DataType.INT64);
    }

    NDArray labels(Tensor tensor) {
        float[] values = tensor.toArray();
        long[] labels = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            labels[i] = (long) values[i];
        }
        return manager.create(labels);
    }

    private static Shape shape(Tensor tensor) {
        return new Shape(Arrays.stream(tensor.shape().dims()).asLongStream().toArray());
    }

    /** An argument: its C++ type as the mangled name has it, how it is passed, and its value. */
    record Argument(MemoryLayout layout, Object value) {}

    static Argument tensor(NDArray array) {
        return new Argument(ValueLayout.ADDRESS, MemorySegment.ofAddress(((PtNDArray) array).getHandle()));
    }

    static Argument integer(long value) {
        return new Argument(ValueLayout.JAVA_LONG, value);
    }

    /** A {@code c10::SymInt}, which is passed by reference. */
    Argument symbolic(long value) {
        return new Argument(ValueLayout.ADDRESS, arena.allocateFrom(ValueLayout.JAVA_LONG, value));
    }

    static Argument number(double value) {
        return new Argument(ValueLayout.JAVA_DOUBLE, value);
    }

    static Argument flag(boolean value) {
        return new Argument(ValueLayout.JAVA_BOOLEAN, value);
    }

    /** An enumeration of one byte, such as the type of elements. */
    static Argument letter(int value) {
        return new Argument(ValueLayout.JAVA_BYTE, (byte) value);
    }

    /** A {@code c10::Scalar} that holds a double: a tag (0) and, at byte 16, the value. */
    Argument scalar(double value) {
        MemorySegment scalar = arena.allocate(32, 16);
        scalar.set(ValueLayout.JAVA_DOUBLE, 16, value);
        return new Argument(ValueLayout.ADDRESS, scalar);
    }

    /** An empty {@code std::optional<Tensor>}. */
    Argument none() {
        return new Argument(ValueLayout.ADDRESS, arena.allocate(16, 8));
    }

    /** A {@code std::optional<Tensor>}: the pointer inside of the tensor, and a flag. */
    Argument some(NDArray array) {
        MemorySegment optional = arena.allocate(16, 8);
        optional.set(ValueLayout.JAVA_LONG, 0, implementation(array));
        optional.set(ValueLayout.JAVA_BYTE, 8, (byte) 1);
        return new Argument(ValueLayout.ADDRESS, optional);
    }

    Argument text(String value) {
        return pair(arena.allocateFrom(value), value.length());
    }

    /** An {@code ArrayRef} of sizes. */
    Argument sizes(long... sizes) {
        return pair(arena.allocateFrom(ValueLayout.JAVA_LONG, sizes), sizes.length);
    }

    /** An {@code OptionalArrayRef} of sizes or axes. */
    Argument someSizes(long... sizes) {
        StructLayout layout =
                MemoryLayout.structLayout(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);
        MemorySegment optional = arena.allocate(layout);
        optional.set(ValueLayout.ADDRESS, 0, arena.allocateFrom(ValueLayout.JAVA_LONG, sizes));
        optional.set(ValueLayout.JAVA_LONG, 8, sizes.length);
        optional.set(ValueLayout.JAVA_BYTE, 16, (byte) 1);
        return new Argument(layout, optional);
    }

    /** An {@code ArrayRef<Tensor>}. */
    Argument list(NDArray... arrays) {
        return pair(implementations(arrays), arrays.length);
    }

    /** A {@code std::vector<Tensor>}, to be read only: where it begins, where it ends, and the end of its memory. */
    private Argument vector(MemorySegment first, int size) {
        MemorySegment vector = arena.allocate(THREE_REFERENCES);
        long end = first.address() + size * ValueLayout.ADDRESS.byteSize();
        vector.set(ValueLayout.JAVA_LONG, 0, first.address());
        vector.set(ValueLayout.JAVA_LONG, 8, end);
        vector.set(ValueLayout.JAVA_LONG, 16, end);
        return new Argument(ValueLayout.ADDRESS, vector);
    }

    /** The pointers inside of tensors, one after the other, as if they were tensors in an array. */
    private MemorySegment implementations(NDArray... arrays) {
        MemorySegment cells = arena.allocate(ValueLayout.ADDRESS, arrays.length);
        for (int i = 0; i < arrays.length; i++) {
            cells.setAtIndex(ValueLayout.JAVA_LONG, i, implementation(arrays[i]));
        }
        return cells;
    }

    private static long implementation(NDArray array) {
        return MemorySegment.ofAddress(((PtNDArray) array).getHandle())
                .reinterpret(ValueLayout.ADDRESS.byteSize())
                .get(ValueLayout.JAVA_LONG, 0);
    }

    /** An empty {@code ArrayRef<Tensor>}. */
    Argument emptyList() {
        return pair(MemorySegment.NULL, 0);
    }

    /** A {@code std::array<bool, 3>} of trues. */
    Argument threeTrues() {
        StructLayout layout =
                MemoryLayout.structLayout(ValueLayout.JAVA_BYTE, ValueLayout.JAVA_BYTE, ValueLayout.JAVA_BYTE);
        MemorySegment array = arena.allocate(layout);
        array.fill((byte) 1);
        return new Argument(layout, array);
    }

    /** An empty {@code std::optional<int64_t>}, by value. */
    Argument noInteger() {
        return new Argument(TWO_WORDS, arena.allocate(TWO_WORDS));
    }

    /** A {@code std::optional<bool>} that holds true, by value. */
    Argument someTrue() {
        return optionalFlag(1);
    }

    /** An empty {@code std::optional<bool>}, by value. */
    Argument noFlag() {
        return optionalFlag(0);
    }

    /** An empty {@code std::optional<double>}. */
    Argument noNumber() {
        StructLayout layout = MemoryLayout.structLayout(
                ValueLayout.JAVA_DOUBLE, ValueLayout.JAVA_BYTE, MemoryLayout.paddingLayout(7));
        return new Argument(layout, arena.allocate(layout));
    }

    private Argument optionalFlag(int present) {
        StructLayout layout = MemoryLayout.structLayout(ValueLayout.JAVA_BYTE, ValueLayout.JAVA_BYTE);
        MemorySegment optional = arena.allocate(layout);
        optional.fill((byte) present);
        return new Argument(layout, optional);
    }

    private Argument pair(MemorySegment address, long size) {
        MemorySegment pair = arena.allocate(TWO_WORDS);
        pair.set(ValueLayout.ADDRESS, 0, address);
        pair.set(ValueLayout.JAVA_LONG, 8, size);
        return new Argument(TWO_WORDS, pair);
    }

    /** A call of an operator with its arguments, to be made again and again. */
    @FunctionalInterface
    interface Call {
        void make();
    }

    /** An operator with one result, which it returns a reference to. The symbol is the mangled name. */
    Call call(String symbol, Argument... arguments) {
        MethodHandle bound = bind(symbol, ValueLayout.ADDRESS, arguments);
        return () -> {
            try {
                MemorySegment result = (MemorySegment) bound.invokeExact();
            } catch (Throwable e) {
                throw new IllegalStateException(symbol, e);
            }
        };
    }

    /** An operator without a returned result. */
    Call callVoid(String symbol, Argument... arguments) {
        MethodHandle bound = bind(symbol, null, arguments);
        return () -> {
            try {
                bound.invokeExact();
            } catch (Throwable e) {
                throw new IllegalStateException(symbol, e);
            }
        };
    }

    /** An operator with two or three results, which it returns a tuple of references to. */
    Call callTuple(String symbol, Argument... arguments) {
        return callInto(arena.allocate(THREE_REFERENCES), symbol, arguments);
    }

    /** An operator that makes new tensors, which live until they are freed: one, or a tuple of them. */
    Call callInto(List<Result> results, String symbol, Argument... arguments) {
        return callInto(results.getLast().cell, symbol, arguments);
    }

    private Call callInto(MemorySegment room, String symbol, Argument... arguments) {
        // by the calling convention an object is returned in memory of the caller, whose address comes first
        List<Argument> all = new ArrayList<>(List.of(new Argument(ValueLayout.ADDRESS, room)));
        all.addAll(List.of(arguments));
        return call(symbol, all.toArray(Argument[]::new));
    }

    /**
     * Autograd's gradients at inputs, as a new vector of tensors.
     *
     * @param room for the vector, three words
     * @param output of recorded operators
     * @param dOutput the gradient at it; null for a scalar
     * @param inputs that require a gradient
     */
    Call gradients(MemorySegment room, Result output, NDArray dOutput, NDArray... inputs) {
        return callInto(
                room,
                "_ZN5torch8autograd4gradERKSt6vectorIN2at6TensorESaIS3_EES7_S7_St8optionalIbEbb",
                vector(output.cell, 1),
                vector(implementations(inputs), inputs.length),
                dOutput == null ? vector(MemorySegment.NULL, 0) : vector(implementations(dOutput), 1),
                noFlag(),
                flag(false),
                flag(false));
    }

    /** The number in a scalar, which {@link #number(MemorySegment)} reads. */
    Call item(MemorySegment room, Result scalar) {
        return callInto(room, "_ZN2at4_ops4item4callERKNS_6TensorE", scalar.argument());
    }

    /** The double in a {@code c10::Scalar}. */
    static double number(MemorySegment scalar) {
        return scalar.get(ValueLayout.JAVA_DOUBLE, 16);
    }

    /** An {@code ArrayRef<Tensor>} of what a vector has when {@link #refer} is called. */
    Argument listOf(int size) {
        return pair(MemorySegment.NULL, size);
    }

    /** One tensor of a list, which must not change. */
    static Argument element(Argument list, int index) {
        MemorySegment first = ((MemorySegment) list.value).get(ValueLayout.ADDRESS, 0);
        long address = first.address() + index * ValueLayout.ADDRESS.byteSize();
        return new Argument(ValueLayout.ADDRESS, MemorySegment.ofAddress(address));
    }

    /** Makes a list refer to the tensors of a vector of its size. */
    static void refer(Argument list, MemorySegment vector) {
        ((MemorySegment) list.value).set(ValueLayout.JAVA_LONG, 0, vector.get(ValueLayout.JAVA_LONG, 0));
    }

    /** Memory of some words. */
    MemorySegment room(int words) {
        return arena.allocate(words * ValueLayout.ADDRESS.byteSize(), 16);
    }

    /** Places for new tensors, of which a tuple's first lies last. A place may be an argument before it is filled. */
    List<Result> results(int count) {
        MemorySegment room = room(count);
        List<Result> results = new ArrayList<>();
        for (int i = count - 1; i >= 0; i--) {
            results.add(new Result(room.asSlice(i * ValueLayout.ADDRESS.byteSize(), ValueLayout.ADDRESS)));
        }
        return results;
    }

    /** A tensor that an operator makes. */
    record Result(MemorySegment cell) {
        Argument argument() {
            return new Argument(ValueLayout.ADDRESS, cell);
        }

        void free() {
            TorchOperators.free(cell.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    /** The first tensor of a vector that a function has returned. */
    static Result firstOf(MemorySegment vector) {
        MemorySegment first = MemorySegment.ofAddress(vector.get(ValueLayout.JAVA_LONG, 0));
        return new Result(first.reinterpret(ValueLayout.ADDRESS.byteSize()));
    }

    /** Frees the tensors of a vector that a function has returned, and the vector. */
    static void freeVector(MemorySegment vector) {
        long first = vector.get(ValueLayout.JAVA_LONG, 0);
        long bytes = vector.get(ValueLayout.JAVA_LONG, 8) - first;
        MemorySegment cells = MemorySegment.ofAddress(first).reinterpret(bytes);
        for (long i = 0; i < bytes; i += ValueLayout.ADDRESS.byteSize()) {
            free(cells.get(ValueLayout.JAVA_LONG, i));
        }
        try {
            FREE.invokeExact(cells);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** DJL deletes tensors that were made by {@code new}: so the pointer inside is put into memory from there. */
    private static void free(long implementation) {
        try {
            MemorySegment cell = (MemorySegment) MALLOC.invokeExact(ValueLayout.ADDRESS.byteSize());
            cell.reinterpret(ValueLayout.ADDRESS.byteSize()).set(ValueLayout.JAVA_LONG, 0, implementation);
            JniUtils.deleteNDArray(cell.address());
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The numbers of a tensor that an operator has made. */
    float[] values(Result result, NDArray like) {
        call("_ZN2at4_ops5copy_4callERNS_6TensorERKS2_b", tensor(like), result.argument(), flag(false))
                .make();
        return like.toFloatArray();
    }

    private MethodHandle bind(String symbol, MemoryLayout result, Argument... arguments) {
        MemoryLayout[] layouts = Arrays.stream(arguments).map(Argument::layout).toArray(MemoryLayout[]::new);
        FunctionDescriptor descriptor =
                result == null ? FunctionDescriptor.ofVoid(layouts) : FunctionDescriptor.of(result, layouts);
        MethodHandle handle = Linker.nativeLinker().downcallHandle(SYMBOLS.findOrThrow(symbol), descriptor);
        Object[] values = Arrays.stream(arguments).map(Argument::value).toArray();
        return MethodHandles.insertArguments(handle, 0, values);
    }

    @Override
    public void close() {
        manager.close();
        arena.close();
    }
}
