package nn.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import nn.init.Reference.Words;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The library, the page that writes its algorithm down, and a program written from the page: all three agree to the
 * bit.
 */
class WrittenAlgorithmTest {
    private static final Path PAGE = Path.of(System.getProperty("basedir", "."))
            .resolveSibling("nn-tensor")
            .resolve("RANDOMNESS.md");

    static Stream<Key> keys() {
        return Stream.of(
                Key.of(0),
                Key.of(1),
                Key.of(42),
                Key.of(-1),
                new Key(0x0123456789ABCDEFL, 0xFEDCBA9876543210L),
                Key.of(42).child("hidden1").child("weight"));
    }

    private static Words words(Key key) {
        return new Words(key.hi(), key.lo());
    }

    @ParameterizedTest
    @MethodSource("keys")
    void childrenAndWordsAreTheWrittenOnes(Key key) {
        for (String name : new String[] {"", "weight", "Grüße, 世界", "a".repeat(1000)}) {
            assertThat(words(key.child(name))).isEqualTo(Reference.child(words(key), name));
        }
        for (long index : new long[] {0, 1, -1, 1L << 32, Long.MIN_VALUE, 0x123456789ABCDEFL}) {
            assertThat(words(key.child(index))).isEqualTo(Reference.child(words(key), index));
        }
        for (long i : new long[] {0, 15, 16, 63, 64, 1000, (1L << 36) + 17, (1L << 50) - 1}) {
            assertThat(Integer.toUnsignedLong(key.word(i))).isEqualTo(Reference.word(words(key), i));
        }
    }

    @ParameterizedTest
    @MethodSource("keys")
    void uniformAndNormalValuesAreTheWrittenOnes(Key key) {
        int n = 700;
        Tensor uniform = Tensor.zeros(n);
        Tensor normal = Tensor.zeros(n);
        Tensor truncated = Tensor.zeros(n);
        key.uniform(uniform, -0.3f, 1.7f);
        key.normal(normal, 0.25f, 0.1f);
        new TruncatedNormal(0, Math.sqrt(TruncatedNormal.variance(0.7)), 0.7).fill(truncated, new Fans(1, 1), key);
        for (int i = 0; i < n; i++) {
            assertThat(uniform.get(i)).isEqualTo(Reference.uniform(words(key), i, -0.3f, 1.7f));
            assertThat(normal.get(i)).isEqualTo(Reference.normal(words(key), i, 0.25f, 0.1f));
            assertThat(truncated.get(i)).isEqualTo(Reference.truncated(words(key), i, 0.7));
        }
    }

