package nn.examples.claims.variance;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
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

/** 9: the factor of one layer of small weights, by nonlinearity. */
public final class FactorsOfSmallWeights implements Claim {
    private static final int WIDTH = 100;
    private static final int LAYERS = 10;
    private static final int INPUTS = 64;
    private static final double DEVIATION = 0.01;

    @Override
    public Card card() {
        return Card.of(
                        List.of("9"),
                        "with small weights Var(a) at layer L is Var(x) times the product of n Var(w) over the layers.")
                .isConditional(
                        "true of a linear net, and of tanh, which is linear where signals are small. ReLU also halves"
                                + " the signal in every layer, so its factor is n Var(w)/2. A sigmoid's signal does not"
                                + " vanish at all: its output for 0 is 1/2, so E a^2 stays at 1/4.",
                        "E a^2 = V(q) = E f(z)^2 with z ~ N(0, q), and q = n Var(w) E a^2 of the layer below.",
                        "Small q: V = q (linear), q - 2 q^2 (tanh), q/2 (ReLU), 1/4 + q/16 - ... (sigmoid).");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(20, 5);
        double[] places = new double[LAYERS + 1];
        Arrays.setAll(places, l -> l);
        Chart chart = Chart.of(
                "Signal by depth with weights from N(0, 0.01^2), width 100",
                "Linear and tanh lose a factor of 100 in each layer, ReLU a factor of 200; the sigmoid stays at 1/4.",
                Axis.linear("layer"),
                Axis.log("E a^2"));
        for (Nonlinearity f :
                List.of(Nonlinearity.LINEAR, Nonlinearity.TANH, Nonlinearity.RELU, Nonlinearity.SIGMOID)) {
            double[][] moments = e.samples(f.name(), nets, key -> moments(e, f, key));
            double[] predicted = predicted(f);
            chart = chart.sampled(f.name(), places, moments)
                    .prediction(f.name() + ", theory", f.name(), places, predicted);
            if (f.equals(Nonlinearity.SIGMOID)) {
                // z has deviation 0.05, so a scatters around 1/2 by 0.0125, a^2 by 0.0125: over 100 units and 5 nets
                // the mean by 0.00056. Four standard errors.
                e.sampled("sigmoid: E a^2, layer 10", predicted[LAYERS], moments[LAYERS])
                        .over(Over.WEIGHTS)
                        .within(4 * 0.0125 / Math.sqrt(WIDTH * nets.count()));
            } else {
                double expected = perLayer(predicted[0], predicted[LAYERS]);
                double[] factors = new double[nets.count()];
                Arrays.setAll(factors, i -> perLayer(moments[0][i], moments[LAYERS][i]));
                e.sampled(f.name() + ": E a^2, factor a layer", expected, factors)
                        .over(Over.WEIGHTS)
                        .within(expected * tolerance(f, WIDTH, LAYERS, nets));
            }
        }
        e.draw(chart);
    }

    /**
     * Four standard errors and the bias of a net's geometric mean factor a layer, relative. The log of one layer's
     * factor has at most (for a single input) the variance k/n, with k = 2, or 5 for ReLU, and the mean -k/(2n).
     */
    static double tolerance(Nonlinearity f, int width, int layers, Repetitions nets) {
        double k = f.equals(Nonlinearity.RELU) ? 5 : 2;
        return 4 * Math.sqrt(k / (width * layers * nets.count())) + k / (2 * width);
    }

    private static double[] moments(Experiment e, Nonlinearity f, Key key) {
        return Chain.forward(
                        e,
                        e.normal(key.child("inputs"), INPUTS, WIDTH),
                        Init.normal(DEVIATION),
                        f,
                        key.child("weights"),
                        Chain.square(LAYERS, WIDTH))
                .moments();
    }

    private static double[] predicted(Nonlinearity f) {
        double[] moments = new double[LAYERS + 1];
        moments[0] = 1;
        for (int l = 1; l <= LAYERS; l++) {
            moments[l] =
                    f.moments(WIDTH * DEVIATION * DEVIATION * moments[l - 1]).secondMoment();
        }
        return moments;
    }

    /** Returns the geometric mean over the layers. */
    private static double perLayer(double first, double last) {
        return StrictMath.pow(last / first, 1.0 / LAYERS);
    }
}
