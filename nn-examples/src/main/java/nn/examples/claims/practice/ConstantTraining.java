package nn.examples.claims.practice;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Layer;
import nn.layers.network.Network;
import nn.tensor.Tensor;
import nn.train.NonFiniteException;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Sgd;

/** 54: training from constant weights. */
public final class ConstantTraining implements Claim {
    private static final int HIDDEN = 20;
    private static final int WIDTH = 32;
    private static final int FEATURES = 4;
    private static final int EXAMPLES = 128;
    private static final int STEPS = 1000;

    @Override
    public Card card() {
        return Card.of(List.of("54"), "from identical weights training converges to a degenerate solution.")
                .isConditional(
                        "true only if n c is about 1. Then 20 ReLU layers learn as little as one unit per layer can."
                                + " With n c = 1/2 no signal arrives, and the loss stays at that of the best constant."
                                + " With n c = 2 the first step, along a gradient of 10^12, kills all units: the best"
                                + " constant again.",
                        "The signal is multiplied by n c in every layer: by 10^-6, 1 or 10^6 after 20.");
    }

    /** Losses relative to that of the best constant, and the spread of the tenth weight's entries. */
    private record Run(double[] losses, double spread) {
        double last() {
            return losses[losses.length - 1];
        }
    }

    @Override
    public void measure(Experiment e) {
        // |u x|: one unit per layer can learn half of it.
        Tensor x = e.normal(e.key().child("inputs"), EXAMPLES, FEATURES);
        Tensor y = x.matmul(Tensor.of(new float[] {0.8f, 0.2f, 0.8f, 0.2f}, FEATURES, 1))
                .map(Math::abs);
        Run half = train(e, constant(0.5), 0.02, x, y);
        Run one = train(e, constant(1), 0.02, x, y);
        Run two = train(e, constant(2), 0.02, x, y);
        Run he = train(e, Init.heNormal(), 0.005, x, y);
        e.value("n c = 1/2: final loss", 1, half.last()).within(0.01);
        // One unit per layer is an increasing function of u x, which leaves 0.37 of the variance of |u x|. That share
        // scatters by 0.05 or less over 128 points.
        e.value("n c = 1: final loss", Double.NaN, one.last()).between(0.17, 0.98);
        e.equal("n c = 1: spread of weight 10", 0, one.spread());
        e.value("n c = 2: first loss", Double.NaN, two.losses()[0]).atLeast(1e6);
        e.value("n c = 2: final loss", 1, two.last()).within(0.01);
        e.value("He weights: final loss", Double.NaN, he.last()).atMost(0.1);
        double[] steps = Chart.upTo(STEPS);
        e.draw(Chart.of(
                        "Twenty ReLU layers learn |u x|",
                        "From constant weights with n c of 1/2, 1 and 2 the loss ends at "
                                + Caption.numbers(half.last(), one.last(), two.last()) + " of that of the best"
                                + " constant, with 2 from"
                                + " " + Caption.number(two.losses()[0]) + " on; from He's weights it ends at "
                                + Caption.number(he.last()) + ".",
                        Axis.linear("step"),
                        Axis.log("loss / loss of the best constant"))
                .line("n c = 1/2", steps, half.losses())
                .line("n c = 1", steps, one.losses())
                .line("n c = 2", steps, two.losses())
                .line("He", steps, he.losses()));
    }

    /** Every weight is gain over fan-in. */
    private static Initializer constant(double gain) {
        return (out, fans, key) -> out.fill((float) (gain / fans.in()));
    }

    private static Run train(Experiment e, Initializer weights, double rate, Tensor x, Tensor y) {
        Network.Builder builder = Network.builder(e.key().child("net")).input(FEATURES);
        for (int l = 1; l <= HIDDEN; l++) {
            builder.dense("hidden" + l, WIDTH, e.weights(weights)).relu();
        }
        Layer net = e.model(builder.dense("out", 1, e.weights(weights)).build());
        Trainer trainer = new Trainer(net, new MeanSquaredError(), Sgd.of(rate), e.key());
        double constant = y.variance();
        double[] losses = new double[STEPS];
        Arrays.fill(losses, Double.POSITIVE_INFINITY);
        try {
            for (int step = 0; step < STEPS; step++) {
                losses[step] = trainer.step(x, y).loss() / constant;
            }
        } catch (NonFiniteException diverged) {
            // The remaining losses stay infinite.
        }
        float[] tenth = net.parametersByPath().get("hidden10.weight").value().toArray();
        Arrays.sort(tenth);
        return new Run(losses, (double) tenth[tenth.length - 1] - tenth[0]);
    }
}
