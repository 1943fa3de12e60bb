package nn.examples.claims.papers;

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
import nn.examples.numeric.Matrices;
import nn.examples.numeric.Statistics;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.JacobianSpectrum;
import nn.init.theory.MeanField;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/**
 * B7, P6, Pennington, Schoenholz and Ganguli 2017: all singular values of a deep network's Jacobian, not only their
 * mean.
 */
public final class DynamicalIsometry implements Claim {
    private static final int WIDTH = 200;
    private static final int[] DEPTHS = {1, 2, 4};
    private static final int TANH_LAYERS = 20;
    private static final double INPUT_DEVIATION = 0.1;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B7", "P6"),
                        "at criticality the Jacobian's singular values still spread with the depth for Gaussian"
                                + " weights; orthogonal ones keep them near 1 (Pennington, Schoenholz and Ganguli"
                                + " 2017).")
                .isTrue(
                        "for L linear Gaussian layers, the squared singular values have the mean 1, the variance L and"
                                + " the largest value (L + 1)^(L + 1) / L^L; for orthogonal layers, all are 1. With"
                                + " tanh, inputs must be small as well: at a deviation of 0.1, 20 orthogonal layers"
                                + " have a condition number below 2, while the Jacobian of Gaussian ones has no inverse"
                                + " in float32.",
                        "A Gaussian layer W of variance 1/n: E tr (W A W^T)^2 / n = tr A^2 / n + (tr A / n)^2, A = J"
                                + " J^T.",
                        "With (tr A / n) = 1 the second moment grows by 1 in each layer: variance L.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(10, 2);
        Repetitions products = e.times(40, 16);
        Chart chart = Chart.of(
                "Singular values of L linear layers of 200",
                "The 200 singular values for several depths.",
                Axis.linear("number"),
                Axis.log("singular value"));
        MeanField linear = MeanField.ofGain(e.nonlinearity(Nonlinearity.LINEAR), 1);
        for (int depth : DEPTHS) {
            double[] variances = e.sample("products", products, key -> {
                Tensor jacobian = ofLinear(e, Init.lecunNormal(), depth, key);
                double mean = jacobian.secondMoment() * WIDTH;
                return jacobian.matmul(jacobian, Transposed.RIGHT).secondMoment() * WIDTH - mean * mean;
            });
            double variance = JacobianSpectrum.gaussian(linear, 1, depth).variance();
            // The exact mean is L (1 + O(L / n)), up to 3 % above at this width; single draws deviate by up to 6 %.
            e.sampled(String.format(Locale.ROOT, "Gaussian, L = %d: Var s^2", depth), variance, variances)
                    .over(Over.UNITS)
                    .within(0.1 * variance);
            List<double[]> values = e.repeat(
                    "Gaussian", draws, key -> Matrices.singularValues(ofLinear(e, Init.lecunNormal(), depth, key)));
            double[] largest = values.stream().mapToDouble(s -> s[0] * s[0]).toArray();
            double edge = JacobianSpectrum.largestOfGaussianProduct(depth);
            // The mean of 200 x 200 samples is 3 to 12 % below the edge, single ones deviate by 5 % at the most.
            double error = 4 * 0.05 / Math.sqrt(draws.count());
            e.sampled(String.format(Locale.ROOT, "Gaussian, L = %d: largest s^2", depth), edge, largest)
                    .over(Over.WEIGHTS)
                    .between((0.88 - error) * edge, (0.97 + error) * edge);
            chart = chart.line("Gaussian, L = " + depth, Chart.upTo(WIDTH), values.getFirst());
        }
        int deepest = DEPTHS[DEPTHS.length - 1];
        double[] orthogonal = Matrices.singularValues(
                ofLinear(e, Init.orthogonal(), deepest, e.key().child("orthogonal")));
        double worst = Arrays.stream(orthogonal).map(s -> Math.abs(s - 1)).max().orElseThrow();
        e.value("orthogonal, L = 4: max |s - 1|", 0, worst).atMost(1e-5); // some tens of roundings of 6e-8
        String words = "With Gaussian weights the largest square is "
                + Caption.numbers(chart.series().stream()
                        .mapToDouble(s -> s.y()[0] * s.y()[0])
                        .toArray()) + " for L = "
                + Caption.numbers(Arrays.stream(DEPTHS).asDoubleStream().toArray())
                + " and the smallest values fall by orders of magnitude; with orthogonal ones none is further from 1"
                + " than " + Caption.numbers(worst) + ".";
        e.draw(chart.saying(words).line("orthogonal, L = " + deepest, Chart.upTo(WIDTH), orthogonal));
        tanh(e);
    }

    private static void tanh(Experiment e) {
        Repetitions draws = e.times(6, 1);
        List<double[]> orthogonal = e.repeat("tanh", draws, key -> ofTanh(e, Init.orthogonal(), key));
        List<double[]> gaussian = e.repeat("tanh", draws, key -> ofTanh(e, Init.lecunNormal(), key));
        MeanField tanh = MeanField.ofGain(Nonlinearity.TANH, 1);
        double[] lengths = tanh.lengths(INPUT_DEVIATION * INPUT_DEVIATION, TANH_LAYERS - 1);
        double relative = Arrays.stream(lengths)
                .mapToObj(q -> JacobianSpectrum.orthogonal(tanh, q, 1))
                .mapToDouble(s -> s.variance() / (s.mean() * s.mean()))
                .sum();
        double[] spreads = orthogonal.stream()
                .mapToDouble(s -> Math.sqrt(variance(s)) / meanSquare(s))
                .toArray();
        // An input's own length has a relative deviation of sqrt(2 / n) = 0.1 in its square, to which this is
        // proportional at most, and the slopes of a layer, about z^4, one of sqrt(96 / 9 / n) = 0.23, over 20 layers of
        // shrinking weight.
        e.sampled("tanh orthogonal: deviation of s^2", Math.sqrt(relative), spreads)
                .over(Over.UNITS)
                .within(4 * 0.15 * Math.sqrt(relative) / Math.sqrt(draws.count()));
        double[] conditions =
                orthogonal.stream().mapToDouble(DynamicalIsometry::condition).toArray();
        e.sampled("tanh orthogonal: condition", 1.6, conditions)
                .reference()
                .over(Over.WEIGHTS)
                .atMost(2);
        // Beyond 1e7 the smallest value of float32 numbers is rounding error.
        double least = gaussian.stream()
                .mapToDouble(DynamicalIsometry::condition)
                .min()
                .orElseThrow();
        e.value("tanh Gaussian: least condition", Double.NaN, least)
                .over(Over.WEIGHTS)
                .atLeast(1e6);
        e.draw(Chart.of(
                        "Singular values of 20 tanh layers of 200 at a small input",
                        "With orthogonal weights all are close to one another; with Gaussian ones they fall to the"
                                + " rounding of float32.",
                        Axis.linear("number"),
                        Axis.log("singular value / largest"))
                .line("Gaussian", Chart.upTo(WIDTH), relative(gaussian.getFirst()))
                .line("orthogonal", Chart.upTo(WIDTH), relative(orthogonal.getFirst())));
    }

    private static Tensor ofLinear(Experiment e, Initializer weights, int layers, Key key) {
        Tensor jacobian = identity();
        for (int l = 0; l < layers; l++) {
            jacobian = jacobian.matmul(e.weight(weights, WIDTH, WIDTH, key.child(l)));
        }
        return jacobian;
    }

    private static double[] ofTanh(Experiment e, Initializer weights, Key key) {
        Tensor h = e.normal(key.child("input"), 1, WIDTH);
        h.scaleInPlace((float) INPUT_DEVIATION);
        Tensor jacobian = identity();
        for (int l = 0; l < TANH_LAYERS; l++) {
            Tensor w = e.weight(weights, WIDTH, WIDTH, key.child("layers").child(l));
            Tensor z = h.matmul(w);
            jacobian = Matrices.chain(jacobian, w, z, Nonlinearity.TANH);
            h = z.tanh();
        }
        return Matrices.singularValues(jacobian);
    }

    private static Tensor identity() {
        Tensor identity = Tensor.zeros(WIDTH, WIDTH);
        Init.identity().fill(identity, new Fans(WIDTH, WIDTH), Key.of(0));
        return identity;
    }

    private static double meanSquare(double[] values) {
        return Statistics.mean(Arrays.stream(values).map(s -> s * s).toArray());
    }

    /** The variance of the squares. */
    private static double variance(double[] values) {
        double mean = meanSquare(values);
        return Statistics.mean(
                Arrays.stream(values).map(s -> s * s - mean).map(d -> d * d).toArray());
    }

    private static double condition(double[] values) {
        return values[0] / values[values.length - 1];
    }

    /**
     * Divides by the largest value; values below 1e-9 of it are rounding errors and become 0, which the axis leaves
     * out.
     */
    private static double[] relative(double[] values) {
        return Arrays.stream(values)
                .map(s -> s / values[0])
                .map(r -> r < 1e-9 ? 0 : r)
                .toArray();
    }
}
