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
import nn.tensor.BatchNormalization;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * Normalizes each feature to mean 0 and variance 1, then applies a learned scale and shift: {@code y = (x - m) / sqrt(v
 * + epsilon) * scale + bias} (Ioffe and Szegedy, <i>Batch normalization: accelerating deep network training by reducing
 * internal covariate shift</i>, ICML 2015). In training, m and v are the mean and variance (with divisor n) of the
 * feature over all n rows of the batch, so the result of a row depends on the other rows. In inference, they are the
 * running {@code mean} and {@code variance}.
 *
 * <p>Shapes: x and y [... x features]. All axes but the last count rows; training needs at least 2. Parameters, each
 * [features], with their initial values: {@code scale} 1, {@code bias} 0, and, of kind {@link Parameter.Kind#STATISTIC
 * STATISTIC}, {@code mean} 0 and {@code variance} 1. Statistics are computed in double.
 *
 * <p>A training step moves the running statistics by a fraction, the momentum: {@code mean += momentum * (m - mean)}.
 * The {@code variance} moves in the same way towards the batch's variance with divisor n - 1. A pass itself changes
 * nothing: its pullback {@linkplain Gradients#moveStatistic records} the move, and the trainer applies it after the
 * step. A layer that stands in several places moves its statistics once per place, in order.
 *
 * <p>If a running statistic is {@linkplain Context#isFrozen frozen}, as in a front of layers that keeps what it learned
 * elsewhere, a training step normalizes as inference does and moves neither of them.
 */
public final class BatchNorm implements Layer {
    private final int features;
    private final Config config;
    private final Parameter scale;
    private final Parameter bias;
    private final Parameter mean;
    private final Parameter variance;

    private BatchNorm(int features, Config config, Key key) {
        this.features = features;
        this.config = config;
        if (features < 1) {
            throw new IllegalArgumentException("BatchNorm " + features + ": a layer has at least one feature");
        }
        Fans fans = new Fans(features, features);
        Shape row = Shape.of(features);
        scale = Parameter.create("scale", Parameter.Kind.SCALE, row, fans, Init.ones(), key);
        bias = Parameter.create("bias", Parameter.Kind.BIAS, row, fans, Init.zeros(), key);
        mean = Parameter.create("mean", Parameter.Kind.STATISTIC, row, fans, Init.zeros(), key);
        variance = Parameter.create("variance", Parameter.Kind.STATISTIC, row, fans, Init.ones(), key, 0);
    }

    /**
     * Describes a batch normalization whose features are not known yet.
     *
     * @return a description with an epsilon of 1e-5 and a momentum of 0.1
     */
    public static Config standard() {
        return new Config(1e-5, 0.1);
    }

    /**
     * The description of a batch normalization: an immutable factory.
     *
     * @param epsilon is added to the variance, above 0
     * @param momentum the fraction by which a batch moves the running statistics, above 0 and at most 1
     */
    public record Config(double epsilon, double momentum) implements LayerFactory {
        /**
         * Checks the arguments.
         *
         * @throws IllegalArgumentException if one is out of its range
         */
        public Config {
            Featurewise.requireEpsilon("batch norm", epsilon);
            if (!((float) momentum > 0 && momentum <= 1)) {
                throw new IllegalArgumentException("batch norm: momentum " + momentum
                        + " must be above 0 and at most 1, in float32 too: it is the fraction by which a batch moves"
                        + " the running statistics; 0.1 is usual");
            }
        }

        @Override
        public BatchNorm create(Shape in, Key key) {
            return new BatchNorm(Featurewise.features("BatchNorm", in), this, key);
        }

        @Override
        public boolean isTransparent() {
            return true;
        }
    }

    @Override
    public Pass newPass() {
        return new PartwisePass(this, Columns::new);
    }

    /** Uses the statistics of the batch in training, the running statistics in inference. */
    private final class Columns implements PartwisePass.Part {
        private final BatchNormalization columns = new BatchNormalization(features, config.epsilon);
        private Tensor x = Tensor.zeros(0);
        private boolean training; // and normalizing by the batch

        @Override
        public void forward(Tensor x, Context context, Tensor y) {
            this.x = x;
            training = context.training() && !context.isFrozen(mean) && !context.isFrozen(variance);
            Tensor scales = context.value(scale);
            Tensor biases = context.value(bias);
            if (training) {
                requireRows(x);
                columns.forward(x, scales, biases, y);
            } else {
                columns.forward(x, context.value(mean), context.value(variance), scales, biases, y);
            }
        }

        private void requireRows(Tensor x) {
            int rows = x.size() / features;
            if (rows < 2) {
                throw new ShapeException(
                        BatchNorm.this + ": a batch of " + rows + (rows == 1 ? " row" : " rows")
                                + " has no variance to normalize by in training; expected at least 2, got " + x.shape()
                                + ". Leave out a last batch of one row; if the batch is cut into shards or"
                                + " micro-batches, cut it into fewer; or use LayerNorm, which normalizes each row by"
                                + " itself",
                        "[... x " + features + "], at least 2 rows",
                        x.shape());
            }
        }

        @Override
        public void backward(Tensor dy, Gradients gradients, Tensor dx) {
            columns.backward(x, dy, scale.value(), gradients.of(scale), gradients.of(bias), dx);
            if (training) {
                gradients.moveStatistic(mean, columns.means(), config.momentum);
                gradients.moveStatistic(variance, columns.variances(), config.momentum);
            }
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
        return List.of(scale, bias, mean, variance);
    }

    @Override
    public List<WeightMapping> torchMapping() {
        return List.of(
                WeightMapping.of("weight", scale),
                WeightMapping.of("bias", bias),
                WeightMapping.of("running_mean", mean),
                WeightMapping.of("running_var", variance));
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        if (x.shape().rank() < 2) {
            throw graph.refused("a batch normalization of one row: give the input a batch axis");
        }
        Value channels = graph.channelsSecond(x);
        Value y = graph.call(
                        "BatchNormalization",
                        channels,
                        graph.constant("scale", scale.value()),
                        graph.constant("bias", bias.value()),
                        graph.constant("mean", mean.value()),
                        graph.constant("variance", variance.value()))
                .with("epsilon", (float) config.epsilon)
                .gives(channels.shape());
        return graph.channelsLast(y);
    }

    /** Returns a text such as {@code BatchNorm 64}. */
    @Override
    public String toString() {
        boolean usual = config.equals(standard());
        String numbers = " (epsilon " + config.epsilon() + ", momentum " + config.momentum() + ")";
        return "BatchNorm " + features + (usual ? "" : numbers);
    }
}
