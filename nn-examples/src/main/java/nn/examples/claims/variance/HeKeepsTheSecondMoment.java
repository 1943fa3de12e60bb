package nn.examples.claims.variance;

import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.tensor.Tensor;

/** V2: He initialization holds the second moment at every depth. */
public final class HeKeepsTheSecondMoment implements Claim {
    private static final double HE = 2;

    @Override
    public Card card() {
        return Card.of(List.of("V2", "40"), "with He weights Var z goes 2, 1.3632, 0.9290, ... and decreases.")
                .isFalse(
                        "z has mean 0 and Var z = E z^2 = 2 at every layer: the next layer multiplies"
                                + " E[relu^2] = Var(z)/2, not Var(relu), by 2.",
                        "Var z_(l+1) = n Var(w) E[a_l^2], because the weights, not the activations, have mean 0.",
                        "E[a^2] = E[relu(z)^2] = Var(z)/2 = 1, so Var z_(l+1) = 2; its Var(a) = 0.6817 plays no part.");
    }

    @Override
    public void measure(Experiment e) {
        double[][] q = ReluNet.measure(e, HE, Tensor::secondMoment);
        Repetitions nets = ReluNet.nets(e);
        // the gain of a layer has deviation sqrt(5/100) in one net, so layer l has about 2 sqrt(5 l/100) over sqrt(200)
        double[] tolerance = {0.02, 0.04, 0.08};
        for (int l = 0; l < 3; l++) {
            e.sampled("E z^2, layer " + (l + 1), ReluNet.theory(HE, l + 1), q[l])
                    .over(Over.WEIGHTS)
                    .within(nets.widen(tolerance[l]));
        }
        e.sampled("E z^2, layer 10", ReluNet.theory(HE, 10), q[9])
                .over(Over.WEIGHTS)
                .within(nets.widen(0.30));
        e.draw(ReluNet.chart(
                "He weights under ReLU",
                "E z^2 stays the same, while single nets spread more and more around it",
                HE,
                q));
    }
}
