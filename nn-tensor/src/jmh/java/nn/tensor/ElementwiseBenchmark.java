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

/** What goes over every element: functions, sums and fills. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class ElementwiseBenchmark {
    static final int ROWS = 64;

    /** The first stays in the cache, the second does not. */
    @Param({"8192", "1048576"})
    public int size;

    private final Key key = Key.of(1);
    private Tensor x;
    private Tensor positive;
    private Tensor d;
    private Tensor y;
    private Tensor row;

    static Tensor input(int size) {
        Tensor x = Tensor.zeros(ROWS, size / ROWS);
        Key.of(2).normal(x, 0, 1);
        return x;
    }

    static Tensor positive(int size) {
        Tensor x = Tensor.zeros(ROWS, size / ROWS);
        Key.of(3).uniform(x, 0.5f, 2);
        return x;
    }

    @Setup
    public void prepare(Pollution first) {
        x = input(size);
        positive = positive(size);
        d = positive(size);
        y = Tensor.zeros(x.shape());
        row = Tensor.zeros(size / ROWS);
    }

    @Benchmark
    public Tensor tanh() {
        x.tanhInto(y);
        return y;
    }

    @Benchmark
    public Tensor tanhGrad() {
        x.tanhGradInto(d, y);
        return y;
    }

    @Benchmark
    public Tensor exp() {
        x.expInto(y);
        return y;
    }

    @Benchmark
    public Tensor log() {
        positive.logInto(y);
        return y;
    }

    @Benchmark
    public Tensor sigmoid() {
        x.sigmoidInto(y);
        return y;
    }

    @Benchmark
    public Tensor relu() {
        x.reluInto(y);
        return y;
    }

    @Benchmark
    public Tensor reluGrad() {
        x.reluGradInto(d, y);
        return y;
    }

    @Benchmark
    public Tensor add() {
        x.addInto(d, y);
        return y;
    }

    @Benchmark
    public double sum() {
        return x.sum();
    }

    @Benchmark
    public Tensor bias() {
        y.addRowInPlace(row);
        return y;
    }

    @Benchmark
    public Tensor biasGrad() {
        d.addSumOfRowsInto(row);
        return row;
    }

    @Benchmark
    public Tensor uniform() {
        key.uniform(y, 0, 1);
        return y;
    }

    @Benchmark
    public Tensor normal() {
        key.normal(y, 0, 1);
        return y;
    }
}
