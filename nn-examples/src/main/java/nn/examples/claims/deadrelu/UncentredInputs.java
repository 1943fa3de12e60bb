package nn.examples.claims.deadrelu;

import java.util.List;
import java.util.Locale;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** D7: dead units of a first layer come from inputs that are not centred. */
public final class UncentredInputs implements Claim {
    private static final int FEATURES = 50;
    private static final int UNITS = 500;
    private static final int INPUTS = 512;
    private static final double[] BIASES = {0, 0.01, 0.1, 1};

    @Override
    public Card card() {
        return Card.of(List.of("D7", "37"), "dead neurons in the first layer are prevented by a small positive bias.")
                .isConditional(
                        "centring the data prevents them. Inputs between 0 and 1 leave 4 % of the units dead,"
                                + " inputs between 3 and 4 even 40 %; a bias of 0.01 or 0.1 hardly changes that. After"
                                + " subtracting the mean, none is dead.",
                        "z = w^T m + w^T (x - m), with m the mean input: the first part is one number for all inputs;",
                        "where it is below minus the largest of the second parts, the unit is dead.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(40, 8);
        double[][] measured = new double[2][BIASES.length];
        double[][] predicted = new double[2][BIASES.length];
        double[] lows = {0, 3};
        for (int d = 0; d < lows.length; d++) {
            double low = lows[d];
            for (int b = 0; b < BIASES.length; b++) {
                double bias = BIASES[b];
                double[] dead = e.sample("U from " + low, nets, key -> deadShare(e, low, bias, false, key));
                double p = theory(low + 0.5, bias);
                measured[d][b] = Statistics.mean(dead);
                predicted[d][b] = p;
                // Units are independent apart from the inputs they share. From set to set, these change the largest of
                // the second parts by about a tenth, hence an error of that order of p in addition to the binomial one.
                double error = Math.sqrt(p * (1 - p) / UNITS + 0.01 * p * p) / Math.sqrt(nets.count());
                e.sampled(String.format(Locale.ROOT, "dead, U(%.0f, %.0f), bias %s", low, low + 1, bias), p, dead)
                        .over(Over.WEIGHTS)
                        .within(5 * error + 0.03 * p + 1.0 / UNITS / nets.count());
            }
            double[] centred = e.sample("U from " + low, nets, key -> deadShare(e, low, 0, true, key));
            e.sampled(String.format(Locale.ROOT, "dead, U(%.0f, %.0f) centred, bias 0", low, low + 1), 0, centred)
                    .over(Over.WEIGHTS)
                    .atMost(1.0 / UNITS / nets.count());
        }
        double[] step = {1, 2, 3, 4};
        e.draw(Chart.of(
                        "Dead units of a first layer",
                        "For biases of 0, 0.01, 0.1 and 1, " + Caption.percents(measured[1])
                                + " of the units are dead on"
                                + " inputs between 3 and 4, and " + Caption.percents(measured[0])
                                + " on inputs between 0 and 1.",
                        Axis.named("bias", "0", "0.01", "0.1", "1"),
                        Axis.linear("share of dead units"))
                .line("inputs 0 to 1", step, measured[0])
                .prediction("inputs 0 to 1", step, predicted[0])
                .line("inputs 3 to 4", step, measured[1])
                .prediction("inputs 3 to 4", step, predicted[1]));
    }

    private static double deadShare(Experiment e, double low, double bias, boolean centred, Key key) {
        Tensor x = Tensor.zeros(INPUTS, FEATURES);
        key.child("inputs").uniform(x, (float) low, (float) low + 1);
        if (centred) {
            Tensor mean = Tensor.zeros(FEATURES);
            x.addSumOfRowsInto(mean);
            mean.scaleInPlace(-1f / INPUTS);
            x.addRowInPlace(mean);
        }
        Tensor a = BiasedReluNet.layer(e, x, UNITS, bias, key.child("weights"));
        return (double) BiasedReluNet.deadUnits(a) / UNITS;
    }

    /**
     * With He weights w.mean is normal with deviation m = mean sqrt 2, and w.(x - mean) of different inputs nearly
     * independent normal with deviation s = sqrt(2/12). So the share of dead units is E over g of Phi(-(m g + b) /
     * s)^inputs.
     */
    private static double theory(double mean, double bias) {
        double m = mean * Math.sqrt(2);
        double s = Math.sqrt(2 / 12.0);
        double sum = 0;
        double weights = 0;
        for (int i = -8000; i <= 8000; i++) {
            double g = i / 1000.0;
            double weight = StrictMath.exp(-g * g / 2);
            weights += weight;
            sum += weight * StrictMath.pow(Statistics.normalBelow(-(m * g + bias) / s), INPUTS);
        }
        return sum / weights;
    }
}
