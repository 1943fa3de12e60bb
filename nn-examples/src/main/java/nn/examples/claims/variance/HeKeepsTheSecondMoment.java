package nn.examples.claims.variance;

import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** V2: He initialization holds the second moment at every depth. */
public final class HeKeepsTheSecondMoment implements Claim {
    @Override
    public String id() {
        return "V2";
    }

    @Override
    public String text() {
        return "with He weights Var z goes 2, 1.3632, 0.9290, ... and decreases.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.FALSE;
    }

    @Override
    public String statement() {
        return "z has mean 0 and Var z = E z^2 = 2 at every layer: the next layer multiplies E[relu^2] = Var(z)/2, not Var(relu), by 2.";
    }

    @Override
    public List<Finding> measure(Key key) {
        double[][] q = ReluNet.measure(key, 2, Tensor::secondMoment);
        return List.of(
                Finding.sampled("E z^2, ensemble, layer 1", 2, q[0], 1.98, 2.02),
                Finding.sampled("E z^2, ensemble, layer 2", 2, q[1], 1.96, 2.04),
                Finding.sampled("E z^2, ensemble, layer 3", 2, q[2], 1.92, 2.08),
                Finding.sampled("E z^2, ensemble, layer 10", 2, q[9], 1.70, 2.30));
    }
}
