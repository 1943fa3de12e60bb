package nn.examples.claims.variance;

import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.tensor.Tensor;

/** V6: the constant that follows from the text's argument. */
public final class AnotherConstant implements Claim {
    private static final double CONSTANT = 2 / (1 - 1 / Math.PI);

    @Override
    public Card card() {
        return Card.of(
                        List.of("V6", "27"),
                        "counting Var(relu), the exact constant would be 2/(1 - 1/pi) = 2.934 instead of 2.")
                .isFalse(
                        "with it the signal grows: E z^2 = 2.934 (2.934/2)^9 = 92.3 at layer 10.",
                        "The next layer sums E[relu(z)^2] = E[z^2]/2, which includes the mean: a factor of 2.934/2 ="
                                + " 1.467.");
    }

    @Override
    public void measure(Experiment e) {
        double[][] q = ReluNet.measure(e, CONSTANT, Tensor::secondMoment);
        double predicted = ReluNet.theory(CONSTANT, 10);
        e.sampled("E z^2, layer 10", predicted, q[9])
                .over(Over.WEIGHTS)
                .within(ReluNet.nets(e).widen(0.156 * predicted));
        e.draw(ReluNet.chart(
                "Weights of variance 2.934/n under ReLU",
                "E z^2 grows in a straight line on a logarithmic axis",
                CONSTANT,
                q));
    }
}
