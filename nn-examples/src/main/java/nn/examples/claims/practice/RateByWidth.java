package nn.examples.claims.practice;

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
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** R1: what the scale of the weights leaves to the learning rate. */
public final class RateByWidth implements Claim {
    private static final int FEATURES = 16;

    @Override
    public Card card() {
        return Card.of(
                        List.of("R1"),
                        "a scheme that sets the variance by the fans makes the net behave alike at every width, so the"
                                + " learning rate need not depend on it.")
                .isFalse(
                        "the outputs are alike at every width, but a step of gradient descent is not: with He's weights"
                                + " it moves the output in proportion to the width, so the largest stable rate falls as"
                                + " 1/width. The maximal update parametrization (B13) takes this into account.",
                        "A step of rate r moves the output by r |df/dW|^2. A weight's gradient is a d: E |df/dW|^2 ="
                                + " n_in E a^2 |d|^2.",
                        "With He's weights E a^2 = 1 and E |d|^2 = 1, so |df/dW|^2 = 16 + n + n for the three layers of"
                                + " 16-n-n-1.");
    }

    @Override
    public void measure(Experiment e) {
        int[] widths = e.choose(new int[] {32, 64, 128, 256, 512}, new int[] {32, 64, 128, 256});
        Repetitions nets = e.times(1000, 200);
        double[] places = new double[widths.length];
        double[] predicted = new double[widths.length];
        double[][] squares = new double[widths.length][];
        double[][] outputs = new double[widths.length][];
        for (int i = 0; i < widths.length; i++) {
            int width = widths[i];
            double[][] runs = e.samples("width " + width, nets, key -> run(e, width, key));
            places[i] = width;
            predicted[i] = FEATURES + 2.0 * width;
            squares[i] = runs[0];
            outputs[i] = runs[1];
        }
        for (int i : new int[] {0, widths.length - 1}) {
            // Each of the three terms is a length, or two, that passed two ReLU layers of n units, of relative variance
            // 5/n each, and the last weights, 2/n. Four standard errors.
            double variance = 12.0 / widths[i];
            e.sampled("|df/dW|^2, width " + widths[i], predicted[i], squares[i])
                    .over(Over.WEIGHTS)
                    .within(4 * predicted[i] * Math.sqrt(variance / nets.count()));
            // f is normal, of a variance that is 2 times such a length: E f^4 = 12 (1 + variance).
            e.sampled("f^2, width " + widths[i], 2, outputs[i])
                    .over(Over.WEIGHTS)
                    .within(4 * 2 * Math.sqrt((2 + 3 * variance) / nets.count()));
        }
        e.draw(Chart.of(
                        "How far a step of rate 1 moves the output",
                        "From " + Caption.number(Statistics.mean(squares[0])) + " at width " + widths[0] + " to "
                                + Caption.number(Statistics.mean(squares[widths.length - 1])) + " at width "
                                + widths[widths.length - 1] + ", in proportion to the width.",
                        Axis.log("width"),
                        Axis.log("|df/dW|^2"))
                .sampled("measured", places, squares)
                .prediction("16 + 2 n", "measured", places, predicted));
    }

    /** The squared length of the gradient of f with respect to all weights, and f^2, for one input. */
    private static double[] run(Experiment e, int width, Key key) {
        Layer net = e.model(Network.builder(key.child("net"))
                .input(FEATURES)
                .dense("hidden1", width, e.weights(Init.heNormal()))
                .relu()
                .dense("hidden2", width, e.weights(Init.heNormal()))
                .relu()
                .dense("out", 1, e.weights(Init.heNormal()))
                .build());
        Tensor x = e.normal(key.child("input"), 1, FEATURES);
        x.scaleInPlace((float) (1 / Math.sqrt(x.secondMoment())));
        Pass pass = net.forward(x, Context.inference());
        Gradients gradients = new Gradients(net);
        pass.pullback(Tensor.full(1, 1, 1), gradients);
        double square = 0;
        for (String name : List.of("hidden1.weight", "hidden2.weight", "out.weight")) {
            Tensor slope = gradients.of(net.parameter(name));
            square += slope.dot(slope);
        }
        double f = pass.output().get(0, 0);
        return new double[] {square, f * f};
    }
}
