package nn.train;

import static nn.train.TorchOperators.flag;
import static nn.train.TorchOperators.integer;
import static nn.train.TorchOperators.number;
import static nn.train.TorchOperators.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import nn.layers.Layer;
import nn.layers.activation.Activation;
import nn.layers.dense.Dense;
import nn.layers.recurrent.Rnn;
import nn.tensor.Tensor;
import nn.train.TorchOperators.Argument;
import nn.train.TorchOperators.Call;
import nn.train.TorchOperators.Result;
import nn.train.loss.MeanSquaredError;
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

/**
 * The same steps on eager PyTorch, called as a C++ program calls it: an operator for each layer and the loss, which
 * autograd records, autograd's gradients, and the fused update of all parameters.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class TorchTraining {
    private static final int MEAN = 1; // at::Reduction

    @Param("mlp-sgd-32")
    public String workload;

    private TorchOperators torch;
    private final List<Call> forward = new ArrayList<>();
    private final List<Result> results = new ArrayList<>(); // in the order in which they are made
    private final List<NDArray> parameters = new ArrayList<>();
    private Call readLoss;
    private MemorySegment loss;
    private Call backward;
    private MemorySegment gradients; // a vector
    private Argument listed; // the same as a list
    private TorchOptimizer update;

    @Setup
    public void prepare() {
        torch = new TorchOperators();
        Workload task = Workload.of(workload);
        Argument value = tensor(torch.array(task.x));
        for (Layer layer : task.network.children().values()) {
            value = layer(layer, value, task);
        }
        NDArray[] inputs = parameters.toArray(NDArray[]::new);
        loss(value, task);
        loss = torch.room(4);
        readLoss = torch.item(loss, results.getLast());
        gradients = torch.room(3);
        backward = torch.gradients(gradients, results.getLast(), null, inputs);
        listed = torch.listOf(inputs.length);
        update = new TorchOptimizer(torch, task.optimizer, inputs, listed);
        task.check(this::step);
    }

    /** Adds a layer's operators; returns its output. */
    private Argument layer(Layer layer, Argument x, Workload task) {
        List<NDArray> weights = new ArrayList<>();
        for (Tensor weight : TorchWeights.of(layer).values()) {
            NDArray array = torch.array(weight);
            array.setRequiresGradient(true);
            weights.add(array);
        }
        parameters.addAll(weights);
        return switch (layer) {
            case Dense dense ->
                add(
                        "_ZN2at4_ops6linear4callERKNS_6TensorES4_RKSt8optionalIS2_E",
                        x,
                        tensor(weights.get(0)),
                        torch.some(weights.get(1)));
            case Activation f when f.equals(Activation.RELU) -> add("_ZN2at4_ops4relu4callERKNS_6TensorE", x);
            case Activation f when f.equals(Activation.TANH) -> add("_ZN2at4_ops4tanh4callERKNS_6TensorE", x);
            case Rnn rnn -> {
                List<Result> states = torch.results(2);
                results.addAll(states);
                forward.add(torch.callInto(
                        states,
                        "_ZN2at4_ops14rnn_tanh_input4callERKNS_6TensorES4_N3c108ArrayRefIS2_EEbldbbb",
                        x,
                        tensor(torch.zeros(1, task.x.dim(1), rnn.units())),
                        torch.list(weights.toArray(NDArray[]::new)),
                        flag(true),
                        integer(1),
                        number(0),
                        flag(true),
                        flag(false),
                        flag(false)));
                yield add(
                        "_ZN2at4_ops10select_int4callERKNS_6TensorElN3c106SymIntE",
                        states.getFirst().argument(),
                        integer(0),
                        torch.symbolic(task.x.dim(0) - 1));
            }
            default -> throw new IllegalStateException("no operator of PyTorch stands for " + layer);
        };
    }

    private void loss(Argument output, Workload task) {
        if (task.loss instanceof MeanSquaredError) {
            add("_ZN2at4_ops8mse_loss4callERKNS_6TensorES4_l", output, tensor(torch.array(task.y)), integer(MEAN));
        } else {
            add(
                    "_ZN2at4_ops18cross_entropy_loss4callERKNS_6TensorES4_RKSt8optionalIS2_ElN3c106SymIntEd",
                    output,
                    tensor(torch.labels(task.y)),
                    torch.none(),
                    integer(MEAN),
                    torch.symbolic(-100),
                    number(0));
        }
    }

    private Argument add(String symbol, Argument... arguments) {
        List<Result> result = torch.results(1);
        results.addAll(result);
        forward.add(torch.callInto(result, symbol, arguments));
        return result.getFirst().argument();
    }

    @Benchmark
    public double step() {
        JniUtils.setGradMode(true); // of this thread
        forward.forEach(Call::make);
        readLoss.make();
        backward.make();
        TorchOperators.refer(listed, gradients);
        JniUtils.setGradMode(false);
        update.run();
        TorchOperators.freeVector(gradients);
        results.forEach(Result::free);
        return TorchOperators.number(loss);
    }

    @TearDown
    public void free() {
        torch.close();
    }
}
