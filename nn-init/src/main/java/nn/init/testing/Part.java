package nn.init.testing;

import java.util.Arrays;
import nn.init.Initializer;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** The part of a tensor for which a distribution is promised; the rest is promised to be zero. */
sealed interface Part {
    /** The shape of the part within a tensor of a shape that {@link #refuses} nothing. */
    Shape shape(Shape whole);

    /** The row-major index, in the whole, of an element of the part. */
    int index(Shape whole, int element);

    /** Why a shape has no such part; empty if it has. */
    String refuses(Shape whole);

    /** What is zero, such as {@code taps beside the centre}. */
    String rest();

    /** The mistake if something there is not zero. */
    String mistake();

    /** Whether an element of the whole is in the part. */
    default boolean[] members(Shape whole) {
        boolean[] members = new boolean[whole.size()];
        int size = shape(whole).size();
        for (int i = 0; i < size; i++) {
            members[index(whole, i)] = true;
        }
        return members;
    }

    /** An initializer of the part, whose tensors have the shape of the part of one whole. */
    default Initializer of(Initializer initializer, Shape whole) {
        return (out, fans, key) -> {
            Tensor all = Tensor.zeros(whole);
            Arrays.fill(all.array(), Float.NaN);
            initializer.fill(all, fans, key);
            for (int i = 0; i < out.size(); i++) {
                out.array()[out.offset() + i] = all.array()[all.offset() + index(whole, i)];
            }
        };
    }

    /** The refusal as an error, as an initializer would throw it. */
    default void require(Shape whole) {
        String refusal = refuses(whole);
        if (!refusal.isEmpty()) {
            throw new ShapeException("conformance: " + refusal + ", got shape " + whole, refusal, whole);
        }
    }

    /** The matrix at the centre of a kernel [taps ... x inputs x outputs], tap (k - 1) / 2 of k on each axis. */
    record Centre() implements Part {
        @Override
        public Shape shape(Shape whole) {
            return Shape.of(whole.dim(-2), whole.dim(-1));
        }

        @Override
        public int index(Shape whole, int element) {
            int place = 0;
            for (int axis = 0; axis < whole.rank() - 2; axis++) {
                place = place * whole.dim(axis) + (whole.dim(axis) - 1) / 2;
            }
            return place * shape(whole).size() + element;
        }

        @Override
        public String refuses(Shape whole) {
            return whole.rank() < 2 ? "a kernel has two axes or more" : "";
        }

        @Override
        public String rest() {
            return "every tap beside the centre zero";
        }

        @Override
        public String mistake() {
            return "the matrix is off the centre of the taps, or at every tap";
        }
    }

    /** All rows along the first axis but one, the padding of an embedding. */
    record AllRowsBut(int row) implements Part {
        @Override
        public Shape shape(Shape whole) {
            int[] dims = whole.dims();
            dims[0]--;
            return Shape.of(dims);
        }

        @Override
        public int index(Shape whole, int element) {
            int length = whole.size() / whole.dim(0);
            return element < row * length ? element : element + length;
        }

        @Override
        public String refuses(Shape whole) {
            return whole.rank() == 0 || whole.dim(0) <= row ? "a table has a row " + row + " for padding" : "";
        }

        @Override
        public String rest() {
            return "row " + row + ", the padding, zero";
        }

        @Override
        public String mistake() {
            return "the row for padding is drawn like the others: set it to zero after the fill";
        }
    }
}
