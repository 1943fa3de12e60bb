package nn.layers;

import nn.init.Nonlinearity;
import nn.tensor.Tensor;

/** Nonlinearities on tensors: by kernels for tanh and ReLU, element by element in double for all others. */
final class Pointwise {
    private Pointwise() {}

    /** {@code y = f(z)}. */
    static void apply(Nonlinearity f, Tensor z, Tensor y) {
        if (f.equals(Nonlinearity.TANH)) {
            z.tanhInto(y);
        } else if (f.equals(Nonlinearity.RELU)) {
            z.reluInto(y);
        } else {
            z.mapInto(f::value, y);
        }
    }

    /** {@code dz = dy f'(z)}, where {@code y = f(z)}; dz is a tensor of its own. */
    static void gradient(Nonlinearity f, Tensor z, Tensor y, Tensor dy, Tensor dz) {
        if (f.equals(Nonlinearity.TANH)) {
            y.tanhGradInto(dy, dz);
        } else if (f.equals(Nonlinearity.RELU)) {
            z.reluGradInto(dy, dz);
        } else {
            z.mapInto(f::derivative, dz);
            dz.multiplyInto(dy, dz);
        }
    }
}
