package nn.layers.convolution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import nn.golden.Golden;
import nn.init.Initializer;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.network.Network;
import nn.layers.shape.Flatten;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Convolutions and pooling, compared with PyTorch; the files have channels first. */
class GoldenConvolutionTest {
    private static final Golden GOLDEN = Golden.load("conv.safetensors");

    static List<String> convolutions() {
        return java.util.stream.Stream.of("conv1d/", "conv2d/")
                .flatMap(prefix -> GOLDEN.cases(prefix).stream())
                .toList();
    }

    static List<String> transposed() {
        return java.util.stream.Stream.of("conv_transpose1d/", "conv_transpose2d/")
                .flatMap(prefix -> GOLDEN.cases(prefix).stream())
                .toList();
    }

    static List<String> pools() {
        return GOLDEN.cases("pool/");
    }

    private static int[] ints(JsonNode array) {
        int[] ints = new int[array.size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = array.get(i).asInt();
        }
        return ints;
    }

    /** [batch x channels x ...] as [batch x ... x channels]. */
    private static Tensor channelsLast(Tensor x) {
        return x.shape().rank() == 3 ? x.permute(0, 2, 1) : x.permute(0, 2, 3, 1);
    }

    private static Tensor channelsFirst(Tensor x) {
        return x.shape().rank() == 3 ? x.permute(0, 2, 1) : x.permute(0, 3, 1, 2);
    }

    /** [outputs x inputs x ...] as [... x inputs x outputs]. */
    private static Tensor kernel(Tensor weight) {
        return weight.shape().rank() == 3 ? weight.permute(2, 1, 0) : weight.permute(2, 3, 1, 0);
    }

    private static Tensor kernelFirst(Tensor weight) {
        return weight.shape().rank() == 3 ? weight.permute(2, 1, 0) : weight.permute(3, 2, 0, 1);
    }

    private static Initializer given(Tensor values) {
        return (out, fans, key) -> out.copyFrom(values.reshape(out.shape()));
    }

    private static int[] column(int[][] pairs, int side) {
        int[] column = new int[pairs.length];
        for (int i = 0; i < pairs.length; i++) {
            column[i] = pairs[i][side];
        }
        return column;
    }

    private static int[][] pairs(JsonNode pairs) {
        int[][] rows = new int[pairs.size()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = ints(pairs.get(i));
        }
        return rows;
    }

