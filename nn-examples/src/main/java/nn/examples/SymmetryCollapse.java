package nn.examples;

import java.util.HashSet;
import java.util.Set;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Sgd;

/** Units that start equal stay equal; random weights prevent it. */
final class SymmetryCollapse extends Story {
    private static final int WIDTH = 16;

    SymmetryCollapse() {
        super("symmetry", "equal units stay equal: zero and constant weights");
    }

    @Override
    void tell(Key key, Terminal terminal, Expectations expectations) {
        // Something to learn: 64 points, and a smooth function of them.
        Tensor x = Tensor.zeros(64, 4);
        key.child("inputs").normal(x, 0f, 1f);
        Tensor y = x.matmul(Tensor.of(new float[] {1, -2, 0.5f, 1.5f}, 4, 1)).tanh();

        terminal.line("Three nets of two hidden tanh layers with %d units, 500 steps of SGD:", WIDTH);

        // Zeros: a hidden layer gives tanh(0) = 0, and no gradient passes a weight of 0. Nothing moves.
        Network zeros = trained(Init.zeros(), x, y, key);
        expectations.expect(
                "zero weights: largest after training", 0, weight(zeros).maxAbs(), 0);

        // Constants: every unit of a layer computes the same and gets the same gradient. So the layer is one unit, 16
        // times.
        Network constant = trained(Init.constant(0.1), x, y, key);
        expectations.expect("constant weights: different units of 16", 1, differentUnits(constant), 0);

        // Random weights: every unit differs.
        Network random = trained(Init.xavierNormal(), x, y, key);
        expectations.expect("random weights: different units of 16", WIDTH, differentUnits(random), 0);

        double ratio = loss(random, x, y) / loss(constant, x, y);
        expectations.below("loss: random weights / constant weights", 0.5, ratio);
    }

    private static Network trained(Initializer weights, Tensor x, Tensor y, Key key) {
        Network network = Network.builder(key.child("network"))
                .input(4)
                .dense("hidden1", WIDTH, weights)
                .tanh()
                .dense("hidden2", WIDTH, weights)
                .tanh()
                .dense("out", 1, weights)
                .build();
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Sgd.of(0.1), key.child("trainer"));
        for (int step = 0; step < 500; step++) {
            trainer.step(x, y);
        }
        return network;
    }

    /** Counts the distinct units: a weight is stored [inputs x units], so a unit is a column. */
    private static int differentUnits(Network network) {
        Tensor units = weight(network).transpose();
        Set<String> different = new HashSet<>();
        for (int unit = 0; unit < WIDTH; unit++) {
            different.add(units.row(unit).sha256());
        }
        return different.size();
    }

    private static Tensor weight(Network network) {
        return network.parametersByPath().get("hidden2.weight").value();
    }

    private static double loss(Network network, Tensor x, Tensor y) {
        return network.predict(x).subtract(y).secondMoment();
    }
}
