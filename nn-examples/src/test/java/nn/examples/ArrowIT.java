package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The project that trains on an Arrow file. The test runs only if the property {@code nn.arrow} names a file that holds
 * a class path with the jars of {@code arrow-vector} and {@code arrow-memory-unsafe} 19. {@code mvn -f
 * nn-examples/src/arrow dependency:build-classpath -Dmdep.outputFile=FILE} writes it after {@code mvn install}; then
 * {@code mvn verify -Dnn.arrow=FILE}.
 */
class ArrowIT {
    @Test
    void trainingOnAnArrowFileGivesTheBitsOfTrainingInMemory(@TempDir Path folder) throws Exception {
        String output = new SeparateProject("arrow").run(folder, "--add-opens=java.base/java.nio=ALL-UNNAMED");
        assertThat(output).contains("after one epoch");
    }
}
