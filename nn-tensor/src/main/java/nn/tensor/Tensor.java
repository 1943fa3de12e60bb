package nn.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.DoubleUnaryOperator;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.driver.Axes;
import nn.tensor.internal.driver.Broadcast;
import nn.tensor.internal.driver.IndexedRows;
import nn.tensor.internal.driver.Matmul;
import nn.tensor.internal.driver.Prelu;
import nn.tensor.internal.driver.Reductions;
import nn.tensor.internal.driver.Softmax;
import nn.tensor.internal.driver.TinyRows;
import nn.tensor.internal.element.Elementwise;
import nn.tensor.internal.element.Unary;
import nn.tensor.internal.product.Product;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.thread.CacheLines;
import nn.tensor.internal.thread.Memory;
import nn.tensor.internal.thread.Parallel;
import org.jspecify.annotations.Nullable;

/**
 * A block of float32 values with a {@link Shape}: contiguous and row-major, so element (i, j) of a matrix with n
 * columns is at {@code array()[offset() + i * n + j]}. Rows and reshaped tensors are views of the same values.
 *
 * <p>Methods that end in {@code Into} write to a given tensor, those that end in {@code InPlace} change this one, and
 * neither allocates; the others return a new tensor. Shapes do not broadcast, except in methods that say so in
 * their name ({@link #addBroadcastInto}, {@link #addRowInPlace}).
 *
 * <p>Every operation that writes refuses, with an {@link IllegalArgumentException} and before it has written anything,
 * a destination that shares memory with an operand, with one exception: the destination of an element-wise operation
 * or of a gradient at a softmax may be one of its operands, the same values from first to last.
 *
 * <p>Sums over rows, in products and in {@link #addSumOfRowsInto}, are chains of float additions in blocks of a fixed
 * length (see the package), so that even a batch of ten million equal rows gives gradients that are right to 3 in
 * 10,000.
 *
 * <p>Two tensors are equal as objects only if they are the same; {@link #bitEquals} compares values.
 */
public final class Tensor {
    /**
     * 2^-100, about 7.9e-31. A row of a layer's output or gradient with all magnitudes below this one is replaced by
     * zeros. Many processors take a hundred times as long for an operation on subnormal numbers, those below 2^-126.
     * Numbers of 2^-100 and more stay above that when they are multiplied by a weight of 2^-26 or more.
     */
    public static final float TINY = Elementwise.TINY;

    private static final int PRINTED = 8;

    /** For smaller magnitudes {@link #tanh()} returns its argument, bit for bit. */
    static final float TANH_IS_LINEAR = 0x1p-12f;

    private final float[] array;
    private final int offset;
    private final int size;
    private final Shape shape;
    private @Nullable Operand operand; // made at the first call that needs it

    private Tensor(Shape shape) {
        this(allocate(shape), 0, shape);
    }

    /** Allocates the array for the values, with an error that says how many bytes are needed and free. */
    private static float[] allocate(Shape shape) {
        requireThatHeapCanHold(shape);
        try {
            return new float[shape.size()];
        } catch (OutOfMemoryError e) {
            throw noRoom(shape, e);
        }
    }

    private static void requireThatHeapCanHold(Shape shape) {
        long bytes = (long) Float.BYTES * shape.size();
        long most = Runtime.getRuntime().maxMemory();
        if (bytes >= most) {
            throw new IllegalArgumentException("a tensor of shape " + shape + " needs " + bytes + " bytes, more than"
                    + " the heap's " + most + ": make it smaller, or start Java with a larger -Xmx");
        }
    }

    private static OutOfMemoryError noRoom(Shape shape, OutOfMemoryError cause) {
        return Memory.error("a tensor of shape " + shape, (long) Float.BYTES * shape.size(), cause);
    }

    private Tensor(float[] array, int offset, Shape shape) {
        this.array = array;
        this.offset = offset;
        this.shape = shape;
        this.size = shape.size();
    }

    /**
     * A tensor of zeros.
     *
     * @param dims the dimensions; none for a scalar
     * @return a new tensor
     * @throws IllegalArgumentException if a dimension is negative, the size is over the limit of {@link Shape#of}, or
     *     the heap can never hold as much
     * @throws OutOfMemoryError if the heap has no room left for it; the message says how many bytes it needs and
     *     how many are free
     */
    public static Tensor zeros(int... dims) {
        return zeros(Shape.of(dims));
    }

    /**
     * A tensor of zeros.
     *
     * @param shape every dimension known
     * @return a new tensor
     * @throws IllegalArgumentException if a dimension is {@link Shape#ANY}, or the heap can never hold as much
     * @throws OutOfMemoryError if the heap has no room left for it; the message says how many bytes it needs and
     *     how many are free
     */
    public static Tensor zeros(Shape shape) {
        return new Tensor(requireConcrete(shape));
    }

    /**
     * A tensor of zeros for values that stay and are read often, such as weights. Products that read it as their right
     * side are up to 1.5 times as fast as with {@link #zeros(Shape)}, because it begins at a cache line if the JVM runs
     * its default garbage collector, G1. It is a part of a larger {@linkplain #array() array}, 1 to 32 megabytes as the
     * heap is large, which stays in memory as long as one of the tensors in it does. So this is not for intermediate
     * results, unless their memory is kept and used again.
     *
     * @param shape every dimension known
     * @return a new tensor
     * @throws IllegalArgumentException if a dimension is {@link Shape#ANY}, or the heap can never hold as much
     * @throws OutOfMemoryError if the heap has no room left for it; the message says how many bytes it needs and
     *     how many are free
     */
    public static Tensor aligned(Shape shape) {
        requireThatHeapCanHold(requireConcrete(shape));
        try {
            CacheLines.Piece piece = CacheLines.zeros(shape.size());
            return new Tensor(piece.array(), piece.offset(), shape);
        } catch (OutOfMemoryError e) {
            throw noRoom(shape, e);
        }
    }

    /**
     * A tensor with one value everywhere.
     *
     * @param value the value
     * @param dims the dimensions
     * @return a new tensor
     * @throws IllegalArgumentException as for {@link #zeros(int...)}
     */
    public static Tensor full(float value, int... dims) {
        Tensor result = zeros(dims);
        result.fill(value);
        return result;
    }

    /**
     * A tensor with a copy of the given values.
     *
     * @param values in row-major order
     * @param dims the dimensions; their product is the number of values
     * @return a new tensor
     * @throws ShapeException if the number of values is another
     * @throws IllegalArgumentException as for {@link #zeros(int...)}
     */
    public static Tensor of(float[] values, int... dims) {
        Shape shape = requireConcrete(Shape.of(dims));
        if (values.length != shape.size()) {
            throw new ShapeException(
                    values.length + " values do not fill shape " + shape + ", which has " + shape.size(),
                    "[" + shape.size() + "]",
                    Shape.of(values.length));
        }
        return new Tensor(copy(values, 0, shape), 0, shape);
    }

    /**
     * Wraps an array of the caller in a tensor; both see each other's changes.
     *
     * @param array holds the values from {@code offset} on
     * @param offset index of the first value
     * @param shape every dimension known
     * @return a view
     * @throws IllegalArgumentException if the array ends before the tensor does
     */
    public static Tensor wrap(float[] array, int offset, Shape shape) {
        requireConcrete(shape);
        if (offset < 0 || offset > array.length || shape.size() > array.length - offset) {
            throw new IllegalArgumentException("a tensor of shape " + shape + " at offset " + offset
                    + " does not fit into an array of " + array.length + " floats");
        }
        return new Tensor(array, offset, shape);
    }

    private static Shape requireConcrete(Shape shape) {
        if (!shape.isConcrete()) {
            throw new IllegalArgumentException(
                    "shape " + shape + " has a free dimension: a tensor needs a number for each");
        }
        return shape;
    }

    /**
     * The dimensions.
     *
     * @return the shape
     */
    public Shape shape() {
        return shape;
    }

    /**
     * The number of elements.
     *
     * @return the product of the dimensions
     */
    public int size() {
        return size;
    }

    /**
     * One dimension.
     *
     * @param axis from 0 (outermost), or from -1 (innermost) downwards
     * @return its length
     * @throws IllegalArgumentException if there is no such axis
     */
    public int dim(int axis) {
        return shape.dim(axis);
    }

    /**
     * The array behind this tensor, for custom kernels. It is not a copy, every view shares it, and it may hold other
     * tensors too: ask {@link #overlaps} whether two tensors share memory.
     *
     * @return the array; this tensor's values begin at {@link #offset()}
     */
    public float[] array() {
        return array;
    }

    /**
     * Returns the index in {@link #array()} at which this tensor's values begin.
     *
     * @return the index of the first value
     */
    public int offset() {
        return offset;
    }

    /**
     * One element.
     *
     * @param index one number for each axis
     * @return its value
     * @throws IllegalArgumentException if the number of indices is not the rank, or one is out of range
     */
    public float get(int... index) {
        return array[position(index)];
    }

    /**
     * Changes one element.
     *
     * @param value the new value
     * @param index one number for each axis
     * @throws IllegalArgumentException if the number of indices is not the rank, or one is out of range
     */
    public void set(float value, int... index) {
        array[position(index)] = value;
    }

