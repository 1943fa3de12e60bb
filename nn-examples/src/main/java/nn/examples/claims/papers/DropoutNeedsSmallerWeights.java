package nn.examples.claims.papers;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.chart.Slider;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.regularization.Dropout;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** B12, Hendrycks and Gimpel 2016: the variance of weights after dropout. */
public final class DropoutNeedsSmallerWeights implements Claim {
    private static final int WIDTH = 256;
    private static final int LAYERS = 10;
    private static final int INPUTS = 32;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B12"),
                        "with dropout that keeps a share p, He's variance has to be multiplied by p (Hendrycks and"
                                + " Gimpel 2016).")
                .isTrue(
                        "dropout in libraries divides the kept values by p, which preserves the mean but multiplies E"
                                + " a^2 by 1/p: ten layers at p = 1/2 multiply the signal by 1024. With a variance of 2"
                                + " p/n it keeps its size.",
                        "E (m a / p)^2 = p E a^2 / p^2 = E a^2 / p, for a mask m of ones with probability p.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(100, 15);
        Chart chart = Chart.of(
                "Signal by depth with dropout, ReLU",
                "With He's variance the signal grows 2 times in each layer at p = 0.5 and 1.25 times at p = 0.8; with"
                        + " the variance times p it stays.",
                Axis.linear("layer"),
                Axis.log("E a^2 after dropout"));
        for (double keep : new double[] {0.5, 0.8}) {
            double[][] he = e.samples("p = " + keep, nets, key -> moments(e, 2, keep, key));
            double[][] corrected = e.samples("p = " + keep, nets, key -> moments(e, 2 * keep, keep, key));
            double[] layer = new double[nets.count()];
            Arrays.setAll(layer, i -> he[1][i] / he[0][i]);
            // One unit's share 2 relu(g)^2 m/p has the second moment 6/p, so a layer has the variance (6/p - 1)/n; 32
            // inputs with different masks have less. Four standard errors.
            double unit = (6 / keep - 1) / WIDTH;
            e.sampled(String.format(Locale.ROOT, "p = %s: factor of a layer", keep), 1 / keep, layer)
                    .over(Over.WEIGHTS)
                    .within(4 / keep * Math.sqrt(unit / nets.count()));
            double ten = Math.sqrt((StrictMath.pow(1 + unit, LAYERS) - 1) / nets.count());
            double grown = StrictMath.pow(1 / keep, LAYERS);
            e.sampled(String.format(Locale.ROOT, "p = %s: layer 10, He", keep), grown, he[LAYERS - 1])
                    .over(Over.WEIGHTS)
                    .within(4 * grown * ten);
            e.sampled(String.format(Locale.ROOT, "p = %s: layer 10, He times p", keep), 1, corrected[LAYERS - 1])
                    .over(Over.WEIGHTS)
                    .within(4 * ten);
            chart = chart.sampled(String.format(Locale.ROOT, "p = %s, He", keep), Chart.upTo(LAYERS), he)
                    .sampled(String.format(Locale.ROOT, "p = %s, He times p", keep), Chart.upTo(LAYERS), corrected);
        }
        e.draw(chart.slider(Slider.of(
                "share kept p, He",
                "E a^2 at layer " + LAYERS,
                Slider.positions(0.3, 1, 0.02),
                0.6,
                Chart.upTo(LAYERS),
                p -> Arrays.stream(Chart.upTo(LAYERS))
                        .map(l -> StrictMath.pow(1 / p, l))
                        .toArray())));
    }

    /** E a^2 after the dropout of each layer, for weights of a variance times the width. */
    private static double[] moments(Experiment e, double weightVariance, double keep, Key key) {
        Initializer weights = new VarianceScaling(Math.sqrt(weightVariance), Fan.IN, Distribution.NORMAL);
        Tensor a = e.normal(key.child("inputs"), INPUTS, WIDTH);
        double[] moments = new double[LAYERS];
        for (int l = 0; l < LAYERS; l++) {
            Key layer = key.child("layers").child(l);
            Tensor z = a.matmul(e.weight(weights, WIDTH, WIDTH, layer.child("weight")));
            Layer dropout = Dropout.of(1 - keep).create(Shape.of(Shape.ANY, WIDTH), layer.child("dropout"));
            a = dropout.forward(z.relu(), Context.training(layer.child("mask"))).output();
            moments[l] = a.secondMoment();
        }
        return moments;
    }
}
