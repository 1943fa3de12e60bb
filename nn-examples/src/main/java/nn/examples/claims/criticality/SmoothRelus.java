package nn.examples.claims.criticality;

import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.init.Gain;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.Criticality;
import nn.init.theory.MeanField;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** B17, P3: GELU and SiLU are not ReLU: He's gain loses their signal. */
public final class SmoothRelus implements Claim {
    private static final int WIDTH = 512;
    private static final int INPUTS = 32;
    private static final int LAYERS = 20;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B17", "P3"),
                        "GELU and SiLU (swish) are critical at one point only, of a certain length and with biases"
                                + " (Roberts, Yaida and Hanin 2022).")
                .isTrue(
                        "at that point signals and gradients keep their size. He weights without biases, made for"
                                + " ReLU, lose the signal of GELU: by a factor of 0.86 in the first layer and by more"
                                + " in every further one, so that 3e-14 is left after 50.",
                        "chi = 1 and slope of the length map = 1 together require E[f f''] = 0, which holds at one"
                                + " q.",
                        "sigma_w^2 = 1 / E[f'^2] and sigma_b^2 = q - sigma_w^2 E[f^2] there.");
    }

    @Override
    public void measure(Experiment e) {
        point(e, "GELU", e.nonlinearity(Nonlinearity.GELU), 1.98305826, 0.17292239, 3.5616);
        point(e, "SiLU", e.nonlinearity(Nonlinearity.SILU), 1.98800468, 0.55514317, 14.3202);
        Repetitions nets = e.times(30, 8);
        Criticality gelu = Criticality.halfStable(Nonlinearity.GELU);
        MeanField critical = new MeanField(Nonlinearity.GELU, gelu.weightVariance(), gelu.biasVariance());
        MeanField he = MeanField.ofGain(Nonlinearity.GELU, Gain.he(0));
        double[] layers = Chart.upTo(LAYERS);
        double start = gelu.length();
        double[][] held = lengths(e, nets, critical, start);
        double[][] lost = lengths(e, nets, he, 1);
        // ln of E z^2 of one net varies by sqrt(5 L / width), as for ReLU, and the half-stable point lets it drift by
        // as much again; five standard errors
        double relative = 5 * 2 * Math.sqrt(5.0 * LAYERS / WIDTH / nets.count());
        e.sampled("GELU, critical: E z^2, layer 20", start, held[LAYERS - 1])
                .over(Over.WEIGHTS)
                .within(Math.min(relative, 0.9) * start);
        double left = he.lengths(1, LAYERS - 1)[LAYERS - 1];
        // the length map of GELU is steeper than the identity where it loses the signal, so deviations grow with depth
        e.value("GELU, He: ln E z^2, layer 20", StrictMath.log(left), StrictMath.log(Statistics.mean(lost[LAYERS - 1])))
                .over(Over.WEIGHTS)
                .within(relative + 0.5);
        double[] factor = e.sample(
                "critical",
                nets,
                key -> DeepNet.run(e, critical, scaled(e, start, key), LAYERS, key)
                        .gradientFactor(0, LAYERS - 1));
        e.sampled("GELU, critical: gradient factor", 1, factor)
                .over(Over.WEIGHTS)
                .within(5 * Math.sqrt(5.0 / WIDTH / LAYERS / nets.count()) + 0.02);
        e.draw(Chart.of(
                        "GELU at its critical point and under He weights",
                        "At the critical point E z^2 is " + Caption.mean(held[0]) + " at layer 1 and "
                                + Caption.mean(held[LAYERS - 1])
                                + " at layer 20; under He weights it falls ever faster, to "
                                + Caption.mean(lost[LAYERS - 1]) + ".",
                        Axis.linear("layer"),
                        Axis.log("E z^2, over weights"))
                .sampled("critical point", layers, held)
                .prediction("critical point", layers, critical.lengths(start, LAYERS - 1))
                .sampled("He", layers, lost)
                .prediction("He", layers, he.lengths(1, LAYERS - 1)));
    }

    private static void point(
            Experiment e, String name, Nonlinearity f, double weightVariance, double biasVariance, double length) {
        Criticality found = Criticality.halfStable(f);
        e.value(name + ": sigma_w^2", weightVariance, found.weightVariance())
                .reference()
                .within(1e-6);
        e.value(name + ": sigma_b^2", biasVariance, found.biasVariance())
                .reference()
                .within(1e-6);
        e.value(name + ": length q", length, found.length()).reference().within(1e-4);
    }

    private static Tensor scaled(Experiment e, double q, Key key) {
        Tensor x = e.normal(key.child("inputs"), INPUTS, WIDTH);
        x.scaleInPlace((float) Math.sqrt(q));
        return x;
    }

    private static double[][] lengths(Experiment e, Repetitions nets, MeanField network, double q) {
        return e.samples(
                network.biasVariance() > 0 ? "critical" : "he",
                nets,
                key -> DeepNet.run(e, network, scaled(e, q, key), LAYERS, key).lengths());
    }
}
