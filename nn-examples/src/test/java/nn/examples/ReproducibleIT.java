package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A second compilation of the libraries gives the classes of the jars, to the byte: in another folder, with the sources
 * in another order, and without the checks of the build. The rest of a jar is copies of files, and times that are
 * fixed. {@code .ci/run twice} compares two whole builds, which takes minutes.
 */
class ReproducibleIT {
    private static final List<String> LIBRARIES = List.of("nn-tensor", "nn-init", "nn-layers", "nn-train");
    private static final Path MODULES = Path.of(System.getProperty("nn.modules"));
    private static final LocalDateTime BUILT = LocalDateTime.of(2026, 1, 1, 0, 0); // as pom.xml says
    private static final String DESCRIPTOR = "module-info.class"; // which the build compiles for an older Java

    @TempDir
    Path scratch;

    @Test
    void aSecondCompilationGivesTheSameClasses() throws Exception {
        for (String library : LIBRARIES) {
            Map<String, byte[]> first = classesOfJar(library);
            Map<String, byte[]> second = compiled(library);
            assertThat(second.keySet()).as(library).isEqualTo(first.keySet());
            assertThat(first.entrySet().stream()
                            .filter(entry -> !Arrays.equals(entry.getValue(), second.get(entry.getKey())))
                            .map(Map.Entry::getKey))
                    .as("classes of " + library + " that differ")
                    .isEmpty();
        }
    }

    private static Map<String, byte[]> classesOfJar(String library) throws IOException {
        Path jar = files(MODULES)
                .filter(file -> file.getFileName().toString().startsWith(library + "-"))
                .findFirst()
                .orElseThrow();
        Map<String, byte[]> classes = new TreeMap<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : Collections.list(file.entries())) {
                assertThat(entry.getTimeLocal()).as(entry.getName()).isEqualTo(BUILT);
                if (entry.getName().endsWith(".class") && !entry.getName().equals(DESCRIPTOR)) {
                    classes.put(entry.getName(), file.getInputStream(entry).readAllBytes());
                }
            }
        }
        return classes;
    }

    private Map<String, byte[]> compiled(String library) throws Exception {
        Path from = Path.of("..", library, "src", "main", "java");
        Path sources = scratch.resolve(library).resolve("sources");
        Path classes = scratch.resolve(library).resolve("classes");
        List<Path> copies = new ArrayList<>();
        for (Path source : files(from).toList()) {
            Path copy = sources.resolve(from.relativize(source).toString());
            Files.createDirectories(copy.getParent());
            copies.add(Files.copy(source, copy));
        }
        Collections.reverse(copies);
        List<String> before = LIBRARIES.subList(0, LIBRARIES.indexOf(library)).stream()
                .map(other -> scratch.resolve(other).resolve("classes").toString())
                .toList();
        String path = Stream.concat(before.stream(), Stream.of(System.getProperty("nn.annotations")))
                .collect(Collectors.joining(System.getProperty("path.separator")));
        List<String> command = new ArrayList<>(List.of(Finished.tool("javac"), "--release", "25", "-g", "-parameters"));
        command.addAll(List.of("-proc:none", "-nowarn", "-p", path, "-d", classes.toString()));
        Path list = Files.write(
                scratch.resolve(library).resolve("list"),
                copies.stream()
                        .map(copy -> "\"" + copy.toString().replace('\\', '/') + "\"")
                        .toList());
        command.add("@" + list);
        Finished compiled = Finished.of(scratch, command);
        assertThat(compiled.exitCode()).as(compiled.output()).isZero();
        return files(classes)
                .filter(file -> !file.endsWith(DESCRIPTOR))
                .collect(Collectors.toMap(
                        file -> classes.relativize(file).toString().replace('\\', '/'),
                        ReproducibleIT::bytes,
                        (a, b) -> a,
                        TreeMap::new));
    }

    private static Stream<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList().stream();
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
