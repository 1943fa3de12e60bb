package parquet;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import java.io.IOException;
import java.nio.file.Path;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.data.ExampleSource;

/**
 * The rows of a Parquet file, which need not fit into memory. All columns hold floats and no nulls; the last one is the
 * target.
 *
 * @param file the file
 * @param features the number of columns before the last one
 * @param size the number of rows
 */
record ParquetExamples(Path file, int features, long size) implements ExampleSource {
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
        ParquetFileReader in = ParquetFileReader.open(InputFile.of(file));
        RowReader rows = in.buildRowReader().skip(first).build();
        return new Reader() {
            @Override
            public void next(Tensor x, Tensor y) throws IOException {
                if (!rows.hasNext()) {
                    throw new IOException(file + " has no more rows");
                }
                rows.next();
                for (int column = 0; column < features; column++) {
                    x.set(rows.getFloat(column), column);
                }
                y.set(rows.getFloat(features), 0);
            }

            @Override
            public void close() throws IOException {
                rows.close();
                in.close();
            }
        };
    }
}
