package nn.layers.dense;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
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
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import org.jspecify.annotations.Nullable;

/**
 * y = x W + b for every row of x.
 *
 * <p>Shapes: x [... x inputs], y [... x units], {@code weight} W [inputs x units], {@code bias} b [units]. A textbook
 * that writes y = W x + b means the transpose of this W. Fans of both parameters are (inputs, units).
 *
 * <p>By default W is Glorot uniform and b zero, as in Keras; in a network, a W before a {@linkplain
 * Nonlinearity#negativeSlope rectifier}, such as ReLU or leaky ReLU, is He normal, since half of the signal ends there,
 * and one before SELU is LeCun normal, as its self-normalization asks (Klambauer and others, 2017). {@linkplain
 * Layer#isTransparent Transparent} layers between the two, such as dropout or a normalization, do not matter.
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
        Initializer scheme = config.weight == null ? Init.xavierUniform() : config.weight;
        weight = Parameter.create("weight", Parameter.Kind.WEIGHT, Shape.of(inputs, units), fans, scheme, key);
        bias = config.bias == null
                ? null
                : Parameter.create("bias", Parameter.Kind.BIAS, Shape.of(units), fans, config.bias, key);
    }

    /**
     * A dense layer with default initialization.
     *
     * @param inputs features of the input, at least 1
     * @param units features of the output, at least 1
     * @param key names the weights
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
     * @return default initialization, with a bias
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
         * This, with another scheme for the weight.
         *
         * @param initializer fills [inputs x units]
         * @return a changed copy
         */
        public Config weight(Initializer initializer) {
            return new Config(units, Objects.requireNonNull(initializer, "weight initializer"), bias);
        }

        /**
         * This, with another scheme for the bias.
         *
         * @param initializer fills [units]
         * @return a changed copy
         */
        public Config bias(Initializer initializer) {
            return new Config(units, weight, Objects.requireNonNull(initializer, "bias initializer"));
        }

        /**
         * This, without a bias.
         *
         * @return a changed copy
         */
        public Config withoutBias() {
            return new Config(units, weight, null);
        }

        @Override
        public Config followedBy(Nonlinearity next) {
            if (weight != null) {
                return this;
            }
            if (next.equals(Nonlinearity.SELU)) {
                return weight(Init.lecunNormal());
            }
            OptionalDouble slope = next.negativeSlope();
            return slope.isPresent() ? weight(Init.heNormal(slope.getAsDouble())) : this;
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
         * @param key names the weights
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

    /** x W + b and its gradients. */
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
                x.matmulInto(weight.value(), Transposed.NONE, y);
            } else {
                x.matmulPlusRowInto(weight.value(), bias.value(), y);
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
                dy.addSumOfRowsInto(gradients.of(bias)); // db += sum of the rows of dy
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
     * @return b [units], if there is one
     */
    public Optional<Parameter> bias() {
        return Optional.ofNullable(bias);
    }

    /** Such as {@code Dense 64 -> 10}. */
    @Override
    public String toString() {
        return "Dense " + inputs + " -> " + units;
    }
}
