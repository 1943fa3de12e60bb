package nn.examples.claims.variance;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.ReluClassifier;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Key;

/** 2: nets whose training depends on initialization, and nets whose training does not. */
public final class WhatInitDecides implements Claim {
    private static final int EPOCHS = 60;

    @Override
    public Card card() {
        return Card.of(List.of("2"), "initialization determines whether the network can be trained at all.")
                .isConditional(
                        "true of plain deep nets. With 5 hidden ReLU layers He's and Xavier's weights both learn the"
                                + " task; with 30, Xavier's stay at the best constant, but the same weights learn it in"
                                + " a net with skips and normalization, where no signal passes through 30 factors of"
                                + " 1/2.",
                        "A skip adds the identity to each layer's Jacobian, so gradients arrive for any W.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions seeds = e.times(3, 1);
        Initializer xavier = Init.xavierNormal();
        Chart chart = Chart.of(
                "One task, two schemes, three nets",
                "Five layers learn from either scheme. Thirty plain layers stay at the best constant from Xavier's"
                        + " weights; with skips and normalization they learn.",
                Axis.linear("epoch"),
                Axis.log("loss / loss of the best constant"));
        chart = learns(e, seeds, chart, "5 plain layers, He", key -> plain(e, 5, Init.heNormal(), key));
        chart = learns(e, seeds, chart, "5 plain layers, Xavier", key -> plain(e, 5, xavier, key));
        chart = learns(e, seeds, chart, "30 with skips, Xavier", key -> ReluClassifier.residual(e, 30, xavier, key));
        double[][] stuck =
                e.samples("runs", seeds, key -> plain(e, 30, xavier, key).train(EPOCHS));
        e.value(
                        "30 plain layers, Xavier",
                        1,
                        Arrays.stream(stuck[EPOCHS - 1]).min().orElseThrow())
                .between(0.99, 1.02);
        e.draw(chart.sampled("30 plain layers, Xavier", Chart.upTo(EPOCHS), stuck));
    }

    private static ReluClassifier plain(Experiment e, int hidden, Initializer weights, Key key) {
        return ReluClassifier.plain(e, hidden, weights, Init.zeros(), key);
    }

    private static Chart learns(
            Experiment e, Repetitions seeds, Chart chart, String name, Function<Key, ReluClassifier> net) {
        double[][] losses = e.samples("runs", seeds, key -> net.apply(key).train(EPOCHS));
        e.value(name, Double.NaN, Arrays.stream(losses[EPOCHS - 1]).max().orElseThrow())
                .atMost(0.02);
        return chart.sampled(name, Chart.upTo(EPOCHS), losses);
    }
}
