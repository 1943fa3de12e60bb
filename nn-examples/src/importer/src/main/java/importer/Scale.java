package importer;

import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
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
    public Pass forward(Tensor x, Context context) {
        Tensor factors = context.empty(x.shape());
        factors.fillRows(factor.value());
        return new Pass(x.multiply(factors), (dy, gradients) -> {
            dy.multiply(x).addRowSumsInto(gradients.of(factor));
            return dy.multiply(factors);
        });
    }

    @Override
    public Shape outputShape(Shape in) {
        return in.requireLast("Scale", factor.value().size());
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(factor);
    }
}
