package nn.layers.preset;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What a {@link Preset} did with every parameter of a model.
 *
 * @param preset its name
 * @param parameters all parameters, in the order of their paths in the model
 * @param branches the number of residual branches found
 * @param notes what else the scheme asks for, which a preset cannot do
 */
public record PresetReport(String preset, List<Line> parameters, int branches, List<String> notes) {
    /**
     * A parameter.
     *
     * @param path such as {@code block1.fc2.weight}
     * @param role what it is for
     * @param decision what was done with it
     */
    public record Line(String path, ParameterRole role, Decision decision) {
        /**
         * Checks the arguments.
         *
         * @throws NullPointerException if one is null
         */
        public Line {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(role, "role");
            Objects.requireNonNull(decision, "decision");
        }

        /** Such as {@code block1.fc2.weight (branch output): scaled(normal(0, 0.02), 0.5)}. */
        @Override
        public String toString() {
            return path + " (" + role + "): " + decision;
        }
    }

    /** Copies the lists. */
    public PresetReport {
        Objects.requireNonNull(preset, "preset");
        parameters = List.copyOf(parameters);
        notes = List.copyOf(notes);
    }

    /**
     * Returns the parameters about which the preset says nothing. They are as they were built.
     *
     * @return the lines, possibly none
     */
    public List<Line> unmatched() {
        return parameters.stream()
                .filter(line -> line.decision() instanceof Decision.Unmatched)
                .toList();
    }

    /**
     * Throws if a parameter was not matched; for models that must be drawn by the preset throughout.
     *
     * @return this
     * @throws IllegalStateException if there is one; the message lists all
     */
    public PresetReport throwIfUnmatched() {
        List<Line> lines = unmatched();
        if (!lines.isEmpty()) {
            throw new IllegalStateException(preset + " does not say how to draw:\n  "
                    + lines.stream().map(Line::toString).collect(Collectors.joining("\n  ")));
        }
        return this;
    }

    /** A line for each parameter, after one that counts, and a line for each note. */
    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        int unmatched = unmatched().size();
        lines.add(preset + ": " + parameters.size() + " parameters, " + branches
                + (branches == 1 ? " residual branch" : " residual branches")
                + (unmatched == 0 ? "" : ", " + unmatched + " NOT MATCHED"));
        parameters.forEach(line -> lines.add(line.toString()));
        notes.forEach(note -> lines.add("note: " + note));
        return String.join("\n  ", lines);
    }
}
