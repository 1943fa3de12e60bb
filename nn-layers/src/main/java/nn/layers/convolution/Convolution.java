package nn.layers.convolution;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.Sequences;
import nn.layers.WeightMapping;
import nn.layers.internal.DefaultWeights;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * A convolution of images or sequences: every output is the sum of a window of the input times the kernel (a
 * cross-correlation, as in all frameworks), plus a bias.
 *
 * <pre>{@code
 * builder.layer("conv", Convolution.channels(16).kernel(3, 3).same());       // images
 * LayerFactory causal = Convolution.channels(16).kernel(5).causal().dilation(2);   // sequences
 * LayerFactory depthwise = Convolution.depthwise(1).kernel(3, 3).same().stride(2);
 * }</pre>
 *
 * <p>Shapes: x [batch x height x width x channels], y [batch x height x width x outputs], {@code weight} [taps x taps x
 * channels / groups x outputs]; for sequences x [batch x length x channels], {@code weight} [taps x channels / groups x
 * outputs]; {@code bias} [outputs]. Output channel c belongs to group {@code c / (outputs / groups)}. The fans of both
 * parameters are {@link Fans#convolution counted} with groups and stride.
 *
 * <p>Default weights are those of {@link nn.layers.dense.Dense}: they suit the nonlinearity that follows, and are
 * Xavier uniform before tanh and where none follows. Biases are zero.
 */
public final class Convolution implements Layer {
    private final Config config;
    private final int inputs;
    private final int outputs;
    private final int groups;
    private final Parameter weight;
    private final @Nullable Parameter bias; // null if there is none

    private Convolution(int inputs, Config config, Key key) {
        this.config = config;
        this.inputs = inputs;
        this.groups = config.isDepthwise ? inputs : config.groups;
        this.outputs = config.isDepthwise ? Math.multiplyExact(inputs, config.channels) : config.channels;
        WindowSpec.requireGroups("Convolution", inputs, outputs, groups);
        Fans fans = Fans.convolution(inputs, outputs, config.windows.places(), config.windows.strides(), groups);
        Shape kernel = config.windows.kernelShape(inputs / groups, outputs);
        Initializer weights = config.weight == null ? Init.xavierUniform() : config.weight;
        weight = Parameter.create("weight", Parameter.Kind.WEIGHT, kernel, fans, weights, key);
        bias = config.bias == null
                ? null
                : Parameter.create("bias", Parameter.Kind.BIAS, Shape.of(outputs), fans, config.bias, key);
    }

    /**
     * Describes a convolution.
     *
     * @param channels of the output, at least 1
     * @return a description that lacks the {@linkplain Config#kernel kernel}'s size
     * @throws IllegalArgumentException if the number is below 1
     */
    public static Config channels(int channels) {
        return new Config(channels, false);
    }

    /**
     * Describes a depthwise convolution, with a group for each channel of the input.
     *
     * @param multiplier outputs for each channel of the input, at least 1; those of a channel are neighbours
     * @return a description that lacks the {@linkplain Config#kernel kernel}'s size
     * @throws IllegalArgumentException if the number is below 1
     */
    public static Config depthwise(int multiplier) {
        return new Config(multiplier, true);
    }

    /** The description of a convolution: an immutable factory. */
    public static final class Config implements LayerFactory {
        private final int channels; // or outputs for each channel
        private final boolean isDepthwise;
        private final int groups;
        private final WindowSpec windows;
        private final boolean isComplete; // whether kernel was called
        private final @Nullable Initializer weight; // null: chosen by the nonlinearity that follows
        private final @Nullable Initializer bias; // null: no bias

        private Config(int channels, boolean isDepthwise) {
            this(
                    channels,
                    isDepthwise,
                    1,
                    new WindowSpec(new int[] {1}, new int[] {1}, new int[] {1}, new Padding.None()),
                    false,
                    null,
                    Init.zeros());
            if (channels < 1) {
                throw new IllegalArgumentException("a convolution with " + channels + " channels; give at least 1");
            }
        }

        private Config(
                int channels,
                boolean isDepthwise,
                int groups,
                WindowSpec windows,
                boolean isComplete,
                @Nullable Initializer weight,
                @Nullable Initializer bias) {
            this.channels = channels;
            this.isDepthwise = isDepthwise;
            this.groups = groups;
            this.windows = windows;
            this.isComplete = isComplete;
            this.weight = weight;
            this.bias = bias;
        }

        private Config with(WindowSpec changed) {
            return new Config(channels, isDepthwise, groups, changed, isComplete, weight, bias);
        }

        /**
         * Sets the size of the kernel. It comes first: strides and dilations belong to its axes.
         *
         * @param taps height and width for images, or one number for sequences; each at least 1
         * @return a copy with this size, stride 1 and dilation 1
         * @throws IllegalArgumentException if there are other than one or two numbers, or one is below 1
         */
        public Config kernel(int... taps) {
            WindowSpec changed = new WindowSpec(taps.clone(), new int[] {1}, new int[] {1}, windows.padding());
            return new Config(channels, isDepthwise, groups, changed, true, weight, bias);
        }

        /**
         * Sets the distance from window to window.
         *
         * @param stride one number for all axes, or one for each; at least 1
         * @return a copy with this stride
         * @throws IllegalArgumentException if a number is below 1, or there are more numbers than axes
         */
        public Config stride(int... stride) {
            return with(new WindowSpec(windows.taps(), stride, windows.dilation(), windows.padding()));
        }

        /**
         * Sets the distance from place to place in a window.
         *
         * @param dilation one number for all axes, or one for each; at least 1
         * @return a copy with this dilation
         * @throws IllegalArgumentException if a number is below 1, or there are more numbers than axes
         */
        public Config dilation(int... dilation) {
            return with(new WindowSpec(windows.taps(), windows.stride(), dilation, windows.padding()));
        }

        /**
         * Sets the padding.
         *
         * @param padding zeros around the input
         * @return a copy with this padding
         */
        public Config padding(Padding padding) {
            Objects.requireNonNull(padding, "padding");
            return with(new WindowSpec(windows.taps(), windows.stride(), windows.dilation(), padding));
        }

        /**
         * Sets a padding of some zeros on every side.
         *
         * @param zeros one number for all axes, or one for each; 0 or more
         * @return a copy with this padding
         * @throws IllegalArgumentException if a number is negative, or there are more numbers than axes
         */
        public Config padding(int... zeros) {
            return padding(new Padding.Fixed(zeros, zeros));
        }

        /**
         * Sets the padding that keeps the size, or divides it by the stride.
         *
         * @return a copy with {@link Padding.Same}
         */
        public Config same() {
            return padding(new Padding.Same());
        }

        /**
         * Sets the padding with which no output depends on a later input.
         *
         * @return a copy with {@link Padding.Causal}
         */
        public Config causal() {
            return padding(new Padding.Causal());
        }

        /**
         * Divides the channels into groups that are not connected to each other.
         *
         * @param groups a divisor of the channels of input and output
         * @return a copy with this number of groups
         * @throws IllegalArgumentException if the number is below 1, or this is depthwise
         */
        public Config groups(int groups) {
            if (groups < 1 || isDepthwise) {
                throw new IllegalArgumentException("a convolution in " + groups + " groups"
                        + (isDepthwise ? ": a depthwise one has a group for each channel" : "; give at least 1"));
            }
            return new Config(channels, isDepthwise, groups, windows, isComplete, weight, bias);
        }

        /**
         * Sets the initializer of the weight.
         *
         * @param initializer fills [taps x taps x channels / groups x outputs]
         * @return a copy with this initializer
         */
        public Config weight(Initializer initializer) {
            Objects.requireNonNull(initializer, "weight initializer");
            return new Config(channels, isDepthwise, groups, windows, isComplete, initializer, bias);
        }

        /**
         * Sets the initializer of the bias.
         *
         * @param initializer fills [outputs]
         * @return a copy with this initializer
         */
        public Config bias(Initializer initializer) {
            Objects.requireNonNull(initializer, "bias initializer");
            return new Config(channels, isDepthwise, groups, windows, isComplete, weight, initializer);
        }

        /**
         * Leaves out the bias.
         *
         * @return a copy without a bias
         */
        public Config withoutBias() {
            return new Config(channels, isDepthwise, groups, windows, isComplete, weight, null);
        }

        @Override
        public Config followedBy(Nonlinearity next) {
            return weight != null
                    ? this
                    : DefaultWeights.before(next).map(this::weight).orElse(this);
        }

        @Override
        public Convolution create(Shape in, Key key) {
            if (!isComplete) {
                throw new IllegalArgumentException("a convolution without a kernel: call kernel(height, width) for"
                        + " images or kernel(length) for sequences");
            }
            windows.requireInput("Convolution", in, 0);
            if (in.dim(-1) == Shape.ANY) {
                throw new ShapeException(
                        "Convolution: expected " + windows.expected() + " with a known number of channels, got " + in,
                        windows.expected(),
                        in);
            }
            Convolution layer = new Convolution(in.dim(-1), this, key);
            layer.outputShape(in);
            return layer;
        }
    }

    @Override
    public Pass newPass() {
        return new Sliding();
    }

    /** Computes the convolution and its gradients. */
    private final class Sliding extends ImagesPass {
        private final View kernels = new View(config.windows::kernel);
        private final View dKernel = new View(config.windows::kernel);
        private Tensor kernel;
        private Tensor x;

        Sliding() {
            super(Convolution.this, config.windows::images, config.windows::windows);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            if (context.lengths().isPresent() && !config.windows.endAtTheirPlace(x.shape(), 1)) {
                Sequences.requireNoPadding(
                        layer(), x.shape(), context, "a causal one, attention, or a recurrent layer");
            }
            this.x = save(x);
            kernel = kernels.of(context.value(weight));
            Tensor y = context.empty(outputShape());
            windows().convolveInto(in.of(x), kernel, bias == null ? null : context.value(bias), out.of(y));
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            backwardParameters(dy, gradients);
            Tensor dx = context().empty(inputShape());
            windows().convolveInputGradInto(dOut.of(dy), kernel, dIn.of(dx));
            return dx;
        }

        @Override
        protected void backwardParameters(Tensor dy, Gradients gradients) {
            if (!gradients.isFrozen(weight)) {
                windows().addConvolveWeightGrad(in.of(x), dOut.of(dy), dKernel.of(gradients.of(weight)));
            }
            if (bias != null) {
                gradients.addSumOfRows(bias, dy);
            }
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        config.windows.requireInput(toString(), in, inputs);
        return config.windows.outputShape(toString(), in, outputs, false);
    }

    /** Axis 0 counts the examples. */
    @Override
    public OptionalInt batchAxis(int in) {
        return in == 0 ? OptionalInt.of(0) : OptionalInt.empty();
    }

    @Override
    public List<Parameter> parameters() {
        return bias == null ? List.of(weight) : List.of(weight, bias);
    }

    /** Maps the kernel to PyTorch's {@code weight} [outputs x channels / groups x taps x taps]. */
    @Override
    public List<WeightMapping> torchMapping() {
        WeightMapping kernel = WeightMapping.channelsFirst("weight", weight);
        return bias == null ? List.of(kernel) : List.of(kernel, WeightMapping.of("bias", bias));
    }

    /**
     * The kernel.
     *
     * @return [taps x taps x channels / groups x outputs], or [taps x channels / groups x outputs]
     */
    public Parameter weight() {
        return weight;
    }

    /**
     * The bias.
     *
     * @return [outputs]; empty without a bias
     */
    public Optional<Parameter> bias() {
        return Optional.ofNullable(bias);
    }

    /**
     * The channels of the input.
     *
     * @return at least 1
     */
    public int inputs() {
        return inputs;
    }

    /**
     * The channels of the output.
     *
     * @return at least 1
     */
    public int outputs() {
        return outputs;
    }

    /**
     * The groups of channels that are not connected.
     *
     * @return at least 1
     */
    public int groups() {
        return groups;
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Value kernel = graph.constant("weight", channelsFirst(weight));
        Value row = bias == null ? Value.NONE : graph.constant("bias", bias.value());
        Value images = graph.channelsSecond(x);
        return WindowSpec.exported(
                graph,
                config.windows
                        .export(graph.call("Conv", images, kernel, row), x.shape())
                        .with("group", groups),
                outputShape(x.shape()));
    }

    /** The kernel [outputs x channels / groups x ...], as the standard and PyTorch have it. */
    static Tensor channelsFirst(Parameter kernel) {
        Tensor value = kernel.value();
        return value.permute(
                WeightMapping.Form.CHANNELS_FIRST.axes(value.shape().rank()));
    }

    /** Such as {@code Convolution 3 -> 16 (3 x 3, same padding)}. */
    @Override
    public String toString() {
        return "Convolution " + inputs + " -> " + outputs + " (" + config.windows
                + (groups > 1 ? ", " + groups + " groups)" : ")");
    }
}
