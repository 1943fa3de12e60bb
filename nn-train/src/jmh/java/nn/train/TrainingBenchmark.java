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

/** Whole training steps: forward, loss, backward, update. Bytes allocated by {@code -prof gc}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class TrainingBenchmark {
    @Param("mlp-sgd-32")
    public String workload;

    private Workload task;
    private Trainer trainer;

    @Setup
    public void prepare() {
        Workload.pollute();
        task = Workload.of(workload);
        trainer = task.trainer();
        Compilers.settle(this::step);
    }

    /** As in a loop that looks at the loss and does not keep the report. */
    @Benchmark
    public double step() {
        return Workload.step(trainer, task.x, task.y);
    }
}
