package nn.train.optimizer;

import nn.tensor.Tensor;
import nn.train.internal.Hyperparameters;

/**
 * The built-in transforms. Each computes in the order of the optimizer that has the same formula, and so with its bits.
 */
final class Transforms {
    private Transforms() {}

    /** Multiplies a range of a direction. */
    private static void multiply(int from, int to, float[] d, float factor) {
        for (int i = from; i < to; i++) {
            d[i] *= factor;
        }
    }

    record Clip(double max) implements Transform {
        Clip {
            Hyperparameters.requirePositive("Transform.clip", "max", max);
        }

        @Override
        public void change(
                int from, int to, float[] d, float[] p, float[][] memory, double measured, double scale, long step) {
            float most = (float) max;
            float factor = (float) scale;
            for (int i = from; i < to; i++) {
                d[i] = factor * Math.max(-most, Math.min(most, d[i]));
            }
        }

        @Override
        public double bound(double d, double p, double[] memory, int size, long step) {
            return Math.min(d, (float) max);
        }
    }

    record ClipNorm(double max) implements Transform {
        ClipNorm {
            Hyperparameters.requirePositive("Transform.clipNorm", "max", max);
        }

        @Override
        public double measure(Tensor direction, Tensor parameter, long step) {
            double norm = direction.norm();
            return norm > max ? max / norm : 1;
        }

        @Override
        public void change(
                int from, int to, float[] d, float[] p, float[][] memory, double measured, double scale, long step) {
            multiply(from, to, d, (float) (measured * scale));
        }

        @Override
        public double bound(double d, double p, double[] memory, int size, long step) {
            return d;
        }
    }

    record Decay(double decay) implements Transform {
        Decay {
            Hyperparameters.requireNonNegative("Transform.decay", "decay", decay);
        }

        @Override
        public void change(
                int from, int to, float[] d, float[] p, float[][] memory, double measured, double scale, long step) {
            float w = (float) decay;
            float factor = (float) scale;
            for (int i = from; i < to; i++) {
                d[i] = factor * (d[i] + w * p[i]);
            }
        }

        @Override
        public double bound(double d, double p, double[] memory, int size, long step) {
            return d + decay * p;
        }
    }

    record Momentum(double momentum, boolean nesterov) implements Transform {
        Momentum {
            Hyperparameters.requireFraction("Transform.momentum", "momentum", momentum);
            if (momentum == 0) {
                throw new IllegalArgumentException(
                        "Transform.momentum: momentum is 0.0; it must be above 0, or it changes nothing");
            }
        }

        @Override
        public int memories() {
            return 1;
        }

        @Override
        public void change(
                int from, int to, float[] d, float[] p, float[][] memory, double measured, double scale, long step) {
            float m = (float) momentum;
            float factor = (float) scale;
            float[] b = memory[0];
            if (nesterov) {
                for (int i = from; i < to; i++) {
                    float present = d[i];
                    float next = TensorRule.roundMean(m * b[i] + present);
                    b[i] = next;
                    d[i] = factor * (present + m * next);
                }
            } else {
                for (int i = from; i < to; i++) {
                    float next = TensorRule.roundMean(m * b[i] + d[i]);
                    b[i] = next;
                    d[i] = factor * next;
                }
            }
        }

        @Override
        public double bound(double d, double p, double[] memory, int size, long step) {
            memory[0] = (float) momentum * memory[0] + d;
            return d + memory[0];
        }
    }

    record Moments(double beta1, double beta2, double epsilon) implements Transform {
        Moments {
            AdamRule.check("Transform.adam", 0, beta1, beta2, epsilon, 0);
            requireForFloats("Transform.adam", "epsilon sqrt(1 - beta2)", epsilon * Math.sqrt(1 - beta2), "Adam");
        }

        static void requireForFloats(String owner, String name, double epsilon, String instead) {
            if (ElementRule.needsLowSquares(epsilon)) {
                throw new IllegalArgumentException(owner + ": " + name + " is " + epsilon
                        + "; it must be 2^-39 or more," + " or squares matter that are too small for a float: use "
                        + instead + ", which keeps them");
            }
        }

        @Override
        public int memories() {
            return 2;
        }

        @Override
        public double minimum(int memory) {
            return memory == 0 ? Double.NEGATIVE_INFINITY : 0;
        }

        private double root(long step) {
            return Math.sqrt(1 - StrictMath.pow(beta2, step));
        }

