package nn.tensor.internal.driver;

import nn.tensor.internal.Kernels;
import nn.tensor.internal.math.Fused;
import nn.tensor.internal.random.ScalarRandom;
import nn.tensor.internal.thread.Parallel;

/**
 * Random fills, scaled and shifted, piece by piece on all threads: element i depends on the key and i alone ({@link
 * ScalarRandom}), so the split changes nothing. A piece is scaled while it is in the first-level cache, and a long fill
 * may change its implementation between pieces ({@code TieredKernels}).
 */
public final class Fills {
    /** Elements of a piece, a multiple of a group. */
    private static final int PIECE = 64 * ScalarRandom.GROUP;

    /** Relative cost of drawing one element ({@link Parallel#threadsForElements}). */
    private static final double ELEMENT = 4;

    private Fills() {}

    /** The distribution of the values before scaling. */
    public enum Distribution {
        /** Uniform on (-1, 1). */
        UNIFORM,
        /** Standard normal. */
        NORMAL
    }

    /** out[off + i] = fma(element i, factor, shift), for i &lt; n. */
    public static void fill(
            Distribution distribution, long hi, long lo, float[] out, int off, int n, float factor, float shift) {
        int pieces = (int) (((long) n + PIECE - 1) / PIECE);
        int parts = Math.min(pieces, Parallel.threadsForElements(ELEMENT * n));
        if (parts <= 1) {
            pieces(distribution, hi, lo, out, off, n, factor, shift, 0, pieces);
        } else {
            Parallel.split(
                    pieces, parts, (from, to) -> pieces(distribution, hi, lo, out, off, n, factor, shift, from, to));
        }
    }

    private static void pieces(
            Distribution distribution,
            long hi,
            long lo,
            float[] out,
            int off,
            int n,
            float factor,
            float shift,
            int from,
            int to) {
        Kernels kernels = Kernels.active();
        for (int piece = from; piece < to; piece++) {
            int first = piece * PIECE;
            int size = Math.min(PIECE, n - first);
            switch (distribution) {
                case UNIFORM -> kernels.uniform(hi, lo, first, out, off + first, size);
                case NORMAL -> kernels.normal(hi, lo, first, out, off + first, size);
            }
            affine(out, off + first, size, factor, shift);
        }
    }

    private static void affine(float[] x, int xo, int n, float factor, float shift) {
        for (int i = 0; i < n; i++) {
            x[xo + i] = Fused.fma(x[xo + i], factor, shift);
        }
    }
}
