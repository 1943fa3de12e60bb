package nn.train;

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

/** Tasks by PyTorch's own operators. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class TorchTask {
    @Param("optimizer:adam-256x512")
    public String task;

    private TorchOperators torch;
    private Task theirs;

    @Setup
    public void prepare() {
        torch = new TorchOperators();
        Task ours = Task.of(task);
        theirs = switch (ours) {
            case OptimizerTask optimizer -> new TorchOptimizer(torch, optimizer);
            case RecurrentTask recurrent -> new TorchRecurrent(torch, recurrent);
            case InferenceTask inference -> new TorchInference(torch, inference);
            default -> throw new IllegalArgumentException("no operators of PyTorch stand for '" + task + "'");
        };
        theirs.run();
        ours.run();
        Task.compare(task, ours.result(), theirs.result());
    }

    @Benchmark
    public void run() {
        theirs.run();
    }

    @TearDown
    public void free() {
        torch.close();
    }
}
