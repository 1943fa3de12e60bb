package nn.examples.claims.variance;

import java.util.Arrays;
import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.tensor.Tensor;

/** V4: variance 1/d halves the second moment at every ReLU layer. */
public final class XavierHalvesUnderRelu implements Claim {
    @Override
    public Card card() {
        return Card.of(List.of("V4"), "Xavier weights lose half of the signal at every ReLU layer.")
                .isTrue("E z^2 = 2^-(l-1): 1/512 at layer 10. ReLU keeps half of the second moment, and a variance of"
                        + " 1/n does not restore the rest.");
    }

    @Override
    public void measure(Experiment e) {
        double[][] q = ReluNet.measure(e, 1, Tensor::secondMoment);
        double[] ratio = Arrays.stream(q[9]).map(z -> z / ReluNet.theory(1, 10)).toArray();
        e.sampled("E z^2 * 512, layer 10", 1, ratio)
                .over(Over.WEIGHTS)
                .within(ReluNet.nets(e).widen(0.15));
        e.draw(ReluNet.chart(
                "Xavier weights under ReLU", "E z^2 falls in a straight line on a logarithmic axis", 1, q));
    }
}
