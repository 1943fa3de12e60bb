package nn.layers.dense;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.LinearMap;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.internal.DefaultWeights;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * A fully connected layer: y = x W + b for every row of x.
 *
 * <p>Shapes: x [... x inputs], y [... x units], {@code weight} W [inputs x units], {@code bias} b [units]. The W of a
 * textbook that writes y = W x + b is the transpose of this one. The fans of both parameters are (inputs, units).
 *
 * <p>By default W is Xavier uniform and b zero, as in Keras. In a network, W {@linkplain nn.init.Gain#suitable suits}
 * the nonlinearity that follows. Before a {@linkplain Nonlinearity#negativeSlope rectifier}, such as ReLU or leaky
 * ReLU, it is He normal, because the rectifier removes half of the signal. Before SELU it is LeCun normal, as its
 * self-normalization requires (Klambauer and others, 2017). Before others it is normal with the suitable gain and the
 * fan in: 4 for a sigmoid, 1.53 for GELU, 1.25 for ELU. It stays Xavier uniform where that gain is 1, as for tanh.
 * {@linkplain Layer#isTransparent Transparent} layers in between, such as dropout or a normalization, change nothing.
 */
public final class Dense implements Layer {
    private final Parameter weight;
    private final @Nullable Parameter bias; // null if there is none
    private final int inputs;
    private final int units;

    private Dense(int inputs, Config config, Key key) {
        this.inputs = inputs;
        this.units = config.units;
        if (inputs < 1 || units < 1) {
            throw new IllegalArgumentException(
                    "Dense " + inputs + " -> " + units + ": a layer has at least one input and one unit");
        }
        Fans fans = Fans.dense(inputs, units);
        Initializer weights = config.weight == null ? Init.xavierUniform() : config.weight;
        weight = Parameter.create("weight", Parameter.Kind.WEIGHT, Shape.of(inputs, units), fans, weights, key);
        bias = config.bias == null
                ? null
                : Parameter.create("bias", Parameter.Kind.BIAS, Shape.of(units), fans, config.bias, key);
    }

    /**
     * Makes a dense layer with default initialization.
     *
     * @param inputs features of the input, at least 1
     * @param units features of the output, at least 1
     * @param key the layer's key, which determines the weights
     * @return the layer
     * @throws IllegalArgumentException if a size is below 1
     */
    public static Dense of(int inputs, int units, Key key) {
        return units(units).create(inputs, key);
    }

    /**
     * Describes a dense layer whose inputs are not known yet.
     *
     * @param units features of the output, at least 1
     * @return a description with default initialization and a bias
     */
    public static Config units(int units) {
        return new Config(units, null, Init.zeros());
    }

    /** The description of a dense layer: an immutable factory. */
    public static final class Config implements LayerFactory {
        private final int units;
        private final @Nullable Initializer weight; // null: chosen by the nonlinearity that follows
        private final @Nullable Initializer bias; // null: no bias

        private Config(int units, @Nullable Initializer weight, @Nullable Initializer bias) {
            this.units = units;
            this.weight = weight;
            this.bias = bias;
        }

        /**
         * Sets the initializer of the weight.
         *
         * @param initializer fills [inputs x units]
         * @return a copy with this initializer
         */
        public Config weight(Initializer initializer) {
            return new Config(units, Objects.requireNonNull(initializer, "weight initializer"), bias);
        }

        /**
         * Sets the initializer of the bias.
         *
         * @param initializer fills [units]
         * @return a copy with this initializer
         */
        public Config bias(Initializer initializer) {
            return new Config(units, weight, Objects.requireNonNull(initializer, "bias initializer"));
        }

        /**
         * Leaves out the bias.
         *
         * @return a copy without a bias
         */
        public Config withoutBias() {
            return new Config(units, weight, null);
        }

        @Override
        public Config followedBy(Nonlinearity next) {
            return weight != null
                    ? this
                    : DefaultWeights.before(next).map(this::weight).orElse(this);
        }

        @Override
        public Dense create(Shape in, Key key) {
            if (in.rank() == 0 || in.dim(-1) == Shape.ANY) {
                throw new ShapeException(
                        "Dense: expected [... x inputs] with a known number of inputs, got " + in,
                        "[... x inputs]",
                        in);
            }
            return create(in.dim(-1), key);
        }

        /**
         * Makes the layer.
         *
         * @param inputs features of the input, at least 1
         * @param key the layer's key, which determines the weights
         * @return the layer
         * @throws IllegalArgumentException if a size is below 1
         */
        public Dense create(int inputs, Key key) {
            return new Dense(inputs, this, key);
        }
    }

    @Override
    public Pass newPass() {
        return new Affine();
    }

    /** Computes x W + b and its gradients. */
    private final class Affine extends Pass {
        private Tensor x;

        Affine() {
            super(Dense.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            this.x = save(x);
            Tensor y = context.empty(outputShape());
            if (bias == null) {
                context.linearInto(x, weight, y);
            } else {
                context.affineInto(x, weight, bias, y);
            }
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            backwardParameters(dy, gradients);
            Tensor dx = context().empty(inputShape());
            dy.matmulInto(weight.value(), Transposed.RIGHT, dx); // dx = dy W'
            return dx;
        }

        @Override
        protected void backwardParameters(Tensor dy, Gradients gradients) {
            gradients.addWeightGradient(weight, x, dy); // dW += x' dy
            if (bias != null) {
                gradients.addSumOfRows(bias, dy); // db += sum of the rows of dy
            }
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() == 0 || in.dim(-1) != inputs) {
            String expected = (in.rank() == 2 ? "[batch x " : "[... x ") + inputs + "]";
            throw new ShapeException(this + ": expected " + expected + ", got " + in, expected, in);
        }
        return in.withLast(units);
    }

    @Override
    public List<Parameter> parameters() {
        return bias == null ? List.of(weight) : List.of(weight, bias);
    }

    @Override
    public boolean isRowwise() {
        return true;
    }

    @Override
    public Optional<LinearMap> linearMap() {
        return Optional.of(new LinearMap(weight, bias(), 0));
    }

    /**
     * The number of features of the input.
     *
     * @return at least 1
     */
    public int inputs() {
        return inputs;
    }

    /**
     * The number of features of the output.
     *
     * @return at least 1
     */
    public int units() {
        return units;
    }

    /**
     * The weight.
     *
     * @return W [inputs x units]
     */
    public Parameter weight() {
        return weight;
    }

    /**
     * The bias.
     *
     * @return b [units]; empty without a bias
     */
    public Optional<Parameter> bias() {
        return Optional.ofNullable(bias);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Shape out = outputShape(x.shape());
        Value w = graph.constant("weight", weight.value());
        if (bias == null) {
            return graph.call("MatMul", x, w).gives(out);
        }
        Value b = graph.constant("bias", bias.value());
        return out.rank() == 2
                ? graph.call("Gemm", x, w, b).gives(out)
                : graph.elementwise("Add", graph.call("MatMul", x, w).gives(out), b);
    }

    /** Returns a text such as {@code Dense 64 -> 10}. */
    @Override
    public String toString() {
        return "Dense " + inputs + " -> " + units;
    }
}
