package nn.tensor;

import nn.tensor.internal.driver.PanelMatmul;
import nn.tensor.internal.thread.CacheLines;

/**
 * A copy of a matrix for products with few rows, such as a prediction for one example: its columns lie in panels, each
 * in one piece of memory that begins at a cache line. Such a product reads every number of the matrix once, so it takes
 * the time to read them, and a processor reads a piece of memory faster than the rows of a wide matrix.
 *
 * <p>A product walks the panels from the left or from the right, as the caller asks. Products that change their
 * direction from one to the next begin with the panels that the one before has left in a cache. If the matrix fills a
 * cache, products in one direction find nothing there: by the time they come back to a panel, it is overwritten.
 *
 * <p>The bits are those of {@link Tensor#matmulInto}, {@link Tensor#matmulAddInto} and {@link
 * Tensor#matmulPlusRowInto}, in both directions. Several threads may use one of these at a time.
 */
public final class ColumnPanels {
    /** More rows are computed together, and use what they read often enough. */
    private static final int FEW_ROWS = 3;

    private final Tensor panels; // of the matrix's shape, its numbers in another order

    private ColumnPanels(Tensor panels) {
        this.panels = panels;
    }

    /**
     * Copies a matrix.
     *
     * @param matrix [k x n]
     * @return its panels
     * @throws ShapeException if it is no matrix
     * @throws OutOfMemoryError if the heap has no room for the copy
     */
    public static ColumnPanels of(Tensor matrix) {
        Tensor panels = Tensor.aligned(requireMatrix(matrix.shape()));
        PanelMatmul.toPanels(
                matrix.dim(0), matrix.dim(1), matrix.array(), matrix.offset(), panels.array(), panels.offset());
        return new ColumnPanels(panels);
    }

    /**
     * Whether products with panels are faster than those with the matrix itself.
     *
     * @param matrix its shape, [k x n]
     * @param rows of the left side
     * @return true for one row to three, if the matrix has more than one panel and the JVM has several processors: with
     *     one it runs a collector whose arrays do not begin at cache lines, and there panels are no faster
     * @throws ShapeException if it is no matrix
     */
    public static boolean suit(Shape matrix, int rows) {
        return requireMatrix(matrix).dim(1) > PanelMatmul.WIDTH && rows > 0 && rows <= FEW_ROWS && CacheLines.LIKELY;
    }

    private static Shape requireMatrix(Shape shape) {
        if (shape.rank() != 2) {
            throw new ShapeException("panels: expected a matrix, got shape " + shape, "[rows x columns]", shape);
        }
        return shape;
    }

    /**
     * The shape of the matrix.
     *
     * @return [k x n]
     */
    public Shape shape() {
        return panels.shape();
    }

    /**
     * Copies the numbers back, in the order of a tensor.
     *
     * @param dst receives the matrix, [k x n]
     * @throws ShapeException if it has another shape
     */
    public void copyInto(Tensor dst) {
        panels.requireSame("panels", dst);
        PanelMatmul.fromPanels(
                panels.dim(0), panels.dim(1), panels.array(), panels.offset(), dst.array(), dst.offset());
    }

    /**
     * The product {@code x B}, B being the matrix.
     *
     * @param x [... x k], read as a matrix of all its rows
     * @param dst receives [... x n]; no part of it may be the operand's
     * @param fromTheRight whether to begin with the last panel
     * @throws ShapeException if the inner dimensions differ or {@code dst} has another shape
     */
    public void productInto(Tensor x, Tensor dst, boolean fromTheRight) {
        x.requireProduct(panels, Transposed.NONE, dst);
        PanelMatmul.multiply(
                x.product(panels, dst).beginWithZeros(), x.array(), panels.array(), dst.array(), null, fromTheRight);
    }

    /**
     * Adds the product {@code x B}, B being the matrix, to a given tensor. Each element's sum begins with the value in
     * {@code dst}.
     *
     * @param x [... x k], read as a matrix of all its rows
     * @param dst the product is added to it; [... x n]; no part of it may be the operand's
     * @param fromTheRight whether to begin with the last panel
     * @throws ShapeException if the inner dimensions differ or {@code dst} has another shape
     */
    public void addProductInto(Tensor x, Tensor dst, boolean fromTheRight) {
        x.requireProduct(panels, Transposed.NONE, dst);
        PanelMatmul.multiply(
                x.product(panels, dst).begin(true), x.array(), panels.array(), dst.array(), dst.array(), fromTheRight);
    }

    /**
     * The product {@code x B} plus a row, B being the matrix: a dense layer in one pass.
     *
     * @param x [... x k], read as a matrix of all its rows
     * @param row [n], added to every row of the product
     * @param dst receives [... x n]; no part of it may be an operand's
     * @param fromTheRight whether to begin with the last panel
     * @throws ShapeException if the inner dimensions differ, or {@code row} or {@code dst} has another shape
     */
    public void productPlusRowInto(Tensor x, Tensor row, Tensor dst, boolean fromTheRight) {
        x.requireProductPlusRow(panels, row, dst);
        PanelMatmul.multiply(
                x.product(panels, dst).beginWithRow(row.offset()),
                x.array(),
                panels.array(),
                dst.array(),
                row.array(),
                fromTheRight);
    }
}
