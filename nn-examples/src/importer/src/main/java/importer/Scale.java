package importer;

import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** A user-defined layer: y = x * factor, with one factor for each feature; x and y are [batch x features]. */
record Scale(Parameter factor) implements Layer {
    static Scale of(int features, Key key) {
        return new Scale(Parameter.create(
                "factor", Parameter.Kind.WEIGHT, Shape.of(features), new Fans(1, 1), Init.ones(), key));
    }

    @Override
    public Pass newPass() {
        return new Pass(this) {
            private Tensor x;

            @Override
            protected Tensor forward(Tensor x, Context context) {
                this.x = save(x);
                return x.multiplyRow(factor.value());
            }

            @Override
            protected Tensor backward(Tensor dy, Gradients gradients) {
                dy.multiply(x).addSumOfRowsInto(gradients.of(factor));
                return dy.multiplyRow(factor.value());
            }
        };
    }

    @Override
    public Shape outputShape(Shape in) {
        return in.requireFeatures("Scale", factor.value().size());
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(factor);
    }
}
