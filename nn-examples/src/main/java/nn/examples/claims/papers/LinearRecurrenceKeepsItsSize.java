package nn.examples.claims.papers;

import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.layers.Context;
import nn.layers.Recurrent;
import nn.layers.recurrent.LinearRecurrence;
import nn.layers.recurrent.Ring;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** B20: Orvieto and others on the normalization of linear recurrences. */
public final class LinearRecurrenceKeepsItsSize implements Claim {
    private static final int FEATURES = 32;
    private static final int STATES = 128;
    private static final int BATCH = 16;
    private static final int CHUNK = 500; // steps
    private static final double INNER = 0.9;
    private static final double OUTER = 0.999;

    /** The default of the layer. */
    private static final Initializer INPUT = new VarianceScaling(Math.sqrt(0.5), Fan.IN, Distribution.NORMAL);

    @Override
    public Card card() {
        return Card.of(
                        List.of("B20"),
                        "a linear recurrence with the input factor sqrt(1 - |lambda|^2) keeps its states at size 1 over"
                                + " thousands of steps (Orvieto and others 2023).")
                .isTrue(
                        "with white inputs E|h_T|^2 = 1 - |lambda|^(2 T): below 1 while the sequence is shorter than"
                                + " the memory, and 1 from then on, at 10,000 steps as at 3,000. Without the factor a"
                                + " state with |lambda| = 0.999 would grow to 1 / (1 - |lambda|^2) = 500.",
                        "E|h_T|^2 = gamma^2 (1 + |lambda|^2 + ... + |lambda|^(2 T - 2)), and |lambda|^2 is uniform on"
                                + " the ring.");
    }

    @Override
    public void measure(Experiment e) {
        int[] times = {10, 100, 1000, e.choose(10_000, 4000)};
        Repetitions layers = e.times(48, 4);
        double[][] sizes = e.samples("layers", layers, key -> sizes(e, times, key));
        double[] places = new double[times.length];
        double[] expected = new double[times.length];
        for (int i = 0; i < times.length; i++) {
            places[i] = times[i];
            expected[i] = expected(times[i]);
            // Over 128 states of 16 sequences |h|^2 scatters by 0.0275 in one layer: sqrt(2 / 128 / 16) from the
            // sequences, as a state is at least half as many independent numbers as it has parts, and sqrt(1 / 32 /
            // 128)
            // from the columns of B. 0.02 is five standard errors of 48 layers.
            e.sampled("E|h|^2 / expected, T = " + times[i], 1, over(sizes[i], expected[i]))
                    .over(Over.WEIGHTS)
                    .within(layers.widen(0.02));
        }
        e.draw(Chart.of(
                        "Size of the states by the length of the sequence",
                        "It rises to 1 as the sequence becomes longer than the memory, and stays there.",
                        Axis.log("steps"),
                        Axis.linear("E|h|^2"))
                .sampled("measured", places, sizes)
                .prediction("measured", places, expected));
    }

    private static double[] over(double[] values, double by) {
        double[] shares = new double[values.length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = values[i] / by;
        }
        return shares;
    }

    /** The mean of 1 - s^T over s = |lambda|^2, uniform between the squares of the radii. */
    private static double expected(int time) {
        double a = INNER * INNER;
        double b = OUTER * OUTER;
        return 1 - (StrictMath.pow(b, time + 1) - StrictMath.pow(a, time + 1)) / ((time + 1) * (b - a));
    }

    /** The mean of |h|^2 after each number of steps. */
    private static double[] sizes(Experiment e, int[] times, Key key) {
        LinearRecurrence layer = LinearRecurrence.states(STATES)
                .ring(new Ring(INNER, OUTER, 2 * Math.PI))
                .input(e.weights(INPUT))
                .create(FEATURES, key.child("layer"));
        double[] sizes = new double[times.length];
        Recurrent.State state = Recurrent.State.of(Tensor.zeros(BATCH, 2 * STATES));
        int done = 0;
        for (int i = 0; i < times.length; i++) {
            while (done < times[i]) {
                int steps = Math.min(CHUNK, times[i] - done);
                Tensor x = e.normal(key.child("inputs").child(done), steps, BATCH, FEATURES);
                state = layer.run(x, state, Context.inference()).lastState().copy();
                done += steps;
            }
            sizes[i] = 2 * state.part(0).secondMoment(); // a real part and an imaginary one
        }
        return sizes;
    }
}
