package nn.layers.convolution;

import java.util.Arrays;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Windows;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/** Taps, strides, dilations and padding by axis, for images (two axes) and sequences (one). */
record WindowSpec(int[] taps, int[] stride, int[] dilation, Padding padding) {
    private static final String IMAGES = "[batch x height x width x channels]";
    private static final String SEQUENCES = "[batch x length x channels]";

    WindowSpec {
        if (taps.length < 1 || taps.length > 2) {
            throw new IllegalArgumentException("windows of " + Arrays.toString(taps)
                    + ": give one size for sequences, or two for images, height and width");
        }
        stride = each("stride", stride, taps.length);
        dilation = each("dilation", dilation, taps.length);
        if (padding instanceof Padding.Fixed fixed && fixed.before().length > taps.length) {
            throw new IllegalArgumentException(padding + ": the windows " + Arrays.toString(taps) + " have one axis");
        }
        for (int i = 0; i < taps.length; i++) {
            padding.axis(i, Shape.ANY, taps[i], stride[i], dilation[i]); // refuses impossible numbers
        }
    }

    private static int[] each(String name, int[] given, int axes) {
        if (given.length == 1 && axes == 2) {
            return new int[] {given[0], given[0]};
        }
        if (given.length != axes) {
            throw new IllegalArgumentException(name + " " + Arrays.toString(given)
                    + ": give one number for all axes, or" + " one for each of " + axes);
        }
        return given.clone();
    }

    int axes() {
        return taps.length;
    }

    int places() {
        return taps.length == 1 ? taps[0] : taps[0] * taps[1];
    }

    int strides() {
        return taps.length == 1 ? stride[0] : stride[0] * stride[1];
    }

    String expected() {
        return axes() == 1 ? SEQUENCES : IMAGES;
    }

    /** The windows for an input; a sequence is an image of height 1. */
    Windows windows(Shape in) {
        int last = axes() - 1;
        Windows.Axis x = padding.axis(last, in.dim(axes()), taps[last], stride[last], dilation[last]);
        Windows.Axis y = axes() == 1 ? Windows.Axis.of(1) : padding.axis(0, in.dim(1), taps[0], stride[0], dilation[0]);
        return new Windows(y, x);
    }

    /** Whether each output along an axis of the tensor reads the input at its own place and earlier ones only. */
    boolean endAtTheirPlace(Shape in, int axis) {
        if (axis == 0) {
            return true; // the batch
        }
        int i = axis - 1;
        return padding.axis(i, in.dim(axis), taps[i], stride[i], dilation[i]).isCausal();
    }

    /** Refuses groups that do not divide the channels. */
    static void requireGroups(String layer, int inputs, int outputs, int groups) {
        if (inputs < 1) {
            throw new IllegalArgumentException(layer + " " + inputs + " -> " + outputs
                    + ": there is no channel to read; give an input with at least one");
        }
        if (inputs % groups != 0 || outputs % groups != 0) {
            throw new IllegalArgumentException(layer + " " + inputs + " -> " + outputs + " in " + groups
                    + " groups: the groups must divide the channels of the input and of the output; choose groups("
                    + greatestCommonDivisor(inputs, outputs) + ") or another number of channels");
        }
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    /** Refuses an input of another rank or number of channels; 0 channels stand for any number. */
    void requireInput(String layer, Shape in, int channels) {
        boolean fits = in.rank() == axes() + 2 && (channels == 0 || in.dim(-1) == channels);
        if (!fits) {
            String expected = channels == 0 ? expected() : expected().replace("channels", "" + channels);
            throw new ShapeException(layer + ": expected " + expected + ", got " + in, expected, in);
        }
    }

    /** The number of outputs along an axis; refuses an input that is too small. */
    int outputs(String layer, Shape in, int axis, boolean roundedUp) {
        int size = in.dim(axis + 1);
        Windows.Axis windows = padding.axis(axis, size, taps[axis], stride[axis], dilation[axis]);
        try {
            return roundedUp ? windows.outputsRoundedUp(size) : windows.outputs(size);
        } catch (IllegalArgumentException e) {
            String expected = expected() + ", at least as large as a window";
            throw new ShapeException(
                    layer + ": expected " + expected + ", got " + in + ": " + e.getMessage(), expected, in);
        }
    }

    /** The shape of the output. */
    Shape outputShape(String layer, Shape in, int channels, boolean roundedUp) {
        Shape out = in.withLast(channels);
        for (int i = 0; i < axes(); i++) {
            out = out.withDim(i + 1, outputs(layer, in, i, roundedUp));
        }
        return out;
    }

    /** The tensor as images: a sequence gets a height of 1. */
    Tensor images(Tensor x) {
        return axes() == 2 ? x : x.reshape(x.dim(0), 1, x.dim(1), x.dim(2));
    }

    /** The kernel as that of images. */
    Tensor kernel(Tensor weight) {
        return axes() == 2 ? weight : weight.reshape(1, weight.dim(0), weight.dim(1), weight.dim(2));
    }

    /** The shape of a kernel [taps x inputs x outputs]. */
    Shape kernelShape(int inputs, int outputs) {
        return axes() == 1 ? Shape.of(taps[0], inputs, outputs) : Shape.of(taps[0], taps[1], inputs, outputs);
    }

    /** Sets the attributes of a standard operator that slides over an input of this shape, channels last. */
    OperatorGraph.Call export(OperatorGraph.Call call, Shape in) {
        long[] pads = new long[2 * axes()];
        boolean isKnown = true;
        for (int i = 0; i < axes(); i++) {
            int size = in.dim(i + 1);
            Windows.Axis axis = padding.axis(i, size, taps[i], stride[i], dilation[i]);
            pads[i] = axis.before();
            pads[axes() + i] = axis.after();
            isKnown &= size != Shape.ANY || stride[i] == 1;
        }
        call.with("kernel_shape", longs(taps)).with("strides", longs(stride)).with("dilations", longs(dilation));
        return padding instanceof Padding.Same && !isKnown
                ? call.with("auto_pad", "SAME_UPPER") // the smaller half before, as here
                : call.with("pads", pads);
    }

    /** Adds an operator whose result has its channels second, and moves them to the last place. */
    static Value exported(OperatorGraph graph, OperatorGraph.Call call, Shape out) {
        int rank = out.rank();
        int[] axes = new int[rank];
        for (int i = 0; i < rank; i++) {
            axes[i] = i == 0 ? 0 : i == 1 ? rank - 1 : i - 1;
        }
        return graph.channelsLast(call.gives(out.permute(axes)));
    }

    static long[] longs(int... numbers) {
        return Arrays.stream(numbers).asLongStream().toArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WindowSpec w
                && Arrays.equals(taps, w.taps)
                && Arrays.equals(stride, w.stride)
                && Arrays.equals(dilation, w.dilation)
                && padding.equals(w.padding);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(taps) + 31 * (Arrays.hashCode(stride) + 31 * padding.hashCode());
    }

    /** Such as {@code 3 x 3, stride 2, same padding}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(text(taps));
        if (strides() > 1) {
            text.append(", stride ").append(text(stride));
        }
        if (Arrays.stream(dilation).anyMatch(d -> d > 1)) {
            text.append(", dilation ").append(text(dilation));
        }
        return padding instanceof Padding.None
                ? text.toString()
                : text.append(", ").append(padding).toString();
    }

    private static String text(int[] numbers) {
        return numbers.length == 1 ? "" + numbers[0] : numbers[0] + " x " + numbers[1];
    }
}
