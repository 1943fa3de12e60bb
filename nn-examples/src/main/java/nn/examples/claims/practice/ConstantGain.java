package nn.examples.claims.practice;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.chart.Slider;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Chain;
import nn.examples.experiment.Experiment;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** 53: the gain of small identical weights. */
public final class ConstantGain implements Claim {
    private static final double WEIGHT = 0.01;
    private static final int LAYERS = 100;

    @Override
    public Card card() {
        return Card.of(List.of("53"), "small identical weights are symmetric, but as they are small nothing explodes.")
                .isFalse(
                        "they are symmetric, but a layer of width n with equal weights c multiplies a signal by n c,"
                                + " however small c is. With 0.01 and 100 layers, 50 units end at 8 10^-31, 100 units"
                                + " at 1, and 128 units at 5 10^10; 256 units overflow float32 in layer 95 and 1000"
                                + " units in layer 39. A ReLU net also gives 0 for every input whose sum is not"
                                + " positive: for half of all centred inputs.",
                        "z_u = c (sum of a_i), the same for all units: a_l = n c a_(l-1), and (n c)^100 after 100.",
                        "float32 ends at 10^38.53: 38.53/log10(2.56) = 94.4, 38.53/log10(10) = 38.5.");
    }

    @Override
    public void measure(Experiment e) {
        Chart chart = Chart.of(
                "ReLU nets with all weights 0.01",
                "By width the signal vanishes (50, 64 units), stays (100), or grows until float32 overflows (128, 256,"
                        + " 1000).",
                Axis.linear("layer"),
                Axis.log("activation"));
        for (int n : new int[] {50, 64, 100, 128, 256, 1000}) {
            double[] sizes = sizes(e, n);
            double gain = n * (double) (float) WEIGHT;
            if (sizes.length == LAYERS) {
                double log = LAYERS * StrictMath.log10(gain);
                // Each of 100 sums of n floats is wrong by at most n 2^-24, relative.
                e.value(
                                String.format(Locale.ROOT, "%d units: log10 of layer 100", n),
                                log,
                                StrictMath.log10(sizes[LAYERS - 1]))
                        .within(LAYERS * n * 0x1p-24 / StrictMath.log(10));
            } else {
                double first = Math.ceil(StrictMath.log(Float.MAX_VALUE) / StrictMath.log(gain));
                e.equal(String.format(Locale.ROOT, "%d units: overflow in layer", n), first, sizes.length + 1);
            }
            chart = chart.line(n + " units", Chart.upTo(sizes.length), sizes);
        }
        // at layer 20, where no width of the slider overflows
        double[] first = Chart.upTo(20);
        e.draw(chart.slider(Slider.of(
                "width n",
                "activation at layer 20",
                Slider.positions(20, 400, 4),
                200,
                first,
                n -> Arrays.stream(first)
                        .map(l -> StrictMath.pow(n * WEIGHT, l))
                        .toArray())));
        silent(e);
    }

    /** Returns the activation by layer for an input of ones, as long as it is finite. */
    private static double[] sizes(Experiment e, int n) {
        double[] sizes = new double[LAYERS];
        Tensor a = Tensor.full(1f, 1, n);
        for (int l = 0; l < LAYERS; l++) {
            a = a.matmul(e.weight(Init.constant(WEIGHT), n, n, e.key())).relu();
            if (!a.isFinite()) {
                return Arrays.copyOf(sizes, l);
            }
            sizes[l] = a.get(0, n - 1);
        }
        return sizes;
    }

    /** Counts the centred inputs for which such a net gives 0, because their sum is negative. */
    private static void silent(Experiment e) {
        int inputs = e.choose(4096, 1024);
        Key key = e.key().child("silent");
        Tensor x = e.normal(key, inputs, 100);
        Tensor a = Chain.forward(e, x, Init.constant(WEIGHT), Nonlinearity.RELU, key, 100, 100, 100)
                .a(3);
        int zeros = 0;
        for (int i = 0; i < inputs; i++) {
            zeros += a.row(i).maxAbs() == 0 ? 1 : 0;
        }
        // Four standard errors of a proportion.
        e.proportion("centred inputs that give all 0", 0.5, zeros, inputs).within(2 / Math.sqrt(inputs));
    }
}
