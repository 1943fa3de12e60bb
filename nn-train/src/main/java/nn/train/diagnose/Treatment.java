package nn.train.diagnose;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import nn.init.Initializer;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.tensor.Description;
import nn.tensor.Tensor;
import nn.train.data.Standardizer;

/**
 * A change of a model and of its data that a program can make: parameters are drawn again, inputs and targets are
 * standardized. A report tries it before it is printed.
 *
 * @param standardizesInputs whether each feature of the data is shifted and scaled to mean 0 and variance 1, as by
 *     {@link Standardizer}
 * @param standardizesTargets whether the same is done to the targets; predictions are then brought back by {@link
 *     Standardizer#invert}
 * @param initializers those of the parameters that are drawn again, by path, in order
 */
public record Treatment(
        boolean standardizesInputs, boolean standardizesTargets, SequencedMap<String, Initializer> initializers) {
    /** The treatment that changes nothing. */
    public static final Treatment NONE = new Treatment(false, false, Collections.emptyNavigableMap());

    /**
     * Takes an unmodifiable copy.
     *
     * @throws NullPointerException if an argument is null or has null in it
     */
    public Treatment {
        Objects.requireNonNull(initializers, "initializers");
        initializers.forEach((path, initializer) -> {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(initializer, "initializer");
        });
        initializers = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(initializers));
    }

    /**
     * The treatment that standardizes the inputs.
     *
     * @return the treatment
     */
    public static Treatment ofInputs() {
        return new Treatment(true, false, Collections.emptyNavigableMap());
    }

    /**
     * The treatment that standardizes the targets.
     *
     * @return the treatment
     */
    public static Treatment ofTargets() {
        return new Treatment(false, true, Collections.emptyNavigableMap());
    }

    /**
     * A treatment that draws parameters again.
     *
     * @param initializers those of the parameters, by path
     * @return the treatment
     */
    public static Treatment of(SequencedMap<String, Initializer> initializers) {
        return new Treatment(false, false, initializers);
    }

    /**
     * Whether it changes nothing.
     *
     * @return true for {@link #NONE}
     */
    public boolean isEmpty() {
        return !standardizesInputs && !standardizesTargets && initializers.isEmpty();
    }

    /**
     * This treatment and then another one.
     *
     * @param next wins where both have an initializer for a parameter
     * @return both
     */
    public Treatment and(Treatment next) {
        SequencedMap<String, Initializer> both = new LinkedHashMap<>(initializers);
        both.putAll(next.initializers);
        return new Treatment(
                standardizesInputs || next.standardizesInputs, standardizesTargets || next.standardizesTargets, both);
    }

    /**
     * Draws the parameters again, with their own fans and keys. Data are not seen here: pass them through {@link
     * Fixed#inputs} and {@link Fixed#targets}.
     *
     * @param model has all of the paths; its parameters are changed
     * @return the same model, and what was changed
     * @throws IllegalArgumentException if the model has no parameter of such a path; nothing is changed then
     */
    public Fixed applyTo(Layer model) {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        initializers.keySet().forEach(path -> parameters.put(path, model.parameter(path)));
        List<String> changes = new ArrayList<>();
        if (standardizesInputs) {
            changes.add("inputs: to be standardized");
        }
        if (standardizesTargets) {
            changes.add("targets: to be standardized");
        }
        initializers.forEach((path, initializer) -> {
            Parameter p = Objects.requireNonNull(parameters.get(path));
            initializer.fill(p.value(), p.fans(), p.key());
            changes.add(path + ": " + Description.of(initializer) + " in place of " + Description.of(p.initializer()));
        });
        return new Fixed(model, changes, this);
    }

    /** The data, standardized if this is a part of the treatment. */
    Tensor inputs(Tensor x) {
        return standardizesInputs ? Standardizer.fit(x).apply(x) : x;
    }

    /** The targets, standardized if this is a part of the treatment. */
    Tensor targets(Tensor y) {
        return standardizesTargets ? Standardizer.fit(y).apply(y) : y;
    }
}
