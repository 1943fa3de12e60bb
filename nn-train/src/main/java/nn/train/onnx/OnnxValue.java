package nn.train.onnx;

import java.util.Optional;
import java.util.Set;
import nn.tensor.Shape;
import nn.tensor.operator.ElementKind;

/**
 * An input or output.
 *
 * @param name of the value
 * @param kind of its numbers
 * @param shape with free dimensions; empty if the file does not even give their number
 */
record OnnxValue(String name, ElementKind kind, Optional<Shape> shape) {
    /** The size along an axis, {@link Shape#ANY} if it is free; empty if there is no such axis. */
    Optional<Long> size(int axis) {
        return shape.filter(known -> known.rank() > axis).map(known -> (long) known.dim(axis));
    }

    /** The same with a free size along an axis, if it has one of these sizes there. */
    OnnxValue withFree(int axis, Set<Long> sizes) {
        if (size(axis).filter(sizes::contains).isEmpty()) {
            return this;
        }
        int[] dims = shape.orElseThrow().dims();
        dims[axis] = Shape.ANY;
        return new OnnxValue(name, kind, Optional.of(Shape.of(dims)));
    }

    /** Such as {@code input [? x 64]}. */
    @Override
    public String toString() {
        return name + " " + shape.map(Shape::toString).orElse("of unknown shape");
    }
}
