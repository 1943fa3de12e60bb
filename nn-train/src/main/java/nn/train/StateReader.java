package nn.train;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Reads a {@link TrainingState} against what is wanted, and collects everything that does not fit, so that one message
 * tells it all. What a reading method gives for a part that does not fit is of no meaning.
 */
final class StateReader {
    private final TrainingState state;
    private final List<String> problems = new ArrayList<>();
    private final Set<String> known = new HashSet<>();

    StateReader(TrainingState state) {
        this.state = state;
    }

    /** A tensor of that shape, all finite. */
    Tensor tensor(String name, Shape shape) {
        known.add(name);
        Tensor tensor = state.tensors().get(name);
        if (tensor == null) {
            problem(name, "is missing; expected " + shape);
        } else if (!tensor.shape().equals(shape)) {
            problem(name, "expected " + shape + ", got " + tensor.shape());
        } else if (!tensor.isFinite()) {
            problem(name, "has " + Data.firstBad(tensor));
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
            long value = Long.parseLong(text);
            if (value >= 0 && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        if (!text.isEmpty()) {
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
            // told below
        }
        if (!text.isEmpty()) {
            problem(name, "is '" + text + "'; expected a number");
        }
        return 0;
    }

    /** A key, as {@link Key#hex} writes it. */
    Key key(String name) {
        String text = text(name);
        try {
            return Key.parse(text);
        } catch (IllegalArgumentException e) {
            if (!text.isEmpty()) {
                problem(name, "is '" + text + "'; expected 32 hexadecimal digits");
            }
            return Key.of(0);
        }
    }

    void problem(String name, String text) {
        problems.add("'" + name + "' " + text);
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
                    + String.join("\n  ", problems));
        }
    }
}
