package nn.examples.claims.orthogonal;

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
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Key;

/** O7: orthogonal weights under ReLU need He's factor. */
public final class UnderRelu implements Claim {
    private static final int WIDTH = 128;
    private static final int LAYERS = 20;
    private static final int INPUTS = 16;

    @Override
    public Card card() {
        return Card.of(
                        List.of("O7"),
                        "orthogonal matrices preserve norms, so signal and gradient neither vanish nor explode in a"
                                + " deep net.")
                .isConditional(
                        "true of linear layers. Under ReLU the mean square of signal and gradient halves in every layer"
                                + " all the same: after 20 layers of orthogonal weights 2^-20, a millionth, is left."
                                + " With a gain of sqrt 2, as for He's weights, both keep their size.",
                        "W keeps |a|, and ReLU keeps half of E z^2 = E a^2 of a symmetric z.",
                        "Back: W^T keeps |d|, and the slope is 0 for half of the units.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(40, 10);
        Chart chart = Chart.of(
                "20 ReLU layers with orthogonal weights, width 128",
                "With a gain of 1 the signal halves in every layer; with sqrt 2 it stays near 1.",
                Axis.linear("layer"),
                Axis.log("E a^2"));
        double[] places = Chart.upTo(LAYERS);
        for (double gain : new double[] {1, Math.sqrt(2)}) {
            String name = gain == 1 ? "gain 1" : "gain sqrt 2";
            Initializer weights = gain == 1 ? Init.orthogonal() : Init.orthogonal(gain);
            double[][] runs = e.samples("nets", nets, key -> run(e, weights, key));
            double halved = gain == 1 ? 0.5 : 1;
            for (int l : new int[] {10, LAYERS}) {
                e.value(
                                name + ": log2 E a^2, layer " + l,
                                l * StrictMath.log(halved) / StrictMath.log(2),
                                meanLog(runs[l - 1]))
                        .over(Over.WEIGHTS)
                        .within(tolerance(l, nets));
            }
            e.value(
                            name + ": log2 gradient factor",
                            LAYERS * StrictMath.log(halved) / StrictMath.log(2),
                            meanLog(runs[LAYERS]))
                    .over(Over.WEIGHTS)
                    .within(tolerance(LAYERS, nets));
            double[] predicted = new double[LAYERS];
            Arrays.setAll(predicted, l -> StrictMath.pow(halved, l + 1));
            chart = chart.sampled(name, places, Arrays.copyOf(runs, LAYERS))
                    .prediction(name + ", theory", name, places, predicted);
        }
        e.draw(chart);
    }

    /** E a^2 of each layer, over that of the inputs, and the factor of the gradient's mean square over all layers. */
    private static double[] run(Experiment e, Initializer weights, Key key) {
        Chain chain = Chain.forward(
                e,
                e.normal(key.child("inputs"), INPUTS, WIDTH),
                weights,
                Nonlinearity.RELU,
                key.child("weights"),
                Chain.square(LAYERS, WIDTH));
        double[] run = Arrays.copyOf(chain.moments(), LAYERS + 2);
        double[] all = new double[LAYERS + 1];
        for (int l = 1; l <= LAYERS; l++) {
            all[l - 1] = run[l] / run[0];
        }
        all[LAYERS] =
                chain.backward(e.normal(key.child("gradient"), INPUTS, WIDTH)).factor();
        return all;
    }

    private static double meanLog(double[] values) {
        return Arrays.stream(values)
                .map(v -> StrictMath.log(v) / StrictMath.log(2))
                .average()
                .orElseThrow();
    }

    /**
     * For one input, the log of a layer's factor has at most the variance 5/n of independent weights, so that of l
     * layers 5 l/n. Inputs grow alike with depth, so a net counts as one input. Four standard errors of the mean over
     * nets, and the mean of the log, which is lower by half of the variance; in powers of two.
     */
    private static double tolerance(int layers, Repetitions nets) {
        double variance = 5.0 * layers / WIDTH;
        return (4 * Math.sqrt(variance / nets.count()) + variance / 2) / StrictMath.log(2);
    }
}
