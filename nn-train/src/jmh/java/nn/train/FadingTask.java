package nn.train;

import java.util.List;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.recurrent.Rnn;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Sgd;

/**
 * A training step of a network whose signals or gradients fade until they are smaller than the smallest normal float:
 * {@code rnn-300} are 300 time steps of 28 numbers through 128 tanh units with orthogonal weights and a batch of 4,
 * {@code tanh-100} 100 layers of 64 tanh units with weights from N(0, 0.05) and a batch of 32, {@code xavier-10000}
 * 10,000 layers of 16 tanh units and a batch of 16. The same network is steady with inputs so small that tanh is almost
 * linear, and orthogonal weights.
 */
final class FadingTask implements Task {
    static final List<String> NAMES =
            List.of("fading:rnn-100", "fading:rnn-200", "fading:rnn-300", "fading:tanh-100", "fading:xavier-10000");

    private static final Key KEY = Key.of(17);
    private static final int CLASSES = 10;
    private static final int STEP_FEATURES = 28;

    private final Trainer trainer;
    private final Tensor x;
    private final Tensor y;

    private FadingTask(Network network, Tensor x, int batch, boolean steady) {
        trainer = new Trainer(network, new SoftmaxCrossEntropy(), Sgd.of(1e-10), KEY.child("train"));
        KEY.child("x").normal(x, 0, steady ? 1e-3f : 1);
        this.x = x;
        y = Tensor.zeros(batch);
    }

    static FadingTask of(String name) {
        return of(name, false);
    }

    /** A task of the same size whose numbers do not fade. */
    static FadingTask steady(String name) {
        return of(name, true);
    }

    /** The number of time steps or layers. */
    static int depth(String name) {
        return Integer.parseInt(name.substring(name.indexOf('-') + 1));
    }

    private static FadingTask of(String name, boolean steady) {
        int depth = depth(name);
        return switch (name.substring(0, name.indexOf('-'))) {
            case "rnn" -> new FadingTask(rnn(), Tensor.zeros(depth, 4, STEP_FEATURES), 4, steady);
            case "tanh" -> {
                Initializer weights = steady ? Init.orthogonal() : Init.normal(0.05);
                yield new FadingTask(deep(depth, 64, weights), Tensor.zeros(32, 64), 32, steady);
            }
            case "xavier" -> {
                Initializer weights = steady ? Init.orthogonal() : Init.xavierNormal();
                yield new FadingTask(deep(depth, 16, weights), Tensor.zeros(16, 16), 16, steady);
            }
            default -> throw new IllegalArgumentException("no fading network is called '" + name + "'");
        };
    }

    private static Network rnn() {
        return Network.builder(KEY)
                .sequence(STEP_FEATURES)
                .layer("rnn", Rnn.units(128).last())
                .dense("out", CLASSES)
                .build();
    }

    private static Network deep(int layers, int width, Initializer weights) {
        Network.Builder builder = Network.builder(KEY).input(width);
        for (int i = 1; i <= layers; i++) {
            builder.layer("hidden" + i, Dense.units(width).weight(weights)).tanh();
        }
        return builder.dense("out", CLASSES).build();
    }

    @Override
    public void run() {
        trainer.step(x, y);
    }

    @Override
    public float[] result() {
        throw new UnsupportedOperationException("compared with nothing");
    }
}
