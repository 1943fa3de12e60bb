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

/**
 * In training sets a random share of the values to zero and divides the others by the share that is kept, so that the
 * mean stays what it is; otherwise passes everything on unchanged (Srivastava and others, <i>Dropout: a simple way to
 * prevent neural networks from overfitting</i>, JMLR 2014; scaled in training, "inverted").
 *
 * <p>Shapes: x and y alike, any.
 *
 * <p>Which values are set to zero is a pure function of the {@linkplain Context#key() step's key}, the layer's own and
 * the place in the pass: element i stays where u &gt;= 2 rate - 1, for u the i-th {@linkplain Key#uniform uniform}
 * value in (-1, 1) of the {@linkplain Context#key(Key) key for this place}. So a step repeated drops the same values,
 * and another layer other ones, as does the same layer in another place of the model.
 *
 * <p>The values that stay are larger, so the second moment grows by {@code 1 / (1 - rate)} in training: a weight that
 * follows keeps it with a variance that is smaller by as much.
 *
 * @param rate the share that is set to zero, from 0 to below 1
 * @param key the layer's own key
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
     * Describes a dropout layer: its key will be the one of its place.
     *
     * @param rate the share that is set to zero, from 0 to below 1
     * @return a factory
     * @throws IllegalArgumentException if the rate is out of its range, or so near to its ends that none or all of the
     *     values would be set to zero
     */
    public static LayerFactory of(double rate) {
        requireRate(rate);
        return LayerFactory.transparent((in, key) -> new Dropout(rate, key));
    }

    private static void requireRate(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout: rate " + rate
                    + " must be from 0 to below 1: it is the share of values that are set to zero, such as 0.5");
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

    /** The product with a mask, both ways. */
    private final class MaskProduct extends Pass {
        private Tensor mask; // null if everything passes

        MaskProduct() {
            super(Dropout.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            mask = context.training() ? save(mask(x.shape(), context)) : null;
            return masked(x);
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

    /** 0 where a value goes, 1 / (1 - rate) where it stays. */
    private Tensor mask(Shape shape, Context context) {
        Tensor mask = context.empty(shape);
        context.key(key).uniform(mask, -1f, 1f);
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
    public boolean isTransparent() {
        return true;
    }

    @Override
    public Shape outputShape(Shape in) {
        return Objects.requireNonNull(in, "shape");
    }

    /** Such as {@code Dropout 0.5}. */
    @Override
    public String toString() {
        return "Dropout " + rate;
    }
}
