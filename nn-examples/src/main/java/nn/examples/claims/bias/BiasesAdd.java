package nn.examples.claims.bias;

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
import nn.examples.numeric.Statistics;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.FiniteWidth;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/** 35, forwards: a constant bias adds to the signal of a ReLU network, without exponential growth. */
public final class BiasesAdd implements Claim {
    private static final int WIDTH = 256;
    private static final int LAYERS = 50;
    private static final int INPUTS = 16;
    private static final double[] BIASES = {0, 0.01, 0.1, 1};

    @Override
    public Card card() {
        return Card.of(
                        List.of("35"),
                        "biases are added, not multiplied, so they cause neither explosion nor vanishing [of the"
                                + " signal].")
                .isConditional(
                        "true of the signal: under He weights it grows at most with the square of the depth,"
                                + " because the mean that a bias gives to the units is passed on. It is false for the"
                                + " gradient of tanh, which is claim 35b.",
                        "E z^2 = b^2 + 2 E[relu(z)^2], and z has mean b: a polynomial in the depth, not an"
                                + " exponential.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(400, 40);
        double[] layers = Chart.upTo(LAYERS);
        Chart chart = Chart.of(
                "ReLU signals with He weights and a constant bias",
                "E z^2 by layer for four biases.",
                Axis.linear("layer"),
                Axis.log("E z^2, over weights"));
        // In one net without a bias the squared length has this relative variance; with a bias it has less.
        int[] widths = new int[LAYERS];
        Arrays.fill(widths, WIDTH);
        double relative = Math.sqrt(FiniteWidth.lengthVariance(0, widths) / nets.count());
        double[] last = new double[BIASES.length];
        int places = 0;
        for (double bias : BIASES) {
            double[][] q = e.samples("nets", nets, key -> signal(e, bias, key));
            double[] theory = theory(bias);
            last[places++] = Statistics.mean(q[LAYERS - 1]);
            e.sampled("E z^2, layer 50, bias " + bias, theory[LAYERS - 1], q[LAYERS - 1])
                    .over(Over.WEIGHTS)
                    .within(Math.min(5 * relative, 0.95) * theory[LAYERS - 1]);
            chart = chart.sampled("bias " + bias, layers, q).prediction("bias " + bias, layers, theory);
        }
        double[] after = Arrays.stream(BIASES).map(b -> theory(b)[LAYERS - 1]).toArray();
        e.draw(chart.saying("After 50 layers, E z^2 is " + Caption.numbers(last) + " for biases of "
                        + Caption.numbers(BIASES) + "; theory says " + Caption.numbers(after)
                        + ". The rise slows down with depth.")
                .slider(Slider.of(
                        "bias b",
                        "E z^2 at layer " + LAYERS,
                        Slider.positions(0, 1.2, 0.02),
                        0.3,
                        layers,
                        BiasesAdd::theory)));
    }

    private static double[] theory(double bias) {
        double[] q = new double[LAYERS];
        double activation = 1;
        for (int l = 0; l < LAYERS; l++) {
            double variance = 2 * activation;
            q[l] = bias * bias + variance;
            activation = Nonlinearity.RELU.moments(bias, variance).secondMoment();
        }
        return q;
    }

    private static double[] signal(Experiment e, double bias, Key key) {
        Tensor a = e.normal(key.child("inputs"), INPUTS, WIDTH);
        double[] q = new double[LAYERS];
        for (int l = 0; l < LAYERS; l++) {
            Key own = key.child(l);
            Tensor z = Tensor.zeros(INPUTS, WIDTH);
            z.fillRows(e.bias(Init.constant(bias), WIDTH, WIDTH, own.child("bias")));
            a.matmulAddInto(e.weight(Init.heNormal(), WIDTH, WIDTH, own.child("weight")), Transposed.NONE, z);
            q[l] = z.secondMoment();
            a = z.relu();
        }
        return q;
    }
}
