package nn.tensor;

import java.util.Objects;
import nn.tensor.internal.driver.Convolution;
import nn.tensor.internal.driver.Pooling;
import org.jspecify.annotations.Nullable;

/**
 * The windows of a convolution or of pooling over images [batch x height x width x channels]: how many places a window
 * has along each axis, how far apart they are, how far the next window is, and how many zeros are around the image.
 * Output (o, p) reads the places {@code o * stride - before + tap * dilation} of each axis. A sequence [batch x length
 * x channels] is an image of height 1.
 *
 * <p>A convolution is a cross-correlation (no flip), as in all frameworks. With a weight [height x width x channels /
 * groups x outputs], output channel c belongs to group {@code c / (outputs / groups)} and reads that group's input
 * channels. Each output is one chain of fused multiply-adds over taps and channels, in order, so its bits depend on
 * nothing but the operands.
 *
 * <p>An object may be used by several threads. It remembers the shapes of its last call, so that a call with the same
 * shapes allocates nothing. Two objects are equal if their axes are.
 */
@SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
public final class Windows {
    private final Axis y;
    private final Axis x;

    // Of the last calls; immutable, so it does not matter which thread wrote it.
    private @Nullable Convolving convolving;
    private @Nullable Pooled pooled;

    private record Convolving(Shape images, Shape weight, Shape output, Convolution loops) {}

    private record Pooled(Shape images, Shape output, Pooling loops) {}

    /**
     * Describes windows.
     *
     * @param y the windows along the height
     * @param x the windows along the width
     * @throws NullPointerException if one is null
     */
    public Windows(Axis y, Axis x) {
        this.y = Objects.requireNonNull(y, "y");
        this.x = Objects.requireNonNull(x, "x");
    }

    /**
     * The windows along the height.
     *
     * @return as given
     */
    public Axis y() {
        return y;
    }

    /**
     * The windows along the width.
     *
     * @return as given
     */
    public Axis x() {
        return x;
    }

    /**
     * Windows along one axis.
     *
     * @param taps the places of a window, at least 1
     * @param stride from window to window, at least 1
     * @param dilation from place to place within a window, at least 1
     * @param before zeros before the first element; negative to leave out elements
     * @param after zeros after the last element; negative to leave out elements
     */
    public record Axis(int taps, int stride, int dilation, int before, int after) {
        /**
         * Checks the arguments.
         *
         * @throws IllegalArgumentException if taps, stride or dilation is below 1, or a number is out of all proportion
         */
        public Axis {
            if (taps < 1 || stride < 1 || dilation < 1) {
                throw new IllegalArgumentException("windows of " + taps + " taps, stride " + stride + " and dilation "
                        + dilation + ": each is at least 1");
            }
            long reach = (long) taps * dilation + Math.abs((long) before) + Math.abs((long) after) + stride;
            if (reach > Shape.MAX_SIZE / 4) {
                throw new IllegalArgumentException("windows of " + taps + " taps, stride " + stride + ", dilation "
                        + dilation + " and padding " + before + " and " + after + " are too large");
            }
        }

        /**
         * Windows without gaps and padding.
         *
         * @param taps the places of a window
         * @return stride 1, dilation 1, no padding
         */
        public static Axis of(int taps) {
            return new Axis(taps, 1, 1, 0, 0);
        }

        /**
         * The distance from a window's first place to behind its last.
         *
         * @return {@code dilation * (taps - 1) + 1}
         */
        public int span() {
            return dilation * (taps - 1) + 1;
        }

        /**
         * Whether each output reads the element at its own place and earlier ones only.
         *
         * @return true for windows of one place, and for those with as many zeros before as they reach back
         */
        public boolean isCausal() {
            return stride == 1 && before == span() - 1 && after == 0;
        }

