package nn.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts are the same in every country: digits, the decimal point, and the case of letters. */
class LocaleTest {
    /** Calls that take the default locale, or hide that they do. */
    private static final Pattern BY_DEFAULT_LOCALE = Pattern.compile(
            "String\\s*\\.format\\(\\s*+(?!(java\\.util\\.)?Locale\\.ROOT)"
                    + "|\\.formatted\\(|\\.to(Upper|Lower)Case\\(\\s*\\)|\\.printf\\(|new Formatter\\(|DecimalFormat\\b");

    @ParameterizedTest
    @ValueSource(strings = {"ar-EG-u-nu-arab", "de-DE", "tr-TR", "th-TH-u-nu-thai"})
    void errorsHaveTheSameDigitsInEveryCountry(String tag) {
        Locale held = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag(tag));
        try {
            assertThatThrownBy(() -> Shape.of(65_536, 65_536))
                    .hasMessageContaining("[65536 x 65536] has 4.295e+09 elements, 1.718e+10 bytes");
            assertThatThrownBy(() -> Key.of(1).child("a\ud800")).hasMessageContaining("U+D800, at index 1");
            assertThat(Tensor.full(0.5f, 2)).hasToString("Tensor[2] {0.5, 0.5}");
        } finally {
            Locale.setDefault(held);
        }
    }

    @Test
    void noCallTakesTheDefaultLocale() throws IOException {
        for (String module : List.of("nn-tensor", "nn-init")) {
            Path sources = Path.of(System.getProperty("basedir", "."), "..", module, "src", "main", "java");
            try (Stream<Path> files = Files.walk(sources)) {
                List<Path> all = files.filter(file -> file.toString().endsWith(".java")).toList();
                assertThat(all).hasSizeGreaterThan(20);
                for (Path file : all) {
                    assertThat(BY_DEFAULT_LOCALE.matcher(Files.readString(file)).results().map(r -> r.group()))
                            .as(file.toString())
                            .isEmpty();
                }
            }
        }
    }
}
