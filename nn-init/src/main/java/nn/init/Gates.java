package nn.init;

import java.util.List;
import java.util.Objects;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * The gates of a recurrent layer, each filled on its own. A kernel [inputs x gates * units], or a bias [gates * units],
 * holds them side by side. A scheme that fills the whole takes it for one matrix: an orthogonal kernel [n x 4 n] gives
 * each gate singular values from 0 to 0.87 where four orthogonal matrices were meant, and Xavier's fan out is four
 * times too large.
 *
 * <p>Gate g fills the columns {@code g * units} to {@code (g + 1) * units - 1}, with the key {@code key.child(g)}. The
 * fans are those of one gate, as {@link Fans#gated} gives them. The layer defines the order of its gates.
 *
 * <pre>{@code
 * Initializer recurrent = Init.gates(4, Init.orthogonal());
 * Initializer bias = Init.gates(Init.zeros(), Init.ones(), Init.zeros(), Init.zeros());   // opens a gate
 * }</pre>
 *
 * <p>A forget gate's bias of 1: Gers, Schmidhuber and Cummins, <i>Learning to forget</i> (2000); Jozefowicz, Zaremba
 * and Sutskever, <i>An empirical exploration of recurrent network architectures</i> (ICML 2015).
 *
 * @param gates fills each gate, 1 to 1,000 of them; gates within a gate count too
 */
public record Gates(List<Initializer> gates) implements Initializer {
    /** Largest number of gates; guards against huge texts from untrusted files. */
    static final int MOST = 1000;

    /**
     * Checks the gates.
     *
     * @throws IllegalArgumentException if there is none, or there are too many
     * @throws NullPointerException if one is null
     */
    public Gates {
        requireFew(gates.size());
        gates.forEach(gate -> Objects.requireNonNull(gate, "a gate"));
        gates = List.copyOf(gates);
        if (gates.isEmpty()) {
            throw new IllegalArgumentException("gates: no gate given; give at least one initializer");
        }
        long all = 0;
        for (Initializer gate : gates) { // each has few gates itself, so this loop is short
            all += count(gate);
        }
        requireFew(all);
    }

    /** Nested gates multiply: a text of a few dozen characters could describe more gates than memory can hold. */
    private static long count(Initializer initializer) {
        return switch (initializer) {
            case Gates inner -> inner.gates.stream().mapToLong(Gates::count).sum();
            case Scaled scaled -> count(scaled.base());
            case LooksLinear mirrored -> count(mirrored.block());
            case MuP scaled -> count(scaled.base());
            case PaddingRow padded -> count(padded.base());
            default -> 1;
        };
    }

    static void requireFew(long gates) {
        if (gates > MOST) {
            throw new IllegalArgumentException(
                    "gates: " + gates + " are too many; at most " + MOST + ", those within gates counted");
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws ShapeException if the gates do not divide the last dimension
     */
    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        int columns = out.shape().rank() == 0 ? 1 : out.dim(-1);
        if (columns % gates.size() != 0) {
            throw new ShapeException(
                    "gates: expected a last dimension that " + gates.size() + " gates divide, got shape " + out.shape(),
                    "[... x " + gates.size() + " * units]",
                    out.shape());
        }
        int units = columns / gates.size();
        int rows = columns == 0 ? 0 : out.size() / columns;
        Shape shape = out.shape().rank() == 0 ? out.shape() : out.shape().withLast(units);
        Tensor gate = Tensor.zeros(shape);
        for (int g = 0; g < gates.size(); g++) {
            gate.fill(0);
            gates.get(g).fill(gate, fans, key.child(g));
            for (int row = 0; row < rows; row++) {
                System.arraycopy(
                        gate.array(),
                        gate.offset() + row * units,
                        out.array(),
                        out.offset() + row * columns + g * units,
                        units);
            }
        }
    }

    /** Such as {@code gates(4, orthogonal)}, or {@code gates(zeros, ones, zeros, zeros)} where they differ. */
    @Override
    public String toString() {
        List<String> names = gates.stream().map(Description::of).toList();
        boolean alike = gates.stream().allMatch(gates.getFirst()::equals)
                && names.stream().allMatch(names.getFirst()::equals); // equals of a user's may compare too little
        return "gates(" + (alike ? gates.size() + ", " + names.getFirst() : String.join(", ", names)) + ")";
    }
}
