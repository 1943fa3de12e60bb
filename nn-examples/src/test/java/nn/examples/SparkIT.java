package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The project that runs a sweep on Spark, outside of this build, compiled and run against its class path. Spark is
 * large, so the test runs only if the property {@code nn.spark} names a file that holds a class path with the jars of
 * {@code spark-core_2.13} 4.1. {@code mvn -f nn-examples/src/spark dependency:build-classpath -Dmdep.outputFile=FILE}
 * writes it after {@code mvn install}; then {@code mvn verify -Dnn.spark=FILE}.
 */
class SparkIT {
    private static final String SEPARATOR = System.getProperty("path.separator");
    private static final List<String> SWEEP = List.of(
            "nn.examples.Main", "sweep", "--gain=0.5,1.5", "--depth=1,2", "--width=8", "--seeds=3", "--steps=5");

    @TempDir
    static Path folder;

    private static Path classes;
    private static String spark;

    @BeforeAll
    static void compile() throws Exception {
        String file = System.getProperty("nn.spark");
        assumeTrue(file != null, "-Dnn.spark names a file with the class path of Spark");
        spark = Files.readString(Path.of(file)).strip();
        classes = folder.resolve("classes");
        Path project = Path.of(System.getProperty("nn.importer")).resolveSibling("spark");
        Path source = project.resolve(Path.of("src", "main", "java", "spark", "Spark.java"));
        Finished compiled = Finished.of(
                folder,
                List.of(
                        Finished.tool("javac"),
                        "-cp",
                        nn() + SEPARATOR + spark,
                        "-d",
                        classes.toString(),
                        source.toString()));
        assertThat(compiled.exitCode()).as(compiled.output()).isZero();
        Path services = Files.createDirectories(classes.resolve(Path.of("META-INF", "services")));
        String provided = "nn.examples.sweep.TrialExecutor";
        Files.copy(
                project.resolve(Path.of("src", "main", "resources", "META-INF", "services", provided)),
                services.resolve(provided));
    }

    /** The jars of nn, its examples included, and picocli. */
    private static String nn() throws IOException {
        Path modules = Path.of(System.getProperty("nn.modules"));
        try (Stream<Path> jars = Files.list(modules);
                Stream<Path> built = Files.list(modules.getParent())) {
            Stream<Path> examples = built.filter(
                    file -> file.getFileName().toString().matches("nn-examples-[0-9.]+(-SNAPSHOT)?\\.jar"));
            return Stream.concat(jars, examples)
                    .map(Path::toString)
                    .filter(name -> name.endsWith(".jar"))
                    .sorted()
                    .collect(Collectors.joining(SEPARATOR));
        }
    }

    /** Sweeps, and returns the bytes of the JSON file. */
    private static String sweep(String name, String path, List<String> flags, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(Finished.tool("java"), "--add-modules", "jdk.incubator.vector"));
        for (String opened : List.of("java.lang", "java.lang.invoke", "java.nio", "java.util", "sun.nio.ch")) {
            command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED");
        }
        command.addAll(flags);
        command.addAll(List.of("-cp", path));
        command.addAll(SWEEP);
        command.addAll(List.of(options));
        Path json = folder.resolve(name + ".json");
        command.add("--json=" + json);
        Finished ran = Finished.of(folder, command);
        assertThat(ran.exitCode()).as(ran.output()).isZero();
        return Files.readString(json);
    }

    @Test
    void aSweepOnSparkGivesTheFilesOfALocalOne() throws Exception {
        String expected = sweep("local", nn(), List.of(), "--workers=1");
        String path = String.join(SEPARATOR, nn(), classes.toString(), spark);
        for (String master : List.of("local[1]", "local[3]")) {
            List<String> flags = List.of(
                    "-Dspark.master=" + master,
                    "-Dspark.ui.enabled=false",
                    "-Dspark.driver.host=127.0.0.1",
                    "-Dspark.driver.bindAddress=127.0.0.1");
            assertThat(sweep("spark", path, flags, "--executor=spark")).isEqualTo(expected);
        }
    }
}
