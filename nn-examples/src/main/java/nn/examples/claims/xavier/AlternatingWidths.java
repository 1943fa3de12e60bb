package nn.examples.claims.xavier;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Chain;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** 20: the cost of Xavier's compromise for alternating widths. */
public final class AlternatingWidths implements Claim {
    private static final int NARROW = 64;
    private static final int WIDE = 512;
    private static final int[] WIDTHS = {WIDE, NARROW, WIDE, NARROW, WIDE, NARROW, WIDE, NARROW, WIDE, NARROW};
    private static final int INPUTS = 16;

    @Override
    public Card card() {
        return Card.of(List.of("20"), "Xavier balances the forward and the backward pass when widths are unequal.")
                .isConditional(
                        "it treats both passes alike, and both lose. Ten linear layers of 64 and 512 units in turn keep"
                                + " 0.96 % of the signal and of the gradient. With 1/n_in both passes keep all of it,"
                                + " as the ratios of widths cancel along the net; so does 1/sqrt(n_in n_out).",
                        "Xavier: a pair of layers multiplies by 2m/(m + n) 2n/(m + n) = 4 m n/(m + n)^2 = 0.395, both"
                                + " ways.",
                        "1/n_in: forwards 1 in each layer; backwards n/m, then m/n.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(400, 40);
        double lost = StrictMath.pow(4.0 * NARROW * WIDE / StrictMath.pow(NARROW + WIDE, 2), WIDTHS.length / 2);
        Chart chart = Chart.of(
                "Signal by depth, linear, widths 64 and 512 in turn",
                "E z^2 by layer for three rules.",
                Axis.linear("layer"),
                Axis.log("E z^2 / E x^2"));
        List<String> words = new ArrayList<>();
        for (Fan fan : List.of(Fan.AVERAGE, Fan.IN, Fan.GEOMETRIC)) {
            double[][] run = e.samples(fan.name(), nets, key -> run(e, fan, key));
            String name = fan == Fan.AVERAGE ? "Xavier" : fan == Fan.IN ? "1/fan-in" : "1/geometric mean";
            double expected = fan == Fan.AVERAGE ? lost : 1;
            // For one input, a net's factor has the relative variance prod(1 + 2/n) - 1 = 0.19; 16 inputs have less.
            // The product of widths is the same both ways. Four standard errors.
            double variance = StrictMath.pow((1 + 2.0 / NARROW) * (1 + 2.0 / WIDE), WIDTHS.length / 2) - 1;
            double tolerance = expected * 4 * Math.sqrt(variance / nets.count());
            e.sampled(name + ": E z^2 / E x^2", expected, run[WIDTHS.length - 1])
                    .over(Over.WEIGHTS)
                    .within(tolerance);
            e.sampled(name + ": E dx^2 / E dz^2", expected, run[WIDTHS.length])
                    .over(Over.WEIGHTS)
                    .within(tolerance);
            words.add(Caption.mean(run[WIDTHS.length - 1]) + " with " + name);
            chart = chart.sampled(name, Chart.upTo(WIDTHS.length), Arrays.copyOf(run, WIDTHS.length));
        }
        e.draw(chart.saying("The signal falls and rises by turns; after ten layers its mean square is "
                + String.join(", ", words) + "."));
    }

    /** E z^2 by layer relative to the inputs', then the factor of the gradient from the last layer to the inputs. */
    private static double[] run(Experiment e, Fan fan, Key key) {
        Initializer weights = new VarianceScaling(1, fan, Distribution.NORMAL);
        Tensor x = e.normal(key.child("inputs"), INPUTS, NARROW);
        Chain chain = Chain.forward(e, x, weights, Nonlinearity.LINEAR, key.child("weights"), WIDTHS);
        double[] result = new double[WIDTHS.length + 1];
        for (int l = 1; l <= WIDTHS.length; l++) {
            result[l - 1] = chain.z(l).secondMoment() / x.secondMoment();
        }
        result[WIDTHS.length] =
                chain.backward(e.normal(key.child("d"), INPUTS, NARROW)).factor();
        return result;
    }
}
