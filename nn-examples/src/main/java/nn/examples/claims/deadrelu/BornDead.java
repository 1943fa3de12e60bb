package nn.examples.claims.deadrelu;

import java.util.ArrayList;
import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** D3: narrow deep nets that are dead before training begins. */
public final class BornDead implements Claim {
    private static final int NETS = 4000;
    private static final int DEEP = 9;
    private static final int DEEPER = 19;
    private static final double[] BIASES = {0, 0.01, 0.1, 1};

    /** Share of born-dead nets by bias, from an independent float64 experiment with as many nets. */
    private record Row(int width, int hiddenLayers, double... reference) {}

    private static final List<Row> ROWS = List.of(
            new Row(2, DEEP, 0.8765, 0.4133, 0.4123, 0.4382),
            new Row(3, DEEP, 0.5640, 0.1710, 0.1673, 0.1840),
            new Row(4, DEEP, 0.2905, 0.0725, 0.0715, 0.0798),
            new Row(5, DEEP, 0.1318, 0.0238, 0.0220, 0.0262),
            new Row(3, DEEPER, 0.8860, 0.5042, 0.5065, 0.5235),
            new Row(8, DEEPER, 0.0380, 0.0088, 0.0088, 0.0097));

    @Override
    public String id() {
        return "D3";
    }

    @Override
    public String text() {
        return "a small positive bias prevents ReLU networks from being dead at the start.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.CONDITIONAL;
    }

    @Override
    public String statement() {
        return "in narrow deep nets, and strongly: of 3 units x 9 layers on one input 56 % are born dead without a bias,"
                + " 17 % with 0.01. More bias than that adds nothing.";
    }

    @Override
    public List<Finding> measure(Key key) {
        Tensor inputs = BiasedReluNet.grid(201);
        List<Finding> findings = new ArrayList<>();
        for (Row row : ROWS) {
            double[] share = new double[BIASES.length];
            for (int b = 0; b < BIASES.length; b++) {
                int dead = 0;
                for (int net = 0; net < NETS; net++) {
                    // The same weights for every bias: the comparison is paired.
                    Key netKey = key.child("width " + row.width() + " layers " + row.hiddenLayers()).child(net);
                    dead += BiasedReluNet.bornDead(inputs, row.width(), row.hiddenLayers(), BIASES[b], netKey) ? 1 : 0;
                }
                share[b] = (double) dead / NETS;
                double reference = row.reference()[b];
                // Both experiments have NETS nets: five deviations of their difference, but never more than 0.035.
                double tolerance = Math.min(0.035, 5 * Math.sqrt(2 * reference * (1 - reference) / NETS));
                findings.add(Finding.proportion(
                        "born dead, %d x %2d, bias %s".formatted(row.width(), row.hiddenLayers(), BIASES[b]),
                        reference, dead, NETS, Math.max(0, reference - tolerance), reference + tolerance));
            }
            if (row.width() <= 3 && row.hiddenLayers() == DEEP) {
                findings.add(Finding.exact(
                        "bias 0 minus bias 0.01, %d x  9".formatted(row.width()),
                        row.reference()[0] - row.reference()[1], share[0] - share[1], 0.30, Double.POSITIVE_INFINITY));
            }
        }
        return findings;
    }
}
