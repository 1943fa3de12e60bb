package nn.tensor;

import java.util.concurrent.TimeUnit;
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

/** Products in the shapes that networks make. Threads by {@code -jvmArgsAppend -Dnn.threads=1}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class MatmulBenchmark {
    @Param({
        "square-32",
        "square-64",
        "square-128",
        "square-256",
        "square-512",
        "square-1024",
        "square-2048",
        "forward-1",
        "forward-8",
        "forward-32",
        "forward-64",
        "forward-128",
        "forward-512",
        "dW-1",
        "dW-8",
        "dW-32",
        "dW-64",
        "dW-128",
        "dW-512",
        "dX-1",
        "dX-8",
        "dX-32",
        "dX-64",
        "dX-128",
        "dX-512",
        "out-32",
        "out-128",
        "out-512",
        "out.dW-32",
        "out.dW-128",
        "out.dW-512",
        "out.dX-32",
        "out.dX-128",
        "out.dX-512"
    })
    public String shape;

    private Product product;
    private Tensor left;
    private Tensor right;
    private Tensor result;

    @Setup
    public void prepare(Pollution first) {
        product = Product.of(shape);
        left = product.left();
        right = product.right();
        result = product.result();
    }

    @Benchmark
    public Tensor product() {
        left.matmulInto(right, product.form(), result);
        return result;
    }
}
