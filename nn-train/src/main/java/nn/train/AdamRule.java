package nn.train;

import java.util.ArrayList;
import java.util.List;
import nn.layers.Parameter;
import nn.tensor.Tensor;

/** The rule of {@link Adam} and {@link AdamW}, which differ in the place of the weight decay. */
final class AdamRule extends ElementRule {
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final double coupledDecay;
    private final double decoupledDecay;
    private final Tensor mean;
    private final Tensor square;
    private final Tensor peak; // AMSGrad's; null without

    AdamRule(
            Parameter parameter,
            double beta1,
            double beta2,
            double epsilon,
            double coupledDecay,
            double decoupledDecay,
            boolean amsgrad) {
        super(parameter);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        this.coupledDecay = coupledDecay;
        this.decoupledDecay = decoupledDecay;
        this.mean = like(parameter);
        this.square = like(parameter);
        this.peak = amsgrad ? like(parameter) : null;
    }

    /** What both optimizers ask of their numbers. */
    static void check(
            String optimizer, double rate, double beta1, double beta2, double epsilon, double weightDecay) {
        Hyper.requireNonNegative(optimizer, "rate", rate);
        Hyper.requireFraction(optimizer, "beta1", beta1);
        Hyper.requireFraction(optimizer, "beta2", beta2);
        Hyper.requirePositive(optimizer, "epsilon", epsilon);
        Hyper.requireNonNegative(optimizer, "weightDecay", weightDecay);
    }

    @Override
    void update(int n, float[] p, float[] g, double rate, long step) {
        observe(n, p, g, mean.array(), square.array());
        if (peak != null) {
            rise(n, peak.array(), square.array());
        }
        // Powers by StrictMath: Math.pow may differ between JDKs. The fraction of the rule, multiplied above and below
        // by the root of the second correction, needs one division for each element in place of two.
        double root = Math.sqrt(1 - StrictMath.pow(beta2, step));
        float stepSize = (float) (rate * root / (1 - StrictMath.pow(beta1, step)));
        float shrink = (float) (1 - rate * decoupledDecay);
        Tensor squares = peak == null ? square : peak;
        move(n, p, mean.array(), squares.array(), shrink, stepSize, (float) (epsilon * root));
    }

    private void observe(int n, float[] p, float[] g, float[] m, float[] v) {
        float decay = (float) coupledDecay;
        float keep1 = (float) beta1;
        float keep2 = (float) beta2;
        float take1 = (float) (1 - beta1);
        float take2 = (float) (1 - beta2);
        for (int i = 0; i < n; i++) {
            float d = g[i] + decay * p[i];
            m[i] = keep1 * m[i] + take1 * d;
            v[i] = keep2 * v[i] + take2 * d * d;
        }
    }

    private static void rise(int n, float[] peak, float[] v) {
        for (int i = 0; i < n; i++) {
            peak[i] = Math.max(peak[i], v[i]);
        }
    }

    private static void move(int n, float[] p, float[] m, float[] v, float shrink, float stepSize, float epsilon) {
        for (int i = 0; i < n; i++) {
            p[i] = shrink * p[i] - stepSize * m[i] / ((float) Math.sqrt(v[i]) + epsilon);
        }
    }

    @Override
    public List<Tensor> state() {
        List<Tensor> state = new ArrayList<>(List.of(mean, square));
        if (peak != null) {
            state.add(peak);
        }
        return List.copyOf(state);
    }
}
