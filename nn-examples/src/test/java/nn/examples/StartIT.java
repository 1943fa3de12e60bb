package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of {@code nn-examples/start} run as their first lines say, as far as a JDK can run them. */
class StartIT {
    private static final Path START = Path.of(System.getProperty("basedir"), "start");
    private static final Path MODULES = Path.of(System.getProperty("nn.modules"));

    @TempDir
    Path scratch;

    /** JBang itself is not here: its directives are comments, and the program runs on the class path as there. */
    @Test
    void theScriptLearnsTheSpirals() throws Exception {
        Path script = START.resolve("Spirals.java");
        assertThat(Files.readString(script)).contains("//DEPS nn:nn-train:" + version());
        Finished ran = Finished.of(
                scratch,
                List.of(
                        Finished.tool("java"),
                        "--add-modules=jdk.incubator.vector",
                        "-cp",
                        MODULES + "/*",
                        script.toString()));
        assertThat(ran.exitCode()).as(ran.output()).isZero();
        assertThat(ran.output()).contains("No faults found.", "100.0 % of the held-out points");
    }

    @Test
    void theSessionLearnsTheSpirals() throws Exception {
        Finished ran = jshell(START.resolve("nn.jsh"));
        assertThat(ran.output()).doesNotContain("Error:").contains("100.0 % of the held-out points");
    }

    @Test
    void theCellsOfTheNotebookRunInTheirOrder() throws Exception {
        JsonNode notebook =
                new ObjectMapper().readTree(START.resolve("first-network.ipynb").toFile());
        List<String> cells = StreamSupport.stream(notebook.path("cells").spliterator(), false)
                .filter(cell -> cell.path("cell_type").asText().equals("code"))
                .map(StartIT::source)
                .map(cell -> cell.replaceAll("\\n +", " ")) // JShell ends a statement where a line could end it
                .toList();
        assertThat(cells.getFirst()).isEqualTo("%jars ../target/modules/");
        String end = "System.out.println(trainer.epochs() + \" epochs, \" + sick);";
        Path session = Files.writeString(
                scratch.resolve("cells.jsh"), String.join("\n", cells.subList(1, cells.size())) + "\n" + end + "\n");
        Finished ran = jshell(session);
        assertThat(ran.output()).doesNotContain("Error:").contains("100 epochs, [FAILURE symmetry");
    }

    /** Runs a file in a session like that of a user, who then leaves it. */
    private Finished jshell(Path file) throws IOException, InterruptedException {
        return Finished.of(
                scratch,
                List.of(
                        Finished.tool("jshell"),
                        "--module-path",
                        MODULES.toString(),
                        "--add-modules",
                        "nn.train",
                        "-R--add-modules=jdk.incubator.vector",
                        "DEFAULT",
                        file.toString()));
    }

    private static String version() throws IOException {
        return Pattern.compile("<version>(.*?)</version>")
                .matcher(Files.readString(Path.of(System.getProperty("basedir"), "..", "pom.xml")))
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
    }

    private static String source(JsonNode cell) {
        return StreamSupport.stream(cell.path("source").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining());
    }
}
