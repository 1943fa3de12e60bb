package nn.layers.normalization;

import java.util.Arrays;
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
        Scratch scratch = new Scratch(features);
        return new PartwisePass(this, () -> new Columns(scratch));
    }

    /** Uses the statistics of the batch in training, the running statistics in inference. */
    private final class Columns implements PartwisePass.Part {
        private final Scratch scratch;
        private final double[] means = new double[features];
        private final double[] squares = new double[features]; // of the deviations from the means; only in training
        private final double[] factors = new double[features]; // 1 / sqrt(v + epsilon)
        private Tensor x = Tensor.zeros(0);
        private boolean training; // and normalizing by the batch

        Columns(Scratch scratch) {
            this.scratch = scratch;
        }

        @Override
        public void forward(Tensor x, Context context, Tensor y) {
            this.x = x;
            training = context.training() && !context.isFrozen(mean) && !context.isFrozen(variance);
            if (training) {
                batchStatistics(x);
            } else {
                runningStatistics(context);
            }
            double[] scaled = scratch.scaled(factors, context.value(scale));
            Normalization.columns(x, means, scaled, context.value(bias), y);
        }

        private void batchStatistics(Tensor x) {
            int rows = x.size() / features;
            if (rows < 2) {
                throw new ShapeException(
                        BatchNorm.this + ": a batch of " + rows + (rows == 1 ? " row" : " rows")
                                + " has no variance to normalize by in training; expected at least 2, got " + x.shape()
                                + ". Leave out a last batch of one row, or use LayerNorm, which normalizes each row by"
                                + " itself",
                        "[... x " + features + "], at least 2 rows",
                        x.shape());
            }
            Normalization.columnMoments(x, means, squares);
            for (int j = 0; j < factors.length; j++) {
                factors[j] = 1 / Math.sqrt(squares[j] / rows + config.epsilon);
            }
        }

        private void runningStatistics(Context context) {
            Tensor mean = context.value(BatchNorm.this.mean);
            Tensor variance = context.value(BatchNorm.this.variance);
            for (int j = 0; j < features; j++) {
                means[j] = at(mean, j);
                factors[j] = 1 / Math.sqrt(at(variance, j) + config.epsilon);
            }
        }

        @Override
        public void backward(Tensor dy, Gradients gradients, Tensor dx) {
            double[] sums = scratch.sums;
            double[] dots = scratch.dots;
            Normalization.columnDots(x, dy, means, factors, sums, dots);
            scratch.add(dots, gradients.of(scale));
            scratch.add(sums, gradients.of(bias));
            int rows = dy.size() / features;
            if (training) {
                gradients.moveStatistic(mean, means, config.momentum);
                scale(squares, 1.0 / (rows - 1));
                gradients.moveStatistic(variance, squares, config.momentum);
                // dx = scale (dy - mean of dy - normal * mean of dy normal) / sqrt(v + epsilon), feature by feature
                double share = 1.0 / rows; // this loop takes 0.1 ns a feature by products, 1.2 by quotients
                for (int j = 0; j < sums.length; j++) {
                    sums[j] *= share;
                    dots[j] *= factors[j] * share;
                }
            } else { // dx = scale dy / sqrt(v + epsilon)
                Arrays.fill(sums, 0);
                Arrays.fill(dots, 0);
            }
            Normalization.columnsGrad(x, dy, means, scratch.scaled(factors, scale.value()), sums, dots, dx);
        }
    }

    /**
     * A number for each feature, for the parts of a batch in turn. Parts may have a few rows only, so loops over
     * features count: all arrays begin at index 0, as C2 uses vectors then.
     */
    private static final class Scratch {
        private final float[] row;
        private final Tensor rowTensor;
        private final double[] scaled; // factors * scale
        private final double[] sums; // of dy
        private final double[] dots; // of dy and normal

        Scratch(int features) {
            row = new float[features];
            rowTensor = Tensor.wrap(row, 0, Shape.of(features));
            scaled = new double[features];
            sums = new double[features];
            dots = new double[features];
        }

        /** Returns factors * scale. */
        double[] scaled(double[] factors, Tensor scale) {
            rowTensor.copyFrom(scale);
            for (int j = 0; j < scaled.length; j++) {
                scaled[j] = factors[j] * row[j];
            }
            return scaled;
        }

        /** Adds amounts, rounded, to a gradient. */
        void add(double[] amounts, Tensor gradient) {
            for (int j = 0; j < row.length; j++) {
                row[j] = (float) amounts[j];
            }
            gradient.addInPlace(rowTensor);
        }
    }

    private static void scale(double[] sums, double factor) {
        for (int j = 0; j < sums.length; j++) {
            sums[j] *= factor;
        }
    }

    private static double at(Tensor row, int j) {
        return row.array()[row.offset() + j];
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
