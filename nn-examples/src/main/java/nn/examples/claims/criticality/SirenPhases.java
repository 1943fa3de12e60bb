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
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/** B15: the phases of a SIREN. */
public final class SirenPhases implements Claim {
    private static final double OMEGA = 30;
    private static final int WIDTH = 256;
    private static final int INPUTS = 64;
    private static final int LAYERS = 10;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B15"),
                        "with U(-sqrt(6/n)/omega, sqrt(6/n)/omega), the phases of every sine layer are N(0, 1)"
                                + " (Sitzmann and others 2020).")
                .isConditional(
                        "their variance is 0.797, and the mean square of the gradient grows by a factor of 1.203"
                                + " per layer: small enough to train, but not 1.",
                        "Var(omega x W) = n omega^2 (2 / (n omega^2)) E[sin^2] = 2 (1 - e^(-2q)) / 2, fixed at q = 1 -"
                                + " e^(-2q).",
                        "E[cos^2] = (1 + e^(-2q)) / 2, so gradients change by 1 + e^(-2q).");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(40, 10);
        MeanField sines = new MeanField(Nonlinearity.SIN, 2, 0);
        double q = sines.fixedPoint(1);
        double[][] results = e.samples("nets", nets, key -> {
            double[] moments = new double[LAYERS + 1];
            Tensor z = e.normal(key.child("phases"), INPUTS, WIDTH);
            Tensor[] w = new Tensor[LAYERS];
            Tensor[] slopes = new Tensor[LAYERS];
            for (int l = 0; l < LAYERS; l++) {
                w[l] = e.weight(Init.siren(OMEGA), WIDTH, WIDTH, key.child(l));
                w[l].scaleInPlace((float) OMEGA);
                slopes[l] = z.map(Nonlinearity.SIN::derivative);
                z = z.map(Nonlinearity.SIN::value).matmul(w[l]);
                moments[l] = z.secondMoment();
            }
            Tensor d = e.normal(key.child("gradient"), INPUTS, WIDTH);
            double before = d.secondMoment();
            for (int l = LAYERS - 1; l >= 0; l--) {
                d = d.matmul(w[l], Transposed.RIGHT).multiply(slopes[l]);
                if (l == 5) {
                    moments[LAYERS] = StrictMath.pow(d.secondMoment() / before, 1.0 / (LAYERS - 5));
                }
            }
            return moments;
        });
        // a layer's second moment in one net varies by about sqrt(2/width); the map contracts what came before
        double relative = 5 * 1.5 * Math.sqrt(2.0 / WIDTH / nets.count());
        e.sampled("variance of the phases, layer 10", q, results[LAYERS - 1])
                .over(Over.WEIGHTS)
                .within(relative * q);
        e.sampled("growth of gradients by layer", sines.chi(q), results[LAYERS])
                .over(Over.WEIGHTS)
                .within(0.03);
        e.sampled(
                        "distance from the paper's 1",
                        1 - q,
                        Arrays.stream(results[LAYERS - 1]).map(v -> 1 - v).toArray())
                .over(Over.WEIGHTS)
                .atLeast(0.1);
        double[] layers = Chart.upTo(LAYERS);
        e.draw(Chart.of(
                        "The variance of the phases of a SIREN by layer",
                        "From 1 it falls to " + Caption.mean(results[2]) + " at layer 3 and "
                                + Caption.mean(results[LAYERS - 1])
                                + " at the last.",
                        Axis.linear("layer"),
                        Axis.linear("variance of the phases, over weights"))
                .sampled("measured", layers, Arrays.copyOf(results, LAYERS))
                .prediction("theory", "measured", layers, Arrays.copyOfRange(sines.lengths(1, LAYERS), 1, LAYERS + 1)));
    }
}
