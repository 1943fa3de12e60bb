package nn.layers.recurrent;

import static nn.fixtures.Weights.given;
import static nn.fixtures.Weights.transposed;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import nn.fixtures.LossGradients;
import nn.golden.Golden;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares simple recurrent layers with another framework, whose two biases are one here, their sum. */
class GoldenRnnTest {
    private static final Golden GOLDEN = Golden.load("rnn.safetensors");

    static List<String> rnn() {
        return GOLDEN.cases("rnn/");
    }

    static List<String> classifiers() {
        return GOLDEN.cases("rnncls/");
    }

    /** Makes a layer with the golden weights whose names end with this text. */
    private static Rnn layer(String name, int inputs, String end) {
        Nonlinearity f = GOLDEN.config(name).get("nl").asText().equals("relu") ? Nonlinearity.RELU : Nonlinearity.TANH;
        Rnn.Config config = Rnn.units(GOLDEN.config(name).get("H").asInt())
                .activation(f)
                .input(transposed(GOLDEN, name, "in/weight_ih" + end))
                .recurrent(transposed(GOLDEN, name, "in/weight_hh" + end));
        config = bias(name, end).map(config::bias).orElse(config.withoutBias());
        return (end.isEmpty() ? config.last() : config).create(inputs, Key.of(0));
    }

    private static Optional<Initializer> bias(String name, String end) {
        if (!GOLDEN.has(name, "in/bias_ih" + end)) {
            return Optional.empty();
        }
        Tensor sum = GOLDEN.tensor(name, "in/bias_ih" + end);
        double[] other = GOLDEN.doubles(name, "in/bias_hh" + end);
        for (int i = 0; i < other.length; i++) {
            sum.set((float) (sum.get(i) + other[i]), i);
        }
        return Optional.of(given(sum));
    }

    private static void assertParameters(String name, String end, Rnn layer, Gradients gradients) {
        List<Parameter> p = layer.parameters();
        GOLDEN.assertClose(name, "grad/weight_ih" + end, gradients.of(p.get(0)).transpose());
        GOLDEN.assertClose(name, "grad/weight_hh" + end, gradients.of(p.get(1)).transpose());
        assertThat(p.size()).isEqualTo(GOLDEN.has(name, "in/bias_ih" + end) ? 3 : 2);
        if (p.size() == 3) {
            GOLDEN.assertClose(name, "grad/bias_ih" + end, gradients.of(p.get(2)));
            GOLDEN.assertClose(name, "grad/bias_hh" + end, gradients.of(p.get(2)));
        }
    }

    @ParameterizedTest
    @MethodSource("rnn")
    void layersAndStacksAgreeWithTheOtherFramework(String name) {
        int depth = GOLDEN.config(name).path("layers").asInt(1);
        Tensor value = GOLDEN.tensor(name, "in/x");
        int time = value.dim(0);
        int batch = value.dim(1);
        int units = GOLDEN.config(name).get("H").asInt();
        boolean initial = GOLDEN.has(name, "in/h0");
        Tensor h0 = initial ? GOLDEN.tensor(name, "in/h0") : Tensor.zeros(depth, batch, units);

        List<Rnn> layers = new ArrayList<>();
        List<RecurrentPass> runs = new ArrayList<>();
        Tensor last = Tensor.zeros(depth, batch, units);
        for (int i = 0; i < depth; i++) {
            layers.add(layer(name, value.dim(2), "_l" + i));
            runs.add(layers.get(i).run(value, Recurrent.State.of(h0.row(i)), Context.inference()));
            value = runs.get(i).output();
            last.row(i).copyFrom(value.row(time - 1));
        }
        GOLDEN.assertClose(name, "out/output", value);
        GOLDEN.assertClose(name, "out/h_n", last);

        Gradients gradients = new Gradients(
                layers.stream().flatMap(l -> l.parameters().stream()).toList());
        Tensor d = GOLDEN.tensor(name, "in/cotangent_output");
        Tensor dInitial = Tensor.zeros(depth, batch, units);
        for (int i = depth - 1; i >= 0; i--) {
            d.row(time - 1).addInPlace(GOLDEN.tensor(name, "in/cotangent_h_n").row(i));
            d = runs.get(i).pullback(d, gradients);
            dInitial.row(i).copyFrom(runs.get(i).firstStateGradient().part(0));
        }
        GOLDEN.assertClose(name, "grad/x", d);
        if (initial) {
            GOLDEN.assertClose(name, "grad/h0", dInitial);
        }
        for (int i = 0; i < depth; i++) {
            assertParameters(name, "_l" + i, layers.get(i), gradients);
        }
    }

    @ParameterizedTest
    @MethodSource("classifiers")
    void classifiersOfTheLastStateAgreeWithTheOtherFramework(String name) {
        Rnn rnn = layer(name, GOLDEN.config(name).get("I").asInt(), "");
        Network network = Network.builder(Key.of(0))
                .sequence(rnn.inputs())
                .layer("rnn", rnn)
                .layer(
                        "head",
                        Dense.units(GOLDEN.config(name).get("C").asInt())
                                .weight(transposed(GOLDEN, name, "in/head_weight"))
                                .bias(given(GOLDEN.tensor(name, "in/head_bias"))))
                .build();
        Pass pass = network.forward(GOLDEN.tensor(name, "in/x"), Context.inference());
        GOLDEN.assertClose(name, "out/logits", pass.output());

        Gradients gradients = new Gradients(network.parameters());
        Tensor dx =
                pass.pullback(LossGradients.crossEntropy(pass.output(), GOLDEN.longs(name, "in/labels")), gradients);
        GOLDEN.assertClose(name, "grad/x", dx);
        assertParameters(name, "", rnn, gradients);
        GOLDEN.assertClose(
                name,
                "grad/head_weight",
                gradients.of(network.parametersByPath().get("head.weight")).transpose());
        GOLDEN.assertClose(
                name, "grad/head_bias", gradients.of(network.parametersByPath().get("head.bias")));
    }
}
