package nn.init;

import java.util.Objects;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * Another scheme's values, with one row of zeros: the table of an embedding, whose row for padding is zero. The other
 * rows have the values that they have without it.
 *
 * @param base gives the values
 * @param row the row of zeros along the first axis, 0 or more
 */
public record PaddingRow(Initializer base, int row) implements Initializer {
    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if the row is negative
     * @throws NullPointerException if the base is null
     */
    public PaddingRow {
        Objects.requireNonNull(base, "base");
        if (row < 0) {
            throw new IllegalArgumentException("padding row: row " + row + " must be 0 or more");
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws ShapeException if the tensor has rank 0, or not that many rows
     */
    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        if (out.shape().rank() == 0 || out.dim(0) <= row) {
            throw new ShapeException(
                    "padding row: expected more than " + row + " rows, got shape " + out.shape()
                            + "; rows are counted from 0",
                    "[rows x ...] of more than " + row + " rows",
                    out.shape());
        }
        base.fill(out, fans, key);
        out.row(row).fill(0f);
    }

    /** Such as {@code padding row(normal(0, 1), 0)}. */
    @Override
    public String toString() {
        return "padding row(" + Description.of(base) + ", " + row + ")";
    }
}
