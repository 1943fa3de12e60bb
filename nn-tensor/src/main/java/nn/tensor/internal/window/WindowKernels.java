package nn.tensor.internal.window;

import org.jspecify.annotations.Nullable;

/**
 * The primitives of convolutions, on windows that stay where they are ({@link WindowRows}), and of poolings. In the
 * products ({@link WindowProduct}), element (q, p) of window i is {@code a[ao + at[i] + taps[q] + p]}.
 */
public sealed interface WindowKernels permits ScalarWindows, VectorWindows, TieredWindows {
    /**
     * The product of windows with a matrix: {@code c[co + to[i] + j]} is the chain of fused multiply-adds over q and p
     * of element (q, p) times {@code b[bo + (q * run + p) * bs + j]}, which begins with {@code row[ro + j]}.
     *
     * @param row the initial values of the sums; null for zeros
     */
    void product(WindowProduct p, WindowRows w, float[] a, float[] b, float @Nullable [] row, float[] c);

    /**
     * The product of the transposed windows with a matrix: to {@code c[co + (q * run + p) * cs + j]} is added, in one
     * chain over the windows, element (q, p) of window i times {@code b[bo + i * bs + j]}. If they are the first
     * windows, the chain begins with zero.
     */
    void outer(WindowProduct p, WindowRows w, float[] a, float[] b, float[] c);

    /**
     * The product of a matrix with a transposed one, added to the windows of C: element (q, p) of window i is here at
     * {@code c[co + at[i] + taps[q] + p]}, and to it is added the chain over o, up to k, of {@code a[ao + i * as + o]}
     * times {@code b[bo + o * size + q * run + p]}. An element of several windows takes their terms in the order of the
     * windows.
     *
     * <p>There are whole rows of windows. Run q of a window shares no element with run q of one in another row, and of
     * two windows that share an element, the second one meets it with an earlier run or, in the same row, with the same
     * one.
     *
     * @param c with room for two vectors behind the last window
     */
    void scatter(WindowProduct p, WindowRows w, float[] a, float[] b, float[] c);

    /**
     * Windows times weights channel by channel: {@code c[co + to[i] + j]} is the chain over q of {@code a[ao + at[i] +
     * taps[q] + j]} times {@code b[bo + q * n + j]}, which begins with {@code row[ro + j]}. Runs are not used.
     *
     * @param row the initial values of the sums; null for zeros
     */
    void depthwise(WindowProduct p, WindowRows w, float[] a, float[] b, float @Nullable [] row, float[] c);

    /**
     * Sums over windows channel by channel: to {@code c[co + q * n + j]} is added, in one chain over the windows,
     * {@code a[ao + at[i] + taps[q] + j]} times {@code b[bo + i * n + j]}. If they are the first windows, the chain
     * begins with zero. Runs are not used.
     */
    void depthwiseOuter(WindowProduct p, WindowRows w, float[] a, float[] b, float[] c);

    /**
     * The largest elements of windows, channel by channel: {@code c[co + i * n + j]} is the largest of {@code a[ao + i
     * * step + taps[q] + j]} over q, the first of equal ones and the last NaN, and {@code places[po + i * n + j]} is
     * {@code place + i * apart + tapPlaces[q]} for it.
     *
     * @param count windows
     */
    void max(PoolWindows w, int count, float[] a, int ao, int place, float[] c, int co, int[] places, int po);
}
