package nn.train.onnx;

import nn.tensor.Shape;
import nn.tensor.operator.ElementKind;

/**
 * An input or output.
 *
 * @param name of the value
 * @param kind of its numbers
 * @param shape with free dimensions
 */
record OnnxValue(String name, ElementKind kind, Shape shape) {
    /** Such as {@code input [? x 64]}. */
    @Override
    public String toString() {
        return name + " " + shape;
    }
}
