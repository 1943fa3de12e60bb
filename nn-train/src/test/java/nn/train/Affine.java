package nn.train;

import java.util.List;
import nn.init.Fans;
import nn.init.Initializer;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/** y = x W + b, written here so that tests of training do not depend on the library's layers. */
record Affine(Parameter weight, Parameter bias) implements Layer {
    static Affine of(int in, int out, Key key) {
        Fans fans = new Fans(in, out);
        Initializer small = (values, f, k) -> k.uniform(values, -0.5f, 0.5f);
        return new Affine(
                Parameter.create("weight", Parameter.Kind.WEIGHT, Shape.of(in, out), fans, small, key),
                Parameter.create("bias", Parameter.Kind.BIAS, Shape.of(out), fans, small, key));
    }

    @Override
    public Pass newPass() {
        return new Pass(this) {
            private Tensor x;

            @Override
            protected Tensor forward(Tensor x, Context context) {
                this.x = save(x);
                Tensor y = context.empty(outputShape());
                y.fillRows(bias.value());
                x.matmulAddInto(context.value(weight), Transposed.NONE, y);
                return y;
            }

            @Override
            protected Tensor backward(Tensor dy, Gradients gradients) {
                x.matmulAddInto(dy, Transposed.LEFT, gradients.of(weight));
                dy.addSumOfRowsInto(gradients.of(bias));
                Tensor dx = context().empty(inputShape());
                dy.matmulInto(weight.value(), Transposed.RIGHT, dx);
                return dx;
            }
        };
    }

    @Override
    public Shape outputShape(Shape in) {
        return in.withLast(weight.value().dim(1));
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(weight, bias);
    }

    String fingerprint() {
        return weight.value().sha256() + bias.value().sha256();
    }
}
