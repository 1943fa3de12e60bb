package nn.tensor.internal;

import static nn.tensor.internal.product.TilePlan.LANES;

import nn.tensor.internal.element.CellStep;
import nn.tensor.internal.element.Unary;
import nn.tensor.internal.element.VectorUnary;
import nn.tensor.internal.product.ProductTrials;
import nn.tensor.internal.random.ScalarRandom;
import nn.tensor.internal.row.ColumnStatistics;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.RowKernels;
import nn.tensor.internal.row.RowStatistics;
import nn.tensor.internal.row.Rows;
import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.thread.Scratch;
import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.warmup.Operation;
import nn.tensor.internal.warmup.Trial;
import nn.tensor.internal.window.WindowTrials;

/** The {@link Trial} of each operation, for {@link VectorWarmUp}. */
final class WarmUpTrials {
    /** Elements of a simple operation's trial, and of a longer one's. */
    private static final int ELEMENTS = 1024;

    private static final int FEWER_ELEMENTS = 256;

    /** Rows of a trial of cells. */
    private static final int CELL_ROWS = 8;

    /** Elements of a function in calls that only give C2 a profile: one to four vectors and more. */
    private static final int FEWEST_ELEMENTS = 32;

    /**
     * Nanoseconds for a vector below which a simple operation counts as compiled, and a longer one. A compiled one
     * takes 1 to 7, and 6 to 14. While all methods of the Vector API that it calls are compiled, but not itself, it
     * takes 16 and more, and 45.
     */
    private static final int FAST_VECTOR_NANOS = 15;

    private static final int FAST_FUNCTION_NANOS = 60;

    /**
     * The vector kernels behind two others, which only break in: C2 inlines no call that reaches three kinds of
     * objects. So it compiles the vector kernel as a method of its own, which a program finds compiled.
     */
    private static final Kernels[] KERNELS = {new ScalarKernels(), new TieredKernels(Compiled.NONE), new VectorKernels()
    };

    private WarmUpTrials() {}

    /** The trial of an operation. */
    static Trial of(Operation operation) {
        for (Unary f : Unary.values()) {
            if (f.operation == operation) {
                return new Functions(operation, VectorUnary.functionOf(f));
            }
            if (f.hasGradient() && f.gradient() == operation) {
                return new Gradients(operation, VectorUnary.gradientOf(f));
            }
        }
        if (operation == Operation.PRODUCT_SUMS) {
            return ProductTrials.ofSums();
        }
        if (operation.kind.isOfTiles()) {
            return ProductTrials.ofTiles(operation);
        }
        return operation.kind == Operation.Kind.STEPS
                ? ProductTrials.ofSteps(operation.steps())
                : new Elements(operation);
    }

    private static class Elements extends Trial {
        final Operation operation;
        private final int[] places = new int[ELEMENTS];

        Elements(Operation operation) {
            this.operation = operation;
        }

        @Override
        public void empty(int times) {
            run(times, 0);
        }

        /** C2 unrolls the loop of an operation according to the number of elements. */
        @Override
        public void withData() {
            run(
                    1,
                    operation == Operation.LSTM_CELL
                            ? FEWER_ELEMENTS // rows of two vectors and more
                            : switch (operation.kind) {
                                case SIMPLE -> ELEMENTS;
                                case SUM -> RowKernels.GROUP + RowKernels.LANES;
                                case RANDOM -> ScalarRandom.GROUP;
                                default -> FEWEST_ELEMENTS;
                            });
        }

        @Override
        public void timed() {
            run(1, operation.kind.isSimple() ? ELEMENTS : FEWER_ELEMENTS);
        }

        @Override
        public int fastNanos() {
            return switch (operation) {
                case DOUBLES -> FAST_NANOS;
                case LSTM_CELL -> 2 * FEWER_ELEMENTS / LANES * FAST_FUNCTION_NANOS;
                case LSTM_GRAD, GRU_GRAD, WINDOW_PRODUCTS -> 3 * ELEMENTS / LANES * FAST_VECTOR_NANOS;
                default ->
                    operation.kind.isSimple()
                            ? ELEMENTS / LANES * FAST_VECTOR_NANOS
                            : FEWER_ELEMENTS / LANES * FAST_FUNCTION_NANOS;
            };
        }

        /**
         * Some kernels leave their loop to a method of its own, which C2 inlines only if it runs at every fourth call
         * or more often: with data in every eighth call the loop of a sum was compiled by itself, after 3 seconds.
         */
        @Override
        public int callsForOneWithData(boolean enough) {
            return switch (operation) {
                case COLUMN_MOMENTS, COLUMN_DOTS, NORMALIZE_COLUMNS, NORMALIZE_COLUMNS_GRAD -> enough ? SELDOM : 8;
                default ->
                    switch (operation.kind) {
                        case SUM -> 4;
                        case RANDOM -> 1;
                        default -> SELDOM;
                    };
            };
        }