        /**
         * The number of windows.
         *
         * @param size of the axis, or {@link Shape#ANY}
         * @return 1 or more; {@link Shape#ANY} for an unknown size
         * @throws IllegalArgumentException if the padded axis is shorter than a window
         */
        public int outputs(int size) {
            if (size == Shape.ANY) {
                return Shape.ANY;
            }
            int padded = Math.addExact(Math.addExact(size, before), after);
            if (padded < span()) {
                int most = padded < 1 ? 0 : (padded - 1) / dilation + 1;
                String fewer = most < 1 ? "" : "at most " + most + (most == 1 ? " tap, or " : " taps, or ");
                int missing = span() - padded;
                throw new IllegalArgumentException("a window over " + span() + " places is wider than the axis of "
                        + size + " with its padding of " + before + " and " + after + "; give " + fewer + missing
                        + (missing == 1 ? " more place" : " more places") + " of padding");
            }
            return (padded - span()) / stride + 1;
        }

        /**
         * The number of windows if a last one may reach beyond the padding (ceil mode, for pooling): it begins within
         * the axis or the zeros before it.
         *
         * @param size of the axis, or {@link Shape#ANY}
         * @return at least {@link #outputs}, and at most one more
         * @throws IllegalArgumentException if the padded axis is shorter than a window
         */
        public int outputsRoundedUp(int size) {
            int outputs = outputs(size);
            boolean isCut = outputs != Shape.ANY && (outputs - 1) * stride + span() < size + before + after;
            return isCut && outputs * stride < size + before ? outputs + 1 : outputs;
        }
    }

    /**
     * The shape of the output.
     *
     * @param in [batch x height x width x channels]; dimensions may be {@link Shape#ANY}
     * @param outputs channels of the output
     * @return [batch x height x width x outputs]
     * @throws ShapeException if the input has another rank, or is smaller than a window
     */
    public Shape outputShape(Shape in, int outputs) {
        String expected = "[batch x height x width x channels]";
        if (in.rank() != 4) {
            throw new ShapeException("windows: expected " + expected + ", got " + in, expected, in);
        }
        try {
            return Shape.of(in.dim(0), y.outputs(in.dim(1)), x.outputs(in.dim(2)), outputs);
        } catch (IllegalArgumentException e) {
            throw new ShapeException(
                    "windows: expected " + expected + " at least as large as a window, got " + in + ": "
                            + e.getMessage(),
                    expected,
                    in);
        }
    }

    /**
     * The convolution of images.
     *
     * @param images [batch x height x width x channels]
     * @param weight [taps of y x taps of x x channels / groups x outputs]; its third dimension says how many groups
     *     there are
     * @param bias [outputs]; null for none
     * @param dst receives [batch x height x width x outputs]; no part of it may be an operand's
     * @throws ShapeException if the shapes do not fit
     */
    public void convolveInto(Tensor images, Tensor weight, @Nullable Tensor bias, Tensor dst) {
        Convolution convolution = convolution(images.shape(), weight.shape(), dst.shape());
        if (bias != null && (bias.shape().rank() != 1 || bias.dim(0) != weight.dim(3))) {
            String expected = "[" + weight.dim(3) + "]";
            throw new ShapeException(
                    "convolve: expected a bias " + expected + ", got " + bias.shape(), expected, bias.shape());
        }
        dst.requireApart("convolve", images, "the images");
        dst.requireApart("convolve", weight, "the weight");
        if (bias != null) {
            dst.requireApart("convolve", bias, "the bias");
        }
        convolution.forward(images.operand(), weight.operand(), bias == null ? null : bias.operand(), dst.operand());
    }

    /**
     * The gradient of {@link #convolveInto} at the images: the transposed convolution.
     *
     * @param dOutput the gradient at the output [batch x height x width x outputs]
     * @param weight as there
     * @param dst receives the gradient at the images [batch x height x width x channels]; no part of it may be an
     *     operand's
     * @throws ShapeException if the shapes do not fit
     */
    public void convolveInputGradInto(Tensor dOutput, Tensor weight, Tensor dst) {
        Convolution convolution = convolution(dst.shape(), weight.shape(), dOutput.shape());
        dst.requireApart("convolveInputGrad", dOutput, "the gradient");
        dst.requireApart("convolveInputGrad", weight, "the weight");
        convolution.inputGradient(dOutput.operand(), weight.operand(), dst.operand());
    }

