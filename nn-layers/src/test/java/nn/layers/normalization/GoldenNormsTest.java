package nn.layers.normalization;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import nn.golden.Golden;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.StatisticUpdate;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Normalizations, compared with PyTorch; the files have channels first. */
class GoldenNormsTest {
    private static final Golden GOLDEN = Golden.load("norms.safetensors");
    private static final Key KEY = Key.of(0);

    static List<String> groups() {
        return GOLDEN.cases("group_norm/");
    }

    static List<String> instances() {
        return GOLDEN.cases("instance_norm/");
    }

    static List<String> rootMeanSquares() {
        return GOLDEN.cases("rms_norm/");
    }

    static List<String> batches() {
        return GOLDEN.cases("batch_norm/");
    }

    static List<String> rows() {
        return GOLDEN.cases("layer_norm/");
    }

    private static Tensor channelsLast(Tensor x) {
        return switch (x.shape().rank()) {
            case 3 -> x.permute(0, 2, 1);
            case 4 -> x.permute(0, 2, 3, 1);
            default -> x;
        };
    }

    private static Tensor channelsFirst(Tensor x) {
        return switch (x.shape().rank()) {
            case 3 -> x.permute(0, 2, 1);
            case 4 -> x.permute(0, 3, 1, 2);
            default -> x;
        };
    }

    /** Rule 1; for an input far from 0 2^-20 of the largest entry, as PyTorch's own error is too large to judge by. */
    private static void assertClose(String name, String key, Tensor actual) {
        if (!name.contains("offset")) {
            GOLDEN.assertClose(name, key, actual);
            return;
        }
        assertThat(actual.shape().dims()).isEqualTo(GOLDEN.shape(name, key));
        double[] values = new double[actual.size()];
        Arrays.setAll(values, i -> actual.array()[actual.offset() + i]);
        double largest =
                Arrays.stream(GOLDEN.doubles(name, key)).map(Math::abs).max().orElseThrow();
        GOLDEN.assertClose(name, key, values, 0x1p-20 * largest);
    }

    private static void check(String name, Layer layer, boolean channelsFirst) {
        if (GOLDEN.has(name, "in/weight")) {
            layer.parameter("scale").value().copyFrom(GOLDEN.tensor(name, "in/weight"));
        }
        if (GOLDEN.has(name, "in/bias")) {
            layer.parameter("bias").value().copyFrom(GOLDEN.tensor(name, "in/bias"));
        }
        Tensor x = GOLDEN.tensor(name, "in/x");
        Tensor dy = GOLDEN.tensor(name, "in/cotangent_y");
        Pass pass = layer.forward(channelsFirst ? channelsLast(x) : x, Context.training(KEY));
        Gradients gradients = new Gradients(layer);
        Tensor dx = pass.pullback(channelsFirst ? channelsLast(dy) : dy, gradients);
        assertClose(name, "out/y", channelsFirst ? channelsFirst(pass.output()) : pass.output());
        assertClose(name, "grad/x", channelsFirst ? channelsFirst(dx) : dx);
        if (GOLDEN.has(name, "grad/weight")) {
            assertClose(name, "grad/weight", gradients.of(layer.parameter("scale")));
        }
        if (GOLDEN.has(name, "grad/bias")) {
            assertClose(name, "grad/bias", gradients.of(layer.parameter("bias")));
        }
    }

    private static Shape features(String name) {
        return channelsLast(GOLDEN.tensor(name, "in/x")).shape();
    }

    @ParameterizedTest
    @MethodSource("groups")
    void aGroupNormalizationAgrees(String name) {
        JsonNode config = GOLDEN.config(name);
        GroupNorm.Config groups = GroupNorm.groups(config.get("groups").asInt())
                .epsilon(config.get("eps").asDouble());
        check(name, groups.create(features(name), KEY), true);
    }

    @ParameterizedTest
    @MethodSource("instances")
    void anInstanceNormalizationAgrees(String name) {
        double epsilon = GOLDEN.config(name).get("eps").asDouble();
        check(name, GroupNorm.instance().epsilon(epsilon).create(features(name), KEY), true);
    }

    @ParameterizedTest
    @MethodSource("rootMeanSquares")
    void aDivisionByTheRootMeanSquareAgrees(String name) {
        double epsilon = GOLDEN.config(name).get("eps").asDouble();
        check(name, RmsNorm.epsilon(epsilon).create(GOLDEN.tensor(name, "in/x").shape(), KEY), false);
    }

    /** Two steps of training, each from what the one before left, and then inference. */
    @ParameterizedTest
    @MethodSource("batches")
    void aBatchNormalizationAgrees(String name) {
        JsonNode config = GOLDEN.config(name);
        BatchNorm layer = new BatchNorm.Config(
                        config.get("eps").asDouble(), config.get("momentum").asDouble())
                .create(channelsLast(GOLDEN.tensor(name, "in/x1")).shape(), KEY);
        layer.parameter("scale").value().copyFrom(GOLDEN.tensor(name, "in/weight"));
        layer.parameter("bias").value().copyFrom(GOLDEN.tensor(name, "in/bias"));
        layer.parameter("mean").value().copyFrom(GOLDEN.tensor(name, "in/running_mean_0"));
        layer.parameter("variance").value().copyFrom(GOLDEN.tensor(name, "in/running_var_0"));
        for (String step : List.of("1", "2")) {
            pass(name, layer, Context.training(KEY), step, "_" + step);
            assertClose(
                    name, "out/running_mean_" + step, layer.parameter("mean").value());
            assertClose(
                    name, "out/running_var_" + step, layer.parameter("variance").value());
        }
        pass(name, layer, Context.inference(), "_eval", "_eval");
    }

    private static void pass(String name, BatchNorm layer, Context context, String which, String parameters) {
        Pass pass = layer.forward(channelsLast(GOLDEN.tensor(name, "in/x" + which)), context);
        Gradients gradients = new Gradients(layer);
        Tensor dx = pass.pullback(channelsLast(GOLDEN.tensor(name, "in/cotangent_y" + which)), gradients);
        assertClose(name, "out/y" + which, channelsFirst(pass.output()));
        assertClose(name, "grad/x" + which, channelsFirst(dx));
        assertClose(name, "grad/weight" + parameters, gradients.of(layer.parameter("scale")));
        assertClose(name, "grad/bias" + parameters, gradients.of(layer.parameter("bias")));
        gradients.statistics().forEach(StatisticUpdate::apply);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aLayerNormalizationAgrees(String name) {
        double epsilon = GOLDEN.config(name).get("eps").asDouble();
        check(
                name,
                new LayerNorm.Config(epsilon).create(GOLDEN.tensor(name, "in/x").shape(), KEY),
                false);
    }
}
