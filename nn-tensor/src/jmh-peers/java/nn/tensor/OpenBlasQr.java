package nn.tensor;

import java.util.concurrent.TimeUnit;
import nn.tensor.linalg.Qr;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;
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

/** OpenBLAS's sgeqrf and sorgqr on a copy. It has no generator, so no random matrix. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class OpenBlasQr {
    @Param({"256", "1024"})
    public int n;

    private FloatPointer gaussian;
    private FloatPointer q;
    private FloatPointer tau;

    @Setup
    public void prepare() {
        OpenBlas.setThreads();
        Tensor matrix = QrBenchmark.gaussian(n);
        gaussian = new FloatPointer(matrix.transpose().toArray());
        q = new FloatPointer((long) n * n);
        tau = new FloatPointer((long) n);
        float[] values = new float[n * n];
        factorization().get(values);
        Tensor theirs = Tensor.of(values, n, n).transpose();
        // OpenBLAS leaves the signs of columns open
        Agreement.check(
                "qr",
                Qr.of(matrix).q().map(Math::abs).toArray(),
                theirs.map(Math::abs).toArray(),
                1e-2);
    }

    @Benchmark
    public FloatPointer factorization() {
        Pointer.memcpy(q, gaussian, 4L * n * n);
        openblas.LAPACKE_sgeqrf(openblas.LAPACK_COL_MAJOR, n, n, q, n, tau);
        openblas.LAPACKE_sorgqr(openblas.LAPACK_COL_MAJOR, n, n, n, q, n, tau);
        return q;
    }

    @TearDown
    public void free() {
        gaussian.close();
        q.close();
        tau.close();
    }
}
