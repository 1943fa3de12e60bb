package nn.layers.normalization;

import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.PartwisePass;
import nn.layers.Pass;
import nn.layers.WeightMapping;
import nn.layers.internal.Featurewise;
import nn.tensor.Key;
import nn.tensor.Normalization;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * Divides each row by its root mean square, then applies a learned scale: {@code y = x / sqrt(mean of x^2 + epsilon) *
 * scale} (Zhang and Sennrich, <i>Root mean square layer normalization</i>, NeurIPS 2019). It is a {@link LayerNorm}
 * without the mean and without a bias. The result of a row depends on that row alone, in training too.
 *
 * <p>Shapes: x and y [... x features], {@code scale} [features], initially 1. The mean square is computed in double.
 */
public final class RmsNorm implements Layer {
    private final int features;
    private final Config config;
    private final Parameter scale;

    private RmsNorm(int features, Config config, Key key) {
        this.features = features;
        this.config = config;
        if (features < 1) {
            throw new IllegalArgumentException("RmsNorm " + features + ": a layer has at least one feature");
        }
        Fans fans = new Fans(features, features);
        scale = Parameter.create("scale", Parameter.Kind.SCALE, Shape.of(features), fans, Init.ones(), key);
    }

    /**
     * Describes a normalization whose features are not known yet.
     *
     * @param epsilon is added to the mean square, above 0. Models differ: 1e-5 and 1e-6 are usual, and PyTorch takes
     *     1.2e-7 for float32 if none is given
     * @return a description
     * @throws IllegalArgumentException if epsilon is not above 0 and finite, in float32 too
     */
    public static Config epsilon(double epsilon) {
        return new Config(epsilon);
    }

    /**
     * The description of a normalization: an immutable factory.
     *
     * @param epsilon is added to the mean square, above 0
     */
    public record Config(double epsilon) implements LayerFactory {
        /**
         * Checks the argument.
         *
         * @throws IllegalArgumentException if epsilon is not above 0 and finite, in float32 too
         */
        public Config {
            Featurewise.requireEpsilon("RMS norm", epsilon);
        }

        @Override
        public RmsNorm create(Shape in, Key key) {
            return new RmsNorm(Featurewise.features("RmsNorm", in), this, key);
        }

        @Override
        public boolean isTransparent() {
            return true;
        }
    }

    @Override
    public Pass newPass() {
        return new PartwisePass(this, Rows::new);
    }

    private final class Rows implements PartwisePass.Part {
        private Tensor x = Tensor.zeros(0);
        private double[] factors = {}; // 1 / sqrt(mean of x^2 + epsilon) of each row

        @Override
        public void forward(Tensor x, Context context, Tensor y) {
            this.x = x;
            int rows = x.size() / features;
            if (factors.length < rows) {
                factors = new double[rows];
            }
            Normalization.rowsByRootMeanSquare(x, config.epsilon, context.value(scale), factors, y);
        }

        @Override
        public void backward(Tensor dy, Gradients gradients, Tensor dx) {
            // With d = dy scale, normal = x factor: dx = (d - normal * mean of d normal) factor, row by row.
            Normalization.rowsByRootMeanSquareGrad(x, dy, scale.value(), factors, gradients.of(scale), dx);
        }
    }

    @Override
    public boolean isTransparent() {
        return true;
    }

    @Override
    public Shape outputShape(Shape in) {
        return Featurewise.require(this, features, in);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(scale);
    }

    @Override
    public List<WeightMapping> torchMapping() {
        return List.of(WeightMapping.of("weight", scale));
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Shape out = outputShape(x.shape());
        Value square = graph.elementwise("Mul", x, x);
        Value mean = graph.call("ReduceMean", square, graph.wholes("axes", -1)).gives(out.withLast(1));
        Value safe = graph.elementwise("Add", mean, graph.number("epsilon", config.epsilon));
        Value normal = graph.call("Div", x, graph.elementwise("Sqrt", safe)).gives(out);
        return graph.elementwise("Mul", normal, graph.constant("scale", scale.value()));
    }

    /** Returns a text such as {@code RmsNorm 64 (epsilon 1.0E-6)}. */
    @Override
    public String toString() {
        return "RmsNorm " + features + " (epsilon " + config.epsilon + ")";
    }
}
