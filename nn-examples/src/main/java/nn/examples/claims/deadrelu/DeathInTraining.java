package nn.examples.claims.deadrelu;

import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.RawTable;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.init.Init;
import nn.layers.Layer;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.train.NonFiniteException;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Sgd;

/** D8: a high learning rate kills units in training, and a small bias does not prevent it. */
public final class DeathInTraining implements Claim {
    private static final int FEATURES = 10;
    private static final int UNITS = 64;
    private static final int INPUTS = 256;
    private static final int STEPS = 300;
    private static final double[] RATES = {0.01, 0.03, 0.06, 0.08, 0.1};

    @Override
    public Card card() {
        return Card.of(List.of("D8", "37"), "a small positive bias keeps ReLU neurons from dying.")
                .isConditional("not in training: a learning rate that is too high kills units with a bias of 0.01 as"
                        + " well as without, and a lower rate kills none.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(20, 8);
        double[][] none = new double[RATES.length][];
        double[][] small = new double[RATES.length][];
        for (int r = 0; r < RATES.length; r++) {
            double rate = RATES[r];
            none[r] = e.sample("nets", nets, key -> deadAfterTraining(e, rate, 0, key));
            small[r] = e.sample("nets", nets, key -> deadAfterTraining(e, rate, 0.01, key));
        }
        e.sampled("dead, rate 0.01, bias 0", 0, none[0]).over(Over.WEIGHTS).atMost(0.005);
        int high = RATES.length - 1;
        e.sampled("dead, rate 0.1, bias 0", Double.NaN, none[high])
                .over(Over.WEIGHTS)
                .atLeast(0.4);
        double[] change = new double[nets.count()];
        for (int i = 0; i < change.length; i++) {
            change[i] = small[high][i] - none[high][i];
        }
        // each net's change has a deviation of at most 0.25; five standard errors of the mean
        e.sampled("change by bias 0.01, rate 0.1", 0, change)
                .over(Over.WEIGHTS)
                .within(5 * 0.25 / Math.sqrt(nets.count()));
        e.draw(Chart.of(
                        "Dead units after training, by learning rate",
                        "At a rate of 0.01, " + Caption.meanPercent(none[0]) + " are dead; at 0.1, "
                                + Caption.meanPercent(none[high]) + " without a bias and "
                                + Caption.meanPercent(small[high]) + " with 0.01.",
                        Axis.log("learning rate of plain gradient descent"),
                        Axis.linear("share of dead units"))
                .sampled("bias 0", RATES, none)
                .sampled("bias 0.01", RATES, small));
        e.raw(RawTable.of("means")
                .with("rate", RATES)
                .with("bias 0", means(none))
                .with("bias 0.01", means(small)));
    }

    private static double[] means(double[][] samples) {
        double[] means = new double[samples.length];
        for (int i = 0; i < means.length; i++) {
            means[i] = Statistics.mean(samples[i]);
        }
        return means;
    }

    /** One hidden layer learns the sine of twice the first feature. */
    private static double deadAfterTraining(Experiment e, double rate, double bias, Key key) {
        Tensor x = e.normal(key.child("inputs"), INPUTS, FEATURES);
        Tensor y = Tensor.zeros(INPUTS, 1);
        for (int i = 0; i < INPUTS; i++) {
            y.set((float) StrictMath.sin(2.0 * x.get(i, 0)), i, 0);
        }
        Network network = Network.builder(key.child("weights"))
                .input(FEATURES)
                .layer(
                        "hidden",
                        Dense.units(UNITS).weight(e.weights(Init.heNormal())).bias(e.biases(Init.constant(bias))))
                .relu()
                .layer("out", Dense.units(1).weight(e.weights(Init.xavierNormal())))
                .build();
        Layer model = e.model(network);
        Trainer trainer = new Trainer(model, new MeanSquaredError(), Sgd.of(rate), key);
        for (int step = 0; step < STEPS; step++) {
            try {
                trainer.step(x, y);
            } catch (NonFiniteException diverged) {
                break; // the weights are those of the step before
            }
        }
        Tensor z = Tensor.zeros(INPUTS, UNITS);
        z.fillRows(network.parametersByPath().get("hidden.bias").value());
        x.matmulAddInto(network.parametersByPath().get("hidden.weight").value(), Transposed.NONE, z);
        z.reluInto(z);
        return (double) BiasedReluNet.deadUnits(z) / UNITS;
    }
}
