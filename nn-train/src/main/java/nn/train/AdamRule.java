package nn.train;

import java.util.ArrayList;
import java.util.List;
import nn.layers.Parameter;
import nn.tensor.Tensor;

/** The rule of {@link Adam} and {@link AdamW}, which differ in the place of the weight decay. */
final class AdamRule implements UpdateRule {
    private final Parameter parameter;
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
        this.parameter = parameter;
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        this.coupledDecay = coupledDecay;
        this.decoupledDecay = decoupledDecay;
        this.mean = Tensor.zeros(parameter.value().shape());
        this.square = Tensor.zeros(parameter.value().shape());
        this.peak = amsgrad ? Tensor.zeros(parameter.value().shape()) : null;
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
    public void apply(Tensor gradient, double rate, long step) {
        Hyper.requireFit(parameter, gradient);
        // Powers by StrictMath: Math.pow may differ between JDKs.
        double correction1 = 1 - StrictMath.pow(beta1, step);
        double correction2 = 1 - StrictMath.pow(beta2, step);
        observe(gradient);
        move(
                peak == null ? square : peak,
                (float) (1 - rate * decoupledDecay),
                (float) (rate / correction1),
                (float) Math.sqrt(correction2));
    }

    /** Takes the gradient into the running means. */
    private void observe(Tensor gradient) {
        float[] p = parameter.value().array();
        float[] g = gradient.array();
        float[] m = mean.array();
        float[] v = square.array();
        int po = parameter.value().offset();
        int go = gradient.offset();
        int n = mean.size();
        float keep1 = (float) beta1;
        float keep2 = (float) beta2;
        float take1 = (float) (1 - beta1);
        float take2 = (float) (1 - beta2);
        float decay = (float) coupledDecay;
        for (int i = 0; i < n; i++) {
            float d = g[go + i] + decay * p[po + i];
            m[i] = keep1 * m[i] + take1 * d;
            v[i] = keep2 * v[i] + take2 * d * d;
        }
        if (peak != null) {
            float[] top = peak.array();
            for (int i = 0; i < n; i++) {
                top[i] = Math.max(top[i], v[i]);
            }
        }
    }

    /** Moves the parameter against the mean, by the root of the given squares. */
    private void move(Tensor squares, float shrink, float stepSize, float rootCorrection) {
        float[] p = parameter.value().array();
        float[] m = mean.array();
        float[] v = squares.array();
        int po = parameter.value().offset();
        int n = mean.size();
        float eps = (float) epsilon;
        for (int i = 0; i < n; i++) {
            p[po + i] = shrink * p[po + i] - stepSize * m[i] / ((float) Math.sqrt(v[i]) / rootCorrection + eps);
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