    private int position(int... index) {
        boolean inside = index.length == shape.rank();
        int position = 0;
        for (int axis = 0; inside && axis < index.length; axis++) {
            inside = index[axis] >= 0 && index[axis] < shape.dim(axis);
            position = position * shape.dim(axis) + index[axis];
        }
        if (!inside) {
            throw new IllegalArgumentException(
                    "no element " + Arrays.toString(index) + " in a tensor of shape " + shape);
        }
        return offset + position;
    }

    /**
     * The values in row-major order.
     *
     * @return a copy
     * @throws OutOfMemoryError as for {@link #zeros(int...)}
     */
    public float[] toArray() {
        return copy(array, offset, shape);
    }

    private static float[] copy(float[] array, int offset, Shape shape) {
        int size = shape.size();
        try {
            return Arrays.copyOfRange(array, offset, offset + size);
        } catch (OutOfMemoryError e) {
            throw Memory.error("a copy of a tensor of shape " + shape, (long) Float.BYTES * size, e);
        }
    }

    /**
     * Returns a copy with the same values and shape.
     *
     * @return a copy
     * @throws OutOfMemoryError as for {@link #zeros(int...)}
     */
    public Tensor copy() {
        return new Tensor(toArray(), 0, shape);
    }

    /**
     * Copies the values of another tensor into this one.
     *
     * @param source a tensor of this shape
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if the two partially overlap
     */
    public void copyFrom(Tensor source) {
        requireDestination("copyFrom", source);
        System.arraycopy(source.array, source.offset, array, offset, size);
    }

    /**
     * Sets every element.
     *
     * @param value the new value
     */
    public void fill(float value) {
        Arrays.fill(array, offset, offset + size, value);
    }

    /**
     * Returns the part of this tensor at one index of axis 0: a row of a matrix, a time step of a sequence.
     *
     * @param index from 0 to {@code dim(0) - 1}
     * @return a view, whose rank is one less
     * @throws IllegalArgumentException if there is no such row
     */
    public Tensor row(int index) {
        if (index < 0 || index >= shape.dim(0)) {
            throw new IllegalArgumentException("no row " + index + " in a tensor of shape " + shape);
        }
        Shape row = shape.withoutFirst();
        return new Tensor(array, offset + index * row.size(), row);
    }

    /**
     * Returns a range of rows, such as one mini-batch of a data set.
     *
     * @param from the first index of axis 0
     * @param to one more than the last
     * @return a view, of this rank
     * @throws IllegalArgumentException if {@code 0 <= from <= to <= dim(0)} does not hold
     */
    public Tensor rows(int from, int to) {
        if (from < 0 || to < from || to > shape.dim(0)) {
            throw new IllegalArgumentException("no rows " + from + " to " + to + " in a tensor of shape " + shape);
        }
        int[] dims = shape.dims();
        dims[0] = to - from;
        return new Tensor(array, offset + from * shape.withoutFirst().size(), Shape.of(dims));
    }

    /**
     * Returns the same values with other dimensions.
     *
     * @param dims with the same product
     * @return a view
     * @throws ShapeException if the product is another
     */
    public Tensor reshape(int... dims) {
        return reshape(Shape.of(dims));
    }

    /**
     * Returns the same values with other dimensions.
     *
     * @param other with the same number of elements
     * @return a view
     * @throws ShapeException if the number is another
     */
    public Tensor reshape(Shape other) {
        if (requireConcrete(other).size() != size) {
            throw new ShapeException(
                    "reshape: shape " + other + " has " + other.size() + " elements, this tensor of shape " + shape
                            + " has " + size,
                    "[" + size + "]",
                    other);
        }
        return new Tensor(array, offset, other);
    }

    /**
     * The matrix product {@code A B} in a new tensor; A is this tensor, read as a matrix of all its rows: {@code [... x
     * k]} times {@code [k x n]} gives {@code [... x n]}.
     *
     * @param b of shape [k x n]
     * @return of this shape with n as the last dimension
     * @throws ShapeException if the inner dimensions differ
     */
    public Tensor matmul(Tensor b) {
        return matmul(b, Transposed.NONE);
    }

    /**
     * A matrix product in a new tensor. This tensor is read as a matrix of all its rows, as in {@link #matmul(Tensor)}.
     *
     * @param b NONE: [k x n] for this [... x k]; LEFT: [... x n] for this [... x m], with as many rows; RIGHT: [n x
     *     k] for this [... x k]
     * @param transposed the side that is read transposed
     * @return NONE and RIGHT: [... x n]; LEFT: [m x n]
     * @throws ShapeException if the inner dimensions differ
     */
    public Tensor matmul(Tensor b, Transposed transposed) {
        Tensor result = new Tensor(productShape(b, transposed));
        product(b, transposed, result, false);
        return result;
    }

    /**
     * A matrix product, as {@link #matmul(Tensor, Transposed)} gives, into a given tensor.
     *
     * @param b the right side
     * @param transposed the side that is read transposed
     * @param dst receives the product; of the product's shape; no part of it may be an operand's
     * @throws ShapeException if the inner dimensions differ or {@code dst} has another shape
     */
    public void matmulInto(Tensor b, Transposed transposed, Tensor dst) {
        requireProduct(b, transposed, dst);
        product(b, transposed, dst, false);
    }

    /**
     * A matrix product plus a row, into a given tensor: a dense layer in one pass. Each element's sum begins with the
     * row's element, as if {@code dst} had been {@linkplain #fillRows filled} with the row and the product {@linkplain
     * #matmulAddInto added} to it: the same bits, without writing and reading {@code dst} once more.
     *
     * @param b [k x n] for this [... x k]
     * @param row [n], added to every row of the product
     * @param dst receives [... x n]; no part of it may be an operand's
     * @throws ShapeException if the inner dimensions differ, or {@code row} or {@code dst} has another shape
     */
    public void matmulPlusRowInto(Tensor b, Tensor row, Tensor dst) {
        requireProductPlusRow(b, row, dst);
        Matmul.plusRow(product(b, dst), array, b.array, row.array, row.offset, dst.array);
    }

    /**
     * Adds a matrix product to a given tensor. Each element's sum begins with the value in {@code dst}, such as
     * a bias.
     *
     * @param b the right side
     * @param transposed the side that is read transposed
     * @param dst the product is added to it; of the product's shape; no part of it may be an operand's
     * @throws ShapeException if the inner dimensions differ or {@code dst} has another shape
     */
    public void matmulAddInto(Tensor b, Transposed transposed, Tensor dst) {
        requireProduct(b, transposed, dst);
        product(b, transposed, dst, true);
    }

    int rowLength() {
        return shape.rank() == 0 ? 1 : shape.dim(-1);
    }

    /** The number of rows, all axes but the last taken together; also for rows without elements. */
    private int rowCount() {
        int count = 1;
        for (int axis = 0; axis < shape.rank() - 1; axis++) {
            count *= shape.dim(axis);
        }
        return count;
    }

    /** Returns the shape of the matrix product with b; refuses operands that do not fit. */
    private void requireFactor(Tensor b, Transposed transposed) {
        boolean fits = switch (transposed) {
            case NONE -> shape.rank() >= 1 && b.shape.rank() == 2 && rowLength() == b.dim(0);
            case LEFT -> shape.rank() >= 1 && b.shape.rank() >= 1 && rowCount() == b.rowCount();
            case RIGHT -> shape.rank() >= 1 && b.shape.rank() == 2 && rowLength() == b.dim(1);
        };
        if (!fits) {
            throw productMismatch(b, transposed);
        }
    }

    private Shape productShape(Tensor b, Transposed transposed) {
        requireFactor(b, transposed);
        return switch (transposed) {
            case NONE -> shape.withLast(b.dim(1));
            case LEFT -> Shape.of(rowLength(), b.rowLength());
            case RIGHT -> shape.withLast(b.dim(0));
        };
    }

    /** Whether a tensor has the shape of the product; creates no shape, as small products are frequent. */
    private boolean isProduct(Tensor dst, Tensor b, Transposed transposed) {
        return switch (transposed) {
            case NONE -> shape.equalsButLast(dst.shape) && dst.dim(-1) == b.dim(1);
            case LEFT -> dst.shape.rank() == 2 && dst.dim(0) == rowLength() && dst.dim(1) == b.rowLength();
            case RIGHT -> shape.equalsButLast(dst.shape) && dst.dim(-1) == b.dim(0);
        };
    }

    private ShapeException productMismatch(Tensor b, Transposed transposed) {
        String expected = switch (transposed) {
            case NONE -> "[" + rowLength() + " x columns]";
            case LEFT -> "[" + rowCount() + " rows x columns]";
            case RIGHT -> "[columns x " + rowLength() + "]";
        };
        String form = switch (transposed) {
            case NONE -> "A B";
            case LEFT -> "A' B";
            case RIGHT -> "A B'";
        };
        return new ShapeException(
                "matmul " + form + ": for A of shape " + shape + " expected B of shape " + expected + ", got " + b.shape
                        + ": the inner dimensions must agree; is a side to be read transposed?",
                expected,
                b.shape);
    }

    /** Refuses operands of a product plus a row that do not fit. */
    void requireProductPlusRow(Tensor b, Tensor row, Tensor dst) {
        requireProduct(b, Transposed.NONE, dst);
        if (row.shape.rank() != 1 || row.size != b.dim(1)) {
            throw new ShapeException(
                    "matmul: the row to add has shape " + row.shape + ", the product " + b.dim(1) + " columns",
                    "[" + b.dim(1) + "]",
                    row.shape);
        }
        dst.requireApart("matmul", row, "the row to add");
    }

