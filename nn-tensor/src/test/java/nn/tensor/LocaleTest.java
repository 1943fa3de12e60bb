package nn.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts are the same in every country: digits, the decimal point, and the case of letters. */
class LocaleTest {
    @ParameterizedTest
    @ValueSource(strings = {"ar-EG-u-nu-arab", "de-DE", "tr-TR", "th-TH-u-nu-thai"})
    void messagesHaveTheSameDigitsInEveryLocale(String tag) {
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
}
