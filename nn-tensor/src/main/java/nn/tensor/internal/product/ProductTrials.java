package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.SHORT;
import static nn.tensor.internal.product.TilePlan.TALL;
import static nn.tensor.internal.product.TilePlan.TALLEST;
import static nn.tensor.internal.product.TilePlan.WIDE;
import static nn.tensor.internal.product.TilePlan.ZEROS;

import nn.tensor.internal.thread.Scratch;
import nn.tensor.internal.warmup.EmptyCall;
import nn.tensor.internal.warmup.Operation;
import nn.tensor.internal.warmup.Trial;

/** The {@link Trial} of each vector kernel of products. */
public final class ProductTrials {
    /** Inner steps of a tile's trial: C2 unrolls the loop of a narrow tile according to the lengths that it saw. */
    private static final int STEPS = 24;

    /** Nanoseconds of a timed call of a tile: a compiled one takes up to 400, another 2,000 and more. */
    private static final int FAST_TILE_NANOS = 1000;

    /** Columns of a trial row by row. */
    private static final int COLUMNS = 16 * LANES;

    /** Rows that the trial of a tile copies. */
    private static final int COPIED_ROWS = 4;

    /** Rows of a trial of strips. */
    private static final int STRIP_ROWS = 64;

    private ProductTrials() {}