    /** Describes the product of this tensor's rows [... x k] and b [k x n]. */
    Product product(Tensor b, Tensor dst) {
        return Product.of(rowCount(), b.dim(1), rowLength()).at(offset, b.offset, dst.offset);
    }

    void requireProduct(Tensor b, Transposed transposed, Tensor dst) {
        requireFactor(b, transposed);
        if (!isProduct(dst, b, transposed)) {
            Shape wanted = productShape(b, transposed);
            throw new ShapeException(
                    "matmul of " + shape + " and " + b.shape + " (" + transposed + " transposed) gives " + wanted
                            + ", the destination has shape " + dst.shape,
                    wanted.toString(),
                    dst.shape);
        }
        dst.requireApart("matmul", this, "an operand");
        dst.requireApart("matmul", b, "an operand");
    }

    private void product(Tensor b, Transposed transposed, Tensor dst, boolean add) {
        float[] x = array;
        float[] y = b.array;
        float[] z = dst.array;
        switch (transposed) {
            case NONE -> Matmul.plain(product(b, dst), x, y, z, add);
            case LEFT -> {
                Product product = Product.of(rowLength(), b.rowLength(), rowCount());
                Matmul.leftTransposed(product.at(offset, b.offset, dst.offset), x, y, z, add);
            }
            case RIGHT -> {
                Product product = Product.of(rowCount(), b.dim(0), rowLength());
                Matmul.rightTransposed(product.at(offset, b.offset, dst.offset), x, y, z, add);
            }
        }
    }

    /**
     * The transpose of a matrix in a new tensor.
     *
     * @return of shape [n x m] for this [m x n]
     * @throws ShapeException if the rank is not 2
     */
    public Tensor transpose() {
        Tensor result = new Tensor(transposedShape());
        transposeInto(result);
        return result;
    }

    /**
     * The transpose of a matrix.
     *
     * @param dst receives it; of shape [n x m] for this [m x n]; no part of it may be this tensor's
     * @throws ShapeException if the rank is not 2 or {@code dst} has another shape
     */
    public void transposeInto(Tensor dst) {
        boolean fits = shape.rank() == 2 && dst.shape.rank() == 2 && dst.dim(0) == dim(1) && dst.dim(1) == dim(0);
        if (!fits) {
            Shape wanted = transposedShape();
            throw new ShapeException(
                    "transpose of " + shape + ": expected a destination of shape " + wanted + ", got " + dst.shape,
                    wanted.toString(),
                    dst.shape);
        }
        dst.requireApart("transpose", this, "this tensor");
        Matmul.transpose(dim(0), dim(1), array, offset, dst.array, dst.offset);
    }

    private Shape transposedShape() {
        if (shape.rank() != 2) {
            throw new ShapeException("transpose: expected a matrix, got shape " + shape, "[rows x columns]", shape);
        }
        return Shape.of(dim(1), dim(0));
    }

    /**
     * The tensor with its axes in another order, in a new tensor.
     *
     * @param axes each axis once, from 0 or from -1 downwards
     * @return the tensor whose axis i is axis {@code axes[i]} of this one
     * @throws IllegalArgumentException if an axis is missing, given twice or does not exist
     */
    public Tensor permute(int... axes) {
        Tensor result = new Tensor(shape.permute(axes));
        permuteInto(result, axes);
        return result;
    }

    /**
     * The tensor with its axes in another order.
     *
     * @param dst receives it; its axis i is axis {@code axes[i]} of this tensor; no part of it may be this tensor's
     * @param axes each axis once, from 0 or from -1 downwards
     * @throws IllegalArgumentException if an axis is missing, given twice or does not exist
     * @throws ShapeException if {@code dst} has another shape
     */
    public void permuteInto(Tensor dst, int... axes) {
        dst.requireShape("permute", shape.permute(axes));
        dst.requireApart("permute", this, "this tensor");
        if (size > 0) {
            Axes.permute(shape.dims(), shape.order(axes), array, offset, dst.array, dst.offset);
        }
    }

    /**
     * Copies a range along one axis.
     *
     * @param axis from 0, or from -1 downwards
     * @param from the first index along the axis
     * @param dst receives as many indices as it has along the axis; else of this shape; no part of it may be this
     *     tensor's
     * @throws IllegalArgumentException if there is no such axis, or the range leaves the tensor
     * @throws ShapeException if another dimension of {@code dst} differs
     */
    public void sliceInto(int axis, int from, Tensor dst) {
        requireSlice("slice", axis, from, dst);
        slices(axis, from, dst, (x, xo, y, yo, n) -> System.arraycopy(x, xo, y, yo, n));
    }

    /**
     * Writes a tensor to a range along one axis of this one; several of them concatenate tensors.
     *
     * @param axis from 0, or from -1 downwards
     * @param from the first index along the axis
     * @param source as many indices as it has along the axis are written; else of this shape; no part of it may be
     *     this tensor's
     * @throws IllegalArgumentException if there is no such axis, or the range leaves this tensor
     * @throws ShapeException if another dimension of {@code source} differs
     */
    public void setSlice(int axis, int from, Tensor source) {
        requireSlice("setSlice", axis, from, source);
        slices(axis, from, source, (x, xo, y, yo, n) -> System.arraycopy(y, yo, x, xo, n));
    }

    /**
     * Adds a tensor to a range along one axis of this one: the gradient of {@link #sliceInto}.
     *
     * @param axis from 0, or from -1 downwards
     * @param from the first index along the axis
     * @param source is added to as many indices as it has along the axis; else of this shape; no part of it may be
     *     this tensor's
     * @throws IllegalArgumentException if there is no such axis, or the range leaves this tensor
     * @throws ShapeException if another dimension of {@code source} differs
     */
    public void addToSlice(int axis, int from, Tensor source) {
        requireSlice("addToSlice", axis, from, source);
        slices(axis, from, source, (x, xo, y, yo, n) -> Kernels.active().add(x, xo, y, yo, x, xo, n));
    }

    private interface Run {
        void apply(float[] whole, int at, float[] part, int partAt, int n);
    }

    private void slices(int axis, int from, Tensor part, Run run) {
        int index = axis < 0 ? axis + shape.rank() : axis;
        int inner = 1;
        for (int i = index + 1; i < shape.rank(); i++) {
            inner *= shape.dim(i);
        }
        int length = part.dim(index) * inner;
        int count = length == 0 ? 0 : part.size / length;
        for (int i = 0; i < count; i++) {
            int at = offset + (i * dim(index) + from) * inner;
            run.apply(array, at, part.array, part.offset + i * length, length);
        }
    }

    /** Whether a tensor differs in size along one axis at most. */
    private boolean isSlice(int axis, Tensor part) {
        int rank = shape.rank();
        int index = axis < 0 ? axis + rank : axis;
        boolean fits = part.shape.rank() == rank && index >= 0 && index < rank;
        for (int i = 0; fits && i < rank; i++) {
            fits = i == index || part.dim(i) == dim(i);
        }
        return fits;
    }

    private void requireSlice(String operation, int axis, int from, Tensor part) {
        int length = part.shape.rank() == shape.rank() ? part.dim(axis) : 0;
        if (!isSlice(axis, part)) { // makes a shape for the message only
            part.requireShape(operation, shape.withDim(axis, length));
        }
        if (from < 0 || from > dim(axis) - length) {
            throw new IllegalArgumentException(operation + ": indices " + from + " to " + ((long) from + length - 1)
                    + " of axis " + axis + " are not in a tensor of shape " + shape);
        }
        part.requireApart(operation, this, "this tensor");
    }

    /**
     * Copies rows of a table by their index.
     *
     * @param indices whole numbers from 0 to {@code dim(0) - 1}, of any shape
     * @param dst receives, for each index, the row of this table [rows x ...]; of the shape of the indices, followed by
     *     that of a row; no part of it may be an operand's
     * @throws IllegalArgumentException if an index is not a row of this table; the message names its place
     * @throws ShapeException if {@code dst} has another shape
     */
    public void gatherRowsInto(Tensor indices, Tensor dst) {
        int width = requireRows("gatherRows", indices, dst);
        dst.requireApart("gatherRows", this, "this tensor");
        dst.requireApart("gatherRows", indices, "the indices");
        int bad = IndexedRows.gather(
                array, offset, dim(0), width, indices.array, indices.offset, indices.size, dst.array, dst.offset);
        if (bad != IndexedRows.NONE) {
            throw badRow("gatherRows", indices, bad);
        }
    }

    /**
     * Adds to rows of a table by their index: the gradient of {@link #gatherRowsInto}. An index that occurs several
     * times gets all sums, in the order of the indices.
     *
     * @param indices whole numbers from 0 to {@code dim(0) - 1}, of any shape
     * @param source a row for each index, to be added to that row of this table [rows x ...]; of the shape of the
     *     indices, followed by that of a row; no part of it may be this tensor's
     * @throws IllegalArgumentException if an index is not a row of this table; nothing is changed then
     * @throws ShapeException if {@code source} has another shape
     */
    public void addToRows(Tensor indices, Tensor source) {
        int width = requireRows("addToRows", indices, source);
        requireApart("addToRows", source, "the source");
        requireApart("addToRows", indices, "the indices");
        int bad = IndexedRows.scatterAdd(
                array, offset, dim(0), width, indices.array, indices.offset, indices.size, source.array, source.offset);
        if (bad != IndexedRows.NONE) {
            throw badRow("addToRows", indices, bad);
        }
    }

