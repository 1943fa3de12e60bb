package nn.examples.claims.orthogonal;

import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Matrices;
import nn.init.Init;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/** O2, 29, 30, 32: the lengths that an orthogonal matrix preserves if it is not square. */
public final class Rectangles implements Claim {
    private static final int WIDE = 512;
    private static final int NARROW = 256;
    private static final int INPUTS = 64;

    @Override
    public Card card() {
        return Card.of(
                        List.of("O2", "29", "30", "32"),
                        "orthogonal weights keep |Wx| = |x|, with perfect preservation of the variance forwards and"
                                + " backwards, rectangular ones too.")
                .isConditional(
                        "true of square ones. From 256 to 512 units the length is preserved, so the variance of"
                                + " one unit is halved, and the gradient keeps half of its squared length; from 512 to"
                                + " 256 units it is the other way round. The factor U V^T of the thin singular value"
                                + " decomposition has the same distribution as Q of the longer side's QR"
                                + " factorization.",
                        "A matrix with more columns than rows cannot have W^T W = I: its rank is that of the"
                                + " shorter side.",
                        "E|Wx|^2 = |x|^2 (units/inputs) there, because W projects onto a random subspace.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(12, 3);
        double[][] up = e.samples("up", draws, key -> ratios(e, NARROW, WIDE, key));
        double[][] down = e.samples("down", draws, key -> ratios(e, WIDE, NARROW, key));
        report(e, "256 to 512", up, new double[] {0.5, 1, 0.5}, new double[] {1e-4, 1e-4, 0.01});
        report(e, "512 to 256", down, new double[] {1, 0.5, 1}, new double[] {0.02, 0.01, 1e-4});
        double[] values = Matrices.singularValues(
                e.weight(Init.orthogonal(), NARROW, WIDE, e.key().child("drawn")));
        double[] gaussian = Matrices.singularValues(
                e.weight(Init.lecunNormal(), NARROW, WIDE, e.key().child("drawn")));
        e.value("singular values: largest", 1, values[0]).within(1e-5);
        e.value("singular values: smallest", 1, values[NARROW - 1]).within(1e-5);
        double[] places = Chart.upTo(NARROW);
        e.draw(Chart.of(
                        "Singular values of a weight from 256 to 512 units",
                        "All 256 are 1 if it is orthogonal; those of a Gaussian one fall from "
                                + Caption.number(gaussian[0])
                                + " to " + Caption.number(gaussian[NARROW - 1]) + ".",
                        Axis.linear("number"),
                        Axis.linear("singular value"))
                .line("orthogonal", places, values)
                .line("Gaussian", places, gaussian));
    }

    /** A length that is preserved only on average varies by sqrt(2/512) for each of 64 inputs and 3 draws: 0.4 %. */
    private static void report(Experiment e, String what, double[][] measured, double[] theory, double[] tolerance) {
        String[] names = {"variance of a unit", "|y|^2 / |x|^2", "|dx|^2 / |dy|^2"};
        for (int i = 0; i < names.length; i++) {
            e.sampled(what + ": " + names[i], theory[i], measured[i])
                    .over(i == 0 ? Over.UNITS : Over.WEIGHTS)
                    .within(tolerance[i]);
        }
    }

    private static double[] ratios(Experiment e, int inputs, int units, Key key) {
        Tensor w = e.weight(Init.orthogonal(), inputs, units, key.child("weight"));
        Tensor x = e.normal(key.child("inputs"), INPUTS, inputs);
        Tensor dy = e.normal(key.child("gradient"), INPUTS, units);
        Tensor y = x.matmul(w);
        Tensor dx = dy.matmul(w, Transposed.RIGHT);
        return new double[] {y.secondMoment() / x.secondMoment(), y.dot(y) / x.dot(x), dx.dot(dx) / dy.dot(dy)};
    }
}
