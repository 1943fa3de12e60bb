package nn.layers;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/**
 * A fully connected layer, {@code y = x W + b}: x is [... x inputs], W [inputs x units], b [units], y [... x units]. All
 * axes of x but the last are rows, so a sequence is taken as it is.
 *
 * <p>The gradients, with x and y read as matrices of their rows: {@code dW = x' dy}, {@code db} the sum of the rows of dy,
 * {@code dx = dy W'}.
 *
 * <p>Born initialized: by default with the uniform distribution of Glorot and Bengio (<i>Understanding the difficulty of
 * training deep feedforward neural networks</i>, AISTATS 2010) and zero bias. A {@link Network} gives a layer that is
 * directly followed by ReLU the normal distribution of He and others instead.
 */
public final class Dense implements Layer {
    private final Parameter weight;
    private final Optional<Parameter> bias;

    private Dense(Parameter weight, Optional<Parameter> bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /**
     * How a dense layer begins. Change one thing at a time: {@code
     * Dense.with().weight(Init.orthogonal()).withoutBias()}.
     *
     * @param weight initializes the weight; empty to leave the choice to the layer or the network
     * @param bias initializes the bias; empty for a layer without one
     */
    public record Options(Optional<Initializer> weight, Optional<Initializer> bias) {
        /** Refuses null. */
        public Options {
            Objects.requireNonNull(weight, "weight");
            Objects.requireNonNull(bias, "bias");
        }

        /**
         * These options with another weight initializer.
         *
         * @param initializer for the weight
         * @return the new options
         */
        public Options weight(Initializer initializer) {
            return new Options(Optional.of(initializer), bias);
        }

        /**
         * These options with another bias initializer.
         *
         * @param initializer for the bias
         * @return the new options
         */
        public Options bias(Initializer initializer) {
            return new Options(weight, Optional.of(initializer));
        }

        /**
         * These options without a bias.
         *
         * @return the new options
         */
        public Options withoutBias() {
            return new Options(weight, Optional.empty());
        }
    }

    /**
     * The default options: a weight as the layer or the network chooses, and zero bias.
     *
     * @return the options
     */
    public static Options with() {
        return new Options(Optional.empty(), Optional.of(Init.zeros()));
    }

    /**
     * A layer with Glorot uniform weight and zero bias.
     *
     * @param inputs features of x, at least 1
     * @param units features of y, at least 1
     * @param key the layer's; its parameters take the children {@code weight} and {@code bias}
     * @return the layer
     * @throws IllegalArgumentException if a size is below 1
     */
    public static Dense of(int inputs, int units, Key key) {
        return of(inputs, units, with(), key);
    }

    /**
     * A layer as the options say.
     *
     * @param inputs features of x, at least 1
     * @param units features of y, at least 1
     * @param options initializers, and whether there is a bias
     * @param key the layer's; its parameters take the children {@code weight} and {@code bias}
     * @return the layer
     * @throws IllegalArgumentException if a size is below 1, or an initializer gives a value that is not finite
     * @throws ShapeException if an initializer cannot fill the shape
     */
    public static Dense of(int inputs, int units, Options options, Key key) {
        if (inputs < 1 || units < 1) {
            throw new IllegalArgumentException(
                    "Dense " + inputs + " -> " + units + ": a layer has at least one input and one unit");
        }
        Fans fans = new Fans(inputs, units);
        Initializer initializer = options.weight().orElseGet(Init::xavierUniform);
        return new Dense(
                Parameter.create("weight", Parameter.Kind.WEIGHT, Shape.of(inputs, units), fans, initializer, key),
                options.bias()
                        .map(b -> Parameter.create("bias", Parameter.Kind.BIAS, Shape.of(units), fans, b, key)));
    }

    @Override
    public Pass forward(Tensor x, Context context) {
        Tensor y = context.empty(outputShape(x.shape()));
        bias.ifPresentOrElse(b -> y.fillRows(b.value()), () -> y.fill(0f));
        x.matmulAddInto(weight.value(), Transposed.NONE, y);
        return new Pass(y, (dy, into) -> {
            Shapes.requireGradient(this, y, dy);
            x.matmulAddInto(dy, Transposed.LEFT, into.of(weight));
            bias.ifPresent(b -> dy.addRowSumsInto(into.of(b)));
            Tensor dx = context.empty(x.shape());
            dy.matmulInto(weight.value(), Transposed.RIGHT, dx);
            return dx;
        });
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() == 0 || in.dim(-1) != inputs()) {
            String expected = in.rank() == 2 ? "[batch x " + inputs() + "]" : "[... x " + inputs() + "]";
            throw Shapes.mismatch(this, expected, in, "");
        }
        return in.withLast(units());
    }

    /**
     * The number of features that the layer takes.
     *
     * @return at least 1
     */
    public int inputs() {
        return weight.value().dim(0);
    }

    /**
     * The number of features that the layer gives.
     *
     * @return at least 1
     */
    public int units() {
        return weight.value().dim(1);
    }

    /**
     * The weight, [inputs x units], named {@code weight}.
     *
     * @return the parameter
     */
    public Parameter weight() {
        return weight;
    }

    /**
     * The bias, [units], named {@code bias}.
     *
     * @return the parameter, if there is one
     */
    public Optional<Parameter> bias() {
        return bias;
    }

    /** The weight, then the bias if there is one. */
    @Override
    public List<Parameter> parameters() {
        return bias.map(b -> List.of(weight, b)).orElseGet(() -> List.of(weight));
    }

    /** Such as {@code Dense 9 -> 3}. */
    @Override
    public String toString() {
        return "Dense " + inputs() + " -> " + units();
    }
}