    /** Refuses rows that do not have the shape of the indices, followed by that of a row; returns a row's size. */
    private int requireRows(String operation, Tensor indices, Tensor rows) {
        dim(0); // refuses a scalar
        int rank = indices.shape.rank();
        boolean fits = rows.shape.rank() == rank + shape.rank() - 1;
        for (int axis = 0; axis < rank && fits; axis++) {
            fits = rows.dim(axis) == indices.dim(axis);
        }
        int width = 1;
        for (int axis = 1; axis < shape.rank(); axis++) {
            fits = fits && rows.dim(rank + axis - 1) == dim(axis);
            width *= dim(axis);
        }
        if (!fits) { // makes a shape for the message only
            int[] dims = Arrays.copyOf(indices.shape.dims(), rank + shape.rank() - 1);
            System.arraycopy(shape.dims(), 1, dims, rank, shape.rank() - 1);
            rows.requireShape(operation, Shape.of(dims));
        }
        return width;
    }

    private IllegalArgumentException badRow(String operation, Tensor indices, int element) {
        int[] place = indices.shape.dims();
        int rest = element;
        for (int axis = place.length - 1; axis >= 0; axis--) {
            int length = place[axis];
            place[axis] = rest % length;
            rest /= length;
        }
        return new IllegalArgumentException(operation + ": element " + Arrays.toString(place) + " of the indices "
                + indices.shape + " is " + indices.array[indices.offset + element]
                + "; an index is a whole number from 0 to " + (dim(0) - 1));
    }

    void requireShape(String operation, Shape wanted) {
        if (!shape.equals(wanted)) {
            throw new ShapeException(
                    operation + ": expected a tensor of shape " + wanted + ", got " + shape, wanted.toString(), shape);
        }
    }

    /**
     * Products of matrices side by side: {@code dst[i] = A[i] B[i]} for every i of the leading axes.
     *
     * @param b NONE: [... x k x n] for this [... x m x k]; LEFT: [... x m x n] for this [... x m x k], which is read
     *     transposed; RIGHT: [... x n x k], which is read transposed; with the leading axes of this tensor
     * @param transposed the side that is read transposed
     * @param dst receives [... x m x n], or [... x k x n] for LEFT; no part of it may be an operand's
     * @throws ShapeException if the leading axes or the inner dimensions differ, or {@code dst} has another shape
     */
    public void matmulEachInto(Tensor b, Transposed transposed, Tensor dst) {
        matmulEach(b, transposed, dst, false);
    }

    /**
     * Adds products of matrices side by side: {@code dst[i] += A[i] B[i]}, as for {@link #matmulEachInto}.
     *
     * @param b the right sides
     * @param transposed the side that is read transposed
     * @param dst the products are added to it; of their shape; no part of it may be an operand's
     * @throws ShapeException if the leading axes or the inner dimensions differ, or {@code dst} has another shape
     */
    public void matmulEachAddInto(Tensor b, Transposed transposed, Tensor dst) {
        matmulEach(b, transposed, dst, true);
    }

    private void matmulEach(Tensor b, Transposed transposed, Tensor dst, boolean add) {
        dst.requireShape("matmulEach", shape.matmulEach(b.shape, transposed));
        dst.requireApart("matmulEach", this, "an operand");
        dst.requireApart("matmulEach", b, "an operand");
        int rows = dim(-2);
        int columns = dim(-1);
        int others = b.dim(transposed == Transposed.RIGHT ? -2 : -1);
        int count = rows * columns == 0 ? 0 : size / (rows * columns);
        int ofB = b.dim(-2) * b.dim(-1);
        int ofDst = dst.dim(-2) * dst.dim(-1);
        int parts = Math.min(count, Parallel.threads((double) size * others));
        float[] x = array;
        float[] y = b.array;
        float[] z = dst.array;
        Parallel.split(count, Math.max(1, parts), (from, to) -> {
            for (int i = from; i < to; i++) {
                int xo = offset + i * rows * columns;
                int yo = b.offset + i * ofB;
                int zo = dst.offset + i * ofDst;
                switch (transposed) {
                    case NONE -> Matmul.plain(Product.of(rows, others, columns).at(xo, yo, zo), x, y, z, add);
                    case LEFT ->
                        Matmul.leftTransposed(Product.of(columns, others, rows).at(xo, yo, zo), x, y, z, add);
                    case RIGHT ->
                        Matmul.rightTransposed(Product.of(rows, others, columns).at(xo, yo, zo), x, y, z, add);
                }
            }
        });
    }

    /**
     * The sum of this tensor and a smaller one, which is repeated: along axes where it has size 1, and along leading
     * axes that it lacks. A bias [n] is added to every row of [... x n], a column [m x 1] to every column of [m x n].
     *
     * @param small a tensor whose shape {@linkplain Shape#broadcastsTo broadcasts} to this one
     * @param dst receives the sum; of this shape; may be this tensor
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if {@code dst} shares memory with {@code small}
     */
    public void addBroadcastInto(Tensor small, Tensor dst) {
        broadcast(Broadcast.Operation.ADD, small, dst);
    }

    /**
     * The difference of this tensor and a smaller one, which is repeated as in {@link #addBroadcastInto}.
     *
     * @param small a tensor whose shape {@linkplain Shape#broadcastsTo broadcasts} to this one
     * @param dst receives this - small; of this shape; may be this tensor
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if {@code dst} shares memory with {@code small}
     */
    public void subtractBroadcastInto(Tensor small, Tensor dst) {
        broadcast(Broadcast.Operation.SUBTRACT, small, dst);
    }

    /**
     * The product of this tensor and a smaller one, which is repeated as in {@link #addBroadcastInto}.
     *
     * @param small a tensor whose shape {@linkplain Shape#broadcastsTo broadcasts} to this one
     * @param dst receives the product; of this shape; may be this tensor
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if {@code dst} shares memory with {@code small}
     */
    public void multiplyBroadcastInto(Tensor small, Tensor dst) {
        broadcast(Broadcast.Operation.MULTIPLY, small, dst);
    }

    /**
     * The quotient of this tensor and a smaller one, which is repeated as in {@link #addBroadcastInto}.
     *
     * @param small a tensor whose shape {@linkplain Shape#broadcastsTo broadcasts} to this one
     * @param dst receives this / small; of this shape; may be this tensor
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if {@code dst} shares memory with {@code small}
     */
    public void divideBroadcastInto(Tensor small, Tensor dst) {
        broadcast(Broadcast.Operation.DIVIDE, small, dst);
    }

    /**
     * Repeats this tensor, as in {@link #addBroadcastInto}.
     *
     * @param dst receives the repeated values; this shape {@linkplain Shape#broadcastsTo broadcasts} to its shape
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if {@code dst} shares memory with this tensor
     */
    public void broadcastInto(Tensor dst) {
        dst.broadcast(Broadcast.Operation.COPY, this, dst);
    }

    private void broadcast(Broadcast.Operation operation, Tensor small, Tensor dst) {
        requireBroadcast("broadcast", small);
        requireDestination("broadcast", dst);
        dst.requireApart("broadcast", small, "the smaller tensor");
        if (size > 0) {
            Broadcast.of(shape.dims(), small.shape.dims())
                    .apply(operation, array, offset, small.array, small.offset, dst.array, dst.offset);
        }
    }

    private void requireBroadcast(String operation, Tensor small) {
        if (!small.shape.broadcastsTo(shape)) {
            throw new ShapeException(
                    operation + ": a tensor of shape " + small.shape + " is not repeated to " + shape
                            + ": each of its dimensions must be that of the last axes, or 1; reshape it",
                    shape.toString(),
                    small.shape);
        }
    }

    /**
     * Adds sums along some axes: the gradient of a tensor that was {@linkplain #addBroadcastInto repeated}. Sums along
     * the last axes are taken in double, in the order of {@link #sum()}; sums along other axes in the order of {@link
     * #addSumOfRowsInto}.
     *
     * @param dst the sums are added to it; of this shape, with size 1 along the axes that are summed, or without
     *     leading ones
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if {@code dst} shares memory with this tensor
     */
    public void addSumsInto(Tensor dst) {
        requireBroadcast("addSums", dst);
        dst.requireApart("addSums", this, "this tensor");
        if (size > 0) {
            Broadcast.of(shape.dims(), dst.shape.dims()).addSums(array, offset, dst.array, dst.offset);
        }
    }

    /**
     * The largest elements along some axes; NaN where one is NaN.
     *
     * @param dst receives them; of this shape, with size 1 along the axes that are searched, or without leading ones
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if {@code dst} shares memory with this tensor, or this tensor is empty
     */
    public void maxInto(Tensor dst) {
        requireBroadcast("max", dst);
        dst.requireApart("max", this, "this tensor");
        if (size == 0) {
            throw new IllegalArgumentException("max: a tensor of shape " + shape + " has no largest element");
        }
        Broadcast.of(shape.dims(), dst.shape.dims()).max(array, offset, dst.array, dst.offset);
    }

