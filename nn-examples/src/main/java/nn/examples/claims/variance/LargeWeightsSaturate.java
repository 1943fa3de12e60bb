package nn.examples.claims.variance;

import java.util.Arrays;
import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.claims.Experiment;
import nn.examples.claims.Histograms;
import nn.examples.claims.Over;
import nn.examples.claims.Repetitions;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** V8: huge weights: tanh saturates, ReLU overflows. */
public final class LargeWeightsSaturate implements Claim {
    private static final int WIDTH = 100;
    private static final int INPUTS = 64;
    private static final Initializer HUGE = Init.normal(100);

    @Override
    public Card card() {
        return Card.of(
                        List.of("V8", "12", "14"),
                        "with weights from N(0, 100^2), sigmoid and tanh saturate and ReLU overflows.")
                .isTrue("z has deviation 1000, and tanh passes 0.99 at |z| = 2.647: all but 0.2 % of the units do."
                        + " ReLU multiplies E z^2 by 5e5 a layer: float32 ends at layer 14.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(50, 20);
        double[][] both = e.samples("nets", nets, key -> {
            Tensor z = first(e, key);
            double saturated = z.tanh().map(a -> Math.abs(a) > 0.99 ? 1 : 0).mean();
            int layer = 1;
            while (z.isFinite()) {
                layer++;
                z = z.relu().matmul(e.weight(HUGE, WIDTH, WIDTH, key.child("layer").child(layer)));
            }
            return new double[] {saturated, layer};
        });
        double atanh = 0.5 * Math.log(1.99 / 0.01);
        // P(|z| < t) = 2 t / (s sqrt(2 pi)) for t far below the deviation s
        double predicted = 1 - 2 * atanh / (1000 * Math.sqrt(2 * Math.PI));
        e.sampled("share of units, |tanh| > 0.99", predicted, both[0]).over(Over.WEIGHTS).within(0.0015);
        // log10 of the largest float is 38.53; E z^2 grows by 100 * 100^2 / 2 a layer
        double overflow = Math.ceil(38.53 / Math.log10(Math.sqrt(WIDTH * 1e4 / 2)));
        e.value("first overflowing layer, least", overflow, Arrays.stream(both[1]).min().orElseThrow()).within(1);
        e.value("first overflowing layer, most", overflow, Arrays.stream(both[1]).max().orElseThrow()).within(1);
        Tensor z = first(e, e.key().child("nets").child(0));
        e.draw(Histograms.of(
                        "One layer of N(0, 100^2) weights",
                        "Nearly all tanh activations lie at -1 and 1, hardly any between.",
                        "activation", -1, 1, 40)
                .with("tanh", z.tanh().toArray())
                .with("sigmoid", z.sigmoid().toArray()));
    }

    private static Tensor first(Experiment e, Key key) {
        return e.normal(key.child("inputs"), INPUTS, WIDTH)
                .matmul(e.weight(HUGE, WIDTH, WIDTH, key.child("layer").child(1)));
    }
}
