package nn.train.data;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.Allocation;
import nn.train.io.DataFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {
    private static Table read(Csv csv, String text) throws IOException {
        return csv.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "data");
    }

    static List<Arguments> verdicts() throws IOException {
        List<Arguments> verdicts = new ArrayList<>();
        try (InputStream in = CsvTest.class.getResourceAsStream("/golden/malformed/malformed.json")) {
            for (JsonNode entry : new ObjectMapper().readTree(in).get("csv")) {
                verdicts.add(Arguments.of(
                        entry.get("text").asText(), entry.get("ours").asText()));
            }
        }
        assertThat(verdicts).hasSizeGreaterThan(20);
        return verdicts;
    }

    /** Each text has two inputs and a label of two classes. */
    @ParameterizedTest
    @MethodSource("verdicts")
    @Timeout(60) // only against a reader that never ends
    void everyTextIsAcceptedOrRefusedAsItsVerdictSays(String text, String verdict) throws IOException {
        long allocated = Allocation.soFar();
        boolean accepted;
        try {
            Dataset data = read(Csv.withoutHeader(), text).withLabels("3", 2);
            accepted = true;
            assertThat(data.x().shape()).isEqualTo(Shape.of(data.size(), 2));
            assertThat(data.x().get(0, 0)).isEqualTo(1);
            assertThat(data.x().get(0, 1)).isEqualTo(2);
        } catch (DataFormatException e) {
            accepted = false;
            assertThat(e).hasMessageMatching("(?s)data: line \\d+(, column \\d.*)?: .*");
        }
        assertThat(Allocation.soFar() - allocated).isLessThan(16 << 20);
        if (verdict.startsWith("ACCEPT") || verdict.startsWith("REJECT")) {
            boolean clear = verdict.equals("ACCEPT_OR_CLEAR") && !accepted;
            assertThat(accepted || clear).isEqualTo(verdict.startsWith("ACCEPT"));
        }
    }

    private static void refused(Csv csv, String text, String message) {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(csv, text))
                .withMessage("data: " + message);
    }

    @Test
    void theErrorNamesLineColumnAndText() {
        Csv plain = Csv.withoutHeader();
        Csv named = Csv.withHeader();
        refused(
                plain,
                "1,2\n3,abc\n",
                "line 2, column 2: 'abc' is not a number; text(...) reads a column of texts,"
                        + " without(...) leaves one out");
        refused(
                named,
                "a,b\n1,2\n3,4x\n",
                "line 3, column 2 ('b'): '4x' is not a number; text(...) reads a column of"
                        + " texts, without(...) leaves one out");
        for (String text : new String[] {"2024-01-02", "12%", "1 \u20ac"}) {
            refused(
                    plain,
                    "1,2\n3," + text + "\n",
                    "line 2, column 2: '" + text + "' is not a number; text(...) reads"
                            + " a column of texts, without(...) leaves one out");
        }
        refused(
                named,
                "\"a\nb\",c\n1,2\n,4\n",
                "line 4, column 1 ('a\\u000ab'): the field is empty; fill it in, leave"
                        + " the line out, or see Csv.allowMissing()");
        refused(
                plain,
                "x,y\n1,2\n",
                "line 1, column 1: 'x' is not a number; if the first line names the columns, use"
                        + " Csv.withHeader()");
        refused(plain, ";2\n", "line 1, column 1: ';2' is not a number; if ';' separates fields, use separator(';')");
        refused(plain, "1;2\n", "line 1, column 1: '1;2' is not a number; if ';' separates fields, use separator(';')");
        refused(
                plain.separator(';'),
                "1;2,5\n",
                "line 1, column 2: '2,5' is not a number; if its comma is a decimal" + " comma, use decimalComma()");
        refused(
                plain,
                "1,NaN\n",
                "line 1, column 2: 'NaN' is not a finite number; leave the line out, or see"
                        + " Csv.allowMissing(\"NaN\") and Csv.allowNonFinite()");
        refused(plain, "1,-1e39\n", "line 1, column 2: '-1e39' is beyond the range of float32, which ends at 3.4e38");
        refused(plain, "1,2\n3\n", "line 2: expected 2 fields as in line 1, got 1");
        refused(plain, "1,2\n3,4,5\n", "line 2: expected 2 fields as in line 1, got more");
        refused(plain, "1,2\n\n3,4\n", "line 2: a blank line; remove it");
        refused(
                plain,
                "1\r2\n",
                "line 1: a carriage return without a line feed after it; save the file with line ends"
                        + " LF or CR LF");
        refused(plain, "", "line 1: the file is empty");
        refused(named, "", "line 1: the file is empty");
        refused(named, "a,b\n", "line 2: there is no line below the header");
        refused(named, "a,a\n1,2\n", "line 1, column 2: a second column is named 'a'; give each column another name");
        refused(plain, "1,\"2\n3,4\n", "line 3: the quote that opens in line 1 is never closed");
        refused(plain, "1,\"2\"3\n", "line 1: text follows the closing quote of '2'; a quote inside is doubled");
        refused(plain, "1,2\"\n", "line 1: a quote inside of a field that does not begin with one");
        refused(
                plain,
                "1,2\u0000\n",
                "line 1, column 2: '2\\u0000' has the character U+0000, which no text has; if"
                        + " the file is UTF-16, save it as UTF-8");
        refused(
                plain,
                "PK\u0003\u0004",
                "line 1: this is no text; this looks like a zip archive, such as .npz, .xlsx or" + " PyTorch's .pt");
        refused(
                plain,
                "1,\"" + "2".repeat(70_000) + "\"\n",
                "line 1: a field of more than 65536 bytes; is there a quote too" + " many?");
    }

    @Test
    void aLabelThatIsNotAClassNumberIsRefused() throws IOException {
        Table table = read(Csv.withHeader(), "x,kind\n1,0\n2,2\n3,1.5\n");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> table.withLabels("kind", 2))
                .withMessage(
                        "data: line 3, column 2 ('kind'): 2.0 is not a label: labels are whole numbers from 0 to 1, as"
                                + " there are 2 classes");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> table.withLabels("kind", 3))
                .withMessageStartingWith("data: line 4, column 2 ('kind'): 1.5 is not a label");
    }

    @Test
    void columnsAreSelectedByName() throws IOException {
        Table table = read(Csv.withHeader(), "\"a, \"\"1\"\"\", b ,c\n1,2,0\n3,4,1\n");
        assertThat(table.columns()).containsExactly("a, \"1\"", "b", "c");
        assertThat(table.values().toArray()).containsExactly(1, 2, 0, 3, 4, 1);
        assertThat(table.select("c", "b").toArray()).containsExactly(0, 2, 1, 4);
        Dataset classes = table.withLabels("c", 2);
        assertThat(classes.x().shape()).isEqualTo(Shape.of(2, 2));
        assertThat(classes.x().toArray()).containsExactly(1, 2, 3, 4);
        assertThat(classes.y().shape()).isEqualTo(Shape.of(2));
        Dataset numbers = table.withTargets("b");
        assertThat(numbers.x().toArray()).containsExactly(1, 0, 3, 1);
        assertThat(numbers.y().shape()).isEqualTo(Shape.of(2, 1));
        assertThat(numbers.y().toArray()).containsExactly(2, 4);
        assertThat(table).hasToString("Table of 2 rows: [a, \"1\", b, c]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.select("d"))
                .withMessage("no column 'd'; there are [a, \"1\", b, c]");
        assertThatIllegalArgumentException().isThrownBy(table::select);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.withTargets("b", "b"))
                .withMessage("withTargets: column 'b' is named twice; name each target once");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.withTargets("a, \"1\"", "b", "c"))
                .withMessageStartingWith("no column is left for the inputs");
    }

    @Test
    void otherSeparatorsAndNonFiniteValuesAreReadIfConfigured() throws IOException {
        assertThat(read(Csv.withoutHeader().separator('\t'), "1\t 2\n").values().toArray())
                .containsExactly(1, 2);
        assertThat(read(Csv.withoutHeader().allowNonFinite(), "NaN,Infinity,-Infinity\n")
                        .values()
                        .toArray())
                .containsExactly(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
        refused(
                Csv.withoutHeader().allowNonFinite(),
                "1\nnan\n",
                "line 2, column 1: 'nan' is not a number; if it stands"
                        + " for a missing value, use allowMissing(\"nan\")");
        for (char c = 0; c < 200; c++) {
            char separator = c;
            if (c > 0 && c < 127 && "0123456789+-.eE\"\r\n".indexOf(c) < 0) {
                assertThat(read(Csv.withoutHeader().separator(c), "1" + c + "2\n")
                                .values()
                                .toArray())
                        .containsExactly(1, 2);
            } else {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Csv.withHeader().separator(separator))
                        .withMessageStartingWith(String.format(Locale.ROOT, "separator U+%04X: ", (int) c));
            }
        }
    }

    /** The first four letters are those of a PDF document, a GGUF model or a web page. */
    @ParameterizedTest
    @ValueSource(strings = {"%PDF", "GGUF", "<html>", "<!DOCTYPE>"})
    void aTableMayBeginWithTheLettersOfAnotherKindOfFile(String first) throws IOException {
        assertThat(read(Csv.withHeader(), first + ",b\n1,2\n").values().toArray())
                .containsExactly(1, 2);
    }

    @ParameterizedTest
    @CsvSource({"<html>, <head>, a web page: was it downloaded from the wrong address?", "%PDF-1.7, %, a PDF document"})
    void anErrorInAFileThatBeginsAsAnotherKindSaysSo(String first, String second, String kind) {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(Csv.withHeader(), first + "\n" + second + "\n"))
                .withMessageStartingWith("data: line 2, column 1 ('" + first + "'): '" + second + "' is not a number; ")
                .withMessageEndingWith("; this looks like " + kind);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "+1", "1.", ".5", "-.5e-3", "1E+05", "0001", "3.4028235e38", "1e-60"})
    void aDecimalNumberIsRead(String text) throws IOException {
        assertThat(read(Csv.withoutHeader(), text).values().get(0, 0)).isEqualTo(Float.parseFloat(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".", "e5", "1e", "1e+", "--1", "1.2.3", "1_000", "1 2", "0x10", "1f", "1d", "\u0661", "\u22121", "inf"
            })
    void anyOtherTextIsNotANumber(String text) {
        assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> read(Csv.withoutHeader(), text));
    }

    @Test
    void theLocaleHasNoEffect() throws IOException {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertThat(read(Csv.withoutHeader(), "1.5,2\n").values().toArray()).containsExactly(1.5f, 2);
            refused(Csv.withoutHeader(), "1\n2,\n", "line 2: expected 1 fields as in line 1, got more");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void aDecimalCommaIsReadIfConfiguredAndNamedOtherwise() throws IOException {
        Csv semicolons = Csv.withHeader().separator(';');
        assertThat(read(semicolons.decimalComma(), "a;b\n1,5;-2,5e1\n,5;3\n")
                        .values()
                        .toArray())
                .containsExactly(1.5f, -25, 0.5f, 3);
        refused(
                semicolons,
                "a;b\n1,5;2,5\n",
                "line 2, column 1 ('a'): '1,5' is not a number; if its comma is a decimal"
                        + " comma, use decimalComma()");
        refused(
                Csv.withHeader(),
                "a;b\n1,5;2,5\n",
                "line 2: expected 1 fields as in line 1, got more; if ';' separates fields, use separator(';')");
        refused(
                semicolons.decimalComma(),
                "a;b\n1.234,5;2\n",
                "line 2, column 1 ('a'): '1.234,5' is not a number with a"
                        + " decimal comma; remove the points from it, or leave out decimalComma()");
        refused(
                semicolons,
                "a;b\n,5;2\n",
                "line 2, column 1 ('a'): ',5' is not a number; if its comma is a decimal comma, use decimalComma()");
        refused(
                semicolons.decimalComma(),
                "a;b\n.5;2\n",
                "line 2, column 1 ('a'): '.5' is not a number with a decimal"
                        + " comma; remove the points from it, or leave out decimalComma()");
        refused(
                semicolons.decimalComma(),
                "a;b\n1.5;2\n",
                "line 2, column 1 ('a'): '1.5' is not a number with a decimal"
                        + " comma; remove the points from it, or leave out decimalComma()");
        assertThatIllegalStateException()
                .isThrownBy(() -> read(Csv.withHeader().decimalComma(), "1,5\n"))
                .withMessageContaining("separator(';')");
    }

    @Test
    void anInvisibleCharacterIsNamed() {
        refused(
                Csv.withoutHeader(),
                "1,\u00a02\n",
                "line 1, column 2: '\\u00a02' is not a number: it has the character"
                        + " \\u00a0 (NO-BREAK SPACE); remove it");
        refused(
                Csv.withoutHeader(),
                "1\n2\u200b\n",
                "line 2, column 1: '2\\u200b' is not a number: it has the"
                        + " character \\u200b (ZERO WIDTH SPACE); remove it");
        refused(
                Csv.withoutHeader(),
                "\ufeff\ufeff1\n",
                "line 1, column 1: '\\ufeff1' is not a number: it has the"
                        + " character \\ufeff (ZERO WIDTH NO-BREAK SPACE); remove it");
    }

    @Test
    void aNameThatIsABlankLineOrHasAByteOrderMarkIsRefused() throws IOException {
        refused(
                Csv.withHeader(),
                "\na\n1\n",
                "line 1: a blank line, where the names of the columns should be; remove it");
        refused(
                Csv.withHeader(),
                "\ufeff\ufeffa,b\n1,2\n",
                "line 1, column 1: the name '\\ufeffa' has a byte order mark" + " (U+FEFF) in it; remove it");
        Table index = read(Csv.withHeader(), ",a\n0,5\n1,6\n"); // as pandas writes the index of the rows
        assertThat(index.columns()).containsExactly("", "a");
        assertThat(index.select("a").toArray()).containsExactly(5, 6);
    }

    @Test
    void blankLinesAtTheEndAndCommentsAreSkipped() throws IOException {
        assertThat(read(Csv.withoutHeader(), "1,2\n3,4\n\n \t\r\n\n").values().toArray())
                .containsExactly(1, 2, 3, 4);
        Csv commented = Csv.withHeader().comments('#');
        Table table = read(commented, "# made by hand\na,b\n#1,2\n3,4\n# end");
        assertThat(table.values().toArray()).containsExactly(3, 4);
        refused(
                commented,
                "#\na,b\n#\n3,x#\n",
                "line 4, column 2 ('b'): 'x#' is not a number; text(...) reads a column of"
                        + " texts, without(...) leaves one out");
        refused(
                Csv.withoutHeader(),
                "1,2\n#3,4\n",
                "line 2, column 1: '#3' is not a number; if that begins a comment, use comments('#')");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> table.withLabels("b", 2))
                .withMessage(
                        "data: line 4, column 2 ('b'): 4.0 is not a label: labels are whole numbers from 0 to 1, as"
                                + " there are 2 classes");
        for (char c = 0; c < 200; c++) {
            char comment = c;
            if ("!#$%&'()*/:;<=>?@[\\]^_`{|}~".indexOf(c) >= 0) {
                assertThat(read(Csv.withoutHeader().comments(c), c + "x\n1\n")
                                .values()
                                .toArray())
                        .containsExactly(1);
            } else if (c != ',') { // which may begin a comment, if fields have another separator
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Csv.withHeader().comments(comment))
                        .withMessageStartingWith(String.format(Locale.ROOT, "comments U+%04X: ", (int) c));
            }
        }
    }

    @Test
    void theErrorKnowsHowManyBytesWereRead() {
        Map.of("1,2\n3,x\n5,6\n", 8, "1,x", 3, "\ufeff1,x", 6)
                .forEach((text, read) -> assertThatExceptionOfType(DataFormatException.class)
                        .isThrownBy(() -> read(Csv.withoutHeader(), text))
                        .satisfies(e -> assertThat(e.position()).as(text).isEqualTo((long) read)));
    }

    @Test
    void aFileOfBlankLinesOrAByteOrderMarkIsEmpty() {
        refused(Csv.withoutHeader(), "\n \n", "line 3: the file is empty");
        refused(Csv.withoutHeader(), "\ufeff", "line 1: the file is empty");
        refused(Csv.withHeader(), "a\n\n\n1\n", "line 2: a blank line; remove it");
    }

    @Test
    void columnsOfAFileWithoutAHeaderAreChosenByNumber() {
        refused(Csv.withoutHeader().text("3"), "1,2\n", "line 1: text: no column '3'; there are [1, 2]");
        refused(Csv.withoutHeader().without("1", "2"), "1,2\n", "line 1: no column is left to read of [1, 2]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "16777217",
                "-16777217",
                "+0016777217",
                "99999999999999999999",
                "1700000001",
                "16777217e0",
                "16777217.0",
                "1.6777217e7",
                "-.16777217E+8",
                ".16777217E8",
                "12345679012e9",
                "123456789012345678901230000",
                "167772170000e-4",
                "331000123.00",
                "1234567936000000001000e-3"
            })
    void aWholeNumberThatFloat32DoesNotHoldIsRefusedUnlessRoundingIsConfigured(String text) throws IOException {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(Csv.withoutHeader(), "1\n" + text + "\n"))
                .withMessageStartingWith(
                        "data: line 2, column 1: '" + text + "' is a whole number, which float32 does not hold")
                .withMessageContaining("roundWholeNumbers()");
        assertThat(read(Csv.withoutHeader().roundWholeNumbers(), text).values().get(0, 0))
                .isEqualTo(Float.parseFloat(text));
    }

    /** It is the text of a float, no whole number, or beyond what integer types hold. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "6.02e23",
                "3e38",
                "1e11",
                "1e00020",
                "1.2345679E10",
                "+012345679e3",
                "16777217.5",
                "331000123.01",
                "1.234567890123e30"
            })
    void aLargeNumberWithFewDigitsOrAFractionBecomesTheNearestFloat(String text) throws IOException {
        assertThat(read(Csv.withoutHeader(), text).values().get(0, 0)).isEqualTo(Float.parseFloat(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"16777216", "16777218", "-33554432", "18446744073709551616"})
    void aLargeWholeNumberThatIsAFloatIsRead(String text) throws IOException {
        assertThat(new BigDecimal(read(Csv.withoutHeader(), text).values().get(0, 0)))
                .isEqualByComparingTo(new BigDecimal(text));
    }

    @Test
    void columnsAreLeftOutAndSelectedByName() throws IOException {
        String text = "id,name,x,y\n16777217,Ann,1,2\n7,\"B, b\",3,4\n";
        assertThat(read(Csv.withHeader().without("id", "name"), text).values().toArray())
                .containsExactly(1, 2, 3, 4);
        Table two = read(Csv.withHeader().only("y", "x"), text);
        assertThat(two.columns()).containsExactly("x", "y");
        assertThat(two.values().toArray()).containsExactly(1, 2, 3, 4);
        Table named = read(Csv.withHeader().text("name").without("id"), text);
        assertThat(named.text("name")).containsExactly("Ann", "B, b");
        assertThat(named.select("y").toArray()).containsExactly(2, 4);
        assertThat(named.rows()).isEqualTo(2);
        assertThatIllegalStateException().isThrownBy(named::values).withMessageContaining("column 'name' holds texts");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> named.withTargets("y"))
                .withMessageContaining("column 'name' holds texts");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> named.text("x"))
                .withMessage("column 'x' holds numbers; read it as text by Csv.text(\"x\")");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> named.text("z"))
                .withMessage("no column 'z'; there are [name, x, y]");
        refused(Csv.withHeader().without("z"), text, "line 2: without: no column 'z'; there are [id, name, x, y]");
        refused(
                Csv.withHeader().only("x"),
                text.replace(',', ';'),
                "line 2: only: no column 'x'; there are [id;name;x;y];"
                        + " if ';' separates fields, use separator(';')");
        refused(
                Csv.withHeader().without("id", "name", "x", "y"),
                text,
                "line 2: no column is left to read of [id, name, x," + " y]");
        assertThat(read(Csv.withoutHeader().text("2").only("2", "3"), "1,a,2\n").columns())
                .containsExactly("2", "3");
        assertThatIllegalArgumentException().isThrownBy(() -> Csv.withHeader().text());
    }

    @Test
    void theErrorNamesOnlyTheFirstOfManyColumns() {
        String names = IntStream.range(0, 100).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(Csv.withHeader().text("z"), names + "\n"))
                .withMessageStartingWith("data: line 2: text: no column 'z'; there are [c0, c1, ")
                .withMessageContaining("c19] and 80 more");
    }

    @Test
    void aTextIsUtf8AndNotEmptyUnlessInQuotes() throws IOException {
        Csv csv = Csv.withHeader().text("t");
        assertThat(read(csv, "t,x\n\u00e9\u4e2d ,1\n\" a\nb\",2\n\"\",3\n").text("t"))
                .containsExactly("\u00e9\u4e2d", " a\nb", "");
        refused(
                csv,
                "t,x\n ,1\n",
                "line 2, column 1 ('t'): the field is empty; fill it in, leave the line out, or see"
                        + " Csv.allowMissing()");
        byte[] latin = "t,x\n\u00e9,1\n".getBytes(StandardCharsets.ISO_8859_1);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> csv.read(new ByteArrayInputStream(latin), "data"))
                .withMessage("data: line 2, column 1 ('t'): '\ufffd' is not UTF-8; save the file as UTF-8");
    }

    private static final String PEOPLE = """
        age,city,income,kind
        30,Rome,10,no
        ?,Paris,20,yes
        50,,NA,no
        40,Rome,30,yes
        """;

    private static Table people() throws IOException {
        return read(Csv.withHeader().text("city", "kind").allowMissing("?", "NA"), PEOPLE);
    }

    @Test
    void aMissingValueIsRefusedUnlessAllowedAndNeverUsedAsANumber() throws IOException {
        refused(
                Csv.withHeader().text("city", "kind"),
                PEOPLE,
                "line 3, column 1 ('age'): '?' is not a number; if it stands for"
                        + " a missing value, use allowMissing(\"?\")");
        Table people = people();
        String age =
                "data: line 3, column 1 ('age'): the value is missing; leave such lines out by dropMissing(), or fill"
                        + " in another by fillMissing(...)";
        assertThatIllegalStateException()
                .isThrownBy(() -> people.select("income", "age"))
                .withMessage(age);
        assertThatIllegalStateException()
                .isThrownBy(() -> people.categories("city"))
                .withMessageStartingWith("data: line 4, column 2 ('city'): the value is missing");
        Table numbers = read(Csv.withHeader().allowMissing(), "a,b\n1,\n3,4\n");
        assertThatIllegalStateException().isThrownBy(numbers::values);
        assertThatIllegalStateException().isThrownBy(() -> numbers.withTargets("a"));
        assertThatIllegalStateException().isThrownBy(() -> numbers.withTargets("b"));
        assertThatIllegalStateException().isThrownBy(() -> numbers.withLabels("b", 5));
        assertThat(numbers.select("a").toArray()).as("the other column").containsExactly(1, 3);
        Table nonFinite = read(Csv.withHeader().allowMissing().allowNonFinite(), "a\nNaN\n2\n");
        assertThat(nonFinite.values().toArray()).as("a NaN that is not missing").containsExactly(Float.NaN, 2);
    }

    @Test
    void missingValuesAreDroppedFilledInOrMarked() throws IOException {
        Table people = people();
        Table dropped = people.dropMissing();
        assertThat(dropped.select("age", "income").toArray()).containsExactly(30, 10, 40, 30);
        assertThat(dropped.text("city")).containsExactly("Rome", "Rome");
        assertThat(people.dropMissing("age").rows()).isEqualTo(3);
        assertThat(people.dropMissing("city").text("city")).containsExactly("Rome", "Paris", "Rome");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> dropped.oneHot("city", Categories.of("Paris")))
                .withMessageStartingWith(
                        "data: line 2, column 2 ('city'): 'Rome' is not among the 1 categories [Paris]");

        assertThat(people.means("age", "income")).containsExactly(Map.entry("age", 40.0), Map.entry("income", 20.0));
        Table filled = people.fillMissing(people.means("age"))
                .fillMissing("income", -1)
                .fillMissing("city", "none");
        assertThat(filled.select("age", "income").toArray()).containsExactly(30, 10, 40, 20, 50, -1, 40, 30);
        assertThat(filled.text("city")).containsExactly("Rome", "Paris", "none", "Rome");

        Table marked = people.markMissing("age", "city");
        assertThat(marked.columns()).containsExactly("age", "age missing", "city", "city missing", "income", "kind");
        assertThat(marked.select("age missing", "city missing").toArray()).containsExactly(0, 0, 1, 0, 0, 1, 0, 0);
        assertThatIllegalStateException().as("still missing").isThrownBy(() -> marked.select("age"));
        assertThat(marked.fillMissing("age", 0).select("age").toArray()).containsExactly(30, 0, 50, 40);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> people.fillMissing("city", 1))
                .withMessageContaining("texts");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> people.fillMissing("age", "x"))
                .withMessageContaining("numbers");
        assertThatIllegalArgumentException().isThrownBy(() -> people.fillMissing("age", Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> people.dropMissing("nothing"));
        Table none = read(Csv.withHeader().allowMissing(), "a,b\n,1\n,2\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.means("a"))
                .withMessage("means: every value of column 'a' is missing, so it has no mean; leave it out");
        assertThat(none.dropMissing().rows()).isZero();
    }

    @Test
    void categoriesOfTheTrainingDataEncodeOtherData() throws IOException {
        Table train = people().dropMissing("city");
        Categories cities = train.categories("city");
        assertThat(cities.names()).containsExactly("Paris", "Rome");
        Categories kinds = train.categories("kind");
        Dataset data = train.fillMissing("age", 0)
                .fillMissing("income", 0)
                .oneHot("city", cities)
                .withLabels("kind", kinds);
        assertThat(data.x().shape()).isEqualTo(Shape.of(3, 4));
        assertThat(data.x().toArray()).containsExactly(30, 0, 1, 10, 0, 1, 0, 20, 40, 0, 1, 30);
        assertThat(data.y().toArray()).containsExactly(0, 1, 1);
        assertThat(train.oneHot("city", cities).columns())
                .containsExactly("age", "city=Paris", "city=Rome", "income", "kind");

        Table later = read(Csv.withHeader().text("city", "kind"), "city,kind\nRome,yes\nBonn,perhaps\n");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> later.oneHot("city", cities))
                .withMessage("data: line 3, column 1 ('city'): 'Bonn' is not among the 2 categories [Paris, Rome];"
                        + " Categories.allowUnknown() encodes such a text as zeros");
        Table encoded = later.oneHot("city", cities.allowUnknown());
        assertThat(encoded.oneHot("kind", Categories.of("yes", "perhaps"))
                        .values()
                        .toArray())
                .as("no column of texts is left")
                .containsExactly(0, 1, 1, 0, 0, 0, 0, 1);
        assertThat(encoded.select("city=Paris", "city=Rome").toArray()).containsExactly(0, 1, 0, 0);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> encoded.withLabels("kind", kinds.allowUnknown()))
                .withMessage("data: line 3, column 2 ('kind'): 'perhaps' is not among the 2 categories [no, yes]");
        assertThatIllegalArgumentException()
                .as("two columns of the same name")
                .isThrownBy(
                        () -> read(Csv.withHeader().text("c"), "c,c=a\na,1\n").oneHot("c", Categories.of("a")))
                .withMessageContaining("two columns would be named 'c=a'");
    }

    @Test
    void categoriesAreSortedOrInAGivenOrderWithoutDuplicates() {
        Categories learned = Categories.in(List.of("b", "a", "b"));
        assertThat(learned).isEqualTo(Categories.of("a", "b"));
        assertThat(learned.size()).isEqualTo(2);
        Categories chosen = Categories.of("low", "high");
        assertThat(chosen.labels(List.of("high", "low")).toArray()).containsExactly(1, 0);
        assertThat(chosen.oneHot(List.of("high", "low")).toArray()).containsExactly(0, 1, 1, 0);
        assertThat(chosen.allowUnknown().oneHot(List.of("none")).toArray()).containsExactly(0, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> chosen.oneHot(List.of("low", "none")))
                .withMessage("text 1: 'none' is not among the 2 categories [low, high]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> chosen.allowUnknown().labels(List.of("none")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Categories.of("a", "a"))
                .withMessageContaining("twice");
        assertThatIllegalArgumentException().isThrownBy(() -> Categories.in(List.of()));
    }

    @Test
    void aColumnOfNamesIsNotEncodedAsOneHot() throws IOException {
        StringBuilder text = new StringBuilder("name,x\n");
        for (int i = 0; i < 50_000; i++) {
            text.append("row").append(i).append(",1\n");
        }
        Table table = read(Csv.withHeader().text("name"), text.toString());
        Categories names = table.categories("name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.oneHot("name", names))
                .withMessageContaining("50000 rows with 50000 categories of column 'name'")
                .withMessageContaining("is it a name of each row rather than a category?");
    }

    @Test
    void aOneHotEncodingLargerThanTheHeapIsRefused() throws IOException {
        int n = (int) Math.sqrt(Runtime.getRuntime().maxMemory() / 4.0) + 1;
        assumeTrue(n < 46_000, "a heap that holds every tensor"); // 46000^2 numbers are nearly as many as it can have
        String lines = IntStream.range(0, n).mapToObj(i -> "n" + i).collect(Collectors.joining("\n"));
        Table table = read(Csv.withHeader().text("name"), "name\n" + lines);
        Categories names = table.categories("name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.oneHot("name", names))
                .withMessageContaining(" are " + (long) n * n + " numbers, more than the heap can hold");
    }

    @Test
    void manyRowsAreReadBitForBit(@TempDir Path folder) throws IOException {
        Tensor values = Tensor.zeros(3000, 5);
        Key.of(2).normal(values, 0, 100);
        StringBuilder text = new StringBuilder("\ufeffa,b,c,d,e\r\n");
        for (int i = 0; i < 3000; i++) {
            for (int j = 0; j < 5; j++) {
                text.append(values.get(i, j)).append(j < 4 ? "," : "\r\n");
            }
        }
        Path file = Files.writeString(folder.resolve("many.csv"), text);
        Table table = Csv.withHeader().read(file);
        assertThat(table.columns()).containsExactly("a", "b", "c", "d", "e");
        assertThat(table.values()).isBitEqualTo(values);
    }

    @Test
    void aTextForMissingValuesMayHaveAnyCharacters() throws IOException {
        Csv csv = Csv.withHeader().text("b").allowMissing("\u7121\u3057", "\u2013");
        Table table = read(csv, "a,b\n1,\u7121\u3057\n\u2013,x\n3,\u7121\n").dropMissing();
        assertThat(table.text("b")).containsExactly("\u7121");
        assertThat(table.select("a").get(0, 0)).isEqualTo(3);
    }

    @Test
    void textsForMissingValuesAddUp() throws IOException {
        Csv csv = Csv.withHeader()
                .text("b")
                .allowMissing(" NA ")
                .allowMissing("?")
                .allowMissing();
        assertThat(read(csv, "a,b\n1, NA \n2,?\n3,\n4,x\n").dropMissing().text("b"))
                .containsExactly("x");
    }

    @Test
    void noCharacterBeginsBothACommentAndARow() {
        Csv same = Csv.withHeader().separator(';').comments(';').allowMissing();
        assertThatIllegalStateException()
                .isThrownBy(() -> read(same, "a;b\n;3\n4;5\n"))
                .withMessage("comments(';'): lines that begin with an empty field would be skipped; give comments or"
                        + " fields another character");
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        read(Csv.withHeader().separator(';').decimalComma().comments(','), "a;b\n,5;3\n"))
                .withMessageStartingWith("comments(','): lines that begin with a decimal comma would be skipped");
    }

    @Test
    void aBareCarriageReturnInACommentIsRefused() {
        Csv csv = Csv.withoutHeader().comments('#');
        for (String text : List.of("# c\r1,2\n3,4\n", "# c\r1,2\r", "1,2\n#\r")) {
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> read(csv, text))
                    .withMessageContaining("a carriage return without a line feed after it; save the file with");
        }
    }

    @Test
    @Timeout(60) // comparing each column with each other takes hours
    void aWideTableTakesTimeProportionalToItsWidth() throws IOException {
        int width = 300_000;
        String header = IntStream.range(0, width).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
        Table table = read(Csv.withHeader(), header + "\n" + "1,".repeat(width - 1) + "2\n");
        assertThat(table.withTargets("c7").x().shape()).isEqualTo(Shape.of(1, width - 1));
        assertThat(table.markMissing("c7").columns()).hasSize(width + 1);
        String[] all = table.columns().toArray(String[]::new);
        assertThat(table.means(all)).hasSize(width).containsEntry("c299999", 2.0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.withTargets(all))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.select("d"))
                .satisfies(e -> assertThat(e.getMessage()).endsWith("c18, c19] and 299980 more"));
        assertThat(table.toString()).hasSizeLessThan(300);
    }

    @Test
    void aNullIsNamed() throws IOException {
        Table table = read(Csv.withHeader().text("b"), "a,b\n1,x\n");
        assertThatNullPointerException()
                .isThrownBy(() -> Csv.withHeader().text((String) null))
                .withMessage("column");
        assertThatNullPointerException()
                .isThrownBy(() -> Csv.withHeader().allowMissing((String) null))
                .withMessage("text");
        assertThatNullPointerException()
                .isThrownBy(() -> table.select((String) null))
                .withMessage("column");
        assertThatNullPointerException()
                .isThrownBy(() -> table.withTargets((String) null))
                .withMessage("column");
        assertThatNullPointerException()
                .isThrownBy(() -> table.withTargets((String[]) null))
                .withMessage("targets");
        assertThatNullPointerException()
                .isThrownBy(() -> table.dropMissing((String) null))
                .withMessage("column");
        assertThatNullPointerException()
                .isThrownBy(() -> table.fillMissing("b", (String) null))
                .withMessage("text");
        assertThatNullPointerException()
                .isThrownBy(() -> table.fillMissing((String) null, 1))
                .withMessage("column");
        assertThatNullPointerException()
                .isThrownBy(() -> table.oneHot("b", null))
                .withMessage("categories");
        SequencedMap<String, Double> values = new LinkedHashMap<>();
        values.put("a", null);
        assertThatNullPointerException()
                .isThrownBy(() -> table.fillMissing(values))
                .withMessage("value for column 'a'");
    }

    @Test
    void aMissingValueThatBeginsLikeACommentIsRefused() {
        for (Csv csv : List.of(
                Csv.withHeader().comments('?').allowMissing("?"),
                Csv.withHeader().allowMissing("NA", "#N/A").comments('#'))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> read(csv, "a,b\n1,2\n?,3\n"))
                    .withMessageContaining("would be skipped; give comments another character");
        }
    }

    @Test
    void anImpossibleNumberOfClassesIsRefused() throws IOException {
        Table table = read(Csv.withHeader().roundWholeNumbers(), "a,label\n1,16777217\n");
        for (int classes : new int[] {20_000_000, 0, -1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> table.withLabels("label", classes))
                    .withMessageContaining(classes + " classes for column 'label'; there must be 1 to 16777216");
        }
        Table labels = read(Csv.withHeader(), "x,zero,last\n1,0,16777215\n");
        assertThat(labels.withLabels("zero", 1).y().get(0)).isZero();
        assertThat(labels.withLabels("last", 1 << 24).y().get(0)).isEqualTo(16777215);
    }

    @Test
    void aTableWithoutRowsIsNamedAsTheReason() throws IOException {
        Table none =
                read(Csv.withHeader().text("b").allowMissing(), "a,b\n,x\n2,\n").dropMissing();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.means("a"))
                .withMessageContaining("the table has no rows, so column 'a'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.categories("b"))
                .withMessageContaining("the table has no rows, so column 'b'");
    }

    @Test
    void utf16WithoutAByteOrderMarkIsNamed() {
        for (Csv csv : List.of(Csv.withoutHeader(), Csv.withoutHeader().text("1", "2"), Csv.withHeader())) {
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> csv.read(
                            new ByteArrayInputStream("1,2\n3,4\n".getBytes(StandardCharsets.UTF_16BE)), "file"))
                    .withMessageContaining("if the file is UTF-16, save it as UTF-8");
        }
    }

    @Test
    void aDecimalCommaIsNotSuggestedAsASeparator() {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(Csv.withoutHeader().separator(';').decimalComma(), "1,234,5\n"))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("separator(','"));
    }

    @Test
    @Timeout(60) // a table for each marked column takes minutes
    void allColumnsOfAWideTableAreMarkedAtOnce() throws IOException {
        int width = 10_000;
        String header = IntStream.range(0, width).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
        Table table = read(Csv.withHeader().allowMissing(), header + "\n" + ",".repeat(width - 1) + "2\n");
        Table marked = table.markMissing(table.columns().toArray(String[]::new));
        assertThat(marked.columns()).hasSize(2 * width).startsWith("c0", "c0 missing", "c1", "c1 missing");
        assertThat(marked.select("c9998 missing", "c9999 missing", "c9999").array())
                .containsExactly(1, 0, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.markMissing("c1", "c1"))
                .withMessageContaining("column 'c1' is named twice");
    }

    @Test
    void aNullStreamOrCategoryIsNamed() {
        assertThatNullPointerException()
                .isThrownBy(() -> Csv.withHeader().read((InputStream) null, "file"))
                .withMessage("in");
        assertThatNullPointerException()
                .isThrownBy(() -> Npy.read((InputStream) null, "file"))
                .withMessage("in");
        assertThatNullPointerException()
                .isThrownBy(() -> Idx.read((InputStream) null, "file"))
                .withMessage("in");
        assertThatNullPointerException().isThrownBy(() -> Categories.in(null)).withMessage("texts");
        assertThatNullPointerException()
                .isThrownBy(() -> Categories.in(Arrays.asList("a", null)))
                .withMessage("text");
        assertThatNullPointerException()
                .isThrownBy(() -> new Categories(Arrays.asList("a", null), false))
                .withMessage("a category");
    }
}
