package nn.train.optimizer;

import nn.layers.Parameter;
import nn.tensor.Tensor;
import nn.train.internal.Hyperparameters;

/**
 * A penalty on large weights. Its gradient is added to the gradients of the loss, before clipping; the reported loss
 * does not include it. {@code toString} must give all hyperparameters, as a record's does: it is saved in a training
 * state and compared when a training is resumed. A penalty does not move the {@linkplain Parameter#paddingRow row for
 * padding} of an embedding, which is 0 after every step.
 */
@FunctionalInterface
public interface Penalty {
    /** No penalty. */
    Penalty NONE = of(0, 0);

    /**
     * Adds the gradient of the penalty to the gradient of a parameter.
     *
     * @param parameter any parameter of the model that is trained, so no running statistic; not changed
     * @param gradient of the loss at the parameter, of its shape; changed in place
     */
    void addTo(Parameter parameter, Tensor gradient);

    /**
     * Returns an L1 and L2 penalty of weights.
     *
     * @param l1 0 or more
     * @param l2 0 or more
     * @return the penalty
     * @throws IllegalArgumentException if one is negative, NaN or infinite; the message names it and its value
     */
    static Penalty of(double l1, double l2) {
        return new Weights(l1, l2);
    }

    /**
     * The penalty {@code l1 sum |p| + l2/2 sum p^2} of all weights and recurrent weights, whose gradient is {@code l1
     * sign(p) + l2 p}; sign(0) is 0. Biases, scales and statistics are not penalized. L2 alone is the weight decay of
     * {@link Sgd}, but not that of {@link AdamW}.
     *
     * @param l1 0 or more
     * @param l2 0 or more
     */
    record Weights(double l1, double l2) implements Penalty {
        /**
         * Checks the hyperparameters.
         *
         * @throws IllegalArgumentException if one is negative, NaN or infinite; the message names it and its value
         */
        public Weights {
            Hyperparameters.requireNonNegative("Penalty", "l1", l1);
            Hyperparameters.requireNonNegative("Penalty", "l2", l2);
        }

        @Override
        public void addTo(Parameter parameter, Tensor gradient) {
            Parameter.Kind kind = parameter.kind();
            if ((l1 > 0 || l2 > 0) && (kind == Parameter.Kind.WEIGHT || kind == Parameter.Kind.RECURRENT)) {
                Tensor value = parameter.value();
                add(gradient.size(), value.array(), value.offset(), gradient.array(), gradient.offset());
            }
        }

        /** Returns a text such as {@code Penalty[l1=0.0, l2=0.01]}. */
        @Override
        public String toString() {
            return "Penalty[l1=" + l1 + ", l2=" + l2 + "]";
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
}
