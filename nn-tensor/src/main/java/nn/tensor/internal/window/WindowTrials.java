package nn.tensor.internal.window;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.WIDE;
import static nn.tensor.internal.product.TilePlan.ZEROS;

import nn.tensor.internal.warmup.EmptyCall;
import nn.tensor.internal.warmup.Operation;

/** What the {@code Trial} of a vector kernel of windows runs. */
public final class WindowTrials {
    /** Elements of a run of a window. */
    private static final int RUN = 11;

    /** Places of windows and taps, of results, of neighbouring windows, and none. */
    private static final int[] TAPS = new int[16];

    private static final int[] NOWHERE = new int[16];
    private static final int[] NEIGHBOURS = {0, 1, 2, 3, 4, 5, 6, 7};
    private static final int[] NONE = {};

    private WindowTrials() {}

    /**
     * Runs a kernel: each tile with two runs, longer than a turn of the inner loop and no multiple of it.
     *
     * @param x what it reads
     * @param y what it overwrites
     */
    public static void run(Operation operation, boolean hasData, float[] x, float[] y) {
        int end = hasData ? 2 : EmptyCall.STEPS;
        int count = hasData ? TAPS.length : EmptyCall.STEPS;
        WindowProduct p = WindowProduct.of(count, 1).trial(end);
        switch (operation) {
            case WINDOW_PRODUCTS -> {
                for (int step = LANES; step <= WIDE; step += LANES) {
                    p.part(0, step);
                    VectorWindows.tile(p, TAPS, RUN, x, TAPS, x, ZEROS, y, NOWHERE);
                    if (step <= VectorWindows.ADDED) {
                        VectorWindows.addedTile(p, TAPS, RUN, x, TAPS, x, ZEROS, NOWHERE, y, NOWHERE);
                        VectorWindows.addedPart(p, RUN, x, TAPS, x, y, NOWHERE);
                    }
                }
                VectorWindows.tile(p, TAPS, 1, x, TAPS, x, ZEROS, y, NOWHERE);
                VectorWindows.tile(p, TAPS, 1, x, NEIGHBOURS, x, ZEROS, y, NOWHERE);
            }
            case WINDOW_OUTER -> {
                for (int step = LANES; step <= WIDE; step += LANES) {
                    p.part(0, step);
                    for (int high = 8; high <= 16; high += 8) {
                        VectorWindows.outerTile(p, RUN, high, TAPS, x, TAPS, x, ZEROS, y);
                    }
                }
                p.part(0, LANES);
                VectorWindows.outerTile(p, 1, 8, TAPS, x, TAPS, x, ZEROS, y);
            }
            case DEPTHWISE ->
                VectorWindowTiles.depthwise8(count, TAPS, x, 0, TAPS, 0, x, 0, 1, ZEROS, 0, y, 0, NOWHERE);
            case DEPTHWISE_OUTER ->
                VectorWindowTiles.depthwiseOuter9(count, TAPS, 0, x, 0, TAPS, x, 0, 1, ZEROS, 0, 0, y, 0, 1);
            case WINDOW_MAX -> VectorWindows.largest(hasData ? TAPS : NONE, TAPS, x, 0, 0, y, 0, NOWHERE, 0);
            default -> throw new IllegalArgumentException(operation + " is not one on windows");
        }
    }
}