        /** Runs the operation on n elements a number of times. */
        void run(int times, int n) {
            float[] x = Scratch.BLOCK.floats(CELL_ROWS * ELEMENTS);
            float[] y = Scratch.PANEL.floats(CELL_ROWS * ELEMENTS);
            for (int i = 0; i < KERNELS.length - 1; i++) {
                run(KERNELS[i], 1, 0, x, y);
            }
            run(KERNELS[KERNELS.length - 1], times, n, x, y);
        }

        private void run(Kernels kernels, int times, int n, float[] x, float[] y) {
            for (int i = 0; i < times; i++) {
                run(kernels, n, x, y);
            }
        }

        private void run(Kernels kernels, int n, float[] x, float[] y) {
            switch (operation) {
                case ADD -> kernels.add(x, 0, x, 1, y, 0, n);
                case SUBTRACT -> kernels.subtract(x, 0, x, 1, y, 0, n);
                case MULTIPLY -> kernels.multiply(x, 0, x, 1, y, 0, n);
                case SCALE -> kernels.scale(0.5f, x, 0, y, 1, n);
                case ADD_SCALED -> kernels.addScaled(0.5f, x, 0, y, 1, n);
                case PRELU,
                        PRELU_GRAD,
                        NORMALIZE_ROW,
                        NORMALIZE_ROW_SUMS,
                        NORMALIZE_ROW_GRAD,
                        COLUMN_MOMENTS,
                        COLUMN_DOTS,
                        NORMALIZE_COLUMNS,
                        NORMALIZE_COLUMNS_GRAD -> operands(kernels, n, x, y);
                case DIVIDE -> kernels.divide(x, 0, x, 1, y, 0, n);
                case HAS_TINY -> kernels.hasTiny(x, 1, n);
                case MAX_ABS -> kernels.maxAbs(x, 1, n);
                case TRANSPOSE -> ProductTrials.transpose(n, x, y);
                case ADD_ROWS -> kernels.addRows(n / LANES, LANES, x, 1, LANES, y, 0);
                case TAKE_LARGER -> kernels.takeLarger(1, x, 0, y, 1, places, 0, n);
                case TAKE_LARGER_GRAD -> kernels.takeLargerGrad(1, places, 0, x, 0, y, 1, n);
                case TRANSPOSED_PRODUCTS -> ProductTrials.transposedProducts(n, x, y);
                case NARROW_PRODUCTS -> ProductTrials.narrowProducts(n, x, y);
                case LSTM_CELL, LSTM_GRAD, GRU_CANDIDATE, GRU_OUTPUT, GRU_GRAD, LINEAR_CELL ->
                    cells(kernels, n / 8, x, y);
                case WINDOW_PRODUCTS, WINDOW_OUTER, DEPTHWISE, DEPTHWISE_OUTER, WINDOW_MAX ->
                    WindowTrials.run(operation, n > 0, x, y);
                case DOUBLES -> ProductTrials.doubles(n == 0);
                case UNIFORM -> kernels.uniform(1, 2, 0, y, 1, n);
                case NORMAL -> kernels.normal(1, 2, 0, y, 1, n);
                default -> rows(kernels.rows(), n, x, y);
            }
        }

        /** Kernels on rows. */
        private void rows(RowKernels rows, int n, float[] x, float[] y) {
            double[] sums = Rows.sums();
            float[] work = Scratch.CHAIN.floats(3 * RowKernels.LOSS_BLOCK);
            switch (operation) {
                case ROW_LARGEST -> rows.largest(x, 1, n);
                case ROW_SHIFT -> rows.shift(1f, x, 0, y, 1, n);
                case EXP_LESS -> rows.expLess(1f, x, 0, y, 1, n);
                case ROW_SUM -> rows.sum(x, 1, n, sums);
                case ROW_GROUPS -> rows.sumOfGroups(x, 1, n, sums);
                case ROW_SQUARES -> rows.sumOfSquares(x, 1, n, sums);
                case ROW_DOT -> rows.dot(x, 0, x, 1, n, sums);
                case ROW_MAGNITUDES -> rows.sumOfMagnitudes(x, 1, n, sums);
                case ROW_HUBER -> rows.sumOfHuber(1, x, 1, n, sums);
                case SIGNS -> rows.signs(1f, x, 0, y, 1, n);
                case SOFTMAX_GRAD -> rows.softmaxGrad(1f, x, 0, y, 1, y, 1, n);
                case CROSS_ENTROPY -> rows.crossEntropy(1f, x, 0, x, 1, n, sums);
                case MINUS_MAGNITUDE -> rows.minusMagnitude(x, 0, y, 1, n);
                case SIGMOID_LOSS -> rows.sigmoidLoss(1f, x, 0, x, 1, y, 0, y, ELEMENTS, n);
                case WEIGHTED_SIGMOID_LOSS -> rows.weightedSigmoidLoss(1f, x, 0, x, 1, work, y, 0, n);
                case TURN_TO_TARGET_0 -> rows.turnToTarget0(x, 0, x, 1, y, 0, n);
                case FOCAL_EXPONENTS -> rows.focalExponents(1f, x, 0, work, n);
                case FOCAL_LOSS -> rows.focalLoss(1f, 1f, 1f, x, 0, work, y, 1, n);
                case DIVERGENCE -> rows.divergence(x, 0, x, 1, x, 0, y, 1, n);
                case ROW_MOMENTS -> rows.moments(x, 1, n, sums);
                default -> throw new IllegalArgumentException(operation + " is not an operation on elements");
            }
        }

