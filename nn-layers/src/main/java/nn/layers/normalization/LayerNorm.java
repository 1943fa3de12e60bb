package nn.layers.normalization;

import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.WeightMapping;
import nn.layers.internal.Featurewise;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Normalizes each row to mean 0 and variance 1, then applies a learned scale and shift: {@code y = (x - m) / sqrt(v +
 * epsilon) * scale + bias}, where m and v are the mean and variance (with divisor n) of the row's n values (Ba, Kiros
 * and Hinton, <i>Layer normalization</i>, 2016). The result of a row depends on that row alone, in training too.
 *
 * <p>Shapes: x and y [... x features], {@code scale} [features], initially 1, {@code bias} [features], initially 0.
 * Statistics are computed in double.
 */
public final class LayerNorm implements Layer {
    /** Takes a row of floats so large that a difference of two is infinite back into their range. */
    private static final float SHRINK = 0x1p-10f;

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
        return new Normalization();
    }

    /** Works on a copy of each row. */
    private final class Normalization extends Pass {
        private final Tensor row = Tensor.zeros(features);
        private final Tensor normalRow = Tensor.zeros(features);
        private float[] factors = {}; // 1 / sqrt(v + epsilon) of each row
        private Tensor normal;

        Normalization() {
            super(LayerNorm.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            Tensor y = context.empty(outputShape());
            normal = save(context.empty(x.shape()));
            int rows = x.size() / features;
            if (factors.length < rows) {
                factors = new float[rows];
            }
            for (int i = 0; i < rows; i++) {
                Featurewise.take(x, i, row);
                Featurewise.standardize(row, row.mean(), 1);
                double variance = row.secondMoment();
                float scaled = 1;
                if (variance == Double.POSITIVE_INFINITY) {
                    scaled = SHRINK;
                    Featurewise.take(x, i, row);
                    row.scaleInPlace(scaled);
                    Featurewise.standardize(row, row.mean(), 1);
                    variance = row.secondMoment();
                }
                factors[i] = (float) (1 / Math.sqrt(variance + config.epsilon * scaled * scaled));
                row.scaleInPlace(factors[i]);
                factors[i] *= scaled;
                Featurewise.put(row, normal, i);
            }
            Featurewise.scaleAndShift(normal, scale.value(), bias.value(), y);
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor product = context().empty(dy.shape());
            dy.multiplyInto(normal, product);
            product.addSumOfRowsInto(gradients.of(scale));
            dy.addSumOfRowsInto(gradients.of(bias));
            // With d = dy scale: dx = (d - mean of d - normal * mean of d normal) / sqrt(v + epsilon), row by row.
            Tensor dx = context().empty(dy.shape());
            dx.fillRows(scale.value());
            dx.multiplyInto(dy, dx);
            for (int i = 0; i < dy.size() / features; i++) {
                Featurewise.take(dx, i, row);
                Featurewise.take(normal, i, normalRow);
                double mean = row.mean();
                row.addScaledInPlace((float) (-row.dot(normalRow) / features), normalRow);
                Featurewise.standardize(row, mean, factors[i]);
                Featurewise.put(row, dx, i);
            }
            return dx;
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

    /** Returns a text such as {@code LayerNorm 64}. */
    @Override
    public String toString() {
        return "LayerNorm " + features + (config.equals(standard()) ? "" : " (epsilon " + config.epsilon + ")");
    }
}
