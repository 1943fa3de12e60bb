package nn.examples.claims.symmetry;

import java.util.ArrayList;
import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.MeanSquaredError;
import nn.train.Sgd;
import nn.train.Trainer;

/** S4: equal units stay equal on this computer too, for every width. */
public final class SymmetryIsForEver implements Claim {
    private static final int EXAMPLES = 64;
    private static final int STEPS = 4000;

    @Override
    public String id() {
        return "S4";
    }

    @Override
    public String text() {
        return "identical weights get identical gradients, so the symmetry is preserved forever.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.CONDITIONAL;
    }

    @Override
    public String statement() {
        return "on a computer only if every unit is summed in the same order, as here. Ordinary matrix kernels treat"
                + " edge columns otherwise: at widths 48 and 50 their rounding lets units escape.";
    }

    @Override
    public List<Finding> measure(Key key) {
        Tensor x = Tensor.zeros(EXAMPLES, 5);
        key.child("inputs").normal(x, 0f, 1f);
        Tensor y = x.matmul(Tensor.of(new float[] {1, -2, 0.5f, 1.5f, -1}, 5, 1)).tanh();
        Initializer constant = Init.constant(0.05);
        List<Finding> findings = new ArrayList<>();
        for (int width : new int[] {33, 48, 50}) {
            Network network = Network.builder(key)
                    .input(5)
                    .dense("hidden1", width, constant).tanh()
                    .dense("hidden2", width, constant).tanh()
                    .dense("out", 1, constant)
                    .build();
            Trainer trainer = new Trainer(network, new MeanSquaredError(), Sgd.of(0.05), key);
            double first = trainer.step(x, y).loss();
            double last = first;
            for (int step = 1; step < STEPS; step++) {
                last = trainer.step(x, y).loss();
            }
            findings.add(Finding.equal("width " + width + ": spread of hidden1", 0, spread(network, "hidden1")));
            findings.add(Finding.equal("width " + width + ": spread of hidden2", 0, spread(network, "hidden2")));
            findings.add(Finding.exact(
                    "width " + width + ": last loss / first", Double.NaN, last / first, 0, 0.95));
        }
        return findings;
    }

    /** The largest difference between two units in any incoming weight. */
    private static double spread(Network network, String layer) {
        Tensor weight = Units.weight(network, layer);
        double most = 0;
        for (int input = 0; input < weight.dim(0); input++) {
            float[] row = weight.row(input).toArray();
            for (float w : row) {
                most = Math.max(most, Math.abs((double) w - row[0]));
            }
        }
        return most;
    }
}
