package nn.train;

import nn.layers.Parameter;

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

    /** Adds to the gradient of a parameter. */
    void addTo(Slot slot) {
        Parameter.Kind kind = slot.parameter().kind();
        if ((l1 > 0 || l2 > 0) && (kind == Parameter.Kind.WEIGHT || kind == Parameter.Kind.RECURRENT)) {
            float[] p = slot.parameter().value().array();
            float[] g = slot.gradient().array();
            add(slot.gradient().size(), p, slot.parameter().value().offset(), g, slot.gradient().offset());
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
