package nn.layers;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import nn.init.Fans;
import nn.init.Initializer;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * A tensor that training changes, with the record of how it was initialized. Two parameters are equal only if they are
 * the same object: a layer used twice has its parameters once. The gradient is elsewhere, in {@link Gradients}.
 */
public final class Parameter {
    /** The role of a parameter; optimizers decay weights and leave biases alone where they are asked to. */
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
         * A running statistic of the data, such as the mean that a batch normalization keeps: part of the model and
         * saved with it, but no loss is differentiated by it. A pullback {@linkplain Gradients#moveStatistic says} how
         * far it moves once the step succeeds, whatever the optimizer; so a forward pass changes nothing, and a failed
         * step neither. Its "gradient" is what is then subtracted from it.
         */
        STATISTIC
    }

    private final String name;
    private final Kind kind;
    private final Tensor value;
    private final Fans fans;
    private final Initializer initializer;
    private final Key key;
    private final double least;
    private final AtomicBoolean claimed = new AtomicBoolean();

    private Parameter(String name, Kind kind, Tensor value, Fans fans, Initializer initializer, Key key, double least) {
        this.name = name;
        this.kind = kind;
        this.value = value;
        this.fans = fans;
        this.initializer = initializer;
        this.key = key;
        this.least = least;
    }

    /**
     * A parameter with its first values, drawn with the child of the key that has the parameter's name: the parameter
     * {@code weight} of the layer {@code hidden1} of a network with key k gets {@code
     * k.child("hidden1").child("weight")}, whatever else is in the network.
     *
     * @param name the name within its layer, such as {@code weight}; not empty, without dots
     * @param kind what it is for
     * @param shape its shape, at least one element
     * @param fans the fans that the initializer gets
     * @param initializer gives the first values
     * @param layerKey the key of the layer
     * @return the parameter
     * @throws IllegalArgumentException if the name is empty or has a dot, the shape has no elements, or the initializer
     *     cannot fill such a shape or left a value that is not finite
     */
    public static Parameter create(
            String name, Kind kind, Shape shape, Fans fans, Initializer initializer, Key layerKey) {
        return create(name, kind, shape, fans, initializer, layerKey, Double.NEGATIVE_INFINITY);
    }

    /**
     * A parameter whose values are never below a least one, such as the variance that a normalization keeps. Whoever
     * reads values from a file refuses those below.
     *
     * @param name the name within its layer, such as {@code weight}; not empty, without dots
     * @param kind what it is for
     * @param shape its shape, at least one element
     * @param fans the fans that the initializer gets
     * @param initializer gives the first values
     * @param layerKey the key of the layer
     * @param least the least value that the layer can compute with; negative infinity if it can with any finite one
     * @return the parameter
     * @throws IllegalArgumentException as for the other method, if the initializer left a value below the least one,
     *     or {@code least} is NaN
     */
    public static Parameter create(
            String name, Kind kind, Shape shape, Fans fans, Initializer initializer, Key layerKey, double least) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(fans, "fans");
        Objects.requireNonNull(initializer, "initializer");
        if (name.isEmpty() || name.indexOf('.') >= 0) {
            throw new IllegalArgumentException("parameter name '" + name + "': not empty, and without dots");
        }
        if (shape.size() == 0) {
            throw new IllegalArgumentException("parameter '" + name + "' of shape " + shape
                    + " has no elements: give its layer at least one input" + " and one unit");
        }
        Tensor value = Tensor.zeros(shape);
        Key key = layerKey.child(name);
        try {
            initializer.fill(value, fans, key);
        } catch (ShapeException e) {
            // Not passed on as it is: a network would take it for an input of the wrong shape.
            throw new IllegalArgumentException("parameter '" + name + "': " + e.getMessage(), e);
        }
        if (!value.isFinite()) {
            throw new IllegalArgumentException("initializer " + Description.of(initializer) + " left a value that is"
                    + " not finite in parameter '" + name + "' of shape " + shape + ", fans " + fans);
        }
        if (Double.isNaN(least)) {
            throw new IllegalArgumentException("parameter '" + name + "': the least value is NaN; give a number, or"
                    + " negative infinity if every finite value will do");
        }
        for (int i = 0; least > Double.NEGATIVE_INFINITY && i < value.size(); i++) {
            if (value.array()[i] < least) {
                throw new IllegalArgumentException("initializer " + Description.of(initializer) + " left the value "
                        + value.array()[i] + " in parameter '" + name + "', whose least value is " + least);
            }
        }
        return new Parameter(name, kind, value, fans, initializer, key, least);
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
     * The fans its layer says.
     *
     * @return the fans
     */
    public Fans fans() {
        return fans;
    }

    /**
     * The initializer that gave it its first values.
     *
     * @return the initializer
     */
    public Initializer initializer() {
        return initializer;
    }

    /**
     * The key that its first values were drawn with: {@code initializer().fill(tensor, fans(), key())} gives them
     * again.
     *
     * @return the child of its layer's key that has its name
     */
    public Key key() {
        return key;
    }

    /**
     * The least value that its elements may have.
     *
     * @return such as 0 for a variance; negative infinity if every finite value will do
     */
    public double least() {
        return least;
    }

    /**
     * Claims the values for a change that others must not come between, such as a step of training, until {@link
     * #release}. It hinders nobody from writing who does not ask; whoever trains asks, so that two trainings of one
     * model at a time are found out.
     *
     * @return whether they were free; if not, somebody else is changing them
     */
    public boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /** Gives back what {@link #claim} got. */
    public void release() {
        claimed.set(false);
    }

    /** The name and the shape. */
    @Override
    public String toString() {
        return name + " " + value.shape();
    }
}
