package nn.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** PyTorch by way of DJL: every operation gives a new array, freed at once. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class TorchElementwise {
    @Param({"8192", "1048576"})
    public int size;

    private final NDManager manager = Torch.manager();
    private Shape shape;
    private NDArray x;
    private NDArray positive;

    @Setup
    public void prepare() {
        shape = new Shape(ElementwiseBenchmark.ROWS, size / ElementwiseBenchmark.ROWS);
        Tensor input = ElementwiseBenchmark.input(size);
        x = manager.create(input.toArray(), shape);
        positive = manager.create(ElementwiseBenchmark.positive(size).toArray(), shape);
        try (NDArray tanh = x.tanh()) {
            Agreement.check("tanh", input.tanh().toArray(), tanh.toFloatArray(), 1e-6);
        }
    }

    @Benchmark
    public void tanh() {
        x.tanh().close();
    }

    @Benchmark
    public void exp() {
        x.exp().close();
    }

    @Benchmark
    public void log() {
        positive.log().close();
    }

    @Benchmark
    public void sigmoid() {
        Activation.sigmoid(x).close();
    }

    @Benchmark
    public void relu() {
        Activation.relu(x).close();
    }

    @Benchmark
    public void add() {
        x.add(positive).close();
    }

    @Benchmark
    public void sum() {
        x.sum().close();
    }

    @Benchmark
    public void uniform() {
        manager.randomUniform(0, 1, shape, DataType.FLOAT32).close();
    }

    @Benchmark
    public void normal() {
        manager.randomNormal(0, 1, shape, DataType.FLOAT32).close();
    }

    @TearDown
    public void free() {
        manager.close();
    }
}
