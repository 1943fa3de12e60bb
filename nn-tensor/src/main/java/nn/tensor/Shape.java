package nn.tensor;

import java.util.Arrays;
import java.util.Locale;

/**
 * The dimensions of a tensor, outermost first. An immutable value.
 *
 * <p>A dimension may be 0 (an empty batch). It may also be {@link #ANY}, printed as {@code ?}, in a shape that
 * describes several: a layer that accepts {@code [? x 64]} accepts every batch of 64 features. A tensor has no such
 * dimension.
 */
public final class Shape {
    /** A dimension that is not known, such as the batch when a network is built. */
    public static final int ANY = -1;

    /**
     * The maximum number of elements of a tensor, 2^31 - 2^16: a little below the maximum of an array, so that a loop
     * may count past the end in blocks of up to 65,536 without overflow.
     */
    public static final int MAX_SIZE = Integer.MAX_VALUE - (1 << 16) + 1;

    private static final Shape SCALAR = new Shape(new int[0]);

    private final int[] dims;

    private Shape(int[] dims) {
        this.dims = dims;
    }

    /**
     * A shape with the given dimensions; none for a scalar.
     *
     * @param dims each 0 or more, or {@link #ANY}
     * @return the shape
     * @throws IllegalArgumentException if a dimension is negative and not {@link #ANY}, or if the product of the known
     *     dimensions exceeds {@link #MAX_SIZE}; where some are 0, the product of the others
     */
    public static Shape of(int... dims) {
        if (dims.length == 0) {
            return SCALAR;
        }
        return owning(dims.clone());
    }

    /** Creates a shape that owns the given array. */
    private static Shape owning(int[] own) {
        for (int axis = 0; axis < own.length; axis++) {
            if (own[axis] < ANY) {
                throw new IllegalArgumentException("dimension " + axis + " of shape " + text(own) + " is " + own[axis]
                        + ": a dimension is 0 or more");
            }
        }
        checkProduct(own);
        return new Shape(own);
    }

    /** Checks the product of the nonzero dimensions, as a part of an empty tensor needs a valid shape too. */
    private static void checkProduct(int[] dims) {
        long product = 1;
        for (int d : dims) {
            if (d > 0) {
                product *= d; // below 2^62: product was at most MAX_SIZE before
                if (product > MAX_SIZE) {
                    throw tooLarge(dims);
                }
            }
        }
    }

    private static IllegalArgumentException tooLarge(int[] dims) {
        double elements = 1;
        boolean empty = false;
        for (int d : dims) {
            elements *= Math.max(d, 1);
            empty |= d == 0;
        }
        return new IllegalArgumentException(String.format(
                Locale.ROOT,
                "shape %s has %.4g elements%s, %.4g bytes as float32: a tensor holds at most %d elements; split it"
                        + " along its first axis",
                text(dims),
                elements,
                empty ? " without the dimensions of 0" : "",
                4 * elements,
                MAX_SIZE));
    }

    /**
     * The number of dimensions.
     *
     * @return 0 for a scalar, 1 for a vector, 2 for a matrix
     */
    public int rank() {
        return dims.length;
    }

    /**
     * One dimension.
     *
     * @param axis from 0 (outermost), or from -1 (innermost) downwards
     * @return its length, or {@link #ANY}
     * @throws IllegalArgumentException if there is no such axis
     */
    public int dim(int axis) {
        int index = axis < 0 ? axis + dims.length : axis;
        if (index < 0 || index >= dims.length) {
            throw new IllegalArgumentException(
                    "axis " + axis + " of shape " + this + ", which has " + dims.length + " of them");
        }
        return dims[index];
    }

    /**
     * Returns all dimensions.
     *
     * @return a copy
     */
    public int[] dims() {
        return dims.clone();
    }

    /**
     * The number of elements.
     *
     * @return the product of the dimensions; 1 for a scalar
     * @throws IllegalStateException if a dimension is {@link #ANY}
     */
    public int size() {
        int size = 1;
        for (int d : dims) {
            if (d == ANY) {
                throw new IllegalStateException("shape " + this + " has a free dimension and therefore no size");
            }
            size *= d;
        }
        return size;
    }

