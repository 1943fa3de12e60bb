package nn.init.testing;

import nn.init.Fans;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * The tensors that a check looks at: one for each seed, all read as matrices of all dimensions but the last by the
 * last.
 */
final class Draws {
    final Initializer initializer;
    final Shape shape;
    final Fans fans;
    final long[] seeds;
    final int size;
    final int rows;
    final int columns;

    /** Of all seeds, one behind the other. */
    final float[] values;

    Draws(Initializer initializer, Shape shape, Fans fans, long[] seeds) {
        this.initializer = initializer;
        this.shape = shape;
        this.fans = fans;
        this.seeds = seeds;
        size = shape.size();
        columns = shape.rank() == 0 || size == 0 ? size : shape.dim(-1);
        rows = size == 0 ? 0 : size / columns;
        values = new float[Math.multiplyExact(size, seeds.length)];
        for (int s = 0; s < seeds.length; s++) {
            System.arraycopy(with(Key.of(seeds[s])).array(), 0, values, s * size, size);
        }
    }

    /** The key of the first seed, which the checks of single tensors use. */
    Key key() {
        return Key.of(seeds[0]);
    }

    /** A tensor of its own, where what is not written stays NaN. */
    Tensor with(Key key) {
        return filled(Float.NaN, key);
    }

    Tensor filled(float before, Key key) {
        Tensor out = Tensor.zeros(shape);
        out.fill(before);
        initializer.fill(out, fans, key);
        return out;
    }

    /** Whether a tensor has the bits of the first seed's. */
    boolean isFirst(Tensor out) {
        for (int i = 0; i < size; i++) {
            if (differs(out.array()[out.offset() + i], i)) {
                return false;
            }
        }
        return true;
    }

    boolean differs(float value, int index) {
        return Float.floatToRawIntBits(value) != Float.floatToRawIntBits(values[index]);
    }
}
