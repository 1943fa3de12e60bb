package nn.examples;

import nn.init.Init;
import nn.init.Initializer;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Sgd;

/** ReLU halves the second moment in each layer; He weights restore it, and a deep net learns. */
final class HeForRelu extends Story {
    private static final int WIDTH = 64;
    private static final int LAYERS = 30;
    private static final int FEATURES = 16;
    private static final int EXAMPLES = 256;
    private static final int STEPS = 80;

    HeForRelu() {
        super("he", "ReLU needs He: thirty layers learn, and do not with Xavier");
    }

    @Override
    void tell(Key key, Terminal terminal, Expectations expectations) {
        Tensor x = Tensor.zeros(EXAMPLES, FEATURES);
        key.child("inputs").normal(x, 0f, 1f);
        Tensor direction = Tensor.zeros(FEATURES, 1);
        key.child("target").normal(direction, 0f, 0.5f);
        Tensor y = x.matmul(direction).tanh();
        // The best constant prediction is the mean; its loss is the variance.
        double constant = y.variance();

        terminal.line("%d ReLU layers of %d units, %d steps of SGD with momentum.", LAYERS, WIDTH, STEPS);
        Network he = network(Init.heNormal(), key);
        Network xavier = network(Init.xavierNormal(), key);
        // E a^2 before the output layer: 1 with He; 2^-30 with Xavier, which halves it at every layer. In one net its
        // logarithm has deviation sqrt(5 LAYERS / WIDTH) = 1.5, so ten times more or less is within the normal range.
        expectations.expect(
                "He: size of the outputs at the start", 1, he.predict(x).norm() / Math.sqrt(EXAMPLES), 0.01, 10);
        double faint = StrictMath.pow(2, -LAYERS / 2.0);
        expectations.expect(
                "Xavier: size of the outputs at the start",
                faint,
                xavier.predict(x).norm() / Math.sqrt(EXAMPLES),
                faint / 100,
                faint * 10);
        expectations.below("He: loss after training / best constant's", 0.95, train(he, x, y, key) / constant);
        // With Xavier weights the net starts as a constant and stays one.
        expectations.expect("Xavier: the same", 1, train(xavier, x, y, key) / constant, 0.97, 1.02);
    }

    private static Network network(Initializer weights, Key key) {
        Network.Builder builder = Network.builder(key.child("network")).input(FEATURES);
        for (int l = 1; l <= LAYERS; l++) {
            builder.dense("hidden" + l, WIDTH, weights).relu();
        }
        return builder.dense("out", 1, Init.lecunNormal()).build();
    }

    /** Trains, and returns the last loss. */
    private static double train(Network network, Tensor x, Tensor y, Key key) {
        Trainer trainer =
                new Trainer(network, new MeanSquaredError(), Sgd.of(0.005).withMomentum(0.9), key.child("trainer"));
        double loss = 0;
        for (int step = 0; step < STEPS; step++) {
            loss = trainer.step(x, y).loss();
        }
        return loss;
    }
}
