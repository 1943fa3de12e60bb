package nn.train.data;

import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.BatchAxis;

/** Copies examples. */
final class BatchRows {
    private BatchRows() {}

    /** Copies rows, all of one length, into a tensor. */
    static Tensor of(String name, float[][] rows) {
        if (rows.length == 0) {
            throw new IllegalArgumentException(name + " has no rows, so their length is not known");
        }
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] == null) {
                throw new NullPointerException(name + ": row " + i + " is null");
            }
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

    /** Allocates a tensor for examples of the source's shape. */
    static Tensor allocate(Tensor source, int axis, int examples) {
        return Tensor.zeros(BatchAxis.resized(source.shape(), axis, examples));
    }

    /** Returns a tensor of fewer examples at the beginning of a tensor's memory. */
    static Tensor part(Tensor whole, int axis, int examples) {
        return Tensor.wrap(whole.array(), whole.offset(), BatchAxis.resized(whole.shape(), axis, examples));
    }

    static Tensor take(Tensor source, int axis, int[] rows) {
        Tensor taken = allocate(source, axis, rows.length);
        BatchAxis.gather(source, axis, rows, 0, taken);
        return taken;
    }

    /** Returns a data set of one example of a source's shapes, of zeros. */
    static Dataset oneOf(ExampleSource source) {
        return new Dataset(Tensor.zeros(BatchAxis.ofOne(source.x())), Tensor.zeros(BatchAxis.ofOne(source.y())));
    }
}
