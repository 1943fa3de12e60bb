package nn.tensor.internal;

import static nn.tensor.internal.TilePlan.LANES;
import static nn.tensor.internal.TilePlan.SHORT;
import static nn.tensor.internal.TilePlan.TALL;
import static nn.tensor.internal.TilePlan.TALLEST;
import static nn.tensor.internal.TilePlan.WIDE;
import static nn.tensor.internal.TilePlan.ZEROS;

/**
 * Calls of one vector kernel that make C2 compile it, for {@link VectorWarmUp}: empty ones, ones with a little data,
 * and ones that show by their time whether it is compiled.
 */
abstract class WarmUpTrials {
    /** Calls between two with data, where none is to have data. */
    private static final int NEVER = Integer.MAX_VALUE;

    /** Elements of a simple operation's trial, and of a longer one's. */
    private static final int ELEMENTS = 1024;

    private static final int FEWER_ELEMENTS = 256;

    /** Elements of a function in calls that only give C2 a profile: one to four vectors and more. */
    private static final int FEWEST_ELEMENTS = 32;

    /** Inner steps of a tile's trial: C2 unrolls the loop of a narrow tile according to the lengths that it saw. */
    private static final int STEPS = 24;

    /** Columns of a trial row by row. */
    private static final int COLUMNS = 16 * LANES;

    /** Rows of a trial of strips. */
    private static final int STRIP_ROWS = 64;

    /** Nanoseconds below which a trial counts as compiled: a compiled one takes 50 to 1000, another 10,000 and more. */
    private static final int FAST_NANOS = 3000;

    /**
     * The same for functions. A compiled trial takes 50 to 300, on vectors of 256 bits or more. If C2 has compiled the
     * method for one vector, but not yet the loop, the loop makes two objects for each vector and takes some 2,600.
     */
    private static final int FAST_FUNCTION_NANOS = LANES >= 8 ? 1000 : FAST_NANOS;

    private static final VectorRows ROWS = new VectorRows();

    /** Elements of a run of a window. */
    private static final int RUN = 11;

    /** Places of windows and taps, of results, of neighbouring windows, and none. */
    private static final int[] TAPS = new int[16];

    private static final int[] NOWHERE = new int[16];
    private static final int[] NEIGHBOURS = {0, 1, 2, 3, 4, 5, 6, 7};
    private static final int[] NONE = {};

    private WarmUpTrials() {}

    /** Calls the kernel with nothing to do. */
    abstract void empty();

    /** Calls the kernel with the data that C2 takes its profile from. */
    abstract void withData();

    /** Calls the kernel with so much data that only compiled code is fast. */
    abstract void timed();

    /** The nanoseconds below which {@link #timed} shows that the kernel is compiled. */
    int fastNanos() {
        return FAST_NANOS;
    }

    /**
     * The number of calls of which one has data.
     *
     * @param enough whether there have been enough calls for C2 to compile the kernel
     */
    abstract int callsForOneWithData(boolean enough);

    /** The trials of an operation. */
    static WarmUpTrials of(Operation operation) {
        for (Unary f : Unary.values()) {
            if (f.operation == operation) {
                return new Functions(operation, VectorUnary.functionOf(f));
            }
            if (f.hasGradient() && f.gradient() == operation) {
                return new Gradients(operation, VectorUnary.gradientOf(f));
            }
        }
        if (operation == Operation.PRODUCT_SUMS) {
            return new TreeTiles();
        }
        return operation.kind == Operation.Kind.STEPS ? new Strips(operation.steps()) : new Elements(operation);
    }

    /** The trials of the tiles that a stage adds to the one before. */
    static WarmUpTrials of(TileStage stage) {
        return new Tiles(stage);
    }

    private static class Elements extends WarmUpTrials {
        final Operation operation;

        Elements(Operation operation) {
            this.operation = operation;
        }

        @Override
        void empty() {
            run(0);
        }

        /** C2 unrolls the loop of an operation according to the number of elements. */
        @Override
        void withData() {
            run(
                    switch (operation.kind) {
                        case SIMPLE -> ELEMENTS;
                        case SUM -> RowKernels.GROUP + RowKernels.LANES;
                        case RANDOM -> ScalarRandom.GROUP;
                        default -> FEWEST_ELEMENTS;
                    });
        }

        @Override
        void timed() {
            run(operation.kind.isFastInScalarCode() ? ELEMENTS : FEWER_ELEMENTS);
        }

