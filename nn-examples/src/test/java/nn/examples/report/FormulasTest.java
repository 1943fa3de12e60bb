package nn.examples.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import nn.examples.claims.Entry;
import nn.examples.claims.Lab;
import org.junit.jupiter.api.Test;

class FormulasTest {
    /** Signs of a formula that was not typeset; no English sentence has them. */
    private static final Pattern LEFT = Pattern.compile(
            "[\\^_*|]|\\b(sigma|chi|sqrt|omega|Phi|xi)\\b|[A-Za-z]'[A-Z]| x \\d|\\d x |<-|->|<=|>=|\\+-");

    /** Returns the formulas of a sentence as plain characters; raised ones follow a ^. */
    private static List<String> formulas(String text) {
        return Pattern.compile("<math>(.*?)</math>")
                .matcher(Formulas.html(text))
                .results()
                .map(m -> read(m.group(1)))
                .toList();
    }

    private static String read(String mathml) {
        return mathml.replaceAll("<mspace[^>]*>|&#x206\\d;|&#x200b;", "")
                .replaceAll("<msqrt>", "root ")
                .replaceAll("<mfrac>", "over ")
                .replaceAll("<msup>", "^")
                .replaceAll("<msub>", "_")
                .replaceAll("<msubsup>", "_^")
                .replaceAll("<[^>]*>", "");
    }

    @Test
    void formulasAreFoundWithinASentence() {
        assertThat(formulas("E z^2 doubles at every layer: 4, 8, ..., 2048 at layer 10."))
                .containsExactly("E ^z2".replace(" ", ""));
        assertThat(formulas("A step of a layer is a tanh layer, and 35 units are a lot."))
                .isEmpty();
        assertThat(formulas("tanh: q_(l+1) = q_l - 2 q_l^2 + ..., so it falls."))
                .containsExactly("_ql+1=_ql−2_^ql2+…");
        assertThat(formulas("it ends at 8 10^-31 and 1e-12")).containsExactly("8×^10−31", "^10−12");
        assertThat(formulas("linear (n = 100) or 20,000 (ReLU)")).containsExactly("n=100");
        assertThat(formulas("64 -> 512 with W^T W = I")).containsExactly("64→512", "^WTW=I");
    }

    @Test
    void fractionsRootsPowersAndIndicesAreTypeset() {
        assertThat(Formulas.html("1/2"))
                .isEqualTo("<math><mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac></math>");
        assertThat(Formulas.line("1/n")).doesNotContain("mfrac").contains(">/</mo>");
        assertThat(Formulas.html("sqrt(2 pi)")).startsWith("<math><msqrt>").doesNotContain("(");
        assertThat(Formulas.html("sigma_w^2"))
                .contains("<msubsup><mi>σ</mi><mrow><mi>w</mi></mrow><mrow><mn>2</mn></mrow></msubsup>");
        assertThat(Formulas.html("d_in")).contains("<msub><mi>d</mi><mrow><mi>in</mi></mrow></msub>");
        assertThat(Formulas.html("2^-(l-1)")).contains("<msup><mn>2</mn>").contains("(", ")");
        // the exponent belongs to all of f(z), and parentheses around a numerator are the bar's work
        assertThat(formulas("E f'(z)^2 at q")).containsExactly("E^f′^(z)2", "q");
        assertThat(formulas("(1 + a^2)/2 of it")).containsExactly("over 1+^a22");
    }

    @Test
    void textOutsideOfFormulasIsEscapedAndKeepsItsWords() {
        assertThat(Formulas.html("He's \"own\" R & D"))
                .startsWith("He’s &quot;own&quot;")
                .contains("&amp;");
        assertThat(Formulas.html("8 units x 9 layers at -1.6, +-")).isEqualTo("8 units × 9 layers at −1.6, ±");
        assertThat(Formulas.text("sigma_w^2 = 1e-6, E z^2 over n_in, 3 x 4 -> 2"))
                .isEqualTo("σw² = 10⁻⁶, E z² over nᵢₙ, 3 × 4 → 2");
        assertThat(Formulas.text("1.1e-20 and 1e-20")).isEqualTo("1.1 × 10⁻²⁰ and 10⁻²⁰");
    }

    @Test
    void everyFormulaOfACardIsTypesetAsAWhole() {
        List<String> sentences = new ArrayList<>();
        for (Entry entry : Lab.claims()) {
            sentences.add(entry.card().text());
            sentences.add(entry.card().statement());
            sentences.addAll(entry.card().derivation());
        }
        for (String sentence : sentences) {
            String html = Formulas.html(sentence);
            assertThat(html.replaceAll("<math>.*?</math>", "#")
                            .replace("&lt;", "<")
                            .replace("&gt;", ">"))
                    .as(sentence)
                    .doesNotContainPattern(LEFT)
                    .doesNotContain("<");
            String marks = html.replaceAll("&#?\\w+;", "");
            assertThat(marks.replaceAll("<[^>]*>", "")).as(sentence).doesNotContain("^", "_", "\u0001");
            for (String tag : List.of("math", "mrow", "mfrac", "msup", "msub", "msubsup", "msqrt", "mi", "mo", "mn")) {
                assertThat(marks.split("<" + tag + "[ >]", -1))
                        .as(tag + " in " + sentence)
                        .hasSameSizeAs(marks.split("</" + tag + ">", -1));
            }
        }
    }
}
