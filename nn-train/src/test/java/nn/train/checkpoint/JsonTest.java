package nn.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import nn.train.io.DataFormatException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    /** The text begins at byte 100 of its file. */
    private static Json json(String text) {
        return new Json(text.getBytes(StandardCharsets.UTF_8), "f", 100);
    }

    private static void refused(int at, String problem, ThrowingCallable reading) {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(reading)
                .withMessage("f: at byte " + (100 + at) + ": header: " + problem);
    }

    private static void refusedString(String text, int at, String problem) {
        refused(at, problem, () -> json(text).string());
    }

    private static void refusedObject(String text, int at, String problem) {
        Json json = json(text);
        refused(at, problem, () -> json.object(name -> json.wholeNumber()));
    }

    private static void refusedArray(String text, int at, String problem) {
        Json json = json(text);
        refused(at, problem, () -> json.array(none -> json.wholeNumber()));
    }

    @Test
    void objectsAndArraysAreReadWithAnyWhitespace() throws DataFormatException {
        Json json = json("\t{ \"a\" :[ 1 ,\n2,3]\r, \"b\":[],\"c\" : [4] }  ");
        TreeMap<String, List<Long>> read = new TreeMap<>();
        json.object(name -> {
            List<Long> values = new ArrayList<>();
            json.array(unnamed -> values.add(json.wholeNumber()));
            read.put(name, values);
        });
        json.requireEnd();
        assertThat(read).hasToString("{a=[1, 2, 3], b=[], c=[4]}");
        Json empty = json(" { } ");
        empty.object(name -> read.clear());
        empty.requireEnd();
        assertThat(read).as("no member").hasSize(3);
    }

    @Test
    void aMalformedObjectOrArrayIsRefused() {
        refusedObject("[]", 0, "expected an object, got '['");
        refusedObject("", 0, "expected an object, got the end of the text");
        refusedObject("{", 1, "expected a string, got the end of the text");
        refusedObject("{\"a\":1,}", 7, "expected a string, got '}'");
        refusedObject("{\"a\" 1}", 5, "expected ':' after the name \"a\", got '1'");
        refusedObject("{\"a\":1 \"b\":2}", 7, "expected ',' or '}', got '\"'");
        refusedObject("{\"a\":1]", 6, "expected ',' or '}', got ']'");
        refusedObject("{\"a\":1, \"a\":2}", 8, "the name \"a\" occurs twice in one object");
        refusedArray("{}", 0, "expected an array, got '{'");
        refusedArray("[1,]", 3, "expected a whole number, got ']'");
        refusedArray("[1 2]", 3, "expected ',' or ']', got '2'");
        refusedArray("[1", 2, "expected ',' or ']', got the end of the text");
    }

    @Test
    void onlySpacesFollowTheEnd() throws DataFormatException {
        json("   ").requireEnd();
        refused(
                1,
                "only spaces may follow the JSON object, got the byte 0x0A",
                () -> json(" \n").requireEnd());
        refused(
                0,
                "only spaces may follow the JSON object, got '~'",
                () -> json("~").requireEnd());
        refused(
                0,
                "only spaces may follow the JSON object, got '!'",
                () -> json("!").requireEnd());
        refused(
                0,
                "only spaces may follow the JSON object, got the byte 0x7F",
                () -> json("\u007f").requireEnd());
        refused(
                0,
                "only spaces may follow the JSON object, got the byte 0xC3",
                () -> json("\u00e9").requireEnd());
    }

    @Test
    void aStringIsReadWithItsEscapes() throws DataFormatException {
        assertThat(json("\"\"").string()).isEmpty();
        assertThat(json(" \"a b\u00e9\ud83d\ude00~\u007f\"").string()).isEqualTo("a b\u00e9\ud83d\ude00~\u007f");
        assertThat(json("\"\\\"\\\\\\/\\b\\f\\n\\r\\t.\"").string()).isEqualTo("\"\\/\b\f\n\r\t.");
        assertThat(json("\"\\u0041\\u00e9\\u00E9\\uABCD\"").string()).isEqualTo("A\u00e9\u00e9\uabcd");
        assertThat(json("\"\\ud83d\\ude00\\uD800\\uDC00\"").string()).isEqualTo("\ud83d\ude00\ud800\udc00");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\ud83d",
                "\\ud83d.",
                "\\ud83d\\n",
                "\\ud83dxude00",
                "\\ud83d\\xde00",
                "\\ud83d\\u0041",
                "\\ude00",
                "\\ude00\\ude00",
                "\\ud83d\\ud83d"
            })
    void halfOfASurrogatePairIsNoCharacter(String escape) {
        refusedString("\"ab" + escape + "\"", 3, "half of a surrogate pair, which is no character");
        refusedString("\"ab" + escape, 3, "half of a surrogate pair, which is no character");
    }

    @Test
    void aMalformedStringIsRefused() {
        refusedString("a", 0, "expected a string, got 'a'");
        refusedString("\"ab", 3, "the text ends inside a string");
        refusedString("\"a\u001fb\"", 2, "a control character inside a string; write it as an escape");
        refusedString("\"a\nb\"", 2, "a control character inside a string; write it as an escape");
        refusedString("\"a\\xb\"", 2, "an escape that JSON does not have");
        refusedString("\"a\\", 2, "an escape that JSON does not have");
        for (String hex : List.of("", "12", "123", "123g", "12\u00e9")) {
            refusedString("\"a\\u" + hex, 2, "\\u needs four hexadecimal digits");
            refusedString("\"a\\u" + hex + "\"", 2, "\\u needs four hexadecimal digits");
        }
        refused(
                1,
                "a string that is not UTF-8",
                () -> new Json(new byte[] {'"', 'a', (byte) 0xFF, '"'}, "f", 100).string());
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "7, 7", "10, 10", "9876543210, 9876543210", "9223372036854775807, 9223372036854775807"})
    void aWholeNumberIsRead(String text, long number) throws DataFormatException {
        assertThat(json(text).wholeNumber()).isEqualTo(number);
        Json inside = json(" " + text + ",");
        assertThat(inside.wholeNumber()).isEqualTo(number);
        assertThat(inside.position()).isEqualTo(1 + text.length());
    }

    @ParameterizedTest
    @CsvSource({
        "9223372036854775808, a number beyond 9223372036854775807",
        "9223372036854775810, a number beyond 9223372036854775807",
        "99999999999999999999, a number beyond 9223372036854775807",
        "00, a number with a leading zero",
        "01, a number with a leading zero",
        "1.0, 'a number with a fraction or an exponent, where a whole number belongs'",
        "1e2, 'a number with a fraction or an exponent, where a whole number belongs'",
        "0E2, 'a number with a fraction or an exponent, where a whole number belongs'",
        "-1, 'expected a whole number, got ''-'''",
        "/, 'expected a whole number, got ''/'''",
        ":, 'expected a whole number, got '':'''"
    })
    void anyOtherNumberIsRefused(String text, String problem) {
        refused(1, problem, () -> json(" " + text).wholeNumber());
    }

    @Test
    void aNumberNeedsDigits() {
        refused(0, "expected a whole number, got the end of the text", () -> json("").wholeNumber());
    }

    @Test
    void textsAreWrittenAsTheyAreRead() throws DataFormatException {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 300; c++) {
            all.append(c);
        }
        StringBuilder written = new StringBuilder();
        Json.append(written, all.toString());
        assertThat(json(written.toString()).string()).isEqualTo(all.toString());
        assertThat(Json.quoted("a\"\\\n\u0001\u001f \u00e9")).isEqualTo("\"a\\\"\\\\\\n\\u0001\\u001f \u00e9\"");
    }

    @Test
    void aLongTextIsCutInMessages() {
        assertThat(Json.quoted("x".repeat(80))).isEqualTo("\"" + "x".repeat(80) + "\"");
        assertThat(Json.quoted("x".repeat(81))).isEqualTo("\"" + "x".repeat(80) + "...\"");
    }
}
