package nn.examples.claims.practice;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Caption;
import nn.examples.chart.Histograms;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** 56: half of the pre-activations are negative, which kills no unit. */
public final class HalfInactiveIsNotDead implements Claim {
    private static final int SIZE = 256;

    @Override
    public Card card() {
        return Card.of(
                        List.of("56"),
                        "with zero biases half of the pre-activations are negative, so half of the neurons start"
                                + " inactive.")
                .isTrue(
                        "each unit is inactive for about half of the inputs; none is inactive for all of them, and only"
                                + " such a unit is called dead.",
                        "z is symmetric about 0 for each unit, so P(z < 0) = 1/2; 256 negative values in a row have the"
                                + " probability 2^-256.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(40, 10);
        double[] negative = e.sample(
                "nets",
                nets,
                key -> preActivations(e, key).map(z -> z < 0 ? 1 : 0).mean());
        // 65,536 signs that share weights and inputs; units or inputs alone give 1/512 at most
        e.sampled("share of negative z", 0.5, negative).over(Over.WEIGHTS).within(nets.widen(4 * 0.5 / 256 / 6.3));
        double[] dead = e.sample("nets", nets, key -> {
            Tensor z = preActivations(e, key).transpose();
            int count = 0;
            for (int unit = 0; unit < SIZE; unit++) {
                count += z.row(unit).relu().maxAbs() == 0 ? 1 : 0;
            }
            return count;
        });
        e.sampled("units that are 0 on all inputs", 0, dead).over(Over.WEIGHTS).atMost(0);
        Tensor z = preActivations(e, e.key().child("drawn")).transpose();
        float[] shares = new float[SIZE];
        for (int unit = 0; unit < SIZE; unit++) {
            shares[unit] = (float) z.row(unit).map(v -> v > 0 ? 1 : 0).mean();
        }
        double[] sorted = new double[SIZE];
        Arrays.setAll(sorted, unit -> shares[unit]);
        Arrays.sort(sorted);
        e.draw(Histograms.of(
                        "Share of the inputs for which a unit is active",
                        "The shares of 256 units lie around one half, from " + Caption.percent(sorted[0]) + " to "
                                + Caption.percent(sorted[SIZE - 1]) + "; none is near 0.",
                        "share of the inputs with z > 0",
                        0,
                        1,
                        40)
                .with("256 units", shares));
    }

    private static Tensor preActivations(Experiment e, Key key) {
        Tensor x = e.normal(key.child("inputs"), SIZE, SIZE);
        return x.matmul(e.weight(Init.heNormal(), SIZE, SIZE, key.child("weights")));
    }
}
