package nn.examples.claims.variance;

import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.MeanField;
import nn.tensor.Tensor;

/** V5: the variance over inputs with the weights fixed. */
public final class VarianceOverTheData implements Claim {
    @Override
    public Card card() {
        return Card.of(List.of("V5", "41"), "the variance decreases polynomially: 2, 1.3632, 0.9290.")
                .isFalse(
                        "only the variance over the data with fixed weights does: it is 2 (1 - c) with the correlation"
                                + " map of ReLU, and falls like 9 pi^2 / l^2. Its values are 2, 1.3634, 1.0125: the"
                                + " second one fits by chance, the third does not.",
                        "The text's own recursion multiplies by 0.6817 each time: that is exponential.",
                        "Over the data: c_(l+1) = (sqrt(1 - c_l^2) + c_l (pi - arccos c_l)) / pi from c_1 = 0.",
                        "Near 1, 1 - c_(l+1) = (1 - c_l) - (2 sqrt 2 / (3 pi)) (1 - c_l)^(3/2): a decay like 1/l^2.");
    }

    @Override
    public void measure(Experiment e) {
        double[][] variance = ReluNet.measure(e, 2, VarianceOverTheData::overInputs);
        Repetitions nets = ReluNet.nets(e);
        double[] predicted = new MeanField(Nonlinearity.RELU, 2, 0).dataVariances(2, 0, ReluNet.LAYERS - 1);
        // a width of 100 adds about 0.01 to theory, which is for infinite width
        e.sampled("Var z, layer 2", predicted[1], variance[1]).over(Over.INPUTS).within(nets.widen(0.02));
        e.sampled("Var z, layer 3", predicted[2], variance[2]).over(Over.INPUTS).within(nets.widen(0.04));
        double[] layers = Chart.upTo(ReluNet.LAYERS);
        e.draw(Chart.of(
                        "Variance over the inputs, weights fixed",
                        "The variance over the inputs is " + Caption.mean(variance[0]) + ", "
                                + Caption.mean(variance[1])
                                + " and " + Caption.mean(variance[2])
                                + " at layers 1 to 3 and falls slowly, as theory says;"
                                + " the course unit's recursion falls ever faster below it.",
                        Axis.linear("layer"),
                        Axis.log("variance of z over the inputs"))
                .sampled("measured", layers, variance)
                .prediction("theory", "measured", layers, predicted)
                .prediction("the course unit", layers, textual()));
    }

    private static double[] textual() {
        double[] values = new double[ReluNet.LAYERS];
        for (int l = 0; l < values.length; l++) {
            values[l] = 2 * StrictMath.pow(1 - 1 / Math.PI, l);
        }
        return values;
    }

    /** Returns the unbiased variance of each unit over the inputs, averaged over the units. */
    static double overInputs(Tensor z) {
        int inputs = z.dim(0);
        Tensor sums = Tensor.zeros(z.dim(1));
        z.addSumOfRowsInto(sums);
        double squaresOfMeans = sums.dot(sums) / inputs;
        return (z.dot(z) - squaresOfMeans) / (inputs - 1.0) / z.dim(1);
    }
}
