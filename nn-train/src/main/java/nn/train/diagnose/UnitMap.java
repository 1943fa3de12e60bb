package nn.train.diagnose;

import java.util.List;
import java.util.Optional;
import nn.layers.Layer;
import nn.layers.LinearMap;
import nn.layers.Parameter;

/**
 * The weight and the bias of units that add up their inputs: those of a {@linkplain Layer#linearMap linear map}, or the
 * kernel of a convolution, [taps ... x channels x units].
 *
 * @param weight the weight
 * @param bias [units], if there is one
 * @param inputAxis the axis of the weight that counts the inputs or channels
 * @param unitAxis the axis of the weight that counts the units
 */
record UnitMap(Parameter weight, Optional<Parameter> bias, int inputAxis, int unitAxis) {
    private static final int KERNEL_AXES = 3; // and more

    /** The map of a layer; empty if it is none, such as an attention or a recurrent layer. */
    static Optional<UnitMap> of(Layer layer) {
        return layer.linearMap().map(UnitMap::of).or(() -> ofKernel(layer));
    }

    private static UnitMap of(LinearMap map) {
        return new UnitMap(map.weight(), map.bias(), map.inputAxis(), 1 - map.inputAxis());
    }

    /** A layer whose only weight has taps, with channels and units last, as everywhere in this library. */
    private static Optional<UnitMap> ofKernel(Layer layer) {
        List<Parameter> own = layer.children().isEmpty() ? layer.parameters() : List.of();
        List<Parameter> weights = own.stream()
                .filter(p -> p.kind() == Parameter.Kind.WEIGHT || p.kind() == Parameter.Kind.RECURRENT)
                .toList();
        if (weights.size() != 1
                || layer.takesIndices()
                || weights.getFirst().value().shape().rank() < KERNEL_AXES) {
            return Optional.empty();
        }
        Parameter weight = weights.getFirst();
        int rank = weight.value().shape().rank();
        Optional<Parameter> bias =
                own.stream().filter(p -> p.kind() == Parameter.Kind.BIAS).findFirst();
        return Optional.of(new UnitMap(weight, bias, rank - 2, rank - 1));
    }

    /** The number of inputs, or of the channels that a unit sees. */
    int inputs() {
        return weight.value().dim(inputAxis);
    }

    /** The number of units. */
    int units() {
        return weight.value().dim(unitAxis);
    }

    /** The root mean square of the weights times the root of the fan in: the gain, for independent weights. */
    double gain() {
        return Math.sqrt(weight.fans().in() * weight.value().secondMoment());
    }
}
