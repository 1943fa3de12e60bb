package nn.examples.claims.variance;

import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/** V7: tiny weights: signal and gradient vanish at the same rate. */
public final class SmallWeightsVanish implements Claim {
    @Override
    public String id() {
        return "V7";
    }

    @Override
    public String text() {
        return "with small weights the signal vanishes, and gradients vanish even faster.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.FALSE;
    }

    @Override
    public String statement() {
        return "in a square net both lose the same factor n Var(w) = 0.01 a layer, and the weight gradient, signal times gradient, has the same size in every layer.";
    }

    private static final int WIDTH = 100;
    private static final int LAYERS = 10;
    private static final int NETS = 20;
    private static final int INPUTS = 64;

    @Override
    public List<Finding> measure(Key key) {
        Initializer small = Init.normal(0.01);
        double[] forward = new double[NETS];
        double[] backward = new double[NETS];
        double[] firstToLast = new double[NETS];
        for (int net = 0; net < NETS; net++) {
            Key netKey = key.child(net);
            Tensor[] w = new Tensor[LAYERS];
            Tensor[] a = new Tensor[LAYERS + 1];
            a[0] = Tensor.zeros(INPUTS, WIDTH);
            netKey.child("inputs").normal(a[0], 0f, 1f);
            for (int l = 0; l < LAYERS; l++) {
                w[l] = Tensor.zeros(WIDTH, WIDTH);
                small.fill(w[l], new Fans(WIDTH, WIDTH), netKey.child("layer").child(l));
                a[l + 1] = a[l].matmul(w[l]).tanh();
            }
            Tensor delta = Tensor.zeros(INPUTS, WIDTH);
            netKey.child("gradient").normal(delta, 0f, 1f);
            double outer = delta.secondMoment();
            double lastGradient = 0;
            for (int l = LAYERS - 1; l >= 0; l--) {
                a[l + 1].tanhGradInto(delta, delta);
                double gradient = a[l].matmul(delta, Transposed.LEFT).norm();
                if (l == LAYERS - 1) {
                    lastGradient = gradient;
                }
                firstToLast[net] = gradient / lastGradient;
                delta = delta.matmul(w[l], Transposed.RIGHT);
            }
            forward[net] = Math.pow(a[LAYERS].secondMoment() / a[0].secondMoment(), 1.0 / LAYERS);
            backward[net] = Math.pow(delta.secondMoment() / outer, 1.0 / LAYERS);
        }
        return List.of(
                Finding.sampled("E a^2, factor a layer, forward", 0.01, forward, 0.0093, 0.0107),
                Finding.sampled("E d^2, factor a layer, backward", 0.01, backward, 0.0093, 0.0107),
                Finding.sampled("norm of dW 1 / norm of dW 10", 1, firstToLast, 0.85, 1.15));
    }
}