        /**
         * Kernels of several operands: one row, or four rows of a quarter of the elements. Those that take four rows at
         * once and then row by row what is left get five short rows.
         */
        private void operands(Kernels kernels, int n, float[] x, float[] y) {
            RowKernels rows = kernels.rows();
            double[] sums = Rows.sums();
            RowStatistics row = RowStatistics.of(0, 1);
            ColumnStatistics statistics = ColumnStatistics.ofThread();
            statistics.shrink = 1f;
            boolean leavesRows =
                    operation == Operation.NORMALIZE_COLUMNS || operation == Operation.NORMALIZE_COLUMNS_GRAD;
            int columns = leavesRows ? n / 8 : n / 4;
            double[] d = new double[columns];
            Submatrix part = Submatrix.of(0, 0, leavesRows ? 5 : 4, columns, columns);
            Operand in = new Operand(x, 0, 1, n);
            Operand other = new Operand(x, 1, 1, n);
            Operand out = new Operand(y, ELEMENTS, 1, n);
            switch (operation) {
                case PRELU -> kernels.prelu(part, in, other, out);
                case PRELU_GRAD -> kernels.preluGrad(part, in, other, in, out, y, 0);
                case NORMALIZE_ROW -> rows.normalize(row, 0, other, in, in, out);
                case NORMALIZE_ROW_SUMS -> rows.normalizeSums(row, 0, other, in, in, sums);
                case NORMALIZE_ROW_GRAD -> rows.normalizeGrad(row, 0, other, in, in, y, 0, out);
                case COLUMN_MOMENTS -> rows.columnMoments(part, statistics, other, d, d);
                case COLUMN_DOTS -> rows.columnDots(part, statistics, other, in, d, d);
                case NORMALIZE_COLUMNS -> rows.normalizeColumns(part, statistics, other, out);
                case NORMALIZE_COLUMNS_GRAD -> rows.normalizeColumnsGrad(part, statistics, other, in, out);
                default -> throw new IllegalArgumentException(operation + " is not an operation on operands");
            }
        }

        /** Rows of n units, at most an eighth of {@link #ELEMENTS}. */
        private void cells(Kernels kernels, int n, float[] x, float[] y) {
            CellStep step = CellStep.of(CELL_ROWS, n);
            switch (operation) {
                case LSTM_CELL ->
                    kernels.lstmCell(
                            step.gates(3 * ELEMENTS)
                                    .before(1)
                                    .cells(0)
                                    .tanh(ELEMENTS)
                                    .after(ELEMENTS),
                            y,
                            x,
                            y,
                            y,
                            y);
                case LSTM_GRAD ->
                    kernels.lstmGrad(step.before(1).tanh(2).dy(3).dh(4).dc(ELEMENTS), y, x, x, x, x, y);
                case GRU_CANDIDATE -> kernels.gruCandidate(step.recurrent(1).candidate(ELEMENTS), x, x, y);
                case GRU_OUTPUT -> kernels.gruOutput(step.candidate(1).before(2).after(ELEMENTS), x, x, x, y);
                case GRU_GRAD ->
                    kernels.gruGrad(
                            step.candidate(1).recurrent(2).before(3).dy(4).dh(ELEMENTS), y, x, x, x, x, y);
                case LINEAR_CELL -> kernels.linearCell(CELL_ROWS, n, x, 0, x, 1, y, ELEMENTS);
                default -> throw new IllegalArgumentException(operation + " is not a part of a cell");
            }
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
        void run(int times, int n) {
            float[] x = Scratch.BLOCK.floats(2 * ELEMENTS);
            float[] y = Scratch.PANEL.floats(2 * ELEMENTS);
            for (int i = 0; i < times; i++) {
                for (VectorUnary.Function loop : loops) {
                    loop.run(0.5f, 1f, x, 0, y, 1, n);
                }
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
        void run(int times, int n) {
            float[] x = Scratch.BLOCK.floats(2 * ELEMENTS);
            float[] y = Scratch.PANEL.floats(2 * ELEMENTS);
            for (int i = 0; i < times; i++) {
                for (VectorUnary.Gradient loop : loops) {
                    loop.run(0.5f, 1f, x, 0, y, 1, y, 1, n);
                }
            }
        }
    }
}
