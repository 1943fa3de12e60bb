package nn.train;

import static nn.train.TorchOperators.flag;
import static nn.train.TorchOperators.integer;
import static nn.train.TorchOperators.letter;
import static nn.train.TorchOperators.number;
import static nn.train.TorchOperators.tensor;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import nn.layers.Layer;
import nn.layers.dense.Embedding;
import nn.tensor.Tensor;
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

/** Layers and losses as PyTorch's own operators, forward and backward. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class TorchPart {
    private static final int FLOAT = 6; // c10::ScalarType
    private static final int NONE = 0; // at::Reduction
    private static final int MEAN = 1;
    private static final double SELU_SCALE = 1.0507009873554804934193349852946;
    private static final double SELU_ALPHA = 1.6732632423543772848170429916717;

    private static final String ADD = "_ZN2at4_ops7add_out4callERKNS_6TensorES4_RKN3c106ScalarERS2_";
    private static final String SUBTRACT = "_ZN2at4_ops7sub_out4callERKNS_6TensorES4_RKN3c106ScalarERS2_";
    private static final String ADD_NUMBER = "_ZN2at4_ops14add_Scalar_out4callERKNS_6TensorERKN3c106ScalarES8_RS2_";
    private static final String MULTIPLY = "_ZN2at4_ops7mul_out4callERKNS_6TensorES4_RS2_";
    private static final String SCALE = "_ZN2at4_ops14mul_Scalar_out4callERKNS_6TensorERKN3c106ScalarERS2_";
    private static final String SWAP = "_ZN2at4_ops22transpose_copy_int_out4callERKNS_6TensorEllRS2_";
    private static final String PRODUCT = "_ZN2at4_ops6mm_out4callERKNS_6TensorES4_RS2_";
    private static final String ZERO = "_ZN2at4_ops5zero_4callERNS_6TensorE";
    private static final String SUM = "_ZN2at4_ops15sum_IntList_out4callERKNS_6TensorEN3c1016OptionalArrayRefIlEEb"
            + "St8optionalINS5_10ScalarTypeEERS2_";

    @Param("gelu-256x512")
    public String part;

    private TorchOperators torch;
    private NDArray x;
    private NDArray dy;
    private NDArray y;
    private NDArray dx;
    private List<TorchOperators.Call> calls;
    private final List<TorchOperators.Result> made = new ArrayList<>(); // by each run; dx first

    @Setup
    public void prepare() {
        torch = new TorchOperators();
        Part ours = Part.of(part);
        ours.run();
        boolean indices = ours.name.equals("embedding");
        x = indices ? torch.labels(ours.x) : torch.array(arranged(ours.x));
        y = torch.zeros(ours.output().shape().rank() == 0 ? ours.x : arranged(ours.output()));
        dx = torch.zeros(arranged(ours.gradient()));
        dy = ours.name.equals("cross_entropy") ? torch.labels(ours.dy) : torch.array(arranged(ours.dy));
        calls = calls(ours.name, ours.layer(), ours.rows, ours.columns);
        calls.forEach(TorchOperators.Call::make);
        if (!ours.name.equals("dropout")) {
            float[] gradient = made.isEmpty() ? dx.toFloatArray() : torch.values(made.getFirst(), dx);
            Task.compare(part, arranged(ours.gradient()).toArray(), gradient);
        }
        made.forEach(TorchOperators.Result::free);
    }

    /** A tensor as PyTorch has it: channels of images come before their height and width. */
    static Tensor arranged(Tensor tensor) {
        return tensor.shape().rank() == 4 ? tensor.permute(0, 3, 1, 2) : tensor;
    }

    private List<TorchOperators.Call> calls(String name, Layer layer, int rows, int columns) {
        var xIn = tensor(x);
        var yIn = tensor(y);
        var dyIn = tensor(dy);
        var dxOut = tensor(dx);
        var one = torch.scalar(1);
        var zero = torch.scalar(0);
        return switch (name) {
            case "relu" ->
                List.of(
                        torch.call("_ZN2at4_ops8relu_out4callERKNS_6TensorERS2_", xIn, yIn),
                        torch.call(
                                "_ZN2at4_ops29threshold_backward_grad_input4callERKNS_6TensorES4_RKN3c106ScalarERS2_",
                                dyIn,
                                yIn,
                                zero,
                                dxOut));
            case "leaky_relu" ->
                List.of(
                        torch.call(
                                "_ZN2at4_ops14leaky_relu_out4callERKNS_6TensorERKN3c106ScalarERS2_",
                                xIn,
                                torch.scalar(0.01),
                                yIn),
                        torch.call(
                                "_ZN2at4_ops30leaky_relu_backward_grad_input4callERKNS_6TensorES4_RKN3c106ScalarEbRS2_",
                                dyIn,
                                xIn,
                                torch.scalar(0.01),
                                flag(false),
                                dxOut));
            case "prelu" -> prelu(columns);
            case "elu" -> elu(torch.scalar(1), one);
            case "selu" -> elu(torch.scalar(SELU_ALPHA), torch.scalar(SELU_SCALE));
            case "gelu" -> gelu("none");
            case "gelu_tanh" -> gelu("tanh");
            case "silu" ->
                List.of(
                        torch.call("_ZN2at4_ops8silu_out4callERKNS_6TensorERS2_", xIn, yIn),
                        torch.call(
                                "_ZN2at4_ops24silu_backward_grad_input4callERKNS_6TensorES4_RS2_", dyIn, xIn, dxOut));
            case "softplus" ->
                List.of(
                        torch.call(
                                "_ZN2at4_ops12softplus_out4callERKNS_6TensorERKN3c106ScalarES8_RS2_",
                                xIn,
                                one,
                                torch.scalar(20),
                                yIn),
                        torch.call(
                                "_ZN2at4_ops28softplus_backward_grad_input4callERKNS_6TensorES4_"
                                        + "RKN3c106ScalarES8_RS2_",
                                dyIn,
                                xIn,
                                one,
                                torch.scalar(20),
                                dxOut));
            case "log_sigmoid" -> {
                var exponentials = tensor(torch.zeros(y));
                yield List.of(
                        torch.callTuple(
                                "_ZN2at4_ops26log_sigmoid_forward_output4callERKNS_6TensorERS2_S5_",
                                xIn,
                                yIn,
                                exponentials),
                        torch.call(
                                "_ZN2at4_ops31log_sigmoid_backward_grad_input4callERKNS_6TensorES4_S4_RS2_",
                                dyIn,
                                xIn,
                                exponentials,
                                dxOut));
            }
            case "mish" -> {
                List<TorchOperators.Result> gradient = torch.results(1); // no form writes into a given tensor
                made.addAll(gradient);
                yield List.of(
                        torch.call("_ZN2at4_ops8mish_out4callERKNS_6TensorERS2_", xIn, yIn),
                        torch.callInto(gradient, "_ZN2at4_ops13mish_backward4callERKNS_6TensorES4_", dyIn, xIn));
            }
            case "celu" ->
                List.of(
                        torch.call(
                                "_ZN2at4_ops7elu_out4callERKNS_6TensorERKN3c106ScalarES8_S8_RS2_",
                                xIn,
                                torch.scalar(2),
                                one,
                                torch.scalar(0.5),
                                yIn),
                        torch.call(
                                "_ZN2at4_ops23elu_backward_grad_input4callERKNS_6TensorERKN3c106ScalarES8_S8_bS4_RS2_",
                                dyIn,
                                torch.scalar(2),
                                one,
                                torch.scalar(0.5),
                                flag(false),
                                xIn,
                                dxOut));
            case "hard_sigmoid" ->
                List.of(
                        torch.call("_ZN2at4_ops15hardsigmoid_out4callERKNS_6TensorERS2_", xIn, yIn),
                        torch.call(
                                "_ZN2at4_ops31hardsigmoid_backward_grad_input4callERKNS_6TensorES4_RS2_",
                                dyIn,
                                xIn,
                                dxOut));
            case "hard_swish" ->
                List.of(
                        torch.call("_ZN2at4_ops13hardswish_out4callERKNS_6TensorERS2_", xIn, yIn),
                        torch.call("_ZN2at4_ops22hardswish_backward_out4callERKNS_6TensorES4_RS2_", dyIn, xIn, dxOut));
            case "sigmoid" ->
                List.of(
                        torch.call("_ZN2at4_ops11sigmoid_out4callERKNS_6TensorERS2_", xIn, yIn),
                        torch.call(
                                "_ZN2at4_ops27sigmoid_backward_grad_input4callERKNS_6TensorES4_RS2_",
                                dyIn,
                                yIn,
                                dxOut));
            case "tanh" ->
                List.of(
                        torch.call("_ZN2at4_ops8tanh_out4callERKNS_6TensorERS2_", xIn, yIn),
                        torch.call(
                                "_ZN2at4_ops24tanh_backward_grad_input4callERKNS_6TensorES4_RS2_", dyIn, yIn, dxOut));
            case "hard_tanh" ->
                List.of(
                        torch.call(
                                "_ZN2at4_ops12hardtanh_out4callERKNS_6TensorERKN3c106ScalarES8_RS2_",
                                xIn,
                                torch.scalar(-1),
                                one,
                                yIn),
                        torch.call(
                                "_ZN2at4_ops28hardtanh_backward_grad_input4callERKNS_6TensorES4_"
                                        + "RKN3c106ScalarES8_RS2_",
                                dyIn,
                                xIn,
                                torch.scalar(-1),
                                one,
                                dxOut));
            case "sin" ->
                List.of(
                        torch.call("_ZN2at4_ops7sin_out4callERKNS_6TensorERS2_", xIn, yIn),
                        torch.call("_ZN2at4_ops7cos_out4callERKNS_6TensorERS2_", xIn, dxOut),
                        torch.call(MULTIPLY, dxOut, dyIn, dxOut));
            case "erf" ->
                List.of(
                        torch.call("_ZN2at4_ops7erf_out4callERKNS_6TensorERS2_", xIn, yIn),
                        torch.call(MULTIPLY, xIn, xIn, dxOut),
                        torch.call("_ZN2at4_ops7neg_out4callERKNS_6TensorERS2_", dxOut, dxOut),
                        torch.call("_ZN2at4_ops7exp_out4callERKNS_6TensorERS2_", dxOut, dxOut),
                        torch.call(SCALE, dxOut, torch.scalar(2 / Math.sqrt(Math.PI)), dxOut),
                        torch.call(MULTIPLY, dxOut, dyIn, dxOut));
            case "dense" -> dense(layer);
            case "embedding" -> {
                NDArray weight = torch.array(((Embedding) layer).weight().value());
                yield List.of(
                        torch.call(
                                "_ZN2at4_ops13embedding_out4callERKNS_6TensorES4_N3c106SymIntEbbRS2_",
                                tensor(weight),
                                xIn,
                                torch.symbolic(-1),
                                flag(false),
                                flag(false),
                                yIn),
                        torch.call(
                                "_ZN2at4_ops28embedding_dense_backward_out4callERKNS_6TensorES4_N3c106SymIntES6_bRS2_",
                                dyIn,
                                xIn,
                                torch.symbolic(Part.ENTRIES),
                                torch.symbolic(-1),
                                flag(false),
                                dxOut));
            }
            case "residual" -> {
                var inner = tensor(torch.zeros(x));
                yield List.of(
                        torch.call("_ZN2at4_ops8tanh_out4callERKNS_6TensorERS2_", xIn, inner),
                        torch.call(ADD, inner, xIn, one, yIn),
                        torch.call(
                                "_ZN2at4_ops24tanh_backward_grad_input4callERKNS_6TensorES4_RS2_", dyIn, inner, dxOut),
                        torch.call(ADD, dxOut, dyIn, one, dxOut));
            }
            case "max_over_time" -> {
                NDArray at = torch.indices(1, y.getShape().get(0), y.getShape().get(1));
                yield List.of(
                        torch.callTuple(
                                "_ZN2at4_ops11max_dim_max4callERKNS_6TensorElbRS2_S5_",
                                xIn,
                                integer(0),
                                flag(true),
                                tensor(y.expandDims(0)),
                                tensor(at)),
                        torch.call(ZERO, dxOut),
                        torch.call(
                                "_ZN2at4_ops15scatter_src_out4callERKNS_6TensorElS4_S4_RS2_",
                                dxOut,
                                integer(0),
                                tensor(at),
                                tensor(dy.expandDims(0)),
                                dxOut));
            }
            case "mean_over_time" -> mean(dy, Part.STEPS, 0);
            case "global_mean" -> {
                long side = x.getShape().get(2);
                yield mean(dy.expandDims(2).expandDims(3), side * side, 2, 3);
            }
            case "convolution" -> convolution(layer, false);
            case "upconvolution" -> convolution(layer, true);
            case "max_pool" -> maxPool();
            case "mean_pool" -> meanPool();
            case "last_step" ->
                List.of( // forward it is a view
                        torch.call(ZERO, dxOut),
                        torch.call(
                                "_ZN2at4_ops5copy_4callERNS_6TensorERKS2_b",
                                tensor(dx.get(Part.STEPS - 1)),
                                dyIn,
                                flag(false)));
            case "time_major" ->
                List.of(
                        torch.call(SWAP, xIn, integer(0), integer(1), yIn),
                        torch.call(SWAP, dyIn, integer(0), integer(1), dxOut));
            case "softmax" ->
                List.of(
                        torch.call(
                                "_ZN2at4_ops12_softmax_out4callERKNS_6TensorElbRS2_",
                                xIn,
                                integer(1),
                                flag(false),
                                yIn),
                        torch.call(
                                "_ZN2at4_ops26_softmax_backward_data_out4callERKNS_6TensorES4_lN3c1010ScalarTypeERS2_",
                                dyIn,
                                yIn,
                                integer(1),
                                letter(FLOAT),
                                dxOut));
            case "layer_norm" -> layerNorm(rows, columns);
            case "batch_norm" -> batchNorm(columns);
            case "squares" ->
                List.of(
                        torch.call(
                                "_ZN2at4_ops12mse_loss_out4callERKNS_6TensorES4_lRS2_", xIn, dyIn, integer(NONE), yIn),
                        this::mean,
                        torch.call(
                                "_ZN2at4_ops28mse_loss_backward_grad_input4callERKNS_6TensorES4_S4_lRS2_",
                                tensor(torch.ones()),
                                xIn,
                                dyIn,
                                integer(MEAN),
                                dxOut));
            case "huber" ->
                List.of(
                        torch.call(
                                "_ZN2at4_ops14huber_loss_out4callERKNS_6TensorES4_ldRS2_",
                                xIn,
                                dyIn,
                                integer(NONE),
                                number(1),
                                yIn),
                        this::mean,
                        torch.call(
                                "_ZN2at4_ops23huber_loss_backward_out4callERKNS_6TensorES4_S4_ldRS2_",
                                tensor(torch.ones()),
                                xIn,
                                dyIn,
                                integer(MEAN),
                                number(1),
                                dxOut));
            case "absolute" ->
                List.of(
                        torch.call(SUBTRACT, xIn, dyIn, one, dxOut),
                        torch.call("_ZN2at4_ops7abs_out4callERKNS_6TensorERS2_", dxOut, yIn),
                        this::mean,
                        torch.call("_ZN2at4_ops7sgn_out4callERKNS_6TensorERS2_", dxOut, dxOut),
                        torch.call(SCALE, dxOut, torch.scalar(1.0 / rows / columns), dxOut));
            case "cross_entropy" -> crossEntropy(rows);
            case "sigmoid_loss" -> {
                NDArray factor = torch.ones().div(rows * columns); // what autograd multiplies by
                yield List.of(
                        torch.call(
                                "_ZN2at4_ops36binary_cross_entropy_with_logits_out4callERKNS_6TensorES4_"
                                        + "RKSt8optionalIS2_ES8_lRS2_",
                                xIn,
                                dyIn,
                                torch.none(),
                                torch.none(),
                                integer(MEAN),
                                tensor(torch.zeros())),
                        torch.call("_ZN2at4_ops11sigmoid_out4callERKNS_6TensorERS2_", xIn, dxOut),
                        torch.call(SUBTRACT, dxOut, dyIn, one, dxOut),
                        torch.call(MULTIPLY, dxOut, tensor(factor), dxOut));
            }
            case "weighted_sigmoid" -> {
                NDArray factor = torch.ones().div(rows * columns); // what autograd multiplies by
                Tensor positive = Tensor.zeros(columns);
                for (int i = 0; i < columns; i++) {
                    positive.set((float) Part.weights(columns)[i], i);
                }
                NDArray weights = torch.array(positive);
                var ones = tensor(torch.zeros(dy));
                var both = tensor(torch.zeros(dy));
                yield List.of(
                        torch.call(
                                "_ZN2at4_ops36binary_cross_entropy_with_logits_out4callERKNS_6TensorES4_"
                                        + "RKSt8optionalIS2_ES8_lRS2_",
                                xIn,
                                dyIn,
                                torch.none(),
                                torch.some(weights),
                                integer(MEAN),
                                tensor(torch.zeros())),
                        torch.call(MULTIPLY, dyIn, tensor(weights), ones),
                        torch.call(SUBTRACT, ones, dyIn, one, both),
                        torch.call(ADD_NUMBER, both, one, one, both),
                        torch.call("_ZN2at4_ops11sigmoid_out4callERKNS_6TensorERS2_", xIn, dxOut),
                        torch.call(MULTIPLY, dxOut, both, dxOut),
                        torch.call(SUBTRACT, dxOut, ones, one, dxOut),
                        torch.call(MULTIPLY, dxOut, tensor(factor), dxOut));
            }
            case "divergence" ->
                List.of( // what kl_div and its gradient are made of
                        torch.call("_ZN2at4_ops15xlogy_OutTensor4callERKNS_6TensorES4_RS2_", dyIn, dyIn, yIn),
                        torch.call(MULTIPLY, dyIn, xIn, dxOut),
                        torch.call(SUBTRACT, yIn, dxOut, one, yIn),
                        this::mean,
                        torch.call(SCALE, dyIn, torch.scalar(-1.0 / rows), dxOut));
            case "dropout" -> {
                NDArray mask = torch.flags(rows, columns);
                yield List.of(
                        torch.callTuple(
                                "_ZN2at4_ops18native_dropout_out4callERKNS_6TensorEdSt8optionalIbERS2_S7_",
                                xIn,
                                number(0.5),
                                torch.someTrue(),
                                yIn,
                                tensor(mask)),
                        torch.call(
                                "_ZN2at4_ops27native_dropout_backward_out4callERKNS_6TensorES4_dRS2_",
                                dyIn,
                                tensor(mask),
                                number(2),
                                dxOut));
            }
            default -> throw new IllegalArgumentException("no operators of PyTorch stand for '" + name + "'");
        };
    }

    /** The mean of the losses in y: into a scalar, PyTorch's operators would resize what they are given. */
    private void mean() {
        y.mean().close();
    }

    private List<TorchOperators.Call> gelu(String approximation) {
        return List.of(
                torch.call(
                        "_ZN2at4_ops8gelu_out4callERKNS_6TensorEN3c1017basic_string_viewIcEERS2_",
                        tensor(x),
                        torch.text(approximation),
                        tensor(y)),
                torch.call(
                        "_ZN2at4_ops24gelu_backward_grad_input4callERKNS_6TensorES4_N3c1017basic_string_viewIcEERS2_",
                        tensor(dy),
                        tensor(x),
                        torch.text(approximation),
                        tensor(dx)));
    }

    /** These have no form that writes into given tensors: one new tensor forward, three backward. */
    private List<TorchOperators.Call> convolution(Layer layer, boolean transposed) {
        List<Tensor> weights = List.copyOf(TorchWeights.of(layer).values());
        NDArray weight = torch.array(weights.get(0));
        var stride = torch.sizes(transposed ? 2 : 1, transposed ? 2 : 1);
        var padding = torch.sizes(transposed ? 0 : 1, transposed ? 0 : 1);
        var ones = torch.sizes(1, 1);
        var none = torch.sizes(0, 0);
        List<TorchOperators.Result> output = torch.results(1);
        List<TorchOperators.Result> gradients = torch.results(3);
        made.addAll(gradients);
        made.addAll(output);
        return List.of(
                torch.callInto(
                        output,
                        "_ZN2at4_ops11convolution4callERKNS_6TensorES4_RKSt8optionalIS2_E"
                                + "N3c108ArrayRefINS9_6SymIntEEESC_SC_bSC_SB_",
                        tensor(x),
                        tensor(weight),
                        torch.some(torch.array(weights.get(1))),
                        stride,
                        padding,
                        ones,
                        flag(transposed),
                        none,
                        torch.symbolic(1)),
                torch.callInto(
                        gradients,
                        "_ZN2at4_ops20convolution_backward4callERKNS_6TensorES4_S4_"
                                + "N3c1016OptionalArrayRefINS5_6SymIntEEENS5_8ArrayRefIS7_EESA_SA_bSA_S7_"
                                + "St5arrayIbLm3EE",
                        tensor(dy),
                        tensor(x),
                        tensor(weight),
                        torch.someSizes(Part.CHANNELS),
                        stride,
                        padding,
                        ones,
                        flag(transposed),
                        none,
                        torch.symbolic(1),
                        torch.threeTrues()));
    }

    private List<TorchOperators.Call> maxPool() {
        var two = torch.sizes(2, 2);
        var none = torch.sizes(0, 0);
        var one = torch.sizes(1, 1);
        var at = tensor(torch.indices(y.getShape().getShape()));
        return List.of(
                torch.callTuple(
                        "_ZN2at4_ops27max_pool2d_with_indices_out4callERKNS_6TensorE"
                                + "N3c108ArrayRefIlEES7_S7_S7_bRS2_S8_",
                        tensor(x),
                        two,
                        two,
                        none,
                        one,
                        flag(false),
                        tensor(y),
                        at),
                torch.call(
                        "_ZN2at4_ops43max_pool2d_with_indices_backward_grad_input4callERKNS_6TensorES4_"
                                + "N3c108ArrayRefIlEES7_S7_S7_bS4_RS2_",
                        tensor(dy),
                        tensor(x),
                        two,
                        two,
                        none,
                        one,
                        flag(false),
                        at,
                        tensor(dx)));
    }

    private List<TorchOperators.Call> meanPool() {
        var two = torch.sizes(2, 2);
        var none = torch.sizes(0, 0);
        return List.of(
                torch.call(
                        "_ZN2at4_ops14avg_pool2d_out4callERKNS_6TensorEN3c108ArrayRefIlEES7_S7_bbSt8optionalIlERS2_",
                        tensor(x),
                        two,
                        two,
                        none,
                        flag(false),
                        flag(true),
                        torch.noInteger(),
                        tensor(y)),
                torch.call(
                        "_ZN2at4_ops30avg_pool2d_backward_grad_input4callERKNS_6TensorES4_"
                                + "N3c108ArrayRefIlEES7_S7_bbSt8optionalIlERS2_",
                        tensor(dy),
                        tensor(x),
                        two,
                        two,
                        none,
                        flag(false),
                        flag(true),
                        torch.noInteger(),
                        tensor(dx)));
    }

    /** The mean over axes, whose gradient is spread over them. */
    private List<TorchOperators.Call> mean(NDArray dOutput, long count, long... axes) {
        return List.of(
                torch.call(
                        "_ZN2at4_ops8mean_out4callERKNS_6TensorEN3c1016OptionalArrayRefIlEEb"
                                + "St8optionalINS5_10ScalarTypeEERS2_",
                        tensor(x),
                        torch.someSizes(axes),
                        flag(false),
                        torch.noFlag(),
                        tensor(y)),
                torch.call(SCALE, tensor(dOutput.broadcast(x.getShape())), torch.scalar(1.0 / count), tensor(dx)));
    }

    private List<TorchOperators.Call> elu(TorchOperators.Argument alpha, TorchOperators.Argument scale) {
        var one = torch.scalar(1);
        return List.of(
                torch.call(
                        "_ZN2at4_ops7elu_out4callERKNS_6TensorERKN3c106ScalarES8_S8_RS2_",
                        tensor(x),
                        alpha,
                        scale,
                        one,
                        tensor(y)),
                torch.call(
                        "_ZN2at4_ops23elu_backward_grad_input4callERKNS_6TensorERKN3c106ScalarES8_S8_bS4_RS2_",
                        tensor(dy),
                        alpha,
                        scale,
                        one,
                        flag(true),
                        tensor(y),
                        tensor(dx)));
    }

    /** These operators have no form that writes into given tensors: two or three new ones for each run. */
    private List<TorchOperators.Call> prelu(int columns) {
        var slopes = tensor(torch.ones(columns).mul(0.25f));
        List<TorchOperators.Result> output = torch.results(1);
        List<TorchOperators.Result> gradients = torch.results(2);
        made.addAll(gradients);
        made.addAll(output);
        return List.of(
                torch.callInto(output, "_ZN2at4_ops13_prelu_kernel4callERKNS_6TensorES4_", tensor(x), slopes),
                torch.callInto(
                        gradients,
                        "_ZN2at4_ops22_prelu_kernel_backward4callERKNS_6TensorES4_S4_",
                        tensor(dy),
                        tensor(x),
                        slopes),
                torch.call(
                        SUM,
                        gradients.get(1).argument(),
                        torch.someSizes(0),
                        flag(false),
                        torch.noFlag(),
                        tensor(torch.zeros(columns))));
    }

    private List<TorchOperators.Call> dense(Layer layer) {
        List<Tensor> weights = List.copyOf(TorchWeights.of(layer).values());
        NDArray weight = torch.array(weights.get(0));
        NDArray bias = torch.array(weights.get(1));
        return List.of(
                torch.call(
                        "_ZN2at4_ops9addmm_out4callERKNS_6TensorES4_S4_RKN3c106ScalarES8_RS2_",
                        tensor(bias),
                        tensor(x),
                        tensor(weight.transpose()),
                        torch.scalar(1),
                        torch.scalar(1),
                        tensor(y)),
                torch.call(PRODUCT, tensor(dy), tensor(weight), tensor(dx)),
                torch.call(PRODUCT, tensor(dy.transpose()), tensor(x), tensor(torch.zeros(weight))),
                torch.call(
                        SUM, tensor(dy), torch.someSizes(0), flag(false), torch.noFlag(), tensor(torch.zeros(bias))));
    }

    private List<TorchOperators.Call> layerNorm(int rows, int columns) {
        NDArray mean = torch.zeros(rows, 1);
        NDArray inverse = torch.zeros(rows, 1);
        NDArray gain = torch.ones(columns);
        NDArray shift = torch.zeros(columns);
        return List.of(
                torch.callTuple(
                        "_ZN2at4_ops21native_layer_norm_out4callERKNS_6TensorEN3c108ArrayRefINS5_6SymIntEEE"
                                + "RKSt8optionalIS2_ESC_dRS2_SD_SD_",
                        tensor(x),
                        torch.sizes(columns),
                        torch.some(gain),
                        torch.some(shift),
                        number(1e-5),
                        tensor(y),
                        tensor(mean),
                        tensor(inverse)),
                torch.callTuple(
                        "_ZN2at4_ops30native_layer_norm_backward_out4callERKNS_6TensorES4_N3c108ArrayRefINS5_6SymIntEEE"
                                + "S4_S4_RKSt8optionalIS2_ESC_St5arrayIbLm3EERS2_SF_SF_",
                        tensor(dy),
                        tensor(x),
                        torch.sizes(columns),
                        tensor(mean),
                        tensor(inverse),
                        torch.some(gain),
                        torch.some(shift),
                        torch.threeTrues(),
                        tensor(dx),
                        tensor(torch.zeros(columns)),
                        tensor(torch.zeros(columns))));
    }

    private List<TorchOperators.Call> batchNorm(int columns) {
        NDArray mean = torch.zeros(columns);
        NDArray inverse = torch.zeros(columns);
        var gain = torch.some(torch.ones(columns));
        var runningMean = torch.some(torch.zeros(columns));
        var runningVariance = torch.some(torch.ones(columns));
        return List.of(
                torch.callTuple(
                        "_ZN2at4_ops21native_batch_norm_out4callERKNS_6TensorERKSt8optionalIS2_ES8_S8_S8_bddRS2_S9_S9_",
                        tensor(x),
                        gain,
                        torch.some(torch.zeros(columns)),
                        runningMean,
                        runningVariance,
                        flag(true),
                        number(0.1),
                        number(1e-5),
                        tensor(y),
                        tensor(mean),
                        tensor(inverse)),
                torch.callTuple(
                        "_ZN2at4_ops30native_batch_norm_backward_out4callERKNS_6TensorES4_RKSt8optionalIS2_E"
                                + "S8_S8_S8_S8_bdSt5arrayIbLm3EERS2_SB_SB_",
                        tensor(dy),
                        tensor(x),
                        gain,
                        runningMean,
                        runningVariance,
                        torch.some(mean),
                        torch.some(inverse),
                        flag(true),
                        number(1e-5),
                        torch.threeTrues(),
                        tensor(dx),
                        tensor(torch.zeros(columns)),
                        tensor(torch.zeros(columns))));
    }

    private List<TorchOperators.Call> crossEntropy(int rows) {
        NDArray loss = torch.zeros();
        NDArray weight = torch.zeros();
        NDArray dLogs = torch.zeros(x.getShape().getShape());
        return List.of(
                torch.call(
                        "_ZN2at4_ops16_log_softmax_out4callERKNS_6TensorElbRS2_",
                        tensor(x),
                        integer(1),
                        flag(false),
                        tensor(y)),
                torch.callTuple(
                        "_ZN2at4_ops23nll_loss_forward_output4callERKNS_6TensorES4_RKSt8optionalIS2_E"
                                + "lN3c106SymIntERS2_SB_",
                        tensor(y),
                        tensor(dy),
                        torch.none(),
                        integer(MEAN),
                        torch.symbolic(-100),
                        tensor(loss),
                        tensor(weight)),
                torch.call(
                        "_ZN2at4_ops28nll_loss_backward_grad_input4callERKNS_6TensorES4_S4_RKSt8optionalIS2_E"
                                + "lN3c106SymIntES4_RS2_",
                        tensor(torch.ones()),
                        tensor(y),
                        tensor(dy),
                        torch.none(),
                        integer(MEAN),
                        torch.symbolic(-100),
                        tensor(weight),
                        tensor(dLogs)),
                torch.call(
                        "_ZN2at4_ops30_log_softmax_backward_data_out4callERKNS_6TensorES4_lN3c1010ScalarTypeERS2_",
                        tensor(dLogs),
                        tensor(y),
                        integer(1),
                        letter(FLOAT),
                        tensor(dx)));
    }

    @Benchmark
    public void run() {
        for (TorchOperators.Call call : calls) {
            call.make();
        }
        made.forEach(TorchOperators.Result::free);
    }

    @TearDown
    public void free() {
        torch.close();
    }
}
