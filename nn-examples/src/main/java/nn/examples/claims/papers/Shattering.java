package nn.examples.claims.papers;

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
import nn.init.LooksLinear;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/** B11: Balduzzi and others on gradients that shatter with depth, and the scheme that looks linear. */
public final class Shattering implements Claim {
    private static final int WIDTH = 200;
    private static final int POINTS = 256;
    private static final double REACH = 2;
    private static final int LAG = 15;
    private static final int LOOKS_LINEAR_LAYERS = 20;
    private static final int LOOKS_LINEAR_WIDTH = 64;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B11"),
                        "the gradients of deep ReLU networks at neighbouring inputs look like white noise; skip"
                                + " connections prevent it, and so does an initialization that looks linear (Balduzzi"
                                + " and others 2017).")
                .isTrue(
                        "the correlation of the gradients of two inputs 15 steps apart falls from 0.7 with one layer to"
                                + " 0.1 with 50, and stays near 0.9 with skip connections. A network of mirrored"
                                + " weights is a linear map up to rounding.",
                        "With W = (B, -B) above (-B, B): relu(z) - relu(-z) = z, so the layers multiply up to one"
                                + " matrix.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(60, 16);
        int[] depths = {1, 10, 25, 50};
        double[] plain = new double[depths.length];
        double[] skip = new double[depths.length];
        double[][] samples = new double[depths.length][];
        for (int i = 0; i < depths.length; i++) {
            int depth = depths[i];
            samples[i] = e.sample("nets", nets, key -> correlation(gradients(e, depth, false, key)));
            plain[i] = Statistics.mean(samples[i]);
            skip[i] = Statistics.mean(e.sample("nets", nets, key -> correlation(gradients(e, depth, true, key))));
        }
        // single networks have a deviation of 0.3, the mean of 16 of a quick run then 0.075; four of those lie between
        e.sampled("correlation at lag 15, 1 layer", Double.NaN, samples[0])
                .over(Over.WEIGHTS)
                .atLeast(0.4);
        e.sampled("correlation at lag 15, 50 layers", Double.NaN, samples[3])
                .over(Over.WEIGHTS)
                .atMost(0.45);
        e.value("fall from 1 layer to 50", Double.NaN, plain[0] - plain[3])
                .over(Over.WEIGHTS)
                .atLeast(0.2);
        e.value("50 layers with skip connections", Double.NaN, skip[3])
                .over(Over.WEIGHTS)
                .atLeast(0.7);
        e.value("looks linear: |f(x+y)-f(x)-f(y)|", 0, looksLinear(e)).atMost(1e-4);
        double[] places = Arrays.stream(depths).asDoubleStream().toArray();
        e.draw(Chart.of(
                        "Correlation of the gradients at neighbouring inputs",
                        "From 1 layer to 50, the correlation over 15 of 256 steps goes from " + Caption.number(plain[0])
                                + " to " + Caption.number(plain[3]) + " in plain ReLU networks, and from "
                                + Caption.number(skip[0]) + " to " + Caption.number(skip[3])
                                + " with skip connections.",
                        Axis.linear("layers"),
                        Axis.linear("correlation of gradients, over inputs"))
                .line("plain", places, plain)
                .line("skip connections", places, skip));
        Key drawn = e.key().child("drawn");
        double[] x = grid();
        e.draw(Chart.of(
                        "The gradient of a network of one input",
                        "With one layer it is a staircase, with 50 layers noise, with 50 layers and skip connections a"
                                + " staircase again.",
                        Axis.linear("input"),
                        Axis.linear("gradient, in deviations"))
                .line("1 layer", x, standardized(gradients(e, 1, false, drawn)))
                .line("50 layers", x, standardized(gradients(e, 50, false, drawn)))
                .line("50 layers, skip connections", x, standardized(gradients(e, 50, true, drawn))));
    }

    private static double[] grid() {
        return Arrays.stream(Chart.upTo(POINTS))
                .map(i -> REACH * (2 * (i - 1) / (POINTS - 1) - 1))
                .toArray();
    }

    /** df/dx at each point of the grid, for one random output f. Weights He, biases N(0, 1), then N(0, 1/4). */
    private static double[] gradients(Experiment e, int depth, boolean skip, Key key) {
        Tensor a = Tensor.zeros(POINTS, 1);
        Tensor tangent = Tensor.full(1, POINTS, 1);
        double[] x = grid();
        for (int i = 0; i < POINTS; i++) {
            a.set((float) x[i], i, 0);
        }
        for (int l = 0; l < depth; l++) {
            Key own = key.child(l);
            Tensor w = e.weight(Init.heNormal(), a.dim(1), WIDTH, own.child("weight"));
            Tensor z = Tensor.zeros(POINTS, WIDTH);
            z.fillRows(e.bias(Init.normal(l == 0 ? 1 : 0.5), a.dim(1), WIDTH, own.child("bias")));
            a.matmulAddInto(w, Transposed.NONE, z);
            Tensor dz = tangent.matmul(w);
            Tensor da = Tensor.zeros(POINTS, WIDTH);
            z.reluGradInto(dz, da);
            Tensor next = z.relu();
            if (skip && l > 0) {
                next.addInPlace(a);
                next.scaleInPlace((float) Math.sqrt(0.5));
                da.addInPlace(tangent);
                da.scaleInPlace((float) Math.sqrt(0.5));
            }
            a = next;
            tangent = da;
        }
        Tensor out = tangent.matmul(e.weight(Init.lecunNormal(), WIDTH, 1, key.child("out")));
        double[] gradients = new double[POINTS];
        for (int i = 0; i < POINTS; i++) {
            gradients[i] = out.get(i, 0);
        }
        return gradients;
    }

    private static double[] standardized(double[] g) {
        double mean = Statistics.mean(g);
        double deviation = Statistics.deviation(g);
        return Arrays.stream(g).map(v -> (v - mean) / deviation).toArray();
    }

    private static double correlation(double[] gradients) {
        double[] g = standardized(gradients);
        double sum = 0;
        for (int i = LAG; i < POINTS; i++) {
            sum += g[i] * g[i - LAG];
        }
        return sum / (POINTS - 1);
    }

    /** Deviation of a network of 20 CReLU layers from additivity, relative to the size of its output. */
    private static double looksLinear(Experiment e) {
        Tensor x = e.normal(e.key().child("x"), 8, LOOKS_LINEAR_WIDTH);
        Tensor y = e.normal(e.key().child("y"), 8, LOOKS_LINEAR_WIDTH);
        Tensor both = mirrored(e, x.add(y));
        return both.subtract(mirrored(e, x)).subtract(mirrored(e, y)).maxAbs() / both.maxAbs();
    }

    private static Tensor mirrored(Experiment e, Tensor x) {
        int n = LOOKS_LINEAR_WIDTH;
        Tensor z = x;
        for (int l = 0; l < LOOKS_LINEAR_LAYERS; l++) {
            Tensor pair = Tensor.zeros(x.dim(0), 2 * n);
            for (int i = 0; i < x.dim(0); i++) {
                for (int j = 0; j < n; j++) {
                    pair.set(Math.max(z.get(i, j), 0), i, j);
                    pair.set(Math.max(-z.get(i, j), 0), i, n + j);
                }
            }
            Initializer mirror = Init.looksLinear(LooksLinear.Mirror.INPUTS);
            z = pair.matmul(e.weight(mirror, 2 * n, n, e.key().child("layer").child(l)));
        }
        return z;
    }
}
