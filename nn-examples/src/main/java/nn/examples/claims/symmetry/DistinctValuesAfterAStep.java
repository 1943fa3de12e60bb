package nn.examples.claims.symmetry;

import java.util.ArrayList;
import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.layers.Network;
import nn.tensor.Key;

/** S3: constant weights do not stay all equal; units do. */
public final class DistinctValuesAfterAStep implements Claim {
    private static final int[] EXPECTED = {4, 1, 1, 3};

    @Override
    public String id() {
        return "S3";
    }

    @Override
    public String text() {
        return "with constant weights, after an update W stays all-equal.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.FALSE;
    }

    @Override
    public String statement() {
        return "units stay equal, entries do not: the first weight gets one value for each input (4),"
                + " the last one for each output (3); only those between stay all-equal.";
    }

    @Override
    public List<Finding> measure(Key key) {
        Network network = Units.constant(key);
        Units.train(network, 1, key);
        List<Finding> findings = new ArrayList<>();
        for (int l = 0; l < EXPECTED.length; l++) {
            String name = Units.LAYERS.get(l);
            findings.add(Finding.equal(
                    "distinct values, weight of " + name,
                    EXPECTED[l],
                    Units.distinctValues(Units.weight(network, name))));
        }
        return findings;
    }
}
