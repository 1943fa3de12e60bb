package nn.train.onnx;

import java.util.Optional;
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
    /** Such as {@code input [? x 64]}. */
    @Override
    public String toString() {
        return name + " " + shape.map(Shape::toString).orElse("of unknown shape");
    }
}
