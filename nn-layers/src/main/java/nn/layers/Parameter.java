package nn.layers;

import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import nn.init.Fans;
import nn.init.Initializer;
import nn.init.PaddingRow;
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
    private final Key key;
    private final double minimum;
    private final OptionalInt paddingRow;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private Initializer initializer;

    private Parameter(
            String name,
            Kind kind,
            Tensor value,
            Fans fans,
            Initializer initializer,
            Key key,
            double minimum,
            OptionalInt paddingRow) {
        this.name = name;
        this.kind = kind;
        this.value = value;
        this.fans = fans;
        this.initializer = initializer;
        this.key = key;
        this.minimum = minimum;
        this.paddingRow = paddingRow;
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
     * Creates a parameter with a minimum for its values, such as the variance that a normalization keeps. In training,
     * values that an update makes smaller become the minimum, whatever the optimizer. Whoever reads values from a file,
     * or writes them into one, refuses smaller ones.
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
        return create(name, kind, shape, fans, initializer, layerKey, minimum, OptionalInt.empty());
    }

    /**
     * Creates the table of an embedding, whose row for padding is zero: the row is zero whatever the initializer gives
     * it, its layer gives it no gradient, a step of training sets it to zero again, whatever the optimizer and the
     * penalty, and whoever reads values from a file, or writes them into one, refuses others.
     *
     * @param name the name within its layer, such as {@code weight}; not empty, without dots
     * @param shape its shape, of rank 1 or more
     * @param fans the fans that the initializer gets
     * @param initializer gives the other rows
     * @param layerKey the key of the layer
     * @param paddingRow the row of zeros along the first axis, from 0
     * @return the parameter, a weight whose initializer is a {@link PaddingRow}
     * @throws IllegalArgumentException as for the other methods, or if there is no such row
     */
    public static Parameter createPadded(
            String name, Shape shape, Fans fans, Initializer initializer, Key layerKey, int paddingRow) {
        return create(
                name,
                Kind.WEIGHT,
                shape,
                fans,
                initializer,
                layerKey,
                Double.NEGATIVE_INFINITY,
                OptionalInt.of(paddingRow));
    }

    private static Parameter create(
            String name,
            Kind kind,
            Shape shape,
            Fans fans,
            Initializer initializer,
            Key layerKey,
            double minimum,
            OptionalInt paddingRow) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(fans, "fans");
        Objects.requireNonNull(initializer, "initializer");
        Objects.requireNonNull(layerKey, "layerKey");
        if (name.isEmpty() || name.indexOf('.') >= 0) {
            throw new IllegalArgumentException("parameter name '" + name + "' must not be empty or contain a dot");
        }
        if (shape.size() == 0) {
            throw new IllegalArgumentException("parameter '" + name + "' of shape " + shape
                    + " has no elements: give its layer at least one input" + " and one unit");
        }
        if (Double.isNaN(minimum)) {
            throw new IllegalArgumentException("parameter '" + name + "': the minimum is NaN; give a number, or"
                    + " negative infinity if every finite value is allowed");
        }
        Key key = layerKey.child(name);
        // Not Tensor.aligned: update rules loop over the array and their memory, which C2 makes vector code only if all
        // of them begin at the same index.
        Tensor value = Tensor.zeros(shape);
        Parameter parameter = new Parameter(name, kind, value, fans, initializer, key, minimum, paddingRow);
        parameter.fill(value, parameter.padded(initializer));
        return parameter;
    }

    /** Adds the padding row to an initializer. */
    private Initializer padded(Initializer scheme) {
        if (paddingRow.isEmpty()) {
            return scheme;
        }
        boolean has = scheme instanceof PaddingRow padding && padding.row() == paddingRow.getAsInt();
        return has ? scheme : new PaddingRow(scheme, paddingRow.getAsInt());
    }

    /** Draws values into a tensor of this parameter's shape; if they may be its values, the initializer is its own. */
    private void fill(Tensor out, Initializer scheme) {
        try {
            scheme.fill(out, fans, key);
        } catch (IllegalArgumentException e) {
            // A ShapeException is not rethrown as one: a network would take it for an input of the wrong shape.
            throw new IllegalArgumentException("parameter '" + name + "': " + e.getMessage(), e);
        }
        if (!out.isFinite()) {
            throw new IllegalArgumentException("initializer " + Description.of(scheme) + " left a value that is"
                    + " not finite in parameter '" + name + "' of shape " + out.shape() + ", fans " + fans);
        }
        for (int i = 0; minimum > Double.NEGATIVE_INFINITY && i < out.size(); i++) {
            float v = out.array()[out.offset() + i];
            if (v < minimum) {
                throw new IllegalArgumentException("initializer " + Description.of(scheme) + " left the value " + v
                        + " in parameter '" + name + "', whose minimum is " + minimum);
            }
        }
        initializer = scheme;
    }

    /**
     * Draws the values again by another initializer, with the parameter's {@link #key} and {@link #fans}: they become
     * those that the layer would have been built with. A {@linkplain #paddingRow padding row} stays zero. Not while the
     * parameter is trained or used by another thread. An optimizer's memory of the parameter stays as it is, so call
     * this before training.
     *
     * @param scheme gives the values, and is the {@link #initializer} from now on
     * @throws IllegalArgumentException if the initializer refuses the shape, the fans or its own numbers, or leaves a
     *     value that is not finite or below the minimum; the values have not changed then
     * @throws NullPointerException if the initializer is null
     */
    public void draw(Initializer scheme) {
        Tensor drawn = Tensor.zeros(value.shape());
        fill(drawn, padded(Objects.requireNonNull(scheme, "initializer")));
        value.copyFrom(drawn);
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
     * The initializer that gave the initial values: the layer's, or that of the last {@link #draw}.
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
     * Returns the smallest value that its elements may have. After the update of a step, a trainer sets smaller ones to
     * the minimum (as a float, rounded up), unless the parameter is frozen. Other code that writes to {@link #value}
     * must keep to it.
     *
     * @return the minimum, such as 0 for a variance; negative infinity if every finite value is allowed
     */
    public double minimum() {
        return minimum;
    }

    /**
     * The row that is zero before, during and after training: that of padding in the table of an embedding. A trainer
     * sets it to zero after the update of each step, unless the parameter is frozen.
     *
     * @return the row along the first axis; empty as a rule
     */
    public OptionalInt paddingRow() {
        return paddingRow;
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
        claimed.setRelease(false); // no fence, as nothing is read that must come after it
    }

    /** Returns the name and the shape. */
    @Override
    public String toString() {
        return name + " " + value.shape();
    }
}
