package nn.examples.claims.orthogonal;

import java.util.Arrays;
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
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** O4, 33a: a linear recurrence amplifies the deviations of its matrix. */
public final class OneMatrixManyTimes implements Claim {
    private static final int UNITS = 128;
    private static final int STEPS = 50;

    @Override
    public Card card() {
        return Card.of(
                        List.of("O4", "33a"),
                        "where the same W is applied at every step, small deviations of its eigenvalues from 1 are"
                                + " amplified.")
                .isTrue(
                        "after 50 steps with a Gaussian W of 128 units, the length of a state lies anywhere between a"
                                + " third and forty times its first value; an orthogonal W preserves it.",
                        "|W^t h| grows like |lambda|^t, with lambda the largest eigenvalue, which scatters around 1 by"
                                + " the order of 1/sqrt(n).");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(200, 60);
        double[][] gaussian = e.samples("gaussian", draws, key -> lengths(e, Init.lecunNormal(), key));
        double[][] orthogonal = e.samples("orthogonal", e.times(20, 6), key -> lengths(e, Init.orthogonal(), key));
        double worst = Arrays.stream(orthogonal[STEPS - 1])
                .map(r -> Math.abs(r - 1))
                .max()
                .orElseThrow();
        e.value("orthogonal: largest |ratio - 1|", 0, worst).atMost(1e-4);
        double[] ends = gaussian[STEPS - 1];
        double spread = Statistics.quantile(0.95, ends) / Statistics.quantile(0.05, ends);
        e.value("Gaussian: 95 % over 5 % quantile", 106, spread)
                .reference()
                .over(Over.WEIGHTS)
                .atLeast(20);
        double[] steps = Chart.upTo(STEPS);
        e.draw(Chart.of(
                        "The length of a state under h <- h W",
                        "With orthogonal W it stays; with Gaussian ones the band opens to a factor of "
                                + Caption.number(spread) + " in 50 steps.",
                        Axis.linear("step"),
                        Axis.log("|h_t| / |h_0|"))
                .sampled("Gaussian", steps, gaussian)
                .sampled("orthogonal", steps, orthogonal));
    }

    private static double[] lengths(Experiment e, Initializer weights, Key key) {
        Tensor w = e.weight(weights, UNITS, UNITS, key.child("weight"));
        Tensor h = e.normal(key.child("state"), 1, UNITS);
        double start = h.norm();
        double[] ratios = new double[STEPS];
        for (int t = 0; t < STEPS; t++) {
            h = h.matmul(w);
            ratios[t] = h.norm() / start;
        }
        return ratios;
    }
}
