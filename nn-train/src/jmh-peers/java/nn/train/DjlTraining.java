package nn.train;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.recurrent.RNN;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.L2Loss;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import nn.layers.Layer;
import nn.layers.dense.Dense;
import nn.layers.recurrent.Rnn;
import nn.tensor.Tensor;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Sgd;
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

/** The same steps on eager PyTorch, as DJL's own training loop makes them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class DjlTraining {
    static {
        System.setProperty("ai.djl.offline", "true"); // the natives come from Maven
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    @Param("mlp-sgd-32")
    public String workload;

    private Model model;
    private Trainer trainer;
    private NDArray x;
    private NDArray y;

    @Setup
    public void prepare() {
        int threads = Integer.getInteger("nn.threads", Runtime.getRuntime().availableProcessors());
        Engine.getEngine("PyTorch");
        JniUtils.setNumThreads(threads);
        if (JniUtils.getNumThreads() != threads) {
            throw new IllegalStateException(
                    "PyTorch would use " + JniUtils.getNumThreads() + " threads, we " + threads);
        }
        Workload task = Workload.of(workload);
        model = Model.newInstance(workload, "PyTorch");
        model.setBlock(block(task));
        trainer = model.newTrainer(new DefaultTrainingConfig(loss(task)).optOptimizer(optimizer(task)));
        giveWeights(task);
        NDManager manager = trainer.getManager();
        x = manager.create(task.x.toArray(), shape(task.x));
        y = manager.create(task.y.toArray(), shape(task.y));
        trainer.initialize(shape(task.x));
        task.check(this::step);
    }

    private static Shape shape(Tensor tensor) {
        return new Shape(Arrays.stream(tensor.shape().dims()).asLongStream().toArray());
    }

    private static SequentialBlock block(Workload task) {
        SequentialBlock block = new SequentialBlock();
        for (Layer layer : task.network.children().values()) {
            switch (layer) {
                case Dense dense ->
                    block.add(Linear.builder().setUnits(dense.units()).build());
                case nn.layers.activation.Activation f
                when f.equals(nn.layers.activation.Activation.RELU) -> block.add(Activation.reluBlock());
                case nn.layers.activation.Activation f
                when f.equals(nn.layers.activation.Activation.TANH) -> block.add(Activation.tanhBlock());
                case Rnn rnn -> {
                    block.add(RNN.builder()
                            .setActivation(RNN.Activation.TANH)
                            .setNumLayers(1)
                            .setStateSize(rnn.units())
                            .optBatchFirst(false)
                            .build());
                    long last = task.x.dim(0) - 1;
                    block.add(list -> new NDList(list.head().get(last)));
                }
                default -> throw new IllegalStateException("no layer of DJL stands for " + layer);
            }
        }
        return block;
    }

    private static Loss loss(Workload task) {
        return task.loss instanceof MeanSquaredError ? new L2Loss("squares", 1) : new SoftmaxCrossEntropyLoss();
    }

    private static Optimizer optimizer(Workload task) {
        return switch (task.optimizer) {
            case Sgd sgd ->
                Optimizer.sgd()
                        .setLearningRateTracker(Tracker.fixed((float) sgd.rate()))
                        .build();
            case Adam adam ->
                Optimizer.adam()
                        .optLearningRateTracker(Tracker.fixed((float) adam.rate()))
                        .build();
            default -> throw new IllegalStateException("no optimizer of DJL stands for " + task.optimizer);
        };
    }

    /** Our first weights, transposed as PyTorch keeps them. Its recurrent layer has a second bias, zero here. */
    private void giveWeights(Workload task) {
        List<float[]> values = new ArrayList<>();
        task.network.parametersByPath().forEach((path, parameter) -> {
            Tensor value = parameter.value();
            values.add((value.shape().rank() == 2 ? value.transpose() : value).toArray());
            if (path.equals("rnn.bias")) {
                values.add(new float[value.size()]);
            }
        });
        List<Parameter> parameters = model.getBlock().getParameters().values();
        if (parameters.size() != values.size()) {
            throw new IllegalStateException(parameters.size() + " parameters of DJL, " + values.size() + " of ours");
        }
        for (int i = 0; i < values.size(); i++) {
            float[] given = values.get(i);
            parameters.get(i).setInitializer((manager, shape, type) -> manager.create(given, shape));
        }
    }

    @Benchmark
    public float step() {
        float value;
        try (NDManager scratch = trainer.getManager().newSubManager()) {
            x.tempAttach(scratch); // what is computed from it then lives as long as the step
            y.tempAttach(scratch);
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDList output = trainer.forward(new NDList(x));
                NDArray loss = trainer.getLoss().evaluate(new NDList(y), output);
                collector.backward(loss);
                value = loss.getFloat();
            }
            trainer.step();
        }
        return value;
    }

    @TearDown
    public void free() {
        trainer.close();
        model.close();
    }
}
