package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The project that trains on an Arrow file, outside of this build, compiled and run against its class path. The test
 * runs only if the property {@code nn.arrow} names a file that holds a class path with the jars of {@code arrow-vector}
 * and {@code arrow-memory-unsafe} 19. {@code mvn -f nn-examples/src/arrow dependency:build-classpath
 * -Dmdep.outputFile=FILE} writes it after {@code mvn install}; then {@code mvn verify -Dnn.arrow=FILE}.
 */
class ArrowIT {
    private static final String SEPARATOR = System.getProperty("path.separator");

    @TempDir
    Path folder;

    @Test
    void trainingOnAnArrowFileGivesTheBitsOfTrainingInMemory() throws Exception {
        String file = System.getProperty("nn.arrow");
        assumeTrue(file != null, "-Dnn.arrow names a file with the class path of Arrow");
        String path = jars() + SEPARATOR + Files.readString(Path.of(file)).strip();
        Path classes = folder.resolve("classes");
        Path sources = Path.of(System.getProperty("nn.importer"))
                .resolveSibling("arrow")
                .resolve(Path.of("src", "main", "java", "arrow"));
        List<String> compile = new ArrayList<>(List.of(Finished.tool("javac"), "-cp", path, "-d", classes.toString()));
        try (Stream<Path> all = Files.list(sources)) {
            all.map(Path::toString).sorted().forEach(compile::add);
        }
        Finished compiled = Finished.of(folder, compile);
        assertThat(compiled.exitCode()).as(compiled.output()).isZero();
        Finished ran = Finished.of(
                folder,
                List.of(
                        Finished.tool("java"),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "-cp",
                        classes + SEPARATOR + path,
                        "arrow.Main"));
        assertThat(ran.exitCode()).as(ran.output()).isZero();
        assertThat(ran.output()).contains("after one epoch");
    }

    private static String jars() throws Exception {
        try (Stream<Path> jars = Files.list(Path.of(System.getProperty("nn.modules")))) {
            return jars.map(Path::toString).sorted().collect(Collectors.joining(SEPARATOR));
        }
    }
}
