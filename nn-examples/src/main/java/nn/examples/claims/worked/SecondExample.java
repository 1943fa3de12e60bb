package nn.examples.claims.worked;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Gain;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.MeanField;
import nn.tensor.Tensor;

/**
 * 39, and example 2 step by step: the variances of z and a of a He network, the text's numbers and the true ones.
 */
public final class SecondExample implements Claim {
    private static final int WIDTH = 100;
    private static final int INPUTS = 64;
    private static final int LAYERS = 3;

    @Override
    public Card card() {
        return Card.of(
                        List.of("39", "40"),
                        "example 2: with He weights and inputs of variance 1, Var z1 = 2 and Var a1 is about 0.6816;"
                                + " then Var z2 = 1.3632 and Var z3 = 0.9290.")
                .isConditional(
                        "the first two numbers are right (0.6817 by rounding), the last two wrong: both are 2."
                                + " The mean of a is 1/sqrt(pi) at every layer and belongs to the second moment that"
                                + " the next layer sees.",
                        "Var a1 = 2 (1/2 - 1/(2 pi)) = 0.6817, and E[a1^2] = Var a1 + (E a1)^2 = 0.6817 + 0.3183 = 1.",
                        "Var z2 = 100 (2/100) E[a1^2] = 2, where the text puts Var a1 in its place: 1.3632.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(200, 50);
        double q = MeanField.ofGain(Nonlinearity.RELU, Gain.he(0)).length(2); // z1 has 2 E x^2 = 2
        Nonlinearity relu = e.nonlinearity(Nonlinearity.RELU);
        double[][] moments = e.samples("nets", nets, key -> {
            Tensor a = e.normal(key.child("inputs"), INPUTS, WIDTH);
            double[] result = new double[3 * LAYERS];
            for (int l = 0; l < LAYERS; l++) {
                Tensor z = a.matmul(e.weight(
                        Init.heNormal(), WIDTH, WIDTH, key.child("layer").child(l)));
                a = z.map(relu::value);
                result[l] = z.secondMoment();
                result[LAYERS + l] = a.mean();
                result[2 * LAYERS + l] = a.secondMoment();
            }
            return result;
        });
        double[] text = {2, 1.3632, 0.9290};
        double[] tolerance = {0.02, 0.04, 0.08}; // as for V2
        for (int l = 0; l < LAYERS; l++) {
            e.sampled(String.format(Locale.ROOT, "Var z%d (the unit: %s)", l + 1, text[l]), q, moments[l])
                    .over(Over.WEIGHTS)
                    .within(nets.widen(tolerance[l]));
        }
        for (int l = 0; l < LAYERS; l++) {
            // From layer 2 on the inputs are alike (c = 0.32, 0.49), so a unit's mean over them varies by 0.4 and that
            // of 100 units by 0.04, and sqrt(E z^2) of the net by as much: 0.06 in a net, five times that over
            // sqrt(200) in all.
            e.sampled("E a" + (l + 1), Math.sqrt(q / (2 * Math.PI)), moments[LAYERS + l])
                    .over(Over.WEIGHTS)
                    .within(nets.widen(l == 0 ? 0.005 : 0.021));
        }
        double[] variance = new double[nets.count()];
        for (int i = 0; i < variance.length; i++) {
            variance[i] = moments[2 * LAYERS][i] - moments[LAYERS][i] * moments[LAYERS][i];
        }
        e.sampled("Var a1 (the unit: 0.6816)", q * (0.5 - 0.5 / Math.PI), variance)
                .over(Over.WEIGHTS)
                .within(nets.widen(0.01));
        double[] layers = Chart.upTo(LAYERS);
        e.draw(Chart.of(
                        "Example 2 by layer",
                        "Measured, Var z is " + Caption.mean(moments[0]) + ", " + Caption.mean(moments[1]) + " and "
                                + Caption.mean(moments[2]) + "; the course unit says " + Caption.numbers(text) + ".",
                        Axis.linear("layer"),
                        Axis.linear("Var z, over weights"))
                .sampled("measured", layers, Arrays.copyOf(moments, LAYERS))
                .points("the course unit", layers, text));
    }
}
