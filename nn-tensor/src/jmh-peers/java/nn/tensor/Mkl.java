package nn.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Intel's MKL as it lies in PyTorch's library, called without PyTorch: small products are then not charged for
 * PyTorch's dispatch, allocation and JNI. Fortran's conventions: all arguments by reference, matrices column by column.
 */
final class Mkl {
    private static final Path LOADED = Path.of("/proc/self/maps"); // so on Linux only
    private static final SymbolLookup SYMBOLS = load();

    private Mkl() {}

    private static SymbolLookup load() {
        Torch.manager().close();
        try (Stream<String> lines = Files.lines(LOADED)) {
            Path library = lines.filter(line -> line.endsWith("/libtorch_cpu.so"))
                    .map(line -> Path.of(line.substring(line.indexOf('/'))))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("libtorch_cpu.so is not loaded"));
            return SymbolLookup.libraryLookup(library, Arena.global());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A routine without a result that takes a number of references. */
    static MethodHandle routine(String name, int references) {
        MemoryLayout[] layouts = new MemoryLayout[references];
        Arrays.fill(layouts, ValueLayout.ADDRESS);
        return Linker.nativeLinker().downcallHandle(SYMBOLS.findOrThrow(name), FunctionDescriptor.ofVoid(layouts));
    }

    /** To be called by the thread that measures: OpenMP keeps the number of threads for each thread apart. */
    static void setThreads() {
        try {
            Linker linker = Linker.nativeLinker();
            linker.downcallHandle(
                            SYMBOLS.findOrThrow("omp_set_num_threads"), FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT))
                    .invokeExact(PeerThreads.COUNT);
            int threads = (int) linker.downcallHandle(
                            SYMBOLS.findOrThrow("mkl_get_max_threads"), FunctionDescriptor.of(ValueLayout.JAVA_INT))
                    .invokeExact();
            if (threads != PeerThreads.COUNT) {
                throw new IllegalStateException("MKL would use " + threads + " threads, we " + PeerThreads.COUNT);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    static MemorySegment integer(Arena arena, int value) {
        return arena.allocateFrom(ValueLayout.JAVA_INT, value);
    }

    static MemorySegment number(Arena arena, float value) {
        return arena.allocateFrom(ValueLayout.JAVA_FLOAT, value);
    }

    static MemorySegment letter(Arena arena, boolean transposed) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) (transposed ? 'T' : 'N'));
    }

    /** On a cache line's border, as native libraries like it. */
    static MemorySegment array(Arena arena, int elements) {
        return arena.allocate(4L * elements, 64);
    }

    static MemorySegment array(Arena arena, Tensor tensor) {
        MemorySegment segment = array(arena, tensor.size());
        segment.copyFrom(MemorySegment.ofArray(tensor.toArray()));
        return segment;
    }
}
