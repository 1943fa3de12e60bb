package nn.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nn.golden.Golden;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clipped gradients against another framework's. */
class GoldenClippingTest {
    private static final Golden GOLDEN = Golden.load("optim.safetensors");

    static List<String> cases() {
        return GOLDEN.cases("clip/");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void clippedGradientsMatchTheGoldenValues(String name) {
        JsonNode config = GOLDEN.config(name);
        List<Parameter> parameters = new ArrayList<>();
        for (int i = 0; GOLDEN.has(name, "in/g" + i); i++) {
            Tensor like = GOLDEN.tensor(name, "in/g" + i);
            parameters.add(Parameter.create(
                    "p" + i, Parameter.Kind.WEIGHT, like.shape(), new Fans(1, 1), Init.zeros(), Key.of(0)));
        }
        Shape some = GOLDEN.tensor(name, "in/g0").shape();
        parameters.add(Parameter.create("s", Parameter.Kind.STATISTIC, some, new Fans(1, 1), Init.zeros(), Key.of(0)));
        Gradients gradients = new Gradients(parameters);
        for (int i = 0; GOLDEN.has(name, "in/g" + i); i++) {
            gradients.of(parameters.get(i)).copyFrom(GOLDEN.tensor(name, "in/g" + i));
        }
        double[] observed = new double[some.size()];
        Arrays.fill(observed, -1e6);
        gradients.moveStatistic(parameters.getLast(), observed, 1);

        double max = config.get("max").asDouble();
        double p = config.get("p").asText().equals("inf")
                ? Double.POSITIVE_INFINITY
                : config.get("p").asDouble();
        if (p == 2) {
            double norm = config.get("total_norm_before").asDouble();
            assertThat(gradients.norm()).isCloseTo(norm, within(1e-6 * norm));
        }
        boolean byValue = config.get("mode").asText().equals("value");
        Clipping clipping = byValue ? Clipping.value(max) : new Clipping.Norm(max, p);
        clipping.apply(gradients, gradients.norm());
        for (int i = 0; GOLDEN.has(name, "out/g" + i); i++) {
            GOLDEN.assertClose(name, "out/g" + i, gradients.of(parameters.get(i)));
        }
        assertThat(gradients.statistic(parameters.getLast()).change().toArray()).containsOnly(1e6f);
    }
}
