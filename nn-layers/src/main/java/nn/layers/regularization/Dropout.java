package nn.layers.regularization;

import java.util.Objects;
import nn.init.nonlinearity.ElementwiseKernel;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * Sets a random fraction of the values to zero in training, and divides the others by the fraction that is kept, which
 * preserves the mean. In inference, returns its input (Srivastava and others, <i>Dropout: a simple way to prevent
 * neural networks from overfitting</i>, JMLR 2014; scaled in training, "inverted dropout").
 *
 * <p>Shapes: x and y have the same shape, of any rank.
 *
 * <p>The choice of values is a pure function of the {@linkplain Context#key() step's key}, the layer's key and the
 * place in the pass: element i is kept if u &gt;= 2 rate - 1, where u is the i-th {@linkplain Key#uniform uniform}
 * value in (-1, 1) of the {@linkplain Context#key(Key) key for this place}; i counts in the batch, or in the
 * {@linkplain nn.layers.BatchParts part} of it that has the key, such as a virtual shard. So a repeated step drops
 * the same values. Another layer, or the same layer in another place of the model, drops others.
 *
 * <p>Dropout multiplies the second moment by {@code 1 / (1 - rate)} in training. {@link nn.init.Init#afterDropout}
 * reduces the variance of the next weight accordingly.
 *
 * @param rate the fraction that is set to zero, from 0 to below 1
 * @param key the layer's key
 */
public record Dropout(double rate, Key key) implements Layer {
    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if the rate is out of its range, or so near to its ends that none or all of the
     *     values would be set to zero
     */
    public Dropout {
        requireRate(rate);
        Objects.requireNonNull(key, "key");
    }

    /**
     * Describes a dropout layer, whose key will be that of its place in the network.
     *
     * @param rate the fraction that is set to zero, from 0 to below 1
     * @return the description
     * @throws IllegalArgumentException if the rate is out of its range, or so near to its ends that none or all of the
     *     values would be set to zero
     */
    public static Config of(double rate) {
        return new Config(rate);
    }

    /**
     * The description of a dropout layer: an immutable factory.
     *
     * @param rate the fraction that is set to zero, from 0 to below 1
     */
    public record Config(double rate) implements LayerFactory {
        /**
         * Checks the argument.
         *
         * @throws IllegalArgumentException if the rate is out of its range
         */
        public Config {
            requireRate(rate);
        }

        @Override
        public Dropout create(Shape in, Key key) {
            Objects.requireNonNull(in, "shape");
            return new Dropout(rate, key);
        }

        @Override
        public boolean isTransparent() {
            return true;
        }
    }

    private static void requireRate(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout: rate " + rate
                    + " must be from 0 to below 1: it is the fraction of values that are set to zero, such as 0.5");
        }
        float limit = limit(rate);
        if (rate > 0 && limit <= Math.nextUp(-1f) || limit == 1) { // uniform numbers have 24 bits
            throw new IllegalArgumentException("dropout: rate " + rate + " would set " + (limit == 1 ? "all" : "none")
                    + " of the values to zero, for random numbers have 24 bits: give one from 6e-8 to 0.99999997,"
                    + " or exactly 0");
        }
    }

    /** Values whose uniform number is below it are set to zero. */
    private static float limit(double rate) {
        return (float) (2 * rate - 1);
    }

    @Override
    public Pass newPass() {
        return new MaskProduct();
    }

    /** Multiplies by a mask, forward and backward. */
    private final class MaskProduct extends Pass {
        private @Nullable Tensor mask; // null in inference

        MaskProduct() {
            super(Dropout.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            mask = context.training() ? save(newMask(x.shape(), context)) : null;
            return masked(x);
        }

        /** Returns 0 where a value is dropped, 1 / (1 - rate) where it is kept. */
        private Tensor newMask(Shape shape, Context context) {
            Tensor mask = context.empty(shape);
            draw(key, mask, (own, rows) -> own.uniform(rows, -1f, 1f));
            float limit = limit(rate);
            float scale = (float) (1 / (1 - rate));
            float[] m = mask.array();
            int end = mask.offset() + mask.size();
            for (int i = mask.offset(); i < end; i++) {
                m[i] = ElementwiseKernel.choose(limit - m[i], 0f, scale);
            }
            return mask;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            return masked(dy);
        }

        private Tensor masked(Tensor x) {
            if (mask == null) {
                return x;
            }
            Tensor y = context().empty(mask.shape());
            x.multiplyInto(mask, y);
            return y;
        }
    }

    /** Returns true: a part of the batch draws with its own key. */
    @Override
    public boolean isRowwise() {
        return true;
    }

    @Override
    public double dropoutRate() {
        return rate;
    }

    @Override
    public boolean isTransparent() {
        return true;
    }

    @Override
    public Shape outputShape(Shape in) {
        return Objects.requireNonNull(in, "shape");
    }

    /** Adds nothing: in inference, this layer gives its input. */
    @Override
    public Value export(OperatorGraph graph, Value x) {
        Objects.requireNonNull(graph, "graph");
        return Objects.requireNonNull(x, "x");
    }

    /** Returns a text such as {@code Dropout 0.5}. */
    @Override
    public String toString() {
        return "Dropout " + rate;
    }
}
