package nn.examples.claims.variance;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
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

/** 10: the size of weights below which a signal vanishes. */
public final class WhenSmallIsSmall implements Claim {
    private static final int UNITS = 100;
    private static final int INPUTS = 16;
    private static final double DEVIATION = 0.01;
    private static final int WIDTH = 200;
    private static final int LAYERS = 30;

    @Override
    public Card card() {
        return Card.of(List.of("10"), "the signal vanishes if n_in Var(w) < 1.")
                .isConditional(
                        "that is the condition of a linear net. With ReLU it is n_in Var(w) < 2. So weights from"
                                + " N(0, 0.01^2) are small for all layers in use: they keep a signal only with 10,000"
                                + " inputs (linear) or 20,000 (ReLU).",
                        "One layer multiplies E a^2 by n_in Var(w), and ReLU then by 1/2.",
                        "L layers multiply it by the L-th power, which vanishes if and only if the factor is below 1.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(20, 4);
        for (int n : new int[] {5_000, 10_000, 20_000, 40_000}) {
            double[][] factors = e.samples("n = " + n, draws, key -> factors(e, n, key));
            double predicted = n * DEVIATION * DEVIATION;
            // One draw averages 100 units x 16 nearly uncorrelated inputs; z^2 has the relative variance 2, relu(z)^2
            // has 5. Four standard errors.
            double samples = (double) UNITS * INPUTS * draws.count();
            if (n < 40_000) {
                e.sampled(String.format(Locale.ROOT, "linear, %,6d inputs: factor", n), predicted, factors[0])
                        .over(Over.WEIGHTS)
                        .within(predicted * 4 * Math.sqrt(2 / samples));
            }
            if (n > 5_000) {
                e.sampled(String.format(Locale.ROOT, "ReLU, %,6d inputs: factor", n), predicted / 2, factors[1])
                        .over(Over.WEIGHTS)
                        .within(predicted / 2 * 4 * Math.sqrt(5 / samples));
            }
        }
        deep(e);
    }

    /** E z^2 and E relu(z)^2 of one layer, relative to E x^2. */
    private static double[] factors(Experiment e, int n, Key key) {
        Tensor x = e.normal(key.child("inputs"), INPUTS, n);
        Tensor z = x.matmul(e.weight(Init.normal(DEVIATION), n, UNITS, key.child("weight")));
        double size = x.secondMoment();
        return new double[] {z.secondMoment() / size, z.relu().secondMoment() / size};
    }

    /** Measures 30 layers of 200 units below, at and above the condition. */
    private static void deep(Experiment e) {
        Repetitions nets = e.times(10, 2);
        Chart chart = Chart.of(
                "Signal by depth, linear net of width 200",
                "With n Var(w) = 1/2 the signal halves in every layer, with 1 it stays, with 2 it doubles.",
                Axis.linear("layer"),
                Axis.log("E a^2"));
        double[] places = Chart.upTo(LAYERS);
        for (double factor : new double[] {0.5, 1, 2}) {
            double deviation = Math.sqrt(factor / WIDTH);
            double[][] moments = e.samples("deep " + factor, nets, key -> {
                Tensor x = e.normal(key.child("inputs"), UNITS, WIDTH);
                double[] all = Chain.forward(
                                e, x, Init.normal(deviation), Nonlinearity.LINEAR, key, Chain.square(LAYERS, WIDTH))
                        .moments();
                return Arrays.copyOfRange(all, 1, LAYERS + 1);
            });
            double[] perLayer = Arrays.stream(moments[LAYERS - 1])
                    .map(a -> StrictMath.pow(a, 1.0 / LAYERS))
                    .toArray();
            e.sampled(String.format(Locale.ROOT, "n Var(w) = %s: factor a layer", factor), factor, perLayer)
                    .over(Over.WEIGHTS)
                    .within(factor * FactorsOfSmallWeights.tolerance(Nonlinearity.LINEAR, WIDTH, LAYERS, nets));
            double[] predicted = new double[LAYERS];
            Arrays.setAll(predicted, l -> StrictMath.pow(factor, l + 1));
            chart = chart.sampled("n Var(w) = " + factor, places, moments)
                    .prediction("theory, " + factor, "n Var(w) = " + factor, places, predicted);
        }
        e.draw(chart);
    }
}
