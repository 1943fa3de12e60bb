package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nn.init.Init;
import nn.layers.Layer;
import nn.tensor.Tensor;
import nn.train.Trainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java examples in the documentation comments of the libraries compile, in a program outside of them. */
class JavadocExamplesTest {
    private static final List<String> MODULES = List.of("nn-tensor", "nn-init", "nn-layers", "nn-train");

    private static final String JAVAC =
            Path.of(System.getProperty("java.home"), "bin", "javac").toString();

    private static final Pattern EXAMPLE = Pattern.compile("(?s)<pre>\\{@code\\n(.*?)\\n\\s*\\* \\}</pre>");

    /** The directive of a module that provides the class of another example. */
    private static final String DIRECTIVE = "provides ";

    /** The start of an example that is the output of a program. */
    private static final String OUTPUT = "layer   ";

    private static final Pattern MEMBER =
            Pattern.compile("(public |final |abstract )*(class|record|List<\\w+>|Value) .*");

    /** The class that a layer's pass refers to. */
    private static final Pattern ENCLOSING = Pattern.compile("\\((\\w+)\\.this\\)");

    /** What the examples use without a declaration; they may hide it by their own. */
    private static final String GIVEN = """
        static Key key;
        static Tensor x;
        static Tensor batch;
        static List<Tensor> chunks;
        static Context context;
        static Layer layer;
        static Network network;
        static Layer model = network;
        static Network.Builder builder;
        static Parameter weight;
        static Parameter kernel;
        static Parameter shift;
        static Parameter p;
        static Initializer myInitializer;
        static Dataset.Split split;
        static Dataset held;
        static Batches batches;
        static Loss loss;
        static JointLoss joint;
        static Adam adam;
        static Trainer trainer;
        static Path file;
        static InetSocketAddress here;
        static List<InetSocketAddress> members;
        static int rank;
        static int words;
        static int classes;
        static int baseWidth;
        static double base;
        """;

    @TempDir
    private Path folder;

    private record Example(Path source, String code) {
        /** Returns the class that holds the example. */
        String inClass(String name) {
            StringBuilder text = new StringBuilder();
            for (String room : exportedPackages()) {
                text.append("import ").append(room).append(".*;\n");
            }
            text.append("import java.net.*;\nimport java.nio.file.*;\nimport java.time.*;\nimport java.util.*;\n// ")
                    .append(source)
                    .append("\nclass ")
                    .append(name)
                    .append(" {\n")
                    .append(GIVEN);
            Matcher enclosing = ENCLOSING.matcher(code);
            if (enclosing.find()) {
                text.append("abstract class " + enclosing.group(1) + " implements Layer {\n" + code + "\n}\n");
            } else if (MEMBER.matcher(code.lines().findFirst().orElseThrow()).matches()) {
                text.append(code).append('\n');
            } else {
                text.append("static void example() throws Exception {\n")
                        .append(statements())
                        .append("}\n");
            }
            return text.append("}\n").toString();
        }

        /** Returns the statements; an expression is made one. */
        private String statements() {
            StringBuilder text = new StringBuilder();
            List<String> lines = code.lines()
                    .map(line -> line.replaceFirst("^(\\s*)\\.\\.\\.(?= )", "$1")) // words stand for code
                    .toList();
            if (lines.getFirst().startsWith(".")) {
                return "Network.builder(key).input(4)" + String.join("\n", lines) + ".build();\n";
            }
            boolean expressions = lines.stream().noneMatch(line -> line.matches(".*[;{}](\\s*//.*)?"));
            for (int i = 0; i < lines.size(); i++) {
                boolean begins = expressions && !lines.get(i).startsWith(" ");
                boolean ends = expressions
                        && (i + 1 == lines.size() || !lines.get(i + 1).startsWith(" "));
                text.append(begins ? "Object value" + i + " = " : "")
                        .append(lines.get(i))
                        .append(ends ? "\n;" : "")
                        .append('\n');
            }
            return text.toString();
        }
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(sources::add);
            }
        }
        return sources;
    }

    /** Returns the packages of the libraries that a program may import, by the declarations of their modules. */
    private static List<String> exportedPackages() {
        try {
            List<String> rooms = new ArrayList<>();
            for (String module : MODULES) {
                String declaration = Files.readString(Path.of("..", module, "src", "main", "java", "module-info.java"));
                Pattern.compile("exports ([\\w.]+);")
                        .matcher(declaration)
                        .results()
                        .forEach(match -> rooms.add(match.group(1)));
            }
            return rooms;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        for (Path source : sources()) {
            EXAMPLE.matcher(Files.readString(source))
                    .results()
                    .map(match -> match.group(1)
                            .lines()
                            .map(line -> line.replaceFirst("^\\s*\\* ?", ""))
                            .collect(Collectors.joining("\n")))
                    .forEach(code -> examples.add(new Example(source, code)));
        }
        return examples;
    }

    private static String placeOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> compile(TreeMap<String, String> classes) throws Exception {
        List<Path> files = new ArrayList<>();
        for (var entry : classes.entrySet()) {
            files.add(Files.writeString(folder.resolve(entry.getKey() + ".java"), entry.getValue()));
        }
        String libraries = Stream.of(Tensor.class, Init.class, Layer.class, Trainer.class)
                .map(JavadocExamplesTest::placeOf)
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command =
                new ArrayList<>(List.of(JAVAC, "-proc:none", "-nowarn", "-cp", libraries, "-d", folder.toString()));
        files.forEach(file -> command.add(file.toString()));
        Process javac = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> output = javac.inputReader().lines().toList();
        return javac.waitFor() == 0 ? List.of() : output;
    }

    @Test
    void everyExampleOfTheDocumentationCompiles() throws Exception {
        TreeMap<String, String> classes = new TreeMap<>();
        for (Example example : examples()) {
            if (!example.code().startsWith(DIRECTIVE) && !example.code().startsWith(OUTPUT)) {
                String name = "Example" + classes.size();
                classes.put(name, example.inClass(name));
            }
        }
        assertThat(classes).as("examples that were found").hasSizeGreaterThan(30);
        assertThat(compile(classes)).isEmpty();
    }

    @Test
    void anExampleThatUsesAMethodThatIsNotThereIsFound() throws Exception {
        Example wrong = new Example(Path.of("Wrong.java"), "Init.heAbnormal();");
        TreeMap<String, String> classes = new TreeMap<>();
        classes.put("Wrong", wrong.inClass("Wrong"));
        assertThat(compile(classes)).anyMatch(line -> line.contains("heAbnormal"));
    }
}