    /**
     * The gradient of {@link #maxInto}. Of equal elements the first one gets all of it.
     *
     * @param max the largest elements of this tensor
     * @param dMax their gradients, of the same shape
     * @param dst receives the gradients of this tensor's elements; of this shape; no part of it may be an operand's
     * @throws ShapeException if the shapes do not fit
     */
    public void maxGradInto(Tensor max, Tensor dMax, Tensor dst) {
        requireBroadcast("maxGrad", max);
        max.requireSame("maxGrad", dMax);
        requireSame("maxGrad", dst);
        dst.requireApart("maxGrad", this, "this tensor");
        dst.requireApart("maxGrad", max, "the maxima");
        dst.requireApart("maxGrad", dMax, "their gradients");
        Broadcast.of(shape.dims(), max.shape.dims()).maxGrad(operand(), max.operand(), dMax.operand(), dst.operand());
    }

    /**
     * The sum, element by element, in a new tensor.
     *
     * @param other a tensor of this shape
     * @return this + other, of this shape
     * @throws ShapeException if the shapes differ
     */
    public Tensor add(Tensor other) {
        Tensor result = new Tensor(shape);
        addInto(other, result);
        return result;
    }

    /**
     * The sum, element by element.
     *
     * @param other a tensor of this shape
     * @param dst receives this + other; of this shape; may be this tensor or the other
     * @throws ShapeException if the shapes differ
     */
    public void addInto(Tensor other, Tensor dst) {
        requireOperands("add", other, dst);
        each(Kernels::add, other, dst);
    }

    /**
     * The difference, element by element, in a new tensor.
     *
     * @param other a tensor of this shape
     * @return this - other, of this shape
     * @throws ShapeException if the shapes differ
     */
    public Tensor subtract(Tensor other) {
        Tensor result = new Tensor(shape);
        subtractInto(other, result);
        return result;
    }

    /**
     * The difference, element by element.
     *
     * @param other a tensor of this shape
     * @param dst receives this - other; of this shape; may be this tensor or the other
     * @throws ShapeException if the shapes differ
     */
    public void subtractInto(Tensor other, Tensor dst) {
        requireOperands("subtract", other, dst);
        each(Kernels::subtract, other, dst);
    }

    /**
     * The product, element by element, in a new tensor.
     *
     * @param other a tensor of this shape
     * @return this * other, of this shape
     * @throws ShapeException if the shapes differ
     */
    public Tensor multiply(Tensor other) {
        Tensor result = new Tensor(shape);
        multiplyInto(other, result);
        return result;
    }

    /**
     * The product, element by element.
     *
     * @param other a tensor of this shape
     * @param dst receives this * other; of this shape; may be this tensor or the other
     * @throws ShapeException if the shapes differ
     */
    public void multiplyInto(Tensor other, Tensor dst) {
        requireOperands("multiply", other, dst);
        each(Kernels::multiply, other, dst);
    }

    /**
     * The square root, element by element, correctly rounded; NaN below zero.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void sqrtInto(Tensor dst) {
        requireDestination("sqrt", dst);
        apply(Unary.SQRT, 0, 0, dst);
    }

    /**
     * The exponential, element by element, in a new tensor. Within 2 ulp.
     *
     * @return the values, of this shape
     */
    public Tensor exp() {
        Tensor result = new Tensor(shape);
        expInto(result);
        return result;
    }

    /**
     * The exponential, element by element. Within 2 ulp.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void expInto(Tensor dst) {
        requireDestination("exp", dst);
        apply(Unary.EXP, 0, 0, dst);
    }

    /**
     * The natural logarithm, element by element, in a new tensor. Within 2 ulp; NaN below zero.
     *
     * @return the values, of this shape
     */
    public Tensor log() {
        Tensor result = new Tensor(shape);
        logInto(result);
        return result;
    }

    /**
     * The natural logarithm, element by element. Within 2 ulp; NaN below zero.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void logInto(Tensor dst) {
        requireDestination("log", dst);
        apply(Unary.LOG, 0, 0, dst);
    }

    /**
     * The hyperbolic tangent, element by element, in a new tensor. Within 2 ulp, odd to the bit, never beyond 1.
     *
     * @return the values, of this shape
     */
    public Tensor tanh() {
        Tensor result = new Tensor(shape);
        tanhInto(result);
        return result;
    }

    /**
     * The hyperbolic tangent, element by element. Within 2 ulp, odd to the bit, never beyond 1.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void tanhInto(Tensor dst) {
        requireDestination("tanh", dst);
        if (isBelow(TANH_IS_LINEAR)) {
            dst.copyFrom(this); // the same bits; the squares of a signal that fades would be subnormal
            return;
        }
        apply(Unary.TANH, 0, 0, dst);
    }

    /**
     * The logistic function 1 / (1 + exp(-x)), element by element, in a new tensor. Within 3 ulp.
     *
     * @return the values, of this shape
     */
    public Tensor sigmoid() {
        Tensor result = new Tensor(shape);
        sigmoidInto(result);
        return result;
    }

    /**
     * The logistic function 1 / (1 + exp(-x)), element by element. Within 3 ulp.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void sigmoidInto(Tensor dst) {
        requireDestination("sigmoid", dst);
        apply(Unary.SIGMOID, 0, 0, dst);
    }

    /**
     * The larger of x and +0, element by element, in a new tensor. NaN stays NaN.
     *
     * @return the values, of this shape
     */
    public Tensor relu() {
        Tensor result = new Tensor(shape);
        reluInto(result);
        return result;
    }

    /**
     * The larger of x and +0, element by element. NaN stays NaN.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void reluInto(Tensor dst) {
        requireDestination("relu", dst);
        apply(Unary.RELU, 0, 0, dst);
    }

    /**
     * The gradient at the input of {@link #relu()}, where this tensor is that input: {@code dOutput} where x is above
     * zero (or NaN), +0 elsewhere.
     *
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void reluGradInto(Tensor dOutput, Tensor dst) {
        requireOperands("reluGrad", dOutput, dst);
        gradient(Unary.RELU, 0, 0, dOutput, dst);
    }

    /**
     * x where it is above zero, {@code slope * x} elsewhere, element by element. NaN stays NaN.
     *
     * @param slope the factor below zero
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void leakyReluInto(float slope, Tensor dst) {
        requireDestination("leakyRelu", dst);
        apply(Unary.LEAKY_RELU, slope, 0, dst);
    }

    /**
     * The gradient at the input of {@link #leakyReluInto}, where this tensor is that input: {@code dOutput} where x is
     * above zero, {@code slope * dOutput} elsewhere, NaN included.
     *
     * @param slope the factor below zero
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void leakyReluGradInto(float slope, Tensor dOutput, Tensor dst) {
        requireOperands("leakyReluGrad", dOutput, dst);
        gradient(Unary.LEAKY_RELU, slope, 0, dOutput, dst);
    }

    /**
     * The leaky ReLU with a slope for each column: x where it is above zero, {@code slope * x} elsewhere. NaN stays
     * NaN.
     *
     * @param slopes of shape [n] for this [... x n]
     * @param dst receives the values; of this shape; no part of it may be an operand's
     * @throws ShapeException if {@code slopes} has another length, or {@code dst} another shape
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand
     */
    public void preluInto(Tensor slopes, Tensor dst) {
        requireRow("prelu", slopes);
        requireSame("prelu", dst);
        dst.requireApart("prelu", this, "this tensor");
        dst.requireApart("prelu", slopes, "the slopes");
        Prelu.apply(slopes.operand(), operand(), dst.operand());
    }

    /**
     * The gradients of {@link #preluInto}, where this tensor is its input: {@code dOutput} where x is above zero,
     * {@code slope * dOutput} elsewhere; and the sum over rows of {@code x * dOutput}, where x is not above zero, is
     * added to the gradient of the slopes, as by {@link #addSumOfRowsInto}.
     *
     * @param slopes of shape [n] for this [... x n]
     * @param dOutput gradient at the output, of this shape
     * @param dSlopes the gradient at the slopes is added to it; of shape [n]; no part of it may be another tensor's
     * @param dst receives the gradient at the input; of this shape; no part of it may be an operand's
     * @throws ShapeException if a shape is another
     * @throws IllegalArgumentException if {@code dst} or {@code dSlopes} shares memory with another tensor
     */
    public void preluGradInto(Tensor slopes, Tensor dOutput, Tensor dSlopes, Tensor dst) {
        requireRow("preluGrad", slopes);
        requireRow("preluGrad", dSlopes);
        requireSame("preluGrad", dOutput);
        requireSame("preluGrad", dst);
        requireApartFrom("preluGrad", slopes, dOutput, dst);
        requireApartFrom("preluGrad", slopes, dOutput, dSlopes);
        dst.requireApart("preluGrad", dSlopes, "the gradient at the slopes");
        Prelu.gradient(slopes.operand(), operand(), dOutput.operand(), dst.operand(), dSlopes.operand());
    }

    private void requireApartFrom(String operation, Tensor slopes, Tensor dOutput, Tensor written) {
        written.requireApart(operation, this, "this tensor");
        written.requireApart(operation, slopes, "the slopes");
        written.requireApart(operation, dOutput, "the gradient at the output");
    }

