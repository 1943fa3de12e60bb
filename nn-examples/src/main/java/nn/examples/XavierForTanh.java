package nn.examples;

import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Pass;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** Xavier weights keep tanh between its linear middle and its flat ends, forward and backward. */
final class XavierForTanh extends Story {
    private static final int WIDTH = 256;
    private static final int LAYERS = 10;

    XavierForTanh() {
        super("xavier", "tanh needs Xavier: neither vanishing nor saturated");
    }

    @Override
    void tell(Key key, Terminal terminal, Expectations expectations) {
        terminal.line("%d tanh layers of %d units. Signal: E a^2 of the last layer for inputs of 1.", LAYERS, WIDTH);
        terminal.line("Gradient: E d^2 at the input for 1 at the output.");

        // Small: both lose a factor n Var(w) = 0.0256 in each layer.
        Signal small = measure(Init.normal(0.01), key);
        double lost = StrictMath.pow(WIDTH * 1e-4, LAYERS);
        expectations.expect("deviation 0.01: signal", lost, small.forward, lost / 4, lost * 4);
        expectations.expect("deviation 0.01: gradient", lost, small.backward, lost / 4, lost * 4);

        // Large: nearly every unit is saturated, where the slope of tanh is 0.
        Signal large = measure(Init.normal(1), key);
        // z has deviation 15.5 from layer 2 on, and |z| > 2.65 holds for 0.865 of such numbers.
        expectations.expect("deviation 1: units with |a| > 0.99", 0.865, large.saturated, 0.02);

        // Xavier: the signal shrinks only like 1/(2l), and so does the gradient. (Expected: infinite width.)
        Signal xavier = measure(Init.xavierNormal(), key);
        expectations.expect("Xavier: signal", 0.0522, xavier.forward, 0.04, 0.07);
        expectations.expect("Xavier: gradient", 0.0714, xavier.backward, 0.045, 0.11);
        expectations.expect("Xavier: units with |a| > 0.99", 0, xavier.saturated, 0, 0.001);
    }

    private record Signal(double forward, double backward, double saturated) {}

    private static Signal measure(Initializer weights, Key key) {
        Network.Builder builder = Network.builder(key.child("network")).input(WIDTH);
        for (int l = 1; l <= LAYERS; l++) {
            builder.dense("hidden" + l, WIDTH, weights).tanh();
        }
        Network network = builder.build();
        Tensor x = Tensor.zeros(64, WIDTH);
        key.child("inputs").normal(x, 0f, 1f);
        Pass pass = network.forward(x, Context.inference());
        Tensor dOutput = Tensor.zeros(64, WIDTH);
        key.child("gradient").normal(dOutput, 0f, 1f);
        Tensor dx = pass.pullback(dOutput, new Gradients(network.parameters()));
        double saturated = pass.output().map(a -> Math.abs(a) > 0.99 ? 1 : 0).mean();
        return new Signal(pass.output().secondMoment(), dx.secondMoment(), saturated);
    }
}
