package nn.examples.claims.variance;

import java.util.Arrays;
import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** V8: huge weights: tanh saturates, ReLU overflows. */
public final class LargeWeightsSaturate implements Claim {
    @Override
    public String id() {
        return "V8";
    }

    @Override
    public String text() {
        return "with weights from N(0, 100^2), sigmoid and tanh saturate and ReLU overflows.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.TRUE;
    }

    @Override
    public String statement() {
        return "z has deviation 1000, and tanh passes 0.99 at |z| = 2.647: all but 0.2 % of the units do. ReLU multiplies E z^2 by 5e5 a layer: float32 ends at layer 14.";
    }

    private static final int WIDTH = 100;
    private static final int NETS = 50;
    private static final int INPUTS = 64;

    @Override
    public List<Finding> measure(Key key) {
        Initializer huge = Init.normal(100);
        Tensor w = Tensor.zeros(WIDTH, WIDTH);
        double[] saturated = new double[NETS];
        double[] overflow = new double[NETS];
        for (int net = 0; net < NETS; net++) {
            Key netKey = key.child(net);
            Tensor x = Tensor.zeros(INPUTS, WIDTH);
            netKey.child("inputs").normal(x, 0f, 1f);
            huge.fill(w, new Fans(WIDTH, WIDTH), netKey.child("layer").child(1));
            Tensor z = x.matmul(w);
            saturated[net] = z.tanh().map(a -> Math.abs(a) > 0.99 ? 1 : 0).mean();
            int layer = 1;
            while (z.isFinite()) {
                layer++;
                huge.fill(w, new Fans(WIDTH, WIDTH), netKey.child("layer").child(layer));
                z = z.relu().matmul(w);
            }
            overflow[net] = layer;
        }
        double atanh = 0.5 * Math.log(1.99 / 0.01);
        // P(|z| < t) = 2 t / (s sqrt(2 pi)) for t far below the deviation s
        double predicted = 1 - 2 * atanh / (1000 * Math.sqrt(2 * Math.PI));
        double least = Arrays.stream(overflow).min().orElseThrow();
        double most = Arrays.stream(overflow).max().orElseThrow();
        return List.of(
                Finding.sampled("share of units, |tanh| > 0.99", predicted, saturated, 0.9964, 0.9994),
                Finding.exact("first overflowing layer, least", 14, least, 13, 15),
                Finding.exact("first overflowing layer, most", 14, most, 13, 15));
    }
}