        /**
         * Of the methods that a function's loop calls, C2 inlines only those that run at every fourth call or more
         * often. The same holds for the loop of a sum, a method of its own: with data in every eighth call it was
         * compiled by itself, after 3 seconds. Methods that leave the loop to another method get data in every call.
         */
        @Override
        int callsForOneWithData(boolean enough) {
            return switch (operation.kind) {
                case SIMPLE -> enough ? NEVER : 8;
                case RANDOM -> 1;
                default -> 4;
            };
        }

        /** Runs the operation on n elements. */
        void run(int n) {
            float[] x = Scratch.BLOCK.floats(2 * ELEMENTS);
            float[] y = Scratch.PANEL.floats(2 * ELEMENTS);
            switch (operation) {
                case ADD -> VectorElementwise.add(x, 0, x, 1, y, 0, n);
                case SUBTRACT -> VectorElementwise.subtract(x, 0, x, 1, y, 0, n);
                case MULTIPLY -> VectorElementwise.multiply(x, 0, x, 1, y, 0, n);
                case SCALE -> VectorElementwise.scale(0.5f, x, 0, y, 1, n);
                case ADD_SCALED -> VectorElementwise.addScaled(0.5f, x, 0, y, 1, n);
                case PRELU,
                        PRELU_GRAD,
                        NORMALIZE_ROW,
                        NORMALIZE_ROW_SUMS,
                        NORMALIZE_ROW_GRAD,
                        COLUMN_MOMENTS,
                        COLUMN_DOTS,
                        NORMALIZE_COLUMNS,
                        NORMALIZE_COLUMNS_GRAD -> operands(operation, n, x, y);
                case DIVIDE -> VectorElementwise.divide(x, 0, x, 1, y, 0, n);
                case HAS_TINY -> VectorElementwise.hasTiny(x, 1, n);
                case MAX_ABS -> VectorElementwise.maxAbs(x, 1, n);
                case TRANSPOSE -> transpose(n, x, y);
                case ADD_ROWS -> VectorColumns.addRows(n / LANES, LANES, x, 1, LANES, y, 0);
                case TAKE_LARGER -> VectorColumns.takeLarger(1, x, 0, y, 1, new int[n], 0, n);
                case TAKE_LARGER_GRAD -> VectorColumns.takeLargerGrad(1, new int[n], 0, x, 0, y, 1, n);
                case TRANSPOSED_PRODUCTS -> transposedProducts(n, x, y);
                case LSTM_CELL, LSTM_OUTPUT, LSTM_GRAD, GRU_CANDIDATE, GRU_OUTPUT, GRU_GRAD, LINEAR_CELL ->
                    cells(n / 8, x, y);
                case WINDOW_PRODUCTS, WINDOW_OUTER, DEPTHWISE, DEPTHWISE_OUTER, WINDOW_MAX -> windows(n > 0, x, y);
                case DOUBLES -> doubles(n == 0);
                case UNIFORM -> VectorRandom.uniform(1, 2, 0, y, 1, n);
                case NORMAL -> VectorRandom.normal(1, 2, 0, y, 1, n);
                default -> rows(operation, n, x, y);
            }
        }

