package nn.layers.recurrent;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import nn.init.Fans;
import nn.init.Initializer;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/**
 * One gate of a gated recurrent layer. It computes a number between 0 and 1 (or -1 and 1) for each unit from the input
 * and the previous state. Each gate has its own parameters, with their own initializers and keys: those of the gate
 * {@code forget} of a layer {@code lstm} have the paths {@code lstm.forget_input}, {@code lstm.forget_recurrent} and
 * {@code lstm.forget_bias}.
 *
 * @param name the name of the gate, such as {@code forget}
 * @param input Wx [inputs x units], fans (inputs, units)
 * @param recurrent Wh [units x units], fans (units, units)
 * @param bias b [units], fans (inputs, units)
 */
public record Gate(String name, Parameter input, Parameter recurrent, Parameter bias) {
    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if one is null
     */
    public Gate {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(input, "input");
        Objects.requireNonNull(recurrent, "recurrent");
        Objects.requireNonNull(bias, "bias");
    }

    /** The initializers of a gate's parameters. */
    record Initializers(Initializer input, Initializer recurrent, Initializer bias) {}

    static Gate create(String name, int inputs, int units, Initializers initializers, Key key) {
        Fans in = new Fans(inputs, units);
        Fans state = new Fans(units, units);
        return new Gate(
                name,
                Parameter.create(
                        name + "_input", Parameter.Kind.WEIGHT, Shape.of(inputs, units), in, initializers.input(), key),
                Parameter.create(
                        name + "_recurrent",
                        Parameter.Kind.RECURRENT,
                        Shape.of(units, units),
                        state,
                        initializers.recurrent(),
                        key),
                Parameter.create(name + "_bias", Parameter.Kind.BIAS, Shape.of(units), in, initializers.bias(), key));
    }

    /** Finds a gate of a layer by its name. */
    static Gate named(String layer, List<Gate> gates, String name) {
        Objects.requireNonNull(name, "gate");
        return gates.stream()
                .filter(gate -> gate.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        unknown(layer, name, gates.stream().map(Gate::name).toList()));
    }

    static IllegalArgumentException unknown(String layer, String gate, List<String> known) {
        return new IllegalArgumentException(layer + " has no gate '" + gate + "'; it has " + String.join(", ", known));
    }

    Stream<Parameter> parameters() {
        return Stream.of(input, recurrent, bias);
    }

    /** Computes z = x Wx + b for all steps at once; x [time x batch x inputs], z [time x batch x units]. */
    void fromInputs(Tensor x, Tensor z) {
        x.matmulPlusRowInto(input.value(), bias.value(), z);
    }

    /** Computes z += h Wh for one step; h and z [batch x units]. */
    void addFromState(Tensor h, Tensor z) {
        h.matmulAddInto(recurrent.value(), Transposed.NONE, z);
    }

    /** Returns Wh'. One transposition per sequence makes each backward step a plain product. */
    Tensor recurrentTransposed(Context context) {
        Tensor transposed = context.empty(recurrent.value().shape());
        recurrent.value().transposeInto(transposed);
        return transposed;
    }

    /** Adds the gradients of Wx and b, from dz at all steps. */
    void addInputGradients(Tensor x, Tensor dz, Gradients gradients) {
        gradients.addWeightGradient(input, x, dz);
        dz.addSumOfRowsInto(gradients.of(bias));
    }

    /** Adds the gradient of Wh, from dz at all steps and the states before them. */
    void addStateGradient(Tensor before, Tensor dz, Gradients gradients) {
        gradients.addWeightGradient(recurrent, before, dz);
    }

    /** Computes dx = dz Wx' for the first gate, dx += dz Wx' for the others. */
    void inputGradient(Tensor dz, boolean first, Tensor dx) {
        if (first) {
            dz.matmulInto(input.value(), Transposed.RIGHT, dx);
        } else {
            dz.matmulAddInto(input.value(), Transposed.RIGHT, dx);
        }
    }

    /** Computes dz = d y (1 - y), where y is the logistic function of z. Overwrites d. */
    static void sigmoidGradient(Tensor y, Tensor d, Tensor dz) {
        d.multiplyInto(y, dz);
        dz.multiplyInto(y, d);
        dz.subtractInto(d, dz);
    }
}
