package nn.layers.convolution;

import java.util.Objects;
import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.Sequences;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The largest or mean element of each window and channel of images or sequences.
 *
 * <pre>{@code
 * Layer halves = Pool.max(2, 2);
 * Layer means = Pool.mean(3, 3).stride(2).padding(1);
 * }</pre>
 *
 * <p>Shapes: x [batch x height x width x channels], y the same with fewer places; or x [batch x length x channels]. A
 * stride is that of the window unless given. Padding is never the largest element, and counts in a mean unless {@link
 * #withoutPadding} is called. Of equal elements the first gets the gradient; NaN is the largest. For the mean over all
 * places see {@link GlobalPool}.
 */
public final class Pool implements Layer {
    private enum Kind {
        MAX,
        MEAN
    }

    private final Kind kind;
    private final WindowSpec windows;
    private final boolean roundsUp;
    private final boolean countsPadding;

    private Pool(Kind kind, WindowSpec windows, boolean roundsUp, boolean countsPadding) {
        this.kind = kind;
        this.windows = windows;
        this.roundsUp = roundsUp;
        this.countsPadding = countsPadding;
    }

    private static Pool of(Kind kind, int... taps) {
        int[] sizes = taps.clone();
        WindowSpec windows = new WindowSpec(sizes, sizes, new int[] {1}, new Padding.None());
        return new Pool(kind, windows, false, true);
    }

    /**
     * The largest element of each window.
     *
     * @param taps height and width of a window of images, or its length for sequences
     * @return a layer with that stride, and without padding
     * @throws IllegalArgumentException if there are other than one or two numbers, or one is below 1
     */
    public static Pool max(int... taps) {
        return of(Kind.MAX, taps);
    }

    /**
     * The mean of each window.
     *
     * @param taps height and width of a window of images, or its length for sequences
     * @return a layer with that stride, and without padding
     * @throws IllegalArgumentException if there are other than one or two numbers, or one is below 1
     */
    public static Pool mean(int... taps) {
        return of(Kind.MEAN, taps);
    }

    private Pool with(WindowSpec changed) {
        return new Pool(kind, changed, roundsUp, countsPadding);
    }

    /**
     * Sets the distance from window to window.
     *
     * @param stride one number for all axes, or one for each; at least 1
     * @return a copy with this stride
     * @throws IllegalArgumentException if a number is below 1, or there are more numbers than axes
     */
    public Pool stride(int... stride) {
        return with(new WindowSpec(windows.taps(), stride, windows.dilation(), windows.padding()));
    }

    /**
     * Sets the distance from place to place in a window.
     *
     * @param dilation one number for all axes, or one for each; at least 1
     * @return a copy with this dilation
     * @throws IllegalArgumentException if a number is below 1, or there are more numbers than axes
     */
    public Pool dilation(int... dilation) {
        return with(new WindowSpec(windows.taps(), windows.stride(), dilation, windows.padding()));
    }

    /**
     * Sets a padding of some places on every side.
     *
     * @param places one number for all axes, or one for each; 0 or more
     * @return a copy with this padding
     * @throws IllegalArgumentException if a number is negative, or there are more numbers than axes
     */
    public Pool padding(int... places) {
        return padding(new Padding.Fixed(places, places));
    }

    /**
     * Sets the padding.
     *
     * @param padding places around the input
     * @return a copy with this padding
     */
    public Pool padding(Padding padding) {
        Objects.requireNonNull(padding, "padding");
        return with(new WindowSpec(windows.taps(), windows.stride(), windows.dilation(), padding));
    }

    /**
     * Lets a last window reach beyond the padding, so that no element is left out (ceil mode).
     *
     * @return a copy that does
     */
    public Pool roundedUp() {
        return new Pool(kind, windows, true, countsPadding);
    }

    /**
     * Divides a mean by the number of elements of the window that lie in the input.
     *
     * @return a copy that does
     */
    public Pool withoutPadding() {
        return new Pool(kind, windows, roundsUp, false);
    }

    @Override
    public Pass newPass() {
        return kind == Kind.MAX ? new Max() : new Mean();
    }

    private void requireNoPadding(Tensor x, Context context) {
        if (context.lengths().isPresent() && !windows.endAtTheirPlace(x.shape(), 1)) {
            Sequences.requireNoPadding(this, x.shape(), context, "MeanOverTime or MaxOverTime");
        }
    }

    /** Finds the largest elements, and remembers their places. */
    private final class Max extends ImagesPass {
        private int[] places = {};

        Max() {
            super(Pool.this, windows::images, windows::windows);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            requireNoPadding(x, context);
            Tensor y = context.empty(outputShape());
            places = places.length == y.size() ? places : new int[y.size()];
            windows().maxInto(in.of(x), out.of(y), places);
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(inputShape());
            windows().maxGradInto(dOut.of(dy), places, dIn.of(dx));
            return dx;
        }
    }

    /** Computes the means. */
    private final class Mean extends ImagesPass {
        Mean() {
            super(Pool.this, windows::images, windows::windows);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            requireNoPadding(x, context);
            Tensor y = context.empty(outputShape());
            windows().meanInto(in.of(x), countsPadding, out.of(y));
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(inputShape());
            windows().meanGradInto(dOut.of(dy), countsPadding, dIn.of(dx));
            return dx;
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        windows.requireInput(toString(), in, 0);
        return windows.outputShape(toString(), in, in.dim(-1), roundsUp);
    }

    /** Axis 0 counts the examples. */
    @Override
    public OptionalInt batchAxis(int in) {
        return in == 0 ? OptionalInt.of(0) : OptionalInt.empty();
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        OperatorGraph.Call call = graph.call(kind == Kind.MAX ? "MaxPool" : "AveragePool", graph.channelsSecond(x));
        if (kind == Kind.MEAN) {
            call.with("count_include_pad", countsPadding ? 1 : 0);
        }
        return WindowSpec.exported(
                graph, windows.export(call, x.shape()).with("ceil_mode", roundsUp ? 1 : 0), outputShape(x.shape()));
    }

    /** Such as {@code Pool max (2 x 2, stride 2 x 2)}. */
    @Override
    public String toString() {
        return "Pool " + (kind == Kind.MAX ? "max" : "mean") + " (" + windows + (roundsUp ? ", rounded up" : "")
                + (countsPadding ? ")" : ", without padding)");
    }
}
