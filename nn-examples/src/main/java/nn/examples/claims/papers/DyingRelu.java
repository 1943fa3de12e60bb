package nn.examples.claims.papers;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.chart.Slider;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Fans;
import nn.init.Init;
import nn.init.theory.BornDead;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/** B9: Lu and others on networks that are dead before training begins. */
public final class DyingRelu implements Claim {
    private static final Tensor BOTH_SIGNS = Tensor.of(new float[] {-1, 1}, 2, 1);
    private static final Tensor ONE_POINT = Tensor.of(new float[] {1}, 1, 1);

    /** Networks in the independent double-precision experiment on the asymmetric scheme. */
    private static final int REFERENCE_NETS = 80_000;

    /** Width and number of hidden layers. */
    private record Size(int width, int layers) {
        @Override
        public String toString() {
            return width + " x " + layers;
        }
    }

    @Override
    public Card card() {
        return Card.of(
                        List.of("B9"),
                        "a ReLU network that is deep and narrow is born dead with a probability that tends to 1 with"
                                + " the depth; an asymmetric initialization prevents it (Lu, Shin, Su and Karniadakis"
                                + " 2019).")
                .isTrue(
                        "the share lies between their two bounds for networks of one input, and is exactly 1 - (1 -"
                                + " 2^-N)^H for a single point. The asymmetric scheme, which makes one entry of each"
                                + " unit's weights and bias positive, reduces the dead to a third at width 2 and to a"
                                + " fourteenth at width 4.",
                        "On one point, all N units of a layer are off with probability 2^-N, for any previous"
                                + " layers.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(20_000, 2_000);
        // five deviations of a proportion
        double tolerance = 2.5 / Math.sqrt(nets.count());
        double exact = BornDead.upperBound(2, 2);
        double share = share(e, nets, "both signs", BOTH_SIGNS, new Size(2, 2), false);
        e.value("born dead, 2 x 2, inputs -1 and 1", 0.15625, share)
                .over(Over.WEIGHTS)
                .between(0.15625 - tolerance, Math.min(exact, 0.15625) + tolerance);
        double[] widths = {2, 3, 4, 5};
        double[] measured = new double[widths.length];
        double[] low = new double[widths.length];
        double[] high = new double[widths.length];
        for (int i = 0; i < widths.length; i++) {
            Size size = new Size((int) widths[i], 9);
            measured[i] = share(e, nets, "both signs", BOTH_SIGNS, size, false);
            low[i] = BornDead.lowerBound(size.width, size.layers);
            high[i] = BornDead.upperBound(size.width, size.layers);
            e.value("born dead, " + size + ", between bounds", Double.NaN, measured[i])
                    .over(Over.WEIGHTS)
                    .between(low[i] - tolerance, high[i] + tolerance);
        }
        for (int width : new int[] {3, 4}) {
            Size size = new Size(width, 10);
            e.value(
                            "born dead, " + size + ", one point",
                            BornDead.forOneInput(size.width, size.layers),
                            share(e, nets, "one point", ONE_POINT, size, false))
                    .over(Over.WEIGHTS)
                    .within(tolerance);
        }
        double[] asymmetric = new double[3];
        double[] reference = {0.261, 0.075, 0.0213};
        for (int i = 0; i < asymmetric.length; i++) {
            Size size = new Size((int) widths[i], 9);
            asymmetric[i] = share(e, nets, "asymmetric", BOTH_SIGNS, size, true);
            e.value("asymmetric, " + size, reference[i], asymmetric[i])
                    .reference()
                    .over(Over.WEIGHTS)
                    .within(5
                            * Math.sqrt(
                                    reference[i] * (1 - reference[i]) * (1.0 / REFERENCE_NETS + 1.0 / nets.count())));
        }
        e.draw(Chart.of(
                        "Networks of nine hidden layers that are born dead",
                        "At widths 2, 3, 4 and 5, " + Caption.percents(measured)
                                + " are born dead, between the two bounds;"
                                + " with the asymmetric scheme " + Caption.percents(asymmetric)
                                + " at widths 2, 3 and 4. The slider draws the upper bound at another depth.",
                        Axis.linear("width"),
                        Axis.linear("share of born-dead networks"))
                .band("between the bounds", widths, low, high)
                .line("He, zero biases", widths, measured)
                .line("asymmetric", new double[] {2, 3, 4}, asymmetric)
                .slider(Slider.of(
                        "hidden layers",
                        "upper bound at width 5",
                        Slider.positions(1, 60, 1),
                        9,
                        widths,
                        depth -> Arrays.stream(widths)
                                .map(n -> BornDead.upperBound((int) n, (int) depth))
                                .toArray())));
    }

    private static double share(
            Experiment e, Repetitions nets, String what, Tensor inputs, Size size, boolean asymmetric) {
        long dead = e.repeat(what + " " + size, nets, key -> bornDead(e, inputs, size, asymmetric, key)).stream()
                .filter(d -> d)
                .count();
        return (double) dead / nets.count();
    }

    private static boolean bornDead(Experiment e, Tensor inputs, Size size, boolean asymmetric, Key key) {
        Tensor a = inputs;
        for (int l = 0; l < size.layers; l++) {
            Key own = key.child(l);
            int in = a.dim(1);
            Tensor w = e.weight(
                    asymmetric ? Init.asymmetricWeight(own) : Init.heNormal(), in, size.width, own.child("weight"));
            Tensor b = Tensor.zeros(size.width);
            e.biases(asymmetric ? Init.asymmetricBias(own) : Init.zeros())
                    .fill(b, new Fans(in, size.width), own.child("bias"));
            Tensor z = Tensor.zeros(a.dim(0), size.width);
            z.fillRows(b);
            a.matmulAddInto(w, Transposed.NONE, z);
            a = z.relu();
            if (a.maxAbs() == 0) {
                return true;
            }
        }
        return false;
    }
}
