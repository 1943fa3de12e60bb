package nn.examples.claims.papers;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Matrices;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.convolution.Convolution;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** B18: Xiao and others on delta-orthogonal kernels, in plain convolutions without a nonlinearity. */
public final class DeltaOrthogonalConvolutions implements Claim {
    private static final int LENGTH = 8;
    private static final int CHANNELS = 8;
    private static final int TAPS = 3;
    private static final int DIRECTIONS = LENGTH * CHANNELS;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B18"),
                        "delta-orthogonal kernels let plain convolutional networks of ten thousand layers train, which"
                                + " Gaussian kernels do not (Xiao and others 2018).")
                .isTrue(
                        "here is why: through hundreds of convolutions delta-orthogonal kernels keep every direction"
                                + " of a signal at its length, borders included. Gaussian kernels of the same variance"
                                + " pass on one direction of 64, and whatever was in the"
                                + " others is lost. Training itself"
                                + " is what 'nn deep --net conv' shows.",
                        "A kernel that is orthogonal at its centre and zero beside it maps each place by an orthogonal"
                                + " matrix, and so does a product of such.",
                        "In a product of L random matrices the singular values move apart as exp(-L gap).");
    }

    @Override
    public void measure(Experiment e) {
        int depth = e.choose(256, 128);
        Repetitions nets = e.times(8, 2);
        double[][] delta = e.samples("nets", nets, key -> spectrum(e, Init.deltaOrthogonal(), depth, key));
        double[][] gaussian = e.samples("nets", nets, key -> spectrum(e, Init.lecunNormal(), depth, key));
        // Weights are rounded to float32, and so are the sums of 8 products in each layer.
        double rounding = depth * CHANNELS * 0x1p-24;
        e.sampled("delta-orthogonal: largest s", 1, delta[0]).over(Over.WEIGHTS).within(rounding);
        e.sampled("delta-orthogonal: smallest s", 1, delta[DIRECTIONS - 1])
                .over(Over.WEIGHTS)
                .within(rounding);
        // (sum s^2)^2 / sum s^4 is the number of directions if their lengths are alike, and at least 1. In a product
        // of L square random matrices with n columns it is near n / (L + 1), so below 1 here: one direction is left.
        e.sampled("Gaussian: directions of 64 left", 1, directions(gaussian))
                .over(Over.WEIGHTS)
                .between(1 - 1e-9, 4);
        double[] places = Chart.upTo(DIRECTIONS);
        e.draw(Chart.of(
                        "Singular values of " + depth + " convolutions",
                        "Those of delta-orthogonal kernels are all 1. Those of Gaussian kernels, here divided by the"
                                + " largest, fall by orders of magnitude from one to the next.",
                        Axis.linear("singular value, by size"),
                        Axis.log("s / largest s"))
                .line("delta-orthogonal", places, first(delta))
                .line("Gaussian", places, first(gaussian)));
    }

    /** The singular values of a whole network, the largest first, by the images of all unit vectors. */
    private static double[] spectrum(Experiment e, Initializer kernels, int depth, Key key) {
        Network.Builder layers = Network.builder(key).input(Shape.of(Shape.ANY, LENGTH, CHANNELS));
        for (int l = 1; l <= depth; l++) {
            layers.layer(
                    "conv" + l,
                    Convolution.channels(CHANNELS)
                            .kernel(TAPS)
                            .same()
                            .weight(e.weights(kernels))
                            .withoutBias());
        }
        Tensor unit = Tensor.zeros(DIRECTIONS, DIRECTIONS);
        for (int i = 0; i < DIRECTIONS; i++) {
            unit.set(1, i, i);
        }
        Tensor images = layers.build().predict(unit.reshape(DIRECTIONS, LENGTH, CHANNELS));
        return Matrices.singularValues(images.reshape(DIRECTIONS, DIRECTIONS));
    }

    private static double[] directions(double[][] values) {
        double[] counts = new double[values[0].length];
        for (int i = 0; i < counts.length; i++) {
            double squares = 0;
            double fourth = 0;
            for (double[] value : values) {
                double share = value[i] / values[0][i];
                squares += share * share;
                fourth += share * share * share * share;
            }
            counts[i] = squares * squares / fourth;
        }
        return counts;
    }

    /** The spectrum of the first network, by its largest value; values below 1e-9 of that are rounding errors. */
    private static double[] first(double[][] values) {
        return Arrays.stream(values)
                .mapToDouble(v -> v[0] / values[0][0])
                .map(share -> share < 1e-9 ? 0 : share)
                .toArray();
    }
}
