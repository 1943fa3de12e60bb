package nn.examples.claims.criticality;

import java.util.Arrays;
import java.util.List;
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
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.Criticality;
import nn.init.theory.MeanField;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** B6, P1, P2: the ordered and the chaotic phase of tanh networks, and the line between them. */
public final class PhaseDiagram implements Claim {
    private static final int WIDTH = 1000;
    private static final int PAIRS = 16;
    private static final int LAYERS = 20;

    /** The depth scale is read off between these layers. */
    private static final int FROM = 3;

    private static final double BIAS_VARIANCE = 0.05;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B6", "P1", "P2"),
                        "random tanh networks have an ordered phase, where inputs become alike and gradients vanish,"
                                + " and a chaotic one, where they part and explode; only near the line between them can"
                                + " a signal go deep (Poole 2016, Schoenholz 2017).")
                .isTrue(
                        "the critical line, the fixed length, the gradient factor and the depth scale all agree with"
                                + " theory, at a width of 1000 to a few per cent.",
                        "q = sigma_w^2 E[tanh(z)^2] + sigma_b^2 fixes the length; chi = sigma_w^2 E[tanh'(z)^2] is the"
                                + " factor",
                        "of gradients; 1 - c falls by a factor of chi per layer, so by e in -1 / ln chi layers.");
    }

    @Override
    public void measure(Experiment e) {
        double[] variances = {0.05, 0.01, 1};
        double[] reference = {1.760955, 1.424205, 3.443211};
        for (int i = 0; i < variances.length; i++) {
            e.value(
                            "sigma_w^2, sigma_b^2 = " + variances[i],
                            reference[i],
                            Criticality.of(e.nonlinearity(Nonlinearity.TANH), variances[i])
                                    .weightVariance())
                    .reference()
                    .within(2e-6);
        }
        // one net of this width gives E z^2 to 2 % and a gradient factor to 0.5 %; five standard errors
        Repetitions nets = e.times(12, 3);
        Chart curves = Chart.of(
                "Correlation of two inputs by depth",
                "1 - c by layer in both phases.",
                Axis.linear("layer"),
                Axis.log("1 - c, over pairs of inputs"));
        curves = phase(e, nets, "ordered", 1.3, 0.9, curves);
        curves = phase(e, nets, "chaotic", 2.5, 0.9, curves);
        e.draw(diagram());
        e.draw(curves.saying("Two inputs start with a correlation of 0.9. After 20 layers, 1 - c is "
                        + Caption.number(curves.series().get(1).y()[LAYERS]) + " in the ordered phase and "
                        + Caption.number(curves.series().get(4).y()[LAYERS]) + " in the chaotic phase.")
                .slider(Slider.of(
                        "sigma_w^2",
                        "1 - c at layer " + LAYERS,
                        Slider.positions(0.6, 4, 0.1),
                        1.8,
                        places(),
                        v -> distances(v, 0.9))));
    }

    private static double[] places() {
        return Arrays.stream(Chart.upTo(LAYERS + 1)).map(l -> l - 1).toArray();
    }

    /** Returns 1 - c by layer, starting from a correlation. */
    private static double[] distances(double weightVariance, double correlation) {
        MeanField tanh = new MeanField(Nonlinearity.TANH, weightVariance, BIAS_VARIANCE);
        return Arrays.stream(tanh.correlations(tanh.fixedPoint(1), correlation, LAYERS))
                .map(c -> 1 - c)
                .toArray();
    }

    private static Chart phase(
            Experiment e, Repetitions nets, String name, double weightVariance, double correlation, Chart chart) {
        MeanField tanh = new MeanField(Nonlinearity.TANH, weightVariance, BIAS_VARIANCE);
        double q = tanh.fixedPoint(1);
        double[][] results = e.samples(name, nets, key -> {
            DeepNet net = DeepNet.run(e, tanh, pairs(e, q, correlation, key), LAYERS + 1, key);
            double[] distances = new double[LAYERS + 3];
            for (int l = 0; l <= LAYERS; l++) {
                distances[l] = distance(net.z[l]);
            }
            double[] lengths = net.lengths();
            distances[LAYERS + 1] = Statistics.mean(Arrays.copyOfRange(lengths, LAYERS / 2, LAYERS + 1));
            distances[LAYERS + 2] = net.gradientFactor(FROM, LAYERS - 2);
            return distances;
        });
        double spread = Math.sqrt(nets.count());
        e.sampled(name + ": length q", q, results[LAYERS + 1])
                .over(Over.WEIGHTS)
                .within(5 * 0.03 * q / spread + 0.015 * q);
        double chi = tanh.chi(q);
        e.sampled(name + ": gradient factor chi", chi, results[LAYERS + 2])
                .over(Over.WEIGHTS)
                .within(Math.min(0.02, 5 * 0.01 / spread + 0.01));
        double[] distances = new double[LAYERS + 1];
        for (int l = 0; l <= LAYERS; l++) {
            distances[l] = Statistics.mean(results[l]);
        }
        if (chi < 1) {
            double depth = -(LAYERS - FROM) / StrictMath.log(distances[LAYERS] / distances[FROM]);
            e.value(name + ": depth scale, layers", tanh.correlationDepth(q), depth)
                    .over(Over.WEIGHTS)
                    .within(0.8);
        } else {
            // the correlation of pairs fluctuates by a few hundredths at this width
            double predicted = 1 - tanh.correlations(q, correlation, LAYERS)[LAYERS];
            e.sampled(name + ": 1 - c, layer 20", predicted, results[LAYERS])
                    .over(Over.WEIGHTS)
                    .within(0.08);
        }
        double[] layers = places();
        double[] theory = distances(weightVariance, correlation);
        return chart.sampled(name, layers, Arrays.copyOf(results, LAYERS + 1)).prediction(name, layers, theory);
    }

    /** Rows 2i and 2i + 1 are a pair of the given correlation: [inputs x width]. */
    private static Tensor pairs(Experiment e, double q, double correlation, Key key) {
        Tensor x = e.normal(key.child("inputs"), 2 * PAIRS, WIDTH);
        for (int i = 0; i < PAIRS; i++) {
            Tensor second = x.row(2 * i + 1);
            second.scaleInPlace((float) Math.sqrt(1 - correlation * correlation));
            second.addScaledInPlace((float) correlation, x.row(2 * i));
        }
        x.scaleInPlace((float) Math.sqrt(q));
        return x;
    }

    private static double distance(Tensor z) {
        double sum = 0;
        for (int i = 0; i < PAIRS; i++) {
            Tensor a = z.row(2 * i);
            Tensor b = z.row(2 * i + 1);
            sum += 1 - a.dot(b) / (a.norm() * b.norm());
        }
        return sum / PAIRS;
    }

    private static Chart diagram() {
        double[] biasVariances =
                Arrays.stream(Chart.upTo(61)).map(i -> (i - 1) / 60 * 0.5).toArray();
        double[] line = Arrays.stream(biasVariances)
                .map(v -> Criticality.of(Nonlinearity.TANH, v).weightVariance())
                .toArray();
        return Chart.of(
                        "The phases of tanh networks",
                        "The critical line rises from sigma_w^2 = " + Caption.number(line[0]) + " without biases to "
                                + Caption.number(line[line.length - 1])
                                + " at sigma_b^2 = 0.5; below it order, above it chaos.",
                        Axis.linear("sigma_b^2, variance of the biases"),
                        Axis.linear("sigma_w^2, fan-in times variance"))
                .prediction("critical line", biasVariances, line)
                .mark("1.3", BIAS_VARIANCE, 1.3)
                .mark("2.5", BIAS_VARIANCE, 2.5)
                .label("order: gradients vanish", 0.33, 1.4)
                .label("chaos: gradients explode", 0.2, 2.75);
    }
}
