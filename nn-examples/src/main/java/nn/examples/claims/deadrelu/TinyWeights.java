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
import nn.examples.numeric.Statistics;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/** D2: under weights that are far too small, a bias of 0.01 does make most units start active. */
public final class TinyWeights implements Claim {
    private static final int WIDTH = 100;
    private static final int INPUTS = 256;
    private static final int LAYERS = 4;
    private static final double DEVIATION = 0.01;
    private static final double BIAS = 0.01;

    @Override
    public Card card() {
        return Card.of(
                        List.of("D2", "36"),
                        "a bias of 0.01 makes most ReLU neurons start active [under tiny" + " weights].")
                .isConditional(
                        "true under weights of deviation 0.01, which lose the signal, so that only the bias is"
                                + " left: 54 % are active in the first layer, 90 % in the second and all from the"
                                + " third on, for any input.",
                        "P(z > 0) = Phi(b / s), with s^2 = n Var(w) E[a^2] of the layer before, which shrinks to"
                                + " 0.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(40, 10);
        double[][] active = e.samples("nets", nets, key -> activeShares(e, key));
        double[] tolerance = {0.004, 0.012, 0.001};
        double[] theory = theory();
        for (int l = 0; l < tolerance.length; l++) {
            e.sampled("active at layer " + (l + 1), theory[l], active[l])
                    .over(Over.WEIGHTS)
                    .within(l < 2 ? nets.widen(tolerance[l]) : tolerance[l]);
        }
        double[] layers = Chart.upTo(LAYERS);
        e.draw(Chart.of(
                        "Active units under weights of deviation 0.01 and a bias of 0.01",
                        "The share is " + Caption.meanPercent(active[0]) + ", " + Caption.meanPercent(active[1])
                                + " and "
                                + Caption.meanPercent(active[2]) + " in the first three layers.",
                        Axis.linear("layer"),
                        Axis.linear("share of units with z > 0"))
                .sampled("measured", layers, active)
                .prediction("Phi(b / s)", "measured", layers, theory));
    }

    private static double[] theory() {
        double[] shares = new double[LAYERS];
        double activation = 1;
        for (int l = 0; l < LAYERS; l++) {
            double variance = WIDTH * DEVIATION * DEVIATION * activation;
            shares[l] = Statistics.normalBelow(BIAS / Math.sqrt(variance));
            activation = Nonlinearity.RELU.moments(BIAS, variance).secondMoment();
        }
        return shares;
    }

    private static double[] activeShares(Experiment e, Key key) {
        Tensor a = e.normal(key.child("inputs"), INPUTS, WIDTH);
        double[] shares = new double[LAYERS];
        for (int l = 0; l < LAYERS; l++) {
            Tensor z = Tensor.zeros(INPUTS, WIDTH);
            z.fillRows(
                    e.bias(Init.constant(BIAS), WIDTH, WIDTH, key.child("bias").child(l)));
            a.matmulAddInto(
                    e.weight(
                            Init.normal(DEVIATION),
                            WIDTH,
                            WIDTH,
                            key.child("weight").child(l)),
                    Transposed.NONE,
                    z);
            shares[l] = z.map(v -> v > 0 ? 1 : 0).mean();
            a = z.relu();
        }
        return shares;
    }
}
