package nn.train;

import java.util.List;
import nn.fixtures.FunctionPass;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * An affine layer that does what makes training hard to continue: in training it adds noise of the step's key to its
 * input, and keeps a running mean of its output, which it subtracts outside of training.
 */
record Noisy(Affine inner, Parameter mean) implements Layer {
    static final float MOMENTUM = 0.125f;

    static Noisy of(int in, int out, Key key) {
        Parameter mean =
                Parameter.create("mean", Parameter.Kind.STATISTIC, Shape.of(out), new Fans(in, out), Init.zeros(), key);
        return new Noisy(Affine.of(in, out, key), mean);
    }

    @Override
    public Pass newPass() {
        return FunctionPass.of(this, (x, context) -> {
            Tensor noisy = context.empty(x.shape());
            noisy.copyFrom(x);
            if (context.training()) {
                Tensor noise = context.empty(x.shape());
                context.key().child("noise").normal(noise, 0f, 0.1f);
                noisy.addInPlace(noise);
            }
            Pass pass = inner.forward(noisy, context);
            Tensor y = pass.output();
            if (!context.training()) {
                for (int i = 0; i < y.dim(0); i++) {
                    y.row(i).addScaledInPlace(-1f, mean.value());
                }
                return FunctionPass.Result.of(pass);
            }
            Tensor sums = context.empty(mean.value().shape());
            sums.fill(0f);
            y.addSumOfRowsInto(sums);
            double[] observed = new double[sums.size()]; // the means of the batch
            for (int j = 0; j < observed.length; j++) {
                observed[j] = sums.get(j) / y.dim(0);
            }
            return new FunctionPass.Result(y, (dy, into) -> {
                into.moveStatistic(mean, observed, MOMENTUM);
                return pass.pullback(dy, into);
            });
        });
    }

    @Override
    public Shape outputShape(Shape in) {
        return inner.outputShape(in);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(inner.weight(), inner.bias(), mean);
    }
}
