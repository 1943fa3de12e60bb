package nn.examples.claims.variance;

import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** V5: the variance over inputs with the weights fixed. */
public final class VarianceOverTheData implements Claim {
    @Override
    public String id() {
        return "V5";
    }

    @Override
    public String text() {
        return "the variance decreases polynomially: 2, 1.3632, 0.9290.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.FALSE;
    }

    @Override
    public String statement() {
        return "one variance does: that over the data with the weights fixed, 2 (1 - c) with the correlation map of ReLU, ~ 9 pi^2 / l^2. It is 2, 1.3634, 1.0125: the second value fits by luck, the third does not.";
    }

    @Override
    public List<Finding> measure(Key key) {
        double[][] variance = ReluNet.measure(key, 2, VarianceOverTheData::overInputs);
        double c2 = correlationMap(0);
        double c3 = correlationMap(c2);
        return List.of(
                Finding.sampled("Var over inputs, W fixed, layer 2", 2 * (1 - c2), variance[1], 1.3434, 1.3834),
                Finding.sampled("Var over inputs, W fixed, layer 3", 2 * (1 - c3), variance[2], 0.9725, 1.0525));
    }

    /** How two inputs of correlation c are correlated a ReLU layer later (Cho and Saul, 2009). */
    private static double correlationMap(double c) {
        return (Math.sqrt(1 - c * c) + c * (Math.PI - Math.acos(c))) / Math.PI;
    }

    /** The unbiased variance of each unit over the inputs, averaged over the units. */
    private static double overInputs(Tensor z) {
        int inputs = z.dim(0);
        Tensor sums = Tensor.zeros(z.dim(1));
        z.addRowSumsInto(sums);
        double squaresOfMeans = sums.dot(sums) / inputs;
        return (z.dot(z) - squaresOfMeans) / (inputs - 1.0) / z.dim(1);
    }
}
