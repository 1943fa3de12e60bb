package nn.init.nonlinearity;

import java.util.function.DoubleUnaryOperator;
import nn.tensor.Tensor;

/**
 * Any nonlinearity, called in double for each element.
 *
 * @param f the function
 * @param derivative its derivative
 */
record DoubleKernel(DoubleUnaryOperator f, DoubleUnaryOperator derivative) implements ElementwiseKernel {
    DoubleKernel(Nonlinearity f) {
        this(f::value, f::derivative);
    }

    @Override
    public void apply(Tensor x, Tensor y) {
        x.mapInto(f, y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.mapInto(derivative, dx);
        dx.multiplyInto(dy, dx);
    }
}
