package nn.examples.claims.variance;

import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** V3: variance 4/d doubles the second moment at every layer. */
public final class FourOverWidthExplodes implements Claim {
    @Override
    public String id() {
        return "V3";
    }

    @Override
    public String text() {
        return "4/d_in would preserve the variance exactly.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.FALSE;
    }

    @Override
    public String statement() {
        return "E z^2 doubles at every layer: 4, 8, ..., 2048 at layer 10.";
    }

    @Override
    public List<Finding> measure(Key key) {
        double[][] q = ReluNet.measure(key, 4, z -> z.secondMoment() / 2048);
        return List.of(Finding.sampled("E z^2 / 2048, ensemble, layer 10", 1, q[9], 0.85, 1.15));
    }
}
