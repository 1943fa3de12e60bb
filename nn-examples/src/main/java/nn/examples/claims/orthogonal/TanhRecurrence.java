package nn.examples.claims.orthogonal;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.chart.Slider;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Matrices;
import nn.examples.numeric.Statistics;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.MeanField;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** O5, O6, 43, 44: the effect of orthogonal weights on a tanh recurrence. */
public final class TanhRecurrence implements Claim {
    private static final int UNITS = 128;
    private static final int STEPS = 50;

    @Override
    public Card card() {
        return Card.of(
                        List.of("O5", "44", "43", "O6"),
                        "in h = tanh(Wh), the norm decays with Xavier weights, and much more slowly with orthogonal"
                                + " ones.")
                .isFalse(
                        "the norm decays alike for both, as 1/sqrt(2t), and ends smaller with orthogonal weights."
                                + " They preserve directions: of the 128 directions of the first state, over 120 still"
                                + " matter after 50 steps, against a dozen with Gaussian weights.",
                        "E|Wh|^2 = |h|^2 for both, and tanh shrinks both alike: q_(t+1) = E[tanh(z)^2] at variance"
                                + " q_t.",
                        "The Jacobian is a product of W's and of slopes near 1: orthogonal W's leave its singular"
                                + " values alike.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(100, 30);
        double[] theory = theory(1);
        double[][] orthogonal = e.samples("orthogonal", draws, key -> lengths(e, Init.orthogonal(), key));
        double[][] gaussian = e.samples("gaussian", draws, key -> lengths(e, Init.lecunNormal(), key));
        // single draws scatter by 0.014 (orthogonal) and 0.03 (Gaussian) at step 10: four and more standard errors
        e.sampled("orthogonal, |h10| / |h0|", theory[9], orthogonal[9])
                .over(Over.WEIGHTS)
                .within(draws.widen(0.014));
        e.sampled("Gaussian, |h10| / |h0|", theory[9], gaussian[9])
                .over(Over.WEIGHTS)
                .within(draws.widen(0.014));
        e.sampled("orthogonal, |h50| / |h0|", theory[49], orthogonal[49])
                .over(Over.WEIGHTS)
                .within(draws.widen(0.005));
        e.sampled("Gaussian, |h50| / |h0|", 0.176, gaussian[49])
                .reference()
                .over(Over.WEIGHTS)
                .atLeast(0.12);
        Repetitions jacobians = e.times(40, 6);
        List<double[]> kept = e.repeat("orthogonal", jacobians, key -> spectrum(e, Init.orthogonal(), key));
        List<double[]> lost = e.repeat("gaussian", jacobians, key -> spectrum(e, Init.lecunNormal(), key));
        e.value(
                        "orthogonal: least directions left",
                        124,
                        kept.stream().mapToLong(TanhRecurrence::left).min().orElse(0))
                .reference()
                .over(Over.WEIGHTS)
                .atLeast(110);
        e.value(
                        "Gaussian: most directions left",
                        12,
                        lost.stream().mapToLong(TanhRecurrence::left).max().orElse(0))
                .reference()
                .over(Over.WEIGHTS)
                .atMost(45);
        double[] steps = Chart.upTo(STEPS);
        e.draw(Chart.of(
                        "The length of a state under h <- tanh(h W)",
                        "After 50 steps " + Caption.percent(Statistics.mean(orthogonal[STEPS - 1]))
                                + " of the length is left with orthogonal weights and "
                                + Caption.percent(Statistics.mean(gaussian[STEPS - 1]))
                                + " with Gaussian ones, which scatter; theory says "
                                + Caption.percent(theory[STEPS - 1]) + ", near 1/sqrt(2 t).",
                        Axis.log("step"),
                        Axis.log("|h_t| / |h_0|"))
                .sampled("Gaussian", steps, gaussian)
                .sampled("orthogonal", steps, orthogonal)
                .prediction("theory, for both", steps, theory)
                .slider(Slider.of(
                        "gain n Var(w)",
                        "|h_t| / |h_0| at step " + STEPS,
                        Slider.positions(0.5, 2, 0.05),
                        1,
                        steps,
                        TanhRecurrence::theory)));
        double[] numbers = Chart.upTo(UNITS);
        e.draw(Chart.of(
                        "Singular values of the Jacobian over 50 steps",
                        "With orthogonal"
                                + " weights"
                                + " " + left(kept.getFirst()) + " of 128 are within a factor of 100"
                                + " of the"
                                + " largest;"
                                + " with"
                                + " Gaussian"
                                + " ones"
                                + " " + left(lost.getFirst()) + ".",
                        Axis.linear("number"),
                        Axis.log("singular value / largest"))
                .line("orthogonal", numbers, relative(kept.getFirst()))
                .line("Gaussian", numbers, relative(lost.getFirst())));
    }

    /** Relative length of the state after each step; the variance is that of the weights times the width. */
    private static double[] theory(double weightVariance) {
        return Arrays.stream(new MeanField(Nonlinearity.TANH, weightVariance, 0).lengths(weightVariance, STEPS))
                .skip(1)
                .map(q -> Math.sqrt(q / weightVariance))
                .toArray();
    }

    private static double[] lengths(Experiment e, Initializer weights, Key key) {
        Tensor w = e.weight(weights, UNITS, UNITS, key.child("weight"));
        Tensor h = e.normal(key.child("state"), 1, UNITS);
        double start = h.norm();
        double[] ratios = new double[STEPS];
        for (int t = 0; t < STEPS; t++) {
            h = h.matmul(w).tanh();
            ratios[t] = h.norm() / start;
        }
        return ratios;
    }

    private static double[] spectrum(Experiment e, Initializer weights, Key key) {
        Tensor w = e.weight(weights, UNITS, UNITS, key.child("weight"));
        Tensor h = e.normal(key.child("state"), 1, UNITS);
        Tensor jacobian = Tensor.zeros(UNITS, UNITS);
        Init.identity().fill(jacobian, new Fans(UNITS, UNITS), key);
        for (int t = 0; t < STEPS; t++) {
            Tensor z = h.matmul(w);
            jacobian = Matrices.chain(jacobian, w, z, Nonlinearity.TANH);
            h = z.tanh();
        }
        return Matrices.singularValues(jacobian);
    }

    private static long left(double[] values) {
        return Arrays.stream(values).filter(s -> s > values[0] / 100).count();
    }

    /**
     * Divides by the largest value; values below 1e-12 of it are rounding errors and become 0, which the axis leaves
     * out.
     */
    private static double[] relative(double[] values) {
        return Arrays.stream(values)
                .map(s -> s / values[0])
                .map(r -> r < 1e-12 ? 0 : r)
                .toArray();
    }
}
