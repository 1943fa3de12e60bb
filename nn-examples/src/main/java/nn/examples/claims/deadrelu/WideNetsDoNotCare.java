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

/** D4: in wide nets on centred data a small bias changes nothing, and a large one does harm. */
public final class WideNetsDoNotCare implements Claim {
    private static final int WIDTH = 64;
    private static final int FEATURES = 10;
    private static final int INPUTS = 512;
    private static final int LAYERS = 10;

    @Override
    public Card card() {
        return Card.of(List.of("D4"), "a positive bias reduces the number of dead neurons at the start.")
                .isConditional("not in wide nets on centred data: 0.01 changes nothing there, and 1 kills more units,"
                        + " because it aligns all inputs.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(30, 12);
        // the same weights for every bias
        double[][] none = e.samples("nets", nets, key -> deadShares(e, 0, key));
        double[][] small = e.samples("nets", nets, key -> deadShares(e, 0.01, key));
        double[][] large = e.samples("nets", nets, key -> deadShares(e, 1, key));
        int last = LAYERS - 1;
        e.sampled("dead at layer 10, bias 0", 0.1125, none[last])
                .over(Over.WEIGHTS)
                .reference()
                .within(nets.widen(0.0525));
        e.sampled("change by bias 0.01, same weights", 0.002, difference(small[last], none[last]))
                .over(Over.WEIGHTS)
                .reference()
                .within(nets.widen(0.03));
        e.sampled("change by bias 1, same weights", 0.100, difference(large[last], none[last]))
                .over(Over.WEIGHTS)
                .reference()
                .within(nets.widen(0.05));
        double[] layers = Chart.upTo(LAYERS);
        e.draw(Chart.of(
                        "Dead units of wide nets by layer",
                        "At layer 1, " + Caption.meanPercent(none[0]) + " of the units are dead. At layer 10, "
                                + Caption.meanPercent(none[last]) + " are without a bias, "
                                + Caption.meanPercent(small[last]) + " with 0.01 and "
                                + Caption.meanPercent(large[last]) + " with 1.",
                        Axis.linear("layer"),
                        Axis.linear("share of dead units"))
                .sampled("bias 0", layers, none)
                .sampled("bias 0.01", layers, small)
                .sampled("bias 1", layers, large));
    }

    private static double[] difference(double[] a, double[] b) {
        double[] d = new double[a.length];
        for (int i = 0; i < d.length; i++) {
            d[i] = a[i] - b[i];
        }
        return d;
    }

    private static double[] deadShares(Experiment e, double bias, Key key) {
        Tensor a = e.normal(key.child("inputs"), INPUTS, FEATURES);
        double[] shares = new double[LAYERS];
        for (int l = 0; l < LAYERS; l++) {
            a = BiasedReluNet.layer(e, a, WIDTH, bias, key.child("layer").child(l));
            shares[l] = (double) BiasedReluNet.deadUnits(a) / WIDTH;
        }
        return shares;
    }
}
