package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The project that trains on a Parquet file. The test runs only if the property {@code nn.parquet} names a file that
 * holds a class path with the jars of {@code hardwood-core} 1, and of {@code parquet-hadoop} 1.18 and Hadoop, which
 * write the file. {@code mvn -f nn-examples/src/parquet dependency:build-classpath -Dmdep.outputFile=FILE} writes it
 * after {@code mvn install}; then {@code mvn verify -Dnn.parquet=FILE}.
 */
class ParquetIT {
    @Test
    void trainingOnAParquetFileGivesTheBitsOfTrainingInMemory(@TempDir Path folder) throws Exception {
        String output = new SeparateProject("parquet").run(folder, "--enable-native-access=ALL-UNNAMED");
        assertThat(output).contains("after one epoch");
    }
}
