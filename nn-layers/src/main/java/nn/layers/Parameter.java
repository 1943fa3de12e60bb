package nn.layers;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import nn.init.Fans;
import nn.init.Initializer;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A tensor that training changes, with the record of how it was initialized. Two parameters are equal only if they are
 * the same object: a layer used twice has its parameters once. The gradient is in {@link Gradients}.
 */
public final class Parameter {
    /** The role of a parameter; an optimizer can be told to decay weights but not biases. */
    public enum Kind {
        /** Multiplies an input. */
        WEIGHT,
        /** Multiplies a state of the step before. */
        RECURRENT,
        /** Is added. */
        BIAS,
        /** Multiplies element by element, such as the scale of a normalization. */
        SCALE,
        /**
         * A running statistic of the data, such as the mean that a batch normalization keeps. It is part of the model
         * and saved with it, but has no gradient. A pullback {@linkplain Gradients#moveStatistic moves} it, whatever
         * the optimizer, and the move is applied when the step succeeds. So neither a forward pass nor a failed step
         * changes it.
         */
        STATISTIC
    }

    private final String name;
    private final Kind kind;
    private final Tensor value;
    private final Fans fans;
    private final Initializer initializer;
    private final Key key;
    private final double minimum;
    private final AtomicBoolean claimed = new AtomicBoolean();

    private Parameter(
            String name, Kind kind, Tensor value, Fans fans, Initializer initializer, Key key, double minimum) {
        this.name = name;
        this.kind = kind;
        this.value = value;
        this.fans = fans;
        this.initializer = initializer;
        this.key = key;
        this.minimum = minimum;
    }

    /**
     * Creates a parameter and draws its initial values, with the child of the layer's key that has the parameter's
     * name. So the parameter {@code weight} of the layer {@code hidden1} of a network with key k gets {@code
     * k.child("hidden1").child("weight")}, whatever else is in the network.
     *
     * @param name the name within its layer, such as {@code weight}; not empty, without dots
     * @param kind its role
     * @param shape its shape, at least one element
     * @param fans the fans that the initializer gets
     * @param initializer gives the initial values
     * @param layerKey the key of the layer
     * @return the parameter
     * @throws IllegalArgumentException if the name is empty or has a dot, the shape has no elements, or the initializer
     *     refuses the shape, the fans or its own numbers, or left a value that is not finite
     */
    public static Parameter create(
            String name, Kind kind, Shape shape, Fans fans, Initializer initializer, Key layerKey) {
        return create(name, kind, shape, fans, initializer, layerKey, Double.NEGATIVE_INFINITY);
    }

    /**
     * Creates a parameter with a minimum for its values, such as the variance that a normalization keeps. Whoever
     * reads values from a file refuses those below.
     *
     * @param name the name within its layer, such as {@code weight}; not empty, without dots
     * @param kind what it is for
     * @param shape its shape, at least one element
     * @param fans the fans that the initializer gets
     * @param initializer gives the first values
     * @param layerKey the key of the layer
     * @param minimum the smallest value that the layer can compute with; negative infinity if there is none
     * @return the parameter
     * @throws IllegalArgumentException as for the other method, if the initializer left a value below the minimum,
     *     or {@code minimum} is NaN
     */
    public static Parameter create(
            String name, Kind kind, Shape shape, Fans fans, Initializer initializer, Key layerKey, double minimum) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(fans, "fans");
        Objects.requireNonNull(initializer, "initializer");
        if (name.isEmpty() || name.indexOf('.') >= 0) {
            throw new IllegalArgumentException("parameter name '" + name + "' must not be empty or contain a dot");
        }
        if (shape.size() == 0) {
            throw new IllegalArgumentException("parameter '" + name + "' of shape " + shape
                    + " has no elements: give its layer at least one input" + " and one unit");
        }
        Tensor value = Tensor.aligned(shape);
        Key key = layerKey.child(name);
        try {
            initializer.fill(value, fans, key);
        } catch (IllegalArgumentException e) {
            // A ShapeException is not rethrown as one: a network would take it for an input of the wrong shape.
            throw new IllegalArgumentException("parameter '" + name + "': " + e.getMessage(), e);
        }
        if (!value.isFinite()) {
            throw new IllegalArgumentException("initializer " + Description.of(initializer) + " left a value that is"
                    + " not finite in parameter '" + name + "' of shape " + shape + ", fans " + fans);
        }
        if (Double.isNaN(minimum)) {
            throw new IllegalArgumentException("parameter '" + name + "': the minimum is NaN; give a number, or"
                    + " negative infinity if every finite value is allowed");
        }
        for (int i = 0; minimum > Double.NEGATIVE_INFINITY && i < value.size(); i++) {
            float v = value.array()[value.offset() + i];
            if (v < minimum) {
                throw new IllegalArgumentException("initializer " + Description.of(initializer) + " left the value " + v
                        + " in parameter '" + name + "', whose minimum is " + minimum);
            }
        }
        return new Parameter(name, kind, value, fans, initializer, key, minimum);
    }

    /**
     * The name within its layer.
     *
     * @return such as {@code weight}
     */
    public String name() {
        return name;
    }

    /**
     * The role of the parameter.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * The current values: the tensor itself, not a copy. A dense weight is [inputs x outputs].
     *
     * @return the values
     */
    public Tensor value() {
        return value;
    }

    /**
     * The fans that its layer declares.
     *
     * @return the fans
     */
    public Fans fans() {
        return fans;
    }

    /**
     * The initializer that gave the initial values.
     *
     * @return the initializer
     */
    public Initializer initializer() {
        return initializer;
    }

    /**
     * The key with which the initial values were drawn: {@code initializer().fill(tensor, fans(), key())} draws them
     * again.
     *
     * @return the child of the layer's key with the parameter's name
     */
    public Key key() {
        return key;
    }

    /**
     * Returns the smallest value that its elements may have.
     *
     * @return the minimum, such as 0 for a variance; negative infinity if every finite value is allowed
     */
    public double minimum() {
        return minimum;
    }

    /**
     * Claims the values until {@link #release}, for an exclusive change such as a step of training. A claim does not
     * prevent others from writing. Trainers claim the parameters, so that two trainings of one model at a time are
     * detected.
     *
     * @return whether the values were free; if not, another claim holds them
     */
    public boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /** Ends a {@linkplain #claim claim}. */
    public void release() {
        claimed.set(false);
    }

    /** Returns the name and the shape. */
    @Override
    public String toString() {
        return name + " " + value.shape();
    }
}