        /** Kernels on rows. */
        private static void rows(Operation operation, int n, float[] x, float[] y) {
            double[] sums = Rows.sums();
            float[] work = Scratch.CHAIN.floats(3 * RowKernels.LOSS_BLOCK);
            switch (operation) {
                case ROW_LARGEST -> ROWS.largest(x, 1, n);
                case ROW_SHIFT -> ROWS.shift(1f, x, 0, y, 1, n);
                case EXP_LESS -> ROWS.expLess(1f, x, 0, y, 1, n);
                case ROW_SUM -> ROWS.sum(x, 1, n, sums);
                case ROW_GROUPS -> ROWS.sumOfGroups(x, 1, n, sums);
                case ROW_SQUARES -> ROWS.sumOfSquares(x, 1, n, sums);
                case ROW_DOT -> ROWS.dot(x, 0, x, 1, n, sums);
                case ROW_MAGNITUDES -> ROWS.sumOfMagnitudes(x, 1, n, sums);
                case ROW_HUBER -> ROWS.sumOfHuber(1, x, 1, n, sums);
                case SIGNS -> ROWS.signs(1f, x, 0, y, 1, n);
                case SOFTMAX_GRAD -> ROWS.softmaxGrad(1f, x, 0, y, 1, y, 1, n);
                case CROSS_ENTROPY -> ROWS.crossEntropy(1f, x, 0, x, 1, n, sums);
                case MINUS_MAGNITUDE -> ROWS.minusMagnitude(x, 0, y, 1, n);
                case SIGMOID_LOSS -> ROWS.sigmoidLoss(1f, x, 0, x, 1, y, 0, y, ELEMENTS, n);
                case WEIGHTED_SIGMOID_LOSS -> ROWS.weightedSigmoidLoss(1f, x, 0, x, 1, work, y, 0, n);
                case TURN_TO_TARGET_0 -> ROWS.turnToTarget0(x, 0, x, 1, y, 0, n);
                case FOCAL_EXPONENTS -> ROWS.focalExponents(1f, x, 0, work, n);
                case FOCAL_LOSS -> ROWS.focalLoss(1f, 1f, 1f, x, 0, work, y, 1, n);
                case DIVERGENCE -> ROWS.divergence(x, 0, x, 1, x, 0, y, 1, n);
                case ROW_MOMENTS -> ROWS.moments(x, 1, n, sums);
                default -> throw new IllegalArgumentException(operation + " is not an operation on elements");
            }
        }

        /** Kernels of several operands: one row, or four rows of a quarter of the elements. */
        private static void operands(Operation operation, int n, float[] x, float[] y) {
            double[] sums = Rows.sums();
            RowStatistics row = RowStatistics.of(0, 1);
            ColumnConstants constants = ColumnConstants.ofThread();
            constants.shrink = 1f;
            int columns = n / 4;
            double[] d = new double[columns];
            Submatrix part = Submatrix.of(0, 0, 4, columns, columns);
            Operand in = new Operand(x, 0, 1, n);
            Operand other = new Operand(x, 1, 1, n);
            Operand out = new Operand(y, ELEMENTS, 1, n);
            switch (operation) {
                case PRELU -> VectorPreluLoops.apply(part, in, other, out);
                case PRELU_GRAD -> VectorPreluLoops.gradient(part, in, other, in, out, y, 0);
                case NORMALIZE_ROW -> ROWS.normalize(row, 0, other, in, in, out);
                case NORMALIZE_ROW_SUMS -> ROWS.normalizeSums(row, 0, other, in, in, sums);
                case NORMALIZE_ROW_GRAD -> ROWS.normalizeGrad(row, 0, other, in, in, y, 0, out);
                case COLUMN_MOMENTS -> ROWS.columnMoments(part, constants, other, d, d);
                case COLUMN_DOTS -> ROWS.columnDots(part, constants, other, in, d, d);
                case NORMALIZE_COLUMNS -> ROWS.normalizeColumns(part, constants, other, out);
                case NORMALIZE_COLUMNS_GRAD -> ROWS.normalizeColumnsGrad(part, constants, other, in, out);
                default -> throw new IllegalArgumentException(operation + " is not an operation on operands");
            }
        }

        /** 16 columns; n is 0 or a multiple of 256. */
        private static void transpose(int n, float[] x, float[] y) {
            int size = VectorSquares.SIZE;
            if (LANES == size) {
                VectorSquares.transpose(n / size, x, 0, size, y, 0, n / size);
            }
        }

        /** The same with n elements of B. */
        private static void transposedProducts(int n, float[] x, float[] y) {
            int size = VectorSquares.SIZE;
            if (LANES == size) {
                int k = n / size;
                VectorSquares.dots1(k, x, 0, k, 1, x, 0, k, y, 0, size);
                VectorSquares.dots2(k, x, 0, k, 1, x, 0, k, y, 0, size);
                VectorSquares.panel(k / 2, x, 0, k / 2, y, 0);
            }
        }

