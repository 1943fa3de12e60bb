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
        NDArray[] weights =
                TorchWeights.of(ours.layer).values().stream().map(torch::array).toArray(NDArray[]::new);
        if (ours.training) {
            Stream.concat(Stream.of(x), Stream.of(weights)).forEach(array -> array.setRequiresGradient(true));
        }
        NDArray h = torch.zeros(1, ours.x.dim(1), ours.layer.units());
        results = torch.results(ours.layer instanceof Lstm ? 3 : 2);
        forward = switch (ours.layer) {
            case Rnn rnn -> call("_ZN2at4_ops14rnn_tanh_input4callERKNS_6TensorES4_" + REST, tensor(h), weights, ours);
            case Gru gru -> call("_ZN2at4_ops9gru_input4callERKNS_6TensorES4_" + REST, tensor(h), weights, ours);
            case Lstm lstm ->
                call(
                        "_ZN2at4_ops10lstm_input4callERKNS_6TensorEN3c108ArrayRefIS2_EES7_bldbbb",
                        torch.list(h, torch.zeros(1, ours.x.dim(1), lstm.units())),
                        weights,
                        ours);
            default -> throw new IllegalArgumentException("no operator of PyTorch stands for " + ours.layer);
        };
        gradients = torch.room(3);
        NDArray[] inputs = Stream.concat(Stream.of(x), Stream.of(weights)).toArray(NDArray[]::new);
        backward = ours.training ? torch.gradients(gradients, results.getFirst(), torch.array(ours.dy), inputs) : null;
    }

    private Call call(String symbol, TorchOperators.Argument state, NDArray[] weights, RecurrentTask ours) {
        return torch.callInto(
                results,
                symbol,
                tensor(x),
                state,
                torch.list(weights),
                flag(true),
                integer(1),
                number(0),
                flag(ours.training),
                flag(false),
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
