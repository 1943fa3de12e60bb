package nn.examples.claims.deadrelu;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.chart.Slider;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.tensor.Tensor;

/** D1: the share of active units at the start, by bias. */
public final class ActiveAtTheStart implements Claim {
    private static final int SIZE = 256; // inputs, features and units
    private static final double[] BIASES = {0, 0.01, 0.1, 0.358, 0.742, 1};

    @Override
    public Card card() {
        return Card.of(List.of("D1", "36"), "with a bias of 0.01 most ReLU neurons start active, 60 to 70 % of them.")
                .isFalse(
                        "under He weights z has deviation sqrt 2, so a share of Phi(b / sqrt 2) is active: 50.3 % for"
                                + " 0.01. For 60 % and 70 % the bias must be 0.358 and 0.742.",
                        "z - b is normal with variance n (2/n) E[x^2] = 2, so P(z > 0) = Phi(b / sqrt 2).");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(40, 10);
        double[] measured = new double[BIASES.length];
        for (int i = 0; i < BIASES.length; i++) {
            double bias = BIASES[i];
            double[] active = e.sample("nets", nets, key -> {
                Tensor x = e.normal(key.child("inputs"), SIZE, SIZE);
                return BiasedReluNet.layer(e, x, SIZE, bias, key.child("weights"))
                        .map(v -> v > 0 ? 1 : 0)
                        .mean();
            });
            measured[i] = Statistics.mean(active);
            e.sampled("share of active units, bias " + bias, Statistics.normalBelow(bias / Math.sqrt(2)), active)
                    .over(Over.WEIGHTS)
                    .within(nets.widen(bias <= 0.1 ? 0.0015 : 0.003));
        }
        double[] curve = Arrays.stream(Chart.upTo(101)).map(i -> (i - 1) / 100).toArray();
        e.draw(Chart.of(
                        "Active ReLU units at the start, by bias",
                        "The share rises along the normal distribution function: for biases of "
                                + Caption.numbers(BIASES) + " it is " + Caption.percents(measured) + ".",
                        Axis.linear("bias"),
                        Axis.linear("share of units with z > 0"))
                .prediction(
                        "Phi(b / sqrt 2)",
                        "measured",
                        curve,
                        Arrays.stream(curve)
                                .map(b -> Statistics.normalBelow(b / Math.sqrt(2)))
                                .toArray())
                .points("measured", BIASES, measured)
                .slider(Slider.of(
                        "gain n Var(w)",
                        "share at bias 1",
                        Slider.positions(0.1, 4, 0.1),
                        1,
                        curve,
                        v -> Arrays.stream(curve)
                                .map(b -> Statistics.normalBelow(b / Math.sqrt(v)))
                                .toArray())));
    }
}
