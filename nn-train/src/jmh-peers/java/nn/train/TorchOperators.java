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

    NDArray zeros(long... dims) {
        return manager.zeros(new Shape(dims));
    }

    NDArray ones(long... dims) {
        return manager.ones(new Shape(dims));
    }

    NDArray flags(long... dims) {
        return manager.zeros(new Shape(dims), DataType.BOOLEAN);
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
        MemorySegment handle =
                MemorySegment.ofAddress(((PtNDArray) array).getHandle()).reinterpret(8);
        optional.set(ValueLayout.JAVA_LONG, 0, handle.get(ValueLayout.JAVA_LONG, 0));
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

    /** An {@code ArrayRef<Tensor>} of one tensor. */
    Argument list(NDArray array) {
        return pair(MemorySegment.ofAddress(((PtNDArray) array).getHandle()), 1);
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

    /** A {@code std::optional<bool>} that holds true, by value. */
    Argument someTrue() {
        StructLayout layout = MemoryLayout.structLayout(ValueLayout.JAVA_BYTE, ValueLayout.JAVA_BYTE);
        MemorySegment optional = arena.allocate(layout);
        optional.fill((byte) 1);
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
        MemorySegment room = arena.allocate(THREE_REFERENCES);
        // by the calling convention a tuple is returned in memory of the caller, whose address comes first
        List<Argument> all = new ArrayList<>(List.of(new Argument(ValueLayout.ADDRESS, room)));
        all.addAll(List.of(arguments));
        return call(symbol, all.toArray(Argument[]::new));
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
