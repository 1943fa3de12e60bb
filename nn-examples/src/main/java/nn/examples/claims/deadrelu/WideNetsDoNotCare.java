package nn.examples.claims.deadrelu;

import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** D4: in wide nets on centred data a small bias changes nothing, and a large one does harm. */
public final class WideNetsDoNotCare implements Claim {
    private static final int WIDTH = 64;
    private static final int FEATURES = 10;
    private static final int INPUTS = 512;
    private static final int LAYERS = 10;
    private static final int NETS = 30;

    @Override
    public String id() {
        return "D4";
    }

    @Override
    public String text() {
        return "a positive bias reduces the number of dead neurons at the start.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.CONDITIONAL;
    }

    @Override
    public String statement() {
        return "not in wide nets on centred data: 0.01 changes nothing there, and 1 makes them deader,"
                + " because it aligns all inputs.";
    }

    @Override
    public List<Finding> measure(Key key) {
        double[] small = new double[NETS];
        double[] large = new double[NETS];
        double[] none = new double[NETS];
        for (int net = 0; net < NETS; net++) {
            none[net] = deadShare(0, key.child(net));
            small[net] = deadShare(0.01, key.child(net)) - none[net];
            large[net] = deadShare(1, key.child(net)) - none[net];
        }
        return List.of(
                Finding.sampled("dead at layer 10, bias 0", 0.1125, none, 0.06, 0.17),
                Finding.sampled("change by bias 0.01, same weights", 0.002, small, -0.03, 0.03),
                Finding.sampled("change by bias 1, same weights", 0.100, large, 0.05, 0.15));
    }

    private static double deadShare(double bias, Key key) {
        Tensor a = Tensor.zeros(INPUTS, FEATURES);
        key.child("inputs").normal(a, 0f, 1f);
        for (int l = 0; l < LAYERS; l++) {
            a = BiasedReluNet.layer(a, WIDTH, bias, key.child("layer").child(l));
        }
        return (double) BiasedReluNet.deadUnits(a) / WIDTH;
    }
}
