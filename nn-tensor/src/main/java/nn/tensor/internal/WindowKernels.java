package nn.tensor.internal;

import org.jspecify.annotations.Nullable;

/**
 * The primitives of convolutions, on windows that stay where they are ({@link WindowRows}). In all of them, element (q,
 * p) of window i is {@code a[ao + at[i] + taps[q] + p]}.
 */
sealed interface WindowKernels permits ScalarWindows, VectorWindows, TieredWindows {
    /**
     * The product of windows with a matrix: {@code c[co + to[i] + j]} is the chain of fused multiply-adds over q and p
     * of element (q, p) times {@code b[bo + (q * run + p) * bs + j]}, which begins with {@code row[ro + j]}.
     *
     * @param count windows
     * @param n columns of B
     * @param row the initial values of the sums; null for zeros
     */
    void product(
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
            int co);

    /**
     * The product of the transposed windows with a matrix: to {@code c[co + (q * run + p) * cs + j]} is added, in one
     * chain over the windows, element (q, p) of window i times {@code b[bo + i * bs + j]}.
     *
     * @param count windows
     * @param n columns of B
     * @param first whether the sums begin with zeros instead of C
     */
    void outer(
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
            int cs);

    /**
     * The product of a matrix with a transposed one, added to the windows of C: element (q, p) of window i is here at
     * {@code c[co + at[i] + taps[q] + p]}, and to it is added the chain over o of {@code a[ao + i * as + o]} times
     * {@code b[bo + o * size + q * run + p]}. An element of several windows takes their terms in the order of the
     * windows.
     *
     * @param columns the windows of a row, of which {@code count} is a multiple; run q of a window shares no element
     *     with run q of one in another row, and of two windows that share an element, the second one meets it with an
     *     earlier run or, in the same row, with the same one
     * @param k columns of A
     * @param c with room for two vectors behind the last window
     */
    void scatter(
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
            int co);

    /**
     * Windows times weights channel by channel: {@code c[co + to[i] + j]} is the chain over q of {@code a[ao + at[i] +
     * taps[q] + j]} times {@code b[bo + q * n + j]}, which begins with {@code row[ro + j]}. Runs are not used.
     *
     * @param count windows
     * @param n channels
     * @param row the initial values of the sums; null for zeros
     */
    void depthwise(
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
            int co);

    /**
     * The largest elements of a row of windows, channel by channel: {@code c[co + i * n + j]} is the largest of {@code
     * a[ao + i * step + taps[q] + j]} over q, the first of equal ones and the last NaN, and {@code places[po + i * n +
     * j]} is {@code place + i * apart + tapPlaces[q]} for it.
     *
     * @param count windows
     * @param n channels
     */
    void max(
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
            int po);

    /**
     * Sums over windows channel by channel: to {@code c[co + q * n + j]} is added, in one chain over the windows,
     * {@code a[ao + at[i] + taps[q] + j]} times {@code b[bo + i * n + j]}. Runs are not used.
     *
     * @param count windows
     * @param n channels
     * @param first whether the sums begin with zeros instead of C
     */
    void depthwiseOuter(
            WindowRows w, int count, int n, float[] a, int ao, float[] b, int bo, boolean first, float[] c, int co);
}
