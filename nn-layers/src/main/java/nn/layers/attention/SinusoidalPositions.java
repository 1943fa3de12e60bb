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

    private void fill(long position, float[] to, int at, int features) {
        int half = features / 2;
        for (int j = 0; j < features; j++) {
            boolean interleaved = order == Order.INTERLEAVED;
            if (!interleaved && j == 2 * half) {
                to[at + j] = 0;
                continue;
            }
            int i = interleaved ? j / 2 : j % half;
            double exponent = interleaved ? 2.0 * i / features : (double) i / Math.max(1, half - 1);
            double angle = position * StrictMath.pow(BASE, -exponent);
            boolean sine = interleaved ? j % 2 == 0 : j < half;
            to[at + j] = (float) (sine ? StrictMath.sin(angle) : StrictMath.cos(angle));
        }
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

    /** Such as {@code SinusoidalPositions INTERLEAVED}. */
    @Override
    public String toString() {
        return "SinusoidalPositions " + order;
    }
}
