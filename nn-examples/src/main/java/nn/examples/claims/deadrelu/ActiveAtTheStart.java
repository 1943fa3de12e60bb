package nn.examples.claims.deadrelu;

import java.util.ArrayList;
import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** D1: how many units are active at the start, by bias. */
public final class ActiveAtTheStart implements Claim {
    private static final int SIZE = 256; // inputs, features and units
    private static final int NETS = 40;

    @Override
    public String id() {
        return "D1";
    }

    @Override
    public String text() {
        return "with a bias of 0.01 most ReLU neurons start active, 60 to 70 % of them.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.FALSE;
    }

    @Override
    public String statement() {
        return "under He weights z has deviation sqrt 2, so Phi(b / sqrt 2) are active: 50.3 % for 0.01."
                + " For 60 and 70 % the bias must be 0.358 and 0.742.";
    }

    @Override
    public List<Finding> measure(Key key) {
        List<Finding> findings = new ArrayList<>();
        for (double bias : new double[] {0, 0.01, 0.1, 0.358, 0.742, 1}) {
            double[] active = new double[NETS];
            for (int net = 0; net < NETS; net++) {
                Tensor x = Tensor.zeros(SIZE, SIZE);
                key.child(net).child("inputs").normal(x, 0f, 1f);
                Tensor a = BiasedReluNet.layer(x, SIZE, bias, key.child(net).child("weights"));
                active[net] = a.map(v -> v > 0 ? 1 : 0).mean();
            }
            double predicted = phi(bias / Math.sqrt(2));
            double tolerance = bias <= 0.1 ? 0.0015 : 0.003;
            findings.add(Finding.sampled(
                    "share of active units, bias " + bias, predicted, active, predicted - tolerance, predicted + tolerance));
        }
        return findings;
    }

    /** The normal distribution function, by its power series; for |x| up to 3. */
    private static double phi(double x) {
        double term = x;
        double sum = x;
        for (int k = 1; k < 60; k++) {
            term *= -x * x / (2 * k);
            sum += term / (2 * k + 1);
        }
        return 0.5 + sum / Math.sqrt(2 * Math.PI);
    }
}
