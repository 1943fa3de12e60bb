package nn.tensor;

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
import org.openjdk.jmh.annotations.Warmup;

/** A random orthogonal matrix: a Gaussian fill and the orthonormal factor of its QR factorization. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class QrBenchmark {
    @Param({"256", "1024"})
    public int n;

    private Tensor gaussian;

    static Tensor gaussian(int n) {
        Tensor a = Tensor.zeros(n, n);
        Key.of(1).normal(a, 0, 1);
        return a;
    }

    @Setup
    public void prepare(Pollution first) {
        gaussian = gaussian(n);
    }

    @Benchmark
    public Tensor orthogonal() {
        Key.of(1).normal(gaussian, 0, 1);
        return Qr.of(gaussian).q();
    }
}
