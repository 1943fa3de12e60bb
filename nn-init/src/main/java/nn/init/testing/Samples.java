package nn.init.testing;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import nn.init.Fans;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * The tensors of a check: one for each seed, read as matrices [all dimensions but the last x last].
 */
final class Samples {
    /** Random bits that a value must have at least; the library's uniform values have 24. */
    static final int BITS = 22;

    final Initializer initializer;
    final Shape shape;
    final Fans fans;
    final long[] seeds;
    final int size;
    final int rows;
    final int columns;

    /** The values of all seeds, one after the other. */
    final float[] values;

    /** How many values were drawn until now, with any key, and how many of them are not finite. */
    private long drawn;

    private long notFinite;

    Samples(Initializer initializer, Shape shape, Fans fans, long[] seeds) {
        this.initializer = initializer;
        this.shape = shape;
        this.fans = fans;
        this.seeds = seeds;
        size = shape.size();
        columns = shape.rank() == 0 || size == 0 ? size : shape.dim(-1);
        rows = size == 0 ? 0 : size / columns;
        if ((long) size * seeds.length > Shape.MAX_SIZE) {
            throw new IllegalArgumentException("conformance: " + seeds.length + " seeds of " + size + " values, as for"
                    + " shape " + shape + ", are more than " + Shape.MAX_SIZE + " in all; take fewer seeds");
        }
        values = Tensor.zeros(size * seeds.length).array();
        for (int s = 0; s < seeds.length; s++) {
            System.arraycopy(with(Key.of(seeds[s])).array(), 0, values, s * size, size);
        }
    }

    /** The fans as a shape has them: [taps ... x inputs x units]. */
    Fans fansOfShape() {
        if (shape.rank() < 2 || size == 0) {
            return fans;
        }
        int taps = rows / shape.dim(-2);
        return new Fans(rows, (double) taps * columns);
    }

    /** Fans whose sum is that of all dimensions, as it is for a matrix. */
    Fans fansOfSum() {
        double sum = 0;
        for (int dimension : shape.dims()) {
            sum += dimension;
        }
        return new Fans(sum / 2, sum / 2);
    }

    /** The key of the first seed, for checks of single tensors. */
    Key key() {
        return Key.of(seeds[0]);
    }

    /** Fills a new tensor; elements that are not written stay NaN. */
    Tensor with(Key key) {
        return filled(Float.NaN, key);
    }

    Tensor filled(float before, Key key) {
        Tensor out = Tensor.zeros(shape);
        out.fill(before);
        initializer.fill(out, fans, key);
        drawn += size;
        for (int i = 0; i < size; i++) {
            notFinite += Float.isFinite(out.array()[out.offset() + i]) ? 0 : 1;
        }
        return out;
    }

    long drawn() {
        return drawn;
    }

    long notFinite() {
        return notFinite;
    }

    /** How many lines of independent values are expected to equal another one. */
    double equalLinesByChance(int count, int length, boolean signBlind) {
        double pairs = (signBlind ? 1 : 0.5) * count * count; // of both signs, or of one
        return Math.scalb(pairs, -BITS * Math.min(length, 40));
    }

    /**
     * How many lines of the first seed's matrix begin like an earlier one, maybe with the other sign: element j of line
     * i is at i * step + j * stride.
     */
    int equalLines(int count, int length, int step, int stride, boolean signBlind) {
        Set<List<Float>> seen = new HashSet<>();
        int equal = 0;
        for (int i = 0; i < count; i++) {
            Float[] line = new Float[length];
            float sign = signBlind && values[i * step] < 0 ? -1 : 1;
            for (int j = 0; j < length; j++) {
                line[j] = sign * values[i * step + j * stride];
            }
            equal += seen.add(List.of(line)) ? 0 : 1;
        }
        return equal;
    }

    /** Whether a tensor has the same bits as that of the first seed. */
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