    /**
     * Adds the gradient of {@link #convolveInto} at the weight. The sums over the images are cut into chains of some
     * images, which are added in order.
     *
     * @param images as there
     * @param dOutput the gradient at the output [batch x height x width x outputs]
     * @param dWeight the gradient is added to it; of the weight's shape; no part of it may be an operand's
     * @throws ShapeException if the shapes do not fit
     */
    public void addConvolveWeightGrad(Tensor images, Tensor dOutput, Tensor dWeight) {
        Convolution convolution = convolution(images.shape(), dWeight.shape(), dOutput.shape());
        dWeight.requireApart("convolveWeightGrad", images, "the images");
        dWeight.requireApart("convolveWeightGrad", dOutput, "the gradient");
        convolution.addWeightGradient(images.operand(), dOutput.operand(), dWeight.operand());
    }

    private Convolution convolution(Shape images, Shape weight, Shape output) {
        Convolving known = convolving;
        if (known == null
                || !known.images.equals(images)
                || !known.weight.equals(weight)
                || !known.output.equals(output)) {
            known = new Convolving(images, weight, output, newConvolution(images, weight, output));
            convolving = known;
        }
        return known.loops;
    }

    private Convolution newConvolution(Shape images, Shape weight, Shape output) {
        String expected = "[" + y.taps + " x " + x.taps + " x channels / groups x outputs]";
        boolean fits = weight.rank() == 4 && weight.dim(0) == y.taps && weight.dim(1) == x.taps && images.rank() == 4;
        if (fits) {
            int inGroup = weight.dim(2);
            int groups = inGroup == 0 ? 0 : images.dim(3) / inGroup;
            fits = groups > 0 && groups * inGroup == images.dim(3) && weight.dim(3) % groups == 0;
        }
        if (!fits) {
            throw new ShapeException(
                    "convolve: images of shape " + images + " need a weight " + expected + ", got " + weight
                            + "; the channels are a multiple of its third dimension, and groups divide the outputs",
                    expected,
                    weight);
        }
        Shape wanted = outputShape(images, weight.dim(3));
        if (!output.equals(wanted)) {
            throw new ShapeException(
                    "convolve: expected an output " + wanted + ", got " + output, wanted.toString(), output);
        }
        return new Convolution(
                new Convolution.Axis(images.dim(1), output.dim(1), y.taps, y.stride, y.dilation, y.before),
                new Convolution.Axis(images.dim(2), output.dim(2), x.taps, x.stride, x.dilation, x.before),
                images.dim(0),
                images.dim(3),
                output.dim(3),
                images.dim(3) / weight.dim(2));
    }

    /**
     * The largest element of each window and channel. Padding is never the largest; of equal elements the first counts
     * in row-major order (0 and -0 are equal), and of NaN the last.
     *
     * @param images [batch x height x width x channels]
     * @param dst receives [batch x height x width x channels], with {@link Axis#outputs} or {@link
     *     Axis#outputsRoundedUp} along each axis; no part of it may be an operand's
     * @param places receives, for each output, the index of its element in its image and channel, {@code y * width +
     *     x}; as many as the output has elements
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if there are not as many places, or a window lies in the padding as a whole
     */
    public void maxInto(Tensor images, Tensor dst, int[] places) {
        Pooling pooling = pooling("max", images.shape(), dst.shape());
        dst.requireApart("max", images, "the images");
        requirePlaces(places, dst);
        pooling.max(images.array(), images.offset(), dst.array(), dst.offset(), places);
    }

