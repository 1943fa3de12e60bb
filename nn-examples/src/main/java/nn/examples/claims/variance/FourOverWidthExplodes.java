package nn.examples.claims.variance;

import java.util.Arrays;
import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.tensor.Tensor;

/** V3: variance 4/d doubles the second moment at every layer. */
public final class FourOverWidthExplodes implements Claim {
    private static final double CONSTANT = 4;

    @Override
    public Card card() {
        return Card.of(List.of("V3", "42"), "4/d_in would preserve the variance exactly.")
                .isFalse(
                        "E z^2 doubles at every layer: 4, 8, ..., 2048 at layer 10.",
                        "E z_(l+1)^2 = n Var(w) E[relu(z_l)^2] = 4 E[z_l^2] / 2 = 2 E[z_l^2].");
    }

    @Override
    public void measure(Experiment e) {
        double[][] q = ReluNet.measure(e, CONSTANT, Tensor::secondMoment);
        double predicted = ReluNet.theory(CONSTANT, 10);
        double[] ratio = Arrays.stream(q[9]).map(z -> z / predicted).toArray();
        e.sampled("E z^2 / 2048, layer 10", 1, ratio)
                .over(Over.WEIGHTS)
                .within(ReluNet.nets(e).widen(0.15));
        e.draw(ReluNet.chart(
                "Weights of variance 4/n under ReLU",
                "E z^2 grows in a straight line on a logarithmic axis",
                CONSTANT,
                q));
    }
}
