package nn.train.data;

import nn.tensor.Shape;
import nn.tensor.Tensor;

/** Copies rows. */
final class Rows {
    private Rows() {}

    /** Copies an array of rows, all of one length. */
    static Tensor of(String name, float[][] rows) {
        if (rows.length == 0) {
            throw new IllegalArgumentException(name + " has no rows, so their length is not known");
        }
        Tensor tensor = Tensor.zeros(rows.length, rows[0].length);
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].length != rows[0].length) {
                throw new IllegalArgumentException(name + ": row " + i + " has " + rows[i].length
                        + " values, row 0 has " + rows[0].length + "; all rows need one length");
            }
            tensor.row(i).copyFrom(Tensor.wrap(rows[i], 0, Shape.of(rows[i].length)));
        }
        return tensor;
    }

    /** A tensor for some rows of the source's kind. */
    static Tensor room(Tensor source, int rows) {
        int[] dims = source.shape().dims();
        dims[0] = rows;
        return Tensor.zeros(Shape.of(dims));
    }

    static Tensor take(Tensor source, int[] rows) {
        Tensor taken = room(source, rows.length);
        gather(source, rows, 0, taken);
        return taken;
    }

    /** Fills the destination with the source's rows {@code order[from], order[from + 1], ...}. */
    static void gather(Tensor source, int[] order, int from, Tensor dst) {
        int length = dst.dim(0) == 0 ? 0 : dst.size() / dst.dim(0);
        for (int i = 0; i < dst.dim(0); i++) {
            System.arraycopy(
                    source.array(),
                    source.offset() + order[from + i] * length,
                    dst.array(),
                    dst.offset() + i * length,
                    length);
        }
    }
}