    /**
     * The gradient of {@link #maxInto}: each output's goes to its element.
     *
     * @param dOutput the gradient at the output
     * @param places as that method gave them
     * @param dst receives the gradient at the images [batch x height x width x channels]; no part of it may be {@code
     *     dOutput}'s
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if there are not as many places
     */
    public void maxGradInto(Tensor dOutput, int[] places, Tensor dst) {
        Pooling pooling = pooling("maxGrad", dst.shape(), dOutput.shape());
        dst.requireApart("maxGrad", dOutput, "the gradient");
        requirePlaces(places, dOutput);
        pooling.maxGradient(dOutput.array(), dOutput.offset(), places, dst.array(), dst.offset());
    }

    private static void requirePlaces(int[] places, Tensor output) {
        if (places.length != output.size()) {
            throw new IllegalArgumentException("max: " + places.length + " places for an output of shape "
                    + output.shape() + "; give one for each element");
        }
    }

    /**
     * The mean of each window and channel.
     *
     * @param images [batch x height x width x channels]
     * @param padding whether zeros of the padding count; places beyond the padding never do
     * @param dst receives [batch x height x width x channels], with {@link Axis#outputs} or {@link
     *     Axis#outputsRoundedUp} along each axis; no part of it may be an operand's
     * @throws ShapeException if the shapes do not fit
     */
    public void meanInto(Tensor images, boolean padding, Tensor dst) {
        Pooling pooling = pooling("mean", images.shape(), dst.shape());
        dst.requireApart("mean", images, "the images");
        pooling.mean(images.array(), images.offset(), padding, dst.array(), dst.offset());
    }

    /**
     * The gradient of {@link #meanInto}.
     *
     * @param dOutput the gradient at the output
     * @param padding as there
     * @param dst receives the gradient at the images [batch x height x width x channels]; no part of it may be {@code
     *     dOutput}'s
     * @throws ShapeException if the shapes do not fit
     */
    public void meanGradInto(Tensor dOutput, boolean padding, Tensor dst) {
        Pooling pooling = pooling("meanGrad", dst.shape(), dOutput.shape());
        dst.requireApart("meanGrad", dOutput, "the gradient");
        pooling.meanGradient(dOutput.array(), dOutput.offset(), padding, dst.array(), dst.offset());
    }

    private Pooling pooling(String operation, Shape images, Shape output) {
        Pooled known = pooled;
        if (known == null || !known.images.equals(images) || !known.output.equals(output)) {
            known = new Pooled(images, output, newPooling(operation, images, output));
            pooled = known;
        }
        return known.loops;
    }

    private Pooling newPooling(String operation, Shape images, Shape output) {
        Shape wanted = outputShape(images, images.rank() == 4 ? images.dim(3) : 0);
        boolean fits = output.rank() == 4
                && output.dim(0) == images.dim(0)
                && output.dim(3) == images.dim(3)
                && (output.dim(1) == wanted.dim(1) || output.dim(1) == y.outputsRoundedUp(images.dim(1)))
                && (output.dim(2) == wanted.dim(2) || output.dim(2) == x.outputsRoundedUp(images.dim(2)));
        if (!fits) {
            throw new ShapeException(
                    operation + ": expected an output " + wanted + ", got " + output, wanted.toString(), output);
        }
        return new Pooling(
                new Convolution.Axis(images.dim(1), output.dim(1), y.taps, y.stride, y.dilation, y.before),
                new Convolution.Axis(images.dim(2), output.dim(2), x.taps, x.stride, x.dilation, x.before),
                y.after,
                x.after,
                images.dim(0),
                images.dim(3));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Windows w && y.equals(w.y) && x.equals(w.x);
    }

    @Override
    public int hashCode() {
        return 31 * y.hashCode() + x.hashCode();
    }

    /** Both axes, such as {@code Windows[y=Axis[...], x=Axis[...]]}. */
    @Override
    public String toString() {
        return "Windows[y=" + y + ", x=" + x + "]";
    }
}
