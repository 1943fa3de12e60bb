package nn.train.data;

import java.io.Closeable;
import java.io.IOException;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Examples that are read one after the other and need not fit into memory: the rows of a large file, of a database, or
 * of several files. {@link Batches#streamed(ExampleSource, int)} makes batches of them. The same examples come in the
 * same order each time, or a training could not be resumed.
 */
public interface ExampleSource {
    /**
     * Returns the shape of the input of one example.
     *
     * @return such as [features]; a batch of them is [batch x features]
     */
    Shape x();

    /**
     * Returns the shape of the target of one example.
     *
     * @return such as [] for a label; a batch of them is [batch]
     */
    Shape y();

    /**
     * Returns the number of examples.
     *
     * @return at least 1
     */
    long size();

    /**
     * Returns a text that is equal for equal examples, and should differ for others. A trainer compares it to detect a
     * training that is resumed with other data.
     *
     * @return such as the name of a file, its size, and the time of its last change
     */
    String fingerprint();

    /**
     * Begins to read.
     *
     * @param first the number of the first example to be read, from 0 to below {@link #size}
     * @return reads that example and those after it
     * @throws IOException if the source cannot be opened
     */
    Reader open(long first) throws IOException;

    /** Reads examples, one after the other. It is for one thread at a time. */
    interface Reader extends Closeable {
        /**
         * Reads the next example. Called at most as often as there are examples. What it throws ends the fit by an
         * exception that names the example and the source, and has it as its cause: an {@link
         * java.io.UncheckedIOException} for an {@link IOException}, an {@link IllegalArgumentException} for one of
         * these, and an {@link IllegalStateException} for another one. The same is true of {@link ExampleSource#open}.
         *
         * @param x receives the input, in the shape {@link ExampleSource#x}; holds any numbers before
         * @param y receives the target, in the shape {@link ExampleSource#y}; holds any numbers before
         * @throws IOException if it cannot be read, or there is none
         */
        void next(Tensor x, Tensor y) throws IOException;

        /**
         * Ends reading.
         *
         * @throws IOException if that fails
         */
        @Override
        void close() throws IOException;
    }
}