    /**
     * Whether every dimension is known.
     *
     * @return false if one is {@link #ANY}
     */
    public boolean isConcrete() {
        for (int d : dims) {
            if (d == ANY) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether a tensor of the other shape is acceptable where this shape is expected: the ranks are the same, and
     * dimensions are equal where both are known.
     *
     * @param other the shape to compare with
     * @return true if they match
     */
    public boolean matches(Shape other) {
        if (dims.length != other.dims.length) {
            return false;
        }
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] != other.dims[i] && dims[i] != ANY && other.dims[i] != ANY) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns this shape with another innermost dimension, such as the output shape of a dense layer: {@code [4 x
     * 8].withLast(3)} is {@code [4 x 3]}.
     *
     * @param last the new innermost dimension
     * @return the new shape
     * @throws IllegalArgumentException if this is a scalar, or as for {@link #of}
     */
    public Shape withLast(int last) {
        dim(-1);
        int[] changed = dims.clone();
        changed[changed.length - 1] = last;
        return owning(changed);
    }

    /**
     * Checks the innermost dimension, for a layer that takes rows of a certain number of features.
     *
     * @param user the caller, such as the layer's name; begins the message
     * @param features the expected dimension
     * @return this shape
     * @throws ShapeException if the dimension is different or free, or this is a scalar
     */
    public Shape requireFeatures(String user, int features) {
        if (dims.length == 0 || dims[dims.length - 1] != features) {
            String expected = "[... x " + features + "]";
            throw new ShapeException(user + ": expected " + expected + ", got " + this, expected, this);
        }
        return this;
    }

    /**
     * Returns this shape without its outermost dimension: the shape of a row.
     *
     * @return the new shape
     * @throws IllegalArgumentException if this is a scalar
     */
    public Shape withoutFirst() {
        dim(0);
        return dims.length == 1 ? SCALAR : owning(Arrays.copyOfRange(dims, 1, dims.length));
    }

    /**
     * Returns this shape with another dimension along one axis.
     *
     * @param axis from 0 (outermost), or from -1 (innermost) downwards
     * @param size the new dimension
     * @return the new shape
     * @throws IllegalArgumentException if there is no such axis, or as for {@link #of}
     */
    public Shape withDim(int axis, int size) {
        dim(axis);
        int[] changed = dims.clone();
        changed[axis < 0 ? axis + dims.length : axis] = size;
        return owning(changed);
    }

    /**
     * Returns this shape with its axes in another order.
     *
     * @param axes each axis of this shape once, from 0 or from -1 downwards
     * @return the shape whose axis i is axis {@code axes[i]} of this one
     * @throws IllegalArgumentException if an axis is missing, given twice or does not exist
     */
    public Shape permute(int... axes) {
        int[] changed = new int[dims.length];
        int[] order = order(axes);
        for (int i = 0; i < order.length; i++) {
            changed[i] = dims[order[i]];
        }
        return owning(changed);
    }

    /** The axes of a permutation, counted from 0. */
    int[] order(int... axes) {
        boolean[] seen = new boolean[dims.length];
        int[] order = new int[axes.length];
        boolean isPermutation = axes.length == dims.length;
        for (int i = 0; i < axes.length && isPermutation; i++) {
            order[i] = index(axes[i]);
            isPermutation = !seen[order[i]];
            seen[order[i]] = true;
        }
        if (!isPermutation) {
            throw new IllegalArgumentException("axes " + Arrays.toString(axes) + " of shape " + this
                    + ": give each of its " + dims.length + " axes once");
        }
        return order;
    }

    private int index(int axis) {
        dim(axis);
        return axis < 0 ? axis + dims.length : axis;
    }

    /**
     * Returns the shape of sums or maxima along some axes, which keep a size of 1: a tensor of that shape is repeated
     * to this one by {@link Tensor#addBroadcastInto}.
     *
     * @param axes from 0, or from -1 downwards; none stands for all of them
     * @return the new shape
     * @throws IllegalArgumentException if an axis does not exist or is given twice
     */
    public Shape withOnes(int... axes) {
        int[] changed = dims.clone();
        boolean[] along = along(axes);
        for (int i = 0; i < changed.length; i++) {
            changed[i] = along[i] ? 1 : changed[i];
        }
        return owning(changed);
    }

    /**
     * Returns this shape without some axes.
     *
     * @param axes from 0, or from -1 downwards; none stands for all of them
     * @return the new shape
     * @throws IllegalArgumentException if an axis does not exist or is given twice
     */
    public Shape without(int... axes) {
        boolean[] along = along(axes);
        int[] left = new int[dims.length];
        int rank = 0;
        for (int i = 0; i < dims.length; i++) {
            if (!along[i]) {
                left[rank++] = dims[i];
            }
        }
        return of(Arrays.copyOf(left, rank));
    }

    private boolean[] along(int... axes) {
        boolean[] along = new boolean[dims.length];
        Arrays.fill(along, axes.length == 0);
        for (int axis : axes) {
            if (along[index(axis)]) {
                throw new IllegalArgumentException(
                        "axes " + Arrays.toString(axes) + " of shape " + this + ": axis " + axis + " is given twice");
            }
            along[index(axis)] = true;
        }
        return along;
    }

    /**
     * Whether a tensor of this shape can be repeated to another: each of its dimensions is that of the other's last
     * axes, or 1.
     *
     * @param full the larger shape
     * @return true if every dimension fits; where one is {@link #ANY}, only an equal one or 1 fits
     */
    public boolean broadcastsTo(Shape full) {
        int lacking = full.dims.length - dims.length;
        if (lacking < 0) {
            return false;
        }
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] != 1 && dims[i] != full.dims[i + lacking]) {
                return false;
            }
        }
        return true;
    }

    /**
     * The shape of {@link Tensor#matmulEachInto products of matrices side by side}.
     *
     * @param b NONE: [... x k x n] for this [... x m x k]; LEFT: [... x m x n]; RIGHT: [... x n x k]
     * @param transposed the side that is read transposed
     * @return [... x m x n], or [... x k x n] for LEFT
     * @throws ShapeException if the leading axes or the inner dimensions differ
     */
    public Shape matmulEach(Shape b, Transposed transposed) {
        int rank = dims.length;
        boolean fits = rank >= 2 && b.dims.length == rank && Arrays.equals(dims, 0, rank - 2, b.dims, 0, rank - 2);
        boolean right = transposed == Transposed.RIGHT;
        fits = fits && dim(transposed == Transposed.LEFT ? -2 : -1) == b.dim(right ? -1 : -2);
        if (!fits) {
            throw new ShapeException(
                    "matmulEach: shapes " + this + " and " + b + " (" + transposed + " transposed) do not fit: matrices"
                            + " side by side have equal leading axes and one common inner dimension",
                    toString(),
                    b);
        }
        int[] changed = dims.clone();
        changed[rank - 2] = transposed == Transposed.LEFT ? dims[rank - 1] : dims[rank - 2];
        changed[rank - 1] = b.dim(right ? -2 : -1);
        return owning(changed);
    }

    /** Whether the other shape has this rank, 1 or more, and these dimensions except the innermost. */
    boolean equalsButLast(Shape other) {
        int last = dims.length - 1;
        return last >= 0 && other.dims.length == dims.length && Arrays.equals(dims, 0, last, other.dims, 0, last);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape s && Arrays.equals(dims, s.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** The dimensions as {@code [4 x 8]}; {@code []} for a scalar, {@code ?} for a free dimension. */
    @Override
    public String toString() {
        return text(dims);
    }

    private static String text(int[] dims) {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < dims.length; i++) {
            text.append(i == 0 ? "" : " x ").append(dims[i] == ANY ? "?" : dims[i]);
        }
        return text.append(']').toString();
    }
}
