package nn.examples.claims.practice;

import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.init.nonlinearity.Moments;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Tensor;

/** 45: the numbers of the first two practice problems. */
public final class NumbersOfTheProblems implements Claim {
    private static final int DRAWS_EACH = 1 << 19;
    private static final int IN = 1024;
    private static final int OUT = 256;

    @Override
    public Card card() {
        return Card.of(
                        List.of("45"),
                        "ReLU(z) of z ~ N(0, 1) has mean 0.3989, whose square is 0.1592, and variance 0.3408; a layer"
                                + " 1024 -> 256 has Xavier's bound 0.0685 and He's deviation 0.0442.")
                .isTrue(
                        "all of these numbers are right.",
                        "E relu = 1/sqrt(2 pi), E relu^2 = 1/2, Var relu = 1/2 - 1/(2 pi).",
                        "sqrt(6/(1024 + 256)) = 0.0685; sqrt(2/1024) = 0.0442.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(16, 4);
        double n = (double) DRAWS_EACH * draws.count();
        double[][] relu = e.samples("relu", draws, key -> {
            Tensor a = e.normal(key, DRAWS_EACH).relu();
            double mean = a.mean();
            return new double[] {mean, mean * mean, a.variance()};
        });
        Moments moments = Nonlinearity.RELU.moments(1);
        double mean = moments.mean();
        // The variances of relu, and of (relu - mean)^2: 0.3408 and 0.5121. Five standard errors.
        double error = 5 * Math.sqrt(0.3408 / n);
        e.sampled("E relu(z)", mean, relu[0]).within(error);
        e.sampled("(E relu(z))^2", mean * mean, relu[1]).within(2 * mean * error);
        e.sampled("Var relu(z)", moments.variance(), relu[2]).within(5 * Math.sqrt(0.5121 / n));
        Repetitions layers = e.times(8, 2);
        double weights = (double) IN * OUT * layers.count();
        double bound = Math.sqrt(6.0 / (IN + OUT));
        double[] uniform = e.sample(
                "xavier",
                layers,
                key -> e.weight(Init.xavierUniform(), IN, OUT, key).maxAbs());
        // A layer's largest weight falls short of the bound by more than 20/n of it once in e^20.
        e.sampled("Xavier uniform: largest weight", bound, uniform)
                .over(Over.WEIGHTS)
                .between(bound * (1 - 20.0 / (IN * OUT)), bound);
        double deviation = Math.sqrt(2.0 / IN);
        double[] normal = e.sample(
                "he",
                layers,
                key -> Math.sqrt(e.weight(Init.heNormal(), IN, OUT, key).secondMoment()));
        // The relative error of a deviation is sqrt(1/(2 n)). Five of them.
        e.sampled("He normal: deviation", deviation, normal)
                .over(Over.WEIGHTS)
                .within(5 * deviation / Math.sqrt(2 * weights));
    }
}
