package nn.examples.claims.deadrelu;

import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;

/** Training on |x|: a net that is born dead never learns; a bias saves some nets, a leak nearly all. */
public final class TrainingTheDead implements Claim {
    private static final int WIDTH = 3;
    private static final int HIDDEN_LAYERS = 9;
    private static final int POINTS = 101;
    private static final int STEPS = 1000;
    private static final int REFERENCE_NETS = 200;

    /** The deviation of its outputs below which a trained net counts as constant. */
    private static final double CONSTANT = 1e-3;

    @Override
    public Card card() {
        return Card.of(List.of("D5"), "dead ReLUs stop learning; a small positive bias prevents it.")
                .isConditional("narrow deep nets trained on |x| by Adam mostly end as a constant. A bias of 0.01 or 0.1"
                        + " saves some; a leak of 0.1 saves nearly all. The ranges come from an independent float64"
                        + " experiment.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(100, 12);
        long none = collapsed(e, nets, Nonlinearity.RELU, 0);
        long small = collapsed(e, nets, Nonlinearity.RELU, 0.01);
        long large = collapsed(e, nets, Nonlinearity.RELU, 0.1);
        long leaky = collapsed(e, nets, Nonlinearity.leakyRelu(0.1), 0);
        share(e, nets, "relu, bias 0", 0.760, none);
        share(e, nets, "relu, bias 0.01", 0.630, small);
        share(e, nets, "relu, bias 0.1", 0.505, large);
        share(e, nets, "leaky relu 0.1, bias 0", 0.005, leaky);
        if (!e.quick()) {
            e.value("bias 0 minus bias 0.1", 0.255, (double) (none - large) / nets.count())
                    .reference()
                    .atLeast(0.05);
        }
    }

    /** The reference had 200 nets: five deviations of the difference, at least three nets. */
    private static void share(Experiment e, Repetitions nets, String what, double reference, long collapsed) {
        int n = nets.count();
        double deviation = Math.sqrt(reference * (1 - reference) * (1.0 / REFERENCE_NETS + 1.0 / n));
        double tolerance = Math.max(5 * deviation, 3.0 / n);
        e.proportion("constant: " + what, reference, collapsed, n)
                .over(Over.WEIGHTS)
                .reference()
                .between(Math.max(0, reference - tolerance), Math.min(1, reference + tolerance));
    }

    private static long collapsed(Experiment e, Repetitions nets, Nonlinearity f, double bias) {
        Tensor x = BiasedReluNet.grid(POINTS);
        Tensor y = x.map(Math::abs);
        return e
                .repeat("nets", nets, key -> {
                    Tensor output = trained(e, f, bias, x, y, key)
                            .forward(x, Context.inference())
                            .output();
                    return Math.sqrt(output.variance()) < CONSTANT;
                })
                .stream()
                .filter(c -> c)
                .count();
    }

    private static Layer trained(Experiment e, Nonlinearity f, double bias, Tensor x, Tensor y, Key key) {
        Network.Builder builder = Network.builder(key).input(1);
        for (int l = 1; l <= HIDDEN_LAYERS; l++) {
            builder.layer(
                            "hidden" + l,
                            Dense.units(WIDTH)
                                    .weight(e.weights(Init.heNormal()))
                                    .bias(e.biases(Init.constant(bias))))
                    .activation(e.nonlinearity(f));
        }
        Layer network = e.model(builder.dense("out", 1).build());
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Adam.of(5e-3), key);
        for (int step = 0; step < STEPS; step++) {
            trainer.step(x, y);
        }
        return network;
    }
}
