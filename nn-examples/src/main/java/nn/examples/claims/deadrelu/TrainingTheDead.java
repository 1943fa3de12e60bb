package nn.examples.claims.deadrelu;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.init.Init;
import nn.init.Nonlinearity;
import nn.layers.Dense;
import nn.layers.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Adam;
import nn.train.MeanSquaredError;
import nn.train.Trainer;

/** The training run on |x|: a net that is born dead never learns; a bias helps, a leak cures. */
public final class TrainingTheDead implements Claim {
    private static final int WIDTH = 3;
    private static final int HIDDEN_LAYERS = 9;
    private static final int POINTS = 101;
    private static final int STEPS = 1000;
    private static final int NETS = 100;

    /** Below this deviation of its outputs a trained net is one constant. */
    private static final double CONSTANT = 1e-3;

    @Override
    public String id() {
        return "D5";
    }

    @Override
    public String text() {
        return "dead ReLUs stop learning; a small positive bias prevents it.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.CONDITIONAL;
    }

    @Override
    public String statement() {
        return "narrow deep nets trained on |x| by Adam mostly end as a constant. A bias of 0.01 or 0.1 saves some;"
                + " a leak of 0.1 saves nearly all. Ranges: an independent float64 experiment.";
    }

    @Override
    public List<Finding> measure(Key key) {
        double none = collapsed(Nonlinearity.RELU, 0, key);
        double small = collapsed(Nonlinearity.RELU, 0.01, key);
        double large = collapsed(Nonlinearity.RELU, 0.1, key);
        double leaky = collapsed(Nonlinearity.leakyRelu(0.1), 0, key);
        List<Finding> findings = new ArrayList<>();
        add(findings, "relu, bias 0", 0.760, none);
        add(findings, "relu, bias 0.01", 0.630, small);
        add(findings, "relu, bias 0.1", 0.505, large);
        add(findings, "leaky relu 0.1, bias 0", 0.005, leaky);
        findings.add(Finding.exact(
                "bias 0 minus bias 0.1", 0.255, none - large, 0.05, Double.POSITIVE_INFINITY));
        return findings;
    }

    /** The reference had 200 nets, this has NETS: five deviations of the difference, at least three nets. */
    private static void add(List<Finding> findings, String what, double reference, double share) {
        double deviation = Math.sqrt(reference * (1 - reference) * (1.0 / 200 + 1.0 / NETS));
        double tolerance = Math.max(5 * deviation, 3.0 / NETS);
        findings.add(Finding.proportion(
                "constant: " + what,
                reference,
                Math.round(share * NETS),
                NETS,
                Math.max(0, reference - tolerance),
                Math.min(1, reference + tolerance)));
    }

    private static double collapsed(Nonlinearity f, double bias, Key key) {
        Tensor x = BiasedReluNet.grid(POINTS);
        Tensor y = x.map(Math::abs);
        long constant = IntStream.range(0, NETS)
                .parallel()
                .filter(net -> {
                    Network network = trained(f, bias, x, y, key.child(net));
                    return Math.sqrt(network.predict(x).variance()) < CONSTANT;
                })
                .count();
        return (double) constant / NETS;
    }

    private static Network trained(Nonlinearity f, double bias, Tensor x, Tensor y, Key key) {
        Network.Builder builder = Network.builder(key).input(1);
        for (int l = 1; l <= HIDDEN_LAYERS; l++) {
            builder.layer(
                            "hidden" + l,
                            Dense.units(WIDTH).weight(Init.heNormal()).bias(Init.constant(bias)))
                    .activation(f);
        }
        Network network = builder.dense("out", 1).build();
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Adam.of(5e-3), key);
        for (int step = 0; step < STEPS; step++) {
            trainer.step(x, y);
        }
        return network;
    }
}
