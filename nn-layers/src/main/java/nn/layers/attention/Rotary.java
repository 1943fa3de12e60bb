package nn.layers.attention;

import java.util.Objects;
import nn.tensor.ParallelLoop;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * Rotary positions (Su and others, <i>RoFormer</i>, 2021): in each head, pairs of features of queries and keys are
 * rotated by an angle that grows with the position, so that a score depends on the distance of the two positions. Pair
 * i is rotated by {@code position * base^(-2 i / rotated)}: {@code (a cos - b sin, b cos + a sin)}.
 *
 * <p>Angles, sines and cosines are computed in double and rounded once, so far positions are as exact as near ones.
 *
 * @param pairs which features are pairs
 * @param base of the angles, above 1 and finite; 10,000 in the paper, larger for longer sequences
 * @param rotated how many features of a head are rotated, an even number; 0 for all of them. The others stay as they
 *     are
 */
public record Rotary(Pairs pairs, double base, int rotated) {
    /** Which features form a pair. Models trained with one form do not work with the other. */
    public enum Pairs {
        /** Features 2 i and 2 i + 1, as in RoFormer and GPT-J. */
        INTERLEAVED,
        /** Features i and i + rotated / 2, as in GPT-NeoX and Llama. */
        HALVES
    }

    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if the base is not above 1 and finite, or the number of features is negative or
     *     odd
     */
    public Rotary {
        Objects.requireNonNull(pairs, "pairs");
        if (!(base > 1) || Double.isInfinite(base)) {
            throw new IllegalArgumentException(
                    "rotary positions: base is " + base + "; it must be above 1 and finite," + " and is usually 10000");
        }
        if (rotated < 0 || rotated % 2 != 0) {
            throw new IllegalArgumentException("rotary positions: " + rotated
                    + " rotated features; give an even number, or 0 for all features of a head");
        }
    }

    /**
     * Rotates all features of a head by halves, with base 10,000.
     *
     * @return the usual form today
     */
    public static Rotary halves() {
        return new Rotary(Pairs.HALVES, 10_000, 0);
    }

    /**
     * Rotates all features of a head in neighbouring pairs, with base 10,000.
     *
     * @return the form of the paper
     */
    public static Rotary interleaved() {
        return new Rotary(Pairs.INTERLEAVED, 10_000, 0);
    }

    /**
     * Sets the base.
     *
     * @param other above 1 and finite
     * @return a copy with this base
     * @throws IllegalArgumentException if it is not
     */
    public Rotary base(double other) {
        return new Rotary(pairs, other, rotated);
    }

    /**
     * Sets how many features of a head are rotated.
     *
     * @param features an even number, the first ones of each head; 0 for all
     * @return a copy with this number
     * @throws IllegalArgumentException if it is negative or odd
     */
    public Rotary rotated(int features) {
        return new Rotary(pairs, base, features);
    }

    /** The number of rotated features of a head. */
    int rotatedOf(int size) {
        int count = rotated == 0 ? size : rotated;
        if (count > size || count % 2 != 0) {
            throw new IllegalArgumentException(
                    "rotary positions: " + count + " features cannot be rotated in a head of " + size
                            + "; give rotated(n) an even number of at most " + size);
        }
        return count;
    }

    /**
     * The cosines and sines of some positions.
     *
     * @param positions the number of positions, from 0
     * @param size features of a head
     * @return for each position the cosines of all pairs, then the sines: [positions x rotated]
     * @throws IllegalArgumentException if a head of this size has fewer features than are rotated, or an odd number
     */
    public Tensor table(int positions, int size) {
        int half = rotatedOf(size) / 2;
        Tensor table = Tensor.zeros(positions, 2 * half);
        for (int i = 0; i < half; i++) {
            double speed = speed(i, half);
            for (int t = 0; t < positions; t++) {
                double angle = t * speed;
                table.set((float) StrictMath.cos(angle), t, i);
                table.set((float) StrictMath.sin(angle), t, half + i);
            }
        }
        return table;
    }

    /**
     * The angles of all pairs at position 1; at position p they are p times as large.
     *
     * @param size features of a head
     * @return one angle for each pair
     * @throws IllegalArgumentException if a head of this size has fewer features than are rotated, or an odd number
     */
    public double[] angles(int size) {
        double[] angles = new double[rotatedOf(size) / 2];
        for (int i = 0; i < angles.length; i++) {
            angles[i] = speed(i, angles.length);
        }
        return angles;
    }

    /** The angle of pair i at position 1. */
    private double speed(int i, int half) {
        return StrictMath.pow(base, -(double) i / half);
    }

