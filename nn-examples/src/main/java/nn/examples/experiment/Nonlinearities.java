package nn.examples.experiment;

import java.util.List;
import java.util.stream.Collectors;
import nn.init.nonlinearity.Nonlinearity;

/** The nonlinearities that a command line can name. */
public final class Nonlinearities {
    private static final List<Nonlinearity> ALL = List.of(
            Nonlinearity.LINEAR,
            Nonlinearity.RELU,
            Nonlinearity.leakyRelu(0.1),
            Nonlinearity.TANH,
            Nonlinearity.SIGMOID,
            Nonlinearity.GELU,
            Nonlinearity.GELU_TANH,
            Nonlinearity.SILU,
            Nonlinearity.elu(1),
            Nonlinearity.SELU,
            Nonlinearity.SOFTPLUS,
            Nonlinearity.LOG_SIGMOID,
            Nonlinearity.MISH,
            Nonlinearity.ERF,
            Nonlinearity.SIN,
            Nonlinearity.HARD_TANH,
            Nonlinearity.HARD_SIGMOID,
            Nonlinearity.HARD_SWISH);

    private Nonlinearities() {}

    /**
     * Returns the nonlinearity of a name.
     *
     * @param name as its own name; an underscore stands for a space
     * @return the nonlinearity
     * @throws IllegalArgumentException if none is called so; the message lists all
     */
    public static Nonlinearity named(String name) {
        return ALL.stream()
                .filter(f -> f.name().equals(name.replace('_', ' ')))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no activation is called '" + name + "'; there are "
                        + ALL.stream().map(f -> f.name().replace(' ', '_')).collect(Collectors.joining(", "))));
    }
}
