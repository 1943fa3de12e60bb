package nn.examples.claims.variance;

import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.chart.Slider;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Repetitions;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.MeanField;
import nn.tensor.Tensor;

/**
 * The experiment that V2 to V6 share: many random ReLU nets without biases, standard normal inputs, pre-activations
 * by layer.
 */
final class ReluNet {
    static final int WIDTH = 100;
    static final int LAYERS = 10;
    static final int INPUTS = 64;

    private ReluNet() {}

    /** A statistic of the pre-activations [inputs x units] of one layer of one net. */
    interface Statistic {
        double of(Tensor preActivation);
    }

    static Repetitions nets(Experiment e) {
        return e.times(200, 50);
    }

    /**
     * Measures one value for each layer and net.
     *
     * @param weightVariance times the width: 2 is He, 1 is Xavier for a square layer
     * @return [layer][net]
     */
    static double[][] measure(Experiment e, double weightVariance, Statistic statistic) {
        Initializer weights = new VarianceScaling(Math.sqrt(weightVariance), Fan.IN, Distribution.NORMAL);
        return e.samples("nets", nets(e), key -> {
            double[] result = new double[LAYERS];
            Tensor a = e.normal(key.child("inputs"), INPUTS, WIDTH);
            for (int layer = 0; layer < LAYERS; layer++) {
                Tensor z = a.matmul(
                        e.weight(weights, WIDTH, WIDTH, key.child("layer").child(layer)));
                result[layer] = statistic.of(z);
                a = z.relu();
            }
            return result;
        });
    }

    /** Draws E z^2 by depth together with c (c/2)^(l-1). */
    static Chart chart(String title, String alternative, double weightVariance, double[][] q) {
        double[] layers = Chart.upTo(LAYERS);
        String measured = alternative + ": " + Caption.mean(q[0]) + " at layer 1 and " + Caption.mean(q[LAYERS - 1])
                + " at layer " + LAYERS + ", where theory says "
                + Caption.numbers(theory(weightVariance, 1), theory(weightVariance, LAYERS)) + ".";
        return Chart.of(title, measured, Axis.linear("layer"), Axis.log("E z^2, over weights"))
                .sampled("measured", layers, q)
                .prediction("theory", "measured", layers, theory(weightVariance))
                .slider(Slider.of(
                        "gain n Var(w)",
                        "E z^2 at layer " + LAYERS,
                        Slider.positions(0.5, 4.5, 0.1),
                        weightVariance,
                        layers,
                        ReluNet::theory));
    }

    /** Returns E z^2 of each layer for inputs of second moment 1: c, then a factor of c/2 per layer. */
    static double[] theory(double weightVariance) {
        return new MeanField(Nonlinearity.RELU, weightVariance, 0).lengths(weightVariance, LAYERS - 1);
    }

    /** Returns E z^2 of one layer, counted from 1. */
    static double theory(double weightVariance, int layer) {
        return theory(weightVariance)[layer - 1];
    }
}
