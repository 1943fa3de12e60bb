package nn.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.activation.Activation;
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
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphOptions;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OptimizerOptions;
import org.tensorflow.proto.RewriterConfig;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The same steps as one program of XLA, the compiler of JAX: a graph of TensorFlow whose operators XLA compiles
 * together, from the first product to the update of the last parameter. Time steps are unrolled.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class XlaTraining {
    @Param("mlp-sgd-32")
    public String workload;

    private final Graph graph = new Graph();
    private final Ops tf = Ops.create(graph);
    private final List<Op> assignments = new ArrayList<>(); // of first values
    private final List<Op> updates = new ArrayList<>();
    private final List<Variable> parameters = new ArrayList<>();
    private Session session;
    private Session.Runner step;

    /** What a step reads and assigns. */
    private record Variable(Tensor first, VarHandleOp handle, Operand<TFloat32> value) {}

    @Setup
    public void prepare() {
        Workload task = Workload.of(workload);
        Operand<TFloat32> value = variable(task.x).value;
        for (Layer layer : task.network.children().values()) {
            value = layer(layer, value, task);
        }
        Output<TFloat32> loss = loss(value, task).asOutput();
        Output<?>[] values = parameters.stream().map(p -> p.value.asOutput()).toArray(Output<?>[]::new);
        update(task, graph.addGradients(loss, values));
        session = new Session(graph, false, config());
        Session.Runner first = session.runner();
        assignments.forEach(first::addTarget);
        first.run();
        step = runner(loss);
        task.check(this::step);
        refuseParts(runner(loss));
    }

    private static ConfigProto config() {
        OptimizerOptions compiled = OptimizerOptions.newBuilder()
                .setGlobalJitLevel(OptimizerOptions.GlobalJitLevel.ON_2)
                .setCpuGlobalJit(true)
                .build();
        // or it replaces products by operators that XLA does not know
        RewriterConfig off =
                RewriterConfig.newBuilder().setDisableMetaOptimizer(true).build();
        return ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(
                        Integer.getInteger("nn.threads", Runtime.getRuntime().availableProcessors()))
                .setInterOpParallelismThreads(-1) // the program is called by the thread that asks for the step
                .setGraphOptions(
                        GraphOptions.newBuilder().setOptimizerOptions(compiled).setRewriteOptions(off))
                .build();
    }

    private Session.Runner runner(Output<TFloat32> loss) {
        Session.Runner runner = session.runner().fetch(loss);
        updates.forEach(runner::addTarget);
        return runner;
    }

    /** Refuses a step that is not one program of XLA. */
    private void refuseParts(Session.Runner runner) {
        runner.setOptions(RunOptions.newBuilder().setOutputPartitionGraphs(true).build());
        try (Result result = runner.runAndFetchMetadata()) {
            List<String> operators = result.getMetadata().orElseThrow().getPartitionGraphsList().stream()
                    .flatMap(part -> part.getNodeList().stream())
                    .map(NodeDef::getOp)
                    .toList();
            if (Collections.frequency(operators, "_XlaRun") != 1
                    || operators.stream().anyMatch(operator -> operator.contains("MatMul"))) {
                throw new IllegalStateException(workload + " is not one program of XLA: " + operators);
            }
        }
    }

    private Variable variable(Tensor first) {
        Shape shape =
                Shape.of(Arrays.stream(first.shape().dims()).asLongStream().toArray());
        VarHandleOp handle = tf.varHandleOp(TFloat32.class, shape, VarHandleOp.sharedName("v" + assignments.size()));
        assignments.add(tf.assignVariableOp(handle, tf.constant(shape, DataBuffers.of(first.toArray()))));
        return new Variable(first, handle, tf.readVariableOp(handle, TFloat32.class));
    }

    private Operand<TFloat32> trained(Parameter parameter) {
        Variable variable = variable(parameter.value());
        parameters.add(variable);
        return variable.value;
    }

    /** Adds a layer's operators; returns its output. */
    private Operand<TFloat32> layer(Layer layer, Operand<TFloat32> x, Workload task) {
        return switch (layer) {
            case Dense dense -> dense(x, dense.weight(), dense.bias().orElseThrow());
            case Activation f when f.equals(Activation.RELU) -> tf.nn.relu(x);
            case Activation f when f.equals(Activation.TANH) -> tf.math.tanh(x);
            case Rnn rnn -> rnn(rnn, x, task.x.dim(0), task.x.dim(1));
            default -> throw new IllegalStateException("no operator of TensorFlow stands for " + layer);
        };
    }

    private Operand<TFloat32> dense(Operand<TFloat32> x, Parameter weight, Parameter bias) {
        return tf.nn.biasAdd(tf.linalg.matMul(x, trained(weight)), trained(bias));
    }

    private Operand<TFloat32> rnn(Rnn rnn, Operand<TFloat32> x, int steps, int batch) {
        List<Parameter> weights = rnn.parameters();
        Operand<TFloat32> rows = tf.reshape(x, tf.constant(new int[] {steps * batch, rnn.inputs()}));
        Operand<TFloat32> inputs = dense(rows, weights.get(0), weights.get(2));
        Operand<TFloat32> recurrent = trained(weights.get(1));
        Operand<TFloat32> state = null;
        Operand<TFloat32> bySteps = tf.reshape(inputs, tf.constant(new int[] {steps, batch, rnn.units()}));
        for (Operand<TFloat32> input : tf.unstack(bySteps, (long) steps)) {
            state = tf.math.tanh(state == null ? input : tf.math.add(input, tf.linalg.matMul(state, recurrent)));
        }
        return state;
    }

    private Operand<TFloat32> loss(Operand<TFloat32> output, Workload task) {
        Operand<TFloat32> y = variable(task.y).value;
        if (task.loss instanceof MeanSquaredError) {
            return tf.math.mean(tf.math.squaredDifference(output, y), tf.constant(new int[] {0, 1}));
        }
        Operand<TFloat32> labels = tf.oneHot(
                tf.dtypes.cast(y, TInt32.class),
                tf.constant((int) output.shape().get(1)),
                tf.constant(1f),
                tf.constant(0f));
        return tf.math.mean(tf.nn.softmaxCrossEntropyWithLogits(output, labels).loss(), tf.constant(0));
    }

    private void update(Workload task, Output<?>[] gradients) {
        switch (task.optimizer) {
            case Sgd sgd -> {
                Operand<TFloat32> rate = tf.constant((float) sgd.rate());
                for (int i = 0; i < gradients.length; i++) {
                    updates.add(tf.train.resourceApplyGradientDescent(
                            parameters.get(i).handle, rate, gradients[i].expect(TFloat32.class)));
                }
            }
            case Adam adam -> adam(adam, gradients);
            default -> throw new IllegalStateException("no optimizer of TensorFlow stands for " + task.optimizer);
        }
    }

    private void adam(Adam adam, Output<?>[] gradients) {
        Operand<TFloat32> rate = tf.constant((float) adam.rate());
        Operand<TFloat32> beta1 = tf.constant((float) adam.beta1());
        Operand<TFloat32> beta2 = tf.constant((float) adam.beta2());
        Variable power1 = variable(Tensor.of(new float[] {(float) adam.beta1()}, new int[0]));
        Variable power2 = variable(Tensor.of(new float[] {(float) adam.beta2()}, new int[0]));
        // TensorFlow adds its epsilon to a root that is not corrected yet
        Operand<TFloat32> correction = tf.math.sqrt(tf.math.sub(tf.constant(1f), power2.value));
        Operand<TFloat32> epsilon = tf.math.mul(tf.constant((float) adam.epsilon()), correction);
        for (int i = 0; i < gradients.length; i++) {
            Tensor zeros = Tensor.zeros(parameters.get(i).first.shape());
            updates.add(tf.train.resourceApplyAdam(
                    parameters.get(i).handle,
                    variable(zeros).handle,
                    variable(zeros).handle,
                    power1.value,
                    power2.value,
                    rate,
                    beta1,
                    beta2,
                    epsilon,
                    gradients[i].expect(TFloat32.class)));
        }
        updates.add(tf.assignVariableOp(power1.handle, tf.math.mul(power1.value, beta1)));
        updates.add(tf.assignVariableOp(power2.handle, tf.math.mul(power2.value, beta2)));
    }

    @Benchmark
    public float step() {
        try (Result result = step.run()) {
            return ((TFloat32) result.get(0)).getFloat();
        }
    }

    @TearDown
    public void free() {
        session.close();
        graph.close();
    }
}
