package nn.layers.dense;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.LinearMap;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.WeightMapping;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/**
 * A table with one row of numbers for each entry, such as a character of an alphabet: maps an index to its row. This
 * equals the product of a one-hot vector and a dense weight, without the multiplication.
 *
 * <p>Shapes: x [...], whole numbers from 0 to {@code entries - 1} in a float tensor; y [... x units]; {@code weight}
 * [entries x units]. An index has no gradient, so the pullback returns zeros.
 *
 * <p>By default the table is drawn from N(0, 1). One entry at a time feeds a unit, so the fans are (1, units).
 */
public final class Embedding implements Layer {
    /** A float holds every whole number up to this one. */
    private static final int MAX_ENTRIES = 1 << 24;

    private final int entries;
    private final int units;
    private final Parameter weight;

    private Embedding(Config config, Key key) {
        this.entries = config.entries;
        this.units = config.units;
        if (entries < 1 || units < 1) {
            throw new IllegalArgumentException(this + ": a table has at least one entry and one unit");
        }
        if (entries > MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    this + ": an index is a whole number in a float, exact up to " + MAX_ENTRIES);
        }
        weight = Parameter.create(
                "weight",
                Parameter.Kind.WEIGHT,
                Shape.of(entries, units),
                Fans.embedding(entries, units),
                config.weight,
                key);
    }

    /**
     * Makes an embedding with default initialization.
     *
     * @param entries rows of the table, 1 to 16,777,216
     * @param units features of a row, at least 1
     * @param key the layer's key, which determines the table
     * @return the layer
     * @throws IllegalArgumentException if a size is out of its range
     */
    public static Embedding of(int entries, int units, Key key) {
        return of(entries, units).create(key);
    }

    /**
     * Describes an embedding with default initialization.
     *
     * @param entries rows of the table, 1 to 16,777,216
     * @param units features of a row, at least 1
     * @return a description with default initialization
     */
    public static Config of(int entries, int units) {
        return new Config(entries, units, Init.normal(1));
    }

    /** The description of an embedding: an immutable factory. */
    public static final class Config implements LayerFactory {
        private final int entries;
        private final int units;
        private final Initializer weight;

        private Config(int entries, int units, Initializer weight) {
            this.entries = entries;
            this.units = units;
            this.weight = weight;
        }

        /**
         * Sets the initializer of the table.
         *
         * @param initializer fills [entries x units]
         * @return a copy with this initializer
         */
        public Config weight(Initializer initializer) {
            return new Config(entries, units, Objects.requireNonNull(initializer, "weight initializer"));
        }

        @Override
        public Embedding create(Shape in, Key key) {
            Objects.requireNonNull(in, "shape");
            return create(key);
        }

        /**
         * Makes the layer, which takes indices of any shape.
         *
         * @param key the layer's key, which determines the table
         * @return the layer
         * @throws IllegalArgumentException if a size is out of its range
         */
        public Embedding create(Key key) {
            return new Embedding(this, key);
        }
    }

    @Override
    public Pass newPass() {
        return new Lookup();
    }

    /** Copies rows from the table, and adds gradients to them. */
    private final class Lookup extends Pass {
        private Tensor x;

        Lookup() {
            super(Embedding.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            this.x = save(x);
            Tensor y = context.empty(outputShape());
            Tensor table = weight.value();
            for (int i = 0; i < x.size(); i++) {
                copyRow(table, index(x, i), y, i);
            }
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            backwardParameters(dy, gradients);
            Tensor dx = context().empty(inputShape());
            dx.fill(0f);
            return dx;
        }

        @Override
        protected void backwardParameters(Tensor dy, Gradients gradients) {
            Tensor dTable = gradients.of(weight);
            Tensor rows = dy.reshape(x.size(), units);
            for (int i = 0; i < x.size(); i++) {
                dTable.row(index(x, i)).addInPlace(rows.row(i));
            }
        }
    }

    private void copyRow(Tensor table, int row, Tensor y, int at) {
        System.arraycopy(table.array(), table.offset() + row * units, y.array(), y.offset() + at * units, units);
    }

    private int index(Tensor x, int at) {
        float value = x.array()[x.offset() + at];
        if (!(value >= 0 && value < entries) || value != (int) value) {
            throw new IllegalArgumentException(this + ": element " + Arrays.toString(place(x, at)) + " of the input "
                    + x.shape() + " is " + value + "; an index is a whole number from 0 to " + (entries - 1));
        }
        return (int) value;
    }

    /** Returns the indices of an element: axis 0 is time or the batch, so a row alone would not name it. */
    private static int[] place(Tensor x, int at) {
        int[] place = x.shape().dims();
        int rest = at;
        for (int axis = place.length - 1; axis >= 0; axis--) {
            int size = place[axis];
            place[axis] = rest % size;
            rest /= size;
        }
        return place;
    }

    /**
     * Returns an output layer with this table as its weight: y = x W', one score per entry. The two layers share the
     * parameter (Press and Wolf, <i>Using the output embedding to improve language models</i>, EACL 2017).
     *
     * <p>Shapes: x [... x units], y [... x entries].
     *
     * @return the layer
     */
    public Layer tied() {
        return new Tied(this);
    }

    private record Tied(Embedding embedding) implements Layer {
        @Override
        public Pass newPass() {
            return new Scores();
        }

        /** Computes x W' and its gradients. */
        private final class Scores extends Pass {
            private Tensor x;

            Scores() {
                super(Tied.this);
            }

            @Override
            protected Tensor forward(Tensor x, Context context) {
                this.x = save(x);
                Tensor y = context.empty(outputShape());
                x.matmulInto(embedding.weight.value(), Transposed.RIGHT, y);
                return y;
            }

            @Override
            protected Tensor backward(Tensor dy, Gradients gradients) {
                backwardParameters(dy, gradients);
                Tensor dx = context().empty(inputShape());
                dy.matmulInto(embedding.weight.value(), Transposed.NONE, dx); // dx = dy W
                return dx;
            }

            @Override
            protected void backwardParameters(Tensor dy, Gradients gradients) {
                gradients.addWeightGradient(embedding.weight, dy, x); // dW += dy' x
            }
        }

        @Override
        public Shape outputShape(Shape in) {
            if (in.rank() == 0 || in.dim(-1) != embedding.units) {
                String expected = "[... x " + embedding.units + "]";
                throw new ShapeException(this + ": expected " + expected + ", got " + in, expected, in);
            }
            return in.withLast(embedding.entries);
        }

        @Override
        public List<Parameter> parameters() {
            return embedding.parameters();
        }

        @Override
        public Optional<LinearMap> linearMap() {
            return Optional.of(new LinearMap(embedding.weight, Optional.empty(), 1));
        }

        @Override
        public String toString() {
            return "Tied " + embedding.units + " -> " + embedding.entries;
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        int[] dims = new int[in.rank() + 1];
        System.arraycopy(in.dims(), 0, dims, 0, in.rank());
        dims[in.rank()] = units;
        return Shape.of(dims);
    }

    @Override
    public boolean takesIndices() {
        return true;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(weight);
    }

    /** Maps the table to PyTorch's {@code weight}, which is [entries x units] too. */
    @Override
    public List<WeightMapping> torchMapping() {
        return List.of(WeightMapping.of("weight", weight));
    }

    /**
     * The table.
     *
     * @return of shape [entries x units]
     */
    public Parameter weight() {
        return weight;
    }

    /** Returns a text such as {@code Embedding 64 -> 16}. */
    @Override
    public String toString() {
        return "Embedding " + entries + " -> " + units;
    }
}
