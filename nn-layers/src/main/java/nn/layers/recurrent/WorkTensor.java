package nn.layers.recurrent;

import nn.layers.Context;
import nn.layers.internal.Idle;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A tensor that a pass reads and writes, and hands on to no other. In training the context gives it, and keeps it for
 * the backward pass. In inference it is this object's own, which the next pass uses again ({@link Idle}): a context
 * would allocate a new one in every pass, and to clear memory that is in no cache takes long.
 */
final class WorkTensor {
    private Tensor memory = Tensor.zeros(0); // of the largest shape
    private Tensor own = memory;

    /** A tensor of this shape, with undefined values. */
    Tensor of(Shape shape, Context context) {
        if (context.training()) {
            Tensor tensor = context.empty(shape);
            context.save(tensor);
            return tensor;
        }
        if (!own.shape().equals(shape)) {
            if (memory.size() < shape.size()) {
                memory = Tensor.aligned(shape);
            }
            own = Tensor.wrap(memory.array(), memory.offset(), shape);
        }
        return own;
    }
}
