package nn.examples.claims.variance;

import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** V6: the constant that the text's logic would give. */
public final class TheTextsOwnConstant implements Claim {
    @Override
    public String id() {
        return "V6";
    }

    @Override
    public String text() {
        return "counting Var(relu), the exact constant would be 2/(1 - 1/pi) = 2.934 instead of 2.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.FALSE;
    }

    @Override
    public String statement() {
        return "it grows: E z^2 = 2.934 (2.934/2)^9 = 92.3 at layer 10.";
    }

    @Override
    public List<Finding> measure(Key key) {
        double constant = 2 / (1 - 1 / Math.PI);
        double[][] q = ReluNet.measure(key, constant, Tensor::secondMoment);
        double predicted = constant * Math.pow(constant / 2, 9);
        return List.of(Finding.sampled("E z^2, ensemble, layer 10", predicted, q[9], 78, 107));
    }
}
