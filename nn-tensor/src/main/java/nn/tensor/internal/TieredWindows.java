package nn.tensor.internal;

import org.jspecify.annotations.Nullable;

/** Vector kernels on windows where they are compiled, scalar kernels until then; see {@link TieredKernels}. */
final class TieredWindows implements WindowKernels {
    private static final WindowKernels SCALAR = new ScalarWindows();
    private static final WindowKernels VECTOR = new VectorWindows();

    private final Compiled compiled;

    TieredWindows(Compiled compiled) {
        this.compiled = compiled;
    }

    private WindowKernels kernels(Operation operation, int n) {
        return compiled.has(operation, n) ? VECTOR : SCALAR;
    }

    @Override
    public void product(
            WindowRows w,
            int count,
            int n,
            float[] a,
            int ao,
            float[] b,
            int bo,
            int bs,
            float @Nullable [] row,
            int ro,
            float[] c,
            int co) {
        kernels(Operation.WINDOW_PRODUCTS, count * w.size()).product(w, count, n, a, ao, b, bo, bs, row, ro, c, co);
    }

    @Override
    public void outer(
            WindowRows w,
            int count,
            int n,
            float[] a,
            int ao,
            float[] b,
            int bo,
            int bs,
            boolean first,
            float[] c,
            int co,
            int cs) {
        kernels(Operation.WINDOW_OUTER, count * w.size()).outer(w, count, n, a, ao, b, bo, bs, first, c, co, cs);
    }

    @Override
    public void scatter(
            WindowRows w,
            int columns,
            int count,
            int k,
            float[] a,
            int ao,
            int as,
            float[] b,
            int bo,
            float[] c,
            int co) {
        kernels(Operation.WINDOW_PRODUCTS, count * w.size()).scatter(w, columns, count, k, a, ao, as, b, bo, c, co);
    }

    @Override
    public void depthwise(
            WindowRows w,
            int count,
            int n,
            float[] a,
            int ao,
            float[] b,
            int bo,
            float @Nullable [] row,
            int ro,
            float[] c,
            int co) {
        kernels(Operation.DEPTHWISE, count * n).depthwise(w, count, n, a, ao, b, bo, row, ro, c, co);
    }

    @Override
    public void max(
            int count,
            int n,
            int step,
            int[] taps,
            int[] tapPlaces,
            float[] a,
            int ao,
            int place,
            int apart,
            float[] c,
            int co,
            int[] places,
            int po) {
        kernels(Operation.WINDOW_MAX, count * n)
                .max(count, n, step, taps, tapPlaces, a, ao, place, apart, c, co, places, po);
    }

    @Override
    public void depthwiseOuter(
            WindowRows w, int count, int n, float[] a, int ao, float[] b, int bo, boolean first, float[] c, int co) {
        kernels(Operation.DEPTHWISE_OUTER, count * n).depthwiseOuter(w, count, n, a, ao, b, bo, first, c, co);
    }
}
