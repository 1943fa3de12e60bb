package nn.examples.claims.symmetry;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** S5: a layer of equal units is one unit, exactly, at every step of training. */
public final class OneNeuronPerLayer implements Claim {
    private static final int WIDTH = 16;
    private static final int FEATURES = 4;
    private static final int OUTPUTS = 3;
    private static final int EXAMPLES = 24;
    private static final int STEPS = 300;
    private static final double RATE = 0.1;

    @Override
    public Card card() {
        return Card.of(
                        List.of("S5", "7", "47"),
                        "with identical weights the effective capacity is one neuron per layer.")
                .isTrue("16 equal units train exactly as one unit h = tanh((w x + b) / 4) with output 4 v h: w = 4 w1"
                        + " and v = 4 v1 hold at every step. Computed in double, because the question is about real"
                        + " numbers.");
    }

    @Override
    public void measure(Experiment e) {
        double[][] x = normal(e.key().child("inputs"), EXAMPLES, FEATURES);
        double[][] y = normal(e.key().child("targets"), EXAMPLES, OUTPUTS);
        double root = Math.sqrt(WIDTH);
        Initializer constant = Init.constant(0.1);
        Net wide = new Net(
                e.weight(constant, FEATURES, WIDTH, e.key().child("hidden")),
                e.weight(constant, WIDTH, OUTPUTS, e.key().child("out")),
                1);
        double each = 0.1f * root; // rounded to float, as the wide net's weights are
        Net single = Net.constant(each, root);
        double[] places = new double[STEPS];
        double[] differences = new double[STEPS];
        double start = difference(wide, single, x);
        for (int step = 0; step < STEPS; step++) {
            wide.step(x, y);
            single.step(x, y);
            places[step] = step + 1.0;
            differences[step] = difference(wide, single, x);
        }
        double moved = 0;
        double[] before = Net.constant(each, root).output(x[0]);
        double[] after = single.output(x[0]);
        for (int o = 0; o < OUTPUTS; o++) {
            moved = Math.max(moved, Math.abs(after[o] - before[o]));
        }
        // outputs of size 1 in sums of some dozen terms, over 300 steps: rounding stays far below 1e-12
        e.value("difference of outputs, step 0", 0, start).between(0, 1e-12);
        e.value("difference of outputs, step 300", 0, differences[STEPS - 1]).between(0, 1e-12);
        e.value("how far training moved an output", Double.NaN, moved).atLeast(0.1);
        e.draw(Chart.of(
                        "Sixteen equal units compared with one",
                        "Over 300 steps the outputs of the two nets differ by at most "
                                + Caption.number(
                                        Arrays.stream(differences).max().orElseThrow())
                                + ", which is rounding.",
                        Axis.linear("step"),
                        Axis.log("largest difference of outputs"))
                .line("16 units - 1 unit", places, differences));
    }

    private static double difference(Net a, Net b, double[][] x) {
        double most = 0;
        for (double[] example : x) {
            double[] fa = a.output(example);
            double[] fb = b.output(example);
            for (int o = 0; o < OUTPUTS; o++) {
                most = Math.max(most, Math.abs(fa[o] - fb[o]));
            }
        }
        return most;
    }

    private static double[][] normal(Key key, int rows, int columns) {
        double[][] values = new double[rows][columns];
        for (int i = 0; i < rows * columns; i++) {
            values[i / columns][i % columns] = key.normal(i);
        }
        return values;
    }

    /**
     * f = scale * sum of u h + c with h = tanh((W x + b) / scale), trained by SGD on squared error.
     */
    private static final class Net {
        private final int units;
        private final double scale;
        private final double[][] w;
        private final double[] b;
        private final double[][] u;
        private final double[] c = new double[OUTPUTS];

        /** Creates a net from weights [inputs x units] and [units x outputs], with zero biases. */
        Net(Tensor hidden, Tensor out, double scale) {
            this.units = hidden.dim(1);
            this.scale = scale;
            w = new double[units][FEATURES];
            b = new double[units];
            u = new double[units][OUTPUTS];
            for (int i = 0; i < units; i++) {
                for (int k = 0; k < FEATURES; k++) {
                    w[i][k] = hidden.get(k, i);
                }
                for (int o = 0; o < OUTPUTS; o++) {
                    u[i][o] = out.get(i, o);
                }
            }
        }

        /** Creates a net of one unit with equal weights. */
        static Net constant(double weight, double scale) {
            Net net = new Net(Tensor.zeros(FEATURES, 1), Tensor.zeros(1, OUTPUTS), scale);
            Arrays.fill(net.w[0], weight);
            Arrays.fill(net.u[0], weight);
            return net;
        }

        private double hidden(int unit, double[] x) {
            double z = b[unit];
            for (int k = 0; k < FEATURES; k++) {
                z += w[unit][k] * x[k];
            }
            return StrictMath.tanh(z / scale);
        }

        double[] output(double[] x) {
            double[] f = c.clone();
            for (int i = 0; i < units; i++) {
                double h = hidden(i, x);
                for (int o = 0; o < OUTPUTS; o++) {
                    f[o] += scale * u[i][o] * h;
                }
            }
            return f;
        }

        void step(double[][] x, double[][] y) {
            double[][] dw = new double[units][FEATURES];
            double[] db = new double[units];
            double[][] du = new double[units][OUTPUTS];
            double[] dc = new double[OUTPUTS];
            for (int e = 0; e < x.length; e++) {
                double[] df = output(x[e]);
                for (int o = 0; o < OUTPUTS; o++) {
                    df[o] = 2 * (df[o] - y[e][o]) / (x.length * OUTPUTS);
                    dc[o] += df[o];
                }
                for (int i = 0; i < units; i++) {
                    double h = hidden(i, x[e]);
                    double dh = 0;
                    for (int o = 0; o < OUTPUTS; o++) {
                        du[i][o] += df[o] * scale * h;
                        dh += df[o] * scale * u[i][o];
                    }
                    double dz = dh * (1 - h * h) / scale;
                    db[i] += dz;
                    for (int k = 0; k < FEATURES; k++) {
                        dw[i][k] += dz * x[e][k];
                    }
                }
            }
            for (int i = 0; i < units; i++) {
                b[i] -= RATE * db[i];
                for (int k = 0; k < FEATURES; k++) {
                    w[i][k] -= RATE * dw[i][k];
                }
                for (int o = 0; o < OUTPUTS; o++) {
                    u[i][o] -= RATE * du[i][o];
                }
            }
            for (int o = 0; o < OUTPUTS; o++) {
                c[o] -= RATE * dc[o];
            }
        }
    }
}
