package nn.tensor.internal.window;

import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.warmup.Operation;
import org.jspecify.annotations.Nullable;

/** Vector kernels on windows where they are compiled, scalar kernels until then; see {@code TieredKernels}. */
public final class TieredWindows implements WindowKernels {
    private static final WindowKernels SCALAR = new ScalarWindows();

    /** In a class of its own: the classes of the Vector API take long to load, and the warm-up does so meanwhile. */
    private static final class Vectors {
        static final WindowKernels KERNELS = new VectorWindows();
    }

    private final Compiled compiled;

    /** Chooses by what is compiled. */
    public TieredWindows(Compiled compiled) {
        this.compiled = compiled;
    }

    private WindowKernels kernels(Operation operation, int n) {
        boolean copies = operation == Operation.WINDOW_MAX || compiled.has(Operation.EDGES, n);
        return compiled.has(operation, n) && copies ? Vectors.KERNELS : SCALAR;
    }

    @Override
    public void product(WindowProduct p, WindowRows w, float[] a, float[] b, float @Nullable [] row, float[] c) {
        kernels(Operation.WINDOW_PRODUCTS, p.count * w.size()).product(p, w, a, b, row, c);
    }

    @Override
    public void outer(WindowProduct p, WindowRows w, float[] a, float[] b, float[] c) {
        kernels(Operation.WINDOW_OUTER, p.count * w.size()).outer(p, w, a, b, c);
    }

    @Override
    public void scatter(WindowProduct p, WindowRows w, float[] a, float[] b, float[] c) {
        kernels(Operation.WINDOW_PRODUCTS, p.count * w.size()).scatter(p, w, a, b, c);
    }

    @Override
    public void depthwise(WindowProduct p, WindowRows w, float[] a, float[] b, float @Nullable [] row, float[] c) {
        kernels(Operation.DEPTHWISE, p.count * p.n).depthwise(p, w, a, b, row, c);
    }

    @Override
    public void depthwiseOuter(WindowProduct p, WindowRows w, float[] a, float[] b, float[] c) {
        kernels(Operation.DEPTHWISE_OUTER, p.count * p.n).depthwiseOuter(p, w, a, b, c);
    }

    @Override
    public void max(PoolWindows w, int count, float[] a, int ao, int place, float[] c, int co, int[] places, int po) {
        kernels(Operation.WINDOW_MAX, count * w.n()).max(w, count, a, ao, place, c, co, places, po);
    }
}
