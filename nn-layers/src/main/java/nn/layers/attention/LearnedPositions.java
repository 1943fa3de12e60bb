package nn.layers.attention;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.WeightMapping;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * Adds a learned row of numbers to every position: {@code y[b][t] = x[b][t] + weight[t]}.
 *
 * <p>Shapes: x and y [batch x time x features], {@code weight} [positions x features]. A longer sequence than there are
 * positions is refused. In a {@linkplain nn.layers.Carry carrying} context the first position of a chunk is the one
 * after the last of the chunk before.
 *
 * <p>By default the table is drawn from N(0, 0.01^2), as in the published code of GPT-2, beside word embeddings of
 * N(0, 0.02^2). Give it {@link Config#weight another initializer} together with that of the {@link
 * nn.layers.dense.Embedding}, whose default is N(0, 1): the sum should not hide one of the two. One position at a time
 * feeds a feature, so the fans are (1, features).
 */
public final class LearnedPositions implements Layer {
    /** The standard deviation of the table in GPT-2. */
    private static final double STDDEV = 0.01;

    private final int positions;
    private final int features;
    private final Parameter weight;

    private LearnedPositions(int features, Config config, Key key) {
        this.positions = config.positions;
        this.features = features;
        if (features < 1) {
            throw new IllegalArgumentException("LearnedPositions of " + features + " features; give at least 1");
        }
        weight = Parameter.create(
                "weight",
                Parameter.Kind.WEIGHT,
                Shape.of(positions, features),
                Fans.embedding(positions, features),
                config.weight,
                key);
    }

    /**
     * Describes the layer.
     *
     * @param positions the length of the longest sequence, at least 1
     * @return a description with default initialization
     * @throws IllegalArgumentException if the number is below 1
     */
    public static Config of(int positions) {
        return new Config(positions, Init.normal(STDDEV));
    }

    /** The description of learned positions: an immutable factory. */
    public static final class Config implements LayerFactory {
        private final int positions;
        private final Initializer weight;

        private Config(int positions, Initializer weight) {
            this.positions = positions;
            this.weight = weight;
            if (positions < 1) {
                throw new IllegalArgumentException(positions + " learned positions; give at least 1");
            }
        }

        /**
         * Sets the initializer of the table.
         *
         * @param initializer fills [positions x features]
         * @return a copy with this initializer
         */
        public Config weight(Initializer initializer) {
            return new Config(positions, Objects.requireNonNull(initializer, "weight initializer"));
        }

        @Override
        public LearnedPositions create(Shape in, Key key) {
            if (in.rank() != 3 || in.dim(2) == Shape.ANY) {
                throw new ShapeException(
                        "LearnedPositions: expected [batch x time x features] with a known number of features, got "
                                + in,
                        "[batch x time x features]",
                        in);
            }
            return create(in.dim(2), key);
        }

        /**
         * Makes the layer.
         *
         * @param features of a position, at least 1
         * @param key the layer's key, which determines the table
         * @return the layer
         * @throws IllegalArgumentException if the number of features is below 1
         */
        public LearnedPositions create(int features, Key key) {
            return new LearnedPositions(features, this, key);
        }
    }

    @Override
    public Pass newPass() {
        return new Adding();
    }

    /** Adds rows of the table, and gradients to them. */
    private final class Adding extends Pass {
        private int first;

        Adding() {
            super(LearnedPositions.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            first = Position.begin(LearnedPositions.this, x, context);
            if (first + x.dim(1) > positions) {
                throw new IllegalArgumentException(LearnedPositions.this + ": got " + (first + x.dim(1))
                        + " positions, and has a row for " + positions + "; make the layer with LearnedPositions.of("
                        + (first + x.dim(1)) + ") or more, or cut the sequences");
            }
            Tensor y = context.empty(outputShape());
            Position.add(x, context.value(weight), first, y);
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            backwardParameters(dy, gradients);
            return dy;
        }

        @Override
        protected void backwardParameters(Tensor dy, Gradients gradients) {
            Position.addGradient(dy, first, gradients.of(weight));
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() != 3 || in.dim(2) != features) {
            String expected = "[batch x time x " + features + "]";
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
    public List<Parameter> parameters() {
        return List.of(weight);
    }

    /** Maps the table to the {@code weight} of a {@code torch.nn.Embedding}, [positions x features] too. */
    @Override
    public List<WeightMapping> torchMapping() {
        return List.of(WeightMapping.of("weight", weight));
    }

    /**
     * The table.
     *
     * @return of shape [positions x features]
     */
    public Parameter weight() {
        return weight;
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        int time = x.shape().dim(1);
        if (time > positions) {
            throw graph.refused(time + " positions, as " + this + " has fewer rows");
        }
        Value table = graph.constant("weight", weight.value());
        Value rows = time == positions
                ? table
                : graph.call("Slice", table, graph.wholes("starts", 0), graph.size(x, 1), graph.wholes("axes", 0))
                        .gives(Shape.of(time, features));
        return graph.elementwise("Add", x, rows);
    }

    /** Such as {@code LearnedPositions 256 x 64}. */
    @Override
    public String toString() {
        return "LearnedPositions " + positions + " x " + features;
    }
}
