package nn.examples.claims.papers;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.recurrent.Rnn;
import nn.layers.shape.TimeMajor;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.data.Dataset;
import nn.train.data.SyntheticDatasets;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Clipping;

/** B4, P10: Le, Jaitly and Hinton on ReLU recurrences that start as the identity. */
public final class IdentityRecurrence implements Claim {
    private static final int BATCH = 32;
    private static final int TESTS = 500;
    private static final int EVERY = 50;
    private static final double RATE = 1e-3;

    /** Error of predicting the sum of two numbers from U(0, 1) by its mean. */
    private static final double BASELINE = 1.0 / 6;

    /** Length of the sequences, units, steps of training. */
    private record Size(int time, int units, int steps) {}

    @Override
    public Card card() {
        return Card.of(
                        List.of("B4", "P10"),
                        "a ReLU recurrence that begins as the identity learns dependencies over a hundred steps, which"
                                + " a tanh recurrence with random weights does not (Le, Jaitly and Hinton 2015).")
                .isTrue(
                        "true on the adding problem: when the identity has reached an error of 0.01 to 0.02, tanh with"
                                + " Gaussian weights still has the error of always answering 1. Single runs with the"
                                + " identity fail for a while, so the median of the nets is judged. A quick run has 30"
                                + " steps instead of 100.",
                        "With W = I and ReLU a state is kept and added to, so the gradient over any time is that over"
                                + " one step.");
    }

    @Override
    public void measure(Experiment e) {
        Size size = e.choose(new Size(100, 64, 900), new Size(30, 32, 600));
        Repetitions nets = e.times(3, 3);
        double[][] identity = e.samples("nets", nets, key -> train(e, size, Init.identity(), Nonlinearity.RELU, key));
        double[][] random = e.samples("nets", nets, key -> train(e, size, Init.lecunNormal(), Nonlinearity.TANH, key));
        int last = identity.length - 1;
        double learned = Statistics.quantile(0.5, identity[last]);
        double not = Statistics.quantile(0.5, random[last]);
        // a quick net is trained for fewer steps, and only has to be far below the baseline
        e.value("identity and ReLU: error", 0.008, learned)
                .reference()
                .over(Over.WEIGHTS)
                .atMost(e.choose(0.05, 0.1));
        e.value("Gaussian and tanh: error", BASELINE, not).over(Over.WEIGHTS).between(0.12, 0.21);
        double[] steps =
                Arrays.stream(Chart.upTo(identity.length)).map(i -> EVERY * i).toArray();
        double[] baseline = new double[identity.length];
        Arrays.fill(baseline, BASELINE);
        e.draw(Chart.of(
                        "The adding problem: error on unseen sequences",
                        "Both start at 0.17, the error of always answering 1. The identity gets below it; tanh with"
                                + " Gaussian weights does not.",
                        Axis.linear("step"),
                        Axis.log("mean squared error"))
                .sampled("identity, ReLU", steps, identity)
                .sampled("Gaussian, tanh", steps, random)
                .prediction("always 1", steps, baseline));
    }

    /** Trains, and returns the error on unseen sequences every 50 steps. */
    private static double[] train(Experiment e, Size size, Initializer recurrent, Nonlinearity f, Key key) {
        Initializer input = Init.normal(0.05);
        Layer model = e.model(Network.builder(key.child("weights"))
                .input(Shape.of(Shape.ANY, size.time, 2))
                .layer("steps first", new TimeMajor())
                .layer(
                        "states",
                        Rnn.units(size.units)
                                .activation(e.nonlinearity(f))
                                .input(e.weights(input))
                                .recurrent(e.weights(recurrent))
                                .last())
                .layer("out", Dense.units(1).weight(e.weights(input)))
                .build());
        TrainerOptions options = TrainerOptions.NONE.clipping(Clipping.norm(1));
        Trainer trainer = new Trainer(model, new MeanSquaredError(), Adam.of(RATE), key, options);
        Dataset test = SyntheticDatasets.adding(TESTS, size.time, key.child("test"));
        double[] errors = new double[size.steps / EVERY];
        for (int i = 0; i < size.steps; i++) {
            Dataset batch = SyntheticDatasets.adding(
                    BATCH, size.time, key.child("train").child(i));
            trainer.step(batch.x(), batch.y());
            if (i % EVERY == EVERY - 1) {
                Tensor output = model.forward(test.x(), Context.inference()).output();
                errors[i / EVERY] = output.subtract(test.y()).secondMoment();
            }
        }
        return errors;
    }
}
