package nn.layers;

import java.util.Objects;
import java.util.Optional;
import nn.init.Fans;
import nn.tensor.Shape;

/**
 * The map y = x W + b, or y = x W' + b, of every row of x: the {@linkplain Layer#linearMap self-description} of a dense
 * layer.
 *
 * @param weight W [inputs x units] if the inputs are axis 0, [units x inputs] if they are axis 1
 * @param bias b [units], if there is one
 * @param inputAxis the axis of the weight that counts the inputs, 0 or 1; the other one counts the units
 */
public record LinearMap(Parameter weight, Optional<Parameter> bias, int inputAxis) {
    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if the weight does not have two axes, the axis is neither of them, or the bias
     *     is not [units]
     * @throws NullPointerException if an argument is null
     */
    public LinearMap {
        Objects.requireNonNull(weight, "weight");
        Objects.requireNonNull(bias, "bias");
        Shape shape = weight.value().shape();
        if (shape.rank() != 2) {
            throw new IllegalArgumentException("linear map: weight '" + weight.name() + "' is " + shape
                    + "; it must be [inputs x units] or [units x inputs]");
        }
        if (inputAxis != 0 && inputAxis != 1) {
            throw new IllegalArgumentException("linear map: the inputs are axis " + inputAxis + " of weight '"
                    + weight.name() + "'; it must be 0 for [inputs x units], 1 for [units x inputs]");
        }
        Shape row = Shape.of(shape.dim(1 - inputAxis));
        bias.map(b -> b.value().shape()).filter(b -> !b.equals(row)).ifPresent(b -> {
            throw new IllegalArgumentException("linear map: bias " + b + " next to weight '" + weight.name() + "' "
                    + shape + "; it must be " + row + ", a number for each unit");
        });
    }

    /**
     * The map y = x W.
     *
     * @param weight W [inputs x units]
     * @return the map, without a bias
     * @throws IllegalArgumentException if the weight does not have two axes
     */
    public static LinearMap of(Parameter weight) {
        return new LinearMap(weight, Optional.empty(), 0);
    }

    /**
     * The map y = x W + b.
     *
     * @param weight W [inputs x units]
     * @param bias b [units]
     * @return the map, with a bias
     * @throws IllegalArgumentException if the weight does not have two axes, or the bias is not [units]
     */
    public static LinearMap of(Parameter weight, Parameter bias) {
        return new LinearMap(weight, Optional.of(Objects.requireNonNull(bias, "bias")), 0);
    }

    /**
     * The number of features of x.
     *
     * @return at least 1
     */
    public int inputs() {
        return weight.value().dim(inputAxis);
    }

    /**
     * The number of features of y.
     *
     * @return at least 1
     */
    public int units() {
        return weight.value().dim(1 - inputAxis);
    }

    /**
     * The fans of the map. The weight's own fans differ if the weight also serves another purpose, as the table of a
     * {@linkplain nn.layers.dense.Embedding#tied tied embedding} does.
     *
     * @return (inputs, units)
     */
    public Fans fans() {
        return Fans.dense(inputs(), units());
    }
}
