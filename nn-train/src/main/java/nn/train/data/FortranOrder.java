package nn.train.data;

import java.io.IOException;
import java.nio.ByteOrder;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.io.BinaryReader;
import nn.train.internal.io.ElementType;

/**
 * Reads an array in Fortran order, in which the first axis is the innermost, into row-major order. In the file, it is a
 * row-major array whose axes are reversed: rows along its last axis, each with the elements of all other axes.
 *
 * <p>Some rows are read at a time, so that the elements that lie side by side in the result are written together, and
 * the array is not held twice. If the size of the file is not known, the array is read as a whole first, so that a
 * false shape costs no memory.
 */
final class FortranOrder {
    private static final int LEAST_PART = 1 << 18; // elements read at a time
    private static final int PARTS = 16; // of a large array
    private static final int PADDING = 16; // elements between rows: those at a power of two would share a cache set

    private final Shape shape; // of the result
    private final float[] result;
    private final int width; // the length of the last axis
    private final int[] strides; // in the result, of the axes but the last, from the innermost one in the file on
    private final int[] index; // of the next element of a row, along these axes
    private int to; // its place in the result, at the begin of the last axis

    private FortranOrder(Shape shape, float[] result) {
        int inner = shape.rank() - 1;
        this.shape = shape;
        this.result = result;
        this.width = shape.dim(inner);
        this.strides = new int[inner];
        this.index = new int[inner];
        int stride = width;
        for (int axis = inner - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= shape.dim(axis);
        }
    }

    static Tensor read(BinaryReader source, ElementType type, ByteOrder order, Shape shape) throws IOException {
        Shape stored = reversed(shape);
        if (shape.rank() < 2 || shape.size() == 0) {
            return source.elements(type, order, shape, BinaryReader.Rounding.REFUSED);
        }
        if (!source.has(type, shape)) {
            float[] whole = source.elements(type, order, stored, BinaryReader.Rounding.REFUSED)
                    .array();
            FortranOrder array = new FortranOrder(shape, source.allocate(shape.size(), shape));
            int rest = shape.size() / array.width;
            array.write(whole, rest, array.width, rest, 0);
            return Tensor.wrap(array.result, 0, shape);
        }
        FortranOrder array = new FortranOrder(shape, source.allocate(shape.size(), shape));
        array.read(source.parts(type, order, stored, BinaryReader.Rounding.REFUSED));
        return Tensor.wrap(array.result, 0, shape);
    }

    private static Shape reversed(Shape shape) {
        int[] dims = shape.dims();
        int[] reversed = new int[dims.length];
        for (int i = 0; i < dims.length; i++) {
            reversed[i] = dims[dims.length - 1 - i];
        }
        return Shape.of(reversed);
    }

    private void read(BinaryReader.Elements elements) throws IOException {
        int row = shape.size() / width;
        int most = Math.max(LEAST_PART, shape.size() / PARTS);
        int rows = Math.clamp(most / row, 1, width);
        int length = Math.min(row, most); // of a part of a row: less than all of it only if rows is 1
        int pitch = length + PADDING;
        float[] part = new float[rows * pitch];
        for (int first = 0; first < width; first += rows) {
            int count = Math.min(rows, width - first);
            for (int from = 0; from < row; from += length) {
                int some = Math.min(length, row - from);
                for (int i = 0; i < count; i++) {
                    elements.next(part, i * pitch, some);
                }
                write(part, pitch, count, some, first);
            }
        }
    }

    /** Writes the next elements of some rows, which begin at a place of the last axis. */
    private void write(float[] part, int pitch, int rows, int count, int first) {
        int along = shape.dim(0);
        int stride = strides[0];
        for (int from = 0; from < count; ) {
            int some = Math.min(count - from, along - index[0]);
            for (int i = 0; i < some; i++) {
                int at = to + first + i * stride;
                for (int row = 0; row < rows; row++) {
                    result[at + row] = part[row * pitch + from + i];
                }
            }
            from += some;
            advance(some);
        }
    }

    /** Steps along the first axis, and along the others where one ends. */
    private void advance(int count) {
        index[0] += count;
        to += count * strides[0];
        for (int axis = 0; index[axis] == shape.dim(axis); axis++) {
            to -= index[axis] * strides[axis];
            index[axis] = 0;
            if (axis == index.length - 1) {
                return;
            }
            index[axis + 1]++;
            to += strides[axis + 1];
        }
    }
}
