package parquet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.History;
import nn.train.Trainer;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.data.ExampleSource;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/** Writes a Parquet file of several row groups, and trains on it and on the same rows in memory: the same bits. */
public final class Main {
    private static final int FEATURES = 3;
    private static final int GROUPS = 5; // of rows
    private static final int ROWS = 200; // of each

    private Main() {}

    /**
     * Trains twice.
     *
     * @param arguments none
     * @throws IOException if the file cannot be written or read
     */
    public static void main(String[] arguments) throws IOException {
        Key key = Key.of(1);
        Tensor x = Tensor.zeros(GROUPS * ROWS, FEATURES);
        key.child("x").normal(x, 0, 1);
        Tensor y = Tensor.zeros(GROUPS * ROWS, 1);
        for (int row = 0; row < y.size(); row++) {
            y.set(x.get(row, 0) * x.get(row, 1) - x.get(row, 2), row, 0);
        }
        Path file = Files.createTempFile("rows", ".parquet");
        try {
            write(file, x, y);
            ExampleSource rows = new ParquetExamples(file, FEATURES, GROUPS * ROWS);
            Network streamed = trained(Batches.streamed(rows, 50));
            Network held = trained(Batches.inOrder(new Dataset(x, y), 50));
            held.parametersByPath().forEach((path, parameter) -> {
                if (!parameter
                        .value()
                        .bitEquals(streamed.parametersByPath().get(path).value())) {
                    throw new IllegalStateException(path + " has other bits than in memory");
                }
            });
            for (int row : new int[] {1, ROWS, 3 * ROWS - 1, GROUPS * ROWS - 1}) {
                requireRow(row, rows, x, y);
            }
        } finally {
            Files.delete(file);
        }
    }

    private static Network trained(Batches batches) {
        Network network = Network.builder(Key.of(2))
                .input(FEATURES)
                .dense("hidden", 16)
                .tanh()
                .dense("out", 1)
                .build();
        History history = new Trainer(network, new MeanSquaredError(), Adam.of(0.01), Key.of(3)).fit(batches, 3);
        System.out.println("loss " + history.epochs().getFirst().loss() + " after one epoch, "
                + history.last().loss() + " after three");
        return network;
    }

    /** Requires that a reader that is opened at a row, as when a training is resumed, begins there. */
    private static void requireRow(int row, ExampleSource rows, Tensor x, Tensor y) throws IOException {
        Tensor input = Tensor.zeros(FEATURES);
        Tensor target = Tensor.zeros(1);
        try (ExampleSource.Reader reader = rows.open(row)) {
            reader.next(input, target);
        }
        if (!input.bitEquals(x.row(row)) || !target.bitEquals(y.row(row))) {
            throw new IllegalStateException("opened at row " + row + ", it reads another one");
        }
    }

    private static void write(Path file, Tensor x, Tensor y) throws IOException {
        Types.MessageTypeBuilder columns = Types.buildMessage();
        for (int column = 0; column <= FEATURES; column++) {
            columns.required(PrimitiveTypeName.FLOAT).named("column" + column);
        }
        MessageType schema = columns.named("row");
        try (ParquetWriter<Group> out = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withConf(new PlainParquetConfiguration())
                .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
                .withType(schema)
                .withRowGroupRowCountLimit(ROWS)
                .build()) {
            for (int row = 0; row < y.size(); row++) {
                Group numbers = new SimpleGroup(schema);
                for (int column = 0; column < FEATURES; column++) {
                    numbers.add(column, x.get(row, column));
                }
                numbers.add(FEATURES, y.get(row, 0));
                out.write(numbers);
            }
        }
    }
}
