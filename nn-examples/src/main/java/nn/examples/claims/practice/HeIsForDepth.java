package nn.examples.claims.practice;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.ReluClassifier;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.init.Init;
import nn.init.Initializer;

/** 52: the depth from which He's weights matter. */
public final class HeIsForDepth implements Claim {
    private static final int EPOCHS = 80;

    @Override
    public Card card() {
        return Card.of(List.of("52"), "He initialization is noticeably better than Xavier's for ReLU.")
                .isConditional(
                        "true of deep nets. Five hidden layers learn as well from either, 14 more slowly from Xavier's"
                                + " weights, and 30 hardly ever: one net in 16 starts to learn within 80 epochs. This"
                                + " holds for SGD; with Adam 30 layers learn from Xavier's weights, too (B2).",
                        "With Xavier's variance every layer halves E a^2: training makes up for 2^-5, but not for"
                                + " 2^-30.",
                        "A squared norm after 30 layers of 64 units varies by a factor of e^1.5 between nets: a few"
                                + " escape.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions seeds = e.times(5, 3);
        Chart chart = Chart.of(
                "ReLU nets of 5, 14 and 30 hidden layers",
                "At 5 layers the curves of He and Xavier are alike, at 14 Xavier's comes down later, at 30 it stays at"
                        + " 1.",
                Axis.linear("epoch"),
                Axis.log("loss / loss of the best constant"));
        for (int hidden : new int[] {5, 14, 30}) {
            for (boolean he : new boolean[] {true, false}) {
                Initializer weights = he ? Init.heNormal() : Init.xavierNormal();
                double[][] losses = e.samples(
                        "depth " + hidden,
                        seeds,
                        key -> ReluClassifier.plain(e, hidden, weights, Init.zeros(), key)
                                .train(EPOCHS));
                String name = String.format(Locale.ROOT, "%s, %d layers", he ? "He" : "Xavier", hidden);
                // With momentum a deep net gets worse at times, so each run counts by its best epoch, and all runs
                // of a kind by their median: of 80 other nets with 30 layers, 5 came below 0.99 from Xavier's weights
                // (the lowest 0.78) and all below 0.1 from He's; 3 of 5 do so with a chance of 10 (1/16)^3 = 0.2 %.
                double[] best = new double[seeds.count()];
                Arrays.setAll(
                        best,
                        i -> Arrays.stream(losses)
                                .mapToDouble(epoch -> epoch[i])
                                .min()
                                .orElseThrow());
                boolean learns = hidden < 30 || he;
                e.value(name + ": median loss", learns ? Double.NaN : 1, Statistics.quantile(0.5, best))
                        .between(learns ? 0 : 0.99, learns ? hidden == 5 ? 0.1 : 0.85 : 1.02);
                chart = chart.sampled(name, Chart.upTo(EPOCHS), losses);
            }
        }
        e.draw(chart);
    }
}
