package nn.train;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.InputChecks;

/**
 * Reads a {@link TrainingState} against what is wanted, and collects everything that does not fit, so that one message
 * has it all. The value that a reading method returns for an entry that does not fit is undefined.
 */
final class StateReader {
    private final TrainingState state;
    private final Set<Difference> accepted;
    private final List<String> problems = new ArrayList<>();
    private final Set<Difference> refused = EnumSet.noneOf(Difference.class);
    private final Set<String> known = new HashSet<>();

    /** A reader that accepts differences in some parts of the recipe. */
    StateReader(TrainingState state, Set<Difference> accepted) {
        this.state = state;
        this.accepted = accepted;
    }

    /** The names of the state's texts that begin with a prefix, without it, in order. */
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

    /** Leaves out all tensors whose names begin with a prefix. */
    void skip(String prefix) {
        state.tensors().keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .forEach(known::add);
    }

    /** A tensor of that shape, all finite, and no value below the least one. */
    Tensor tensor(String name, Shape shape, double least) {
        known.add(name);
        Tensor tensor = state.tensors().get(name);
        if (tensor == null) {
            problem(name, "is missing; expected " + shape);
        } else if (!tensor.shape().equals(shape)) {
            problem(name, "expected " + shape + ", got " + tensor.shape());
        } else {
            String problem = InputChecks.problem(tensor, least);
            if (!problem.isEmpty()) {
                problem(name, problem);
            }
        }
        return tensor;
    }

    String text(String name) {
        String text = state.text().get(name);
        if (text == null) {
            problem(name, "is missing from the text");
        }
        return text == null ? "" : text;
    }

    /** A whole number, 0 or more, and at most {@code most}. */
    long count(String name, long most) {
        String text = text(name);
        try {
            long value = text.matches("\\d+") ? Long.parseLong(text) : -1; // digits of other scripts are none of ours
            if (value >= 0 && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // the problem is reported below
        }
        if (hasText(name)) {
            problem(name, "is '" + text + "'; expected a whole number from 0 to " + most);
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

    /** A key, as {@link Key#hex} writes it. */
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
        problems.add("'" + name + "' " + text);
    }

    /** A difference between the recipe of the state and that of the trainer. */
    void difference(Difference part, String text) {
        if (!accepted.contains(part)) {
            refused.add(part);
            problems.add(part.name().toLowerCase(Locale.ROOT) + ": " + text);
        }
    }

    /** Whether nothing was found so far that does not fit. */
    boolean isFitting() {
        return problems.isEmpty();
    }

    /** Reports a number that contradicts others, which must each be readable by themselves. */
    void require(boolean consistent, String name, Object value, String rule) {
        if (!consistent) {
            problem(name, "is " + value + ", which contradicts the rest of the state: " + rule);
        }
    }

    /** To be called last: refuses tensors that nothing asked for, too. */
    void requireFit() {
        for (String name : state.tensors().keySet()) {
            if (!known.contains(name)) {
                problem(name, "has no place in this trainer");
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("the state does not fit this trainer, and nothing was changed:\n  "
                    + String.join("\n  ", problems) + choice());
        }
    }

    private String choice() {
        return refused.isEmpty()
                ? ""
                : "\nMake the trainer as the one that was saved, or accept a difference and continue with what this"
                        + " trainer has: "
                        + refused.stream().map(part -> "Difference." + part).collect(Collectors.joining(", "));
    }
}
