package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Texts have the same bytes in every locale: ASCII digits, a decimal point, and no Turkish i without a dot. */
class LocaleTest {
    /** What formats numbers or changes the case of letters by the default locale. */
    private static final Pattern BY_DEFAULT_LOCALE = Pattern.compile(
            "\\.formatted\\("
                    + "|(String\\s*\\.format|\\bprintf|\\bout\\.format)\\(\\s*+(?!(?:java\\.util\\.)?Locale\\.)"
                    + "|\\.toLowerCase\\(\\s*\\)|\\.toUpperCase\\(\\s*\\)"
                    + "|new Formatter\\(|new Scanner\\(|NumberFormat\\.get|new DecimalFormat\\(|Locale\\.getDefault");

    @Test
    void noTextOfAnyModuleDependsOnTheLocale() throws IOException {
        List<String> found = new ArrayList<>();
        for (String module : List.of("nn-tensor", "nn-init", "nn-layers", "nn-train", "nn-examples")) {
            List<Path> sources;
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                sources = files.filter(file -> file.toString().endsWith(".java")).toList();
            }
            assertThat(sources).as(module).isNotEmpty();
            for (Path source : sources) {
                String text = Files.readString(source);
                Matcher matcher = BY_DEFAULT_LOCALE.matcher(text);
                while (matcher.find()) {
                    long line = 1 + text.substring(0, matcher.start()).lines().count();
                    found.add(source + ", about line " + line + ": " + matcher.group() + " without Locale.ROOT");
                }
            }
        }
        assertThat(found).isEmpty();
    }
}
