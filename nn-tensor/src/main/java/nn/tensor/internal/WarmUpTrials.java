package nn.tensor.internal;

import static nn.tensor.internal.product.TilePlan.LANES;

import nn.tensor.internal.element.CellStep;
import nn.tensor.internal.element.Unary;
import nn.tensor.internal.element.VectorCells;
import nn.tensor.internal.element.VectorElementwise;
import nn.tensor.internal.element.VectorUnary;
import nn.tensor.internal.product.ProductTrials;
import nn.tensor.internal.random.ScalarRandom;
import nn.tensor.internal.random.VectorRandom;
import nn.tensor.internal.row.ColumnConstants;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.RowKernels;
import nn.tensor.internal.row.RowStatistics;
import nn.tensor.internal.row.Rows;
import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.row.VectorColumns;
import nn.tensor.internal.row.VectorPreluLoops;
import nn.tensor.internal.row.VectorRows;
import nn.tensor.internal.thread.Scratch;
import nn.tensor.internal.warmup.Operation;
import nn.tensor.internal.warmup.TileStage;
import nn.tensor.internal.warmup.Trial;
import nn.tensor.internal.window.WindowTrials;

/** The {@link Trial} of each operation and of each stage of tiles, for {@link VectorWarmUp}. */
final class WarmUpTrials {
    /** Elements of a simple operation's trial, and of a longer one's. */
    private static final int ELEMENTS = 1024;

    private static final int FEWER_ELEMENTS = 256;

    /** Elements of a function in calls that only give C2 a profile: one to four vectors and more. */
    private static final int FEWEST_ELEMENTS = 32;

    /**
     * {@link Trial#FAST_NANOS} of functions. A compiled trial takes 50 to 300, on vectors of 256 bits or more. If C2
     * has compiled the method for one vector, but not yet the loop, the loop makes two objects for each vector and
     * takes some 2,600.
     */
    private static final int FAST_FUNCTION_NANOS = LANES >= 8 ? 1000 : Trial.FAST_NANOS;

    private static final VectorRows ROWS = new VectorRows();

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
        return operation.kind == Operation.Kind.STEPS
                ? ProductTrials.ofSteps(operation.steps())
                : new Elements(operation);
    }

    /** The trial of the tiles that a stage adds to the one before. */
    static Trial of(TileStage stage) {
        return ProductTrials.of(stage);
    }

    private static class Elements extends Trial {
        final Operation operation;

        Elements(Operation operation) {
            this.operation = operation;
        }

        @Override
        public void empty() {
            run(0);
        }

        /** C2 unrolls the loop of an operation according to the number of elements. */
        @Override
        public void withData() {
            run(
                    switch (operation.kind) {
                        case SIMPLE -> ELEMENTS;
                        case SUM -> RowKernels.GROUP + RowKernels.LANES;
                        case RANDOM -> ScalarRandom.GROUP;
                        default -> FEWEST_ELEMENTS;
                    });
        }

        @Override
        public void timed() {
            run(operation.kind.isFastInScalarCode() ? ELEMENTS : FEWER_ELEMENTS);
        }

        /**
         * Of the methods that a function's loop calls, C2 inlines only those that run at every fourth call or more
         * often. The same holds for the loop of a sum, a method of its own: with data in every eighth call it was
         * compiled by itself, after 3 seconds. Methods that leave the loop to another method get data in every call.
         */
        @Override
        public int callsForOneWithData(boolean enough) {
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
                case TRANSPOSE -> ProductTrials.transpose(n, x, y);
                case ADD_ROWS -> VectorColumns.addRows(n / LANES, LANES, x, 1, LANES, y, 0);
                case TAKE_LARGER -> VectorColumns.takeLarger(1, x, 0, y, 1, new int[n], 0, n);
                case TAKE_LARGER_GRAD -> VectorColumns.takeLargerGrad(1, new int[n], 0, x, 0, y, 1, n);
                case TRANSPOSED_PRODUCTS -> ProductTrials.transposedProducts(n, x, y);
                case NARROW_PRODUCTS -> ProductTrials.narrowProducts(n, x, y);
                case LSTM_CELL, LSTM_OUTPUT, LSTM_GRAD, GRU_CANDIDATE, GRU_OUTPUT, GRU_GRAD, LINEAR_CELL ->
                    cells(n / 8, x, y);
                case WINDOW_PRODUCTS, WINDOW_OUTER, DEPTHWISE, DEPTHWISE_OUTER, WINDOW_MAX ->
                    WindowTrials.run(operation, n > 0, x, y);
                case DOUBLES -> ProductTrials.doubles(n == 0);
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
        public int fastNanos() {
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
        public int fastNanos() {
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
}
