package nn.examples.claims.xavier;

import java.util.List;
import java.util.Locale;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Chain;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Tensor;

/** 17: Xavier's variance is the harmonic mean of the two rules. */
public final class HarmonicMean implements Claim {
    private static final int INPUTS = 32;

    @Override
    public Card card() {
        return Card.of(List.of("17"), "Xavier takes the harmonic mean of 1/d_in and 1/d_out.")
                .isTrue(
                        "2/(n_in + n_out) is exactly that. So the factors of the forward and of the backward pass sum"
                                + " to 2 at every shape: what one pass loses, the other gains.",
                        "The harmonic mean of 1/m and 1/n is 2/(m + n); the factors are 2m/(m + n) and 2n/(m + n).");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(200, 40);
        for (int[] shape : new int[][] {{64, 512}, {512, 64}, {256, 256}, {300, 100}}) {
            int m = shape[0];
            int n = shape[1];
            double[][] measured = e.samples(m + " x " + n, draws, key -> {
                Tensor x = e.normal(key.child("inputs"), INPUTS, m);
                Chain chain = Chain.forward(e, x, Init.xavierNormal(), Nonlinearity.LINEAR, key.child("weights"), n);
                double forward = chain.z(1).secondMoment() / x.secondMoment();
                double backward =
                        chain.backward(e.normal(key.child("d"), INPUTS, n)).factor();
                return new double[] {forward / m, forward + backward};
            });
            double harmonic = 2 / (1 / (1.0 / m) + 1 / (1.0 / n));
            // The relative variance of both factors together is at most 2/n + 2/m, as if all inputs were one. Four
            // standard errors.
            double relative = 4 * Math.sqrt((2.0 / m + 2.0 / n) / draws.count());
            String size = String.format(Locale.ROOT, "%d x %d: ", m, n);
            e.sampled(size + "Var(W) by E z^2", harmonic, measured[0])
                    .over(Over.WEIGHTS)
                    .within(harmonic * relative);
            e.sampled(size + "forward + backward", 2, measured[1])
                    .over(Over.WEIGHTS)
                    .within(2 * relative);
        }
    }
}
