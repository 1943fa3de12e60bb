package nn.train;

import static nn.train.TorchOperators.flag;
import static nn.train.TorchOperators.integer;
import static nn.train.TorchOperators.number;
import static nn.train.TorchOperators.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import nn.layers.Layer;
import nn.layers.Recurrent;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.train.TorchOperators.Call;
import nn.train.TorchOperators.Result;

/**
 * PyTorch's recurrent operators, which call oneDNN where that has the layer; in training its autograd records them and
 * computes the gradients. The tensors that this makes are freed after each run.
 */
final class TorchRecurrent implements Task {
    private static final String REST = "N3c108ArrayRefIS2_EEbldbbb"; // of the mangled names

    private final TorchOperators torch;
    private final NDArray x;
    private final NDArray output; // of our output's shape
    private final List<Result> results; // the outputs of all steps first
    private final Call forward;
    private final Call backward; // null in inference
    private final MemorySegment gradients;

    TorchRecurrent(TorchOperators torch, RecurrentTask ours) {
        this.torch = torch;
        x = torch.array(ours.x);
        output = torch.array(ours.training ? ours.x : ours.dy);
        List<Layer> cells = ours.layer.children().isEmpty()
                ? List.of(ours.layer)
                : List.copyOf(ours.layer.children().values());
        NDArray[] weights = cells.stream()
                .flatMap(cell -> TorchWeights.of(cell).values().stream())
                .map(torch::array)
                .toArray(NDArray[]::new);
        if (ours.training) {
            Stream.concat(Stream.of(x), Stream.of(weights)).forEach(array -> array.setRequiresGradient(true));
        }
        int batch = ours.x.dim(1);
        NDArray h = torch.zeros(cells.size(), batch, ((Recurrent) cells.getFirst()).units());
        Arguments arguments = new Arguments(weights, ours, cells.size());
        results = torch.results(cells.getFirst() instanceof Lstm ? 3 : 2);
        forward = switch (cells.getFirst()) {
            case Rnn rnn -> call("_ZN2at4_ops14rnn_tanh_input4callERKNS_6TensorES4_" + REST, tensor(h), arguments);
            case Gru gru -> call("_ZN2at4_ops9gru_input4callERKNS_6TensorES4_" + REST, tensor(h), arguments);
            case Lstm lstm ->
                call(
                        "_ZN2at4_ops10lstm_input4callERKNS_6TensorEN3c108ArrayRefIS2_EES7_bldbbb",
                        torch.list(h, torch.zeros(h)),
                        arguments);
            default -> throw new IllegalArgumentException("no operator of PyTorch stands for " + ours.layer);
        };
        gradients = torch.room(3);
        NDArray[] inputs = Stream.concat(Stream.of(x), Stream.of(weights)).toArray(NDArray[]::new);
        backward = ours.training ? torch.gradients(gradients, results.getFirst(), torch.array(ours.dy), inputs) : null;
    }

    /** What all operators take: the weights of all cells, which are stacked or of two directions. */
    private record Arguments(NDArray[] weights, RecurrentTask ours, int cells) {}

    private Call call(String symbol, TorchOperators.Argument state, Arguments arguments) {
        boolean bothWays = arguments.ours.layer instanceof Bidirectional;
        return torch.callInto(
                results,
                symbol,
                tensor(x),
                state,
                torch.list(arguments.weights),
                flag(true),
                integer(bothWays ? 1 : arguments.cells),
                number(0),
                flag(arguments.ours.training),
                flag(bothWays),
                flag(false));
    }

    @Override
    public void run() {
        compute();
        free();
    }

    private void compute() {
        JniUtils.setGradMode(backward != null); // of this thread
        forward.make();
        if (backward != null) {
            backward.make();
        }
    }

    private void free() {
        if (backward != null) {
            TorchOperators.freeVector(gradients);
        }
        results.forEach(Result::free);
    }

    @Override
    public float[] result() {
        compute();
        float[] values =
                torch.values(backward == null ? results.getFirst() : TorchOperators.firstOf(gradients), output);
        free();
        return values;
    }
}
