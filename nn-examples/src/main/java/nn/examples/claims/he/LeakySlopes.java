package nn.examples.claims.he;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.FiniteWidth;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** 26: He's rule for normal and uniform weights, and for leaky ReLU. */
public final class LeakySlopes implements Claim {
    private static final int WIDTH = 128;
    private static final int INPUTS = 16;
    private static final int LAYERS = 20;

    @Override
    public Card card() {
        return Card.of(List.of("26"), "He: W from N(0, 2/d_in) or U(-sqrt(6/d_in), sqrt(6/d_in)).")
                .isTrue(
                        "both keep E z^2 through ReLU layers. With a slope a below zero (leaky ReLU, PReLU) the 2"
                                + " becomes 2/(1 + a^2): with He's own 2, a leaky ReLU of 0.3 would gain 9 % per"
                                + " layer.",
                        "E[f(z)^2] = (1 + a^2) E[z^2] / 2, half of z^2 from above and a^2 times half from below.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(200, 40);
        int[] widths = new int[LAYERS];
        Arrays.fill(widths, WIDTH);
        double relative = 5 * Math.sqrt(FiniteWidth.lengthVariance(0, widths) / nets.count());
        double[] layers = Chart.upTo(LAYERS);
        double[] one = new double[LAYERS];
        Arrays.fill(one, 1);
        double[][] normal = e.samples("nets", nets, key -> signal(e, 0, true, key));
        double[][] uniform = e.samples("nets", nets, key -> signal(e, 0, false, key));
        double[][] leaky = e.samples("nets", nets, key -> signal(e, 0.3, true, key));
        e.sampled("ReLU, normal: layer 20 / layer 1", 1, normal[LAYERS - 1])
                .over(Over.WEIGHTS)
                .within(relative);
        e.sampled("ReLU, uniform: layer 20 / layer 1", 1, uniform[LAYERS - 1])
                .over(Over.WEIGHTS)
                .within(relative);
        e.sampled("leaky 0.3: layer 20 / layer 1", 1, leaky[LAYERS - 1])
                .over(Over.WEIGHTS)
                .within(relative);
        e.draw(Chart.of(
                        "E z^2 under He weights, relative to layer 1",
                        "It stays at 1 for ReLU with normal and with uniform weights, and for a leaky ReLU with its own"
                                + " gain.",
                        Axis.linear("layer"),
                        Axis.log("E z_l^2 / E z_1^2, over weights"))
                .sampled("ReLU, normal", layers, normal)
                .sampled("ReLU, uniform", layers, uniform)
                .sampled("leaky ReLU 0.3", layers, leaky)
                .prediction("theory", layers, one));
    }

    private static double[] signal(Experiment e, double slope, boolean normal, Key key) {
        Nonlinearity f = e.nonlinearity(Nonlinearity.leakyRelu(slope));
        Tensor a = e.normal(key.child("inputs"), INPUTS, WIDTH);
        double[] q = new double[LAYERS];
        for (int l = 0; l < LAYERS; l++) {
            Tensor z = a.matmul(
                    e.weight(normal ? Init.heNormal(slope) : Init.heUniform(slope), WIDTH, WIDTH, key.child(l)));
            q[l] = z.secondMoment();
            a = z.map(f::value);
        }
        for (int l = LAYERS - 1; l >= 0; l--) {
            q[l] /= q[0];
        }
        return q;
    }
}
