package nn.examples.claims.symmetry;

import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.layers.Layer;

/** S3: constant weights do not stay all equal, but units do. */
public final class DistinctValuesAfterAStep implements Claim {
    private static final int[] EXPECTED = {4, 1, 1, 3};

    @Override
    public Card card() {
        return Card.of(List.of("S3", "6", "47"), "with constant weights, after an update W stays all-equal.")
                .isFalse(
                        "units stay equal, entries do not: the first weight gets one value for each input (4),"
                                + " the last one for each output (3); only those between stay all-equal.",
                        "dW_iu = sum over examples of a_i d_u, with a_i the input and d_u the unit's delta.",
                        "Hidden a and d are alike in all units; the inputs x_i and the output deltas are not.",
                        "So dW varies with i in the first layer, with u in the last, and with neither between.");
    }

    @Override
    public void measure(Experiment e) {
        Layer network = EqualUnits.constant(e);
        EqualUnits.train(network, 1, e.key());
        for (int l = 0; l < EXPECTED.length; l++) {
            String name = EqualUnits.LAYERS.get(l);
            e.equal(
                    "distinct weights of " + name,
                    EXPECTED[l],
                    EqualUnits.distinctValues(EqualUnits.weight(network, name)));
        }
        e.draw(EqualUnits.picture(
                "The first weight after one step",
                "Sixteen equal rows, one for each unit, of four different values, one for each input.",
                EqualUnits.weight(network, "hidden1")));
        e.draw(EqualUnits.picture(
                "The last weight after one step",
                "Three different rows, one for each output, each of sixteen equal values.",
                EqualUnits.weight(network, "out")));
    }
}
