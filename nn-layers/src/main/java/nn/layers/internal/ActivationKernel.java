package nn.layers.internal;

import java.util.function.DoubleUnaryOperator;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A {@link Nonlinearity} for whole tensors: on vector kernels where it has one, element by element otherwise. It may
 * have room for intermediate results, so it is for one thread.
 */
public interface ActivationKernel {
    /** y = f(x); y may be x if the gradient is then asked {@link #fromOutput}. */
    void value(Tensor x, Tensor y);

    /** dx = dy f'(x), for y = f(x); reads only one of x and y, by {@link #fromOutput}. dx is a tensor of its own. */
    void gradient(Tensor x, Tensor y, Tensor dy, Tensor dx);

    /** Whether the gradient reads y and not x, so that y may take the place of x. */
    default boolean fromOutput() {
        return false;
    }

    static ActivationKernel of(Nonlinearity f) {
        if (f.equals(Nonlinearity.RELU)) {
            return new Relu();
        } else if (f.equals(Nonlinearity.TANH)) {
            return new Tanh();
        } else if (f.equals(Nonlinearity.SIGMOID)) {
            return new Sigmoid();
        } else if (f.equals(Nonlinearity.SILU)) {
            return new Silu();
        } else if (f.equals(Nonlinearity.GELU)) {
            return new Gelu(new Pieces());
        } else if (f.equals(Nonlinearity.SOFTPLUS)) {
            return new Softplus(new Pieces());
        } else if (f.equals(Nonlinearity.SELU)) {
            return new Elu((float) f.derivative(1), (float) f.derivative(0), new Pieces());
        }
        double atZero = f.derivative(0); // the slope of a leaky ReLU, the alpha of an ELU; of any other, any number
        if (Double.isFinite(atZero) && f.equals(Nonlinearity.leakyRelu(atZero))) {
            return new Leaky((float) atZero);
        } else if (Double.isFinite(atZero) && f.equals(Nonlinearity.elu(atZero))) {
            return new Elu(1f, (float) atZero, new Pieces());
        }
        return new Elementwise(f::value, f::derivative);
    }

    /**
     * One number where v is above 0, the other elsewhere, NaN included; without a branch, which would be mispredicted
     * for every other of random signs.
     */
    public static float choose(float v, float above, float elsewhere) {
        int bits = Float.floatToRawIntBits(v);
        // all ones unless 0 < bits <= those of infinity
        int mask = (bits - 1 | Float.floatToRawIntBits(Float.POSITIVE_INFINITY) - bits | bits) >> 31;
        int a = Float.floatToRawIntBits(above);
        return Float.intBitsToFloat(a ^ (a ^ Float.floatToRawIntBits(elsewhere)) & mask);
    }

    /** Any f, called in double for each element. */
    record Elementwise(DoubleUnaryOperator f, DoubleUnaryOperator derivative) implements ActivationKernel {
        @Override
        public void value(Tensor x, Tensor y) {
            x.mapInto(f, y);
        }

        @Override
        public void gradient(Tensor x, Tensor y, Tensor dy, Tensor dx) {
            x.mapInto(derivative, dx);
            dx.multiplyInto(dy, dx);
        }
    }

    /** max(x, 0). */
    record Relu() implements ActivationKernel {
        @Override
        public void value(Tensor x, Tensor y) {
            x.reluInto(y);
        }

        @Override
        public void gradient(Tensor x, Tensor y, Tensor dy, Tensor dx) {
            y.reluGradInto(dy, dx);
        }

        @Override
        public boolean fromOutput() {
            return true;
        }
    }

    /** tanh x. */
    record Tanh() implements ActivationKernel {
        @Override
        public void value(Tensor x, Tensor y) {
            x.tanhInto(y);
        }

        @Override
        public void gradient(Tensor x, Tensor y, Tensor dy, Tensor dx) {
            y.tanhGradInto(dy, dx);
        }

        @Override
        public boolean fromOutput() {
            return true;
        }
    }

