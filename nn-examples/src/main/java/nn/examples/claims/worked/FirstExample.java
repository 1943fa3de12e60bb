package nn.examples.claims.worked;

import java.util.List;
import nn.examples.chart.Histograms;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Tensor;

/** 38: example 1, the numbers of Xavier and He for one layer. */
public final class FirstExample implements Claim {
    private static final int INPUTS = 256;
    private static final int UNITS = 512;

    @Override
    public Card card() {
        return Card.of(
                        List.of("38"),
                        "for 256 inputs and 512 units, Xavier has the variance 0.002604, deviation 0.0510 and bound"
                                + " 0.0884, He 0.0078125, 0.0884 and 0.1531: 73 % larger.")
                .isTrue(
                        "drawn weights have these numbers. The 73 % are not ReLU's alone: it asks for a factor of"
                                + " sqrt 2, 41 %, as a square layer has it; sqrt 1.5 comes from the shape, as Xavier"
                                + " averages 256 inputs and 512 outputs and He takes the inputs. That Xavier's bound"
                                + " and He's deviation are both 0.0884 is a coincidence of this shape.",
                        "2/768 and 2/256: the ratio of deviations is sqrt 3 = sqrt 2 x sqrt(384/256) = 1.7321.",
                        "sqrt(6/768) = sqrt(2/256).");
    }

    @Override
    public void measure(Experiment e) {
        // 131,072 weights: a deviation is good to sqrt((kurtosis - 1) / 4n), 0.2 % for normal ones; five of those
        double relative = 5 * Math.sqrt(2.0 / 4 / (INPUTS * UNITS));
        double xavier = deviation(e, Init.xavierNormal(), "xavier");
        double he = deviation(e, Init.heNormal(), "he");
        e.value("Xavier: deviation", Math.sqrt(2.0 / 768), xavier).within(relative * 0.0510);
        e.value("He: deviation", Math.sqrt(2.0 / 256), he).within(relative * 0.0884);
        e.value("Xavier: variance", 2.0 / 768, xavier * xavier).within(2 * relative * 2 / 768);
        e.value("He: variance", 2.0 / 256, he * he).within(2 * relative * 2 / 256);
        e.value("He / Xavier, deviations", Math.sqrt(3), he / xavier).within(2 * relative * Math.sqrt(3));
        double ratio =
                deviation(e, Init.heNormal(), "he", INPUTS) / deviation(e, Init.xavierNormal(), "xavier", INPUTS);
        e.value("He / Xavier, square layer", Math.sqrt(2), ratio).within(2 * Math.sqrt(2) * relative * Math.sqrt(2));
        e.value(
                        "Xavier uniform: largest",
                        Math.sqrt(6.0 / 768),
                        drawn(e, Init.xavierUniform(), "xavier").maxAbs())
                .between(0.0883, Math.sqrt(6.0 / 768) * (1 + 1e-6));
        e.value(
                        "He uniform: largest",
                        Math.sqrt(6.0 / 256),
                        drawn(e, Init.heUniform(), "he").maxAbs())
                .between(0.1530, Math.sqrt(6.0 / 256) * (1 + 1e-6));
        e.draw(Histograms.of(
                        "Weights from 256 inputs to 512 units",
                        "Two bells and two boxes; those of He are 1.73 times as wide as those of Xavier.",
                        "weight",
                        -0.3,
                        0.3,
                        60)
                .with("Xavier normal", drawn(e, Init.xavierNormal(), "xavier").toArray())
                .with("He normal", drawn(e, Init.heNormal(), "he").toArray())
                .with("Xavier uniform", drawn(e, Init.xavierUniform(), "xavier").toArray())
                .with("He uniform", drawn(e, Init.heUniform(), "he").toArray()));
    }

    private static Tensor drawn(Experiment e, Initializer weights, String name) {
        return e.weight(weights, INPUTS, UNITS, e.key().child(name));
    }

    private static double deviation(Experiment e, Initializer weights, String name) {
        return Math.sqrt(drawn(e, weights, name).secondMoment());
    }

    /** Of weights from 256 inputs to half as many units as above: the error is sqrt 2 times as large. */
    private static double deviation(Experiment e, Initializer weights, String name, int units) {
        return Math.sqrt(e.weight(weights, INPUTS, units, e.key().child(name + ", square"))
                .secondMoment());
    }
}
