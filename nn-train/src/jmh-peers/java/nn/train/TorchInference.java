package nn.train;

import static nn.train.TorchOperators.tensor;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import nn.layers.Layer;
import nn.layers.dense.Dense;
import nn.tensor.Tensor;
import nn.train.TorchOperators.Call;

/** An operator for each layer, with results in given tensors: a product with bias, and a ReLU in place. */
final class TorchInference implements Task {
    private final List<Call> calls = new ArrayList<>();
    private final NDArray output;

    TorchInference(TorchOperators torch, InferenceTask ours) {
        NDArray value = torch.array(ours.x);
        for (Layer layer : ours.network.children().values()) {
            if (layer instanceof Dense dense) {
                List<Tensor> weights = List.copyOf(TorchWeights.of(dense).values());
                NDArray result = torch.zeros(ours.x.dim(0), dense.units());
                calls.add(torch.call(
                        "_ZN2at4_ops9addmm_out4callERKNS_6TensorES4_S4_RKN3c106ScalarES8_RS2_",
                        tensor(torch.array(weights.get(1))),
                        tensor(value),
                        tensor(torch.array(weights.get(0)).transpose()),
                        torch.scalar(1),
                        torch.scalar(1),
                        tensor(result)));
                value = result;
            } else {
                calls.add(torch.call("_ZN2at4_ops8relu_out4callERKNS_6TensorERS2_", tensor(value), tensor(value)));
            }
        }
        output = value;
    }

    @Override
    public void run() {
        calls.forEach(Call::make);
    }

    @Override
    public float[] result() {
        return output.toFloatArray();
    }
}
