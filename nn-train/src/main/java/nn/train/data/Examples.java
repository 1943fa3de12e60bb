package nn.train.data;

import java.util.stream.IntStream;
import nn.tensor.Key;
import nn.train.internal.BatchAxis;
import org.jspecify.annotations.Nullable;

/** The examples that batches are made of. */
sealed interface Examples {
    /** Returns their number. */
    long size();

    /** Returns a data set of the same axes and the same shape of an example. */
    Dataset likeness();

    /** Returns the examples in the order of an epoch, which the key decides; null for their own order. */
    Ordered order(@Nullable Key ofEpoch);

    /** Returns a text that is equal for equal examples. */
    String fingerprint();

    /** Returns the end of the text {@code shuffled}, such as {@code  in windows of 1000}. */
    default String shuffling() {
        return "";
    }

    /** The examples in the order of an epoch. */
    interface Ordered {
        /** Copies as many examples as a batch has, from a position in the order on. Positions increase. */
        void copy(long from, Batch to);

        /** Frees what is open. */
        default void close() {}
    }

    /**
     * Examples of a data set.
     *
     * @param data the data set
     * @param cut the same data, with the axis that batches are cut along
     */
    record InMemory(Dataset data, Dataset cut) implements Examples {
        @Override
        public long size() {
            return cut.size();
        }

        @Override
        public Dataset likeness() {
            return cut;
        }

        @Override
        public Ordered order(@Nullable Key ofEpoch) {
            int[] order = ofEpoch == null ? IntStream.range(0, cut.size()).toArray() : ofEpoch.permutation(cut.size());
            return (from, to) -> {
                BatchAxis.gather(cut.x(), cut.xAxis(), order, (int) from, to.x());
                BatchAxis.gather(cut.y(), cut.yAxis(), order, (int) from, to.y());
            };
        }

        boolean isAlongTime() {
            return cut != data;
        }

        @Override
        public String fingerprint() {
            return data.fingerprint();
        }
    }

    /**
     * Examples of a source.
     *
     * @param source the source
     * @param window the number of examples that are in memory at a time, and shuffled among themselves
     * @param likeness one example of zeros
     */
    record Streamed(ExampleSource source, int window, Dataset likeness) implements Examples {
        @Override
        public long size() {
            return source.size();
        }

        @Override
        public Ordered order(@Nullable Key ofEpoch) {
            return new WindowReader(this, ofEpoch);
        }

        @Override
        public String fingerprint() {
            return size() + " examples, x " + source.x() + ", y " + source.y() + ", of " + source.fingerprint();
        }

        @Override
        public String shuffling() {
            return " in windows of " + window;
        }
    }
}