    /**
     * x from {@code low} to {@code high}, and the nearer of the two beyond, element by element. NaN stays NaN.
     *
     * @param low the least result
     * @param high the largest result, at least {@code low}
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException unless {@code low <= high}
     */
    public void clampInto(float low, float high, Tensor dst) {
        requireBounds("clamp", low, high);
        requireDestination("clamp", dst);
        apply(Unary.CLAMP, low, high, dst);
    }

    /**
     * The gradient at the input of {@link #clampInto}, where this tensor is that input: {@code dOutput} times 1 where
     * {@code low < x <= high}, times 0 beyond, and NaN where x is NaN.
     *
     * @param low the least result
     * @param high the largest result, at least {@code low}
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException unless {@code low <= high}
     */
    public void clampGradInto(float low, float high, Tensor dOutput, Tensor dst) {
        requireBounds("clampGrad", low, high);
        requireOperands("clampGrad", dOutput, dst);
        gradient(Unary.CLAMP, low, high, dOutput, dst);
    }

    private static void requireBounds(String operation, float low, float high) {
        if (!(low <= high)) {
            throw new IllegalArgumentException(
                    operation + ": the bounds are " + low + " and " + high + "; the first must be at most the second");
        }
    }

    /**
     * The gradient at the input of {@link #tanh()}, where this tensor is its <em>output</em> y: {@code dOutput * (1 -
     * y^2)}.
     *
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void tanhGradInto(Tensor dOutput, Tensor dst) {
        requireOperands("tanhGrad", dOutput, dst);
        gradient(Unary.TANH, 0, 0, dOutput, dst);
    }

    /**
     * The exponential linear unit, element by element: {@code above * x} where x is at least 0, {@code below * (exp(x)
     * - 1)} elsewhere. Within 2 ulp; -0 stays -0, NaN stays NaN, and minus infinity gives {@code -below}.
     *
     * @param above the slope from 0 on
     * @param below the slope on the left of 0
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void eluInto(float above, float below, Tensor dst) {
        requireDestination("elu", dst);
        apply(Unary.ELU, above, below, dst);
    }

    /**
     * The gradient at the input of {@link #eluInto}, where this tensor is its <em>output</em> y: {@code above *
     * dOutput} where y is above 0, {@code (y + below) * dOutput} elsewhere, as {@code below * exp(x) = y + below}. The
     * slope is within 2 ulp of {@code below}; NaN stays NaN.
     *
     * @param above as for the output, above 0
     * @param below as for the output, above 0: the sign of y is then that of x
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException unless both slopes are above 0
     */
    public void eluGradInto(float above, float below, Tensor dOutput, Tensor dst) {
        if (!(above > 0 && below > 0)) {
            throw new IllegalArgumentException("eluGrad: the slopes are " + above + " and " + below
                    + "; both must be above 0, or the output does not tell the sign of the input");
        }
        requireOperands("eluGrad", dOutput, dst);
        gradient(Unary.ELU, above, below, dOutput, dst);
    }

    /**
     * x / (1 + exp(-x)), also called swish, element by element. Within 4 ulp; 0 and -0 stay, NaN stays NaN, and minus
     * infinity gives -0.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void siluInto(Tensor dst) {
        requireDestination("silu", dst);
        apply(Unary.SILU, 0, 0, dst);
    }

    /**
     * The gradient at the input of {@link #siluInto}, where this tensor is that input: {@code dOutput}
     * times a slope that is within 2^-22. NaN stays NaN.
     *
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void siluGradInto(Tensor dOutput, Tensor dst) {
        requireOperands("siluGrad", dOutput, dst);
        gradient(Unary.SILU, 0, 0, dOutput, dst);
    }

    /**
     * ln(1 + exp(x)), element by element. Within 2 ulp; NaN stays NaN, and minus infinity gives 0.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void softplusInto(Tensor dst) {
        softplusInto(1, dst);
    }

    /**
     * The gradient at the input of {@link #softplusInto(Tensor)}, where this tensor is that input: {@code
     * dOutput * sigmoid(x)}, the slope within 3 ulp. NaN stays NaN.
     *
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void softplusGradInto(Tensor dOutput, Tensor dst) {
        softplusGradInto(1, dOutput, dst);
    }

    /**
     * ln(1 + exp(beta x)) / beta, element by element: the softplus of another steepness at 0. Within 3 ulp; NaN stays
     * NaN, and minus infinity gives 0.
     *
     * @param beta the steepness, from 1e-9 to 1e9; not checked
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void softplusInto(float beta, Tensor dst) {
        requireDestination("softplus", dst);
        apply(Unary.SOFTPLUS, beta, 1 / beta, dst);
    }

    /**
     * The gradient at the input of {@link #softplusInto(float, Tensor)}, where this tensor is that input: {@code
     * dOutput * sigmoid(beta * x)}, the slope within 2^-23. NaN stays NaN.
     *
     * @param beta as for the output
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void softplusGradInto(float beta, Tensor dOutput, Tensor dst) {
        requireOperands("softplusGrad", dOutput, dst);
        gradient(Unary.SOFTPLUS, beta, 1 / beta, dOutput, dst);
    }

    /**
     * ln(1 / (1 + exp(-x))), element by element: the logarithm of the sigmoid. Within 2 ulp; NaN stays NaN, and
     * infinity gives -0.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void logSigmoidInto(Tensor dst) {
        requireDestination("logSigmoid", dst);
        apply(Unary.SOFTPLUS, -1, -1, dst);
    }

    /**
     * The gradient at the input of {@link #logSigmoidInto}, where this tensor is that input: {@code dOutput *
     * sigmoid(-x)}, the slope within 2^-23. NaN stays NaN.
     *
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void logSigmoidGradInto(Tensor dOutput, Tensor dst) {
        requireOperands("logSigmoidGrad", dOutput, dst);
        gradient(Unary.SOFTPLUS, -1, -1, dOutput, dst);
    }

    /**
     * The continuously differentiable exponential linear unit, element by element: x where it is at least 0, {@code
     * alpha * (exp(x / alpha) - 1)} elsewhere. Within 3 ulp; -0 stays -0, NaN stays NaN, and minus infinity gives
     * {@code -alpha}.
     *
     * @param alpha minus the limit on the left, from 1e-9 to 1e9; not checked
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void celuInto(float alpha, Tensor dst) {
        requireDestination("celu", dst);
        apply(Unary.CELU, alpha, 1 / alpha, dst);
    }

    /**
     * The gradient at the input of {@link #celuInto}, where this tensor is its <em>output</em> y:
     * {@code dOutput} where y is above 0, {@code (y + alpha) / alpha * dOutput} elsewhere, as {@code exp(x / alpha) =
     * (y + alpha) / alpha}. The slope is within 2^-23; NaN stays NaN.
     *
     * @param alpha minus the limit on the left, from 1e-9 to 1e9; not checked
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void celuGradInto(float alpha, Tensor dOutput, Tensor dst) {
        requireOperands("celuGrad", dOutput, dst);
        gradient(Unary.CELU, alpha, 1 / alpha, dOutput, dst);
    }

    /**
     * x tanh(ln(1 + exp(x))), element by element. Within 5 ulp, on the left, where it vanishes, too; 0 and -0 stay, NaN
     * stays NaN, and minus infinity gives -0.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void mishInto(Tensor dst) {
        requireDestination("mish", dst);
        apply(Unary.MISH, 0, 0, dst);
    }

    /**
     * The gradient at the input of {@link #mishInto}, where this tensor is that input: the slope
     * is within 2^-22. NaN stays NaN.
     *
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void mishGradInto(Tensor dOutput, Tensor dst) {
        requireOperands("mishGrad", dOutput, dst);
        gradient(Unary.MISH, 0, 0, dOutput, dst);
    }

    /**
     * The piecewise linear sigmoid {@code min(max(x + 3, 0), 6) / 6}, element by element. Within 2 ulp; NaN stays NaN.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void hardSigmoidInto(Tensor dst) {
        requireDestination("hardSigmoid", dst);
        apply(Unary.HARD_SIGMOID, 0, 0, dst);
    }

    /**
     * The gradient at the input of {@link #hardSigmoidInto}, where this tensor is that input: {@code
     * dOutput / 6} where x is between -3 and 3, times 0 elsewhere. NaN stays NaN.
     *
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void hardSigmoidGradInto(Tensor dOutput, Tensor dst) {
        requireOperands("hardSigmoidGrad", dOutput, dst);
        gradient(Unary.HARD_SIGMOID, 0, 0, dOutput, dst);
    }

    /**
     * {@code x min(max(x + 3, 0), 6) / 6}, element by element: x times its {@link #hardSigmoidInto hard sigmoid}.
     * Within 3 ulp; -0 up to -3, minus infinity included; NaN stays NaN.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void hardSwishInto(Tensor dst) {
        requireDestination("hardSwish", dst);
        apply(Unary.HARD_SWISH, 0, 0, dst);
    }

    /**
     * The gradient at the input of {@link #hardSwishInto}, where this tensor is that input: times 0 up
     * to -3, times 1 from 3 on, {@code dOutput * (2 x + 3) / 6} between, the slope within 2^-23. NaN stays NaN.
     *
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void hardSwishGradInto(Tensor dOutput, Tensor dst) {
        requireOperands("hardSwishGrad", dOutput, dst);
        gradient(Unary.HARD_SWISH, 0, 0, dOutput, dst);
    }

    /**
     * The Gaussian error linear unit x Phi(x), element by element, for the distribution function Phi of the standard
     * normal. Within 7 ulp, on the left, where it vanishes, too; 0 and -0 stay, NaN stays NaN, and minus infinity
     * gives -0.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void geluInto(Tensor dst) {
        requireDestination("gelu", dst);
        apply(Unary.GELU, 0, 0, dst);
    }

    /**
     * The gradient at the input of {@link #geluInto}, where this tensor is that input: {@code dOutput}
     * times a slope that is within 2^-22. NaN stays NaN.
     *
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void geluGradInto(Tensor dOutput, Tensor dst) {
        requireOperands("geluGrad", dOutput, dst);
        gradient(Unary.GELU, 0, 0, dOutput, dst);
    }

    /**
     * The approximation of {@link #geluInto GELU} by tanh, element by element: {@code 0.5 x (1 + tanh(sqrt(2 / pi) (x +
     * 0.044715 x^3)))}, within 4 ulp of that; 0 and -0 stay, NaN stays NaN, and minus infinity gives -0.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void geluTanhInto(Tensor dst) {
        requireDestination("geluTanh", dst);
        apply(Unary.GELU_TANH, 0, 0, dst);
    }

    /**
     * The gradient at the input of {@link #geluTanhInto}, where this tensor is that input: {@code
     * dOutput} times a slope that is within 2^-22. NaN stays NaN.
     *
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void geluTanhGradInto(Tensor dOutput, Tensor dst) {
        requireOperands("geluTanhGrad", dOutput, dst);
        gradient(Unary.GELU_TANH, 0, 0, dOutput, dst);
    }

    /**
     * The error function, element by element. Within 3 ulp, odd to the bit, never beyond 1; NaN stays NaN.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void erfInto(Tensor dst) {
        requireDestination("erf", dst);
        apply(Unary.ERF, 0, 0, dst);
    }

    /**
     * The gradient at the input of {@link #erfInto}, where this tensor is that input: {@code dOutput}
     * times {@code 2 / sqrt(pi) exp(-x^2)}, which is within 2^-22. NaN stays NaN.
     *
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void erfGradInto(Tensor dOutput, Tensor dst) {
        requireOperands("erfGrad", dOutput, dst);
        gradient(Unary.ERF, 0, 0, dOutput, dst);
    }

    /**
     * The sine, element by element. Within 2 ulp, odd to the bit; NaN stays NaN, and an infinity gives NaN. Angles
     * beyond 2^17 in magnitude take 50 times as long.
     *
     * @param dst receives the values; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void sinInto(Tensor dst) {
        requireDestination("sin", dst);
        apply(Unary.SIN, 0, 0, dst);
    }

    /**
     * The gradient at the input of {@link #sinInto}, where this tensor is that input: {@code dOutput *
     * cos(x)}, the cosine within 2 ulp. NaN stays NaN, and an infinity gives NaN.
     *
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void sinGradInto(Tensor dOutput, Tensor dst) {
        requireOperands("sinGrad", dOutput, dst);
        gradient(Unary.SIN, 0, 0, dOutput, dst);
    }

    /**
     * The gradient at the input of {@link #sigmoid()}, where this tensor is its <em>output</em> y: {@code dOutput * (y
     * * (1 - y))}.
     *
     * @param dOutput gradient at the output, of this shape
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void sigmoidGradInto(Tensor dOutput, Tensor dst) {
        requireOperands("sigmoidGrad", dOutput, dst);
        gradient(Unary.SIGMOID, 0, 0, dOutput, dst);
    }

    /**
     * Softmax of each row: {@code y_j = exp(x_j - m) / sum_k exp(x_k - m)}, where m is the row's largest element. Four
     * exponentials are added in float, then in double. A row with NaN or infinity gives NaN; minus infinity beside
     * finite numbers gives 0.
     *
     * @param dst receives y, in the shape of this [... x n]; no part of it may be this tensor's
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if {@code dst} shares memory with this tensor
     */
    public void softmaxInto(Tensor dst) {
        requireSame("softmax", dst);
        dst.requireApart("softmax", this, "this tensor");
        Softmax.forward(operand(), dst.operand());
    }

