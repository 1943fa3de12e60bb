package nn.train.onnx;

import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.Constant;
import nn.tensor.operator.ElementKind;

/** Numbers that a file holds. */
sealed interface OnnxTensor {
    Shape shape();

    ElementKind kind();

    /** Numbers that are floats here; in a file they may have another type. */
    record Floats(Tensor numbers) implements OnnxTensor {
        @Override
        public Shape shape() {
            return numbers.shape();
        }

        @Override
        public ElementKind kind() {
            return ElementKind.FLOAT32;
        }
    }

    /** Whole numbers and truth values (0 and 1), such as indices, axes and shapes. */
    record Wholes(ElementKind kind, Shape shape, long... numbers) implements OnnxTensor {}

    /** Doubles, which no weight is. */
    record Doubles(Shape shape, double... numbers) implements OnnxTensor {
        @Override
        public ElementKind kind() {
            return ElementKind.FLOAT64;
        }
    }

    static OnnxTensor of(Constant constant) {
        Shape shape = constant.value().shape();
        return switch (constant) {
            case Constant.Floats floats -> new Floats(floats.numbers());
            case Constant.Wholes wholes -> new Wholes(ElementKind.INT64, shape, wholes.numbers());
            case Constant.Doubles doubles -> new Doubles(shape, doubles.numbers());
        };
    }
}
