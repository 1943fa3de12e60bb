package nn.examples.claims.papers;

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
import nn.examples.numeric.Statistics;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.FiniteWidth;
import nn.tensor.Tensor;

/** B10, Hanin and Rolnick 2018: the scatter of single nets around the length that initialization keeps on average. */
public final class LengthsScatter implements Claim {
    @Override
    public Card card() {
        return Card.of(
                        List.of("B10"),
                        "the variance of the squared length of the output grows like the exponential of the sum of"
                                + " reciprocal widths (Hanin and Rolnick 2018).")
                .isTrue(
                        "with Gaussian He weights it is exactly prod(1 + 5/n) - 1 for ReLU and prod(1 + 2/n) - 1 for"
                                + " linear layers, at every width and depth. On average all nets keep the length 1.",
                        "A layer multiplies |a|^2 by the mean of n independent 2 relu(g)^2, g ~ N(0, 1).",
                        "That mean has the expectation 1 and the variance 5/n, and is independent of the layers below.",
                        "So E M^2 = prod(1 + 5/n). (Linear: g^2, variance 2/n.)");
    }

    /** Cumulants 2 to 4 of one unit's share: 2 relu(g)^2 has moments 1, 6, 60, 840; g^2 has 1, 3, 15, 105. */
    private record Share(double k2, double k3, double k4) {
        static final Share RELU = new Share(5, 44, 558);
        static final Share LINEAR = new Share(2, 8, 48);

        /** Moments 2 to 4 of the mean of n shares. */
        double[] moments(int n) {
            double c2 = k2 / n;
            double c3 = k3 / n / n;
            double c4 = k4 / n / n / n;
            return new double[] {1 + c2, 1 + 3 * c2 + c3, 1 + 6 * c2 + 3 * c2 * c2 + 4 * c3 + c4};
        }

        /** The standard error of a sample variance of M, from its exact fourth moment. */
        double error(int width, int layers, int nets) {
            double[] m = Arrays.stream(moments(width))
                    .map(x -> StrictMath.pow(x, layers))
                    .toArray();
            double variance = m[0] - 1;
            double fourth = m[2] - 4 * m[1] + 6 * m[0] - 3;
            return Math.sqrt((fourth - variance * variance) / nets);
        }
    }

    private record Row(int width, int layers, Nonlinearity f, Repetitions nets) {}

    @Override
    public void measure(Experiment e) {
        List<Row> rows = List.of(
                new Row(50, 5, Nonlinearity.RELU, e.times(12_000, 2_000)),
                new Row(100, 10, Nonlinearity.RELU, e.times(3_000, 200)),
                new Row(20, 4, Nonlinearity.RELU, e.times(12_000, 4_000)),
                new Row(50, 5, Nonlinearity.LINEAR, e.times(12_000, 1_000)));
        Chart chart = Chart.of(
                "Squared length of one input's activations by depth, over nets",
                "The mean stays at 1 while the band from the 5 % to the 95 % quantile widens, faster in narrow nets.",
                Axis.linear("layer"),
                Axis.log("|a|^2 / n"));
        for (Row row : rows) {
            boolean relu = row.f().equals(Nonlinearity.RELU);
            String name = String.format(Locale.ROOT, "%s %d x %d: ", row.f().name(), row.width(), row.layers());
            double[][] lengths = e.samples(name, row.nets(), key -> {
                Tensor x = Tensor.full(1f, 1, row.width());
                Initializer weights = new VarianceScaling(relu ? Math.sqrt(2) : 1, Fan.IN, Distribution.NORMAL);
                double[] all = Chain.forward(e, x, weights, row.f(), key, Chain.square(row.layers(), row.width()))
                        .moments();
                return Arrays.copyOfRange(all, 1, row.layers() + 1);
            });
            double[] last = lengths[row.layers() - 1];
            double predicted = FiniteWidth.lengthVariance(relu ? 0 : 1, Chain.square(row.layers(), row.width()));
            int nets = row.nets().count();
            Share share = relu ? Share.RELU : Share.LINEAR;
            double spread = Statistics.deviation(last);
            // Five standard errors, as the distribution of M has a heavy upper tail.
            e.value(name + "Var M", predicted, spread * spread)
                    .over(Over.WEIGHTS)
                    .within(5 * share.error(row.width(), row.layers(), nets));
            e.sampled(name + "E M", 1, last).over(Over.WEIGHTS).within(4 * Math.sqrt(predicted / nets));
            if (relu) {
                chart = chart.sampled(row.width() + " units", Chart.upTo(row.layers()), lengths);
            }
        }
        e.draw(chart);
    }
}
