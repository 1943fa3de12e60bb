package nn.init.nonlinearity;

import java.util.stream.Stream;

/** The nonlinearities of the library, for tests that hold for all of them. */
public final class EveryNonlinearity {
    private EveryNonlinearity() {}

    public static Stream<Nonlinearity> all() {
        return Stream.of(
                Nonlinearity.LINEAR,
                Nonlinearity.RELU,
                Nonlinearity.leakyRelu(0.2),
                Nonlinearity.TANH,
                Nonlinearity.SIGMOID,
                Nonlinearity.GELU,
                Nonlinearity.GELU_TANH,
                Nonlinearity.SILU,
                Nonlinearity.elu(1),
                Nonlinearity.elu(0.3),
                Nonlinearity.SELU,
                Nonlinearity.SOFTPLUS,
                Nonlinearity.softplus(2),
                Nonlinearity.softplus(3),
                Nonlinearity.LOG_SIGMOID,
                Nonlinearity.MISH,
                Nonlinearity.celu(2),
                Nonlinearity.celu(0.3),
                Nonlinearity.ERF,
                Nonlinearity.SIN,
                Nonlinearity.HARD_TANH,
                Nonlinearity.HARD_SIGMOID,
                Nonlinearity.HARD_SWISH);
    }

    public static Nonlinearity named(String name) {
        return all().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
    }
}