        /** Two rows of n units, at most an eighth of {@link #ELEMENTS}. */
        private void cells(int n, float[] x, float[] y) {
            CellStep step = CellStep.of(2, n);
            switch (operation) {
                case LSTM_CELL -> VectorCells.lstmCell(step.before(1).after(ELEMENTS), x, x, y);
                case LSTM_OUTPUT -> VectorCells.lstmOutput(step.tanh(1).after(ELEMENTS), x, x, y);
                case LSTM_GRAD ->
                    VectorCells.lstmGrad(step.before(1).tanh(2).dy(3).dh(4).dc(ELEMENTS), y, x, x, x, x, y);
                case GRU_CANDIDATE -> VectorCells.gruCandidate(step.recurrent(1).candidate(ELEMENTS), x, x, y);
                case GRU_OUTPUT ->
                    VectorCells.gruOutput(step.candidate(1).before(2).after(ELEMENTS), x, x, x, y);
                case GRU_GRAD ->
                    VectorCells.gruGrad(
                            step.candidate(1).recurrent(2).before(3).dy(4).dh(ELEMENTS), y, x, x, x, x, y);
                case LINEAR_CELL -> VectorCells.linearCell(2, n, x, 0, x, 1, y, ELEMENTS);
                default -> throw new IllegalArgumentException(operation + " is not a part of a cell");
            }
        }

        /** Each tile with two runs, longer than a turn of the inner loop and no multiple of it. */
        private void windows(boolean hasData, float[] x, float[] y) {
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

        private static void doubles(boolean empty) {
            int width = DoubleMatmul.WIDTH;
            double[] strip = new double[empty ? 0 : width * width];
            VectorDoubleMatmul kernels = new VectorDoubleMatmul();
            int steps = empty ? EmptyCall.STEPS : width;
            kernels.add(7, steps, strip, 0, strip, 0, strip, 0); // the low tile too
            VectorDoubleMatmul.columnsTile(steps, strip, 0, strip, 0, strip, 0);
            kernels.addOuter(steps, strip, strip, strip, 0);
        }
    }

    /**
     * A {@link Unary} function. Loops that do nothing take turns with its loop, at the same place of the code: C2 then
     * compiles that loop as a method of its own, which a program finds compiled, and not inlined here alone.
     */
    private static final class Functions extends Elements {
        private final VectorUnary.Function[] loops;

        Functions(Operation operation, VectorUnary.Function loop) {
            super(operation);
            VectorUnary.Function nothing = (a, b, x, xo, y, yo, n) -> {};
            VectorUnary.Function none = (a, b, x, xo, y, yo, n) -> {};
            loops = new VectorUnary.Function[] {nothing, none, loop};
        }

        @Override
        int fastNanos() {
            return FAST_FUNCTION_NANOS;
        }

        @Override
        void run(int n) {
            float[] x = Scratch.BLOCK.floats(2 * ELEMENTS);
            float[] y = Scratch.PANEL.floats(2 * ELEMENTS);
            for (VectorUnary.Function loop : loops) {
                loop.run(0.5f, 1f, x, 0, y, 1, n);
            }
        }
    }

    /** The same for a gradient. */
    private static final class Gradients extends Elements {
        private final VectorUnary.Gradient[] loops;

        Gradients(Operation operation, VectorUnary.Gradient loop) {
            super(operation);
            VectorUnary.Gradient nothing = (a, b, s, so, dy, dyo, dx, dxo, n) -> {};
            VectorUnary.Gradient none = (a, b, s, so, dy, dyo, dx, dxo, n) -> {};
            loops = new VectorUnary.Gradient[] {nothing, none, loop};
        }

        @Override
        int fastNanos() {
            return FAST_FUNCTION_NANOS;
        }

        @Override
        void run(int n) {
            float[] x = Scratch.BLOCK.floats(2 * ELEMENTS);
            float[] y = Scratch.PANEL.floats(2 * ELEMENTS);
            for (VectorUnary.Gradient loop : loops) {
                loop.run(0.5f, 1f, x, 0, y, 1, y, 1, n);
            }
        }
    }

    private abstract static class OfProducts extends WarmUpTrials {
        @Override
        final void empty() {
            run(true);
        }

        @Override
        final void withData() {
            run(false);
        }

        @Override
        final void timed() {
            run(false);
        }

        @Override
        final int callsForOneWithData(boolean enough) {
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

    /** The tiles of {@link VectorTreeTiles}, of two heights and two widths. */
    private static final class TreeTiles extends OfProducts {
        @Override
        void run(boolean empty) {
            float[] data = Scratch.PANEL.floats(STEPS * COLUMNS);
            float[] held = Scratch.TREE.floats(VectorProductSums.TRIAL);
            int steps = empty ? EmptyCall.STEPS : STEPS;
            for (int width = LANES; width <= WIDE; width += LANES) {
                for (int height = SHORT; height <= VectorProductSums.TALL; height += TALL - SHORT) {
                    VectorProductSums.trial(steps, height, width, data, held);
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