    /** 1 / (1 + exp(-x)), with derivative y (1 - y). */
    record Sigmoid() implements ActivationKernel {
        @Override
        public void value(Tensor x, Tensor y) {
            x.sigmoidInto(y);
        }

        @Override
        public void gradient(Tensor x, Tensor y, Tensor dy, Tensor dx) {
            float[] out = y.array();
            float[] d = dy.array();
            float[] to = dx.array();
            for (int i = 0; i < x.size(); i++) {
                float s = out[y.offset() + i];
                to[dx.offset() + i] = d[dy.offset() + i] * (s * (1 - s));
            }
        }

        @Override
        public boolean fromOutput() {
            return true;
        }
    }

    /** x above 0, slope * x elsewhere. */
    record Leaky(float slope) implements ActivationKernel {
        @Override
        public void value(Tensor x, Tensor y) {
            gradient(x, y, x, y); // f is homogeneous: f(x) = x f'(x)
        }

        @Override
        public void gradient(Tensor x, Tensor y, Tensor dy, Tensor dx) {
            float[] from = x.array();
            float[] d = dy.array();
            float[] to = dx.array();
            for (int i = 0; i < x.size(); i++) {
                to[dx.offset() + i] = d[dy.offset() + i] * choose(from[x.offset() + i], 1, slope);
            }
        }
    }

    /**
     * x sigmoid(x). The derivative is s (1 + x (1 - s)) for s = sigmoid(x), in double: s follows from sigmoid(-|x|), as
     * the difference 1 - s of a float near 1 would have lost its digits.
     */
    record Silu() implements ActivationKernel {
        @Override
        public void value(Tensor x, Tensor y) {
            x.sigmoidInto(y);
            float[] from = x.array();
            float[] to = y.array();
            for (int i = 0; i < x.size(); i++) {
                to[y.offset() + i] *= Math.max(from[x.offset() + i], -Float.MAX_VALUE); // 0 * infinity would be NaN
            }
        }

        @Override
        public void gradient(Tensor x, Tensor y, Tensor dy, Tensor dx) {
            float[] from = x.array();
            float[] d = dy.array();
            float[] to = dx.array();
            for (int i = 0; i < x.size(); i++) {
                to[dx.offset() + i] = -Math.abs(from[x.offset() + i]);
            }
            dx.sigmoidInto(dx);
            for (int i = 0; i < x.size(); i++) {
                float v = from[x.offset() + i];
                double t = to[dx.offset() + i];
                double above = choose(v, 1, 0);
                double sigmoid = above + t - 2 * above * t; // t, or 1 - t above 0
                double finite = Math.min(Math.max(v, -Float.MAX_VALUE), Float.MAX_VALUE);
                to[dx.offset() + i] = d[dy.offset() + i] * (float) (sigmoid * (1 + finite * (1 - sigmoid)));
            }
        }
    }

    /** x Phi(x), with derivative Phi(x) + x phi(x), for the standard normal distribution Phi and its density phi. */
    record Gelu(Pieces pieces) implements ActivationKernel {
        private static final double SQRT_HALF = Math.sqrt(0.5);
        private static final double SQRT_2_PI = Math.sqrt(2 * Math.PI);

        /** From here on exp(-a^2 / 2) is 0 in float. */
        private static final double FAR = 15;

        /**
         * (1 + 2 t) exp(t^2) erfc(t) for every t of 0 or more, as a polynomial in k = (t - 15/4) / (t + 15/4), C0
         * first: the form of Shepherd and Laframboise (Mathematics of Computation 36, 1981), to a relative error of
         * 7e-10.
         */
        private static final double C0 = 1.2375126300326993;

