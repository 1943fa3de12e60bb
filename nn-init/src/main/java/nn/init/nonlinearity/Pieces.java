package nn.init.nonlinearity;

import nn.tensor.Shape;
import nn.tensor.Tensor;

/** Room for a kernel's intermediate results, a piece of a tensor at a time. */
final class Pieces {
    static final int LENGTH = 512;

    float[] u = {};
    float[] v = {};
    float[] w = {};
    double[] p = {};
    double[] q = {};
    private Views whole = new Views(u, v, 0);
    private Views last = whole; // a tensor's last piece may be shorter

    /** The first n elements of u and v. */
    private record Views(Tensor u, Tensor v) {
        Views(float[] u, float[] v, int n) {
            this(Tensor.wrap(u, 0, Shape.of(n)), Tensor.wrap(v, 0, Shape.of(n)));
        }
    }

    /** Makes room for the pieces of a tensor of this size. */
    void reach(int size) {
        int length = Math.min(size, LENGTH);
        if (u.length < length) {
            u = new float[length];
            v = new float[length];
            whole = new Views(u, v, length);
            last = whole;
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

    private Views views(int n) {
        if (n == u.length) {
            return whole;
        }
        if (last.u.size() != n) {
            last = new Views(u, v, n);
        }
        return last;
    }

    /** The first n elements of u. */
    Tensor first(int n) {
        return views(n).u;
    }

    /** The first n elements of v. */
    Tensor second(int n) {
        return views(n).v;
    }

    /** u = exp(x) for n elements. */
    void exp(Tensor x, int from, int n) {
        System.arraycopy(x.array(), x.offset() + from, u, 0, n);
        first(n).expInto(first(n));
    }
}
