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
        RootAllocator memory = new RootAllocator();
        ArrowFileReader in = new ArrowFileReader(FileChannel.open(file), memory);
        VectorSchemaRoot batch = in.getVectorSchemaRoot(); // of records; has none yet
        return new Reader() {
            private long row = first; // counted from the first one of the record batch

            @Override
            public void next(Tensor x, Tensor y) throws IOException {
                while (row >= batch.getRowCount()) {
                    row -= batch.getRowCount();
                    if (!in.loadNextBatch()) {
                        throw new IOException(file + " has no more rows");
                    }
                }
                for (int column = 0; column < features; column++) {
                    x.set(number(column), column);
                }
                y.set(number(features), 0);
                row++;
            }

            private float number(int column) {
                return ((Float4Vector) batch.getVector(column)).get((int) row);
            }

            @Override
            public void close() throws IOException {
                in.close();
                memory.close();
            }
        };
    }
}
