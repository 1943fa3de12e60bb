package nn.tensor;

import java.util.Objects;
import nn.tensor.internal.driver.TreeMatmul;
import nn.tensor.internal.product.ProductSums;

/**
 * Products x' y of pairs of matrices, one for each leaf of a binary tree, which are summed over the tree when the sum
 * is needed: the gradient of a weight by a batch in parts. Where a part has few rows and the weight is large, the
 * operands are small, and the sums of the tree never leave the caches.
 *
 * <p>The tree on the leaves 0 to n - 1: first 0 + 1, 2 + 3, ..., then (0 + 1) + (2 + 3), ..., the lower index on the
 * left. A leaf without a product is left out: its partner passes on as it is.
 *
 * <p>The bits are those of {@link Tensor#matmulInto} for each product, and {@link Tensor#addInPlace} for each sum.
 * Different leaves may be set by different threads at a time.
 */
public final class ProductTree {
    private final int leaves;
    private final int columns; // of x
    private final int units; // columns of y
    private final ProductSums sums;

    /**
     * Creates a tree without products.
     *
     * @param leaves their number, 1 or more
     * @param columns of every x, and rows of the sum
     * @param units columns of every y and of the sum
     * @throws IllegalArgumentException if there is no leaf, or a size is negative
     */
    public ProductTree(int leaves, int columns, int units) {
        if (leaves < 1 || columns < 0 || units < 0) {
            throw new IllegalArgumentException("a tree of " + leaves + " products [" + columns + " x " + units
                    + "]; give 1 leaf or more, and sizes of 0 or more");
        }
        this.leaves = leaves;
        this.columns = columns;
        this.units = units;
        this.sums = new ProductSums(leaves, columns, units);
    }

    /** Takes all products away. */
    public void clear() {
        sums.clear();
    }

    /**
     * Sets the product of a leaf.
     *
     * @param leaf its index, from 0
     * @param x [... x columns]; not copied, so it must not change until the sum is taken
     * @param y [... x units], with as many rows as x; not copied either
     * @throws ShapeException if the shapes do not fit; nothing changes then
     * @throws IndexOutOfBoundsException if there is no such leaf
     */
    public void set(int leaf, Tensor x, Tensor y) {
        Objects.checkIndex(leaf, leaves);
        int count = rows(x, columns);
        if (count < 0 || rows(y, units) != count) {
            throw new ShapeException(
                    "a product x' y: expected x [rows x " + columns + "] and y [rows x " + units + "], got x "
                            + x.shape() + " and y " + y.shape(),
                    "[rows x " + columns + "] and [rows x " + units + "]",
                    x.shape());
        }
        sums.set(leaf, x.array(), x.offset(), y.array(), y.offset(), count);
    }

    /** Returns the number of rows, all axes but the last taken together; -1 if the last one has another size. */
    private static int rows(Tensor tensor, int size) {
        if (tensor.shape().rank() == 0 || tensor.dim(-1) != size) {
            return -1;
        }
        int count = 1;
        for (int axis = 0; axis < tensor.shape().rank() - 1; axis++) {
            count *= tensor.dim(axis);
        }
        return count;
    }

    /**
     * Returns whether a leaf has a product.
     *
     * @param leaf its index, from 0
     * @return false if it has none since the last {@link #clear}
     * @throws IndexOutOfBoundsException if there is no such leaf
     */
    public boolean has(int leaf) {
        return sums.has(Objects.checkIndex(leaf, leaves));
    }

    /**
     * Returns whether a sum of leaves and a sum of later ones are the two partners of one node of the tree, so that
     * their sum is that of all leaves from the first to the last one.
     *
     * @param first the first leaf of the left sum, from 0
     * @param last the last leaf of the left sum, included
     * @param next the first leaf of the right sum
     * @param end the last leaf of the right sum, included
     * @return false if the tree adds one of these sums to another one
     */
    public static boolean arePartners(int first, int last, int next, int end) {
        int width = Integer.highestOneBit(first ^ next); // of each of the two
        return (first & width) < (next & width) && (first ^ last) < width && (next ^ end) < width;
    }

    /**
     * Sums the products of some leaves over the tree.
     *
     * @param first the first leaf, which has a product
     * @param last the last one, included, which has a product
     * @param dst receives the sum, [columns x units]
     * @throws ShapeException if {@code dst} has another shape
     * @throws IndexOutOfBoundsException if there are no such leaves
     * @throws IllegalArgumentException if the first or the last one has no product, or {@code dst} shares memory with
     *     an operand
     */
    public void sumInto(int first, int last, Tensor dst) {
        Objects.checkIndex(last, leaves);
        Objects.checkIndex(first, last + 1);
        if (dst.shape().rank() != 2 || dst.dim(0) != columns || dst.dim(1) != units) {
            throw new ShapeException(
                    "a sum of products: expected [" + columns + " x " + units + "], got " + dst.shape(),
                    "[" + columns + " x " + units + "]",
                    dst.shape());
        }
        if (!has(first) || !has(last)) {
            throw new IllegalArgumentException("leaf " + (has(first) ? last : first) + " has no product to sum");
        }
        for (int leaf = first; leaf <= last; leaf++) {
            if (sums.uses(leaf, dst.array(), dst.offset(), dst.offset() + dst.size())) {
                throw new IllegalArgumentException(
                        "a sum of products: the destination shares memory with an operand; give a separate tensor");
            }
        }
        TreeMatmul.sum(sums, first, last, dst.array(), dst.offset());
    }
}
