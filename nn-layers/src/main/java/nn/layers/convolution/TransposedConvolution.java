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
import nn.tensor.Windows;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * A transposed convolution, which enlarges images or sequences: every input element adds the kernel, times its value,
 * to a window of the output. It is the gradient of a {@link Convolution} at its input.
 *
 * <p>Along each axis, input i adds to place {@code i * stride + tap * dilation} of the full output of {@code (size - 1)
 * * stride + dilation * (taps - 1) + 1} places, from which {@link Config#crop} leaves out some at either side. A
 * negative number of places after the end adds places that hold the bias alone (PyTorch's output padding).
 *
 * <p>Shapes: x [batch x height x width x channels], y [batch x height x width x outputs], {@code weight} [taps x taps x
 * outputs / groups x channels]: that of the convolution from y to x; for sequences with one axis less; {@code bias}
 * [outputs]. The fans are {@link Fans#transposedConvolution counted} with groups and stride.
 *
 * <p>Default weights are those of {@link nn.layers.dense.Dense}.
 */
public final class TransposedConvolution implements Layer {
    private final Config config;
    private final int inputs;
    private final Parameter weight;
    private final @Nullable Parameter bias; // null if there is none

    private TransposedConvolution(int inputs, Config config, Key key) {
        this.config = config;
        this.inputs = inputs;
        int groups = config.groups;
        int outputs = config.channels;
        WindowSpec.requireGroups("TransposedConvolution", inputs, outputs, groups);
        WindowSpec windows = config.windows;
        Fans fans = Fans.transposedConvolution(inputs, outputs, windows.places(), windows.strides(), groups);
        Initializer weights = config.weight == null ? Init.xavierUniform() : config.weight;
        weight = Parameter.create(
                "weight", Parameter.Kind.WEIGHT, windows.kernelShape(outputs / groups, inputs), fans, weights, key);
        bias = config.bias == null
                ? null
                : Parameter.create("bias", Parameter.Kind.BIAS, Shape.of(outputs), fans, config.bias, key);
    }

    /**
     * Describes a transposed convolution.
     *
     * @param channels of the output, at least 1
     * @return a description that lacks the {@linkplain Config#kernel kernel}'s size
     * @throws IllegalArgumentException if the number is below 1
     */
    public static Config channels(int channels) {
        if (channels < 1) {
            throw new IllegalArgumentException(
                    "a transposed convolution with " + channels + " channels; give at least 1");
        }
        WindowSpec windows = new WindowSpec(new int[] {1}, new int[] {1}, new int[] {1}, new Padding.None());
        return new Config(channels, 1, windows, new int[] {0}, new int[] {0}, false, null, Init.zeros());
    }

    /** The description of a transposed convolution: an immutable factory. */
    public static final class Config implements LayerFactory {
        private final int channels;
        private final int groups;
        private final WindowSpec windows;
        private final int[] cropBefore;
        private final int[] cropAfter;
        private final boolean isComplete; // whether kernel was called
        private final @Nullable Initializer weight; // null: chosen by the nonlinearity that follows
        private final @Nullable Initializer bias; // null: no bias

        private Config(
                int channels,
                int groups,
                WindowSpec windows,
                int[] cropBefore,
                int[] cropAfter,
                boolean isComplete,
                @Nullable Initializer weight,
                @Nullable Initializer bias) {
            this.channels = channels;
            this.groups = groups;
            this.windows = windows;
            this.cropBefore = cropBefore;
            this.cropAfter = cropAfter;
            this.isComplete = isComplete;
            this.weight = weight;
            this.bias = bias;
        }

        private Config with(WindowSpec changed, boolean complete) {
            return new Config(channels, groups, changed, cropBefore, cropAfter, complete, weight, bias);
        }

        /**
         * Sets the size of the kernel. It comes first: strides, dilations and crops belong to its axes.
         *
         * @param taps height and width for images, or one number for sequences; each at least 1
         * @return a copy with this size, stride 1 and dilation 1
         * @throws IllegalArgumentException if there are other than one or two numbers, or one is below 1
         */
        public Config kernel(int... taps) {
            return with(new WindowSpec(taps.clone(), new int[] {1}, new int[] {1}, windows.padding()), true);
        }

        /**
         * Sets the distance in the output from the window of one input element to that of the next.
         *
         * @param stride one number for all axes, or one for each; at least 1
         * @return a copy with this stride
         * @throws IllegalArgumentException if a number is below 1, or there are more numbers than axes
         */
        public Config stride(int... stride) {
            return with(new WindowSpec(windows.taps(), stride, windows.dilation(), windows.padding()), isComplete);
        }

        /**
         * Sets the distance from place to place in a window.
         *
         * @param dilation one number for all axes, or one for each; at least 1
         * @return a copy with this dilation
         * @throws IllegalArgumentException if a number is below 1, or there are more numbers than axes
         */
        public Config dilation(int... dilation) {
            return with(new WindowSpec(windows.taps(), windows.stride(), dilation, windows.padding()), isComplete);
        }

        /**
         * Leaves out places of the full output.
         *
         * @param before the start of each axis, 0 or more; one number for all axes
         * @param after the end of each axis; one number for all axes; negative to add places
         * @return a copy with this crop
         * @throws IllegalArgumentException if there are other than one number, or one for each axis, or a number before
         *     is negative
         */
        public Config crop(int[] before, int[] after) {
            for (int[] given : List.of(before, after)) {
                if (given.length != 1 && given.length != windows.axes()) {
                    throw new IllegalArgumentException("crop by " + given.length + " numbers: give one for all axes, or"
                            + " one for each of " + windows.axes());
                }
            }
            for (int places : before) {
                if (places < 0) {
                    throw new IllegalArgumentException("crop by " + places + " places before an axis; give 0 or more");
                }
            }
            return new Config(channels, groups, windows, before.clone(), after.clone(), isComplete, weight, bias);
        }

        /**
         * Leaves out places of the full output such that the output has {@code size * stride} places, as in Keras.
         *
         * @return a copy with this crop
         */
        public Config same() {
            int[] before = new int[windows.axes()];
            int[] after = new int[windows.axes()];
            for (int i = 0; i < before.length; i++) {
                int more = windows.dilation()[i] * (windows.taps()[i] - 1) + 1 - windows.stride()[i];
                before[i] = Math.max(more, 0) / 2;
                after[i] = more - before[i];
            }
            return crop(before, after);
        }

        /**
         * Divides the channels into groups that are not connected to each other.
         *
         * @param groups a divisor of the channels of input and output
         * @return a copy with this number of groups
         * @throws IllegalArgumentException if the number is below 1
         */
        public Config groups(int groups) {
            if (groups < 1) {
                throw new IllegalArgumentException("a convolution in " + groups + " groups; give at least 1");
            }
            return new Config(channels, groups, windows, cropBefore, cropAfter, isComplete, weight, bias);
        }

        /**
         * Sets the initializer of the weight.
         *
         * @param initializer fills [taps x taps x outputs / groups x channels]
         * @return a copy with this initializer
         */
        public Config weight(Initializer initializer) {
            Objects.requireNonNull(initializer, "weight initializer");
            return new Config(channels, groups, windows, cropBefore, cropAfter, isComplete, initializer, bias);
        }

        /**
         * Sets the initializer of the bias.
         *
         * @param initializer fills [outputs]
         * @return a copy with this initializer
         */
        public Config bias(Initializer initializer) {
            Objects.requireNonNull(initializer, "bias initializer");
            return new Config(channels, groups, windows, cropBefore, cropAfter, isComplete, weight, initializer);
        }

        /**
         * Leaves out the bias.
         *
         * @return a copy without a bias
         */
        public Config withoutBias() {
            return new Config(channels, groups, windows, cropBefore, cropAfter, isComplete, weight, null);
        }

        @Override
        public Config followedBy(Nonlinearity next) {
            return weight != null
                    ? this
                    : DefaultWeights.before(next).map(this::weight).orElse(this);
        }

        @Override
        public TransposedConvolution create(Shape in, Key key) {
            if (!isComplete) {
                throw new IllegalArgumentException(
                        "a transposed convolution without a kernel: call kernel(height, width)"
                                + " for images or kernel(length) for sequences");
            }
            windows.requireInput("TransposedConvolution", in, 0);
            if (in.dim(-1) == Shape.ANY) {
                throw new ShapeException(
                        "TransposedConvolution: expected " + windows.expected() + " with a known number of channels,"
                                + " got " + in,
                        windows.expected(),
                        in);
            }
            TransposedConvolution layer = new TransposedConvolution(in.dim(-1), this, key);
            layer.outputShape(in);
            return layer;
        }

        private static int of(int[] crop, int axis) {
            return crop[crop.length == 1 ? 0 : axis];
        }

        /** The windows of the convolution from the output to the input. */
        private Windows.Axis axis(int axis) {
            return new Windows.Axis(
                    windows.taps()[axis],
                    windows.stride()[axis],
                    windows.dilation()[axis],
                    of(cropBefore, axis),
                    of(cropAfter, axis));
        }

        /** The windows of that convolution, over images. */
        private Windows slide() {
            int last = windows.axes() - 1;
            return new Windows(last == 0 ? Windows.Axis.of(1) : axis(0), axis(last));
        }

        private int size(int axis, int size) {
            if (size == Shape.ANY) {
                return Shape.ANY;
            }
            Windows.Axis a = axis(axis);
            return (size - 1) * a.stride() + a.span() - a.before() - a.after();
        }
    }

    @Override
    public Pass newPass() {
        return new Adding();
    }

    /** Computes the transposed convolution and its gradients, each the other way round than a convolution. */
    private final class Adding extends ImagesPass {
        private final View kernels = new View(config.windows::kernel);
        private final View dKernel = new View(config.windows::kernel);
        private Tensor kernel;
        private Tensor x;

        Adding() {
            super(TransposedConvolution.this, config.windows::images, in -> config.slide());
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            if (config.windows.taps()[0] > 1 || config.windows.stride()[0] > 1) {
                Sequences.requireNoPadding(layer(), x.shape(), context, "a causal convolution");
            }
            this.x = save(x);
            kernel = kernels.of(context.value(weight));
            Tensor y = context.empty(outputShape());
            windows().convolveInputGradInto(in.of(x), kernel, out.of(y));
            if (bias != null) {
                y.addRowInPlace(context.value(bias));
            }
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            backwardParameters(dy, gradients);
            Tensor dx = context().empty(inputShape());
            windows().convolveInto(dOut.of(dy), kernel, null, dIn.of(dx));
            return dx;
        }

        @Override
        protected void backwardParameters(Tensor dy, Gradients gradients) {
            if (!gradients.isFrozen(weight)) {
                windows().addConvolveWeightGrad(dOut.of(dy), in.of(x), dKernel.of(gradients.of(weight)));
            }
            if (bias != null) {
                gradients.addSumOfRows(bias, dy);
            }
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        config.windows.requireInput(toString(), in, inputs);
        Shape out = in.withLast(config.channels);
        for (int i = 0; i < config.windows.axes(); i++) {
            int size = config.size(i, in.dim(i + 1));
            if (in.dim(i + 1) == 0 || size < 1 && size != Shape.ANY) {
                throw tooSmall(in, i);
            }
            out = out.withDim(i + 1, size);
        }
        return out;
    }

    /** The error for an input whose output would have no places. */
    private ShapeException tooSmall(Shape in, int axis) {
        Windows.Axis a = config.axis(axis);
        String expected = config.windows.expected() + " that the crop leaves something of";
        String fix = in.dim(axis + 1) == 0
                ? "; give an input with elements"
                : ": axis " + (axis + 1) + " gives " + (config.size(axis, in.dim(axis + 1)) + a.before() + a.after())
                        + " places, of which the crop leaves out " + a.before() + " and " + a.after()
                        + "; crop fewer, or give a larger kernel or stride";
        return new ShapeException(this + ": expected " + expected + ", got " + in + fix, expected, in);
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

    /** Maps the kernel to PyTorch's {@code weight} [channels x outputs / groups x taps x taps]. */
    @Override
    public List<WeightMapping> torchMapping() {
        WeightMapping kernel = WeightMapping.channelsFirst("weight", weight);
        return bias == null ? List.of(kernel) : List.of(kernel, WeightMapping.of("bias", bias));
    }

    /**
     * The kernel.
     *
     * @return [taps x taps x outputs / groups x channels], or [taps x outputs / groups x channels]
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

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Value kernel = graph.constant("weight", Convolution.channelsFirst(weight));
        Value row = bias == null ? Value.NONE : graph.constant("bias", bias.value());
        int axes = config.windows.axes();
        long[] pads = new long[2 * axes];
        long[] more = new long[axes]; // places beyond the full output
        for (int i = 0; i < axes; i++) {
            Windows.Axis axis = config.axis(i);
            pads[i] = axis.before();
            pads[axes + i] = Math.max(axis.after(), 0);
            more[i] = Math.max(-axis.after(), 0);
        }
        OperatorGraph.Call call = graph.call("ConvTranspose", graph.channelsSecond(x), kernel, row)
                .with("kernel_shape", WindowSpec.longs(config.windows.taps()))
                .with("strides", WindowSpec.longs(config.windows.stride()))
                .with("dilations", WindowSpec.longs(config.windows.dilation()))
                .with("pads", pads)
                .with("output_padding", more)
                .with("group", config.groups);
        return WindowSpec.exported(graph, call, outputShape(x.shape()));
    }

    /** Such as {@code TransposedConvolution 16 -> 3 (4 x 4, stride 2 x 2)}. */
    @Override
    public String toString() {
        return "TransposedConvolution " + inputs + " -> " + config.channels + " (" + config.windows
                + (config.groups > 1 ? ", " + config.groups + " groups)" : ")");
    }
}
