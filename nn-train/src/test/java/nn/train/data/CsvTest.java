package nn.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.Allocation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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
                verdicts.add(Arguments.of(entry.get("text").asText(), entry.get("ours").asText()));
            }
        }
        assertThat(verdicts).hasSizeGreaterThan(20);
        return verdicts;
    }

    /** Two inputs and a label of two classes, as the list of texts means them. */
    @ParameterizedTest
    @MethodSource("verdicts")
    void everyTextMeetsItsVerdict(String text, String verdict) throws IOException {
        long allocated = Allocation.soFar();
        long start = System.nanoTime();
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
        assertThat(System.nanoTime() - start).isLessThan(1_000_000_000L); // a promise; it takes a thousandth of that
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
        refused(plain, "1,2\n3,abc\n", "line 2, column 2: 'abc' is not a number");
        refused(named, "a,b\n1,2\n3,4x\n", "line 3, column 2 ('b'): '4x' is not a number");
        refused(named, "\"a\nb\",c\n1,2\n,4\n", "line 4, column 1 ('a\nb'): the field is empty; fill it in, or leave the"
                + " line out");
        refused(plain, "x,y\n1,2\n", "line 1, column 1: 'x' is not a number; if the first line names the columns, use"
                + " Csv.withHeader()");
        refused(plain, "1;2\n", "line 1, column 1: '1;2' is not a number; if that is what stands between fields, say so by"
                + " separator(';')");
        refused(plain.separator(';'), "1;2,5\n", "line 1, column 2: '2,5' is not a number; if that is what stands between"
                + " fields, say so by separator(',')");
        refused(plain, "1,NaN\n", "line 1, column 2: 'NaN' is not a finite number; leave the line out, or see"
                + " Csv.allowNonFinite()");
        refused(plain, "1,-1e39\n", "line 1, column 2: '-1e39' is beyond the range of float32, which ends at 3.4e38");
        refused(plain, "1,2\n3\n", "line 2: expected 2 fields as in line 1, got 1");
        refused(plain, "1,2\n3,4,5\n", "line 2: expected 2 fields as in line 1, got more");
        refused(plain, "1,2\n\n3,4\n", "line 2: a blank line; remove it");
        refused(plain, "1,2\n3,4\n\n", "line 3: a blank line; remove it");
        refused(plain, "1\r2\n", "line 1: a carriage return without a line feed behind it");
        refused(plain, "", "line 1: the file is empty");
        refused(named, "", "line 1: the file is empty");
        refused(named, "a,b\n", "line 2: there is no line below the header");
        refused(named, "a,a\n1,2\n", "line 1, column 2: a second column is named 'a'; each needs a name of its own");
        refused(plain, "1,\"2\n3,4\n", "line 3: the quote that opens in line 1 is never closed");
        refused(plain, "1,\"2\"3\n", "line 1: text follows the closing quote of '2'; a quote inside is doubled");
        refused(plain, "1,2\"\n", "line 1: a quote inside of a field that does not begin with one");
        refused(plain, "1,2\u0000\n", "line 1, column 2: '2\\u0000' is not a number; if the first line names the columns, use"
                + " Csv.withHeader()");
        refused(plain, "PK\u0003\u0004", "line 1: this is no text; this looks like a zip archive, such as .npz, .xlsx or"
                + " PyTorch's .pt");
        refused(plain, "1,\"" + "2".repeat(70_000) + "\"\n", "line 1: a field of more than 65536 bytes; is there a quote too"
                + " many?");
    }

    @Test
    void labelsAreWholeNumbersOfTheClassesThatThereAre() throws IOException {
        Table table = read(Csv.withHeader(), "x,kind\n1,0\n2,2\n3,1.5\n");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> table.withLabels("kind", 2))
                .withMessage("data: line 3, column 2 ('kind'): 2.0 is no label: allowed are the whole numbers 0 to 1, for there"
                        + " are 2 classes");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> table.withLabels("kind", 3))
                .withMessageStartingWith("data: line 4, column 2 ('kind'): 1.5 is no label");
    }

    @Test
    void columnsAreTakenByName() throws IOException {
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
                .isThrownBy(() -> table.withTargets("a, \"1\"", "b", "c"))
                .withMessageStartingWith("no column is left for the inputs");
    }

    @Test
    void otherSeparatorsAndValuesThatAreNotFiniteAreTakenWhenAskedFor() throws IOException {
        assertThat(read(Csv.withoutHeader().separator('\t'), "1\t 2\n").values().toArray()).containsExactly(1, 2);
        assertThat(read(Csv.withoutHeader().allowNonFinite(), "NaN,Infinity,-Infinity\n").values().toArray())
                .containsExactly(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
        refused(Csv.withoutHeader().allowNonFinite(), "1\nnan\n", "line 2, column 1: 'nan' is not a number");
        for (char bad : new char[] {'"', '\n', '.', '5', 0, '\u00e9'}) {
            assertThatIllegalArgumentException().isThrownBy(() -> Csv.withHeader().separator(bad));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "+1", "1.", ".5", "-.5e-3", "1E+05", "0001", "3.4028235e38", "1e-60"})
    void aNumberIsWhatANumberLooksLike(String text) throws IOException {
        assertThat(read(Csv.withoutHeader(), text).values().get(0, 0)).isEqualTo(Float.parseFloat(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".", "e5", "1e", "1e+", "--1", "1.2.3", "1_000", "1 2", "0x10", "1f", "1d", "\u0661", "\u22121", "inf"
            })
    void andNothingElseIs(String text) {
        assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> read(Csv.withoutHeader(), text));
    }

    @Test
    void theLocaleDoesNotCount() throws IOException {
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
    void manyRowsComeBackToTheBit(@TempDir Path folder) throws IOException {
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
        assertThat(table.values().bitEquals(values)).isTrue();
    }
}
