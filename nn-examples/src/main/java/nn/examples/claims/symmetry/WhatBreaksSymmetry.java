package nn.examples.claims.symmetry;

import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Layer;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;

/** S6: the parts that break the symmetry of constant weights. */
public final class WhatBreaksSymmetry implements Claim {
    private static final int STEPS = 200;

    @Override
    public Card card() {
        return Card.of(
                        List.of("S6", "5", "47", "57"),
                        "units with the same incoming weights get identical gradients for ever. Biases do not break the"
                                + " symmetry, random weights do.")
                .isConditional(
                        "true if their outgoing weights and biases are equal as well, the optimizer treats all elements"
                                + " alike, as SGD and Adam do, and no unit has its own noise. Constant biases do not"
                                + " break the symmetry; random biases do, in every layer, and so does dropout. A random"
                                + " output layer alone separates only the units of the last hidden layer.",
                        "Exchanging two such units leaves the loss as it is, so their gradients are equal.",
                        "Random W_out: the deltas of the last hidden layer differ, but the sums they send further down"
                                + " do not.");
    }

    @Override
    public void measure(Experiment e) {
        Initializer constant = Init.constant(0.1);
        Initializer random = Init.normal(0.5);
        Optimizer sgd = Sgd.of(0.1);
        Layer free = EqualUnits.network(e, constant, random, constant);
        units(e, "constant all", EqualUnits.constant(e), sgd, 1, 1, 1);
        units(e, "Adam", EqualUnits.constant(e), Adam.of(0.01), 1, 1, 1);
        units(e, "constant bias", EqualUnits.network(e, constant, Init.constant(0.01), constant), sgd, 1, 1, 1);
        units(e, "random output", EqualUnits.network(e, constant, Init.zeros(), random), sgd, 1, 1, 16);
        units(e, "random biases", free, sgd, 16, 16, 16);
        units(e, "dropout", EqualUnits.withDropout(e), sgd, 16, 16, 16);
        e.draw(EqualUnits.picture(
                "Constant weights, random biases, 200 steps: the second weight",
                "A matrix of 16 units by 16 inputs in which no two rows are alike.",
                EqualUnits.weight(free, "hidden2")));
    }

    private static void units(Experiment e, String what, Layer network, Optimizer optimizer, int... expected) {
        EqualUnits.train(network, STEPS, optimizer, e.key());
        for (int l = 0; l < expected.length; l++) {
            String name = EqualUnits.LAYERS.get(l);
            e.equal(what + ": units in " + name, expected[l], EqualUnits.distinctUnits(network, name));
        }
    }
}
