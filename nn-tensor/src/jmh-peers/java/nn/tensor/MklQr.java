package nn.tensor;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import nn.tensor.linalg.Qr;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * MKL's sgeqrf and sorgqr, which torch.linalg.qr calls on a copy. A random matrix is drawn by PyTorch first, as
 * torch.nn.init.orthogonal_ does; that one's signs and further copies are not charged for.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class MklQr {
    private static final MethodHandle SGEQRF = Mkl.routine("sgeqrf_", 8);
    private static final MethodHandle SORGQR = Mkl.routine("sorgqr_", 9);

    /** Columns of the work space: enough for the widest block that MKL chooses. */
    private static final int BLOCK = 128;

    @Param({"256", "1024"})
    public int n;

    private final Arena arena = Arena.ofShared();
    private final NDManager torch = Torch.manager();
    private Shape shape;
    private MemorySegment gaussian;
    private MemorySegment q;
    private MemorySegment tau;
    private MemorySegment work;
    private MemorySegment size;
    private MemorySegment workSize;
    private MemorySegment status;

    @Setup
    public void prepare() throws Throwable {
        Mkl.setThreads();
        shape = new Shape(n, n);
        Tensor matrix = QrBenchmark.gaussian(n);
        gaussian = Mkl.array(arena, matrix.transpose());
        q = Mkl.array(arena, n * n);
        tau = Mkl.array(arena, n);
        work = Mkl.array(arena, n * BLOCK);
        size = Mkl.integer(arena, n);
        workSize = Mkl.integer(arena, n * BLOCK);
        status = Mkl.integer(arena, 0);
        Tensor ours = Qr.of(matrix).q();
        Tensor theirs =
                Tensor.of(factorization().toArray(ValueLayout.JAVA_FLOAT), n, n).transpose();
        // MKL leaves the signs of columns open
        Agreement.check(
                "qr", ours.map(Math::abs).toArray(), theirs.map(Math::abs).toArray(), 1e-2);
    }

    @Benchmark
    public MemorySegment orthogonal() throws Throwable {
        torch.randomNormal(0, 1, shape, DataType.FLOAT32).close();
        return factorization();
    }

    @Benchmark
    public MemorySegment factorization() throws Throwable {
        q.copyFrom(gaussian);
        SGEQRF.invokeExact(size, size, q, size, tau, work, workSize, status);
        SORGQR.invokeExact(size, size, size, q, size, tau, work, workSize, status);
        return q;
    }

    @TearDown
    public void free() {
        torch.close();
        arena.close();
    }
}
