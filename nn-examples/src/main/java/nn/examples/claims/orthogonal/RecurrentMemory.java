package nn.examples.claims.orthogonal;

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
import nn.layers.Layer;
import nn.layers.network.Network;
import nn.layers.recurrent.Rnn;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;

/** O8: orthogonal recurrences learn to remember, and random ones do not. */
public final class RecurrentMemory implements Claim {
    private static final int FEATURES = 8;
    private static final int UNITS = 32;
    private static final int BATCH = 32;
    private static final int EVERY = 20;

    /** Length of the sequences, and steps of training. */
    private record Size(int time, int steps) {}

    @Override
    public Card card() {
        return Card.of(List.of("O8"), "orthogonal initialization is preferred for recurrent nets.")
                .isTrue(
                        "a tanh recurrence of 32 units that sees eight numbers and then 39 zeros learns to repeat the"
                                + " numbers in 300 steps of Adam if its weights begin orthogonal: a tenth of the error"
                                + " is left. With Gaussian or Xavier weights of the same size over a quarter is left.",
                        "After t steps Gaussian weights leave few of the first state's directions (O6), and eight are"
                                + " asked for. Orthogonal ones leave all.");
    }

    @Override
    public void measure(Experiment e) {
        Size size = e.choose(new Size(40, 300), new Size(40, 160));
        Repetitions nets = e.times(5, 2);
        Chart chart = Chart.of(
                "Repeating eight numbers after 39 zeros",
                "The error of orthogonal recurrences falls to a tenth; that of Gaussian and Xavier ones stays above a"
                        + " quarter.",
                Axis.linear("step"),
                Axis.log("mean squared error"));
        for (Initializer recurrent : List.of(Init.orthogonal(), Init.lecunNormal(), Init.xavierUniform())) {
            String name = recurrent.toString();
            double[][] errors = e.samples("nets", nets, key -> train(e, size, recurrent, key));
            double[] last = errors[errors.length - 1];
            chart = chart.sampled(
                    name,
                    Arrays.stream(Chart.upTo(errors.length)).map(i -> EVERY * i).toArray(),
                    errors);
            boolean isOrthogonal = recurrent.equals(Init.orthogonal());
            e.value(name + ": median error", Double.NaN, Statistics.quantile(0.5, last))
                    .over(Over.WEIGHTS)
                    .between(isOrthogonal ? 0 : 0.25, isOrthogonal ? 0.15 : 1.1);
        }
        e.draw(chart);
    }

    /** Trains on new sequences, and returns the mean error of every 20 steps. */
    private static double[] train(Experiment e, Size size, Initializer recurrent, Key key) {
        Layer model = e.model(Network.builder(key.child("net"))
                .sequence(FEATURES)
                .layer(
                        "states",
                        Rnn.units(UNITS)
                                .input(e.weights(Init.normal(0.1)))
                                .recurrent(e.weights(recurrent))
                                .last())
                .dense("out", FEATURES, e.weights(Init.normal(0.1)))
                .build());
        Trainer trainer = new Trainer(model, new MeanSquaredError(), Adam.of(3e-3), key);
        double[] errors = new double[size.steps / EVERY];
        Tensor x = Tensor.zeros(size.time, BATCH, FEATURES);
        for (int step = 0; step < size.steps; step++) {
            Tensor first = e.normal(key.child("batch").child(step), BATCH, FEATURES);
            x.row(0).copyFrom(first);
            errors[step / EVERY] += trainer.step(x, first).loss() / EVERY;
        }
        return errors;
    }
}
