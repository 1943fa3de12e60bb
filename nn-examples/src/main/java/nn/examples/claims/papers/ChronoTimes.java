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
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Recurrent;
import nn.layers.recurrent.Lstm;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** B19: Tallec and Ollivier on the biases of gates, and how long an LSTM remembers by them. */
public final class ChronoTimes implements Claim {
    private static final int UNITS = 64;
    private static final int LONGEST = 100;
    private static final int STEPS = LONGEST / 2;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B19"),
                        "chrono biases spread the memory of an LSTM's units over all times up to a longest one T"
                                + " (Tallec and Ollivier 2018).")
                .isTrue(
                        "without input, a unit with the bias ln u keeps u / (1 + u) of its cell at each step, so it"
                                + " forgets within 1 + u steps. With u uniform in (1, T - 1) that is T / 2 + 1 on"
                                + " average: 51 steps for T = 100. The usual bias of 1 gives every unit 3.7 steps.",
                        "sigmoid(ln u) = u / (1 + u) = 1 - 1 / (1 + u), and E u = T / 2.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions layers = e.times(1400, 350);
        double[][] chrono = e.samples("layers", layers, key -> {
            Key choices = key.child("choices");
            return kept(Lstm.units(UNITS)
                    .input(Init.zeros())
                    .recurrent(Init.zeros())
                    .bias("forget", e.biases(Init.chronoKeep(LONGEST, choices)))
                    .bias("input", e.biases(Init.chronoAdmit(LONGEST, choices)))
                    .create(1, key));
        });
        double[][] usual = e.samples(
                "layers",
                new Repetitions(1, 1),
                key -> kept(Lstm.units(UNITS)
                        .input(Init.zeros())
                        .recurrent(Init.zeros())
                        .bias("forget", e.biases(Init.ones()))
                        .create(1, key)));
        // 1 + u has the standard deviation (T - 2) / sqrt(12), 0.55 of the mean: five standard errors of all units.
        double units = (double) UNITS * layers.count();
        double mean = LONGEST / 2.0 + 1;
        e.sampled("chrono: steps until forgotten", mean, chrono[0])
                .over(Over.UNITS)
                .within(5 * (LONGEST - 2) / Math.sqrt(12 * units));
        // A share of the cell is between 0 and 1, so its standard deviation is at most 0.5.
        e.sampled("chrono: left after T / 2 steps", expectedShare(STEPS), chrono[STEPS])
                .over(Over.UNITS)
                .within(5 * 0.5 / Math.sqrt(units));
        e.value("forget bias 1: steps", 1 + Math.E, usual[0][0])
                .over(Over.UNITS)
                .within(1e-4);
        double[] steps = Chart.upTo(STEPS);
        e.draw(Chart.of(
                        "What is left of a cell without input",
                        "With chrono biases for up to 100 steps, a half of the cell is left after some 25 steps, on"
                                + " average over the units. With a forget bias of 1 nothing is left after 20.",
                        Axis.linear("step"),
                        Axis.linear("share of the cell"))
                .sampled("chrono", steps, Arrays.copyOfRange(chrono, 1, STEPS + 1))
                .prediction(
                        "chrono",
                        steps,
                        Arrays.stream(steps)
                                .map(step -> expectedShare((int) step))
                                .toArray())
                .sampled("forget bias 1", steps, Arrays.copyOfRange(usual, 1, STEPS + 1)));
    }

    /** The mean of 1 / (1 - share kept in the first step), then the share of the cell left after 1, 2, ... steps. */
    private static double[] kept(Lstm lstm) {
        double[] result = new double[STEPS + 1];
        Tensor silence = Tensor.zeros(1, 1, 1);
        Recurrent.State state = Recurrent.State.of(Tensor.zeros(1, UNITS), Tensor.full(1, 1, UNITS));
        for (int step = 1; step <= STEPS; step++) {
            state = lstm.run(silence, state, Context.inference()).lastState().copy();
            Tensor cell = state.part(1);
            result[step] = cell.mean();
            if (step == 1) {
                for (float share : cell.toArray()) {
                    result[0] += 1 / (1 - (double) share) / UNITS;
                }
            }
        }
        return result;
    }

    /** The mean of (u / (1 + u))^steps over u from 1 to T - 1, by the midpoint rule. */
    private static double expectedShare(int steps) {
        int pieces = 10_000;
        double sum = 0;
        for (int i = 0; i < pieces; i++) {
            double u = 1 + (LONGEST - 2) * (i + 0.5) / pieces;
            sum += StrictMath.pow(u / (1 + u), steps);
        }
        return sum / pieces;
    }
}
