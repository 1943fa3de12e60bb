package nn.examples.claims.symmetry;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import nn.examples.chart.Heatmap;
import nn.examples.experiment.Experiment;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Layer;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;

/**
 * Shared by the claims about constant weights: a tanh net of 4, 16, 16, 16, 3 units, and counts of distinct units and
 * values.
 */
final class EqualUnits {
    static final List<String> LAYERS = List.of("hidden1", "hidden2", "hidden3", "out");
    private static final int EXAMPLES = 32;

    private EqualUnits() {}

    /**
     * Creates the net with one scheme for hidden weights, one for hidden biases and one for the output layer's weight.
     */
    static Layer network(Experiment e, Initializer hidden, Initializer bias, Initializer out) {
        Network.Builder builder = Network.builder(e.key()).input(4);
        for (String name : LAYERS.subList(0, 3)) {
            builder.layer(name, Dense.units(16).weight(e.weights(hidden)).bias(e.biases(bias)))
                    .tanh();
        }
        return e.model(builder.dense("out", 3, e.weights(out)).build());
    }

    /** Creates the net with 0.1 for every weight and zero biases. */
    static Layer constant(Experiment e) {
        return network(e, Init.constant(0.1), Init.zeros(), Init.constant(0.1));
    }

    /** Creates the same net with dropout of one half after each hidden layer. */
    static Layer withDropout(Experiment e) {
        Initializer constant = e.weights(Init.constant(0.1));
        Network.Builder builder = Network.builder(e.key()).input(4);
        for (String name : LAYERS.subList(0, 3)) {
            builder.dense(name, 16, constant).tanh().dropout(name + "-dropout", 0.5);
        }
        return e.model(builder.dense("out", 3, constant).build());
    }

    /** Trains by plain gradient descent on random inputs and targets. */
    static void train(Layer network, int steps, Key key) {
        train(network, steps, Sgd.of(0.1), key);
    }

    /** Trains by an optimizer on random inputs and targets. */
    static void train(Layer network, int steps, Optimizer optimizer, Key key) {
        Tensor x = Tensor.zeros(EXAMPLES, 4);
        key.child("inputs").normal(x, 0f, 1f);
        Tensor y = Tensor.zeros(EXAMPLES, 3);
        key.child("targets").normal(y, 0f, 1f);
        Trainer trainer = new Trainer(network, new MeanSquaredError(), optimizer, key);
        for (int step = 0; step < steps; step++) {
            trainer.step(x, y);
        }
    }

    /** Returns the weight of a layer, [inputs x units]. */
    static Tensor weight(Layer network, String layer) {
        return network.parametersByPath().get(layer + ".weight").value();
    }

    /** Counts the distinct values of a tensor, to the bit. */
    static int distinctValues(Tensor t) {
        Set<Float> values = new HashSet<>();
        for (float v : t.toArray()) {
            values.add(v);
        }
        return values.size();
    }

    /** Counts the units of a layer that differ in a bit of an incoming weight or the bias. */
    static int distinctUnits(Layer network, String layer) {
        Tensor incoming = weight(network, layer).transpose();
        Tensor bias = network.parametersByPath().get(layer + ".bias").value();
        Set<String> units = new HashSet<>();
        for (int unit = 0; unit < bias.size(); unit++) {
            units.add(incoming.row(unit).sha256() + bias.get(unit));
        }
        return units.size();
    }

    /** Draws a weight: a row for each unit, a column for each input. */
    static Heatmap picture(String title, String alternative, Tensor weight) {
        double[][] cells = new double[weight.dim(1)][weight.dim(0)];
        for (int unit = 0; unit < cells.length; unit++) {
            for (int input = 0; input < cells[unit].length; input++) {
                cells[unit][input] = weight.get(input, unit);
            }
        }
        return Heatmap.of(title, alternative, "input", "unit", "weight", cells);
    }
}
