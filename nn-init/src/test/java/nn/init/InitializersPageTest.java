package nn.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page that says which initializer to take: nothing is missing, and what it names exists. */
class InitializersPageTest {
    private static final Path PAGE = Path.of(System.getProperty("basedir", ".")).resolve("INITIALIZERS.md");

    private static List<Method> factories() {
        return Stream.of(Init.class.getMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers())
                        && Initializer.class.isAssignableFrom(method.getReturnType())
                        && !Set.of("parse", "named").contains(method.getName()))
                .toList();
    }

    @Test
    void everySchemeHasItsLine() throws IOException {
        String table = Files.readString(PAGE);
        table = table.substring(table.indexOf("## Every scheme"), table.indexOf("## Where others differ"));
        assertThat(factories()).hasSizeGreaterThan(30);
        for (Method factory : factories()) {
            assertThat(table).containsPattern("`" + factory.getName() + "[`(]");
        }
    }

    @Test
    void everyCallOnThePageExists() throws IOException {
        List<String> known = factories().stream().map(Method::getName).toList();
        List<String> called = Stream.of(Files.readString(PAGE).split("Init\\."))
                .skip(1)
                .map(rest -> rest.replaceAll("(?s)\\W.*", ""))
                .filter(name -> !Set.of("parse", "named", "names").contains(name))
                .toList();
        assertThat(known).containsAll(called);
        assertThat(called).hasSizeGreaterThan(20);
    }
}
