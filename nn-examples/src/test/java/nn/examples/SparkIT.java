package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nn.train.checkpoint.Safetensors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** A shard of these batches has 56 digits, enough for a second thread. */
    private static final int BATCH = 448;

    private static final int STEPS = 4; // of an epoch
    private static final int EPOCHS = 30; // of a training that is killed on the way

    private static final List<String> TRAININGS = List.of("dropout", "recurrent", "normalized");

    @TempDir
    static Path folder;

    private static String nn;
    private static String spark;
    private static Path classes;

    /** The SHA-256 of each training that is not killed. */
    private static Map<String, String> expected;

    @BeforeAll
    static void compile() throws Exception {
        SeparateProject project = new SeparateProject("spark");
        spark = project.library();
        nn = SeparateProject.jars();
        classes = project.compile(nn + SEPARATOR + spark, folder);
        Path jars = Files.createDirectories(home().resolve("jars")); // where executors look for Spark
        for (String jar : spark.split(SEPARATOR)) {
            Files.createSymbolicLink(jars.resolve(Path.of(jar).getFileName()), Path.of(jar));
        }
        try (Program program = new Program("local[1]", 1, fit(TRAININGS, EPOCHS, "local"))) {
            expected = fits(program.text()).stream().collect(Collectors.toMap(SparkIT::training, SparkIT::bits));
        }
        assertThat(expected).containsOnlyKeys(TRAININGS);
    }

    @AfterAll
    static void removeLinks() throws IOException {
        Path jars = home().resolve("jars");
        for (Path link : Files.exists(jars) ? SeparateProject.files(jars).toList() : List.<Path>of()) {
            Files.delete(link);
        }
    }

    private static Path home() {
        return folder.resolve("home");
    }

    /** A program on Spark, or without it. Its output goes to a file. */
    private static final class Program implements AutoCloseable {
        private static final int KILLED = 128 + 9; // the exit code

        private final Process process;
        private final Path output;

        Program(String master, int threads, List<String> arguments) throws IOException {
            this(master, threads, arguments, nn);
        }

        /** Starts it. Its executors have other jars of nn. */
        Program(String master, int threads, List<String> arguments, String executors) throws IOException {
            List<String> command =
                    new ArrayList<>(List.of(Finished.tool("java"), "--add-modules", "jdk.incubator.vector"));
            for (String opened : List.of("java.lang", "java.lang.invoke", "java.nio", "java.util", "sun.nio.ch")) {
                command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED");
            }
            command.addAll(List.of(
                    "-cp",
                    nn + SEPARATOR + classes + SEPARATOR + spark,
                    "-Dnn.threads=" + threads,
                    "-Dspark.master=" + master,
                    "-Dspark.ui.enabled=false",
                    "-Dspark.scheduler.barrier.maxConcurrentTasksCheck.interval=1s", // for executors to start
                    "-Dspark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures=120",
                    "-Dspark.driver.host=127.0.0.1",
                    "-Dspark.driver.bindAddress=127.0.0.1",
                    "-Dspark.executor.extraClassPath=" + executors + SEPARATOR + classes,
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

        /**
         * Kills the process of an executor like a power failure, once a file has some lines.
         *
         * @return the lines that it had then
         */
        long killAnExecutor(Path file, int lines) throws Exception {
            while (true) {
                // all that it starts is executors; their command lines are too long to be told
                Optional<ProcessHandle> executor = process.descendants()
                        .filter(one -> one.info().command().orElse("").endsWith("java"))
                        .findFirst();
                requireAlive();
                long count = Files.exists(file) ? count(file) : 0;
                if (executor.isPresent() && count >= lines) {
                    assertThat(executor.get().destroyForcibly()).isTrue();
                    return count;
                }
                Thread.sleep(20);
            }
        }

        /**
         * Kills the program like a power failure, once a checkpoint has more steps than some number.
         *
         * @return the steps that it has in the end
         */
        long kill(Path checkpoint, long steps) throws Exception {
            while (steps(checkpoint) <= steps) {
                requireAlive();
                Thread.sleep(5);
            }
            assertThat(process.destroyForcibly().waitFor()).isEqualTo(KILLED);
            return steps(checkpoint);
        }

        private void requireAlive() {
            assertThat(process.isAlive())
                    .as(() -> "killed too late: " + output())
                    .isTrue();
        }

        private static long steps(Path checkpoint) throws IOException {
            return Files.exists(checkpoint)
                    ? Long.parseLong(Safetensors.read(checkpoint).metadata().get("state/trainer/steps"))
                    : 0;
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
            return text(0);
        }

        /** Returns what it printed, when it has ended with an exit code. */
        String text(int exitCode) throws InterruptedException {
            assertThat(process.waitFor(15, TimeUnit.MINUTES)).as(this::output).isTrue();
            assertThat(process.exitValue()).as(this::output).isEqualTo(exitCode);
            return output();
        }

        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    // ---- sweep ----

    /** Two workers with one core and one executor each, in processes of their own. */
    private static final String CLUSTER = "local-cluster[2,1,1024]";

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

    @Test
    void anExecutorWithAnotherVersionEndsTheSweep() throws Exception {
        Path other = folder.resolve("other");
        Path version = other.resolve(Path.of("nn", "examples", "version.txt"));
        Files.createDirectories(version.getParent());
        Files.writeString(version, "0.0.1\n");
        List<String> arguments = sweep(folder.resolve("refused.json"), 1, 1, "--executor=spark");
        try (Program program = new Program(CLUSTER, 1, arguments, other + SEPARATOR + nn)) {
            assertThat(program.text(2))
                    .containsPattern("executor \\d")
                    .contains("this executor has version 0.0.1 of nn, and the driver has " + Main.version());
        }
    }

    // ---- fit ----

    /** Returns the arguments of a fit. */
    private static List<String> fit(List<String> trainings, int epochs, String workers, String... more) {
        List<String> arguments = List.of(
                "spark.Fit",
                "--batch=" + BATCH,
                "--epochs=" + epochs,
                "--training=" + String.join(",", trainings),
                "--workers=" + workers);
        return Stream.concat(arguments.stream(), Stream.of(more)).toList();
    }

    /** Returns the lines of a fit that name a run. */
    private static List<String> fits(String output) {
        return output.lines().filter(line -> line.startsWith("fit ")).toList();
    }

    private static String training(String line) {
        return line.split(" ")[1];
    }

    /** Returns the SHA-256 of weights, optimizer state, counters and history. */
    private static String bits(String line) {
        return line.replaceFirst(".*: ([0-9a-f]{64}), .*", "$1");
    }

    /** Returns the step after which the last workers of a run began. */
    private static long before(String line) {
        return Long.parseLong(line.replaceFirst(".* after step (\\d+) .*", "$1"));
    }

    @Test
    void aFitHasOneSha256OnAnyNumberOfExecutorsAndThreads() throws Exception {
        List<String> runs = new ArrayList<>();
        for (int threads = 1; threads <= 2; threads++) {
            List<String> arguments = fit(TRAININGS, 3, "local,1,2,3,4,8");
            try (Program program = new Program("local-cluster[8,1,1024]", threads, arguments)) {
                runs.addAll(fits(program.text()));
            }
        }
        for (String training : TRAININGS) {
            List<String> bits = runs.stream()
                    .filter(run -> training(run).equals(training))
                    .map(SparkIT::bits)
                    .toList();
            assertThat(bits).as(training).hasSize(12).containsOnly(bits.getFirst());
        }
    }

    @ParameterizedTest
    @CsvSource({"dropout,1", "dropout,2", "recurrent,1", "recurrent,2", "normalized,1", "normalized,2"})
    void aFitThatIsKilledIsResumedWithAnotherNumberOfWorkersAndHasTheSameSha256(String training, int threads)
            throws Exception {
        Path progress = Files.createDirectories(folder.resolve(training + threads));
        Path checkpoint = progress.resolve("training-0.nn");
        String[] options = {"--every=4", "--folder=" + progress};
        long steps = 0;
        for (String workers : List.of("local", "1", "8", "2", "4", "3")) {
            try (Program program = new Program("local[8]", threads, fit(List.of(training), EPOCHS, workers, options))) {
                steps = program.kill(checkpoint, steps);
            }
        }
        try (Program program = new Program("local[8]", threads, fit(List.of(training), EPOCHS, "local", options))) {
            String run = fits(program.text()).getFirst();
            assertThat(before(run)).isEqualTo(steps);
            assertThat(bits(run)).isEqualTo(expected.get(training));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aFitWhoseExecutorIsKilledGoesOnWithFewerLosesNoStepAndChangesNoBit(int threads) throws Exception {
        Path progress = folder.resolve("progress" + threads);
        // no checkpoint is due before the end: only the executors that are left have the state
        List<String> arguments = fit(TRAININGS, EPOCHS, "3/2", "--every=1000000", "--folder=" + progress);
        try (Program program = new Program("local-cluster[3,1,1024]", threads, arguments)) {
            List<Long> finished = new ArrayList<>();
            for (String training : TRAININGS) {
                Path own = progress.resolve(training + 0);
                finished.add(STEPS * program.killAnExecutor(own.resolve("epochs-0.txt"), 2));
            }
            List<String> runs = fits(program.text());
            assertThat(runs).hasSize(3);
            for (int i = 0; i < 3; i++) {
                assertThat(bits(runs.get(i))).isEqualTo(expected.get(TRAININGS.get(i)));
                assertThat(before(runs.get(i))).isGreaterThanOrEqualTo(finished.get(i));
                assertThat(runs.get(i)).endsWith("attempt 1");
            }
        }
    }
}
