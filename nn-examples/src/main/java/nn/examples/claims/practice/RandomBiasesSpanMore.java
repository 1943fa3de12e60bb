package nn.examples.claims.practice;

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
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** B-1: what a layer of ReLU units can express before training depends on its biases. */
public final class RandomBiasesSpanMore implements Claim {
    private static final int UNITS = 200;
    private static final int POINTS = 401;
    private static final double REACH = 2;

    @Override
    public Card card() {
        return Card.of(List.of("B-1", "49"), "random initial biases are always unnecessary and harmful.")
                .isFalse(
                        "with zero biases, 200 ReLU units of one input give features of rank 2, and their best fit of"
                                + " sin 3x misses by 0.66; with random biases they fit it to 0.001. PyTorch draws"
                                + " biases by default. Large biases do harm, because they saturate tanh.",
                        "Without a bias, relu(w x) is |w| times relu(x) or relu(-x): two functions, however many"
                                + " units.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(20, 5);
        double[] zeroRank =
                e.sample("nets", nets, key -> fit(e, Init.zeros(), key).rank());
        double[] zeroError =
                e.sample("nets", nets, key -> fit(e, Init.zeros(), key).error());
        double[] randomRank =
                e.sample("nets", nets, key -> fit(e, Init.normal(1), key).rank());
        double[] randomError =
                e.sample("nets", nets, key -> fit(e, Init.normal(1), key).error());
        double[] smallError =
                e.sample("nets", nets, key -> fit(e, Init.constant(0.01), key).error());
        double[] oneError =
                e.sample("nets", nets, key -> fit(e, Init.constant(1), key).error());
        e.equal("rank, zero biases: least", 2, Arrays.stream(zeroRank).min().orElseThrow());
        e.equal("rank, zero biases: largest", 2, Arrays.stream(zeroRank).max().orElseThrow());
        // Two slopes, x and |x|, are fitted; sin 3x is odd, so the best is x <x, sin 3x> / <x, x>.
        e.sampled("error of the fit, zero biases", bestLine(), zeroError)
                .over(Over.WEIGHTS)
                .within(1e-6);
        e.sampled("rank, normal biases", 155, randomRank)
                .over(Over.WEIGHTS)
                .reference()
                .atLeast(20);
        e.sampled("error of the fit, normal biases", 0.001, randomError)
                .over(Over.WEIGHTS)
                .reference()
                .atMost(0.02);
        e.sampled("error of the fit, bias 0.01", 0.299, smallError)
                .over(Over.WEIGHTS)
                .reference()
                .between(0.1, 0.45);
        e.sampled("error of the fit, bias 1", 0.0069, oneError)
                .over(Over.WEIGHTS)
                .reference()
                .atMost(0.1);
        Key key = e.key().child("drawn");
        double[] x = grid();
        e.draw(Chart.of(
                        "The best fit of sin 3x by 200 random ReLU units",
                        "With zero biases the best fit is a straight line; with normal biases it cannot be"
                                + " distinguished from sin 3x.",
                        Axis.linear("x"),
                        Axis.linear("y"))
                .prediction("sin 3x", x, target())
                .line("zero biases", x, fit(e, Init.zeros(), key).curve())
                .line("normal biases", x, fit(e, Init.normal(1), key).curve()));
    }

    private record Fit(int rank, double error, double[] curve) {}

    private static double[] grid() {
        return Arrays.stream(Chart.upTo(POINTS))
                .map(i -> REACH * (2 * (i - 1) / (POINTS - 1) - 1))
                .toArray();
    }

    private static double[] target() {
        return Arrays.stream(grid()).map(x -> StrictMath.sin(3 * x)).toArray();
    }

    private static double bestLine() {
        double[] x = grid();
        double[] y = target();
        double slope = dot(x, y) / dot(x, x);
        double[] rest = new double[POINTS];
        for (int i = 0; i < POINTS; i++) {
            rest[i] = y[i] - slope * x[i];
        }
        return rms(rest);
    }

    /** Least squares by orthogonal projection: columns in the order of their new part, each orthogonalized twice. */
    private static Fit fit(Experiment e, Initializer biases, Key key) {
        double[][] rest = features(e, biases, key);
        double largest =
                Arrays.stream(rest).mapToDouble(RandomBiasesSpanMore::rms).max().orElseThrow();
        double[] residual = target();
        int rank = 0;
        while (rank < rest.length) {
            int next = rank;
            for (int j = rank; j < rest.length; j++) {
                next = rms(rest[j]) > rms(rest[next]) ? j : next;
            }
            double[] q = rest[next];
            rest[next] = rest[rank];
            rest[rank] = q;
            for (int done = 0; done < rank; done++) {
                remove(rest[done], q);
            }
            if (rms(q) < 1e-11 * largest) {
                break;
            }
            double norm = Math.sqrt(dot(q, q));
            for (int i = 0; i < POINTS; i++) {
                q[i] /= norm;
            }
            rank++;
            for (int j = rank; j < rest.length; j++) {
                remove(q, rest[j]);
            }
            remove(q, residual);
        }
        double[] curve = target();
        for (int i = 0; i < POINTS; i++) {
            curve[i] -= residual[i];
        }
        return new Fit(rank, rms(residual), curve);
    }

    /** relu(w x + b) over the grid, in double: [unit][point]. */
    private static double[][] features(Experiment e, Initializer biases, Key key) {
        Tensor w = e.weight(Init.heNormal(), 1, UNITS, key.child("weight"));
        Tensor b = e.bias(biases, 1, UNITS, key.child("bias"));
        double[] x = grid();
        double[][] features = new double[UNITS][POINTS];
        for (int j = 0; j < UNITS; j++) {
            for (int i = 0; i < POINTS; i++) {
                features[j][i] = Math.max(0, (double) w.get(0, j) * x[i] + b.get(j));
            }
        }
        return features;
    }

    private static void remove(double[] unit, double[] from) {
        double along = dot(unit, from);
        for (int i = 0; i < from.length; i++) {
            from[i] -= along * unit[i];
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double rms(double[] a) {
        return Math.sqrt(dot(a, a) / a.length);
    }
}
