package nn.train.golden;

import com.fasterxml.jackson.databind.JsonNode;
import nn.tensor.Tensor;
import nn.train.optimizer.Adafactor;
import nn.train.optimizer.Adagrad;
import nn.train.optimizer.Adam;
import nn.train.optimizer.AdamW;
import nn.train.optimizer.Lion;
import nn.train.optimizer.Muon;
import nn.train.optimizer.NAdam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.RAdam;
import nn.train.optimizer.RmsProp;
import nn.train.optimizer.Sgd;

/** Objects of this library made from the golden files, for the tests of several packages. */
public final class GoldenInputs {
    private GoldenInputs() {}

    public static Tensor labels(long[] labels) {
        Tensor t = Tensor.zeros(labels.length);
        for (int i = 0; i < labels.length; i++) {
            t.set(labels[i], i);
        }
        return t;
    }

    public static Optimizer optimizer(JsonNode config) {
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
                new Adam(
                        rate,
                        beta(config, 0),
                        beta(config, 1),
                        config.get("eps").asDouble(),
                        decay,
                        config.get("amsgrad").asBoolean(),
                        true);
            case "adamw" ->
                new AdamW(
                        rate,
                        beta(config, 0),
                        beta(config, 1),
                        config.get("eps").asDouble(),
                        decay,
                        config.get("amsgrad").asBoolean(),
                        true);
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
            case "lion" -> new Lion(rate, beta(config, 0), beta(config, 1), decay, true);
            case "nadam" ->
                new NAdam(
                        rate,
                        beta(config, 0),
                        beta(config, 1),
                        config.get("eps").asDouble(),
                        config.get("momentum_decay").asDouble(),
                        decay,
                        config.get("decoupled_weight_decay").asBoolean(),
                        true);
            case "radam" ->
                new RAdam(
                        rate,
                        beta(config, 0),
                        beta(config, 1),
                        config.get("eps").asDouble(),
                        decay,
                        config.get("decoupled_weight_decay").asBoolean(),
                        true);
            case "adafactor" ->
                new Adafactor(
                        rate,
                        -config.get("beta2_decay").asDouble(),
                        config.get("eps").get(0).asDouble(),
                        config.get("eps").get(1).asDouble(),
                        config.get("d").asDouble(),
                        decay,
                        true);
            case "muon" ->
                new Muon(
                        rate,
                        config.get("momentum").asDouble(),
                        config.get("nesterov").asBoolean(),
                        decay,
                        config.get("ns_steps").asInt(),
                        config.get("eps").asDouble(),
                        config.get("adjust_lr_fn").isNull() ? Muon.Scale.ORIGINAL : Muon.Scale.LIKE_ADAMW);
            default -> throw new IllegalArgumentException(config.toString());
        };
    }

    private static double beta(JsonNode config, int index) {
        return config.get("betas").get(index).asDouble();
    }
}
