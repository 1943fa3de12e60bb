package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.SHORT;
import static nn.tensor.internal.product.TilePlan.TALL;
import static nn.tensor.internal.product.TilePlan.TALLEST;
import static nn.tensor.internal.product.TilePlan.WIDE;
import static nn.tensor.internal.product.TilePlan.ZEROS;

import nn.tensor.internal.thread.Scratch;
import nn.tensor.internal.warmup.EmptyCall;
import nn.tensor.internal.warmup.TileStage;
import nn.tensor.internal.warmup.Trial;

/** The {@link Trial} of each vector kernel of products. */
public final class ProductTrials {
    /** Inner steps of a tile's trial: C2 unrolls the loop of a narrow tile according to the lengths that it saw. */
    private static final int STEPS = 24;

    /** Columns of a trial row by row. */
    private static final int COLUMNS = 16 * LANES;

    /** Rows of a trial of strips. */
    private static final int STRIP_ROWS = 64;

    private ProductTrials() {}

    /** The trial of the tiles that a stage adds to the one before. */
    public static Trial of(TileStage stage) {
        return new Tiles(stage);
    }

    /** The trial of products of a short inner size. */
    public static Trial ofSteps(int k) {
        return new Strips(k);
    }

    /** The trial of sums of products over a tree. */
    public static Trial ofSums() {
        return new TreeTiles();
    }

    /** Transposes 16 columns; n is 0 or a multiple of 256. */
    public static void transpose(int n, float[] x, float[] y) {
        int size = VectorSquares.SIZE;
        if (LANES == size) {
            VectorSquares.transpose(n / size, x, 0, size, y, 0, n / size);
        }
    }

    /** Products with a transposed right side of n elements. */
    public static void transposedProducts(int n, float[] x, float[] y) {
        int size = VectorSquares.SIZE;
        if (LANES == size) {
            int k = n / size;
            VectorSquares.dots1(k, x, 0, k, 1, x, 0, k, y, 0, size);
            VectorSquares.dots2(k, x, 0, k, 1, x, 0, k, y, 0, size);
            VectorSquares.panel(k / 2, x, 0, k / 2, y, 0);
        }
    }

    /** Products of few columns; n is 0 or a multiple of 256. */
    public static void narrowProducts(int n, float[] x, float[] y) {
        int size = VectorSquares.SIZE;
        if (LANES == size) {
            int k = n / (4 * size);
            VectorSquares.transpose(n / size, x, 0, size, y, 0, n / size);
            VectorSquares.panel(k, x, 0, k, y, 0);
            Product p = Product.of(SHORT, WIDE, n == 0 ? EmptyCall.STEPS : k).a(0, 1, size);
            for (int height = 8; height <= 12; height += 2) {
                WideTiles.tile(p, height, x, 0, x, 0, ZEROS, 0, y, 0);
            }
        }
    }

    /** Products in double. */
    public static void doubles(boolean empty) {
        int width = DoubleMatmul.WIDTH;
        double[] strip = new double[empty ? 0 : width * width];
        VectorDoubleMatmul kernels = new VectorDoubleMatmul();
        int steps = empty ? EmptyCall.STEPS : width;
        kernels.add(7, steps, strip, 0, strip, 0, strip, 0); // the low tile too
        VectorDoubleMatmul.columnsTile(steps, strip, 0, strip, 0, strip, 0);
        kernels.addOuter(steps, strip, strip, strip, 0);
    }

    private abstract static class OfProducts extends Trial {
        @Override
        public final void empty() {
            run(true);
        }

        @Override
        public final void withData() {
            run(false);
        }

        @Override
        public final void timed() {
            run(false);
        }

        @Override
        public final int callsForOneWithData(boolean enough) {
            return NEVER;
        }

        abstract void run(boolean empty);
    }

    private static final class Strips extends OfProducts {
        private final int steps;

        Strips(int steps) {
            this.steps = steps;
        }

        @Override
        void run(boolean empty) {
            float[] a = Scratch.BLOCK.floats(STRIP_ROWS * steps);
            int width = Math.max(WIDE, ShortProducts.wideStrip(steps));
            float[] b = Scratch.PANEL.floats(steps * width);
            float[] c = Scratch.TILE.floats(STRIP_ROWS * width);
            int rows = empty ? 0 : STRIP_ROWS;
            VectorSteps.rows(steps, rows, a, 0, steps, b, 0, WIDE, c, 0, WIDE);
            VectorSteps.columns(steps, rows, a, 0, STRIP_ROWS, b, 0, WIDE, c, 0, WIDE);
            VectorSteps.strip(steps, rows, a, 0, steps, 1, b, 0, WIDE, ZEROS, 0, 0, c, 0, WIDE);
            if (steps <= ShortProducts.WIDE_STEPS) {
                Product p = Product.of(rows, width, steps).a(0, 1, STRIP_ROWS);
                ShortProducts.wideStrip(p, rows, a, 0, b, 0, c, 0);
            }
        }
    }

