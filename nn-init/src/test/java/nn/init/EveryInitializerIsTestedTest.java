package nn.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Lists what a new initializer lacks: a promise, a SHA-256, a text and a line on the page. */
class EveryInitializerIsTestedTest {
    private static final Path PAGE = Path.of(System.getProperty("basedir", ".")).resolve("INITIALIZERS.md");

    /** The names that the texts of some initializers begin with; those of their parts too. */
    private static Set<String> names(Stream<Initializer> initializers) {
        return initializers
                .flatMap(initializer -> Stream.of(initializer.toString().split("[(,]")))
                .map(InitializerSpec::canonical)
                .collect(Collectors.toSet());
    }

    /** The words in code style on the page, spelled as names. */
    private static Set<String> namesOnThePage() throws IOException {
        return Pattern.compile("`(?:Init\\.|new )?(\\w+)[^`]*`")
                .matcher(Files.readString(PAGE))
                .results()
                .map((MatchResult result) -> InitializerSpec.canonical(result.group(1)))
                .map(name -> name.equals("mu p") ? "mup" : name)
                .collect(Collectors.toSet());
    }

    /** A name without arguments may be that of a member of a family, which is tested under the member's own name. */
    private static boolean covered(String name, Set<String> names) {
        if (names.contains(name)) {
            return true;
        }
        Initializer member = find(name);
        return member != null
                && names.contains(InitializerSpec.canonical(member.toString().replaceAll("\\(.*", "")));
    }

    /** Gives null if it needs arguments, or does not exist. */
    private static Initializer find(String name) {
        try {
            return Init.named(name);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static List<String> missing(String name) throws IOException {
        List<String> missing = new ArrayList<>();
        if (!covered(name, names(EverySchemeConformsTest.schemes()))) {
            missing.add(name + ": a promise in EverySchemeConformsTest");
        }
        if (!covered(name, names(InitialWeightsTest.schemes()))) {
            missing.add(name + ": a line with its SHA-256 in InitialWeightsTest");
        }
        if (!covered(name, names(InitializerRegistryTest.everyScheme()))) {
            missing.add(name + ": a text in InitializerRegistryTest");
        }
        boolean scaling = find(name) instanceof VarianceScaling; // one line has them all
        if (!covered(scaling ? "variance scaling" : name, namesOnThePage())) {
            missing.add(name + ": a line in INITIALIZERS.md");
        }
        return missing;
    }

    @Test
    void everyRegisteredNameHasItsTestsAndItsLine() throws IOException {
        List<String> missing = new ArrayList<>();
        for (String name : Init.names()) {
            missing.addAll(missing(name));
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void aNewNameGetsAListOfItsMissingTests() throws IOException {
        assertThat(missing("brand new"))
                .containsExactly(
                        "brand new: a promise in EverySchemeConformsTest",
                        "brand new: a line with its SHA-256 in InitialWeightsTest",
                        "brand new: a text in InitializerRegistryTest",
                        "brand new: a line in INITIALIZERS.md");
    }

    /** By the classes that were compiled, so that one nobody registered is seen too. */
    @Test
    void everyClassOfInitializersIsRegisteredAndTested() throws IOException, URISyntaxException {
        Path root = Path.of(
                Init.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Set<Class<?>> all;
        try (Stream<Path> files = Files.list(root.resolve("nn/init"))) {
            all = files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".class"))
                    .map(EveryInitializerIsTestedTest::load)
                    .filter(type -> Initializer.class.isAssignableFrom(type) && !type.isInterface())
                    .collect(Collectors.toSet());
        }
        assertThat(all).contains(Normal.class, Gates.class).hasSizeGreaterThan(10);
        assertThat(InitializerRegistryTest.everyScheme().map(Object::getClass))
                .as("a name in InitializerRegistry and a text in InitializerRegistryTest")
                .containsAll(all);
        assertThat(EverySchemeConformsTest.schemes().map(Object::getClass))
                .as("a promise in EverySchemeConformsTest")
                .containsAll(all);
        assertThat(InitialWeightsTest.schemes().map(Object::getClass))
                .as("a SHA-256 in InitialWeightsTest")
                .containsAll(all);
    }

    private static Class<?> load(String file) {
        try {
            return Class.forName("nn.init." + file.substring(0, file.length() - ".class".length()));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