    /**
     * The gradient at the input of {@link #softmaxInto}, where this tensor is its <em>output</em> y: {@code y (dOutput
     * - dOutput . y)}, row by row. The inner product is in double.
     *
     * @param dOutput gradient at the output, of this shape [... x n]
     * @param dst receives the gradient at the input; of this shape; may be either operand
     * @throws ShapeException if the shapes differ
     */
    public void softmaxGradInto(Tensor dOutput, Tensor dst) {
        requireOperands("softmaxGrad", dOutput, dst);
        Softmax.backward(operand(), dOutput.operand(), dst.operand());
    }

    /** This tensor as kernels of several operands take it: rows of its last axis. */
    Operand operand() {
        Operand held = operand;
        if (held == null) {
            held = new Operand(array, offset, rowsOfElements(), rowLength());
            operand = held;
        }
        return held;
    }

    /** The number of rows; 0 if they have no elements. */
    int rowsOfElements() {
        return size == 0 ? 0 : size / rowLength();
    }

    /**
     * Applies a function element by element, in a new tensor. It is called in double and its result rounded, on one
     * thread, in order: convenient, not fast.
     *
     * @param function from the value to the result
     * @return the results, of this shape
     */
    public Tensor map(DoubleUnaryOperator function) {
        Tensor result = new Tensor(shape);
        mapInto(function, result);
        return result;
    }

    /**
     * Applies a function element by element, as {@link #map}.
     *
     * @param function from the value to the result
     * @param dst receives the results; of this shape; may be this tensor
     * @throws ShapeException if the shapes differ
     */
    public void mapInto(DoubleUnaryOperator function, Tensor dst) {
        requireDestination("map", dst);
        for (int i = 0; i < size; i++) {
            dst.array[dst.offset + i] = (float) function.applyAsDouble(array[offset + i]);
        }
    }

    /**
     * Adds another tensor to this one.
     *
     * @param other of this shape
     * @throws ShapeException if the shapes differ
     */
    public void addInPlace(Tensor other) {
        addInto(other, this);
    }

    /**
     * Adds a multiple of another tensor to this one, each element by one fused multiply-add.
     *
     * @param factor the multiple
     * @param other of this shape
     * @throws ShapeException if the shapes differ
     */
    public void addScaledInPlace(float factor, Tensor other) {
        requireDestination("addScaled", other);
        Kernels.active().addScaled(factor, other.array, other.offset, array, offset, size);
    }

    /**
     * Multiplies every element.
     *
     * @param factor the multiplier
     */
    public void scaleInPlace(float factor) {
        Kernels.active().scale(factor, array, offset, array, offset, size);
    }

    /**
     * Adds one row to every row, such as a bias to a batch.
     *
     * @param row of shape [n] for this [... x n]
     * @throws ShapeException if the row has another length
     * @throws IllegalArgumentException if the row shares memory with this tensor, such as one of its own rows
     */
    public void addRowInPlace(Tensor row) {
        requireRow("addRow", row);
        requireApart("addRow", row, "the row");
        int n = row.size;
        int rows = size == 0 ? 0 : rowCount();
        Kernels kernels = Kernels.active();
        for (int i = 0; i < rows; i++) {
            int at = offset + i * n;
            kernels.add(array, at, row.array, row.offset, array, at, n);
        }
    }

    /**
     * The product of every row and one row, element by element, in a new tensor.
     *
     * @param row of shape [n] for this [... x n]
     * @return row * every row, of this shape
     * @throws ShapeException if the row has another length
     */
    public Tensor multiplyRow(Tensor row) {
        Tensor product = zeros(shape);
        product.fillRows(row);
        product.multiplyInto(this, product);
        return product;
    }

    /**
     * Sets every row to a given row.
     *
     * @param row of shape [n] for this [... x n]
     * @throws ShapeException if the row has another length
     * @throws IllegalArgumentException if the row shares memory with this tensor, such as one of its own rows
     */
    public void fillRows(Tensor row) {
        requireRow("fillRows", row);
        requireApart("fillRows", row, "the row");
        int n = row.size;
        int rows = size == 0 ? 0 : rowCount();
        for (int i = 0; i < rows; i++) {
            System.arraycopy(row.array, row.offset, array, offset + i * n, n);
        }
    }

    /**
     * Adds the sum of this tensor's rows to one row: the gradient of a bias. Up to 2048 rows are added in order, in
     * float. More rows are summed in blocks of 2048, and the sums of the blocks are added in double: for any number of
     * rows, the relative error of a sum of equal numbers stays at 2^-14.
     *
     * @param dst of shape [n] for this [... x n]; no part of it may be this tensor's
     * @throws ShapeException if {@code dst} has another length
     * @throws IllegalArgumentException if {@code dst} shares memory with this tensor
     */
    public void addSumOfRowsInto(Tensor dst) {
        requireRow("addSumOfRows", dst);
        dst.requireApart("addSumOfRows", this, "this tensor");
        int rows = size == 0 ? 0 : rowCount();
        Reductions.addSumOfRows(rows, dst.size, array, offset, dst.size, dst.array, dst.offset);
    }

    /**
     * The sum of all elements: float data, sum in double, in an order that depends on nothing but the size.
     *
     * @return the sum; 0 for an empty tensor
     */
    public double sum() {
        return Reductions.sum(array, offset, size);
    }

