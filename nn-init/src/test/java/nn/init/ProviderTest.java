package nn.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody else's schemes, compiled against our classes and found by other JVMs, as a module and on the class path. */
class ProviderTest {
    private static final String PROVIDER = """
        package schemes;

        import java.util.Map;
        import nn.init.Init;
        import nn.init.Initializer;
        import nn.init.InitializerProvider;

        public final class Schemes implements InitializerProvider {
            record Half(double factor) implements Initializer {
                public void fill(nn.tensor.Tensor out, nn.init.Fans fans, nn.tensor.Key key) {
                    out.fill((float) (factor / 2));
                }
                public String toString() {
                    return "half of(factor " + factor + ")";
                }
            }

            public Map<String, Factory> factories() {
                return Map.of(
                        "half of", spec -> new Half(spec.number("factor", 1)),
                        "siren", spec -> Init.zeros(),
                        "nothing", spec -> null);
            }
        }
        """;

    private static final String MAIN = """
        package schemes;

        import nn.init.Init;
        import nn.init.Initializer;

        public final class Main {
            public static void main(String[] arguments) {
                Initializer half = Init.named("halfOf");
                System.out.println(half + " " + Init.parse("scaled(half of(3), 2)")
                        + " " + Init.parse(half.toString()).equals(half) + " " + Init.names().contains("half of"));
                for (String bad : new String[] {"siren(30)", "nothing", "halfof"}) {
                    try {
                        System.out.println(Init.parse(bad));
                    } catch (IllegalArgumentException e) {
                        System.out.println(e.getMessage().replaceAll(" There are.*", ""));
                    }
                }
                System.out.println(Init.class.getModule().isNamed());
            }
        }
        """;

    private static final List<String> EXPECTED = List.of(
            "half of(factor 1.0) scaled(half of(factor 3.0), 2) true true",
            "initializer 'siren' is offered by nn.init itself and schemes.Schemes: a name must be unique; rename one,"
                    + " or take a provider off the path",
            "initializer 'nothing': its provider returned null",
            "no initializer is named 'halfof'; did you mean 'half of'?");

    @TempDir
    static Path scratch;

    private static String ours;

    @BeforeAll
    static void compile() throws Exception {
        Path base = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();
        ours = base.resolve("target/classes") + File.pathSeparator + base.resolveSibling("nn-tensor/target/classes");
        write("src/schemes/Schemes.java", PROVIDER);
        write("src/schemes/Main.java", MAIN);
        write("src/module-info.java", """
            module schemes {
                requires nn.init;
                provides nn.init.InitializerProvider with schemes.Schemes;
            }
            """);
        Finished compiled = run(
                "javac",
                "-d",
                scratch.resolve("classes").toString(),
                "--module-path",
                ours,
                "--add-modules",
                "nn.init",
                scratch.resolve("src/module-info.java").toString(),
                scratch.resolve("src/schemes/Schemes.java").toString(),
                scratch.resolve("src/schemes/Main.java").toString());
        assertThat(compiled.exitCode()).as(compiled.output()).isZero();
        write("classes/META-INF/services/nn.init.InitializerProvider", "schemes.Schemes\n");
    }

