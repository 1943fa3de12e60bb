package nn.train;

import java.util.concurrent.TimeUnit;
import nn.jmh.Compilers;
import nn.tensor.Tensor;
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

/** Layers and losses, forward and backward; see {@link Part}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class PartBenchmark {
    private static boolean polluted;

    @Param("gelu-256x512")
    public String part;

    private Part task;

    @Setup
    public void prepare() {
        if (!polluted) {
            Part.pollute();
            polluted = true;
        }
        task = Part.of(part);
        Compilers.settle(task::run);
    }

    @Benchmark
    public Tensor run() {
        task.run();
        return task.gradient();
    }
}
