package nn.examples.claims.variance;

import java.util.List;
import nn.examples.claims.Axis;
import nn.examples.claims.Card;
import nn.examples.claims.Chart;
import nn.examples.claims.Claim;
import nn.examples.claims.Experiment;
import nn.examples.claims.Over;
import nn.examples.claims.Repetitions;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/** V7: tiny weights: signal and gradient vanish at the same rate. */
public final class SmallWeightsVanish implements Claim {
    private static final int WIDTH = 100;
    private static final int LAYERS = 10;
    private static final int INPUTS = 64;
    private static final double DEVIATION = 0.01;
    private static final Initializer SMALL = Init.normal(DEVIATION);

    @Override
    public Card card() {
        return Card.of(
                        List.of("V7", "11"),
                        "with small weights the signal vanishes, and gradients vanish even faster.")
                .isFalse(
                        "in a square net both lose the same factor n Var(w) = 0.01 a layer, and the weight gradient,"
                                + " signal times gradient, has the same size in every layer.",
                        "Forward: E z'^2 = n_in Var(w) E a^2. Backward: E d^2 = n_out Var(w) E d'^2. n_in = n_out.",
                        "dW of layer l is a of size 0.1^l times d of size 0.1^(L-l): 0.1^L, whatever l is.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(20, 20);
        double[][] nine = e.samples("nets", nets, key -> net(e, key));
        double factor = WIDTH * DEVIATION * DEVIATION;
        e.sampled("E a^2, factor a layer, forward", factor, nine[0]).over(Over.WEIGHTS).within(0.0007);
        e.sampled("E d^2, factor a layer, backward", factor, nine[1]).over(Over.WEIGHTS).within(0.0007);
        e.sampled("norm of dW 1 / norm of dW 10", 1, nine[2]).within(0.15);
        double[] layers = Chart.upTo(LAYERS);
        double[][] forward = new double[LAYERS][];
        double[][] gradient = new double[LAYERS][];
        double[] predicted = new double[LAYERS];
        for (int l = 0; l < LAYERS; l++) {
            forward[l] = nine[3 + l];
            gradient[l] = nine[3 + LAYERS + l];
            predicted[l] = Math.pow(factor, l + 1.0);
        }
        e.draw(Chart.of(
                        "Weights of deviation 0.01, 100 units",
                        "The signal falls by a factor of 100 at every layer. The norm of the weight gradient is the"
                                + " same at all ten.",
                        Axis.linear("layer"), Axis.log("E a^2; norm of dW"))
                .sampled("E a^2", layers, forward)
                .prediction("0.01^l", layers, predicted)
                .sampled("norm of dW", layers, gradient));
    }

    /** Forward factor, backward factor, first gradient to last; then E a^2 and norm of dW by layer. */
    private static double[] net(Experiment e, Key key) {
        Tensor[] w = new Tensor[LAYERS];
        Tensor[] a = new Tensor[LAYERS + 1];
        a[0] = e.normal(key.child("inputs"), INPUTS, WIDTH);
        double[] result = new double[3 + 2 * LAYERS];
        for (int l = 0; l < LAYERS; l++) {
            w[l] = e.weight(SMALL, WIDTH, WIDTH, key.child("layer").child(l));
            a[l + 1] = a[l].matmul(w[l]).tanh();
            result[3 + l] = a[l + 1].secondMoment();
        }
        Tensor delta = e.normal(key.child("gradient"), INPUTS, WIDTH);
        double outer = delta.secondMoment();
        for (int l = LAYERS - 1; l >= 0; l--) {
            a[l + 1].tanhGradInto(delta, delta);
            result[3 + LAYERS + l] = a[l].matmul(delta, Transposed.LEFT).norm();
            delta = delta.matmul(w[l], Transposed.RIGHT);
        }
        result[0] = Math.pow(a[LAYERS].secondMoment() / a[0].secondMoment(), 1.0 / LAYERS);
        result[1] = Math.pow(delta.secondMoment() / outer, 1.0 / LAYERS);
        result[2] = result[3 + LAYERS] / result[2 + 2 * LAYERS];
        return result;
    }
}