    /** Radii near both ends, and where the logarithm changes its way, come up among 200,000 values of one key. */
    @Test
    void rareValuesAreTheWrittenOnesToo() {
        Key key = Key.of(5);
        int n = 200_000;
        Tensor normal = Tensor.zeros(n);
        key.normal(normal, 0, 1);
        int rare = 0;
        for (int i = 0; i < n; i++) {
            double size = Math.abs(normal.get(i));
            if (size > 3.5 || size < 1e-3 || i % 997 == 0) {
                assertThat(normal.get(i)).isEqualTo(Reference.normal(words(key), i));
                rare++;
            }
        }
        assertThat(rare).isGreaterThan(400);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,5", "5,1", "8,8", "31,31", "32,32", "33,33", "65,64", "40,33", "33,70", "100,100", "130,70"})
    void orthogonalWeightsAreTheWrittenOnes(int rows, int columns) {
        Key key = Key.of(42).child("hidden1").child("weight");
        Tensor w = Tensor.zeros(rows, columns);
        Init.orthogonal(1.5).fill(w, new Fans(rows, columns), key);
        assertThat(bits(w.toArray())).isEqualTo(bits(Reference.orthogonal(words(key), rows, columns, 1.5)));
    }

    private static int[] bits(float[] values) {
        return IntStream.range(0, values.length)
                .map(i -> Float.floatToRawIntBits(values[i]))
                .toArray();
    }

    @Test
    void shufflesAreTheWrittenOnes() {
        assertThat(Key.of(3).permutation(500)).isEqualTo(Reference.permutation(words(Key.of(3)), 500));
    }

    @Test
    void weightsOfTheCommonSchemesAreTheWrittenOnes() {
        Key key = Key.of(42).child("hidden1").child("weight");
        Tensor he = Tensor.zeros(64, 10);
        Init.heNormal(0.2).fill(he, new Fans(64, 10), key);
        Tensor glorot = Tensor.zeros(64, 10);
        Init.xavierUniform().fill(glorot, new Fans(64, 10), key);
        float deviation = (float) (Math.sqrt(2 / (1 + 0.2 * 0.2)) / Math.sqrt(64));
        float bound = (float) (Math.sqrt(3) * (1 / Math.sqrt((64 + 10) / 2.0)));
        for (int i = 0; i < he.size(); i++) {
            assertThat(he.toArray()[i]).isEqualTo(Reference.normal(words(key), i, 0, deviation));
            assertThat(glorot.toArray()[i]).isEqualTo(Reference.uniform(words(key), i, -bound, bound));
        }
    }

    /** Lines of the page such as {@code normal 0000... 0000... 17 = 0x1.8p-1}. */
    @Test
    void theVectorsOfThePageAreWhatLibraryAndWrittenProgramGive() throws IOException {
        List<String> lines = Files.readAllLines(PAGE).stream()
                .filter(line -> line.matches("[a-z]+ [0-9a-f]{16} [0-9a-f]{16} .+ = -?0x.+"))
                .toList();
        for (String line : lines) {
            String[] sides = line.split(" = ");
            String[] question = sides[0].split(" ");
            assertThat(answer(question, true)).as("library: %s", line).isEqualTo(sides[1]);
            assertThat(answer(question, false)).as("written program: %s", line).isEqualTo(sides[1]);
        }
        assertThat(lines).hasSizeGreaterThanOrEqualTo(40);
    }

    private static String answer(String[] q, boolean library) {
        Key key = new Key(Long.parseUnsignedLong(q[1], 16), Long.parseUnsignedLong(q[2], 16));
        Words words = words(key);
        switch (q[0]) {
            case "threefry" -> {
                long[] counter = Arrays.stream(q, 3, 7)
                        .mapToLong(word -> Long.parseLong(word, 16))
                        .toArray();
                if (!library) {
                    return words(Reference.threefry(words, counter));
                }
                // of the library, what can be asked: children have the counter (low, high, 0, 1)
                Key child = key.child(counter[1] << 32 | counter[0]);
                return counter[2] == 0 && counter[3] == 1
                        ? words(
                                child.lo() & 0xFFFFFFFFL,
                                child.lo() >>> 32,
                                child.hi() & 0xFFFFFFFFL,
                                child.hi() >>> 32)
                        : words(Reference.threefry(words, counter));
            }
            case "child" -> {
                Words child;
                if (q[3].startsWith("#")) {
                    long index = Long.parseLong(q[3].substring(1));
                    child = library ? words(key.child(index)) : Reference.child(words, index);
                } else {
                    child = library ? words(key.child(q[3])) : Reference.child(words, q[3]);
                }
                return String.format(Locale.ROOT, "0x%016x 0x%016x", child.hi(), child.lo());
            }
            default -> {
                long i = Long.parseLong(q[q.length - 1]);
                return switch (q[0]) {
                    case "word" -> words(library ? Integer.toUnsignedLong(key.word(i)) : Reference.word(words, i));
                    case "uniform" -> hex(library ? at(Init.uniform(1), key, i) : Reference.uniform(words, i));
                    case "normal" -> hex(library ? key.normal(i) : Reference.normal(words, i));
                    case "truncated" ->
                        hex(
                                library
                                        ? at(new TruncatedNormal(0, Math.sqrt(TruncatedNormal.variance(2)), 2), key, i)
                                        : Reference.truncated(words, i, 2));
                    case "orthogonal" ->
                        hex(orthogonal(key, Integer.parseInt(q[3]), Integer.parseInt(q[4]), (int) i, library));
                    default -> throw new IllegalArgumentException(q[0]);
                };
            }
        }
    }

    private static float at(Initializer initializer, Key key, long i) {
        Tensor out = Tensor.zeros((int) i + 1);
        initializer.fill(out, new Fans(1, 1), key);
        return out.get((int) i);
    }

    private static float orthogonal(Key key, int rows, int columns, int i, boolean library) {
        if (!library) {
            return Reference.orthogonal(words(key), rows, columns, 1)[i];
        }
        Tensor w = Tensor.zeros(rows, columns);
        Init.orthogonal().fill(w, new Fans(rows, columns), key);
        return w.toArray()[i];
    }

    private static String hex(float value) {
        return Float.toHexString(value);
    }

    private static String words(long... words) {
        StringBuilder text = new StringBuilder();
        for (long word : words) {
            text.append(String.format(Locale.ROOT, " 0x%08x", word));
        }
        return text.substring(1);
    }
}
