package nn.examples.claims.symmetry;

import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.network.Network;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Sgd;

/** S2: from zero weights, the layers of a sigmoid net start to move one after the other. */
public final class SigmoidWakesFromTheTop implements Claim {
    private static final int EXAMPLES = 64;
    private static final int STEPS = 8;

    @Override
    public Card card() {
        return Card.of(
                        List.of("S2", "4"),
                        "zero weights collapse a network [of sigmoid units] to effectively one neuron per layer.")
                .isConditional(
                        "true of the sigmoid, whose value at 0 is 1/2. Its output weights move at the first step, the"
                                + " layer below them at the second, and the first layer of four at the fourth. From"
                                + " then on the net equals one with one unit per layer.",
                        "dW of a layer is its input times its delta, and a delta comes through the weights above.",
                        "Inputs are 1/2, never 0, so W4 moves at once; W3 once W4 is not 0; and so on down.");
    }

    @Override
    public void measure(Experiment e) {
        Tensor x = e.normal(e.key().child("inputs"), EXAMPLES, 4);
        Tensor y = Tensor.zeros(EXAMPLES, 3);
        e.key().child("targets").normal(y, 0.5f, 1f);
        Network.Builder builder = Network.builder(e.key()).input(4);
        for (String name : EqualUnits.LAYERS.subList(0, 3)) {
            builder.dense(name, 16, e.weights(Init.zeros())).activation(e.nonlinearity(Nonlinearity.SIGMOID));
        }
        Layer net = e.model(builder.dense("out", 3, e.weights(Init.zeros())).build());
        Trainer trainer = new Trainer(net, new MeanSquaredError(), Sgd.of(0.1), e.key());
        int layers = EqualUnits.LAYERS.size();
        int[] first = new int[layers];
        double[][] sizes = new double[layers][STEPS];
        for (int step = 1; step <= STEPS; step++) {
            trainer.step(x, y);
            for (int l = 0; l < layers; l++) {
                sizes[l][step - 1] =
                        EqualUnits.weight(net, EqualUnits.LAYERS.get(l)).maxAbs();
                if (first[l] == 0 && sizes[l][step - 1] > 0) {
                    first[l] = step;
                }
            }
        }
        Chart chart = Chart.of(
                "Largest weight by step, sigmoid net from zeros",
                "The output weights are nonzero after the first step; those of the third, second and first layer after"
                        + " the second, third and fourth step, each smaller than those of the layer above.",
                Axis.linear("step"),
                Axis.log("largest weight"));
        for (int l = 0; l < layers; l++) {
            e.equal("first step that moves W" + (l + 1), layers - l, first[l]);
            chart = chart.line("W" + (l + 1), Chart.upTo(STEPS), sizes[l]);
        }
        for (String name : EqualUnits.LAYERS.subList(0, 3)) {
            e.equal("different units in " + name, 1, EqualUnits.distinctUnits(net, name));
        }
        e.draw(chart);
    }
}
