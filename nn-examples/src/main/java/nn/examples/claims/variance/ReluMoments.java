package nn.examples.claims.variance;

import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** V1: the moments of a rectified normal variable. */
public final class ReluMoments implements Claim {
    @Override
    public String id() {
        return "V1";
    }

    @Override
    public String text() {
        return "the positive half of N(0, s^2) has variance s^2/2, and Var(ReLU) is about 0.182 s^2.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.FALSE;
    }

    @Override
    public String statement() {
        return "s^2/2 is the second moment E[relu^2]. Var(ReLU) = s^2 (1/2 - 1/(2 pi)) = 0.3408 s^2; 0.182 lost a factor of 2 in its last term.";
    }

    @Override
    public List<Finding> measure(Key key) {
        int chunk = 1 << 20;
        int chunks = 16; // five deviations of the least certain, E relu^2, are then inside its range
        double sum = 0;
        double squares = 0;
        for (int c = 0; c < chunks; c++) {
            Tensor z = Tensor.zeros(chunk);
            key.child(c).normal(z, 0f, 1f);
            Tensor a = z.relu();
            sum += a.sum();
            squares += a.dot(a);
        }
        double n = (double) chunk * chunks;
        double mean = sum / n;
        double second = squares / n;
        double variance = second - mean * mean;
        double predictedMean = 1 / Math.sqrt(2 * Math.PI);
        double predictedVariance = 0.5 - 1 / (2 * Math.PI);
        // For the intervals, the variances of relu, relu^2 and (relu - mean)^2: 0.3408, 1.25, and 0.5121.
        return List.of(
                finding("E relu(z)", predictedMean, mean, 0.3408, n),
                finding("E relu(z)^2", 0.5, second, 1.25, n),
                finding("Var relu(z)", predictedVariance, variance, 0.5121, n),
                Finding.exact(
                        "distance from the text's 0.182",
                        predictedVariance - 0.182,
                        Math.abs(variance - 0.182),
                        0.1,
                        Double.POSITIVE_INFINITY));
    }

    private static Finding finding(String quantity, double predicted, double measured, double variance, double n) {
        return new Finding(
                quantity, predicted, measured, 1.96 * Math.sqrt(variance / n), predicted - 0.0016, predicted + 0.0016);
    }
}
