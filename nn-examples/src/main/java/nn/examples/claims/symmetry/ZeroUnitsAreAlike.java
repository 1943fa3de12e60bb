package nn.examples.claims.symmetry;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.network.Network;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.loss.Loss;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Sgd;

/** 3, zero weights: all units of a layer compute one function and get one gradient. */
public final class ZeroUnitsAreAlike implements Claim {
    private static final int UNITS = 16;
    private static final int EXAMPLES = 64;
    private static final int STEPS = 300;
    private static final List<String> HIDDEN = List.of("hidden1", "hidden2", "hidden3");

    @Override
    public Card card() {
        return Card.of(
                        List.of("3"),
                        "with zero weights every neuron of a layer computes the same function, and their gradients are"
                                + " identical.")
                .isTrue(
                        "at the start and after 300 steps, for tanh, ReLU and sigmoid: in each hidden layer there is"
                                + " one activation and one gradient for all 16 units, to the bit.",
                        "Exchanging two units of a layer changes nothing, so nothing can distinguish them.");
    }

    @Override
    public void measure(Experiment e) {
        Tensor x = e.normal(e.key().child("inputs"), EXAMPLES, 4);
        Tensor y = e.normal(e.key().child("targets"), EXAMPLES, 3);
        List<Nonlinearity> functions = List.of(Nonlinearity.TANH, Nonlinearity.RELU, Nonlinearity.SIGMOID);
        for (Nonlinearity f : functions) {
            Network.Builder builder = Network.builder(e.key()).input(4);
            for (String name : HIDDEN) {
                builder.dense(name, UNITS, e.weights(Init.zeros())).activation(e.nonlinearity(f));
            }
            Layer net = e.model(builder.dense("out", 3, e.weights(Init.zeros())).build());
            report(e, f.name() + ", start: ", net, x, y);
            Trainer trainer = new Trainer(net, new MeanSquaredError(), Sgd.of(0.1), e.key());
            for (int step = 0; step < STEPS; step++) {
                trainer.step(x, y);
            }
            report(e, f.name() + ", later: ", net, x, y);
        }
    }

    private static void report(Experiment e, String when, Layer net, Tensor x, Tensor y) {
        Loss loss = new MeanSquaredError();
        Gradients gradients = new Gradients(net.parameters());
        Pass pass = net.forward(x, Context.inference());
        pass.pullback(loss.of(pass.output(), y, Context.inference()).dOutput(), gradients);
        int functions = 0;
        int slopes = 0;
        for (String name : HIDDEN) {
            // With equal inputs, units that have equal weights compute the same function; and likewise the next
            // layer's.
            functions = Math.max(functions, EqualUnits.distinctUnits(net, name));
            slopes = Math.max(
                    slopes, distinct(gradients.of(net.parametersByPath().get(name + ".weight"))));
        }
        e.equal(when + "functions a layer", 1, functions);
        e.equal(when + "gradients a layer", 1, slopes);
    }

    /** Counts the distinct columns of a gradient [inputs x units]. */
    private static int distinct(Tensor gradient) {
        Tensor units = gradient.transpose();
        Set<String> seen = new HashSet<>();
        for (int unit = 0; unit < units.dim(0); unit++) {
            // 0 and -0 are one number.
            float[] values = units.row(unit).toArray();
            for (int i = 0; i < values.length; i++) {
                values[i] += 0f;
            }
            seen.add(Arrays.toString(values));
        }
        return seen.size();
    }
}
