package nn.train.optimizer;

import nn.layers.Parameter;
import nn.tensor.Tensor;
import nn.train.internal.Hyper;

/**
 * What large weights cost: {@code l1 sum |p| + l2/2 sum p^2} over all weights and recurrent weights is added to the
 * loss, and so {@code l1 sign(p) + l2 p} to their gradients, before clipping; sign(0) is 0. Biases, scales and
 * statistics cost nothing. L2 alone is the weight decay of {@link Sgd}, but not that of {@link AdamW}.
 *
 * @param l1 0 or more
 * @param l2 0 or more
 */
public record Penalty(double l1, double l2) {
    /** No penalty. */
    public static final Penalty NONE = new Penalty(0, 0);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is negative, NaN or infinite; by name and value
     */
    public Penalty {
        Hyper.requireNonNegative("Penalty", "l1", l1);
        Hyper.requireNonNegative("Penalty", "l2", l2);
    }

    /**
     * Adds to the gradient of a parameter what this costs.
     *
     * @param parameter any; only weights and recurrent weights cost something
     * @param gradient of the loss at the parameter, of its shape; changed in place
     */
    public void addTo(Parameter parameter, Tensor gradient) {
        Parameter.Kind kind = parameter.kind();
        if ((l1 > 0 || l2 > 0) && (kind == Parameter.Kind.WEIGHT || kind == Parameter.Kind.RECURRENT)) {
            Tensor value = parameter.value();
            add(gradient.size(), value.array(), value.offset(), gradient.array(), gradient.offset());
        }
    }

    private void add(int n, float[] p, int atP, float[] g, int atG) {
        float one = (float) l1;
        float two = (float) l2;
        for (int i = 0; i < n; i++) {
            float value = p[atP + i];
            g[atG + i] += one * Math.signum(value) + two * value;
        }
    }
}
