package nn.train;

import java.util.List;
import nn.layers.network.Network;
import nn.layers.network.Predictor;
import nn.tensor.Tensor;

/** The prediction of the network 784-256-128-10 with ReLU: {@code mlp-256} has a batch of 256. */
final class InferenceTask implements Task {
    static final List<String> NAMES = List.of("inference:mlp-1", "inference:mlp-256");
    static final List<String> POLLUTION = List.of("inference:mlp-5");

    final Network network;
    final Tensor x;
    private final Predictor predictor;
    private Tensor output;

    private InferenceTask(Workload workload) {
        network = (Network) workload.network;
        x = workload.x;
        predictor = Predictor.of(network);
    }

    static InferenceTask of(String name) {
        return new InferenceTask(Workload.of(name.replace("mlp", "mlp-sgd")));
    }

    @Override
    public void run() {
        output = predictor.predict(x);
    }

    @Override
    public float[] result() {
        return output.toArray();
    }
}
