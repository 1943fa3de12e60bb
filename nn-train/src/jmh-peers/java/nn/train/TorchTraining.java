package nn.train;

import static nn.train.TorchOperators.flag;
import static nn.train.TorchOperators.integer;
import static nn.train.TorchOperators.number;
import static nn.train.TorchOperators.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.activation.Activation;
import nn.layers.attention.Attention;
import nn.layers.attention.LearnedPositions;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.GlobalPool;
import nn.layers.convolution.Pool;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.graph.Graph;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.normalization.BatchNorm;
import nn.layers.normalization.LayerNorm;
import nn.layers.recurrent.Rnn;
import nn.layers.shape.Flatten;
import nn.tensor.Shape;
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
    private static final int SIDE = 64; // of an image that tells a stride
    private static final String RELU = "_ZN2at4_ops4relu4callERKNS_6TensorE";
    private static final int HEADS = 4; // as the workload has them
    private static final String VIEW = "_ZN2at4_ops4view4callERKNS_6TensorEN3c108ArrayRefINS5_6SymIntEEE";
    private static final String SWAP = "_ZN2at4_ops13transpose_int4callERKNS_6TensorEll";

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
        Layer first = task.network.children().firstEntry().getValue();
        Argument value =
                tensor(first instanceof Embedding ? torch.labels(task.x) : torch.array(TorchPart.arranged(task.x)));
        value = task.network instanceof Graph graph ? stages(graph, value, task) : layers(task.network, value, task);
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

    /** Adds the operators of layers that follow each other. */
    private Argument layers(Layer network, Argument x, Workload task) {
        Argument value = x;
        Shape before = null; // the shape of images before they are flattened
        Shape shape = task.x.shape();
        for (Layer layer : network.children().values()) {
            if (layer instanceof Dense dense && before != null) {
                value = dense(channelsFirst(dense, before), value);
                before = null;
            } else {
                value = layer(layer, value, task);
            }
            if (layer instanceof Flatten) {
                before = shape;
            }
            shape = network instanceof Network && task.network == network ? layer.outputShape(shape) : shape;
        }
        return value;
    }

    /** Adds the operators of a residual network: stages, each around its shortcut, between a stem and a head. */
    private Argument stages(Graph graph, Argument x, Workload task) {
        Argument value = x;
        for (Map.Entry<String, Layer> child : graph.children().entrySet()) {
            String name = child.getKey();
            if (name.startsWith("stage")) {
                Layer shortcut = graph.children().get(name.replace("stage", "shortcut"));
                Argument inner = layers(child.getValue(), value, task);
                Argument outer = shortcut == null ? value : layer(shortcut, value, task);
                Argument sum = add(
                        "_ZN2at4_ops10add_Tensor4callERKNS_6TensorES4_RKN3c106ScalarE", inner, outer, torch.scalar(1));
                value = add(RELU, sum);
            } else if (!name.startsWith("shortcut")) {
                value = layers(child.getValue(), value, task);
            }
        }
        return value;
    }

    /** The weights of a dense layer after images that PyTorch has flattened channel by channel. */
    private List<Tensor> channelsFirst(Dense dense, Shape images) {
        List<Tensor> weights = new ArrayList<>(TorchWeights.of(dense).values());
        Tensor weight = weights.get(0);
        Tensor turned = weight.reshape(weight.dim(0), images.dim(1), images.dim(2), images.dim(3))
                .permute(0, 3, 1, 2)
                .reshape(weight.dim(0), weight.dim(1));
        weights.set(0, turned);
        return weights;
    }

    private List<NDArray> trained(Collection<Tensor> weights) {
        List<NDArray> arrays = new ArrayList<>();
        for (Tensor weight : weights) {
            NDArray array = torch.array(weight);
            array.setRequiresGradient(true);
            arrays.add(array);
        }
        parameters.addAll(arrays);
        return arrays;
    }

    /** The only parameter of a layer. */
    private NDArray only(Layer layer) {
        return trained(TorchWeights.of(layer).values()).getFirst();
    }

    private Argument dense(Collection<Tensor> values, Argument x) {
        List<NDArray> weights = trained(values);
        return add(
                "_ZN2at4_ops6linear4callERKNS_6TensorES4_RKSt8optionalIS2_E",
                x,
                tensor(weights.get(0)),
                torch.some(weights.get(1)));
    }

    private Argument convolution(Convolution layer, Argument x) {
        List<NDArray> weights = trained(TorchWeights.of(layer).values());
        int taps = layer.weight().value().dim(0);
        int padding = taps == 3 ? 1 : 0; // as the workloads have it
        int stride = SIDE
                / layer.outputShape(Shape.of(1, SIDE, SIDE, layer.inputs())).dim(1);
        return add(
                "_ZN2at4_ops6conv2d4callERKNS_6TensorES4_RKSt8optionalIS2_EN3c108ArrayRefINS9_6SymIntEEESC_SC_SB_",
                x,
                tensor(weights.get(0)),
                torch.some(weights.get(1)),
                torch.sizes(stride, stride),
                torch.sizes(padding, padding),
                torch.sizes(1, 1),
                torch.symbolic(1));
    }

    private Argument batchNorm(BatchNorm norm, Argument x) {
        List<Tensor> values = List.copyOf(TorchWeights.of(norm).values());
        List<NDArray> weights = trained(values.subList(0, 2));
        return add(
                "_ZN2at4_ops10batch_norm4callERKNS_6TensorERKSt8optionalIS2_ES8_S8_S8_bddb",
                x,
                torch.some(weights.get(0)),
                torch.some(weights.get(1)),
                torch.some(torch.array(values.get(2))),
                torch.some(torch.array(values.get(3))),
                flag(true),
                number(0.1),
                number(1e-5),
                flag(false));
    }

    /** Adds a layer's operators; returns its output. */
    private Argument layer(Layer layer, Argument x, Workload task) {
        return switch (layer) {
            case Dense dense -> dense(TorchWeights.of(dense).values(), x);
            case Embedding table ->
                add(
                        VIEW,
                        add(
                                "_ZN2at4_ops9embedding4callERKNS_6TensorES4_N3c106SymIntEbb",
                                tensor(only(layer)),
                                x,
                                torch.symbolic(-1),
                                flag(false),
                                flag(false)),
                        torch.sizes(
                                task.x.dim(0),
                                task.x.dim(1),
                                table.weight().value().dim(1)));
            case LearnedPositions positions -> sum(x, tensor(only(layer)));
            case LayerNorm norm -> {
                List<NDArray> weights = trained(TorchWeights.of(norm).values());
                yield add(
                        "_ZN2at4_ops10layer_norm4callERKNS_6TensorEN3c108ArrayRefINS5_6SymIntEEE"
                                + "RKSt8optionalIS2_ESC_db",
                        x,
                        torch.sizes(norm.parameters().getFirst().value().size()),
                        torch.some(weights.get(0)),
                        torch.some(weights.get(1)),
                        number(1e-5),
                        flag(false));
            }
            case Activation f
            when f.nonlinearity().equals(Nonlinearity.GELU) ->
                add("_ZN2at4_ops4gelu4callERKNS_6TensorEN3c1017basic_string_viewIcEE", x, torch.text("none"));
            case Attention attention -> attention(attention, x, task);
            case Residual residual -> {
                Argument value = x;
                for (Layer inner : residual.children().values()) {
                    value = layer(inner, value, task);
                }
                yield sum(x, value);
            }
            case Convolution convolution -> convolution(convolution, x);
            case BatchNorm norm -> batchNorm(norm, x);
            case Pool pool -> {
                Argument two = torch.sizes(2, 2);
                yield add(
                        "_ZN2at4_ops10max_pool2d4callERKNS_6TensorEN3c108ArrayRefIlEES7_S7_S7_b",
                        x,
                        two,
                        two,
                        torch.sizes(0, 0),
                        torch.sizes(1, 1),
                        flag(false));
            }
            case GlobalPool mean ->
                add(
                        "_ZN2at4_ops8mean_dim4callERKNS_6TensorEN3c1016OptionalArrayRefIlEEb"
                                + "St8optionalINS5_10ScalarTypeEE",
                        x,
                        torch.someSizes(2, 3),
                        flag(false),
                        torch.noFlag());
            case Flatten flatten ->
                add("_ZN2at4_ops18flatten_using_ints4callERKNS_6TensorEll", x, integer(1), integer(-1));
            case Activation f when f.equals(Activation.RELU) -> add(RELU, x);
            case Activation f when f.equals(Activation.TANH) -> add("_ZN2at4_ops4tanh4callERKNS_6TensorE", x);
            case Rnn rnn -> {
                List<NDArray> weights = trained(TorchWeights.of(rnn).values());
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

    private NDArray trained(Tensor weight) {
        NDArray array = torch.array(weight);
        array.setRequiresGradient(true);
        parameters.add(array);
        return array;
    }

    private Argument sum(Argument a, Argument b) {
        return add("_ZN2at4_ops10add_Tensor4callERKNS_6TensorES4_RKN3c106ScalarE", a, b, torch.scalar(1));
    }

    /** Causal attention by PyTorch's fused operator, with a product for each of queries, keys and values. */
    private Argument attention(Attention attention, Argument x, Workload task) {
        Iterator<Parameter> of = attention.parameters().iterator();
        int batch = task.x.dim(0);
        int time = task.x.dim(1);
        List<Parameter> matrices = List.of(of.next(), of.next(), of.next(), of.next());
        List<Parameter> biases = List.of(of.next(), of.next(), of.next(), of.next());
        int width = matrices.getFirst().value().dim(1);
        List<Argument> heads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Argument all = add(
                    VIEW, linear(x, matrices.get(i), biases.get(i)), torch.sizes(batch, time, HEADS, width / HEADS));
            heads.add(add(SWAP, all, integer(1), integer(2)));
        }
        Argument attended = add(
                "_ZN2at4_ops28scaled_dot_product_attention4callERKNS_6TensorES4_S4_RKSt8optionalIS2_EdbS5_IdEb",
                heads.get(0),
                heads.get(1),
                heads.get(2),
                torch.none(),
                number(0),
                flag(true),
                torch.noNumber(),
                flag(false));
        Argument together = add(
                "_ZN2at4_ops7reshape4callERKNS_6TensorEN3c108ArrayRefINS5_6SymIntEEE",
                add(SWAP, attended, integer(1), integer(2)),
                torch.sizes(batch, time, width));
        return linear(together, matrices.get(3), biases.get(3));
    }

    private Argument linear(Argument x, Parameter weight, Parameter bias) {
        NDArray matrix = trained(weight.value().transpose());
        NDArray added = trained(bias.value());
        return add("_ZN2at4_ops6linear4callERKNS_6TensorES4_RKSt8optionalIS2_E", x, tensor(matrix), torch.some(added));
    }

    private void loss(Argument output, Workload task) {
        if (task.loss instanceof MeanSquaredError) {
            add("_ZN2at4_ops8mse_loss4callERKNS_6TensorES4_l", output, tensor(torch.array(task.y)), integer(MEAN));
        } else {
            add(
                    "_ZN2at4_ops18cross_entropy_loss4callERKNS_6TensorES4_RKSt8optionalIS2_ElN3c106SymIntEd",
                    task.y.shape().rank() == 1
                            ? output
                            : add(
                                    "_ZN2at4_ops18flatten_using_ints4callERKNS_6TensorEll",
                                    output,
                                    integer(0),
                                    integer(1)),
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
