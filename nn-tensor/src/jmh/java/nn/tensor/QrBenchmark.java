package nn.tensor;

import java.util.concurrent.TimeUnit;
import nn.tensor.linalg.Qr;
import nn.tensor.linalg.RandomOrthogonal;
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

/** Random orthogonal matrices, and QR factorizations. */
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

    private Tensor weights;

    @Setup
    public void prepare(Pollution first) {
        gaussian = gaussian(n);
        weights = Tensor.zeros(n, n);
    }

    /** As initial weights are made: drawn and multiplied. */
    @Benchmark
    public Tensor orthogonal() {
        RandomOrthogonal.fill(weights, 1, Key.of(1));
        return weights;
    }

    /** The orthonormal factor of a matrix that is there. */
    @Benchmark
    public Tensor factorization() {
        return Qr.of(gaussian).q();
    }
}
