package nn.examples.claims.papers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.init.nonlinearity.Moments;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Lsuv;
import nn.layers.activation.Activation;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** B5, Mishkin and Matas 2016: layer-sequential unit-variance initialization. */
public final class LayerSequentialUnitVariance implements Claim {
    private static final int WIDTH = 128;
    private static final int INPUTS = 256;
    private static final int LAYERS = 10;

    /** Numbers of one net; arrays have one for each layer. */
    private record Net(double[] before, double[] after, double[] factors, int[] times) {}

    @Override
    public Card card() {
        return Card.of(
                        List.of("B5"),
                        "orthogonal weights, divided by the deviation of each layer's output until its variance is 1,"
                                + " suit any nonlinearity (Mishkin and Matas 2016).")
                .isTrue(
                        "every layer after a nonlinearity f needs one scaling, by 1/sqrt(E f(z)^2) for z ~ N(0, 1);"
                                + " the first layer, on data of variance 1, needs none. Without scaling, the variance"
                                + " falls to 1e-3 in ten layers of ReLU or GELU.",
                        "z = a W is linear in W: divided by its deviation, W gives the variance 1 at once.",
                        "An orthogonal W preserves the mean of a^2, so this is the variance before scaling.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(40, 4);
        Chart chart = Chart.of(
                "Variance of each layer's output, orthogonal weights",
                "Before, it falls by 2 in each layer with ReLU, and more with GELU; after, it is 1 in each layer with"
                        + " each nonlinearity.",
                Axis.linear("layer"),
                Axis.log("variance over inputs and units"));
        for (Nonlinearity f : List.of(Nonlinearity.TANH, Nonlinearity.SIGMOID, Nonlinearity.RELU, Nonlinearity.GELU)) {
            List<Net> all = e.repeat(f.name(), nets, key -> net(e, f, key));
            e.equal(
                    f.name() + ": scalings of layer 1",
                    0,
                    all.stream().mapToInt(n -> n.times[0]).max().orElseThrow());
            e.equal(f.name() + ": least of others", 1, others(all).min().orElseThrow());
            e.equal(f.name() + ": most of others", 1, others(all).max().orElseThrow());
            // One factor, rounded to float32, scales all outputs alike, and each layer's error is scaled away by the
            // next.
            double worst = all.stream()
                    .flatMapToDouble(n -> Arrays.stream(n.after).skip(1))
                    .map(v -> Math.abs(v - 1))
                    .max()
                    .orElseThrow();
            e.value(f.name() + ": max |variance - 1|", 0, worst).atMost(1e-5);
            Moments moments = f.moments(1);
            double predicted = 1 / Math.sqrt(moments.secondMoment());
            double[] factors = all.stream()
                    .mapToDouble(n -> Arrays.stream(n.factors).skip(1).average().orElseThrow())
                    .toArray();
            e.sampled(f.name() + ": factor, mean of 2-10", predicted, factors)
                    .over(Over.WEIGHTS)
                    .within(predicted * tolerance(f, moments, nets));
            chart = chart.sampled(
                            f.name() + " before",
                            Chart.upTo(LAYERS),
                            turned(all.stream().map(Net::before).toList()))
                    .line(
                            f.name() + " after",
                            Chart.upTo(LAYERS),
                            all.getFirst().after());
        }
        e.draw(chart);
    }

    private static IntStream others(List<Net> nets) {
        return nets.stream().flatMapToInt(n -> Arrays.stream(n.times).skip(1));
    }

    /**
     * Four standard errors of a factor, relatively. In deep layers all inputs may have become alike, so a layer's mean
     * of f^2 is a mean over its units alone; the factor has half of its relative error. The common mean of the outputs
     * has the variance 1/n, and reduces their variance by as much.
     */
    private static double tolerance(Nonlinearity f, Moments moments, Repetitions nets) {
        double fourth = Nonlinearity.of(
                        f.name() + "^2", z -> f.value(z) * f.value(z), z -> 2 * f.value(z) * f.derivative(z))
                .moments(1)
                .secondMoment();
        double second = moments.secondMoment();
        double variance = (fourth - second * second) / (second * second) / WIDTH;
        return 4 * Math.sqrt(variance / 4 / ((LAYERS - 1) * nets.count())) + 1.0 / WIDTH + variance;
    }

    private static double[][] turned(List<double[]> rows) {
        double[][] turned = new double[LAYERS][rows.size()];
        for (int i = 0; i < rows.size(); i++) {
            for (int l = 0; l < LAYERS; l++) {
                turned[l][i] = rows.get(i)[l];
            }
        }
        return turned;
    }

    private static Net net(Experiment e, Nonlinearity f, Key key) {
        Tensor x = e.normal(key.child("inputs"), INPUTS, WIDTH);
        x.addScaledInPlace((float) -x.mean(), Tensor.full(1f, INPUTS, WIDTH));
        x.scaleInPlace((float) (1 / Math.sqrt(x.variance()))); // standardized, as data are
        Activation activation = new Activation(f);
        List<Dense> layers = new ArrayList<>();
        Network.Builder builder = Network.builder(key).input(WIDTH);
        for (int l = 0; l < LAYERS; l++) {
            Dense dense = Dense.units(WIDTH)
                    .weight(e.weights(Init.orthogonal()))
                    .withoutBias()
                    .create(WIDTH, key.child("layers").child(l));
            layers.add(dense);
            builder.layer("layer" + (l + 1), dense).layer("f" + (l + 1), activation);
        }
        Network network = builder.build();
        double[] before = variances(layers, activation, x);
        List<Lsuv.Scaled> report = Lsuv.standard().apply(network, x);
        return new Net(
                before,
                variances(layers, activation, x),
                report.stream().mapToDouble(Lsuv.Scaled::factor).toArray(),
                report.stream().mapToInt(Lsuv.Scaled::times).toArray());
    }

    /** Variance of each layer's output, for the current weights. */
    private static double[] variances(List<Dense> layers, Activation activation, Tensor x) {
        double[] variances = new double[LAYERS];
        Tensor a = x;
        for (int l = 0; l < LAYERS; l++) {
            Tensor z = layers.get(l).forward(a, Context.inference()).output();
            variances[l] = z.variance();
            a = activation.forward(z, Context.inference()).output();
        }
        return variances;
    }
}
