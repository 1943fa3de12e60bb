package nn.examples.claims.xavier;

import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Chain;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Fans;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Tensor;

/** V12: the effect of each rule for the variance on one layer that is not square. */
public final class OneRectangularLayer implements Claim {
    private static final int IN = 64;
    private static final int OUT = 512;
    private static final int INPUTS = 16;

    @Override
    public Card card() {
        return Card.of(List.of("V12", "16"), "the forward pass wants Var(W) = 1/d_in, the backward pass 1/d_out.")
                .isTrue(
                        "each rule keeps its own pass and changes the other by the ratio of the widths, here 8."
                                + " Xavier's 2/(n_in + n_out) keeps neither: a layer of 64 -> 512 multiplies the signal"
                                + " by 0.222 and the gradient by 1.778.",
                        "Forwards n_in Var(W), backwards n_out Var(W): 2 n_in/(n_in + n_out), 2 n_out/(n_in + n_out).");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(1000, 100);
        for (Fan fan : List.of(Fan.IN, Fan.OUT, Fan.AVERAGE)) {
            Initializer weights = new VarianceScaling(1, fan, Distribution.NORMAL);
            double[][] factors = e.samples(fan.name(), draws, key -> {
                Tensor x = e.normal(key.child("inputs"), INPUTS, IN);
                Chain chain = Chain.forward(e, x, weights, Nonlinearity.LINEAR, key.child("weights"), OUT);
                double forward = chain.z(1).secondMoment() / x.secondMoment();
                return new double[] {
                    forward,
                    chain.backward(e.normal(key.child("d"), INPUTS, OUT)).factor()
                };
            });
            double variance = 1 / fan.of(new Fans(IN, OUT));
            String rule = fan == Fan.IN ? "1/in" : fan == Fan.OUT ? "1/out" : "Xavier";
            // 0.003 of 0.222 and 0.05 of 1.778, the accepted ranges for Xavier, are 1.4 and 2.8 %. A draw scatters by
            // at most sqrt(2/512) and sqrt(2/64), a mean of 1000 by 0.2 and 0.6 %: more than four standard errors.
            e.sampled(rule + ": E z^2 / E x^2", IN * variance, factors[0])
                    .over(Over.WEIGHTS)
                    .within(draws.widen(IN * variance * 0.0135));
            e.sampled(rule + ": E dx^2 / E dz^2", OUT * variance, factors[1])
                    .over(Over.WEIGHTS)
                    .within(draws.widen(OUT * variance * 0.028));
        }
    }
}