    /**
     * Rotates queries or keys.
     *
     * @param x [batch x time x heads * size]
     * @param heads the number of heads
     * @param table cosines and sines by {@link #table}, of at least {@code first + time} positions
     * @param first the position of time 0
     * @param back whether to rotate back, as the gradient is: by the negative angles
     * @param y receives the result, of the shape of x; may be x
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if x and y share memory and are not the same
     */
    public void rotateInto(Tensor x, int heads, Tensor table, int first, boolean back, Tensor y) {
        Objects.requireNonNull(table, "table");
        Shape shape = x.shape();
        if (shape.rank() != 3 || shape.dim(2) % heads != 0 || !y.shape().equals(shape)) {
            String expected = "[batch x time x " + heads + " heads * size]";
            throw new ShapeException(
                    "rotary positions: expected " + expected + ", got " + shape + " and " + y.shape(), expected, shape);
        }
        int size = shape.dim(2) / heads;
        int half = rotatedOf(size) / 2;
        if (table.shape().rank() != 2 || table.dim(1) != 2 * half || first < 0 || table.dim(0) < first + shape.dim(1)) {
            String expected = "[" + (first + shape.dim(1)) + " x " + 2 * half + "]";
            throw new ShapeException(
                    "rotary positions: expected a table " + expected + ", got " + table.shape(),
                    expected,
                    table.shape());
        }
        if (y != x) {
            y.copyFrom(x);
        }
        int rows = shape.dim(0) * shape.dim(1);
        if (rows * shape.dim(2) < WORTH_THREADS) {
            rotate(0, rows, shape.dim(1), heads, size, half, table, first, back, y);
        } else {
            ParallelLoop.run(
                    rows,
                    4.0 * shape.dim(2),
                    (from, to) -> rotate(from, to, shape.dim(1), heads, size, half, table, first, back, y));
        }
    }

    /** Elements below which no second thread pays, so that no object is made for one. */
    private static final int WORTH_THREADS = 1 << 12;

    private void rotate(
            int from,
            int to,
            int time,
            int heads,
            int size,
            int half,
            Tensor table,
            int first,
            boolean back,
            Tensor y) {
        int step = pairs == Pairs.INTERLEAVED ? 2 : 1;
        int other = pairs == Pairs.INTERLEAVED ? 1 : half;
        for (int row = from; row < to; row++) {
            int angles = table.offset() + (first + row % time) * 2 * half;
            for (int h = 0; h < heads; h++) {
                int at = y.offset() + (row * heads + h) * size;
                rotate(y.array(), at, at + other, step, table.array(), angles, half, back);
            }
        }
    }

    private static void rotate(float[] y, int a, int b, int step, float[] angles, int at, int half, boolean back) {
        float sign = back ? -1 : 1;
        for (int i = 0; i < half; i++) {
            float cos = angles[at + i];
            float sin = sign * angles[at + half + i];
            float u = y[a + i * step];
            float v = y[b + i * step];
            y[a + i * step] = u * cos - v * sin;
            y[b + i * step] = v * cos + u * sin;
        }
    }

    /**
     * Describes the rotation of queries or keys from position 0 on by standard operators.
     *
     * @param graph takes the operators
     * @param x [batch x time x heads * size]
     * @param heads the number of heads
     * @return the result, of the shape of x
     * @throws IllegalArgumentException if a head has fewer features than are rotated, or an odd number
     */
    public Value export(OperatorGraph graph, Value x, int heads) {
        Objects.requireNonNull(graph, "graph");
        int batch = x.shape().dim(0);
        int time = x.shape().dim(1);
        int size = x.shape().dim(2) / heads;
        int count = rotatedOf(size);
        int half = count / 2;
        boolean inPairs = pairs == Pairs.INTERLEAVED;
        Value all = graph.reshape(x, Shape.of(batch, time, heads, size));
        Value turned = count == size ? all : part(graph, all, 3, 0, count);
        Value split = inPairs ? graph.reshape(turned, Shape.of(batch, time, heads, half, 2)) : turned;
        int axis = inPairs ? 4 : 3;
        Value a = part(graph, split, axis, 0, inPairs ? 1 : half);
        Value b = part(graph, split, axis, inPairs ? 1 : half, inPairs ? 2 : count);
        Shape row = inPairs ? Shape.of(time, 1, half, 1) : Shape.of(time, 1, half);
        Value cos;
        Value sin;
        if (time == Shape.ANY) {
            PositionOperators positions = PositionOperators.of(graph, x, angles(size));
            Value axes = inPairs ? graph.wholes("axes", 1, 3) : graph.wholes("axes", 1);
            cos = graph.call("Unsqueeze", positions.cosines(), axes).gives(row);
            sin = graph.call("Unsqueeze", positions.sines(), axes).gives(row);
        } else {
            Tensor table = table(time, size);
            Tensor cosines = Tensor.zeros(time, half);
            Tensor sines = Tensor.zeros(time, half);
            table.sliceInto(1, 0, cosines);
            table.sliceInto(1, half, sines);
            cos = graph.constant("cosines", cosines.reshape(row));
            sin = graph.constant("sines", sines.reshape(row));
        }
        Value first = graph.elementwise("Sub", product(graph, a, cos), product(graph, b, sin));
        Value second = graph.elementwise("Add", product(graph, b, cos), product(graph, a, sin));
        Value joined = graph.call("Concat", first, second).with("axis", axis).gives(split.shape());
        Value rotated = inPairs ? graph.reshape(joined, turned.shape()) : joined;
        Value whole = count == size
                ? rotated
                : graph.call("Concat", rotated, part(graph, all, 3, count, size))
                        .with("axis", 3)
                        .gives(all.shape());
        return graph.reshape(whole, x.shape());
    }

    private static Value product(OperatorGraph graph, Value x, Value table) {
        return graph.call("Mul", x, table).gives(x.shape());
    }

    private static Value part(OperatorGraph graph, Value x, int axis, int from, int to) {
        return graph.call(
                        "Slice", x, graph.wholes("starts", from), graph.wholes("ends", to), graph.wholes("axes", axis))
                .gives(x.shape().withDim(axis, to - from));
    }

    /** Such as {@code Rotary HALVES, base 10000.0}, and the number of rotated features if it is given. */
    @Override
    public String toString() {
        return "Rotary " + pairs + ", base " + base + (rotated == 0 ? "" : ", " + rotated + " features");
    }
}