    private static void check(String name, Layer layer, Parameter weight, Optional<Parameter> bias) {
        Tensor x = channelsLast(GOLDEN.tensor(name, "in/x"));
        Pass pass = layer.forward(x, Context.training(Key.of(0)));
        Gradients gradients = new Gradients(layer);
        Tensor dx = pass.pullback(channelsLast(GOLDEN.tensor(name, "in/cotangent_y")), gradients);
        GOLDEN.assertClose(name, "out/y", channelsFirst(pass.output()));
        GOLDEN.assertClose(name, "grad/x", channelsFirst(dx));
        GOLDEN.assertClose(name, "grad/weight", kernelFirst(gradients.of(weight)));
        bias.ifPresent(b -> GOLDEN.assertClose(name, "grad/bias", gradients.of(b)));
        assertThat(bias.isPresent()).isEqualTo(GOLDEN.has(name, "grad/bias"));
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void aConvolutionAgrees(String name) {
        JsonNode config = GOLDEN.config(name);
        int[][] pad = pairs(config.get("pad"));
        Convolution.Config factory = Convolution.channels(
                        config.get("out_channels").asInt())
                .kernel(ints(config.get("kernel")))
                .stride(ints(config.get("stride")))
                .dilation(ints(config.get("dilation")))
                .groups(config.get("groups").asInt())
                .weight(given(kernel(GOLDEN.tensor(name, "in/weight"))));
        factory = switch (config.get("padding").asText()) {
            case "same", "same_strided" -> factory.same();
            case "causal" -> factory.causal();
            default -> factory.padding(new Padding.Fixed(column(pad, 0), column(pad, 1)));
        };
        factory = GOLDEN.has(name, "in/bias")
                ? factory.bias(given(GOLDEN.tensor(name, "in/bias")))
                : factory.withoutBias();
        Convolution layer =
                factory.create(channelsLast(GOLDEN.tensor(name, "in/x")).shape(), Key.of(1));
        check(name, layer, layer.weight(), layer.bias());
    }

    @ParameterizedTest
    @MethodSource("transposed")
    void aTransposedConvolutionAgrees(String name) {
        JsonNode config = GOLDEN.config(name);
        int[][] crop = pairs(config.get("crop"));
        TransposedConvolution.Config factory = TransposedConvolution.channels(
                        config.get("out_channels").asInt())
                .kernel(ints(config.get("kernel")))
                .stride(ints(config.get("stride")))
                .dilation(ints(config.get("dilation")))
                .groups(config.get("groups").asInt())
                .crop(column(crop, 0), column(crop, 1))
                .weight(given(kernel(GOLDEN.tensor(name, "in/weight"))));
        factory = GOLDEN.has(name, "in/bias")
                ? factory.bias(given(GOLDEN.tensor(name, "in/bias")))
                : factory.withoutBias();
        TransposedConvolution layer =
                factory.create(channelsLast(GOLDEN.tensor(name, "in/x")).shape(), Key.of(1));
        check(name, layer, layer.weight(), layer.bias());
        if (config.get("padding").asText().equals("same_keras")) {
            Tensor x = channelsLast(GOLDEN.tensor(name, "in/x"));
            assertThat(factory.same()
                            .create(x.shape(), Key.of(1))
                            .forward(x, Context.inference())
                            .output()
                            .shape())
                    .isEqualTo(layer.outputShape(x.shape()));
        }
    }

    @ParameterizedTest
    @MethodSource("pools")
    void poolingAgrees(String name) {
        JsonNode config = GOLDEN.config(name);
        Tensor x = channelsLast(GOLDEN.tensor(name, "in/x"));
        String op = config.get("op").asText();
        Layer layer = Map.<String, Layer>of("global_avg", GlobalPool.MEAN, "global_max", GlobalPool.MAX)
                .getOrDefault(op, pool(op, config));
        Pass pass = layer.forward(x, Context.training(Key.of(0)));
        Tensor y = pass.output();
        Tensor cotangent = GOLDEN.tensor(name, "in/cotangent_y");
        if (op.startsWith("global")) {
            Tensor dx = pass.pullback(cotangent.reshape(y.shape()), new Gradients(layer));
            GOLDEN.assertClose(name, "out/y", y.reshape(GOLDEN.shape(name, "out/y")));
            GOLDEN.assertClose(name, "grad/x", channelsFirst(dx));
        } else {
            Tensor dx = pass.pullback(channelsLast(cotangent), new Gradients(layer));
            GOLDEN.assertClose(name, "out/y", channelsFirst(y));
            GOLDEN.assertClose(name, "grad/x", channelsFirst(dx));
        }
    }

    private static Pool pool(String op, JsonNode config) {
        int[] kernel = ints(config.get("kernel"));
        Pool pool = (op.equals("max") ? Pool.max(kernel) : Pool.mean(kernel))
                .stride(ints(config.get("stride")))
                .dilation(ints(config.get("dilation")))
                .padding(ints(config.get("padding")));
        if (config.get("ceil_mode").asBoolean()) {
            pool = pool.roundedUp();
        }
        return config.has("count_include_pad")
                        && !config.get("count_include_pad").asBoolean()
                ? pool.withoutPadding()
                : pool;
    }

    static List<String> networks() {
        return GOLDEN.cases("cnn/");
    }

    /** The weight of a dense layer after images, [classes x (channels x height x width)], channels last. */
    private static Tensor head(Tensor weight, Shape images) {
        return weight.reshape(weight.dim(0), images.dim(3), images.dim(1), images.dim(2))
                .permute(0, 2, 3, 1)
                .reshape(weight.dim(0), weight.dim(1))
                .transpose();
    }

    /** The other way round. */
    private static Tensor headFirst(Tensor weight, Shape images) {
        return weight.transpose()
                .reshape(weight.dim(1), images.dim(1), images.dim(2), images.dim(3))
                .permute(0, 3, 1, 2)
                .reshape(weight.dim(1), weight.dim(0));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void aSmallNetworkAgrees(String name) {
        JsonNode config = GOLDEN.config(name);
        Tensor x = channelsLast(GOLDEN.tensor(name, "in/x"));
        long[] labels = GOLDEN.longs(name, "in/labels");
        int classes = config.get("classes").asInt();
        Shape last = Shape.of(x.dim(0), 2, 2, config.get("O2").asInt()); // what the head reads
        Network network = Network.builder(Key.of(1))
                .input(x.shape())
                .layer(
                        "conv1",
                        convolution(name, "conv1", config.get("O1").asInt()).same())
                .relu()
                .layer("pool", Pool.max(2, 2))
                .layer("conv2", convolution(name, "conv2", config.get("O2").asInt()))
                .relu()
                .layer("flat", new Flatten())
                .dense(
                        "head",
                        classes,
                        given(head(GOLDEN.tensor(name, "in/head_weight"), last)),
                        given(GOLDEN.tensor(name, "in/head_bias")))
                .build();
        Pass pass = network.forward(x, Context.training(Key.of(0)));
        GOLDEN.assertClose(name, "out/logits", pass.output());
        Tensor dLogits = Tensor.zeros(pass.output().shape());
        pass.output().softmaxInto(dLogits);
        for (int i = 0; i < x.dim(0); i++) {
            int label = (int) labels[i];
            dLogits.set(dLogits.get(i, label) - 1, i, label);
        }
        dLogits.scaleInPlace(1f / x.dim(0));
        Gradients gradients = new Gradients(network);
        Tensor dx = pass.pullback(dLogits, gradients);
        GOLDEN.assertClose(name, "grad/x", channelsFirst(dx));
        Map<String, Parameter> parameters = network.parametersByPath();
        for (String layer : List.of("conv1", "conv2")) {
            Tensor weight = gradients.of(parameters.get(layer + ".weight"));
            GOLDEN.assertClose(name, "grad/" + layer + "_weight", kernelFirst(weight));
            GOLDEN.assertClose(name, "grad/" + layer + "_bias", gradients.of(parameters.get(layer + ".bias")));
        }
        Tensor weight = gradients.of(parameters.get("head.weight"));
        GOLDEN.assertClose(name, "grad/head_weight", headFirst(weight, last));
        GOLDEN.assertClose(name, "grad/head_bias", gradients.of(parameters.get("head.bias")));
    }

    private static Convolution.Config convolution(String name, String layer, int channels) {
        return Convolution.channels(channels)
                .kernel(3, 3)
                .weight(given(kernel(GOLDEN.tensor(name, "in/" + layer + "_weight"))))
                .bias(given(GOLDEN.tensor(name, "in/" + layer + "_bias")));
    }
}
