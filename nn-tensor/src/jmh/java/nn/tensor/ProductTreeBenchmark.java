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

/**
 * The gradient of a weight by a batch in parts, summed over their tree, and by the batch as a whole. Threads by {@code
 * -jvmArgsAppend -Dnn.threads=1}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class ProductTreeBenchmark {
    /** Inputs and units of the weight. */
    @Param({"784x256", "256x128", "512x512", "784x512"})
    public String weight;

    @Param({"128", "512"})
    public int batch;

    @Param({"4", "8"})
    public int parts;

    private ProductTree tree;
    private Tensor x;
    private Tensor dy;
    private Tensor gradient;

    @Setup
    public void prepare(Pollution first) {
        String[] sizes = weight.split("x");
        int inputs = Integer.parseInt(sizes[0]);
        int units = Integer.parseInt(sizes[1]);
        x = Tensor.zeros(batch, inputs);
        dy = Tensor.zeros(batch, units);
        Key.of(1).uniform(x, -1f, 1f);
        Key.of(2).uniform(dy, -1f, 1f);
        gradient = Tensor.zeros(inputs, units);
        tree = new ProductTree(parts, inputs, units);
        for (int part = 0; part < parts; part++) {
            int from = batch * part / parts;
            int to = batch * (part + 1) / parts;
            tree.set(part, x.rows(from, to), dy.rows(from, to));
        }
    }

    @Benchmark
    public Tensor inParts() {
        tree.sumInto(0, parts - 1, gradient);
        return gradient;
    }

    @Benchmark
    public Tensor asAWhole() {
        x.matmulInto(dy, Transposed.LEFT, gradient);
        return gradient;
    }
}
