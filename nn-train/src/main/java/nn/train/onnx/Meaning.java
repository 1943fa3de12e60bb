package nn.train.onnx;

import java.util.Arrays;
import java.util.List;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** What is known of a value of a file while it is read. */
sealed interface Meaning {
    /** Numbers. */
    record Numbers(OnnxTensor tensor) implements Meaning {}

    /**
     * The result of a step with its axes in some order. This library has channels last where the standard has them
     * second, so transposes are kept here, and become steps only where an operation needs another order.
     *
     * @param step gives the result
     * @param axes for each axis of the value the axis of the result
     */
    record Flow(Step step, int... axes) implements Meaning {
        static Flow of(Step step) {
            return new Flow(step, inOrder(step.rank()));
        }

        private static int[] inOrder(int rank) {
            int[] axes = new int[rank];
            for (int i = 0; i < rank; i++) {
                axes[i] = i;
            }
            return axes;
        }

        boolean isInOrder() {
            return Arrays.equals(axes, inOrder(axes.length));
        }

        int[] dims() {
            return Arrays.stream(axes).map(axis -> step.dims[axis]).toArray();
        }

        boolean hasOrderOf(Flow other) {
            return Arrays.equals(axes, other.axes);
        }
    }

    /** Whole numbers, of which some are sizes that differ from run to run. */
    record Sizes(Shape shape, long... numbers) implements Meaning {
        /** A number that depends on such sizes in an unknown way. */
        static final long UNKNOWN = Long.MIN_VALUE;

        private static final long LAST_SYMBOL = Long.MIN_VALUE + Integer.MAX_VALUE;

        static boolean isKnown(long number) {
            return number > LAST_SYMBOL;
        }

        /** The number for a dimension of a step. */
        static long of(int dim) {
            return dim < 0 ? Long.MIN_VALUE - dim : dim;
        }

        /** The dimension of a step for a number that is not {@link #UNKNOWN}. */
        static int dim(long number) {
            return isKnown(number) ? Math.toIntExact(number) : (int) (Long.MIN_VALUE - number);
        }

        boolean isKnown() {
            return Arrays.stream(numbers).allMatch(Sizes::isKnown);
        }
    }

    /** Zeros of a shape that differs from run to run, such as a first state. */
    record Zeros() implements Meaning {}

    /** The numbers 0, 1, 2, ... up to a size, as a row or a column. */
    record Positions(long size, boolean isColumn) implements Meaning {}

    /** Ones [size x size], of a size that differs from run to run. */
    record Ones(long size) implements Meaning {}

    /**
     * For each query, by row, and key, by column, whether the key is no later than the query.
     *
     * @param isVisible whether true is said of the keys that are no later; otherwise of those that are
     */
    record NotLater(boolean isVisible) implements Meaning {}

    /**
     * What a formula makes of the positions 0, 1, 2, ... up to a size: a table with a row for each.
     *
     * @param size the number of positions, which differs from run to run
     * @param angles at position 1, one for each column of the first product
     * @param formula of {@link Waves#ANGLES}, such as {@code Cos(Cast{to=1}(angles))}
     */
    record Wave(long size, List<Double> angles, String formula) implements Meaning {}

    /** The first rows and columns of a square mask, as many as a size that differs from run to run. */
    record Corner(Tensor mask, long size) implements Meaning {}

    /** The first rows of a table, as many as a size that differs from run to run. */
    record FirstRows(Tensor table, long size) implements Meaning {}
}
