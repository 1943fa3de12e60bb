package nn.train.checkpoint;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import nn.tensor.Shape;
import nn.train.internal.Texts;

/**
 * What {@link Weights#load} does, or would do, with each tensor of a file and each tensor that a model needs. Its text
 * is a table:
 *
 * <pre>
 * 2 taken, 1 skipped, 1 missing, 0 unexpected, 0 refused
 * outcome  tensor        in the file     shape
 * taken    trunk.weight  encoder.weight  [64 x 128]
 * taken    trunk.bias    encoder.bias    [64]
 * missing  head.weight                   [10 x 64]   is missing: the model needs [10 x 64]
 * skipped  old.weight    old.weight      [5 x 64]    left out by choice
 * </pre>
 *
 * @param entries a tensor each: those of the model in its order, then the others of the file in theirs
 */
public record LoadPlan(List<Entry> entries) {
    /** What happens to a tensor. */
    public enum Outcome {
        /** It gives its parameters their values. */
        TAKEN,
        /** It was left out by choice, or nothing is lost without it. */
        SKIPPED,
        /** The model needs it, and the file does not have it. */
        MISSING,
        /** The file has it, and the model has no place for it. */
        UNEXPECTED,
        /** It has another shape than the model needs, or numbers that its parameters cannot have. */
        REFUSED;

        /**
         * Returns whether it keeps the weights from being loaded.
         *
         * @return true for {@link #MISSING}, {@link #UNEXPECTED} and {@link #REFUSED}
         */
        public boolean isProblem() {
            return switch (this) {
                case TAKEN, SKIPPED -> false;
                case MISSING, UNEXPECTED, REFUSED -> true;
            };
        }
    }

    /**
     * One tensor.
     *
     * @param name its name in the model, in the layout of the file; after all renaming
     * @param inFile its name in the file; empty if the file does not have it
     * @param shape its shape: in the file, or what the model needs if the file does not have it
     * @param outcome what happens to it
     * @param reason why it is not taken; empty if it is
     */
    public record Entry(String name, String inFile, Shape shape, Outcome outcome, String reason) {
        /**
         * Checks the arguments.
         *
         * @throws NullPointerException if one is null
         */
        public Entry {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(inFile, "inFile");
            Objects.requireNonNull(shape, "shape");
            Objects.requireNonNull(outcome, "outcome");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * Copies the list.
     *
     * @throws NullPointerException if it is null or has a null
     */
    public LoadPlan {
        entries = List.copyOf(Objects.requireNonNull(entries, "entries"));
    }

    /**
     * Returns whether the weights can be loaded.
     *
     * @return false if an entry {@linkplain Outcome#isProblem is a problem}
     */
    public boolean isComplete() {
        return entries.stream().noneMatch(entry -> entry.outcome().isProblem());
    }

    /**
     * Returns the names of the tensors that an outcome has.
     *
     * @param outcome such as {@link Outcome#MISSING}
     * @return {@link Entry#name} of each, in the order of the entries
     */
    public List<String> names(Outcome outcome) {
        Objects.requireNonNull(outcome, "outcome");
        return entries.stream()
                .filter(entry -> entry.outcome() == outcome)
                .map(Entry::name)
                .toList();
    }

    /** Returns the number of tensors of each outcome and a table of them, each line with its end. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Outcome outcome : Outcome.values()) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append(names(outcome).size())
                    .append(' ')
                    .append(word(outcome));
        }
        int name = width("tensor", entries.stream().map(Entry::name).toList());
        int inFile = width("in the file", entries.stream().map(Entry::inFile).toList());
        int shape = width(
                "shape", entries.stream().map(entry -> entry.shape().toString()).toList());
        String format = "%-10s  %-" + name + "s  %-" + inFile + "s  %-" + shape + "s  %s";
        text.append('\n').append(line(format, "outcome", "tensor", "in the file", "shape", ""));
        for (Entry entry : entries) {
            text.append(line(
                    format,
                    word(entry.outcome()),
                    Texts.whole(entry.name()),
                    Texts.whole(entry.inFile()),
                    entry.shape().toString(),
                    entry.reason()));
        }
        return text.toString();
    }

    private static String word(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }

    private static int width(String title, List<String> texts) {
        return texts.stream().mapToInt(text -> Texts.whole(text).length()).reduce(title.length(), Math::max);
    }

    private static String line(String format, Object... columns) {
        return String.format(Locale.ROOT, format, columns).stripTrailing() + "\n";
    }
}
