package nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import nn.golden.Golden;
import nn.init.Fans;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A fixed list of gradients through each optimizer: the parameter after each of 20 steps. */
class GoldenOptimizerTest {
    private static final Golden GOLDEN = Golden.load("optim.safetensors");

    static List<String> given() {
        return GOLDEN.cases("optim_given/");
    }

    static Optimizer optimizer(JsonNode config) {
        double rate = config.get("lr").asDouble();
        double decay = config.get("weight_decay").asDouble();
        return switch (config.get("optimizer").asText()) {
            case "sgd" ->
                new Sgd(
                        rate,
                        config.get("momentum").asDouble(),
                        config.get("dampening").asDouble(),
                        config.get("nesterov").asBoolean(),
                        decay,
                        true);
            case "adam" ->
                new Adam(rate, beta(config, 0), beta(config, 1), config.get("eps").asDouble(), decay,
                        config.get("amsgrad").asBoolean(), true);
            case "adamw" ->
                new AdamW(rate, beta(config, 0), beta(config, 1), config.get("eps").asDouble(), decay,
                        config.get("amsgrad").asBoolean(), true);
            case "rmsprop" ->
                new RmsProp(
                        rate,
                        config.get("alpha").asDouble(),
                        config.get("eps").asDouble(),
                        config.get("momentum").asDouble(),
                        config.get("centered").asBoolean(),
                        decay,
                        true);
            case "adagrad" ->
                new Adagrad(
                        rate,
                        config.get("lr_decay").asDouble(),
                        config.get("eps").asDouble(),
                        config.get("initial_accumulator_value").asDouble(),
                        decay,
                        true);
            default -> throw new IllegalArgumentException(config.toString());
        };
    }

    private static double beta(JsonNode config, int index) {
        return config.get("betas").get(index).asDouble();
    }

    @ParameterizedTest
    @MethodSource
    void given(String name) {
        Tensor start = GOLDEN.tensor(name, "in/p0");
        Tensor gradients = GOLDEN.tensor(name, "in/grads");
        Parameter p = Parameter.create(
                "p",
                Parameter.Kind.WEIGHT,
                start.shape(),
                new Fans(1, 1),
                (out, fans, key) -> out.copyFrom(start),
                Key.of(0));
        Optimizer optimizer = optimizer(GOLDEN.config(name));
        UpdateRule rule = optimizer.ruleFor(p);
        int steps = gradients.dim(0);
        Tensor after = Tensor.zeros(Shape.of(steps, start.size()));
        for (int i = 0; i < steps; i++) {
            rule.apply(gradients.row(i), optimizer.rate(), i + 1);
            after.row(i).copyFrom(p.value());
        }
        GOLDEN.assertClose(name, "out/params_after_each_step", after);
    }
}
