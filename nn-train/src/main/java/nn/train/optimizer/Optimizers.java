package nn.train.optimizer;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.DoubleFunction;

/**
 * Optimizers by name, with their usual hyperparameters, for a command line or a table of runs: all that can update any
 * parameter. {@link Muon} updates matrices only.
 */
public final class Optimizers {
    private static final SequencedMap<String, DoubleFunction<Optimizer>> BY_NAME = byName();

    private Optimizers() {}

    private static SequencedMap<String, DoubleFunction<Optimizer>> byName() {
        SequencedMap<String, DoubleFunction<Optimizer>> map = new LinkedHashMap<>();
        map.put("sgd", Sgd::of);
        map.put("momentum", rate -> Sgd.of(rate).withMomentum(0.9));
        map.put("nesterov", rate -> Sgd.of(rate).withMomentum(0.9).withNesterov());
        map.put("adam", Adam::of);
        map.put("adamw", AdamW::of);
        map.put("rmsprop", RmsProp::of);
        map.put("adagrad", Adagrad::of);
        map.put("lion", Lion::of);
        map.put("nadam", NAdam::of);
        map.put("radam", RAdam::of);
        map.put("adafactor", Adafactor::of);
        return Collections.unmodifiableSequencedMap(map);
    }

    /**
     * Returns the names that {@link #named} accepts.
     *
     * @return in a fixed order
     */
    public static Set<String> names() {
        return BY_NAME.keySet();
    }

    /**
     * Returns an optimizer with its usual hyperparameters; {@code momentum} and {@code nesterov} have a momentum of
     * 0.9.
     *
     * @param name one of {@link #names}
     * @param rate the learning rate, 0 or more
     * @return the optimizer
     * @throws IllegalArgumentException if there is no such name (the message lists all names), or the rate is negative,
     *     NaN or infinite
     */
    public static Optimizer named(String name, double rate) {
        DoubleFunction<Optimizer> make = BY_NAME.get(Objects.requireNonNull(name, "name"));
        if (make == null) {
            throw new IllegalArgumentException(
                    "no optimizer is called '" + name + "'; there are " + String.join(", ", BY_NAME.keySet()));
        }
        return make.apply(rate);
    }
}
