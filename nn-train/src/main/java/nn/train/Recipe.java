package nn.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import nn.layers.Layer;
import nn.tensor.Key;
import nn.train.internal.Fingerprint;
import nn.train.internal.ModelText;
import nn.train.internal.RecipeTexts;
import nn.train.internal.StableText;
import nn.train.loss.Loss;
import nn.train.optimizer.Optimizer;
import nn.train.shard.Shards;

/** The parts of a trainer as texts; they are stored in its state and compared when a state is restored. */
final class Recipe {
    private static final String PREFIX = RecipeTexts.PREFIX;
    private static final String MODEL = PREFIX + "model";
    private static final String LOSS = PREFIX + "loss";
    private static final String OPTIMIZER = PREFIX + "optimizer";
    private static final String PARAMETER_KEYS = PREFIX + "keys";
    private static final String CARRYING = "carrying";
    private static final String FROZEN = PREFIX + "frozen"; // only if some are
    private static final String AVERAGING = PREFIX + "averaging"; // only if the weights are averaged
    private static final String SHARDS = PREFIX + "shards"; // only if there are some
    private static final String KEY = RecipeTexts.KEY;

    private final Layer model;
    private final Key key;
    private final SequencedMap<String, String> options = new LinkedHashMap<>();
    private final String modelText;
    private final String loss;
    private final String optimizer;
    private final String parameterKeys;
    private final String frozen;
    private final Optional<String> averaging;
    private final int shards;

    Recipe(Layer model, Loss loss, Optimizer optimizer, TrainingStep step, Key key, TrainerOptions options) {
        List<TrainedParameter> parameters = step.parameters();
        this.model = model;
        this.key = key;
        this.modelText = ModelText.of(model);
        this.loss = StableText.of(loss);
        this.optimizer = optimizer(optimizer, parameters);
        Fingerprint keys = new Fingerprint();
        parameters.forEach(trained ->
                keys.add(trained.path()).add(trained.parameter().key().hex()));
        this.parameterKeys = keys.toString();
        this.frozen = String.join(", ", step.frozen().paths());
        this.averaging = options.averaging().map(StableText::of);
        this.shards = options.shards().map(Shards::count).orElse(0);
        this.options.put("schedule", StableText.of(options.schedule()));
        this.options.put("plateau", orNone(options.plateau()));
        this.options.put("clipping", orNone(options.clipping()));
        this.options.put("penalty", StableText.of(options.penalty()));
        this.options.put("microBatch", "" + options.microBatch());
        this.options.put(CARRYING, "" + options.carrying());
    }

    private static String orNone(Optional<?> option) {
        return option.map(StableText::of).orElse("none");
    }

    /** Returns the optimizer's text; if rates differ between parameters, also the rate of each. */
    private static String optimizer(Optimizer optimizer, List<TrainedParameter> parameters) {
        String text = StableText.of(optimizer);
        boolean oneRate =
                parameters.stream().allMatch(trained -> trained.isStatistic() || trained.rate() == optimizer.rate());
        if (oneRate) {
            return text;
        }
        StringBuilder rates = new StringBuilder(text).append("; rates");
        parameters.stream()
                .filter(trained -> !trained.isStatistic())
                .forEach(trained ->
                        rates.append(' ').append(trained.path()).append('=').append(trained.rate()));
        return rates.toString();
    }

    void write(SequencedMap<String, String> text) {
        text.put(KEY, key.hex());
        text.put(MODEL, modelText);
        text.put(LOSS, loss);
        text.put(OPTIMIZER, optimizer);
        options.forEach((name, value) -> text.put(PREFIX + name, value));
        text.put(PARAMETER_KEYS, parameterKeys);
        if (!frozen.isEmpty()) {
            text.put(FROZEN, frozen);
        }
        if (shards > 0) {
            text.put(SHARDS, "" + shards);
        }
        averaging.ifPresent(rule -> text.put(AVERAGING, rule));
    }

    /** Returns whether the trainer of a state carried the states of recurrent layers from step to step. */
    static boolean carries(TrainingState state) {
        return "true".equals(state.text().get(PREFIX + CARRYING));
    }

    /** Returns whether the trainer of a state averaged the weights. */
    static boolean averages(TrainingState state) {
        return state.text().containsKey(AVERAGING);
    }

    /** Reports to a reader every difference between the recipe of a state and this one. */
    void compare(StateReader reader) {
        String saved = reader.text(MODEL);
        if (reader.hasText(MODEL)) {
            ModelText.differences(saved, model)
                    .forEach(difference -> reader.difference(Difference.ARCHITECTURE, difference));
        }
        compare(reader, Difference.LOSS, "the loss", LOSS, loss);
        compare(reader, Difference.OPTIMIZER, "the optimizer", OPTIMIZER, optimizer);
        options.forEach((name, here) -> compare(reader, Difference.OPTIONS, name, PREFIX + name, here));
        String wereShards = reader.hasText(SHARDS) ? reader.text(SHARDS) : "0";
        if (!wereShards.equals("" + shards)) {
            reader.difference(Difference.OPTIONS, "the number of shards was " + wereShards + ", here it is " + shards);
        }
        String wasFrozen = reader.hasText(FROZEN) ? reader.text(FROZEN) : "";
        if (!wasFrozen.equals(frozen)) {
            reader.difference(
                    Difference.OPTIONS,
                    "the list of frozen parameters was [" + wasFrozen + "], here it is [" + frozen
                            + "]; freeze the same ones before the state is restored");
        }
        String wasAveraging = reader.hasText(AVERAGING) ? reader.text(AVERAGING) : "none";
        if (!wasAveraging.equals(averaging.orElse("none"))) {
            reader.difference(
                    Difference.OPTIONS, "averaging was " + wasAveraging + ", here it is " + averaging.orElse("none"));
        }
        reader.key(KEY)
                .map(Key::hex)
                .filter(hex -> !hex.equals(key.hex()))
                .ifPresent(hex -> reader.difference(
                        Difference.KEYS, "the trainer's key was " + hex + ", here it is " + key.hex()));
        String keys = reader.text(PARAMETER_KEYS);
        if (reader.hasText(PARAMETER_KEYS) && !keys.equals(parameterKeys)) {
            reader.difference(
                    Difference.KEYS,
                    "the model was built with another key or with other layers, so layers that draw in training,"
                            + " such as dropout, may draw other values");
        }
    }

    private static void compare(StateReader reader, Difference part, String what, String name, String here) {
        String saved = reader.text(name);
        if (reader.hasText(name) && !saved.equals(here)) {
            reader.difference(part, what + " was " + saved + ", here it is " + here);
        }
    }
}
