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
 * Normalizes each row to mean 0 and variance 1, then applies a learned scale and shift: {@code y = (x - m) / sqrt(v +
 * epsilon) * scale + bias}, where m and v are the mean and variance (with divisor n) of the row's n values (Ba, Kiros
 * and Hinton, <i>Layer normalization</i>, 2016). The result of a row depends on that row alone, in training too.
 *
 * <p>Shapes: x and y [... x features], {@code scale} [features], initially 1, {@code bias} [features], initially 0.
 * Statistics are computed in double.
 */
public final class LayerNorm implements Layer {
    private final int features;
    private final Config config;
    private final Parameter scale;
    private final Parameter bias;

    private LayerNorm(int features, Config config, Key key) {
        this.features = features;
        this.config = config;
        if (features < 1) {
            throw new IllegalArgumentException("LayerNorm " + features + ": a layer has at least one feature");
        }
        Fans fans = new Fans(features, features);
        Shape row = Shape.of(features);
        scale = Parameter.create("scale", Parameter.Kind.SCALE, row, fans, Init.ones(), key);
        bias = Parameter.create("bias", Parameter.Kind.BIAS, row, fans, Init.zeros(), key);
    }

    /**
     * Describes a layer normalization whose features are not known yet.
     *
     * @return a description with an epsilon of 1e-5
     */
    public static Config standard() {
        return new Config(1e-5);
    }

    /**
     * The description of a layer normalization: an immutable factory.
     *
     * @param epsilon is added to the variance, above 0
     */
    public record Config(double epsilon) implements LayerFactory {
        /**
         * Checks the argument.
         *
         * @throws IllegalArgumentException if epsilon is not above 0 and finite, in float32 too
         */
        public Config {
            Featurewise.requireEpsilon("layer norm", epsilon);
        }

        @Override
        public LayerNorm create(Shape in, Key key) {
            return new LayerNorm(Featurewise.features("LayerNorm", in), this, key);
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
        private double[] means = {}; // of each row
        private double[] factors = {}; // 1 / sqrt(v + epsilon) of each row

        @Override
        public void forward(Tensor x, Context context, Tensor y) {
            this.x = x;
            int rows = x.size() / features;
            if (means.length < rows) {
                means = new double[rows];
                factors = new double[rows];
            }
            Normalization.rows(x, config.epsilon, context.value(scale), context.value(bias), means, factors, y);
        }

        @Override
        public void backward(Tensor dy, Gradients gradients, Tensor dx) {
            // With d = dy scale: dx = (d - mean of d - normal * mean of d normal) / sqrt(v + epsilon), row by row.
            Tensor dScale = gradients.of(scale);
            Normalization.rowsGrad(x, dy, scale.value(), means, factors, dScale, gradients.of(bias), dx);
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
        return List.of(scale, bias);
    }

    @Override
    public List<WeightMapping> torchMapping() {
        return List.of(WeightMapping.of("weight", scale), WeightMapping.of("bias", bias));
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.call(
                        "LayerNormalization",
                        x,
                        graph.constant("scale", scale.value()),
                        graph.constant("bias", bias.value()))
                .with("axis", -1)
                .with("epsilon", (float) config.epsilon)
                .gives(outputShape(x.shape()));
    }

    /** Returns a text such as {@code LayerNorm 64}. */
    @Override
    public String toString() {
        return "LayerNorm " + features + (config.equals(standard()) ? "" : " (epsilon " + config.epsilon + ")");
    }
}
