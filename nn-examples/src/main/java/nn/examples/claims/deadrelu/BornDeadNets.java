package nn.examples.claims.deadrelu;

import java.util.List;
import java.util.Locale;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.tensor.Tensor;

/** D3: narrow deep nets that are dead before training begins. */
public final class BornDeadNets implements Claim {
    private static final int DEEP = 9;
    private static final int DEEPER = 19;
    private static final double[] BIASES = {0, 0.01, 0.1, 1};
    private static final int REFERENCE_NETS = 4000;

    /** Share of born-dead nets by bias, from an independent float64 experiment with 4000 nets. */
    private record Row(int width, int hiddenLayers, double... reference) {}

    private static final List<Row> ROWS = List.of(
            new Row(2, DEEP, 0.8765, 0.4133, 0.4123, 0.4382),
            new Row(3, DEEP, 0.5640, 0.1710, 0.1673, 0.1840),
            new Row(4, DEEP, 0.2905, 0.0725, 0.0715, 0.0798),
            new Row(5, DEEP, 0.1318, 0.0238, 0.0220, 0.0262),
            new Row(3, DEEPER, 0.8860, 0.5042, 0.5065, 0.5235),
            new Row(8, DEEPER, 0.0380, 0.0088, 0.0088, 0.0097));

    @Override
    public Card card() {
        return Card.of(
                        List.of("D3", "37"),
                        "a small positive bias prevents ReLU networks from being dead at the start.")
                .isConditional("true of narrow deep nets: with 3 units x 9 layers and one input, 56 % are born dead"
                        + " without a bias and 17 % with 0.01. A larger bias does not save more.");
    }

    @Override
    public void measure(Experiment e) {
        Tensor inputs = BiasedReluNet.grid(201);
        Repetitions nets = e.times(4000, 400);
        double[][] shares = new double[ROWS.size()][BIASES.length];
        for (int r = 0; r < ROWS.size(); r++) {
            Row row = ROWS.get(r);
            for (int b = 0; b < BIASES.length; b++) {
                double bias = BIASES[b];
                // The same weights for every bias: the comparison is paired.
                long dead = e
                        .repeat(
                                "width " + row.width + " layers " + row.hiddenLayers,
                                nets,
                                key -> BiasedReluNet.bornDead(e, inputs, row.width, row.hiddenLayers, bias, key))
                        .stream()
                        .filter(d -> d)
                        .count();
                shares[r][b] = (double) dead / nets.count();
                double reference = row.reference[b];
                // Five deviations of the difference of the two experiments, but at most 0.035 in a full run.
                double both = Math.sqrt(reference * (1 - reference) * (1.0 / REFERENCE_NETS + 1.0 / nets.count()));
                double tolerance = Math.min(nets.widen(0.035), 5 * both + 1.0 / nets.count());
                e.proportion(
                                String.format(
                                        Locale.ROOT, "born dead, %d x %2d, bias %s", row.width, row.hiddenLayers, bias),
                                reference,
                                dead,
                                nets.count())
                        .over(Over.WEIGHTS)
                        .reference()
                        .between(Math.max(0, reference - tolerance), reference + tolerance);
            }
            if (row.width <= 3 && row.hiddenLayers == DEEP) {
                e.value(
                                String.format(Locale.ROOT, "bias 0 minus bias 0.01, %d x  9", row.width),
                                row.reference[0] - row.reference[1],
                                shares[r][0] - shares[r][1])
                        .reference()
                        .atLeast(0.30);
            }
        }
        Chart chart = Chart.of(
                "Nets of nine layers that are born dead",
                "The share of nets that are born dead by width, for four biases.",
                Axis.linear("width"),
                Axis.linear("share of born-dead nets"));
        double[] widths = {2, 3, 4, 5};
        for (int b = 0; b < BIASES.length; b++) {
            double[] share = new double[widths.length];
            for (int w = 0; w < widths.length; w++) {
                share[w] = shares[w][b];
            }
            chart = chart.line("bias " + BIASES[b], widths, share);
        }
        e.draw(chart.saying("Of the nets of width 2, 3, 4 and 5, "
                + Caption.percents(chart.series().getFirst().y())
                + " are born dead without a bias, and "
                + Caption.percents(chart.series().get(1).y())
                + " with a bias of " + BIASES[1] + "; larger biases do not save more."));
    }
}
