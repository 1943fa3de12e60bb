package nn.examples.claims;

import nn.examples.claims.symmetry.Reordered;
import nn.examples.experiment.Apparatus;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.Orthogonal;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** Faults that an experiment must notice. */
enum Sabotage implements Apparatus {
    /** Weights of half as much variance again. */
    WRONG_VARIANCE {
        @Override
        public Initializer weights(Initializer named) {
            return (out, fans, key) -> {
                named.fill(out, fans, key);
                out.scaleInPlace((float) Math.sqrt(1.5));
            };
        }
    },

    /** Fan-in and fan-out exchanged. */
    SWAPPED_FAN {
        @Override
        public Initializer weights(Initializer named) {
            return (out, fans, key) -> named.fill(out, new Fans(fans.out(), fans.in()), key);
        }
    },

    /** An orthogonal factor as Householder's algorithm leaves it, without the signs that make it uniform. */
    UNSIGNED_QR {
        @Override
        public Initializer weights(Initializer named) {
            return named instanceof Orthogonal orthogonal
                    ? (out, fans, key) -> {
                        if (out.dim(0) != out.dim(1)) {
                            named.fill(out, fans, key);
                            return;
                        }
                        key.normal(out, 0f, 1f);
                        householder(out, orthogonal.gain());
                    }
                    : named;
        }
    },

    /** Gaussian weights of the same variance where orthogonal ones were asked for. */
    NOT_ORTHOGONAL {
        @Override
        public Initializer weights(Initializer named) {
            return named instanceof Orthogonal orthogonal
                    ? (out, fans, key) -> {
                        Init.lecunNormal().fill(out, fans, key);
                        out.scaleInPlace((float) orthogonal.gain());
                    }
                    : named;
        }
    },

    /** No biases. */
    BIAS_DROPPED {
        @Override
        public Initializer biases(Initializer named) {
            return Init.zeros();
        }
    },

    /** The same random numbers in every repetition. */
    ONE_SEED {
        @Override
        public Key repetition(Key key, int index) {
            return key.child(0);
        }
    },

    /** A nonlinearity that is 10 % too large. */
    WRONG_NONLINEARITY {
        @Override
        public Nonlinearity nonlinearity(Nonlinearity named) {
            return Nonlinearity.of(named.name() + " x 1.1", z -> 1.1 * named.value(z), z -> 1.1 * named.derivative(z));
        }
    },

    /** Gradients of the columns from 32 on summed over the examples in the opposite order. */
    OTHER_ORDER_OF_SUMS {
        @Override
        public Layer model(Layer built) {
            return new Reordered(built);
        }
    };

    /** Replaces a square matrix by the orthogonal factor of its QR factorization, with the signs it comes with. */
    private static void householder(Tensor a, double gain) {
        int n = a.dim(0);
        double[][] r = new double[n][n];
        double[][] q = new double[n][n];
        for (int i = 0; i < n; i++) {
            q[i][i] = 1;
            for (int j = 0; j < n; j++) {
                r[i][j] = a.get(i, j);
            }
        }
        for (int k = 0; k < n; k++) {
            double norm = 0;
            for (int i = k; i < n; i++) {
                norm = Math.hypot(norm, r[i][k]);
            }
            double[] v = new double[n];
            for (int i = k; i < n; i++) {
                v[i] = r[i][k];
            }
            v[k] += Math.copySign(norm, r[k][k]);
            double squares = 0;
            for (int i = k; i < n; i++) {
                squares += v[i] * v[i];
            }
            for (int j = 0; j < n; j++) {
                double left = 0;
                double right = 0;
                for (int i = k; i < n; i++) {
                    left += v[i] * r[i][j];
                    right += q[j][i] * v[i];
                }
                for (int i = k; i < n; i++) {
                    r[i][j] -= 2 * v[i] * left / squares;
                    q[j][i] -= 2 * v[i] * right / squares;
                }
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                a.set((float) (gain * q[i][j]), i, j);
            }
        }
    }
}
