package nn.examples.claims.variance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** 14, huge weights: ReLU nets overflow float32. */
public final class LargeWeightsOverflow implements Claim {
    private static final int INPUTS = 16;
    private static final double DEVIATION = 100;
    private static final int MOST_LAYERS = 40;

    @Override
    public Card card() {
        return Card.of(List.of("14", "V8"), "with weights from N(0, 100^2) ReLU activations overflow.")
                .isTrue(
                        "each layer multiplies E z^2 by n 10^4 / 2. float32 ends at 3.4 10^38, which is passed in layer"
                                + " 14 with 100 units and in layer 12 with 1000.",
                        "sqrt(n 10^4 / 2) per layer is 10^2.849 (n = 100) and 10^3.349 (n = 1000).",
                        "38.53 / 2.849 = 13.5 and 38.53 / 3.349 = 11.5: the next layer is the first to overflow.");
    }

    @Override
    public void measure(Experiment e) {
        Chart chart = Chart.of(
                "Size of the pre-activations, one ReLU net each",
                "The root mean square by layer, until float32 overflows.",
                Axis.linear("layer"),
                Axis.log("root of E z^2"));
        List<String> words = new ArrayList<>();
        for (int width : new int[] {100, 1000}) {
            Repetitions nets = width == 100 ? e.times(50, 10) : e.times(5, 1);
            List<double[]> runs = e.repeat("n = " + width, nets, key -> sizes(e, width, key));
            double growth = Math.sqrt(width * DEVIATION * DEVIATION / 2);
            double predicted = Math.ceil(StrictMath.log(Float.MAX_VALUE) / StrictMath.log(growth));
            // A net's log E z^2 has the variance 5 l / n: with 100 units this may shift the layer by one, with 1000 it
            // does not.
            double slack = width == 100 ? 1 : 0;
            int least = runs.stream().mapToInt(run -> run.length + 1).min().orElseThrow();
            int most = runs.stream().mapToInt(run -> run.length + 1).max().orElseThrow();
            e.value(String.format(Locale.ROOT, "n = %d: overflow layer, least", width), predicted, least)
                    .within(slack);
            e.value(String.format(Locale.ROOT, "n = %d: overflow layer, most", width), predicted, most)
                    .within(slack);
            double[] theory = new double[runs.getFirst().length];
            Arrays.setAll(theory, l -> DEVIATION * Math.sqrt(width) * StrictMath.pow(growth, l));
            words.add("in layer " + (theory.length + 1) + " with " + width + " units");
            chart = chart.line(width + " units", Chart.upTo(theory.length), runs.getFirst())
                    .prediction(width + " units, theory", width + " units", Chart.upTo(theory.length), theory);
        }
        e.draw(chart.saying("The root mean square grows by the same factor, 100 sqrt(n/2), in each layer, until float32"
                + " overflows: " + String.join(", ", words) + "."));
    }

    /** The root of E z^2 of each layer before the first one that is not finite. */
    private static double[] sizes(Experiment e, int width, Key key) {
        Tensor a = e.normal(key.child("inputs"), INPUTS, width);
        double[] sizes = new double[MOST_LAYERS];
        for (int l = 0; l < MOST_LAYERS; l++) {
            Tensor z = a.matmul(e.weight(Init.normal(DEVIATION), width, width, key.child(l)));
            if (!z.isFinite()) {
                return Arrays.copyOf(sizes, l);
            }
            sizes[l] = Math.sqrt(z.secondMoment());
            a = z.relu();
        }
        return sizes;
    }
}
