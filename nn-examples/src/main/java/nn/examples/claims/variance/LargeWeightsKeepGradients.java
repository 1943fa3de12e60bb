package nn.examples.claims.variance;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Chain;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Tensor;

/** 13: the gradients that saturated units pass back: rarely any, and then too large. */
public final class LargeWeightsKeepGradients implements Claim {
    private static final int WIDTH = 100;
    private static final int INPUTS = 64;
    private static final int LAYERS = 5;
    private static final double DEVIATION = 100;

    @Override
    public Card card() {
        return Card.of(List.of("13"), "with weights from N(0, 100^2) tanh and sigmoid saturate: gradients are zero.")
                .isConditional(
                        "true of most inputs a few layers back, in float32: 1 - tanh^2 rounds to 0 beyond |z| = 9.01,"
                                + " so half of the inputs lose their gradient in each layer, and after five layers"
                                + " 97 % have none. False on average: few units have a noticeable derivative, but the"
                                + " weights multiply the gradients that these pass back, so that the mean square grows"
                                + " 532 times in a tanh layer and 94 times in a sigmoid layer.",
                        "E d^2 grows by chi = n Var(w) E f'(z)^2; E f'^2 = c / sqrt(2 pi q), c = 4/3 (tanh), 1/6"
                                + " (sigmoid).",
                        "tanh: n Var(w) = q = 10^6, chi = 1000 (4/3) / 2.507 = 532. Sigmoid: q = 5 10^5, chi = 94.",
                        "Exactly 0: all 100 units have |z| > 9.01: (1 - 2 x 9.01 / (1000 x 2.507))^100 = 0.49 a"
                                + " layer.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions layers = e.times(1000, 100);
        growth(e, layers, Nonlinearity.TANH, 1);
        growth(
                e,
                layers,
                Nonlinearity.SIGMOID,
                Nonlinearity.SIGMOID.moments(1e6).secondMoment());
        exactZeros(e);
    }

    /** Measures one layer whose inputs have the mean square that they have deep in such a net. */
    private static void growth(Experiment e, Repetitions layers, Nonlinearity f, double inputSquare) {
        double weightSum = WIDTH * DEVIATION * DEVIATION;
        double root = Math.sqrt(2 * Math.PI * weightSum * inputSquare);
        // For large q, E f'^2 and E f'^4 are the integrals of f'^2 and f'^4 times the density of z at 0.
        double square = f.equals(Nonlinearity.TANH) ? 4.0 / 3 : 1.0 / 6;
        double fourth = f.equals(Nonlinearity.TANH) ? 32.0 / 35 : 1.0 / 140;
        double chi = weightSum * square / root;
        double[] factors = e.sample(f.name(), layers, key -> {
            Tensor x = e.normal(key.child("inputs"), INPUTS, WIDTH);
            x.scaleInPlace((float) Math.sqrt(inputSquare));
            Chain chain = Chain.forward(e, x, Init.normal(DEVIATION), f, key.child("weights"), WIDTH);
            return chain.backward(e.normal(key.child("gradient"), INPUTS, WIDTH))
                    .factor();
        });
        // (f' d)^2 of one unit has the relative second moment 3 E f'^4 / (E f'^2)^2: one unit in some thousand counts.
        // Four standard errors.
        double second = 3 * fourth / (square * square) * root;
        e.sampled(f.name() + ": E d^2, growth in a layer", chi, factors)
                .over(Over.WEIGHTS)
                .within(4 * chi * Math.sqrt(second / ((double) layers.count() * INPUTS * WIDTH)));
    }

    /** Counts the gradients that are 0 in every component, backward through five tanh layers. */
    private static void exactZeros(Experiment e) {
        Repetitions nets = e.times(100, 20);
        double[][] zeros = e.samples("zeros", nets, key -> {
            Chain chain = Chain.forward(
                    e,
                    e.normal(key.child("inputs"), INPUTS, WIDTH),
                    Init.normal(DEVIATION),
                    Nonlinearity.TANH,
                    key.child("weights"),
                    Chain.square(LAYERS, WIDTH));
            List<Tensor> back = chain.backward(e.normal(key.child("gradient"), INPUTS, WIDTH))
                    .gradients();
            return back.reversed().stream()
                    .skip(1)
                    .mapToDouble(LargeWeightsKeepGradients::zeroRows)
                    .toArray();
        });
        double unit = 1 - 2 * saturation() / (Math.sqrt(2 * Math.PI * WIDTH) * DEVIATION);
        double layer = StrictMath.pow(unit, WIDTH);
        double[] predicted = new double[LAYERS];
        Arrays.setAll(predicted, back -> 1 - StrictMath.pow(1 - layer, back + 1));
        for (int back : new int[] {1, LAYERS}) {
            double p = predicted[back - 1];
            // Four standard errors of a proportion, and 1/(2 n) for units that share their inputs' norm.
            e.sampled(String.format(Locale.ROOT, "share of 0 gradients, %d back", back), p, zeros[back - 1])
                    .over(Over.WEIGHTS)
                    .within(4 * Math.sqrt(p * (1 - p) / ((double) nets.count() * INPUTS)) + 0.5 / WIDTH);
        }
        e.draw(Chart.of(
                        "Inputs whose gradient is exactly 0, tanh with weights from N(0, 100^2)",
                        Caption.meanPercent(zeros[0]) + " of the inputs lose their gradient in the first layer passed;"
                                + " after five layers " + Caption.meanPercent(zeros[LAYERS - 1]) + " have none.",
                        Axis.linear("layers passed backwards"),
                        Axis.linear("share of the inputs"))
                .sampled("measured, float32", Chart.upTo(LAYERS), zeros)
                .prediction("theory", "measured, float32", Chart.upTo(LAYERS), predicted));
    }

    private static double zeroRows(Tensor d) {
        double zeros = 0;
        for (int i = 0; i < d.dim(0); i++) {
            zeros += d.row(i).maxAbs() == 0 ? 1 : 0;
        }
        return zeros / d.dim(0);
    }

    /** Returns the value from which tanh in float32 is 1, so that 1 - tanh^2 is 0. */
    private static double saturation() {
        float below = 1;
        float above = 20;
        while (Math.nextUp(below) < above) {
            float middle = (below + above) / 2;
            if (Tensor.of(new float[] {middle}, 1).tanh().get(0) < 1) {
                below = middle;
            } else {
                above = middle;
            }
        }
        return above;
    }
}
