package nn.examples.claims.practice;

import java.util.Arrays;
import java.util.List;
import nn.examples.claims.Axis;
import nn.examples.claims.Card;
import nn.examples.claims.Chart;
import nn.examples.claims.Claim;
import nn.examples.claims.Experiment;
import nn.examples.claims.ReluClassifier;
import nn.examples.claims.Repetitions;
import nn.init.Init;
import nn.init.Initializer;

/** From which depth on it matters that weights are He's. */
public final class HeIsForDepth implements Claim {
    private static final int EPOCHS = 80;

    @Override
    public Card card() {
        return Card.of(List.of("52"), "He initialization is noticeably better than Xavier's for ReLU.")
                .isConditional(
                        "in deep nets. Five hidden layers learn as well from either, 14 more slowly from Xavier's, and 30"
                                + " not at all.",
                        "With Xavier's variance every layer halves E a^2: 2^-5 is made up for by training, 2^-30 is not.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions seeds = e.times(3, 1);
        Chart chart = Chart.of(
                "ReLU nets of 5, 14 and 30 hidden layers",
                "At 5 layers the curves of He and Xavier are alike, at 14 Xavier's comes down later, at 30 it stays at 1.",
                Axis.linear("epoch"),
                Axis.log("loss / loss of the best constant"));
        for (int hidden : new int[] {5, 14, 30}) {
            for (boolean he : new boolean[] {true, false}) {
                Initializer weights = he ? Init.heNormal() : Init.xavierNormal();
                double[][] losses = e.samples(
                        "depth " + hidden,
                        seeds,
                        key -> ReluClassifier.plain(e, hidden, weights, Init.zeros(), key).train(EPOCHS));
                String name = "%s, %d layers".formatted(he ? "He" : "Xavier", hidden);
                // With momentum a deep net is thrown back at times, so each run counts by its best epoch.
                double[] best = new double[seeds.count()];
                Arrays.setAll(best, i -> Arrays.stream(losses).mapToDouble(epoch -> epoch[i]).min().orElseThrow());
                if (hidden < 30 || he) {
                    double most = Arrays.stream(best).max().orElseThrow();
                    e.value(name + ": worst loss", Double.NaN, most).atMost(hidden == 5 ? 0.1 : 0.85);
                } else {
                    e.value(name + ": best loss", 1, Arrays.stream(best).min().orElseThrow()).between(0.99, 1.02);
                }
                chart = chart.sampled(name, Chart.upTo(EPOCHS), losses);
            }
        }
        e.draw(chart);
    }
}
