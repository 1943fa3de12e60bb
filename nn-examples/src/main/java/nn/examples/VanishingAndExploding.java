package nn.examples;

import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * A layer multiplies the mean square of the signal by its width times the variance of its weights, so L layers by the
 * L-th power.
 */
final class VanishingAndExploding extends Story {
    private static final int WIDTH = 256;
    private static final int INPUTS = 64;
    private static final int LAYERS = 20;

    VanishingAndExploding() {
        super("variance", "signals by depth: they vanish, explode or keep their size");
    }

    @Override
    void tell(Key key, Terminal terminal, Expectations expectations) {
        terminal.line("%d linear layers of %d units: E a^2 of the last activations a.", LAYERS, WIDTH);
        terminal.line("A layer multiplies E a^2 by c = %d Var(w), so theory says c^%d.", WIDTH, LAYERS);
        for (double c : new double[] {0.5, 1, 2}) {
            Initializer weights = Init.normal(Math.sqrt(c / WIDTH));
            double measured = secondMoment(weights, key.child("c " + c));
            double expected = StrictMath.pow(c, LAYERS);
            // In one net the logarithm of E a^2 has deviation sqrt(2 LAYERS / WIDTH) = 0.4: a factor of 5 is four of
            // it.
            expectations.expect("c = " + c + ": E a^2", expected, measured, expected / 5, expected * 5);
        }
        terminal.line("");
        terminal.line("Weights of deviation 0.01, once a common choice: c = %.4g.", WIDTH * 1e-4);
        double small = secondMoment(Init.normal(0.01), key.child("small"));
        double expected = StrictMath.pow(WIDTH * 1e-4, LAYERS);
        expectations.expect("deviation 0.01: E a^2", expected, small, expected / 5, expected * 5);
    }

    private static double secondMoment(Initializer weights, Key key) {
        Tensor a = Tensor.zeros(INPUTS, WIDTH);
        key.child("inputs").normal(a, 0f, 1f);
        for (int layer = 0; layer < LAYERS; layer++) {
            Tensor w = Tensor.zeros(WIDTH, WIDTH);
            weights.fill(w, new Fans(WIDTH, WIDTH), key.child("layer").child(layer));
            a = a.matmul(w);
        }
        return a.secondMoment();
    }
}
