package nn.examples.claims.variance;

import java.util.List;
import nn.examples.chart.Histograms;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Chain;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** V8, huge weights: tanh and sigmoid saturate. */
public final class LargeWeightsSaturate implements Claim {
    private static final int WIDTH = 100;
    private static final int INPUTS = 64;
    private static final double DEVIATION = 100;

    @Override
    public Card card() {
        return Card.of(List.of("V8", "12"), "with weights from N(0, 100^2), sigmoid and tanh saturate.")
                .isTrue(
                        "z has deviation 1000, and tanh passes 0.99 at |z| = 2.647: all but 0.2 % of the units do. The"
                                + " sigmoid comes within 0.01 of 0 or 1 at |z| = 4.595, and from the second layer on"
                                + " the deviation is 707: all but 0.5 %.",
                        "P(|z| < t) = 2 t / (s sqrt(2 pi)) for t far below the deviation s = sqrt(n 10^4 E a^2).");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(100, 40);
        double[] tanh = e.sample(
                "tanh",
                nets,
                key -> saturated(chain(e, Nonlinearity.TANH, 1, key).a(1), -1));
        double[] sigmoid = e.sample(
                "sigmoid",
                nets,
                key -> saturated(chain(e, Nonlinearity.SIGMOID, 2, key).a(2), 0));
        double square =
                Nonlinearity.SIGMOID.moments(WIDTH * DEVIATION * DEVIATION).secondMoment();
        share(e, "tanh: share with |a| > 0.99", inside(atanh(0.99), 1), tanh);
        share(e, "sigmoid: share within 0.01", inside(2 * atanh(0.98), square), sigmoid);
        Key shown = e.key().child("shown");
        Tensor ordinary = inputs(e, shown).matmul(e.weight(Init.lecunNormal(), WIDTH, WIDTH, shown.child("ordinary")));
        e.draw(Histograms.of(
                        "tanh activations of one layer of 100 units",
                        "With weights from N(0, 1/100) the values lie all over the range; with N(0, 100^2) nearly every"
                                + " value is -1 or 1.",
                        "activation",
                        -1,
                        1,
                        40)
                .with("N(0, 100^2)", chain(e, Nonlinearity.TANH, 1, shown).a(1).toArray())
                .with("N(0, 1/100)", ordinary.tanh().toArray()));
    }

    /** Four standard errors of a proportion: one unit in some hundred is not saturated. */
    private static void share(Experiment e, String quantity, double free, double[] sample) {
        e.sampled(quantity, 1 - free, sample)
                .over(Over.WEIGHTS)
                .within(4 * Math.sqrt(free * (1 - free) / ((double) sample.length * INPUTS * WIDTH)));
    }

    private static Tensor inputs(Experiment e, Key key) {
        return e.normal(key.child("inputs"), INPUTS, WIDTH);
    }

    private static Chain chain(Experiment e, Nonlinearity f, int layers, Key key) {
        return Chain.forward(
                e, inputs(e, key), Init.normal(DEVIATION), f, key.child("weights"), Chain.square(layers, WIDTH));
    }

    /** The share of values within 0.01 of the lower bound or of 1. */
    private static double saturated(Tensor a, double lower) {
        return a.map(x -> x > 0.99 || x < lower + 0.01 ? 1 : 0).mean();
    }

    /** P(|z| < t). */
    private static double inside(double t, double inputSquare) {
        return 2 * t / (DEVIATION * Math.sqrt(2 * Math.PI * WIDTH * inputSquare));
    }

    private static double atanh(double x) {
        return 0.5 * StrictMath.log((1 + x) / (1 - x));
    }
}
