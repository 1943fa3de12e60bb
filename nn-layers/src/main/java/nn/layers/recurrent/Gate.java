package nn.layers.recurrent;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import nn.init.Fans;
import nn.init.Initializer;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.tensor.Shape;

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
}
