package nn.train;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.InputChecks;

/**
 * Reads a {@link TrainingState} and collects everything that does not fit, for one message. For an entry that does not
 * fit, a reading method returns an empty value or 0.
 */
final class StateReader {
    private final TrainingState state;
    private final Set<Difference> accepted;
    private final List<String> problems = new ArrayList<>();
    private final Set<Difference> refused = EnumSet.noneOf(Difference.class);
    private final Set<String> known = new HashSet<>();
    private boolean hasOptimizerProblem; // in the memory of the optimizer; no difference to accept helps against these
    private boolean hasOtherProblem;
    private boolean hasOtherShapes; // or tensors that only one of the two has

    /** Creates a reader that accepts differences in some parts of the recipe. */
    StateReader(TrainingState state, Set<Difference> accepted) {
        this.state = state;
        this.accepted = accepted;
    }

    /** Returns the names of texts that begin with a prefix, without the prefix, in order. */
    List<String> textNames(String prefix) {
        return state.text().keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList();
    }

    boolean hasText(String name) {
        return state.text().containsKey(name);
    }

    boolean hasTensors(String prefix) {
        return state.tensors().keySet().stream().anyMatch(name -> name.startsWith(prefix));
    }

    /** Ignores all tensors whose names begin with a prefix. */
    void skip(String prefix) {
        state.tensors().keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .forEach(known::add);
    }

    /** Reads a tensor, which must have the given shape and finite values, none of them below the minimum. */
    Optional<Tensor> tensor(String name, Shape shape, double minimum) {
        return tensor(name, shape, tensor -> InputChecks.problem(tensor, minimum));
    }

    /** Reads values that a parameter may have. */
    Optional<Tensor> tensor(String name, Parameter parameter) {
        return tensor(name, parameter.value().shape(), tensor -> InputChecks.problem(tensor, parameter));
    }

    private Optional<Tensor> tensor(String name, Shape shape, Function<Tensor, String> check) {
        known.add(name);
        Tensor tensor = state.tensors().get(name);
        if (tensor == null) {
            hasOtherShapes = true;
            problem(name, "is missing; expected " + shape);
        } else if (!tensor.shape().equals(shape)) {
            hasOtherShapes = true;
            problem(name, "expected " + shape + ", got " + tensor.shape());
        } else {
            String problem = check.apply(tensor);
            if (problem.isEmpty()) {
                return Optional.of(tensor);
            }
            problem(name, problem);
        }
        return Optional.empty();
    }

    String text(String name) {
        String text = state.text().get(name);
        if (text == null) {
            problem(name, "is missing from the text");
        }
        return text == null ? "" : text;
    }

    /** Reads a whole number from 0 to {@code max}. */
    long count(String name, long max) {
        String text = text(name);
        try {
            long value = text.matches("\\d+") ? Long.parseLong(text) : -1; // ASCII digits only
            if (value >= 0 && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // the problem is reported below
        }
        if (hasText(name)) {
            problem(name, "is '" + text + "'; expected a whole number from 0 to " + max);
        }
        return 0;
    }

    double number(String name) {
        String text = text(name);
        try {
            double value = Double.parseDouble(text);
            if (!Double.isNaN(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // the problem is reported below
        }
        if (hasText(name)) {
            problem(name, "is '" + text + "'; expected a number");
        }
        return 0;
    }

    /** Reads a key, as {@link Key#hex} writes it. */
    Optional<Key> key(String name) {
        String text = text(name);
        try {
            return Optional.of(Key.parse(text));
        } catch (IllegalArgumentException e) {
            if (hasText(name)) {
                problem(name, "is '" + text + "'; expected 32 hexadecimal digits");
            }
            return Optional.empty();
        }
    }

    void problem(String name, String text) {
        boolean ofOptimizer = name.equals(TrainerState.OPTIMIZER) || name.startsWith(TrainedParameter.OPTIMIZER);
        hasOptimizerProblem |= ofOptimizer;
        hasOtherProblem |= !ofOptimizer;
        problems.add("'" + name + "' " + text);
    }

    /** Collects a difference between the recipe of the state and that of the trainer, unless it is accepted. */
    void difference(Difference part, String text) {
        if (!accepted.contains(part)) {
            refused.add(part);
            problems.add(part.name().toLowerCase(Locale.ROOT) + ": " + text);
        }
    }

    /** Returns what does not fit, a line for each problem. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    /** Returns whether everything read so far fits. */
    boolean isFitting() {
        return problems.isEmpty();
    }

    /** Reports a number that contradicts others; call it once each number is readable by itself. */
    void require(boolean consistent, String name, Object value, String rule) {
        if (!consistent) {
            problem(name, "is " + value + ", which contradicts the rest of the state: " + rule);
        }
    }

    /** Throws if anything does not fit. Call it last: it also refuses tensors that were not read. */
    void requireNoProblems() {
        for (String name : state.tensors().keySet()) {
            if (!known.contains(name)) {
                hasOtherShapes = true;
                problem(name, "does not belong to this trainer");
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("the state does not fit this trainer, and nothing was changed:\n  "
                    + String.join("\n  ", problems) + remedy());
        }
    }

    /** Offers to accept a difference only if nothing else is in the way. */
    private String remedy() {
        String build = "\nBuild the trainer like the one that was saved";
        if (hasOtherProblem) {
            return hasOtherShapes || !refused.isEmpty()
                    ? build + "; to accept a difference is not enough to restore this state"
                    : "";
        }
        if (hasOptimizerProblem) {
            return build + ", or take only its weights, by Checkpoint.loadWeights, and begin with a new optimizer";
        }
        return build + ", or accept a difference and continue with the parts of this trainer: "
                + refused.stream().map(part -> "Difference." + part).collect(Collectors.joining(", "));
    }
}