    /**
     * The mean of all elements, summed as in {@link #sum()}.
     *
     * @return the mean; NaN for an empty tensor
     */
    public double mean() {
        return sum() / size;
    }

    /**
     * The mean of the squares, q in the theory of initialization. It is the variance only if the mean is 0.
     *
     * @return the second moment; NaN for an empty tensor
     */
    public double secondMoment() {
        return dot(this) / size;
    }

    /**
     * The mean squared deviation from the mean, divided by the number of elements (not by one less).
     *
     * @return the variance; NaN for an empty tensor
     */
    public double variance() {
        return Reductions.squaredDeviations(array, offset, size, mean()) / size;
    }

    /**
     * The Euclidean norm of all elements.
     *
     * @return the root of the sum of squares
     */
    public double norm() {
        return Math.sqrt(dot(this));
    }

    /**
     * The sum of the products of corresponding elements, in double.
     *
     * @param other of this shape
     * @return the inner product
     * @throws ShapeException if the shapes differ
     */
    public double dot(Tensor other) {
        requireSame("dot", other);
        return Reductions.dot(array, offset, other.array, other.offset, size);
    }

    /**
     * The largest absolute value.
     *
     * @return 0 for an empty tensor, NaN if an element is NaN
     */
    public float maxAbs() {
        return Reductions.maxAbs(array, offset, size);
    }

    /**
     * Whether no element is NaN or infinite.
     *
     * @return true if all are finite
     */
    public boolean isFinite() {
        return Float.isFinite(maxAbs());
    }

    /**
     * Whether the magnitude of every element is below a limit. Reads no further than to the first element that is not.
     *
     * @param limit above 0
     * @return false if an element is NaN; true for an empty tensor
     */
    public boolean isBelow(float limit) {
        return TinyRows.areBelow(limit, array, offset, size);
    }

    /**
     * Whether a row is tiny: some element is not zero, and the magnitude of every element is below {@link #TINY}. A row
     * lies along the last axis; a vector is one row. A row with a NaN is not tiny.
     *
     * @return true if {@link #clearTinyRowsInPlace} would change this tensor
     */
    public boolean hasTinyRow() {
        return TinyRows.isAny(array, offset, size, rowLength());
    }

    /**
     * Sets each tiny row to +0, as every layer's output and gradient is treated. Tiny rows are those of {@link
     * #hasTinyRow}. All other rows keep their bits, small elements included.
     */
    public void clearTinyRowsInPlace() {
        TinyRows.clear(array, offset, size, rowLength());
    }

    /**
     * The index of the largest element of each row: the predicted class of a row of logits. Of equal elements the first
     * counts; NaN never counts, so a row of nothing else gives 0.
     *
     * @return one index for each row of this [... x n]
     * @throws IllegalArgumentException if there are rows and they have no elements
     * @throws OutOfMemoryError as for {@link #zeros(int...)}
     */
    public int[] argMaxRows() {
        int n = rowLength();
        int rows = rowCount();
        if (n == 0 && rows > 0) {
            throw new IllegalArgumentException(
                    "argMaxRows: the rows of a tensor of shape " + shape + " are empty, so none is the largest");
        }
        int[] result;
        try {
            result = new int[rows];
        } catch (OutOfMemoryError e) {
            throw Memory.error("argMaxRows: one index for each of " + rows + " rows", (long) Integer.BYTES * rows, e);
        }
        for (int i = 0; i < result.length; i++) {
            int at = offset + i * n;
            int best = 0;
            for (int j = 1; j < n; j++) {
                float value = array[at + j];
                if (value > array[at + best] || Float.isNaN(array[at + best]) && !Float.isNaN(value)) {
                    best = j;
                }
            }
            result[i] = best;
        }
        return result;
    }

    /**
     * Whether another tensor has the same shape and float bits: 0 and -0 differ, NaN equals NaN of the same bits.
     *
     * @param other the tensor to compare with
     * @return true if they agree to the bit
     */
    public boolean bitEquals(Tensor other) {
        if (!shape.equals(other.shape)) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            if (Float.floatToRawIntBits(array[offset + i]) != Float.floatToRawIntBits(other.array[other.offset + i])) {
                return false;
            }
        }
        return true;
    }

    /**
     * A fingerprint of shape and bits: SHA-256 over the rank and the dimensions as 32-bit integers, then the values as
     * 32-bit floats, all little-endian, row-major.
     *
     * @return 64 lower-case hexadecimal digits
     */
    public String sha256() {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        ByteBuffer header = ByteBuffer.allocate(4 * (1 + shape.rank())).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(shape.rank());
        for (int d : shape.dims()) {
            header.putInt(d);
        }
        digest.update(header.flip());
        ByteBuffer chunk = ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < size; i++) {
            chunk.putFloat(array[offset + i]);
            if (!chunk.hasRemaining()) {
                digest.update(chunk.flip());
                chunk.clear();
            }
        }
        digest.update(chunk.flip());
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The shape and the first few values. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Tensor").append(shape).append(" {");
        for (int i = 0; i < Math.min(size, PRINTED); i++) {
            text.append(i == 0 ? "" : ", ").append(array[offset + i]);
        }
        return text.append(size > PRINTED ? ", ...}" : "}").toString();
    }

    /**
     * Whether this tensor and another one have an element in common. The {@linkplain #array() arrays} alone do not say
     * so, because several tensors may be parts of one array.
     *
     * @param other a tensor of any shape
     * @return whether a change of one of them may change the other one
     */
    public boolean overlaps(Tensor other) {
        return array == other.array
                && size > 0
                && other.size > 0
                && offset < other.offset + other.size
                && other.offset < offset + size;
    }

    /** Checks that a destination, here this tensor, shares no element with an operand. */
    void requireApart(String operation, Tensor operand, String name) {
        if (overlaps(operand)) {
            throw new IllegalArgumentException(
                    operation + ": the destination shares memory with " + name + "; give a separate tensor");
        }
    }

    void requireSame(String operation, Tensor other) {
        if (other == null) {
            throw new NullPointerException(operation + ": the other tensor is null");
        }
        if (!shape.equals(other.shape)) {
            throw new ShapeException(
                    operation + ": expected shape " + shape + ", got " + other.shape
                            + "; shapes do not broadcast, reshape one of them",
                    shape.toString(),
                    other.shape);
        }
    }

    /** Checks that the destination is identical to an operand or disjoint from it, not partially overlapping. */
    void requireDestination(String operation, Tensor dst) {
        requireSame(operation, dst);
        if (dst.overlaps(this) && dst.offset != offset) {
            throw new IllegalArgumentException(
                    operation + ": the destination partially overlaps an operand; give a separate tensor");
        }
    }

    private void requireOperands(String operation, Tensor other, Tensor dst) {
        requireSame(operation, other);
        requireDestination(operation, dst);
        other.requireDestination(operation, dst);
    }

    @FunctionalInterface
    private interface OfTwo {
        void run(Kernels kernels, float[] x, int xo, float[] y, int yo, float[] z, int zo, int n);
    }

    /** Applies a function, on several threads if there are enough elements. On one it allocates nothing. */
    private void apply(Unary f, float a, float b, Tensor dst) {
        int parts = Parallel.threadsForElements(f.cost() * size);
        if (parts == 1) {
            Kernels.active().function(f, a, b, array, offset, dst.array, dst.offset, size);
        } else {
            Parallel.split(
                    size,
                    parts,
                    (from, to) -> Kernels.active()
                            .function(f, a, b, array, offset + from, dst.array, dst.offset + from, to - from));
        }
    }

    /** Multiplies a gradient by the derivative of a function, of which this tensor is the input or the output. */
    private void gradient(Unary f, float a, float b, Tensor dOutput, Tensor dst) {
        float[] dy = dOutput.array;
        float[] dx = dst.array;
        int parts = Parallel.threadsForElements(f.gradientCost() * size);
        if (parts == 1) {
            Kernels.active().gradient(f, a, b, array, offset, dy, dOutput.offset, dx, dst.offset, size);
        } else {
            Parallel.split(
                    size,
                    parts,
                    (from, to) -> Kernels.active()
                            .gradient(
                                    f,
                                    a,
                                    b,
                                    array,
                                    offset + from,
                                    dy,
                                    dOutput.offset + from,
                                    dx,
                                    dst.offset + from,
                                    to - from));
        }
    }

    private void each(OfTwo operation, Tensor other, Tensor dst) {
        int parts = Parallel.threadsForElements(Parallel.SIMPLE * size);
        if (parts == 1) {
            operation.run(Kernels.active(), array, offset, other.array, other.offset, dst.array, dst.offset, size);
        } else {
            Parallel.split(
                    size,
                    parts,
                    (from, to) -> operation.run(
                            Kernels.active(),
                            array,
                            offset + from,
                            other.array,
                            other.offset + from,
                            dst.array,
                            dst.offset + from,
                            to - from));
        }
    }

    void requireRow(String operation, Tensor row) {
        if (shape.rank() == 0 || row.shape.rank() != 1 || row.size != rowLength()) {
            throw new ShapeException(
                    operation + ": for a tensor of shape " + shape + " expected a row of shape [" + rowLength()
                            + "], got " + row.shape,
                    "[" + rowLength() + "]",
                    row.shape);
        }
    }
}
