package nn.examples.claims.symmetry;

import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.claims.Experiment;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Layer;

/** S6: what breaks the symmetry of constant weights, and how far. */
public final class WhatBreaksSymmetry implements Claim {
    private static final int STEPS = 200;

    @Override
    public Card card() {
        return Card.of(List.of("S6", "57"), "biases do not break symmetry, random weights do.")
                .isConditional("constant biases do not, random biases do, in every layer. A random output layer alone"
                        + " tells only the units of the last hidden layer apart.");
    }

    @Override
    public void measure(Experiment e) {
        Initializer constant = Init.constant(0.1);
        Initializer random = Init.normal(0.5);
        Layer free = Units.network(e, constant, random, constant);
        units(e, "constant all", Units.constant(e), 1, 1, 1);
        units(e, "constant bias", Units.network(e, constant, Init.constant(0.01), constant), 1, 1, 1);
        units(e, "random output", Units.network(e, constant, Init.zeros(), random), 1, 1, 16);
        units(e, "random biases", free, 16, 16, 16);
        e.draw(Units.picture(
                "Constant weights, random biases, 200 steps: the second weight",
                "A matrix of 16 units by 16 inputs in which no two rows are alike.",
                Units.weight(free, "hidden2")));
    }

    private static void units(Experiment e, String what, Layer network, int... expected) {
        Units.train(network, STEPS, e.key());
        for (int l = 0; l < expected.length; l++) {
            String name = Units.LAYERS.get(l);
            e.equal(what + ": units in " + name, expected[l], Units.distinctUnits(network, name));
        }
    }
}
