package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The project that sweeps and trains on Spark, outside of this build, compiled and run against its class path. Spark is
 * large, so the test runs only if the property {@code nn.spark} names a file that holds a class path with the jars of
 * {@code spark-core_2.13} 4.1 and Hadoop 3.5. After {@code mvn install}, {@code mvn -f nn-examples/src/spark package
 * dependency:build-classpath -Dmdep.outputFile=FILE} writes it; then {@code mvn verify -Dnn.spark=FILE}.
 */
class SparkIT {
    private static final String SEPARATOR = System.getProperty("path.separator");
    private static final List<String> SWEEP =
            List.of("nn.examples.Main", "sweep", "--gain=0.5,1.5", "--depth=1,2", "--width=8");

    /** Two workers with one core and one executor each, in processes of their own. */
    private static final String CLUSTER = "local-cluster[2,1,1024]";

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
        List<String> command = new ArrayList<>(
                List.of(Finished.tool("javac"), "-cp", nn() + SEPARATOR + spark, "-d", classes.toString()));
        try (Stream<Path> sources = Files.list(project.resolve(Path.of("src", "main", "java", "spark")))) {
            sources.map(Path::toString).sorted().forEach(command::add);
        }
        Finished compiled = Finished.of(folder, command);
        assertThat(compiled.exitCode()).as(compiled.output()).isZero();
        Path services = Files.createDirectories(classes.resolve(Path.of("META-INF", "services")));
        String provided = "nn.examples.sweep.TrialExecutor";
        Files.copy(
                project.resolve(Path.of("src", "main", "resources", "META-INF", "services", provided)),
                services.resolve(provided));
        Path jars = Files.createDirectories(home().resolve("jars")); // where executors look for Spark
        for (String jar : spark.split(SEPARATOR)) {
            Files.createSymbolicLink(jars.resolve(Path.of(jar).getFileName()), Path.of(jar));
        }
    }

    private static Path home() {
        return folder.resolve("home");
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

    /** A program on Spark, or without it. Its output goes to a file. */
    private static final class Program implements AutoCloseable {
        private final Process process;
        private final Path output;

        Program(String master, int threads, List<String> arguments) throws IOException {
            List<String> command =
                    new ArrayList<>(List.of(Finished.tool("java"), "--add-modules", "jdk.incubator.vector"));
            for (String opened : List.of("java.lang", "java.lang.invoke", "java.nio", "java.util", "sun.nio.ch")) {
                command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED");
            }
            String own = nn() + SEPARATOR + classes;
            command.addAll(List.of(
                    "-cp",
                    own + SEPARATOR + spark,
                    "-Dnn.threads=" + threads,
                    "-Dspark.master=" + master,
                    "-Dspark.ui.enabled=false",
                    "-Dspark.scheduler.barrier.maxConcurrentTasksCheck.interval=1s", // for executors to start
                    "-Dspark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures=120",
                    "-Dspark.driver.host=127.0.0.1",
                    "-Dspark.driver.bindAddress=127.0.0.1",
                    "-Dspark.executor.extraClassPath=" + own,
                    "-Dspark.executor.extraJavaOptions=--add-modules=jdk.incubator.vector -Dnn.threads=" + threads));
            command.addAll(arguments);
            this.output = Files.createTempFile(folder, "program", ".txt");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            builder.environment().put("SPARK_HOME", home().toString());
            builder.environment().put("SPARK_SCALA_VERSION", "2.13");
            this.process = builder.start();
            process.getOutputStream().close();
        }

        /** Kills the process of an executor like a power failure, once a file has some lines. */
        void killAnExecutor(Path file, int lines) throws Exception {
            while (true) {
                // all that it starts is executors; their command lines are too long to be told
                Optional<ProcessHandle> executor = process.descendants()
                        .filter(one -> one.info().command().orElse("").endsWith("java"))
                        .findFirst();
                assertThat(process.isAlive())
                        .as(() -> "killed too late: " + output())
                        .isTrue();
                if (executor.isPresent() && Files.exists(file) && count(file) >= lines) {
                    assertThat(executor.get().destroyForcibly()).isTrue();
                    return;
                }
                Thread.sleep(20);
            }
        }

        private static long count(Path file) throws IOException {
            try (Stream<String> lines = Files.lines(file)) {
                return lines.count();
            }
        }

        private String output() {
            try {
                return Files.readString(output);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Returns what it printed, when it has ended well. */
        String text() throws InterruptedException {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).as(this::output).isTrue();
            assertThat(process.exitValue()).as(this::output).isZero();
            return output();
        }

        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    // ---- sweep ----

    private static List<String> sweep(Path json, int seeds, int steps, String... options) {
        List<String> arguments = new ArrayList<>(SWEEP);
        arguments.addAll(List.of("--seeds=" + seeds, "--steps=" + steps));
        arguments.addAll(List.of(options));
        arguments.add("--json=" + json);
        return arguments;
    }

    @Test
    void aSweepOnSparkGivesTheFilesOfALocalOne() throws Exception {
        Path local = folder.resolve("local.json");
        try (Program program = new Program("none", 1, sweep(local, 3, 5, "--workers=1"))) {
            program.text();
        }
        for (String master : List.of("local[1]", "local[3]", CLUSTER)) {
            Path json = folder.resolve("spark.json");
            try (Program program = new Program(master, 1, sweep(json, 3, 5, "--executor=spark"))) {
                program.text();
            }
            assertThat(json).hasSameTextualContentAs(local);
        }
    }

    @Test
    void aSweepWhoseExecutorIsKilledGivesTheFilesOfALocalOne() throws Exception {
        Path local = folder.resolve("whole.json");
        try (Program program = new Program("none", 1, sweep(local, 100, 50))) {
            program.text();
        }
        Path json = folder.resolve("killed.json");
        Path log = folder.resolve("killed.log");
        List<String> arguments = sweep(json, 100, 50);
        arguments.addAll(List.of("--executor=spark", "--resume=" + log));
        try (Program program = new Program(CLUSTER, 1, arguments)) {
            program.killAnExecutor(log, 20);
            assertThat(program.text()).contains("Lost executor");
        }
        assertThat(json).hasSameTextualContentAs(local);
    }

    // ---- fit ----

    /** Returns the lines of a fit that name a run. */
    private static List<String> fits(String output) {
        return output.lines().filter(line -> line.startsWith("fit ")).toList();
    }

    private static String bits(String line) {
        return line.replaceFirst(".*: ([0-9a-f]{64}), .*", "$1");
    }

    @Test
    void aFitHasOneSha256OnAnyNumberOfWorkersAndThreadsAndAfterAResumptionWithAnother() throws Exception {
        for (String training : List.of("dropout", "recurrent", "normalized")) {
            List<String> bits = new ArrayList<>();
            for (int threads = 1; threads <= 2; threads++) {
                List<String> arguments = List.of(
                        "spark.Fit",
                        "--training=" + training,
                        "--epochs=2",
                        "--workers=local,1,2,3,4,8,1+8,2+4,3+2,4+3,8+1,local+2,3+local");
                try (Program program = new Program("local[8]", threads, arguments)) {
                    List<String> runs = fits(program.text());
                    assertThat(runs).hasSize(13);
                    runs.stream().map(SparkIT::bits).forEach(bits::add);
                }
                try (Program program = new Program(
                        CLUSTER,
                        threads,
                        List.of("spark.Fit", "--training=" + training, "--epochs=2", "--workers=2"))) {
                    fits(program.text()).stream().map(SparkIT::bits).forEach(bits::add);
                }
            }
            assertThat(bits).as(training).hasSize(28).containsOnly(bits.getFirst());
        }
    }

    @Test
    void aFitWhoseExecutorIsKilledLosesNoStepAndChangesNoBit() throws Exception {
        List<String> training = List.of("spark.Fit", "--training=dropout", "--epochs=40");
        String expected;
        try (Program program = new Program("local[1]", 1, and(training, "--workers=local"))) {
            expected = bits(fits(program.text()).getFirst());
        }
        Path progress = Files.createDirectories(folder.resolve("progress"));
        try (Program program =
                new Program(CLUSTER, 1, and(training, "--workers=2", "--every=28", "--folder=" + progress))) {
            program.killAnExecutor(progress.resolve("epochs.txt"), 3);
            String line = fits(program.text()).getFirst();
            assertThat(bits(line)).isEqualTo(expected);
            assertThat(line).contains("attempt 1");
        }
    }

    private static List<String> and(List<String> arguments, String... more) {
        return Stream.concat(arguments.stream(), Stream.of(more)).toList();
    }
}
