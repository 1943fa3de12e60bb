package nn.examples;

import java.util.List;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Sgd;

/** ReLU halves the second moment at each layer; He puts the 2 back, and a deep net learns. */
final class HeForRelu implements Example {
    private static final int WIDTH = 64;
    private static final int LAYERS = 30;
    private static final int FEATURES = 16;
    private static final int EXAMPLES = 256;
    private static final int STEPS = 80;

    @Override
    public String name() {
        return "he";
    }

    @Override
    public String summary() {
        return "ReLU wants He: thirty layers learn, with Xavier they do not";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.SEED);
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        Key key = arguments.key();
        Tensor x = Tensor.zeros(EXAMPLES, FEATURES);
        key.child("inputs").normal(x, 0f, 1f);
        Tensor direction = Tensor.zeros(FEATURES, 1);
        key.child("target").normal(direction, 0f, 0.5f);
        Tensor y = x.matmul(direction).tanh();
        // The best that a net can do which does not look at its inputs: predict the mean.
        double constant = y.variance();

        terminal.line("%d ReLU layers of %d units, %d steps of SGD with momentum.", LAYERS, WIDTH, STEPS);
        Expectations expectations = new Expectations(terminal);
        Network he = network(Init.heNormal(), key);
        Network xavier = network(Init.xavierNormal(), key);
        // E a^2 before the output layer: 1 with He; 2^-30 with Xavier, which halves it at every layer. In one net its
        // logarithm has deviation sqrt(5 LAYERS / WIDTH) = 1.5, so ten times more or less is nothing special.
        expectations.expect("He: size of the outputs at the start", 1, he.predict(x).norm() / Math.sqrt(EXAMPLES), 0.01, 10);
        double faint = Math.pow(2, -LAYERS / 2.0);
        expectations.expect(
                "Xavier: size of the outputs at the start",
                faint, xavier.predict(x).norm() / Math.sqrt(EXAMPLES), faint / 100, faint * 10);
        expectations.below("He: loss after training / best constant's", 0.95, train(he, x, y, key) / constant);
        // Xavier starts as a constant and has not left it yet.
        expectations.expect("Xavier: the same", 1, train(xavier, x, y, key) / constant, 0.97, 1.02);
        return expectations.code();
    }

    private static Network network(Initializer weights, Key key) {
        Network.Builder builder = Network.builder(key.child("network")).input(FEATURES);
        for (int l = 1; l <= LAYERS; l++) {
            builder.dense("hidden" + l, WIDTH, weights).relu();
        }
        return builder.dense("out", 1, Init.lecunNormal()).build();
    }

    /** The last loss. */
    private static double train(Network network, Tensor x, Tensor y, Key key) {
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Sgd.of(0.005).withMomentum(0.9), key.child("trainer"));
        double loss = 0;
        for (int step = 0; step < STEPS; step++) {
            loss = trainer.step(x, y).loss();
        }
        return loss;
    }
}
