package nn.examples.claims.practice;

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
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.FiniteWidth;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** 46: the mean of ReLU activations by depth. */
public final class MeansDoNotAccumulate implements Claim {
    private static final int WIDTH = 256;
    private static final int LAYERS = 10;
    private static final int INPUTS = 16;

    @Override
    public Card card() {
        return Card.of(
                        List.of("46"),
                        "activations of ReLU have a mean that accumulates over the layers; He's 1/2 is close enough.")
                .isFalse(
                        "the mean is the same at every layer, 0.564 for He weights and inputs of variance 1, and 1/2 is"
                                + " no approximation: E a^2 = Var(z)/2 exactly, so E a^2 = 1 at every layer.",
                        "z is a sum of weights of mean 0, so E z = 0 whatever the mean of the layer below.",
                        "E a = sqrt(Var z / (2 pi)) = 1/sqrt(pi), since Var z = 2 E a^2 = 2 at every layer.",
                        "Over nets of width n, E sqrt(Var z) is lower by 1/8 of its relative variance, 5 l/n.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(200, 25);
        double[][] means = e.samples("nets", nets, key -> means(e, key));
        double[] predicted = new double[LAYERS];
        for (int l = 1; l <= LAYERS; l++) {
            // Var z of layer l comes from l - 1 rectified layers below.
            double spread = FiniteWidth.lengthVariance(0, Chain.square(l - 1, WIDTH));
            predicted[l - 1] = Nonlinearity.RELU.moments(2).mean() * (1 - spread / 8);
        }
        for (int l : new int[] {1, 2, LAYERS}) {
            // sqrt(Var z) has half the relative deviation of Var z, and the mean over the units of one layer another
            // sqrt(0.3408/(0.159 n)). Four standard errors.
            double spread = FiniteWidth.lengthVariance(0, Chain.square(l - 1, WIDTH)) / 4 + 2.14 / WIDTH;
            e.sampled("E a, layer " + l, predicted[l - 1], means[l - 1])
                    .over(Over.WEIGHTS)
                    .within(predicted[l - 1] * 4 * Math.sqrt(spread / nets.count()));
        }
        for (int l : new int[] {1, LAYERS}) {
            double spread = FiniteWidth.lengthVariance(0, Chain.square(l, WIDTH));
            e.sampled("E a^2, layer " + l, 1, means[LAYERS + l - 1])
                    .over(Over.WEIGHTS)
                    .within(4 * Math.sqrt(spread / nets.count()));
        }
        double[] places = Chart.upTo(LAYERS);
        double[] sum = new double[LAYERS];
        Arrays.setAll(sum, l -> (l + 1) * predicted[0]);
        e.draw(Chart.of(
                        "Mean of ReLU activations by depth, He weights",
                        "The measured mean is " + Caption.mean(means[0]) + " at layer 1 and "
                                + Caption.mean(means[LAYERS - 1])
                                + " at layer 10; a mean that accumulated would reach " + Caption.number(sum[LAYERS - 1])
                                + ".",
                        Axis.linear("layer"),
                        Axis.linear("E a"))
                .sampled("measured", places, Arrays.copyOf(means, LAYERS))
                .prediction("theory", "measured", places, predicted)
                .prediction("if it accumulated", places, sum));
    }

    /** E a, then E a^2, of layers 1 to 10. */
    private static double[] means(Experiment e, Key key) {
        Tensor x = e.normal(key.child("inputs"), INPUTS, WIDTH);
        Chain chain = Chain.forward(
                e, x, Init.heNormal(), Nonlinearity.RELU, key.child("weights"), Chain.square(LAYERS, WIDTH));
        double[] result = new double[2 * LAYERS];
        for (int l = 1; l <= LAYERS; l++) {
            result[l - 1] = chain.a(l).mean();
            result[LAYERS + l - 1] = chain.a(l).secondMoment();
        }
        return result;
    }
}
