package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The code of a page: its Java blocks are one program, in their order. */
final class Markdown {
    private static final String MODULES = System.getProperty("nn.modules");

    /** The start of a block that declares a class or a method; the other blocks are statements. */
    private static final Pattern MEMBER = Pattern.compile("(record|class|interface|static) .*", Pattern.DOTALL);

    private Markdown() {}

    /** A fenced block. */
    record Block(String language, String text) {
        @Override
        public String toString() {
            return text.lines().findFirst().orElse("");
        }
    }

    static List<Block> blocks(Path page) throws IOException {
        return Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$")
                .matcher(Files.readString(page))
                .results()
                .map(match -> new Block(match.group(1), match.group(2)))
                .toList();
    }

    /** Compiles and runs the Java code of a page in a folder, after statements that the page takes for granted. */
    static Finished run(Path page, String given, Path folder) throws IOException, InterruptedException {
        List<String> java = blocks(page).stream()
                .filter(block -> block.language().equals("java"))
                .map(Block::text)
                .toList();
        assertThat(java).isNotEmpty();
        String members = java.stream()
                .filter(Markdown::isMember)
                .map(block -> block.startsWith("static ") ? block : "static " + block)
                .collect(Collectors.joining("\n"));
        String statements = java.stream().filter(block -> !isMember(block)).collect(Collectors.joining("\n"));
        Path source = Files.createDirectories(folder.resolve("page/page")).resolve("Page.java");
        Files.writeString(
                source,
                "package page;\nimport java.nio.file.Files;\nimport java.nio.file.Path;\nimport java.util.Arrays;\n"
                        + "import java.util.Collections;\nimport java.util.List;\nimport java.util.Map;\n"
                        + "import module nn.train;\npublic class Page {\n" + members
                        + "\npublic static void main(String[] args) throws Exception {\n" + given + statements
                        + "}\n}\n");
        Path module = Files.writeString(folder.resolve("page/module-info.java"), "module page { requires nn.train; }");
        Path classes = folder.resolve("classes");
        Finished compiled = Finished.of(
                folder,
                List.of(
                        Finished.tool("javac"),
                        "--release",
                        "25",
                        "-Xlint:-incubating",
                        "--module-path",
                        MODULES,
                        "-d",
                        classes.toString(),
                        module.toString(),
                        source.toString()));
        assertThat(compiled.exitCode()).as(compiled.output()).isZero();
        Finished ran = Finished.of(
                folder,
                List.of(
                        Finished.tool("java"),
                        "--module-path",
                        MODULES + File.pathSeparator + classes,
                        "--module",
                        "page/page.Page"));
        assertThat(ran.exitCode()).as(ran.output()).isZero();
        return ran;
    }

    private static boolean isMember(String block) {
        return MEMBER.matcher(block).matches();
    }
}
