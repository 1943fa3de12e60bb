package nn.examples.claims.orthogonal;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/**
 * O3, 33b, 48: many layers of orthogonal weights preserve the norm of every gradient; Gaussian ones preserve only its
 * mean square.
 */
public final class DeepLinearIsometry implements Claim {
    private static final int WIDTH = 64;
    private static final int LAYERS = 30;
    private static final int DEEP_WIDTH = 128;
    private static final int DEEP_LAYERS = 50;

    @Override
    public Card card() {
        return Card.of(
                        List.of("O3", "33b", "48"),
                        "through orthogonal layers the norm of the gradient stays exactly the same; with"
                                + " independent weights deviations accumulate.")
                .isTrue(
                        "true up to float32 rounding over 30 layers. Gaussian weights of variance 1/n lose or gain"
                                + " a factor of two in single networks: the logarithm of the squared length has the"
                                + " variance 2 L / n.",
                        "|W^T d|^2 = d^T W W^T d = d^T d. Each Gaussian layer multiplies the square by a"
                                + " chi-square of n over n.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(400, 80);
        double[] orthogonal = e.sample("orthogonal", e.times(20, 6), key -> last(gradient(e, Init.orthogonal(), key)));
        double worst = Arrays.stream(orthogonal).map(r -> Math.abs(r - 1)).max().orElseThrow();
        e.value("orthogonal: largest |ratio - 1|", 0, worst).atMost(1e-5);
        double[][] gaussian = e.samples("gaussian", nets, key -> gradient(e, Init.lecunNormal(), key));
        double[] ends = gaussian[LAYERS - 1];
        // quantiles of 80 nets; exp of a normal variable of variance L / (2 n) and mean -L / (2 n)
        double mean = -LAYERS / (2.0 * WIDTH);
        double deviation = Math.sqrt(LAYERS / (2.0 * WIDTH));
        e.value("Gaussian: 5 % quantile", StrictMath.exp(mean - 1.645 * deviation), Statistics.quantile(0.05, ends))
                .over(Over.WEIGHTS)
                .between(0.25, 0.6);
        e.value("Gaussian: 95 % quantile", StrictMath.exp(mean + 1.645 * deviation), Statistics.quantile(0.95, ends))
                .over(Over.WEIGHTS)
                .between(1.05, 2.2);
        double[] logs = e.sample("deep", nets, key -> deepLog(e, key));
        double variance = 2.0 * DEEP_LAYERS / DEEP_WIDTH;
        double spread = Statistics.deviation(logs);
        e.value("Var ln |h|^2, 50 layers of 128", variance, spread * spread)
                .over(Over.WEIGHTS)
                .within(5 * variance * Math.sqrt(2.0 / nets.count()));
        e.sampled("E ln |h|^2", -variance / 2, logs).over(Over.WEIGHTS).within(5 * Math.sqrt(variance / nets.count()));
        double[] layers = Chart.upTo(LAYERS);
        double[] one = new double[LAYERS];
        Arrays.fill(one, 1);
        e.draw(Chart.of(
                        "Norm of the gradient through 30 linear layers of 64 units",
                        "With orthogonal weights it is 1 throughout; with Gaussian ones nine of ten networks lie"
                                + " between "
                                + Caption.number(Statistics.quantile(0.05, ends)) + " and "
                                + Caption.number(Statistics.quantile(0.95, ends)) + " at the end.",
                        Axis.linear("layers back from the output"),
                        Axis.log("|d_l| / |d_L|"))
                .sampled("Gaussian", layers, gaussian)
                .line(
                        "orthogonal",
                        layers,
                        gradient(e, Init.orthogonal(), e.key().child("drawn")))
                .prediction("orthogonal", layers, one));
    }

    private static double last(double[] ratios) {
        return ratios[ratios.length - 1];
    }

    private static double[] gradient(Experiment e, Initializer weights, Key key) {
        Tensor d = e.normal(key.child("gradient"), 1, WIDTH);
        double start = d.norm();
        double[] ratios = new double[LAYERS];
        for (int l = 0; l < LAYERS; l++) {
            d = d.matmul(e.weight(weights, WIDTH, WIDTH, key.child(l)), Transposed.RIGHT);
            ratios[l] = d.norm() / start;
        }
        return ratios;
    }

    private static double deepLog(Experiment e, Key key) {
        Tensor h = e.normal(key.child("inputs"), 1, DEEP_WIDTH);
        double start = h.norm();
        for (int l = 0; l < DEEP_LAYERS; l++) {
            h = h.matmul(e.weight(Init.lecunNormal(), DEEP_WIDTH, DEEP_WIDTH, key.child(l)));
        }
        return 2 * StrictMath.log(h.norm() / start);
    }
}
