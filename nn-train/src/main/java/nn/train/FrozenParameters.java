package nn.train;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import nn.layers.Gradients;
import nn.train.internal.PathPattern;

/** The parameters of a trainer that its steps leave as they are. */
final class FrozenParameters {
    private final List<TrainedParameter> parameters;
    private final Gradients gradients;

    FrozenParameters(List<TrainedParameter> parameters, Gradients gradients) {
        this.parameters = parameters;
        this.gradients = gradients;
    }

    /** Adds the parameters that patterns match to the frozen ones. */
    void freeze(String... patterns) {
        Set<TrainedParameter> matched = matched("freeze", patterns);
        set(trained -> trained.isFrozen() || matched.contains(trained));
    }

    /** Takes the parameters that patterns match from the frozen ones. */
    void unfreeze(String... patterns) {
        Set<TrainedParameter> matched = matched("unfreeze", patterns);
        set(trained -> trained.isFrozen() && !matched.contains(trained));
    }

    private void set(Predicate<TrainedParameter> isFrozen) {
        gradients.freeze(parameters.stream()
                .filter(isFrozen)
                .map(TrainedParameter::parameter)
                .toList());
    }

    private Set<TrainedParameter> matched(String method, String... patterns) {
        if (Objects.requireNonNull(patterns, "patterns").length == 0) {
            throw new IllegalArgumentException(method + ": there is no pattern; give the path of a parameter, or a part"
                    + " of it such as 'encoder.' or '*.weight'");
        }
        Set<TrainedParameter> matched = new LinkedHashSet<>();
        for (String text : patterns) {
            PathPattern pattern = new PathPattern(Objects.requireNonNull(text, "a pattern"));
            List<TrainedParameter> found = parameters.stream()
                    .filter(trained -> pattern.matches(trained.path()))
                    .toList();
            if (found.isEmpty()) {
                throw PathPattern.unmatched(
                        method,
                        text,
                        parameters.stream().map(TrainedParameter::path).toList());
            }
            matched.addAll(found);
        }
        return matched;
    }

    /** Returns the paths of the frozen parameters, in the order of the model. */
    List<String> paths() {
        return parameters.stream()
                .filter(TrainedParameter::isFrozen)
                .map(TrainedParameter::path)
                .toList();
    }

    /** Refuses a step that would change nothing. */
    void requireSomeTrained() {
        if (!gradients.hasFrozen()) {
            return;
        }
        for (int i = 0; i < parameters.size(); i++) { // by index, which makes no iterator
            if (!parameters.get(i).isFrozen()) {
                return;
            }
        }
        throw new IllegalStateException(
                "all parameters are frozen, so a step would change nothing; unfreeze those that are to be trained");
    }
}
