package nn.examples.claims.bias;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.chart.Slider;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.init.Fans;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.SignalPropagation;
import nn.init.theory.SignalPropagation.DenseLayer;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/** 35, backwards: random biases make the gradient of a deep tanh network vanish. */
public final class RandomBiasesFlattenTanh implements Claim {
    private static final int WIDTH = 256;
    private static final int LAYERS = 50;
    private static final int INPUTS = 16;
    private static final double[] DEVIATIONS = {0, 0.01, Math.sqrt(0.05), 0.5};

    @Override
    public Card card() {
        return Card.of(
                        List.of("35b", "35"),
                        "biases are added, not multiplied, so they cause neither explosion nor vanishing [of the"
                                + " gradient].")
                .isFalse(
                        "random biases keep the pre-activations away from 0, so the slope of tanh is below 1 at every"
                                + " layer. The gradient vanishes exponentially: to 1e-12 over 50 layers for a deviation"
                                + " of 0.5, while Xavier weights alone lose a factor of 60.",
                        "Each layer multiplies the mean square of the gradient by chi = sigma_w^2 E[tanh'(z)^2],",
                        "with E z^2 fixed above 0: chi = 0.986, 0.759 and 0.580 for deviations 0.01, 0.224 and 0.5.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(60, 12);
        Nonlinearity tanh = e.nonlinearity(Nonlinearity.TANH);
        double[] layers = Chart.upTo(LAYERS);
        Chart chart = Chart.of(
                "Gradients of tanh networks with random biases",
                "The mean square of the gradient by layer, for four deviations of the biases.",
                Axis.linear("layers back from the output"),
                Axis.log("E d_l^2 / E d_L^2, over weights"));
        double[] left = new double[DEVIATIONS.length];
        int places = 0;
        for (double deviation : DEVIATIONS) {
            double[][] squares = e.samples("nets", nets, key -> gradient(e, tanh, deviation, key));
            double[] theory = theory(deviation);
            left[places++] = Statistics.mean(squares[LAYERS - 1]);
            double measured = StrictMath.log(Statistics.mean(squares[LAYERS - 1]));
            // One net: a layer's factor varies by at most sqrt(2/width) over weights, so ln by sqrt(2 L / width) = 0.6.
            // Finite width moves the mean itself by the order of L / width = 0.2 (tanh of a q that fluctuates).
            e.value(
                            String.format(Locale.ROOT, "ln E d^2, 50 layers, %.2f", deviation),
                            StrictMath.log(theory[LAYERS - 1]),
                            measured)
                    .over(Over.WEIGHTS)
                    .within(5 * Math.sqrt(2.0 * LAYERS / WIDTH / nets.count()) + (double) LAYERS / WIDTH);
            String name = String.format(Locale.ROOT, "deviation %.2f", deviation);
            chart = chart.sampled(name, layers, squares).prediction(name, layers, theory);
        }
        e.draw(chart.saying("Backwards through 50 layers the mean square of the gradient falls to "
                        + Caption.numbers(left) + " for biases of deviation " + Caption.numbers(DEVIATIONS) + ".")
                .slider(Slider.of(
                        "deviation of the biases",
                        "E d^2 after 50 layers",
                        Slider.positions(0, 1, 0.02),
                        0.3,
                        layers,
                        RandomBiasesFlattenTanh::theory)));
    }

    /** E d^2 after each layer, counted from the output, relative to that at the output. */
    private static double[] theory(double deviation) {
        DenseLayer layer =
                new DenseLayer(new Fans(WIDTH, WIDTH), 1.0 / WIDTH, deviation * deviation, Nonlinearity.TANH);
        List<SignalPropagation.LayerMoments> predicted =
                SignalPropagation.of(Collections.nCopies(LAYERS, layer), 1, 1).layers();
        double[] theory = new double[LAYERS];
        for (int back = 0; back < LAYERS; back++) {
            theory[back] = predicted.get(LAYERS - 1 - back).inputGradient();
        }
        return theory;
    }

    /** E d^2 after each layer, counted from the output, relative to that at the output. */
    private static double[] gradient(Experiment e, Nonlinearity f, double deviation, Key key) {
        Tensor[] weights = new Tensor[LAYERS];
        Tensor[] slopes = new Tensor[LAYERS];
        Tensor a = e.normal(key.child("inputs"), INPUTS, WIDTH);
        for (int l = 0; l < LAYERS; l++) {
            Key own = key.child(l);
            weights[l] = e.weight(Init.xavierNormal(), WIDTH, WIDTH, own.child("weight"));
            Tensor z = Tensor.zeros(INPUTS, WIDTH);
            z.fillRows(e.bias(Init.normal(deviation), WIDTH, WIDTH, own.child("bias")));
            a.matmulAddInto(weights[l], Transposed.NONE, z);
            slopes[l] = z.map(f::derivative);
            a = z.map(f::value);
        }
        Tensor d = e.normal(key.child("gradient"), INPUTS, WIDTH);
        double[] squares = new double[LAYERS];
        double first = d.secondMoment();
        for (int l = LAYERS - 1; l >= 0; l--) {
            d = d.multiply(slopes[l]).matmul(weights[l], Transposed.RIGHT);
            squares[LAYERS - 1 - l] = d.secondMoment() / first;
        }
        return squares;
    }
}
