package arrow;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.data.ExampleSource;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;

/**
 * The rows of an Arrow file, of which one record batch is in memory at a time. All columns hold floats; the last one is
 * the target.
 *
 * @param file the file
 * @param features the number of columns before the last one
 * @param size the number of rows
 */
record ArrowExamples(Path file, int features, long size) implements ExampleSource {
    @Override
    public Shape x() {
        return Shape.of(features);
    }

    @Override
    public Shape y() {
        return Shape.of(1);
    }

    @Override
    public String fingerprint() {
        return file + " of " + size + " rows";
    }

    @Override
    public Reader open(long first) throws IOException {
        Rows rows = new Rows(file);
        rows.skip(first);
        return rows;
    }

    /** Reads the rows one after the other. */
    private static final class Rows implements Reader {
        private final RootAllocator memory = new RootAllocator();
        private final ArrowFileReader in;
        private int row; // of the record batch

        Rows(Path file) throws IOException {
            in = new ArrowFileReader(FileChannel.open(file), memory);
        }

        void skip(long rows) throws IOException {
            long left = rows;
            while (left > 0) {
                VectorSchemaRoot batch = batch();
                row = (int) Math.min(left, batch.getRowCount());
                left -= row;
            }
        }

        /** The record batch of the next row. */
        private VectorSchemaRoot batch() throws IOException {
            VectorSchemaRoot batch = in.getVectorSchemaRoot();
            while (row == batch.getRowCount()) {
                if (!in.loadNextBatch()) {
                    throw new IOException("the file has no more rows");
                }
                row = 0;
            }
            return batch;
        }

        @Override
        public void next(Tensor x, Tensor y) throws IOException {
            VectorSchemaRoot batch = batch();
            for (int column = 0; column < x.size(); column++) {
                x.set(((Float4Vector) batch.getVector(column)).get(row), column);
            }
            y.set(((Float4Vector) batch.getVector(x.size())).get(row), 0);
            row++;
        }

        @Override
        public void close() throws IOException {
            in.close();
            memory.close();
        }
    }
}
