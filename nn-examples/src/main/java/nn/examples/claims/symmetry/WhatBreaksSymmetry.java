package nn.examples.claims.symmetry;

import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.claims.Experiment;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Layer;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;

/** S6: what breaks the symmetry of constant weights, and how far. */
public final class WhatBreaksSymmetry implements Claim {
    private static final int STEPS = 200;

    @Override
    public Card card() {
        return Card.of(
                        List.of("S6", "5", "47", "57"),
                        "units with the same incoming weights get identical gradients for ever. Biases do not break the"
                                + " symmetry, random weights do.")
                .isConditional(
                        "their outgoing weights and their biases have to be equal as well, the optimizer has to treat all"
                                + " elements alike, as SGD and Adam do, and no unit may have noise of its own. Constant"
                                + " biases break nothing; random biases do, in every layer, and so does dropout. A random"
                                + " output layer alone tells only the units of the last hidden layer apart.",
                        "Exchanging two such units leaves the loss as it is, so their gradients are equal.",
                        "Random W_out: the deltas of the last hidden layer differ, but the sums they send further down"
                                + " do not.");
    }

    @Override
    public void measure(Experiment e) {
        Initializer constant = Init.constant(0.1);
        Initializer random = Init.normal(0.5);
        Optimizer sgd = Sgd.of(0.1);
        Layer free = Units.network(e, constant, random, constant);
        units(e, "constant all", Units.constant(e), sgd, 1, 1, 1);
        units(e, "Adam", Units.constant(e), Adam.of(0.01), 1, 1, 1);
        units(e, "constant bias", Units.network(e, constant, Init.constant(0.01), constant), sgd, 1, 1, 1);
        units(e, "random output", Units.network(e, constant, Init.zeros(), random), sgd, 1, 1, 16);
        units(e, "random biases", free, sgd, 16, 16, 16);
        units(e, "dropout", Units.withDropout(e), sgd, 16, 16, 16);
        e.draw(Units.picture(
                "Constant weights, random biases, 200 steps: the second weight",
                "A matrix of 16 units by 16 inputs in which no two rows are alike.",
                Units.weight(free, "hidden2")));
    }

    private static void units(Experiment e, String what, Layer network, Optimizer optimizer, int... expected) {
        Units.train(network, STEPS, optimizer, e.key());
        for (int l = 0; l < expected.length; l++) {
            String name = Units.LAYERS.get(l);
            e.equal(what + ": units in " + name, expected[l], Units.distinctUnits(network, name));
        }
    }
}