        private static final double C1 = -0.14024059953590987;
        private static final double C2 = 0.00358549531406309;
        private static final double C3 = 0.08227677399010318;
        private static final double C4 = -0.10880522754949953;
        private static final double C5 = 0.09230393753827085;
        private static final double C6 = -0.05868544049363111;
        private static final double C7 = 0.028364105117372054;
        private static final double C8 = -0.009770087183368234;
        private static final double C9 = 0.0017511576292398034;
        private static final double C10 = 0.00033016745627228067;
        private static final double C11 = -0.00028431307575109806;
        private static final double C12 = 2.2046718905694024e-05;
        private static final double C13 = 1.8521947386750102e-05;

        @Override
        public void value(Tensor x, Tensor y) {
            each(x, false, y);
        }

        @Override
        public void gradient(Tensor x, Tensor y, Tensor dy, Tensor dx) {
            each(x, true, dx);
            dx.multiplyInto(dy, dx);
        }

        /** Plain loops over arrays that begin at 0, which a compiler turns into vector code. */
        private void each(Tensor x, boolean slope, Tensor dst) {
            pieces.reachInAll(x.size());
            double[] exponentials = pieces.p;
            double[] tails = pieces.q;
            float[] in = pieces.w;
            for (int from = 0; from < x.size(); from += Pieces.LENGTH) {
                int n = Math.min(Pieces.LENGTH, x.size() - from);
                System.arraycopy(x.array(), x.offset() + from, in, 0, n);
                exponents(in, pieces.u, n);
                pieces.first(n).expInto(pieces.second(n));
                tails(in, pieces.u, pieces.v, exponentials, tails, n);
                if (slope) {
                    slopes(in, exponentials, tails, pieces.u, n);
                } else {
                    values(in, tails, pieces.u, n);
                }
                System.arraycopy(pieces.u, 0, dst.array(), dst.offset() + from, n);
            }
        }

        /** -a^2 / 2 in float, for a = |x| up to FAR. */
        private static void exponents(float[] x, float[] dst, int n) {
            for (int i = 0; i < n; i++) {
                double a = Math.min(Math.abs((double) x[i]), FAR);
                dst[i] = (float) (-0.5 * a * a);
            }
        }

