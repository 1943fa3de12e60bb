package nn.examples.claims.criticality;

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
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.MeanField;
import nn.init.theory.SelfNormalization;
import nn.tensor.Tensor;

/** B16, P4: SELU normalizes the mean to 0 and the variance to 1 by itself. */
public final class SelfNormalizing implements Claim {
    private static final int WIDTH = 256;
    private static final int INPUTS = 32;
    private static final int LAYERS = 20;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B16", "P4"),
                        "SELU networks with LeCun weights normalize themselves: activations come to mean 0 and variance"
                                + " 1 (Klambauer and others 2017).")
                .isTrue(
                        "from a deviation of 2 the variance returns to 1 within 20 layers. Gradients grow slowly, by a"
                                + " factor of 1.07 per layer: SELU is not critical.",
                        "The map of (mean, variance) has the fixed point (0, 1) and there a Jacobian of norm 0.788 <"
                                + " 1.");
    }

    @Override
    public void measure(Experiment e) {
        SelfNormalization at = SelfNormalization.of(e.nonlinearity(Nonlinearity.SELU), 1);
        e.value("d mean / d variance", 0.088835, at.meanRate()).reference().within(1e-5);
        e.value("d variance / d variance", 0.782648, at.varianceRate())
                .reference()
                .within(1e-5);
        e.value("norm of the Jacobian", 0.78767, at.spectralNorm()).reference().within(1e-5);
        double chi = MeanField.ofGain(Nonlinearity.SELU, 1).chi(1);
        e.value("chi, growth of gradients", 1.0716, chi).reference().within(1e-4);
        Repetitions nets = e.times(60, 12);
        Nonlinearity selu = e.nonlinearity(Nonlinearity.SELU);
        double[][] moments = e.samples("nets", nets, key -> {
            Tensor a = e.normal(key.child("inputs"), INPUTS, WIDTH);
            a.scaleInPlace(2);
            double[] result = new double[2 * LAYERS];
            for (int l = 0; l < LAYERS; l++) {
                a = a.matmul(e.weight(Init.lecunNormal(), WIDTH, WIDTH, key.child(l)))
                        .map(selu::value);
                result[l] = a.mean();
                result[LAYERS + l] = a.variance();
            }
            return result;
        });
        // the error of a mean of 256 units that all inputs share; the contraction limits the sum over layers to a few
        // of it
        double error = 5 * 3 / Math.sqrt((double) WIDTH * nets.count());
        e.sampled("mean after 20 layers", 0, moments[LAYERS - 1])
                .over(Over.WEIGHTS)
                .within(error);
        e.sampled("variance after 20 layers", 1, moments[2 * LAYERS - 1])
                .over(Over.WEIGHTS)
                .within(2 * error);
        double[] layers = Chart.upTo(LAYERS);
        double[] theory = new double[LAYERS];
        double q = 4;
        for (int l = 0; l < LAYERS; l++) {
            var m = Nonlinearity.SELU.moments(q);
            theory[l] = m.variance();
            q = m.secondMoment();
        }
        e.draw(Chart.of(
                        "The variance of SELU activations by layer",
                        "From 4 at the inputs, the variance falls to " + Caption.mean(moments[LAYERS + 9])
                                + " at layer 10 and " + Caption.mean(moments[2 * LAYERS - 1]) + " at layer 20.",
                        Axis.linear("layer"),
                        Axis.linear("variance of the activations"))
                .sampled("measured", layers, Arrays.copyOfRange(moments, LAYERS, 2 * LAYERS))
                .prediction("theory", "measured", layers, theory));
    }
}
