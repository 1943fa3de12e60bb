package nn.train.internal;

import nn.tensor.Shape;
import nn.tensor.Tensor;

/** Copies examples between tensors along the axis that counts them. */
public final class BatchAxis {
    private BatchAxis() {}

    /**
     * Returns a shape with another number of examples.
     *
     * @param shape a shape that has the axis
     * @param axis the axis that counts the examples
     * @param examples their number
     * @return the new shape
     */
    public static Shape resized(Shape shape, int axis, int examples) {
        int[] dims = shape.dims();
        dims[axis] = examples;
        return Shape.of(dims);
    }

    /**
     * Returns the shape of a batch of one example.
     *
     * @param example its shape
     * @return the shape with an axis of one element before
     */
    public static Shape ofOne(Shape example) {
        int[] dims = new int[example.rank() + 1];
        dims[0] = 1;
        System.arraycopy(example.dims(), 0, dims, 1, example.rank());
        return Shape.of(dims);
    }

    /**
     * Copies examples in a given order.
     *
     * @param source all examples
     * @param axis the axis that counts them, in both tensors
     * @param order indices of examples
     * @param from the first position in the order
     * @param dst receives as many examples as its dimension along the axis
     */
    public static void gather(Tensor source, int axis, int[] order, int from, Tensor dst) {
        for (int i = 0; i < dst.dim(axis); i++) {
            copy(source, axis, order[from + i], dst, i, 1);
        }
    }

    /**
     * Copies a range of examples.
     *
     * @param source the source
     * @param axis the axis that counts the examples, in both tensors
     * @param from index of the first one in the source
     * @param dst the destination
     * @param to index of the first one in the destination
     * @param count their number
     */
    public static void copy(Tensor source, int axis, int from, Tensor dst, int to, int count) {
        int outer = 1;
        int inner = 1;
        for (int a = 0; a < source.shape().rank(); a++) {
            outer *= a < axis ? source.dim(a) : 1;
            inner *= a > axis ? source.dim(a) : 1;
        }
        for (int o = 0; o < outer; o++) {
            System.arraycopy(
                    source.array(),
                    source.offset() + (o * source.dim(axis) + from) * inner,
                    dst.array(),
                    dst.offset() + (o * dst.dim(axis) + to) * inner,
                    count * inner);
        }
    }
}
