package nn.train;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import nn.layers.Layer;
import nn.layers.network.Network;
import nn.layers.recurrent.Lstm;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.diagnose.TrainingWatch;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Training steps with a {@link TrainingWatch} and without: {@code mlp} is 784-256-256-10 with ReLU, Adam and a batch of
 * 128, {@code tanh} 20 layers of 64 tanh units with a batch of 32, {@code lstm} 128 units over 28 steps of 28 numbers
 * with a batch of 32, {@code lenet} the convolutional network of {@link Workload} with a batch of 32. The watch costs a
 * few percent, less than two forks differ: {@link WatchCost} measures it in pairs.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class WatchBenchmark {
    static final List<String> NAMES = List.of("mlp", "tanh", "lstm", "lenet");

    /** Steps of an epoch. */
    static final int STEPS = 100;

    private static final Key KEY = Key.of(23);
    private static final int CLASSES = 10;

    @Param({"mlp", "tanh", "lstm", "lenet"})
    public String workload;

    /** The number of steps from one look to the next; 0 is a training without a watch. */
    @Param({"0", "10"})
    public int period;

    private final Map<Integer, TrainingWatch> watches = new HashMap<>(); // by period
    private TrainingWatch watch;
    private Trainer trainer;
    private Batches batches;

    @Setup
    public void prepare() {
        int batch = workload.equals("mlp") ? 128 : 32;
        Layer model = model();
        Dataset data = data(STEPS * batch);
        SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy();
        // rates so small that nothing fades or dies in the thousands of steps that are timed
        Optimizer optimizer = workload.equals("mlp") ? Adam.of(1e-6) : Sgd.of(1e-4);
        trainer = new Trainer(model, loss, optimizer, KEY.child("train"));
        batches = Batches.shuffled(data, batch, KEY.child("order"));
        watch = TrainingWatch.of(model, loss, data);
    }

    private Layer model() {
        return switch (workload) {
            case "mlp" ->
                Network.builder(KEY)
                        .input(784)
                        .dense("hidden1", 256)
                        .relu()
                        .dense("hidden2", 256)
                        .relu()
                        .dense("out", CLASSES)
                        .build();
            case "tanh" -> {
                Network.Builder builder = Network.builder(KEY).input(784);
                for (int i = 1; i <= 20; i++) {
                    builder.dense("hidden" + i, 64).tanh();
                }
                yield builder.dense("out", CLASSES).build();
            }
            case "lstm" ->
                Network.builder(KEY)
                        .sequence(28)
                        .layer("lstm", Lstm.units(128).last())
                        .dense("out", CLASSES)
                        .build();
            case "lenet" -> Workload.of("lenet-32").network;
            default -> throw new IllegalArgumentException("no workload is called '" + workload + "'");
        };
    }

    private Dataset data(int rows) {
        Tensor y = Tensor.zeros(rows);
        for (int i = 0; i < rows; i++) {
            y.set(Integer.remainderUnsigned(KEY.word(i), CLASSES), i);
        }
        return switch (workload) {
            case "lstm" -> Dataset.timeMajorInputs(normal(28, rows, 28), y);
            case "lenet" -> new Dataset(normal(rows, 28, 28, 1), y);
            default -> new Dataset(normal(rows, 784), y);
        };
    }

    private static Tensor normal(int... dims) {
        Tensor x = Tensor.zeros(dims);
        KEY.child("x").normal(x, 0, 1);
        return x;
    }

    /** An epoch. */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public void epoch() {
        train(1, period);
    }

    /** Trains with a look at every n-th step, or without a watch. */
    void train(int epochs, int period) {
        if (period == 0) {
            trainer.fit(batches, epochs);
        } else {
            trainer.fit(batches, epochs, watches.computeIfAbsent(period, watch::every));
        }
    }
}
