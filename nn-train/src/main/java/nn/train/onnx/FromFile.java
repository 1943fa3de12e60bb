package nn.train.onnx;

import nn.init.Fans;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * The values that a parameter has in a file.
 *
 * @param values of the parameter's shape
 */
record FromFile(Tensor values) implements Initializer {
    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        out.copyFrom(values);
    }

    @Override
    public String toString() {
        return "read from a file";
    }
}
