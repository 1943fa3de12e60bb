package nn.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** MKL's product, from PyTorch's library. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class MklMatmul extends PeerShapes {
    private static final MethodHandle SGEMM = Mkl.routine("sgemm_", 13);

    private final Arena arena = Arena.ofShared();
    private MemorySegment leftForm;
    private MemorySegment rightForm;
    private MemorySegment m;
    private MemorySegment n;
    private MemorySegment k;
    private MemorySegment leftStride;
    private MemorySegment rightStride;
    private MemorySegment one;
    private MemorySegment zero;
    private MemorySegment left;
    private MemorySegment right;
    private MemorySegment result;

    @Setup
    public void prepare() throws Throwable {
        Mkl.setThreads();
        product = Product.of(shape);
        leftForm = Mkl.letter(arena, product.form() == Transposed.LEFT);
        rightForm = Mkl.letter(arena, product.form() == Transposed.RIGHT);
        m = Mkl.integer(arena, product.m());
        n = Mkl.integer(arena, product.n());
        k = Mkl.integer(arena, product.k());
        leftStride = Mkl.integer(arena, leftColumns());
        rightStride = Mkl.integer(arena, rightColumns());
        one = Mkl.number(arena, 1);
        zero = Mkl.number(arena, 0);
        left = Mkl.array(arena, product.left());
        right = Mkl.array(arena, product.right());
        result = Mkl.array(arena, product.m() * product.n());
        product.check(product().toArray(ValueLayout.JAVA_FLOAT));
    }

    /** C' = B' A': a matrix read column by column is its transpose read row by row. */
    @Benchmark
    public MemorySegment product() throws Throwable {
        SGEMM.invokeExact(rightForm, leftForm, n, m, k, one, right, rightStride, left, leftStride, zero, result, n);
        return result;
    }

    @TearDown
    public void free() {
        arena.close();
    }
}
