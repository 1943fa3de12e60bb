package nn.examples.claims.variance;

import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** 15: the moment of the inputs that a layer passes on. */
public final class VarianceOfASum implements Claim {
    private static final int WIDTH = 256;
    private static final int INPUTS = 64;

    @Override
    public Card card() {
        return Card.of(List.of("15"), "Var(z) = d_in Var(W) Var(x).")
                .isConditional(
                        "true for inputs of mean zero. Over draws of the weights it is n_in Var(W) E[x^2] in general;"
                                + " for activations of ReLU, whose mean is not zero, the text's formula gives 0.34"
                                + " instead of 0.5. With the weights fixed, over independent inputs, it holds for any"
                                + " mean.",
                        "Weights random: Var z = sum of E[w^2] x_i^2 = n_in Var(W) E[x^2], as E w = 0.",
                        "Weights fixed: Var z = sum of w_i^2 Var(x_i) = n_in Var(W) Var(x), as the x_i are"
                                + " independent.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(200, 20);
        double[][] centred = e.samples("mean 0", draws, key -> moments(e, 0, false, key));
        double[][] shifted = e.samples("mean 1", draws, key -> moments(e, 1, false, key));
        double[][] rectified = e.samples("relu", draws, key -> moments(e, 0, true, key));
        // One draw averages z^2 over 256 units, independent given the inputs; inputs may be alike, so they count as
        // one. The relative variance of z^2 is 2. Four standard errors.
        double relative = 4 * Math.sqrt(2.0 / (WIDTH * draws.count()));
        e.sampled("mean 0: E z^2 / n Var(W)", 1, centred[0]).over(Over.WEIGHTS).within(relative);
        e.sampled("mean 1: E z^2 / n Var(W)", 2, shifted[0]).over(Over.WEIGHTS).within(2 * relative);
        e.sampled("relu: E z^2 / n Var(W)", 0.5, rectified[0])
                .over(Over.WEIGHTS)
                .within(0.5 * relative);
        e.sampled("mean 0: Var z / n Var(W)", 1, centred[1]).over(Over.INPUTS).within(relative);
        e.sampled("mean 1: Var z / n Var(W)", 1, shifted[1]).over(Over.INPUTS).within(relative);
        double variance = 0.5 - 1 / (2 * Math.PI);
        e.sampled("relu: Var z / n Var(W)", variance, rectified[1])
                .over(Over.INPUTS)
                .within(variance * relative);
    }

    /**
     * Measures E z^2, and the variance of z over the inputs as a mean over the units; the weights have the variance
     * 1/d.
     */
    private static double[] moments(Experiment e, float mean, boolean rectified, Key key) {
        Tensor x = Tensor.zeros(INPUTS, WIDTH);
        key.child("inputs").normal(x, mean, 1f);
        Tensor z = (rectified ? x.relu() : x).matmul(e.weight(Init.lecunNormal(), WIDTH, WIDTH, key.child("weight")));
        return new double[] {z.secondMoment(), VarianceOverTheData.overInputs(z)};
    }
}
