package nn.layers.dense;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.PaddingRow;
import nn.init.VarianceScaling;
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
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * A table with one row of numbers for each entry, such as a character of an alphabet: maps an index to its row. This
 * equals the product of a one-hot vector and a dense weight, without the multiplication.
 *
 * <p>Shapes: x [...], whole numbers from 0 to {@code entries - 1} in a float tensor; y [... x units]; {@code weight}
 * [entries x units]. An index has no gradient, so the pullback returns zeros.
 *
 * <p>By default the table is drawn from N(0, 1), or from N(0, 1 / units) if an output is {@linkplain #tied tied} to it.
 * One entry at a time feeds a unit, so the fans are (1, units).
 *
 * <p>One entry may stand for {@linkplain Config#padding padding}: its row is zero from the start, gets no gradient, and
 * so stays zero under every optimizer of this library, with weight decay and momentum, too.
 */
public final class Embedding implements Layer {
    /** A float holds every whole number up to this one. */
    private static final int MAX_ENTRIES = 1 << 24;

    private static final Initializer DEFAULT = Init.normal(1);

    /** N(0, 1 / units): a score is a sum of that many products. */
    private static final Initializer DEFAULT_TIED = new VarianceScaling(1, Fan.OUT, Distribution.NORMAL);

    private final int entries;
    private final int units;
    private final OptionalInt padding;
    private final boolean isDefault; // whether the initializer is the default
    private final Parameter weight;

    private Embedding(Config config, Key key) {
        this.entries = config.entries;
        this.units = config.units;
        this.padding = config.padding;
        this.isDefault = config.weight.isEmpty();
        if (entries < 1 || units < 1) {
            throw new IllegalArgumentException(this + ": a table has at least one entry and one unit");
        }
        if (entries > MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    this + ": an index is a whole number in a float, exact up to " + MAX_ENTRIES);
        }
        if (padding.isPresent() && padding.getAsInt() >= entries) {
            throw new IllegalArgumentException(this + ": the entry for padding must be below the number of entries");
        }
        Initializer table = config.weight.orElse(DEFAULT);
        Shape shape = Shape.of(entries, units);
        Fans fans = Fans.embedding(entries, units);
        weight = padding.isPresent()
                ? Parameter.createPadded("weight", shape, fans, table, key, padding.getAsInt())
                : Parameter.create("weight", Parameter.Kind.WEIGHT, shape, fans, table, key);
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
        return new Config(entries, units, Optional.empty(), OptionalInt.empty());
    }

    /** The description of an embedding: an immutable factory. */
    public static final class Config implements LayerFactory {
        private final int entries;
        private final int units;
        private final Optional<Initializer> weight; // empty: the default
        private final OptionalInt padding;

        private Config(int entries, int units, Optional<Initializer> weight, OptionalInt padding) {
            this.entries = entries;
            this.units = units;
            this.weight = weight;
            this.padding = padding;
        }

        /**
         * Sets the initializer of the table.
         *
         * @param initializer fills [entries x units]
         * @return a copy with this initializer
         */
        public Config weight(Initializer initializer) {
            Objects.requireNonNull(initializer, "weight initializer");
            return new Config(entries, units, Optional.of(initializer), padding);
        }

        /**
         * Sets the entry that stands for padding. Its row is zero, whatever the initializer gives it, and stays zero:
         * neither a lookup nor a tied output gives it a gradient. A tied output gives the entry the score 0. Values of
         * a file that has another row are refused.
         *
         * @param entry such as 0, from 0 to below the number of entries
         * @return a copy with this entry
         * @throws IllegalArgumentException if the entry is negative; one beyond the table is refused by {@link #create}
         */
        public Config padding(int entry) {
            if (entry < 0) {
                throw new IllegalArgumentException(
                        "embedding: the entry for padding, " + entry + ", must be 0 or more");
            }
            return new Config(entries, units, weight, OptionalInt.of(entry));
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
        private final Shape rowShape = Shape.of(1, units);
        private Tensor x;

        Lookup() {
            super(Embedding.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            this.x = save(x);
            Tensor y = context.empty(outputShape());
            Tensor table = context.value(weight);
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
            if (padding.isEmpty()) {
                dTable.addToRows(x, dy);
                return;
            }
            // the row of the padding is put back: its gradient is not changed
            Tensor kept = context().empty(rowShape);
            copyRow(dTable, padding.getAsInt(), kept, 0);
            dTable.addToRows(x, dy);
            copyRow(kept, 0, dTable, padding.getAsInt());
            context().release(kept);
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
     * <p>With entries of N(0, 1), features of second moment 1 would give scores of variance {@code units}, and a first
     * cross-entropy far above that of equal probabilities, ln(entries): 100 for 512 units. So a table with default
     * initialization that is as it was drawn is drawn again here, from N(0, 1 / units) with the same key. A table with
     * an initializer of its own stays as it is, and so does one that was trained.
     *
     * @return the layer
     */
    public Layer tied() {
        if (isDefault && isAsDrawn()) {
            weight.draw(DEFAULT_TIED);
        }
        return new Tied(this);
    }

    private boolean isAsDrawn() {
        Initializer scheme = weight.initializer() instanceof PaddingRow padded ? padded.base() : weight.initializer();
        Tensor drawn = Tensor.zeros(weight.value().shape());
        weight.initializer().fill(drawn, weight.fans(), weight.key());
        return scheme.equals(DEFAULT) && drawn.bitEquals(weight.value());
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
                x.matmulInto(context.value(embedding.weight), Transposed.RIGHT, y);
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
                embedding.padding.ifPresent(
                        row -> gradients.of(embedding.weight).row(row).fill(0f));
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
        public Value export(OperatorGraph graph, Value x) {
            Value table = graph.constant("weight", embedding.weight.value());
            return graph.call("MatMul", x, graph.transpose(table, 1, 0)).gives(outputShape(x.shape()));
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

    /**
     * The entry that stands for padding.
     *
     * @return the entry; empty if there is none
     */
    public OptionalInt padding() {
        return padding;
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Value table = graph.constant("weight", weight.value());
        return graph.call("Gather", table, graph.cast(x, ElementKind.INT64))
                .with("axis", 0)
                .gives(outputShape(x.shape()));
    }

    /** Returns a text such as {@code Embedding 64 -> 16}, or {@code Embedding 64 -> 16, padding 0}. */
    @Override
    public String toString() {
        return "Embedding " + entries + " -> " + units + (padding.isPresent() ? ", padding " + padding.getAsInt() : "");
    }
}
