package nn.examples.claims.variance;

import java.util.List;
import nn.examples.chart.Histograms;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Tensor;

/** V1: the moments of a rectified normal variable. */
public final class ReluMoments implements Claim {
    private static final int CHUNK = 1 << 20;

    @Override
    public Card card() {
        return Card.of(
                        List.of("V1", "21", "22", "23", "24"),
                        "the positive half of N(0, s^2) has variance s^2/2, and Var(ReLU) is about 0.182 s^2.")
                .isFalse(
                        "s^2/2 is the second moment E[relu^2]. Var(ReLU) = s^2 (1/2 - 1/(2 pi)) = 0.3408 s^2;"
                                + " 0.182 lacks a factor of 2 in its last term.",
                        "E[relu^2] = s^2/2: half of E[z^2], by symmetry. E[relu] = s / sqrt(2 pi).",
                        "Var relu = E[relu^2] - E[relu]^2 = s^2/2 - s^2/(2 pi); with 1/pi instead of 1/(2 pi) one gets"
                                + " 0.182.");
    }

    @Override
    public void measure(Experiment e) {
        // 2^24 numbers: 0.0016 are then five deviations of the least certain, E relu^2
        int chunks = e.choose(16, 8);
        Nonlinearity relu = e.nonlinearity(Nonlinearity.RELU);
        double[][] sums = e.samples("numbers", e.times(16, 8), key -> {
            Tensor a = e.weight(Init.normal(1), 1, CHUNK, key).map(relu::value);
            return new double[] {a.sum(), a.dot(a)};
        });
        double n = (double) CHUNK * chunks;
        double mean = sum(sums[0]) / n;
        double second = sum(sums[1]) / n;
        double variance = second - mean * mean;
        double tolerance = e.times(16, 8).widen(0.0016);
        e.value("E relu(z)", 1 / Math.sqrt(2 * Math.PI), mean).within(tolerance);
        e.value("E relu(z)^2", 0.5, second).within(tolerance);
        e.value("Var relu(z)", 0.5 - 1 / (2 * Math.PI), variance).within(tolerance);
        e.value("distance from the text's 0.182", 0.5 - 1 / (2 * Math.PI) - 0.182, Math.abs(variance - 0.182))
                .atLeast(0.1);
        Tensor some =
                e.weight(Init.normal(1), 1, 1 << 16, e.key().child("numbers").child(0));
        e.draw(Histograms.of(
                        "Normal numbers before and after ReLU",
                        "A bell curve; below it the same curve with its left half collected at 0.",
                        "value",
                        -3.5,
                        3.5,
                        70)
                .with("z", some.toArray())
                .with("relu(z)", some.map(relu::value).toArray()));
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double v : values) {
            sum += v;
        }
        return sum;
    }
}
