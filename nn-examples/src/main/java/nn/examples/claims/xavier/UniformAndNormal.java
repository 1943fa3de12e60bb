package nn.examples.claims.xavier;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Histograms;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.init.Init;
import nn.tensor.Tensor;

/** 18: the two forms of Xavier's initialization. */
public final class UniformAndNormal implements Claim {
    private static final int IN = 256;
    private static final int OUT = 512;

    @Override
    public Card card() {
        return Card.of(
                        List.of("18"),
                        "U(-a, a) has variance a^2/3, so a = sqrt(6/(d_in + d_out)); or N(0, 2/(d_in + d_out)).")
                .isTrue(
                        "both have the variance 2/(n_in + n_out), and the largest uniform weight is sqrt(3) deviations."
                                + " The second argument of N is a variance here; many libraries take the deviation.",
                        "The mean of w^2 over (-a, a) is a^2/3.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(16, 2);
        double variance = 2.0 / (IN + OUT);
        double bound = Math.sqrt(6.0 / (IN + OUT));
        double weights = (double) IN * OUT * draws.count();
        double[][] uniform = e.samples("uniform", draws, key -> {
            Tensor w = e.weight(Init.xavierUniform(), IN, OUT, key);
            return new double[] {w.secondMoment(), w.maxAbs()};
        });
        double[] normal = e.sample(
                "normal",
                draws,
                key -> e.weight(Init.xavierNormal(), IN, OUT, key).secondMoment());
        // A sample variance has the relative error sqrt((kurtosis - 1)/n): kurtosis 1.8 and 3. Five errors.
        e.sampled("uniform: Var w", variance, uniform[0])
                .over(Over.WEIGHTS)
                .within(variance * 5 * Math.sqrt(0.8 / weights));
        e.sampled("normal: Var w", variance, normal).over(Over.WEIGHTS).within(variance * 5 * Math.sqrt(2 / weights));
        // The largest of n uniform magnitudes falls short of a by more than 20 a/n once in e^20.
        double largest = Arrays.stream(uniform[1]).max().orElseThrow();
        e.value("uniform: largest |w|", bound, largest).between(bound * (1 - 20 / weights), bound);
        double ratio = Math.sqrt(3);
        e.value("uniform: largest / deviation", ratio, largest / Math.sqrt(Statistics.mean(uniform[0])))
                .within(ratio * 5 * Math.sqrt(0.2 / weights));
        e.draw(Histograms.of(
                        "Xavier weights of a layer 256 -> 512",
                        "The uniform form ends sharply at 0.088; the normal form has the same variance and tails.",
                        "w",
                        -0.2,
                        0.2,
                        60)
                .with(
                        "uniform",
                        e.weight(Init.xavierUniform(), IN, OUT, e.key().child("shown"))
                                .toArray())
                .with(
                        "normal",
                        e.weight(Init.xavierNormal(), IN, OUT, e.key().child("shown"))
                                .toArray()));
    }
}
