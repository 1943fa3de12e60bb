package nn.layers.normalization;

import java.util.List;
import java.util.OptionalInt;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.PartwisePass;
import nn.layers.Pass;
import nn.layers.Sequences;
import nn.layers.WeightMapping;
import nn.layers.internal.Featurewise;
import nn.tensor.GroupNormalization;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * Normalizes groups of channels of each example to mean 0 and variance 1, then applies a learned scale and shift to
 * each channel: {@code y = (x - m) / sqrt(v + epsilon) * scale + bias}, where m and v are the mean and variance (with
 * divisor n) of the n numbers that the group has over all places of the example (Wu and He, <i>Group normalization</i>,
 * ECCV 2018). The result of an example depends on that example alone, in training too, so small batches do no harm.
 *
 * <p>With as many groups as channels it is {@linkplain #instance instance normalization} (Ulyanov, Vedaldi and
 * Lempitsky, 2016); with one group, a layer normalization over all places and channels.
 *
 * <p>Shapes: x and y [batch x ... x channels], such as [batch x height x width x channels]; {@code scale} [channels],
 * initially 1, {@code bias} [channels], initially 0. Group g has the channels from {@code g * channels / groups} on.
 * Statistics are computed in double.
 */
public final class GroupNorm implements Layer {
    private final int channels;
    private final int groups;
    private final double epsilon;
    private final Parameter scale;
    private final Parameter bias;

    private GroupNorm(int channels, int groups, double epsilon, Key key) {
        this.channels = channels;
        this.groups = groups;
        this.epsilon = epsilon;
        if (channels < 1 || channels % groups != 0) {
            throw new IllegalArgumentException("GroupNorm: " + channels + " channels are not a multiple of " + groups
                    + " groups; choose a number of groups that divides the channels");
        }
        Fans fans = new Fans(channels, channels);
        Shape row = Shape.of(channels);
        scale = Parameter.create("scale", Parameter.Kind.SCALE, row, fans, Init.ones(), key);
        bias = Parameter.create("bias", Parameter.Kind.BIAS, row, fans, Init.zeros(), key);
    }

    /**
     * Describes a group normalization whose channels are not known yet.
     *
     * @param groups the number of groups, at least 1; it divides the channels. 32 is usual
     * @return a description with an epsilon of 1e-5
     * @throws IllegalArgumentException if there is no group
     */
    public static Config groups(int groups) {
        if (groups < 1) {
            throw new IllegalArgumentException("group norm: " + groups + " groups; there is at least one");
        }
        return new Config(groups, 1e-5);
    }

    /**
     * Describes an instance normalization: each channel of each example is a group.
     *
     * @return a description with an epsilon of 1e-5
     */
    public static Config instance() {
        return new Config(Config.INSTANCE, 1e-5);
    }

    /** The description of a group normalization: an immutable factory. */
    public static final class Config implements LayerFactory {
        private static final int INSTANCE = 0; // as many groups as channels

        private final int groups;
        private final double epsilon;

        private Config(int groups, double epsilon) {
            this.groups = groups;
            this.epsilon = epsilon;
            Featurewise.requireEpsilon("group norm", epsilon);
        }

        /**
         * Sets what is added to the variance.
         *
         * @param epsilon above 0
         * @return a copy with this epsilon
         * @throws IllegalArgumentException if epsilon is not above 0 and finite, in float32 too
         */
        public Config epsilon(double epsilon) {
            return new Config(groups, epsilon);
        }

        @Override
        public GroupNorm create(Shape in, Key key) {
            int channels = Featurewise.features("GroupNorm", in);
            return new GroupNorm(channels, groups == INSTANCE ? channels : groups, epsilon, key);
        }

        @Override
        public boolean isTransparent() {
            return true;
        }
    }

    @Override
    public Pass newPass() {
        return new PartwisePass(this, Groups::new);
    }

    private final class Groups implements PartwisePass.Part {
        private final GroupNormalization normalization = new GroupNormalization(groups, epsilon);
        private Tensor x = Tensor.zeros(0);

        @Override
        public void forward(Tensor x, Context context, Tensor y) {
            Sequences.requireNoPadding(
                    GroupNorm.this, x.shape(), context, "LayerNorm, which normalizes each step alone");
            this.x = x;
            normalization.forward(x, context.value(scale), context.value(bias), y);
        }

        @Override
        public void backward(Tensor dy, Gradients gradients, Tensor dx) {
            // With d = dy scale: dx = (d - mean of d - normal * mean of d normal) / sqrt(v + epsilon), group by group.
            normalization.backward(x, dy, scale.value(), gradients.of(scale), gradients.of(bias), dx);
        }
    }

    /** Accepts axis 0 only: all other axes but the last are places of an example. */
    @Override
    public OptionalInt batchAxis(int in) {
        return in == 0 ? OptionalInt.of(0) : OptionalInt.empty();
    }

    @Override
    public boolean isTransparent() {
        return true;
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() < 2 || in.dim(-1) != channels) {
            String expected = "[batch x ... x " + channels + "]";
            throw new ShapeException(this + ": expected " + expected + ", got " + in, expected, in);
        }
        return in;
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
        Value images = graph.channelsSecond(x);
        Shape shape = images.shape();
        Value s = graph.constant("scale", scale.value());
        Value b = graph.constant("bias", bias.value());
        if (groups == channels && shape.rank() > 2) {
            Value y = graph.call("InstanceNormalization", images, s, b)
                    .with("epsilon", (float) epsilon)
                    .gives(shape);
            return graph.channelsLast(y);
        }
        // Each group becomes a channel of one row, which is normalized as an instance is.
        Value rows = graph.reshape(images, Shape.of(shape.dim(0), groups, perGroup(shape)));
        Value normal = graph.call(
                        "InstanceNormalization",
                        rows,
                        graph.constant("ones", Tensor.full(1, groups)),
                        graph.constant("zeros", Tensor.zeros(groups)))
                .with("epsilon", (float) epsilon)
                .gives(rows.shape());
        Value back = shape.withoutFirst().isConcrete()
                ? graph.reshape(normal, shape)
                : graph.call(
                                "Reshape",
                                normal,
                                graph.call("Shape", images).gives(ElementKind.INT64, Shape.of(shape.rank())))
                        .gives(shape);
        Value y = graph.channelsLast(back);
        return graph.elementwise("Add", graph.elementwise("Mul", y, s), b);
    }

    /** The numbers of a group of one example, or {@link Shape#ANY}. */
    private int perGroup(Shape shape) {
        Shape example = shape.withoutFirst();
        return example.isConcrete() ? example.size() / groups : Shape.ANY;
    }

    /** Returns a text such as {@code GroupNorm 64 (32 groups)}. */
    @Override
    public String toString() {
        return "GroupNorm " + channels + " (" + groups + (groups == 1 ? " group" : " groups")
                + (epsilon == 1e-5 ? ")" : ", epsilon " + epsilon + ")");
    }
}