    /** The trial of tiles, {@code Kind.TILES} and {@code MORE_TILES}. */
    public static Trial ofTiles(Operation operation) {
        return new Tiles(operation);
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
            Edges.copyBack(n == 0 ? 0 : 1, LANES - 1, LANES, x, 0, y, 0, LANES);
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

    /** Loops of empty calls are methods of their own: run this seldom, C2 does not compile them with what they call. */
    private abstract static class OfProducts extends Trial {
        @Override
        public void withData() {
            timed();
        }

        @Override
        public final int callsForOneWithData(boolean enough) {
            return SELDOM;
        }
    }

    private static final class Strips extends OfProducts {
        private final int steps;

        Strips(int steps) {
            this.steps = steps;
        }

        @Override
        public void empty(int times) {
            run(times, 0);
        }

        @Override
        public void timed() {
            run(1, STRIP_ROWS);
        }

        private void run(int times, int rows) {
            float[] a = Scratch.BLOCK.floats(STRIP_ROWS * steps);
            int width = Math.max(WIDE, ShortProducts.wideStrip(steps));
            float[] b = Scratch.PANEL.floats(steps * width);
            float[] c = Scratch.TILE.floats(STRIP_ROWS * width);
            for (int i = 0; i < times; i++) {
                VectorSteps.rows(steps, rows, a, 0, steps, b, 0, WIDE, c, 0, WIDE);
                VectorSteps.columns(steps, rows, a, 0, STRIP_ROWS, b, 0, WIDE, c, 0, WIDE);
                VectorSteps.strip(steps, rows, a, 0, steps, 1, b, 0, WIDE, ZEROS, 0, 0, c, 0, WIDE);
            }
            if (steps <= ShortProducts.WIDE_STEPS) {
                Product p = Product.of(rows, width, steps).a(0, 1, STRIP_ROWS);
                for (int i = 0; i < times; i++) {
                    ShortProducts.wideStrip(p, rows, a, 0, b, 0, c, 0);
                }
            }
        }
    }

    /** The tiles and pairs of {@link VectorTreeTiles}, of two heights and two widths, and {@link VectorTreeSums}. */
    private static final class TreeTiles extends OfProducts {
        @Override
        public void empty(int times) {
            run(times, EmptyCall.STEPS);
        }

        @Override
        public void timed() {
            run(1, STEPS);
        }

        private void run(int times, int steps) {
            float[] data = Scratch.PANEL.floats(STEPS * COLUMNS);
            for (int width = LANES; width <= WIDE; width += LANES) {
                for (int height = SHORT; height <= VectorProductSums.TALL; height += TALL - SHORT) {
                    for (int i = 0; i < times; i++) {
                        VectorProductSums.trial(steps, height, width, data);
                    }
                }
            }
        }
    }

    private static final class Tiles extends OfProducts {
        private final Operation operation;
        private final float[] data = new float[STEPS * COLUMNS];
        private final float[] a = new float[16 * VectorTiles.APART];
        private final float[] c = new float[Edges.LARGEST_TILE + COLUMNS];

        Tiles(Operation operation) {
            this.operation = operation;
        }

        @Override
        public void empty(int times) {
            run(times, EmptyCall.STEPS, 0);
        }

        @Override
        public void withData() {
            run(1, STEPS, COPIED_ROWS);
        }

        @Override
        public void timed() {
            run(1, STEPS, 1);
        }

        @Override
        public int fastNanos() {
            return FAST_TILE_NANOS;
        }

        private void run(int times, int steps, int rows) {
            switch (operation) {
                case BLOCK -> blocks(times, SHORT, steps, rows);
                case TALL_BLOCK -> blocks(times, TALL, steps, rows);
                case TALLEST_BLOCK -> blocks(times, TALLEST, steps, rows);
                case COLUMNS -> columns(times, SHORT, steps, rows);
                case TALL_COLUMNS -> columns(times, TALL, steps, rows);
                case WIDE_BY_ROWS -> wideByRows(times, steps);
                case NARROW_BY_ROWS -> narrowByRows(times, steps);
                case NARROW_BY_COLUMNS -> narrowByColumns(times, steps);
                case ROWS -> rowByRow(times, steps, rows);
                case EDGES -> edges(times, rows);
                default -> throw new IllegalArgumentException(operation + " is not one on tiles");
            }
        }

        private void rowByRow(int times, int steps, int rows) {
            int columns = rows * RowProducts.HALF;
            for (int i = 0; i < times; i++) {
                RowProducts.fourSteps(columns, 1f, 1f, 1f, 1f, data, 0, 0, c, 0);
                RowProducts.oneStep(columns, 1f, data, 0, c, 0);
                VectorTiles.block1x16(steps, data, 0, 1, data, 0, TilePlan.LONG, ZEROS, 0, 0, c, 0, 0);
                VectorTiles.block1x8(steps, data, 0, 1, data, 0, RowProducts.HALF, ZEROS, 0, 0, c, 0, 0);
                VectorTiles.block1x1(steps, data, 0, 1, data, 0, LANES, ZEROS, 0, 0, c, 0, 0);
            }
        }

        private void edges(int times, int rows) {
            for (int i = 0; i < times; i++) {
                Packing.copyVector(LANES - 1, rows, data, 0, LANES, a, 0, LANES);
                Edges.copyBack(rows, LANES - 1, LANES, data, 0, a, 0, LANES);
            }
        }

        private void blocks(int times, int height, int steps, int rows) {
            Product p = Product.of(rows, WIDE, steps);
            p.a(0, VectorTiles.APART, 1).c(0, WIDE).beginWithC();
            for (int i = 0; i < times; i++) {
                Packing.copyTwoVectors(rows, data, 0, WIDE, a, 0);
                WideTiles.tile(p, height, a, 0, data, 0, c, 0, c, 0);
            }
        }

        private void columns(int times, int height, int steps, int rows) {
            Product p = Product.of(rows, WIDE, steps);
            p.a(0, 1, 16).c(0, WIDE).beginWithC();
            for (int i = 0; i < times; i++) {
                Packing.copyTwoVectors(rows, data, 0, WIDE, a, 0);
                Packing.copyOneVector(rows, data, 0, WIDE, a, 0, LANES);
                WideTiles.tile(p, height, a, 0, data, 0, c, 0, c, 0);
            }
        }

        private void wideByRows(int times, int steps) {
            Product p = Product.of(0, WIDE, steps);
            p.a(0, STEPS, 1).b(0, WIDE, STEPS).c(0, WIDE).beginWithC();
            for (int i = 0; i < times; i++) {
                RowTiles.tile(p, a, 0, data, 0, c, 0, c, 0);
            }
        }

        private void narrowByRows(int times, int steps) {
            Product p = Product.of(0, LANES, steps);
            p.a(0, STEPS, 1).b(0, LANES, STEPS).c(0, WIDE).beginWithC();
            for (int i = 0; i < times; i++) {
                RowTiles.tile(p, a, 0, data, 0, c, 0, c, 0);
            }
        }

        private void narrowByColumns(int times, int steps) {
            Product p = Product.of(0, LANES, steps);
            p.a(0, 1, 16).b(0, LANES, STEPS).c(0, WIDE).beginWithC();
            for (int i = 0; i < times; i++) {
                ColumnTiles.tile(p, a, 0, data, 0, c, 0, c, 0);
            }
        }
    }
}
