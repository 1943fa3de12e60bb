package nn.examples;

import nn.init.Init;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** Narrow deep ReLU nets are often dead before training begins; a small positive bias saves most of them. */
final class DeadRelus extends Story {
    private static final int WIDTH = 3;
    private static final int LAYERS = 9;
    private static final int NETS = 1000;

    DeadRelus() {
        super("dead-relu", "nets that are dead at the start, and the effect of a positive bias");
    }

    @Override
    void tell(Key key, Terminal terminal, Expectations expectations) {
        terminal.line(
                "%d nets of %d hidden ReLU layers with %d units, He weights, one input from", NETS, LAYERS, WIDTH);
        terminal.line("-1.7 to 1.7. A net is dead if its output is one constant: some layer is 0 for");
        terminal.line("every input. (Expected: an independent experiment with 4000 nets.)");
        double none = deadShare(0, key);
        double small = deadShare(0.01, key);
        // A share of 1000 nets has a deviation of at most 0.016; the range is four of them.
        expectations.expect("bias 0: share of dead nets", 0.564, none, 0.065);
        expectations.expect("bias 0.01: share of dead nets", 0.171, small, 0.065);
        expectations.expect("saved by the bias, same weights", 0.393, none - small, 0.30, 0.50);
        expectations.expect("bias 1: share of dead nets", 0.184, deadShare(1, key), 0.065);
    }

    private static double deadShare(double bias, Key key) {
        Tensor x = Tensor.zeros(201, 1);
        for (int i = 0; i < 201; i++) {
            x.set((float) (Math.sqrt(3) * (i - 100) / 100), i, 0);
        }
        int dead = 0;
        for (int net = 0; net < NETS; net++) {
            Network.Builder builder = Network.builder(key.child(net)).input(1);
            for (int l = 1; l <= LAYERS; l++) {
                builder.layer(
                                "hidden" + l,
                                Dense.units(WIDTH).weight(Init.heNormal()).bias(Init.constant(bias)))
                        .relu();
            }
            float[] y = builder.dense("out", 1).build().predict(x).toArray();
            boolean constant = true;
            for (float value : y) {
                constant &= value == y[0];
            }
            dead += constant ? 1 : 0;
        }
        return (double) dead / NETS;
    }
}
