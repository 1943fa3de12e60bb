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
import nn.tensor.Key;
import nn.tensor.Tensor;

/** V7, tiny weights: in square nets, signal and gradient vanish at the same rate. */
public final class SmallWeightsVanish implements Claim {
    private static final int WIDTH = 100;
    private static final int LAYERS = 10;
    private static final int INPUTS = 64;
    private static final double DEVIATION = 0.01;
    private static final double VARIANCE = DEVIATION * DEVIATION;

    // Indices of a net's numbers: mean squares of a and of d at layers 0 to 10, norms of dW of layers 1 to 10.
    private static final int BACK = LAYERS + 1;
    private static final int NORMS = 2 * (LAYERS + 1);

    @Override
    public Card card() {
        return Card.of(List.of("V7", "11"), "with small weights the signal vanishes, and gradients vanish even faster.")
                .isFalse(
                        "in square linear, tanh and ReLU nets both lose the same factor in every layer, and the"
                                + " gradient of a weight, signal times gradient, has the same size in every layer."
                                + " Gradients vanish faster only where layers have fewer outputs than inputs, or where"
                                + " the nonlinearity restores the signal, as the sigmoid does.",
                        "Forwards n_in Var(w) E f(z)^2 / q, backwards n_out Var(w) E f'(z)^2.",
                        "n_in = n_out: the same for linear (1, 1), ReLU (1/2, 1/2) and tanh of small z (1, 1).",
                        "Sigmoid: forwards to E a^2 = 1/4 and no further, backwards n Var(w)/16.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(20, 5);
        for (Nonlinearity f : List.of(Nonlinearity.TANH, Nonlinearity.RELU, Nonlinearity.LINEAR)) {
            double[][] net = e.samples(f.name(), nets, key -> net(e, f, key));
            double factor = WIDTH * VARIANCE * (f.equals(Nonlinearity.RELU) ? 0.5 : 1);
            double tolerance = factor * FactorsOfSmallWeights.tolerance(f, WIDTH, LAYERS, nets);
            e.sampled(f.name() + ": E a^2, factor forward", factor, perLayer(net[LAYERS], net[0]))
                    .over(Over.WEIGHTS)
                    .within(tolerance);
            e.sampled(f.name() + ": E d^2, factor backward", factor, perLayer(net[BACK], net[BACK + LAYERS]))
                    .over(Over.WEIGHTS)
                    .within(tolerance);
            if (f.equals(Nonlinearity.TANH)) {
                e.sampled("tanh: norm of dW 1 / of dW 10", 1, ratio(net[NORMS], net[NORMS + LAYERS - 1]))
                        .over(Over.WEIGHTS)
                        .within(nets.widen(0.15));
                draw(e, net);
            }
        }
        sigmoid(e, nets);
        rectangle(e, 200, 50);
        rectangle(e, 50, 200);
    }

    private static double[] net(Experiment e, Nonlinearity f, Key key) {
        Tensor x = e.normal(key.child("inputs"), INPUTS, WIDTH);
        Chain chain = Chain.forward(e, x, Init.normal(DEVIATION), f, key.child("weights"), Chain.square(LAYERS, WIDTH));
        Chain.Backward back = chain.backward(e.normal(key.child("gradient"), INPUTS, WIDTH));
        double[] result = Arrays.copyOf(chain.moments(), NORMS + LAYERS);
        System.arraycopy(back.moments(), 0, result, BACK, LAYERS + 1);
        System.arraycopy(back.weightNorms(), 0, result, NORMS, LAYERS);
        return result;
    }

    private static void sigmoid(Experiment e, Repetitions nets) {
        double[][] net = e.samples("sigmoid", nets, key -> net(e, Nonlinearity.SIGMOID, key));
        double first = Nonlinearity.SIGMOID.moments(WIDTH * VARIANCE).secondMoment();
        double q = WIDTH * VARIANCE * 0.25;
        double rest = Nonlinearity.SIGMOID.moments(q).secondMoment();
        // E a^2 of 100 units scatters by 0.0125/10 at the last layer and 0.025/(10 sqrt 64) at the first, of 1/4.
        e.sampled("sigmoid: E a^2, layer 10 / 1", rest / first, ratio(net[LAYERS], net[1]))
                .over(Over.WEIGHTS)
                .within(4 * 0.0055 / Math.sqrt(nets.count()));
        double slope = WIDTH * VARIANCE * Nonlinearity.SIGMOID.moments(q).slopeSecondMoment();
        e.sampled("sigmoid: E d^2, factor backward", slope, perLayer(net[BACK], net[BACK + LAYERS]))
                .over(Over.WEIGHTS)
                .within(slope * FactorsOfSmallWeights.tolerance(Nonlinearity.LINEAR, WIDTH, LAYERS, nets));
    }

    /** Measures one tanh layer that is not square. */
    private static void rectangle(Experiment e, int in, int out) {
        Repetitions layers = e.times(100, 20);
        String name = String.format(Locale.ROOT, "%d -> %d: ", in, out);
        double[][] factors = e.samples(name, layers, key -> {
            Tensor x = e.normal(key.child("inputs"), INPUTS, in);
            Chain chain = Chain.forward(e, x, Init.normal(DEVIATION), Nonlinearity.TANH, key.child("weights"), out);
            double forward = chain.a(1).secondMoment() / x.secondMoment();
            return new double[] {
                forward,
                chain.backward(e.normal(key.child("gradient"), INPUTS, out)).factor()
            };
        });
        double q = in * VARIANCE;
        double forward = Nonlinearity.TANH.moments(q).secondMoment();
        double backward = out * VARIANCE * Nonlinearity.TANH.moments(q).slopeSecondMoment();
        // For a single input the relative variance would be 2 over the number of units on the far side; the smaller of
        // both bounds it for 64 inputs. Four standard errors.
        double relative = 4 * Math.sqrt(2.0 / (Math.min(in, out) * layers.count()));
        e.sampled(name + "factor forward", forward, factors[0])
                .over(Over.WEIGHTS)
                .within(forward * relative);
        e.sampled(name + "factor backward", backward, factors[1])
                .over(Over.WEIGHTS)
                .within(backward * relative);
    }

    private static void draw(Experiment e, double[][] net) {
        double[] layers = new double[LAYERS + 1];
        Arrays.setAll(layers, l -> l);
        e.draw(Chart.of(
                        "tanh, width 100, weights from N(0, 0.01^2)",
                        "Forwards E a^2 falls to " + Caption.mean(net[LAYERS]) + " over ten layers, backwards E d^2 to "
                                + Caption.mean(net[BACK]) + ", so that their product, the gradient of a weight, is"
                                + " equally small in all ten layers.",
                        Axis.linear("layer"),
                        Axis.log("E a^2, E d^2; norm of dW"))
                .sampled("signal E a^2", layers, Arrays.copyOf(net, BACK))
                .sampled("gradient E d^2", layers, Arrays.copyOfRange(net, BACK, NORMS))
                .sampled("norm of dW", Chart.upTo(LAYERS), Arrays.copyOfRange(net, NORMS, NORMS + LAYERS)));
    }

    private static double[] ratio(double[] a, double[] b) {
        double[] ratio = new double[a.length];
        Arrays.setAll(ratio, i -> a[i] / b[i]);
        return ratio;
    }

    /** Returns the geometric mean over the layers of each net. */
    private static double[] perLayer(double[] to, double[] from) {
        return Arrays.stream(ratio(to, from))
                .map(r -> StrictMath.pow(r, 1.0 / LAYERS))
                .toArray();
    }
}
