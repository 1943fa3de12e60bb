package nn.train;

import java.util.concurrent.TimeUnit;
import nn.jmh.Compilers;
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

/** Any {@link Task} of ours. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class TaskBenchmark {
    private static boolean polluted;

    @Param("optimizer:adam-256x512")
    public String task;

    private Task ours;

    @Setup
    public void prepare() {
        if (!polluted) {
            Task.pollute(task);
            polluted = true;
        }
        ours = Task.of(task);
        Compilers.settle(ours::run);
    }

    @Benchmark
    public void run() {
        ours.run();
    }
}
