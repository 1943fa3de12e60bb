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
import nn.init.MuP;
import nn.layers.Parameter;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.NonFiniteException;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.ParameterGroups;

/** B13, P11, Yang, Hu and others 2022: the maximal update parametrization. */
public final class MaximalUpdate implements Claim {
    private static final int FEATURES = 10;
    private static final int INPUTS = 64;
    private static final int STEPS = 60;
    private static final int LOW = -14;
    private static final int HIGH = -4;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B13", "P11"),
                        "in the standard parametrization the best learning rate falls with the width; in the maximal"
                                + " update parametrization it stays (Yang, Hu and others 2022).")
                .isTrue(
                        "with Adam, a network of two hidden ReLU layers needs a rate lower by about an octave, a factor"
                                + " of two, for every doubling of its width. With muP's factors (variance of the last"
                                + " weights times b/n, rates of all but the first weights times b/n, b the base width)"
                                + " the best rate moves by at most one octave.",
                        "A step of Adam moves every weight by about the rate r, in the direction of its inputs'"
                                + " correlation.",
                        "So z = a W of n inputs moves by r n, which is the same at all widths if r falls as 1/n.");
    }

    @Override
    public void measure(Experiment e) {
        int base = e.choose(64, 32);
        int wide = e.choose(1024, 256);
        Repetitions nets = e.times(1, 1);
        start(e, base, wide);
        Chart chart = Chart.of(
                "Loss after 60 steps of Adam, by learning rate",
                "The standard parametrization's curve moves to lower rates at the greater width; muP's keeps its"
                        + " place.",
                Axis.log("learning rate"),
                Axis.log("mean squared error"));
        double[] rates = new double[HIGH - LOW + 1];
        Arrays.setAll(rates, i -> Math.scalb(1.0, LOW + i));
        double[] narrow = losses(e, nets, base, base, false, rates);
        double[] standard = losses(e, nets, base, wide, false, rates);
        double[] maximal = losses(e, nets, base, wide, true, rates);
        // Rates that fall as 1/n shift by log2(wide / base) octaves: 4 in a full run, 3 in a quick one. Half of that,
        // on a grid of octaves, is accepted, 2 and 1.5; the curves are flat at their lowest, to an octave.
        double predicted = StrictMath.log((double) wide / base) / StrictMath.log(2);
        e.value("standard: octaves down", predicted, octave(narrow) - octave(standard))
                .over(Over.WEIGHTS)
                .atLeast(predicted / 2);
        e.value("muP: octaves down", 0, octave(narrow) - octave(maximal))
                .over(Over.WEIGHTS)
                .within(1);
        e.draw(chart.line("width " + base + ", both", rates, narrow)
                .line("width " + wide + ", standard", rates, standard)
                .line("width " + wide + ", muP", rates, maximal));
    }

    /** Measures the size of the first outputs: the same at all widths, or falling with the width. */
    private static void start(Experiment e, int base, int wide) {
        Repetitions nets = e.times(400, 100);
        for (boolean mup : new boolean[] {false, true}) {
            double[] moments = e.sample("start", nets, key -> {
                Tensor x = e.normal(key.child("input"), 1, FEATURES);
                x.scaleInPlace((float) (Math.sqrt(FEATURES) / x.norm()));
                return network(e, base, wide, mup, key).predict(x).secondMoment();
            });
            // A square of a nearly normal number has the relative deviation sqrt(2), 5 % more with 5/n of each ReLU
            // layer.
            double predicted = mup ? (double) base / wide : 1;
            e.sampled((mup ? "muP" : "standard") + ": E f^2 at the start", predicted, moments)
                    .over(Over.WEIGHTS)
                    .within(4 * 1.5 * predicted / Math.sqrt(nets.count()));
        }
    }

    /** Returns the index of the least loss on the grid of octaves. */
    private static int octave(double[] losses) {
        int best = 0;
        for (int i = 1; i < losses.length; i++) {
            best = losses[i] < losses[best] ? i : best;
        }
        return best;
    }

    private static double[] losses(Experiment e, Repetitions nets, int base, int width, boolean mup, double[] rates) {
        return e
                .each(
                        Arrays.stream(rates).boxed().toList(),
                        rate -> Statistics.mean(e.sample("nets", nets, key -> trained(e, base, width, mup, rate, key))))
                .stream()
                .mapToDouble(loss -> loss)
                .toArray();
    }

    private static Network network(Experiment e, int base, int width, boolean mup, Key key) {
        return Network.builder(key.child("weights"))
                .input(FEATURES)
                .layer("first", dense(e, width, mup, MuP.Role.INPUT, base, Init.heNormal(), key))
                .relu()
                .layer("second", dense(e, width, mup, MuP.Role.HIDDEN, base, Init.heNormal(), key))
                .relu()
                .layer("out", dense(e, 1, mup, MuP.Role.OUTPUT, base, Init.lecunNormal(), key))
                .build();
    }

    private static Dense.Config dense(
            Experiment e, int units, boolean mup, MuP.Role role, int base, Initializer scheme, Key key) {
        return Dense.units(units).weight(e.weights(mup ? Init.muP(role, base, scheme) : scheme));
    }

    /** The loss before the last step; infinite if training diverged. */
    private static double trained(Experiment e, int base, int width, boolean mup, double rate, Key key) {
        Tensor x = e.normal(key.child("inputs"), INPUTS, FEATURES);
        Tensor y = Tensor.zeros(INPUTS, 1);
        for (int i = 0; i < INPUTS; i++) {
            y.set((float) (StrictMath.sin(2.0 * x.get(i, 0)) + x.get(i, 1) * x.get(i, 2)), i, 0);
        }
        Network network = network(e, base, width, mup, key);
        Adam adam = Adam.of(rate);
        Optimizer optimizer = mup
                ? ParameterGroups.others(adam)
                        .with(
                                "hidden and output weights",
                                (path, p) -> p.kind() == Parameter.Kind.WEIGHT && !path.startsWith("first."),
                                p -> adam.withRate(rate * base / p.fans().in()))
                : adam;
        Trainer trainer = new Trainer(e.model(network), new MeanSquaredError(), optimizer, key);
        double last = Double.POSITIVE_INFINITY;
        for (int step = 0; step < STEPS; step++) {
            try {
                last = trainer.step(x, y).loss();
            } catch (NonFiniteException diverged) {
                return Double.POSITIVE_INFINITY;
            }
        }
        return last;
    }
}
