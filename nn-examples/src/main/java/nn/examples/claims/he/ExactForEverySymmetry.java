package nn.examples.claims.he;

import java.util.List;
import nn.examples.chart.Histograms;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Tensor;

/** 25: He's factor of two is exact, and not a variance. */
public final class ExactForEverySymmetry implements Claim {
    private static final int NUMBERS = 1 << 18;

    @Override
    public Card card() {
        return Card.of(List.of("25", "27"), "He initialization approximates Var(ReLU(z)) by Var(z)/2.")
                .isFalse(
                        "nothing is approximated: He uses E[relu(z)^2] = Var(z)/2, which is exact for every z that is"
                                + " symmetric about 0, normal or not. The variance of relu(z) is another number, and"
                                + " would lead to another constant: 2.934 instead of 2.",
                        "relu(z)^2 + relu(-z)^2 = z^2, and both terms have the same mean, so each is half of E[z^2].");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(16, 4);
        Histograms drawing = Histograms.of(
                "Three symmetric distributions of variance 1",
                "A bell, a box, and two peaks at -1 and 1: half of the second moment passes a ReLU in each.",
                "z",
                -3,
                3,
                60);
        Initializer coin = (out, fans, key) -> {
            key.uniform(out, -1, 1);
            for (int i = 0; i < out.size(); i++) {
                out.array()[out.offset() + i] = Math.signum(out.array()[out.offset() + i]);
            }
        };
        String[] names = {"normal", "uniform", "coin"};
        Initializer[] kinds = {Init.normal(1), Init.uniform(Math.sqrt(3)), coin};
        for (int i = 0; i < names.length; i++) {
            Initializer kind = kinds[i];
            double[] half = e.sample(names[i], draws, key -> {
                Tensor z = e.weight(kind, 1, NUMBERS, key);
                return z.relu().secondMoment() / z.secondMoment();
            });
            // the sign of each number decides: a relative error of at most sqrt(kurtosis / n) / 2
            e.sampled("E relu(z)^2 / E z^2, " + names[i], 0.5, half)
                    .within(5 * 0.5 * Math.sqrt(3.0 / NUMBERS / draws.count()));
            drawing = drawing.with(
                    names[i], e.weight(kind, 1, 1 << 14, e.key().child("drawn")).toArray());
        }
        double[] normal = e.sample("normal", draws, key -> {
            Tensor a = e.weight(Init.normal(1), 1, NUMBERS, key).relu();
            return a.secondMoment() - a.mean() * a.mean();
        });
        e.sampled("Var relu(z), normal, is not 1/2", 0.5 - 0.5 / Math.PI, normal)
                .within(0.01);
        e.draw(drawing);
    }
}
