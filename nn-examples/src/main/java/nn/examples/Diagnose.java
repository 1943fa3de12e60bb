package nn.examples;

import java.util.List;
import java.util.stream.Collectors;
import nn.examples.data.DigitImages;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.train.data.Dataset;
import nn.train.diagnose.InitReport;
import nn.train.loss.SoftmaxCrossEntropy;

/** Examines a chosen network on real data before it is trained. */
final class Diagnose extends Example {
    private static final int ROWS = 512;

    private static final List<Nonlinearity> NONLINEARITIES = List.of(
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
            Nonlinearity.ERF,
            Nonlinearity.SIN,
            Nonlinearity.HARD_TANH);

    Diagnose() {
        super(
                "diagnose",
                "examines a network before it is trained",
                new Option("--depth", "N", "20", "hidden layers"),
                new Option("--width", "N", "64", "units of each hidden layer"),
                new Option("--activation", "NAME", "relu", "such as tanh, gelu, selu"),
                new Option("--weights", "SCHEME", "xavier_normal", "such as he_normal, constant(0.1), normal(1)"),
                new Option("--biases", "SCHEME", "zeros", "of the hidden layers"),
                Option.SEED);
    }

    @Override
    int run(Arguments arguments, Terminal terminal) {
        int depth = arguments.number("--depth", 1, 10_000);
        int width = arguments.number("--width", 1, 10_000);
        Nonlinearity f = nonlinearity(arguments.text("--activation"));
        Initializer weights = scheme(arguments, "--weights");
        Initializer biases = scheme(arguments, "--biases");
        Key key = arguments.key();

        Network.Builder builder = Network.builder(key.child("network")).input(DigitImages.SIDE * DigitImages.SIDE);
        for (int l = 1; l <= depth; l++) {
            builder.dense("hidden" + l, width, weights, biases).activation(f);
        }
        Network network = builder.dense("out", DigitImages.CLASSES, weights).build();

        Dataset digits = DigitImages.load();
        terminal.line("%d hidden layers of %d units, %s, and %d digits.", depth, width, f.name(), ROWS);
        terminal.line("Weights: %s; biases: %s.", weights, biases);
        terminal.line("");
        InitReport report = InitReport.of(
                network,
                new SoftmaxCrossEntropy(),
                digits.x().rows(0, ROWS),
                digits.y().rows(0, ROWS),
                key);
        terminal.print(report.toString());
        return 0;
    }

    private static Nonlinearity nonlinearity(String name) {
        return NONLINEARITIES.stream()
                .filter(f -> f.name().equals(name.replace('_', ' ')))
                .findFirst()
                .orElseThrow(() -> new UsageException("no activation is called '" + name + "'; there are "
                        + NONLINEARITIES.stream()
                                .map(f -> f.name().replace(' ', '_'))
                                .collect(Collectors.joining(", "))));
    }

    private static Initializer scheme(Arguments arguments, String option) {
        try {
            return Init.parse(arguments.text(option));
        } catch (IllegalArgumentException e) {
            throw new UsageException("option " + option + ": " + e.getMessage());
        }
    }
}
