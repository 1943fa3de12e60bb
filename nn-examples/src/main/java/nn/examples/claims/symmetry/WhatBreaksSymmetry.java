package nn.examples.claims.symmetry;

import java.util.ArrayList;
import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Network;
import nn.tensor.Key;

/** S6: what breaks the symmetry of constant weights, and how far. */
public final class WhatBreaksSymmetry implements Claim {
    private static final int STEPS = 200;

    @Override
    public String id() {
        return "S6";
    }

    @Override
    public String text() {
        return "biases do not break symmetry, random weights do.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.CONDITIONAL;
    }

    @Override
    public String statement() {
        return "constant biases do not, random biases do, in every layer. A random output layer alone tells only"
                + " the units of the last hidden layer apart.";
    }

    @Override
    public List<Finding> measure(Key key) {
        Initializer constant = Init.constant(0.1);
        Initializer random = Init.normal(0.5);
        List<Finding> findings = new ArrayList<>();
        add(findings, "constant all", key, Units.constant(key), 1, 1, 1);
        add(findings, "constant bias", key, Units.network(key, constant, Init.constant(0.01), constant), 1, 1, 1);
        add(findings, "random output", key, Units.network(key, constant, Init.zeros(), random), 1, 1, 16);
        add(findings, "random biases", key, Units.network(key, constant, random, constant), 16, 16, 16);
        return findings;
    }

    private static void add(List<Finding> findings, String what, Key key, Network network, int... expected) {
        Units.train(network, STEPS, key);
        for (int l = 0; l < expected.length; l++) {
            String name = Units.LAYERS.get(l);
            findings.add(Finding.equal(
                    what + ": units in " + name, expected[l], Units.distinctUnits(network, name)));
        }
    }
}
