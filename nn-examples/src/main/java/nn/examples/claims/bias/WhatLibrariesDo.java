package nn.examples.claims.bias;

import java.util.List;
import nn.examples.chart.Histograms;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Fans;
import nn.init.Init;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** 34: the initial biases of common libraries. */
public final class WhatLibrariesDo implements Claim {
    private static final int INPUTS = 256;
    private static final int UNITS = 4096;

    @Override
    public Card card() {
        return Card.of(List.of("34"), "biases are initialized to zero.")
                .isConditional(
                        "true in Keras, Flax and this library. PyTorch's Linear draws weights and biases alike"
                                + " from U(-1/sqrt(n_in), 1/sqrt(n_in)), of variance 1/(3 n_in): a third of LeCun's and"
                                + " a sixth of He's, so a ReLU signal loses a factor of 6 in every layer.",
                        "Kaiming's uniform with a = sqrt 5: squared gain 2/(1 + 5) = 1/3, bound sqrt(3/(3 n_in)) ="
                                + " 1/sqrt(n_in).");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(40, 10);
        double[] variance =
                e.sample("draws", draws, key -> 3.0 * INPUTS * bias(e, key).secondMoment());
        double[] bound =
                e.sample("draws", draws, key -> Math.sqrt(INPUTS) * bias(e, key).maxAbs());
        // a uniform sample's second moment has relative variance (9/5 - 1) / n
        e.sampled("3 n_in Var(b), PyTorch's default", 1, variance)
                .over(Over.WEIGHTS)
                .within(5 * Math.sqrt(0.8 / UNITS / draws.count()));
        e.sampled("largest |b| sqrt(n_in)", 1, bound).over(Over.WEIGHTS).between(0.99, 1);
        double[] relu = e.sample("signals", draws, key -> {
            Tensor x = e.normal(key.child("inputs"), 64, INPUTS);
            return x.matmul(e.weight(Init.torchDefault(), INPUTS, INPUTS, key.child("weight")))
                            .relu()
                            .secondMoment()
                    / x.secondMoment();
        });
        // over weights and inputs: 16,384 products of relative deviation sqrt(5) share 256 units and 64 inputs
        e.sampled("E a^2 / E x^2 after a ReLU layer", 1.0 / 6, relu)
                .over(Over.WEIGHTS)
                .within(5 * Math.sqrt(5.0 / INPUTS / draws.count()) / 6);
        e.draw(Histograms.of(
                        "4,096 biases by PyTorch's default, 256 inputs",
                        "They fill the range from -1/16 to 1/16 evenly; zero biases would be one bar in the middle.",
                        "bias",
                        -0.1,
                        0.1,
                        40)
                .with("PyTorch's default", bias(e, e.key().child("drawn")).toArray()));
    }

    private static Tensor bias(Experiment e, Key key) {
        Tensor b = Tensor.zeros(UNITS);
        e.biases(Init.torchDefault()).fill(b, new Fans(INPUTS, UNITS), key);
        return b;
    }
}
