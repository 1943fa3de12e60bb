package nn.examples.claims.papers;

import java.util.ArrayList;
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
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.linalg.SingularValues;

/** B1, Glorot and Bengio 2010: the singular values of one layer's Jacobian. */
public final class JacobianOfALayer implements Claim {
    private static final int LAYERS = 3;

    /** Mean singular values of layers 1 to 3 in one float64 experiment with 1000 units. */
    private static final double[] STANDARD = {0.384, 0.461, 0.479};

    private static final double[] NORMALIZED = {0.529, 0.666, 0.716};

    /** The usual scheme before 2010: variance 1/(3 n). */
    private static final Initializer USUAL = (out, fans, key) ->
            key.uniform(out, (float) (-1 / Math.sqrt(fans.in())), (float) (1 / Math.sqrt(fans.in())));

    @Override
    public Card card() {
        return Card.of(
                        List.of("B1"),
                        "the singular values of a layer's Jacobian are about 0.5 on average from U(-1/sqrt(n),"
                                + " 1/sqrt(n)), and about 0.8 from normalized initialization (Glorot and Bengio 2010).")
                .isConditional(
                        "these are the mean singular values of the weights themselves, 0.490 and 0.849, which the"
                                + " Jacobian of tanh has where signals are small. For inputs of variance 1 the first"
                                + " tanh layers have less: 0.38 to 0.48, and 0.53 to 0.72, rising with depth as signals"
                                + " shrink.",
                        "A square random matrix of variance 1/n has singular values in a quarter circle, mean 8/(3"
                                + " pi).",
                        "U(+-1/sqrt(n)) has variance 1/(3 n): 8/(3 pi sqrt(3)) = 0.490.",
                        "Layer l has E s^2 = n Var(w) E f'(z)^2 with z ~ N(0, q_l).");
    }

    @Override
    public void measure(Experiment e) {
        int width = e.choose(200, 100);
        Repetitions nets = e.times(4, 2);
        double[] places = Chart.upTo(LAYERS);
        Chart chart = Chart.of(
                "Mean singular value of the Jacobian of a tanh layer",
                "The mean singular value by layer for both initializations.",
                Axis.linear("layer"),
                Axis.linear("mean singular value"));
        List<String> words = new ArrayList<>();
        for (boolean normalized : new boolean[] {true, false}) {
            String name = normalized ? "normalized" : "U(1/sqrt n)";
            Initializer weights = normalized ? Init.xavierUniform() : USUAL;
            double weightSum = normalized ? 1 : 1.0 / 3;
            double[][] values = e.samples(name, nets, key -> means(e, weights, width, key));
            double circle = 8 / (3 * Math.PI) * Math.sqrt(weightSum);
            // The mean over the spectrum of one matrix scatters by 1/n only, and the limit is off by as much.
            e.sampled(name + ": W", circle, values[LAYERS]).over(Over.WEIGHTS).within(circle * 2 / width);
            double square = weightSum * Nonlinearity.TANH.moments(weightSum).slopeSecondMoment();
            // f'^2 of the n units has a relative deviation below 1. Four standard errors.
            double relative = 4 / Math.sqrt((double) width * nets.count());
            e.sampled(name + ": mean s^2, layer 1", square, values[LAYERS + 1])
                    .over(Over.WEIGHTS)
                    .within(square * relative);
            double[] reference = normalized ? NORMALIZED : STANDARD;
            for (int l = 0; l < LAYERS; l++) {
                // s is a root: half the relative deviation. The reference is one net of 1000 units, four errors of its
                // own.
                double own = 4 / Math.sqrt(1000) / 2;
                e.sampled(String.format(Locale.ROOT, "%s: mean s, layer %d", name, l + 1), reference[l], values[l])
                        .reference()
                        .over(Over.WEIGHTS)
                        .within(reference[l] * StrictMath.hypot(relative / 2, own));
            }
            words.add("with " + (normalized ? "normalized weights" : "the usual ones") + " from "
                    + Caption.mean(values[0]) + " to " + Caption.mean(values[LAYERS - 1]));
            chart = chart.sampled(name, places, Arrays.copyOf(values, LAYERS));
        }
        e.draw(chart.saying("Over three layers it rises " + String.join(", ", words) + "."));
    }

    /** Mean s of layers 1 to 3, mean s of the first weight, mean s^2 of layer 1. */
    private static double[] means(Experiment e, Initializer weights, int width, Key key) {
        Tensor x = e.normal(key.child("input"), 1, width);
        x.scaleInPlace((float) (1 / Math.sqrt(x.secondMoment())));
        Chain chain =
                Chain.forward(e, x, weights, Nonlinearity.TANH, key.child("weights"), Chain.square(LAYERS, width));
        double[] result = new double[LAYERS + 2];
        for (int l = 1; l <= LAYERS; l++) {
            double[] values = SingularValues.of(jacobian(chain, l));
            result[l - 1] = Arrays.stream(values).average().orElseThrow();
            if (l == 1) {
                result[LAYERS + 1] =
                        Arrays.stream(values).map(s -> s * s).average().orElseThrow();
            }
        }
        result[LAYERS] =
                Arrays.stream(SingularValues.of(chain.weight(1))).average().orElseThrow();
        return result;
    }

    /** The derivative of a layer's activations by its inputs: W with column u times f'(z_u) = 1 - a_u^2. */
    private static Tensor jacobian(Chain chain, int layer) {
        Tensor a = chain.a(layer);
        Tensor slopes = Tensor.zeros(chain.weight(layer).shape());
        slopes.fillRows(a.map(v -> 1 - v * v).reshape(a.size()));
        return chain.weight(layer).multiply(slopes);
    }
}
