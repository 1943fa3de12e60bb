package nn.examples.claims.variance;

import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** V4: variance 1/d halves the second moment at every ReLU layer. */
public final class XavierHalvesUnderRelu implements Claim {
    @Override
    public String id() {
        return "V4";
    }

    @Override
    public String text() {
        return "Xavier weights lose half of the signal at every ReLU layer.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.TRUE;
    }

    @Override
    public String statement() {
        return "E z^2 = 2^-(l-1): 1/512 at layer 10. ReLU keeps half of the second moment, and 1/d puts nothing back.";
    }

    @Override
    public List<Finding> measure(Key key) {
        double[][] q = ReluNet.measure(key, 1, z -> z.secondMoment() * 512);
        return List.of(Finding.sampled("E z^2 * 512, ensemble, layer 10", 1, q[9], 0.85, 1.15));
    }
}
