package nn.train.internal;

import nn.tensor.Shape;
import nn.tensor.Tensor;

/** Takes examples out of a tensor along the axis that counts them, and puts them back. */
public final class BatchAxis {
    private BatchAxis() {}

    /**
     * A shape for another number of examples.
     *
     * @param shape any with that axis
     * @param axis counts the examples
     * @param examples their number
     * @return the shape
     */
    public static Shape resized(Shape shape, int axis, int examples) {
        int[] dims = shape.dims();
        dims[axis] = examples;
        return Shape.of(dims);
    }

    /**
     * Copies examples in a given order.
     *
     * @param source all examples
     * @param axis counts them, in both tensors
     * @param order numbers of examples
     * @param from where in the order to begin
     * @param dst receives as many as it has room for
     */
    public static void gather(Tensor source, int axis, int[] order, int from, Tensor dst) {
        for (int i = 0; i < dst.dim(axis); i++) {
            copy(source, axis, order[from + i], dst, i, 1);
        }
    }

    /**
     * Copies neighbouring examples.
     *
     * @param source has them
     * @param axis counts them, in both tensors
     * @param from the first in the source
     * @param dst receives them
     * @param to where the first goes
     * @param count how many
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