    /** The tiles of {@link VectorTreeTiles}, of two heights and two widths, and {@link VectorTreeSums}. */
    private static final class TreeTiles extends OfProducts {
        @Override
        void run(boolean empty) {
            float[] data = Scratch.PANEL.floats(STEPS * COLUMNS);
            int steps = empty ? EmptyCall.STEPS : STEPS;
            for (int width = LANES; width <= WIDE; width += LANES) {
                for (int height = SHORT; height <= VectorProductSums.TALL; height += TALL - SHORT) {
                    VectorProductSums.trial(steps, height, width, data);
                }
            }
        }
    }

    private static final class Tiles extends OfProducts {
        private final TileStage stage;

        Tiles(TileStage stage) {
            this.stage = stage;
        }

        @Override
        void run(boolean empty) {
            float[] data = Scratch.PANEL.floats(STEPS * COLUMNS);
            float[] a = Scratch.BLOCK.floats(16 * VectorTiles.APART);
            float[] c = Scratch.TILE.floats(Edges.LARGEST_TILE + COLUMNS);
            int steps = empty ? EmptyCall.STEPS : STEPS;
            int rows = empty ? 0 : 2;
            Product p = Product.of(rows, WIDE, steps);
            switch (stage) {
                case ROW_BY_ROW -> {
                    if (empty) {
                        RowProducts.fourSteps(0, 1f, 1f, 1f, 1f, data, 0, 0, c, 0);
                        RowProducts.oneStep(0, 1f, data, 0, c, 0);
                    } else {
                        RowProducts.addRow(COLUMNS, STEPS, data, 0, 1, data, 0, COLUMNS, c, 0);
                    }
                }
                case BLOCK, TALL_BLOCK, TALLEST_BLOCK -> {
                    Packing.copyRows(rows, LANES + 1, data, 0, COLUMNS, a, 0, VectorTiles.APART);
                    int height = stage == TileStage.BLOCK ? SHORT : stage == TileStage.TALL_BLOCK ? TALL : TALLEST;
                    p.a(0, VectorTiles.APART, 1).c(0, WIDE).beginWithC();
                    WideTiles.tile(p, height, a, 0, data, 0, c, 0, c, 0);
                }
                case COLUMNS, TALL_COLUMNS -> {
                    Packing.copyTwoVectors(rows, data, 0, WIDE, a, 0);
                    Packing.copyOneVector(rows, data, 0, WIDE, a, 0, LANES);
                    int height = stage == TileStage.COLUMNS ? SHORT : TALL;
                    p.a(0, 1, 16).c(0, WIDE).beginWithC();
                    WideTiles.tile(p, height, a, 0, data, 0, c, 0, c, 0);
                }
                case WIDE_BY_ROWS -> {
                    p.a(0, STEPS, 1).b(0, WIDE, STEPS).c(0, WIDE).beginWithC();
                    RowTiles.tile(p, a, 0, data, 0, c, 0, c, 0);
                }
                case NARROW_BY_ROWS -> {
                    Packing.copyVector(LANES - 1, rows, data, 0, LANES, a, 0, LANES);
                    Edges.copyBack(rows, LANES - 1, LANES, data, 0, a, 0, LANES);
                    p.a(0, STEPS, 1).b(0, LANES, STEPS).c(0, WIDE).beginWithC();
                    RowTiles.tile(p, a, 0, data, 0, c, 0, c, 0);
                }
                case NARROW_BY_COLUMNS -> {
                    p.a(0, 1, 16).b(0, LANES, STEPS).c(0, WIDE).beginWithC();
                    ColumnTiles.tile(p, a, 0, data, 0, c, 0, c, 0);
                }
                case LONG_ROW -> {
                    VectorTiles.block1x16(steps, data, 0, 1, data, 0, TilePlan.LONG, ZEROS, 0, 0, c, 0, 0);
                    VectorTiles.block1x8(steps, data, 0, 1, data, 0, RowProducts.HALF, ZEROS, 0, 0, c, 0, 0);
                    VectorTiles.block1x1(steps, data, 0, 1, data, 0, LANES, ZEROS, 0, 0, c, 0, 0);
                }
                case NONE -> throw new IllegalArgumentException("there are no tiles before the first stage");
            }
        }
    }
}