        @Override
        public void change(
                int from, int to, float[] d, float[] p, float[][] memory, double measured, double scale, long step) {
            double root = root(step);
            float b1 = (float) beta1;
            float b2 = (float) beta2;
            float oneMinusB1 = (float) (1 - beta1);
            float oneMinusB2 = (float) (1 - beta2);
            float stepSize = (float) (scale * root / (1 - StrictMath.pow(beta1, step)));
            float epsilonHat = (float) (epsilon * root);
            float[] m = memory[0];
            float[] v = memory[1];
            for (int i = from; i < to; i++) {
                float present = d[i];
                float mean = TensorRule.roundMean(b1 * m[i] + oneMinusB1 * present);
                float square = TensorRule.roundMeanSquare(b2 * v[i] + oneMinusB2 * present * present);
                m[i] = mean;
                v[i] = square;
                d[i] = stepSize * mean / ((float) Math.sqrt(square) + epsilonHat);
            }
        }

        @Override
        public double bound(double d, double p, double[] memory, int size, long step) {
            memory[0] = (float) beta1 * memory[0] + (float) (1 - beta1) * d;
            memory[1] = (float) beta2 * memory[1] + (float) (1 - beta2) * d * d;
            double above = root(step) / (1 - StrictMath.pow(beta1, step)) * memory[0];
            return Math.max(above, above / (epsilon * root(step))) + d;
        }
    }

    record RootMeanSquare(double smoothing, double epsilon) implements Transform {
        RootMeanSquare {
            Hyperparameters.requireFraction("Transform.rootMeanSquare", "smoothing", smoothing);
            Hyperparameters.requirePositive("Transform.rootMeanSquare", "epsilon", epsilon);
            Moments.requireForFloats("Transform.rootMeanSquare", "epsilon", epsilon, "RmsProp");
        }

        @Override
        public int memories() {
            return 1;
        }

        @Override
        public double minimum(int memory) {
            return 0;
        }

        @Override
        public void change(
                int from, int to, float[] d, float[] p, float[][] memory, double measured, double scale, long step) {
            float a = (float) smoothing;
            float oneMinusA = (float) (1 - smoothing);
            float eps = (float) epsilon;
            float factor = (float) scale;
            float[] v = memory[0];
            for (int i = from; i < to; i++) {
                float present = d[i];
                float square = TensorRule.roundMeanSquare(a * v[i] + oneMinusA * present * present);
                v[i] = square;
                d[i] = factor * present / ((float) Math.sqrt(square) + eps);
            }
        }

        @Override
        public double bound(double d, double p, double[] memory, int size, long step) {
            memory[0] = (float) smoothing * memory[0] + (float) (1 - smoothing) * d * d;
            return d + d / (float) epsilon;
        }
    }

    record Sign() implements Transform {
        @Override
        public void change(
                int from, int to, float[] d, float[] p, float[][] memory, double measured, double scale, long step) {
            float factor = (float) scale;
            for (int i = from; i < to; i++) {
                d[i] = factor * Math.signum(d[i]);
            }
        }

        @Override
        public double bound(double d, double p, double[] memory, int size, long step) {
            return 1;
        }
    }

    record Times(double factor) implements Transform {
        Times {
            Hyperparameters.requireNonNegative("Transform.times", "factor", factor);
        }

        @Override
        public void change(
                int from, int to, float[] d, float[] p, float[][] memory, double measured, double scale, long step) {
            multiply(from, to, d, (float) (factor * scale));
        }

        @Override
        public double bound(double d, double p, double[] memory, int size, long step) {
            return factor * d;
        }
    }

    record TrustRatio() implements Transform {
        @Override
        public double measure(Tensor direction, Tensor parameter, long step) {
            double norm = direction.norm();
            double size = parameter.norm();
            return norm > 0 && size > 0 ? size / norm : 1;
        }

        @Override
        public void change(
                int from, int to, float[] d, float[] p, float[][] memory, double measured, double scale, long step) {
            double factor = measured * scale;
            for (int i = from; i < to; i++) {
                d[i] = (float) (factor * d[i]); // in double: the ratio to a tiny norm is large
            }
        }

        /** No element is larger than the norm that the direction gets. */
        @Override
        public double bound(double d, double p, double[] memory, int size, long step) {
            return d + p * Math.sqrt(size);
        }
    }
}
