package nn.examples.claims.deadrelu;

import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** D6: the effect of a bias on narrow deep nets depends on the data. */
public final class NarrowNetsOnOtherData implements Claim {
    private static final int WIDTH = 3;
    private static final int HIDDEN_LAYERS = 9;
    private static final double[] BIASES = {0, 0.01, 0.1, 1};

    /** Nets in the independent float64 experiment, whose interval for a share of one half was +-0.018. */
    private static final int REFERENCE_NETS = 3000;

    @Override
    public Card card() {
        return Card.of(List.of("D6", "37"), "a bias of 0.01 is enough to keep a ReLU network alive at the start.")
                .isConditional("true where the data come close to 0, in one dimension or in ten. With inputs from 1 to"
                        + " 2 the bias must be as large as the signal: 70 % are born dead without one, 61 % with 0.01"
                        + " and 30 % with 1.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(4000, 400);
        Tensor gaussian = e.normal(e.key().child("inputs"), 256, 10);
        double[] reference = {0.496, 0.123};
        for (int b = 0; b < reference.length; b++) {
            share(e, nets, "10-d normal", gaussian, BIASES[b], reference[b]);
        }
        Tensor far = Tensor.zeros(201, 1);
        for (int i = 0; i < far.dim(0); i++) {
            far.set(1 + i / 200f, i, 0);
        }
        double[] farReference = {0.701, 0.614, 0.489, 0.298};
        double[] measured = new double[BIASES.length];
        for (int b = 0; b < BIASES.length; b++) {
            measured[b] = share(e, nets, "inputs 1..2", far, BIASES[b], farReference[b]);
        }
        double[] step = {1, 2, 3, 4};
        e.draw(Chart.of(
                        "Born-dead nets of 3 units x 9 layers on inputs from 1 to 2",
                        "For biases of 0, 0.01, 0.1 and 1, " + Caption.percents(measured) + " are born dead.",
                        Axis.named("bias", "0", "0.01", "0.1", "1"),
                        Axis.linear("share of born-dead nets"))
                .line("measured", step, measured)
                .points("reference", step, farReference));
    }

    private static double share(
            Experiment e, Repetitions nets, String what, Tensor inputs, double bias, double reference) {
        long dead = e
                .repeat(
                        what, // the same weights for every bias
                        nets,
                        (Key key) -> BiasedReluNet.bornDead(e, inputs, WIDTH, HIDDEN_LAYERS, bias, key))
                .stream()
                .filter(d -> d)
                .count();
        double deviation = Math.sqrt(reference * (1 - reference) * (1.0 / REFERENCE_NETS + 1.0 / nets.count()));
        e.proportion("born dead, " + what + ", bias " + bias, reference, dead, nets.count())
                .over(Over.WEIGHTS)
                .reference()
                .within(5 * deviation);
        return (double) dead / nets.count();
    }
}