    private static void write(String path, String text) throws IOException {
        Path file = scratch.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void aModuleThatProvidesSchemesIsFound() throws Exception {
        assertFound(
                run("java", "-p", ours + File.pathSeparator + scratch.resolve("classes"), "-m", "schemes/schemes.Main"),
                "true");
    }

    @Test
    void aProviderOnTheClassPathIsFound() throws Exception {
        assertFound(
                run("java", "-cp", ours + File.pathSeparator + scratch.resolve("classes"), "schemes.Main"), "false");
    }

    @Test
    void aProviderOnTheClassPathIsFoundByOurModules() throws Exception {
        assertFound(
                run(
                        "java",
                        "-p",
                        ours,
                        "--add-modules",
                        "nn.init",
                        "-cp",
                        scratch.resolve("classes").toString(),
                        "schemes.Main"),
                "true");
    }

    private static final String BROKEN = """
        package broken;

        import java.util.HashMap;
        import java.util.Map;
        import nn.init.Init;
        import nn.init.InitializerProvider;
        import nn.init.InitializerProvider.Factory;

        public final class Main {
            public static final class Throws implements InitializerProvider {
                public Throws() {
                    throw new IllegalStateException("no licence");
                }
                public Map<String, Factory> factories() {
                    return Map.of("never", spec -> Init.zeros());
                }
            }

            public static final class Nothing implements InitializerProvider {
                public Map<String, Factory> factories() {
                    return null;
                }
            }

            public static final class NoFactory implements InitializerProvider {
                public Map<String, Factory> factories() {
                    Map<String, Factory> all = new HashMap<>();
                    all.put("half made", spec -> Init.zeros());
                    all.put("null made", null);
                    return all;
                }
            }

            public static final class Good implements InitializerProvider {
                public Map<String, Factory> factories() {
                    return Map.of("good one", spec -> Init.ones(), "fails", spec -> Init.zeros().getClass()
                            .cast(spec).equals(null) ? null : null);
                }
            }

            public static void main(String[] arguments) {
                System.out.println(Init.named("he normal") + ", " + Init.parse("gates(2, good one)"));
                System.out.println(Init.names().contains("good one") + " " + Init.names().contains("half made"));
                for (String bad : new String[] {"never", "fails"}) {
                    try {
                        System.out.println(Init.parse(bad));
                    } catch (IllegalArgumentException e) {
                        System.out.println(e.getMessage());
                    }
                }
            }
        }
        """;

    @Test
    void aProviderThatCannotBeLoadedIsLeftOutWithAWarning() throws Exception {
        write("src/broken/Main.java", BROKEN);
        Finished compiled = run(
                "javac",
                "-d",
                scratch.resolve("broken").toString(),
                "-cp",
                ours,
                scratch.resolve("src/broken/Main.java").toString());
        assertThat(compiled.exitCode()).as(compiled.output()).isZero();
        write("broken/META-INF/services/nn.init.InitializerProvider", """
            broken.Missing
            broken.Main$Throws
            broken.Main$Nothing
            broken.Main
            broken.Main$NoFactory
            broken.Main$Good
            """);

        Finished finished = run("java", "-cp", ours + File.pathSeparator + scratch.resolve("broken"), "broken.Main");

        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThat(finished.output().lines())
                .contains("he normal, gates(2, ones)", "true false")
                .anyMatch(line -> line.startsWith("no initializer is named 'never'. Left out: "))
                .anyMatch(line -> line.startsWith(
                        "initializer 'fails': its provider failed to create it (" + "java.lang.ClassCastException"));
        String left = "WARNING: a provider of initializers is left out: ";
        assertThat(finished.output()
                        .lines()
                        .filter(line -> line.startsWith(left))
                        .distinct())
                .hasSize(5)
                .anyMatch(line -> line.contains("broken.Missing not found"))
                .anyMatch(line -> line.contains("broken.Main$Throws") && line.contains("no licence"))
                .anyMatch(line -> line.contains("broken.Main$Nothing offers null"))
                .anyMatch(line -> line.contains("broken.Main not a subtype"))
                .anyMatch(line -> line.contains("broken.Main$NoFactory"));
    }

    private static void assertFound(Finished finished, String named) {
        List<String> lines = finished.output()
                .lines()
                .filter(line -> !line.startsWith("WARNING: Using incubator"))
                .toList();
        List<String> expected = new ArrayList<>(EXPECTED);
        expected.add(named);
        assertThat(lines).isEqualTo(expected);
        assertThat(finished.exitCode()).isZero();
    }

    private record Finished(int exitCode, String output) {}

    /** Runs a tool of the JDK that runs this test. */
    private static Finished run(String... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(command));
        words.set(0, Path.of(System.getProperty("java.home"), "bin", command[0]).toString());
        Path output = Files.createTempFile(scratch, command[0], ".txt");
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            return new Finished(-1, "no end after two minutes: " + words);
        }
        return new Finished(process.exitValue(), Files.readString(output));
    }
}
