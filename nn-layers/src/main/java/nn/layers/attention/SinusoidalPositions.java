package nn.layers.attention;

import java.util.Objects;
import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * Adds sines and cosines of the position, of wavelengths from 2 pi to about 60,000, to the features (Vaswani and
 * others, 2017). Nothing is learned, and sequences may be as long as they like.
 *
 * <p>Shapes: x and y [batch x time x features]. In a {@linkplain nn.layers.Carry carrying} context the first position
 * of a chunk is the one after the last of the chunk before. Angles, sines and cosines are computed in double and
 * rounded once.
 *
 * @param order which features are sines and cosines of which angle
 */
public record SinusoidalPositions(Order order) implements Layer {
    private static final double BASE = 10_000;

    /** The order of the features. The two also differ in their angles. */
    public enum Order {
        /**
         * As in the paper: features 2 i and 2 i + 1 are sine and cosine of {@code position / 10000^(2 i / features)}.
         */
        INTERLEAVED,
        /**
         * As in tensor2tensor, the paper's code, and in fairseq: of {@code half = features / 2}, features i and {@code
         * half + i} are sine and cosine of {@code position / 10000^(i / (half - 1))}; a last odd feature is 0.
         */
        HALVES
    }

    /**
     * Checks the argument.
     *
     * @throws NullPointerException if it is null
     */
    public SinusoidalPositions {
        Objects.requireNonNull(order, "order");
    }

    /**
     * Positions in the order of the paper.
     *
     * @return the layer
     */
    public static SinusoidalPositions of() {
        return new SinusoidalPositions(Order.INTERLEAVED);
    }

    /**
     * What is added to one position.
     *
     * @param position 0 or more
     * @param features the number of features
     * @return one number for each feature, [features]
     * @throws IllegalArgumentException if the position is negative, or there are no features
     */
    public Tensor row(long position, int features) {
        if (position < 0 || features < 1) {
            throw new IllegalArgumentException("sinusoidal positions: position " + position + " of " + features
                    + " features; the position is 0 or more, and there is at least 1 feature");
        }
        Tensor row = Tensor.zeros(features);
        fill(position, row.array(), row.offset(), features);
        return row;
    }

    /**
     * The angles of all pairs at position 1; at position p they are p times as large.
     *
     * @param features the number of features, 1 or more
     * @return one angle for each pair, and for a last single feature of the order {@link Order#INTERLEAVED}
     * @throws IllegalArgumentException if there are no features
     */
    public double[] angles(int features) {
        if (features < 1) {
            throw new IllegalArgumentException(
                    "sinusoidal positions of " + features + " features; there is at least 1");
        }
        double[] angles = new double[order == Order.INTERLEAVED ? (features + 1) / 2 : features / 2];
        for (int i = 0; i < angles.length; i++) {
            angles[i] = speed(i, features);
        }
        return angles;
    }

    private void fill(long position, float[] to, int at, int features) {
        int half = features / 2;
        for (int j = 0; j < features; j++) {
            boolean interleaved = order == Order.INTERLEAVED;
            if (!interleaved && j == 2 * half) {
                to[at + j] = 0;
                continue;
            }
            int i = interleaved ? j / 2 : j % half;
            double angle = position * speed(i, features);
            boolean sine = interleaved ? j % 2 == 0 : j < half;
            to[at + j] = (float) (sine ? StrictMath.sin(angle) : StrictMath.cos(angle));
        }
    }

    /** The angle of pair i at position 1. */
    private double speed(int i, int features) {
        double exponent = order == Order.INTERLEAVED ? 2.0 * i / features : (double) i / Math.max(1, features / 2 - 1);
        return StrictMath.pow(BASE, -exponent);
    }

    @Override
    public Pass newPass() {
        return new Adding();
    }

    /** Adds rows of a table, which it keeps. */
    private final class Adding extends Pass {
        private @Nullable Tensor table; // of all positions so far

        Adding() {
            super(SinusoidalPositions.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            int first = Position.begin(SinusoidalPositions.this, x, context);
            Tensor y = context.empty(outputShape());
            Position.add(x, table(first, x.dim(1), x.dim(2)), first, y);
            return y;
        }

        private Tensor table(int first, int time, int features) {
            Tensor held = table;
            if (held == null || held.dim(0) < first + time || held.dim(1) != features) {
                held = Tensor.zeros(first == 0 ? time : 2 * (first + time), features); // more will follow one by one
                for (int t = 0; t < held.dim(0); t++) {
                    fill(t, held.array(), t * features, features);
                }
                table = held;
            }
            return held;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            return dy;
        }

        @Override
        protected void backwardParameters(Tensor dy, Gradients gradients) {}
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() != 3) {
            String expected = "[batch x time x features]";
            throw new ShapeException(this + ": expected " + expected + ", got " + in, expected, in);
        }
        return in;
    }

    /** Axis 0 counts the examples; axis 1 is the time. */
    @Override
    public OptionalInt batchAxis(int in) {
        return in == 0 ? OptionalInt.of(0) : OptionalInt.empty();
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        int time = x.shape().dim(1);
        int features = x.shape().dim(2);
        if (features == Shape.ANY) {
            throw graph.refused(this + " of an unknown number of features");
        }
        if (time != Shape.ANY) {
            Tensor table = Tensor.zeros(time, features);
            for (int t = 0; t < time; t++) {
                fill(t, table.array(), table.offset() + t * features, features);
            }
            return graph.elementwise("Add", x, graph.constant("table", table));
        }
        double[] angles = angles(features);
        int half = angles.length;
        PositionOperators positions = PositionOperators.of(graph, x, angles);
        Value rows = order == Order.INTERLEAVED
                ? interleaved(graph, positions, half, features)
                : side(graph, positions, half, features);
        return graph.elementwise("Add", x, rows);
    }

    /** Sines and cosines in turn, without the last cosine if the number of features is odd. */
    private static Value interleaved(OperatorGraph graph, PositionOperators positions, int half, int features) {
        int time = positions.sines().shape().dim(0);
        Value last = graph.wholes("axes", 2);
        Value pairs = graph.call(
                        "Concat",
                        graph.call("Unsqueeze", positions.sines(), last).gives(Shape.of(time, half, 1)),
                        graph.call("Unsqueeze", positions.cosines(), last).gives(Shape.of(time, half, 1)))
                .with("axis", 2)
                .gives(Shape.of(time, half, 2));
        Value all = graph.reshape(pairs, Shape.of(time, 2 * half));
        return 2 * half == features
                ? all
                : graph.call(
                                "Slice",
                                all,
                                graph.wholes("starts", 0),
                                graph.wholes("ends", features),
                                graph.wholes("axes", 1))
                        .gives(Shape.of(time, features));
    }

    /** All sines, then all cosines, then a zero if the number of features is odd. */
    private static Value side(OperatorGraph graph, PositionOperators positions, int half, int features) {
        Shape shape = Shape.of(positions.sines().shape().dim(0), features);
        Value both = graph.call("Concat", positions.sines(), positions.cosines())
                .with("axis", 1)
                .gives(shape.withLast(2 * half));
        return 2 * half == features
                ? both
                : graph.call("Pad", both, graph.wholes("pads", 0, 0, 0, 1)).gives(shape);
    }

    /** Such as {@code SinusoidalPositions INTERLEAVED}. */
    @Override
    public String toString() {
        return "SinusoidalPositions " + order;
    }
}
