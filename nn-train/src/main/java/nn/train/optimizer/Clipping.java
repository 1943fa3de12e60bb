package nn.train.optimizer;

import nn.layers.Gradients;
import nn.tensor.Tensor;
import nn.train.internal.Hyperparameters;

/**
 * Limits gradients before the optimizer uses them. Changes of running statistics are not gradients, and are not
 * clipped.
 */
public interface Clipping {
    /**
     * Clips gradients in place.
     *
     * @param gradients all finite
     * @param norm their Euclidean norm, {@link Gradients#norm}
     * @return an upper bound of the magnitudes of all elements after clipping. {@code norm} is one if no element grows.
     *     If none is known, return infinity: the trainer then checks every value after the step
     */
    double apply(Gradients gradients, double norm);

    /**
     * Returns a clipping by the Euclidean norm of all gradients together.
     *
     * @param max the largest norm, above 0
     * @return the clipping
     * @throws IllegalArgumentException if it is not above 0, or not finite as a float
     */
    static Clipping norm(double max) {
        return new Norm(max, 2);
    }

    /**
     * Returns a clipping of each element.
     *
     * @param max the largest magnitude of an element, above 0
     * @return the clipping
     * @throws IllegalArgumentException if it is not above 0, or not finite as a float
     */
    static Clipping value(double max) {
        return new Value(max);
    }

    private static double bound(double norm, double max) {
        return Math.min(norm, 1.001 * max); // rounding may add to max
    }

    /**
     * Scales all gradients together by {@code min(1, max / (norm + 1e-6))}, as PyTorch's {@code clip_grad_norm_}, which
     * keeps their direction.
     *
     * @param max the largest norm, above 0
     * @param p the p of the p-norm, 1 or more: 2 for the Euclidean norm, infinity for the largest magnitude
     */
    record Norm(double max, double p) implements Clipping {
        /**
         * Checks the arguments.
         *
         * @throws IllegalArgumentException if one is out of its range; the message names it and its value
         */
        public Norm {
            Hyperparameters.requirePositive("Clipping", "max", max);
            if (!(p >= 1)) {
                throw new IllegalArgumentException("Clipping: p is " + p + "; it must be 1 or more, or infinity");
            }
        }

        @Override
        public double apply(Gradients gradients, double norm) {
            double coefficient = max / ((p == 2 ? norm : norm(gradients)) + 1e-6);
            if (coefficient < Float.MIN_NORMAL) { // as a float it would lose digits, or be 0
                scale(gradients, 0x1p-100f);
                coefficient *= 0x1p100;
            }
            if ((float) coefficient < 1) {
                scale(gradients, (float) coefficient);
            }
            return bound(norm, max);
        }

        private static void scale(Gradients gradients, float factor) {
            for (int i = 0; i < gradients.parameters().size(); i++) {
                gradients.of(gradients.parameters().get(i)).scaleInPlace(factor);
            }
        }

        /** Computes the p-norm relative to the largest magnitude, so that no power overflows and not all become 0. */
        private double norm(Gradients gradients) {
            double largest = 0;
            for (int i = 0; i < gradients.parameters().size(); i++) {
                largest = Math.max(
                        largest, gradients.of(gradients.parameters().get(i)).maxAbs());
            }
            if (Double.isInfinite(p) || largest == 0) {
                return largest;
            }
            double unit = p == 1 ? 1 : largest;
            double total = 0;
            for (int i = 0; i < gradients.parameters().size(); i++) {
                total += powers(gradients.of(gradients.parameters().get(i)), unit);
            }
            return unit * (p == 1 ? total : StrictMath.pow(total, 1 / p));
        }

        private double powers(Tensor gradient, double unit) {
            double sum = 0;
            for (int i = 0; i < gradient.size(); i++) {
                double ratio = Math.abs(gradient.array()[gradient.offset() + i]) / unit;
                sum += p == 1 ? ratio : StrictMath.pow(ratio, p);
            }
            return sum;
        }
    }

    /**
     * Brings each element into [-max, max], as PyTorch's {@code clip_grad_value_}.
     *
     * @param max the largest magnitude of an element, above 0
     */
    record Value(double max) implements Clipping {
        /**
         * Checks the argument.
         *
         * @throws IllegalArgumentException if it is out of its range
         */
        public Value {
            Hyperparameters.requirePositive("Clipping", "max", max);
        }

        @Override
        public double apply(Gradients gradients, double norm) {
            if (norm <= max) {
                return norm; // no element is larger
            }
            for (int i = 0; i < gradients.parameters().size(); i++) {
                Tensor gradient = gradients.of(gradients.parameters().get(i));
                clip(gradient.array(), gradient.offset(), gradient.offset() + gradient.size(), (float) max);
            }
            return bound(norm, max);
        }

        private static void clip(float[] g, int from, int to, float max) {
            for (int i = from; i < to; i++) {
                g[i] = Math.max(-max, Math.min(max, g[i]));
            }
        }
    }
}