        /**
         * From exponents u and their exponentials v: exp(-a^2 / 2), and Phi(-a), which is half of that times erfcx(a /
         * sqrt 2).
         */
        private static void tails(float[] x, float[] u, float[] v, double[] exponentials, double[] tails, int n) {
            for (int i = 0; i < n; i++) {
                double a = Math.min(Math.abs((double) x[i]), FAR);
                double e = v[i] * (1 - (0.5 * a * a + u[i])); // with what the rounding of the exponent took
                double t = SQRT_HALF * a;
                double k = (t - 3.75) / (t + 3.75);
                double sum = Math.fma(Math.fma(Math.fma(C13, k, C12), k, C11), k, C10);
                sum = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(sum, k, C9), k, C8), k, C7), k, C6), k, C5);
                sum = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(sum, k, C4), k, C3), k, C2), k, C1), k, C0);
                exponentials[i] = e;
                tails[i] = 0.5 * e * sum / (1 + 2 * t);
            }
        }

        /** x Phi(x): x - x Phi(-x) above 0, x Phi(x) below; -0 at -0 and at minus infinity. */
        private static void values(float[] x, double[] tails, float[] dst, int n) {
            for (int i = 0; i < n; i++) {
                double v = x[i];
                double a = Math.min(Math.abs(v), FAR);
                dst[i] = (float) (Math.max(v, -0.0) - a * tails[i]);
            }
        }

        /** Phi(x) + x phi(x). */
        private static void slopes(float[] x, double[] exponentials, double[] tails, float[] dst, int n) {
            for (int i = 0; i < n; i++) {
                double cdf = 0.5 + Math.copySign(0.5 - tails[i], x[i]);
                double v = Math.min(Math.max(x[i], -FAR), FAR); // beyond, the density is 0
                dst[i] = (float) (cdf + v * (exponentials[i] / SQRT_2_PI));
            }
        }
    }

    /** log(1 + exp(x)), with derivative sigmoid(x). */
    record Softplus(Pieces pieces) implements ActivationKernel {
        @Override
        public void value(Tensor x, Tensor y) {
            pieces.reach(x.size());
            for (int from = 0; from < x.size(); from += Pieces.LENGTH) {
                int n = Math.min(Pieces.LENGTH, x.size() - from);
                for (int i = 0; i < n; i++) {
                    pieces.u[i] = -Math.abs(x.array()[x.offset() + from + i]);
                }
                pieces.first(n).expInto(pieces.first(n));
                for (int i = 0; i < n; i++) {
                    pieces.v[i] = 1 + pieces.u[i];
                }
                pieces.second(n).logInto(pieces.second(n));
                for (int i = 0; i < n; i++) {
                    // log(1 + e), as Kahan does it: the logarithm of 1 + e rounded, times what rounding made of e
                    float e = pieces.u[i];
                    float sum = 1 + e;
                    float log = sum == 1 ? e : pieces.v[i] * e / (sum - 1);
                    y.array()[y.offset() + from + i] = Math.max(x.array()[x.offset() + from + i], 0) + log;
                }
            }
        }

        @Override
        public void gradient(Tensor x, Tensor y, Tensor dy, Tensor dx) {
            x.sigmoidInto(dx);
            dx.multiplyInto(dy, dx);
        }
    }

    /** above * x above 0, below * (exp(x) - 1) elsewhere. */
    record Elu(float above, float below, Pieces pieces) implements ActivationKernel {
        @Override
        public void value(Tensor x, Tensor y) {
            pieces.reach(x.size());
            for (int from = 0; from < x.size(); from += Pieces.LENGTH) {
                int n = Math.min(Pieces.LENGTH, x.size() - from);
                pieces.exp(x, from, n);
                pieces.first(n).logInto(pieces.second(n));
                for (int i = 0; i < n; i++) {
                    // exp(x) - 1, as Kahan does it: what is left of exp(x), times what rounding made of x
                    float v = x.array()[x.offset() + from + i];
                    float e = pieces.u[i];
                    float less = e == 1 ? v : e == 0 ? -1 : (e - 1) * v / pieces.v[i];
                    y.array()[y.offset() + from + i] = choose(v, above * v, below * less);
                }
            }
        }

        @Override
        public void gradient(Tensor x, Tensor y, Tensor dy, Tensor dx) {
            x.expInto(dx);
            for (int i = 0; i < x.size(); i++) {
                float slope = choose(x.array()[x.offset() + i], above, below * dx.array()[dx.offset() + i]);
                dx.array()[dx.offset() + i] = dy.array()[dy.offset() + i] * slope;
            }
        }
    }

    /** Room for intermediate results, a piece of a tensor at a time. */
    final class Pieces {
        static final int LENGTH = 512;

        float[] u = {};
        float[] v = {};
        float[] w = {};
        double[] p = {};
        double[] q = {};
        private Tensor first = Tensor.zeros(0);
        private Tensor second = first;

        /** Makes room for the pieces of so many elements. */
        void reach(int size) {
            int length = Math.min(size, LENGTH);
            if (u.length < length) {
                u = new float[length];
                v = new float[length];
                view(length);
            }
        }

        /** The same in all five arrays. */
        void reachInAll(int size) {
            reach(size);
            if (w.length < u.length) {
                w = new float[u.length];
                p = new double[u.length];
                q = new double[u.length];
            }
        }

        private void view(int n) {
            first = Tensor.wrap(u, 0, Shape.of(n));
            second = Tensor.wrap(v, 0, first.shape());
        }

        /** The first n elements of u. */
        Tensor first(int n) {
            if (first.size() != n) {
                view(n);
            }
            return first;
        }

        /** The first n elements of v. */
        Tensor second(int n) {
            if (second.size() != n) {
                view(n);
            }
            return second;
        }

        /** u = exp(x) for n elements. */
        void exp(Tensor x, int from, int n) {
            System.arraycopy(x.array(), x.offset() + from, u, 0, n);
            first(n).expInto(first(n));
        }
    }
}
