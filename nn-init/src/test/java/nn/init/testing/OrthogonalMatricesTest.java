package nn.init.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.testing.CheckFinding.Verdict;
import nn.tensor.Key;
import nn.tensor.Shape;
import org.junit.jupiter.api.Test;

/** The statistics and limits of hand-made matrices, worked out on paper. */
class OrthogonalMatricesTest {
    /** The rate of false alarms whose limit is 4 standard deviations: 2 exp(-4^2 / 2). */
    private static final double P = 2 * StrictMath.exp(-8);

    private static CheckFinding judged(
            Property property, double gain, int gates, Shape shape, Initializer initializer, long... seeds) {
        Samples samples = new Samples(initializer, shape, new Fans(3, 2), seeds.length == 0 ? new long[] {1} : seeds);
        Findings findings = new Findings(shape);
        new OrthogonalMatrices(samples, findings, gain, gates, P).check();
        return findings.all().stream()
                .filter(f -> f.property() == property)
                .findFirst()
                .orElseThrow();
    }

    /** The same matrix with every key. */
    private static CheckFinding orthogonality(double gain, int gates, double[]... matrix) {
        int columns = matrix[0].length;
        Initializer initializer = (out, fans, key) -> {
            for (int i = 0; i < out.size(); i++) {
                out.array()[out.offset() + i] = (float) matrix[i / columns][i % columns];
            }
        };
        return judged(Property.ORTHOGONALITY, gain, gates, Shape.of(matrix.length, columns), initializer);
    }

    private static double[] row(double... values) {
        return values;
    }

    private static void assertFinding(
            CheckFinding finding, Verdict verdict, String expected, String measured, String note) {
        assertThat(finding)
                .extracting(CheckFinding::verdict, CheckFinding::expected, CheckFinding::measured, CheckFinding::note)
                .containsExactly(verdict, expected, measured, note);
    }

    private static final String WRONG = "not orthogonal, of another gain, or rows and columns exchanged";

    // orthogonality

    /** The columns (2, 1/2) and (0, 2) have the products 4.25, 1 and 4: 1 is a quarter of the squared gain. */
    @Test
    void theLargestErrorIsThatOfTheColumnsOfATallMatrixAndOfTheRowsOfAWideOne() {
        assertFinding(
                orthogonality(2, 1, row(2, 0), row(0.5, 2)),
                Verdict.FAILS,
                "W'W = 4.000 I",
                "an element off by 0.2500 of that",
                WRONG);
        assertFinding(
                orthogonality(2, 1, row(2, 0), row(0.5, 2), row(0, 0)),
                Verdict.FAILS,
                "W'W = 4.000 I",
                "an element off by 0.2500 of that",
                WRONG);
        assertFinding(
                orthogonality(2, 1, row(2, 0.5, 0), row(0, 2, 0)),
                Verdict.FAILS,
                "W W' = 4.000 I",
                "an element off by 0.2500 of that",
                WRONG);
        assertFinding(
                orthogonality(2, 1, row(2, 0), row(0, 1)), // and a length of 1, 3 quarters less
                Verdict.FAILS,
                "W'W = 4.000 I",
                "an element off by 0.7500 of that",
                WRONG);
    }

    /** W'W of the columns (1, 0) and (e, 1) has e off the diagonal, and e^2 too much on it. */
    @Test
    void anErrorOfTwoToTheMinusTwentyIsRounding() {
        CheckFinding within = orthogonality(1, 1, row(1, 0x1p-20), row(0, 1));
        assertFinding(within, Verdict.HOLDS, "W'W = 1.000 I", "an element off by 9.537e-07 of that", "");
        assertThat(within.allowed()).isEqualTo("9.537e-07");
        assertFinding(
                orthogonality(1, 1, row(1, 0x1p-19), row(0, 1)),
                Verdict.FAILS,
                "W'W = 1.000 I",
                "an element off by 1.907e-06 of that",
                WRONG);
    }

    /** Two seeds of two gates; the error is in one of the four matrices. */
    @Test
    void eachGateOfEachSeedIsJudged() {
        for (long seed = 1; seed <= 2; seed++) {
            for (int gate = 0; gate < 2; gate++) {
                Key bad = Key.of(seed);
                int place = 2 * gate;
                Initializer initializer = (out, fans, key) -> {
                    out.fill(0);
                    for (int i = 0; i < 2; i++) {
                        out.set(2, i, i);
                        out.set(2, i, 2 + i);
                    }
                    if (key.equals(bad)) {
                        out.set(0.5f, 1, place);
                    }
                };
                assertFinding(
                        judged(Property.ORTHOGONALITY, 2, 2, Shape.of(2, 4), initializer, 1, 2),
                        Verdict.FAILS,
                        "W'W = 4.000 I in each gate",
                        "an element off by 0.2500 of that",
                        WRONG);
            }
        }
    }

    /** The rows of the whole have the products 4, 0 and 4 + e^2; e^2 = 2e-5 is below 1e-5 of 4, 8e-5 is not. */
    @Test
    void gatesThatAreOrthogonalOnlyTogetherAreNamed() {
        assertThat(orthogonality(2, 2, row(2, 0, 0, 0), row(0, 0, 2, Math.sqrt(2e-5)))
                        .note())
                .isEqualTo("the gates' matrices are orthogonal only together: each needs a separate fill");
        assertThat(orthogonality(2, 2, row(2, 0, 0, 0), row(0, 0, 2, Math.sqrt(8e-5)))
                        .note())
                .isEqualTo(WRONG);
        assertThat(orthogonality(2, 1, row(2, 0), row(0, 2 + 5e-6)).note()) // 2e-5 too much: no gates
                .isEqualTo(WRONG);
    }

    @Test
    void tensorsThatAreNotMatricesSideBySideAreUndecided() {
        int[][] shapes = {{6}, {0, 6}, {6, 3}};
        for (int[] dims : shapes) {
            CheckFinding finding = judged(Property.ORTHOGONALITY, 1, 2, Shape.of(dims), Init.zeros());
            assertThat(finding)
                    .extracting(CheckFinding::verdict, CheckFinding::note)
                    .containsExactly(
                            Verdict.UNDECIDED,
                            "a tensor of shape " + Shape.of(dims) + " is not 2 matrices side by side");
        }
    }

    // layers and seeds

    /** 2 I with every key, but with the given one the last elements of the diagonal are negative. */
    private static CheckFinding relation(Property property, int n, int negative) {
        Key second = property == Property.LAYERS ? Key.of(1).child("b") : Key.of(2);
        Initializer initializer = (out, fans, key) -> {
            out.fill(0);
            for (int i = 0; i < n; i++) {
                out.set(i >= n - negative && key.equals(second) ? -2 : 2, i, i);
            }
        };
        return judged(property, 2, 1, Shape.of(n, n), initializer);
    }

    /** The sum of products is 18 - 2 k; its standard deviation is sqrt(18 / 16). */
    @Test
    void twoMatricesOfTheSameOriginAreNoticedByTheirProduct() {
        for (Property property : new Property[] {Property.LAYERS, Property.SEEDS}) {
            assertThat(relation(property, 18, 4))
                    .extracting(
                            CheckFinding::verdict,
                            CheckFinding::expected,
                            CheckFinding::measured,
                            CheckFinding::allowed)
                    .containsExactly(
                            Verdict.FAILS,
                            "no relation",
                            "product 9.428 standard deviations",
                            "4.000 standard deviations");
            assertThat(relation(property, 18, 14).measured()).isEqualTo("product -9.428 standard deviations");
            assertThat(relation(property, 18, 14).verdict()).isEqualTo(Verdict.FAILS);
            assertThat(relation(property, 18, 7))
                    .extracting(CheckFinding::verdict, CheckFinding::measured)
                    .containsExactly(Verdict.HOLDS, "product 3.771 standard deviations");
            assertThat(relation(property, 18, 0))
                    .extracting(CheckFinding::verdict, CheckFinding::measured)
                    .containsExactly(Verdict.FAILS, "the same bits");
        }
        assertThat(relation(Property.LAYERS, 18, 0).note())
                .isEqualTo("the key or its path is ignored: one seed for all layers");
        assertThat(relation(Property.SEEDS, 18, 0).note()).isEqualTo("the seed is ignored");
    }

    /** Equal ones have a product of n, which must be above 4 + 3.1 times sqrt(n / (n - 2)): 8.05 for 9, 8.2 for 8. */
    @Test
    void aMatrixOf9x9IsLargeEnoughToCompare() {
        CheckFinding small = relation(Property.LAYERS, 8, 4);
        assertThat(small)
                .extracting(CheckFinding::verdict, CheckFinding::measured, CheckFinding::note)
                .containsExactly(
                        Verdict.UNDECIDED,
                        "product 0.000 standard deviations",
                        "the matrix is too small to compare; 12 x 12 would do");
        assertThat(relation(Property.LAYERS, 9, 4).verdict()).isEqualTo(Verdict.HOLDS);
    }

    @Test
    void theSameSingleElementIsNoSignOfTheSameSeed() {
        assertThat(relation(Property.SEEDS, 1, 0).verdict()).isEqualTo(Verdict.UNDECIDED);
        assertThat(relation(Property.SEEDS, 2, 0).verdict()).isEqualTo(Verdict.FAILS);
    }

    // signs

    /**
     * Matrices 2 I, of which the 64 draws have other first two elements on the diagonal; they lie beside further gates.
     */
    private static CheckFinding signs(int n, int gates, ToIntFunction<Integer> first, ToIntFunction<Integer> second) {
        Map<Key, Integer> draws = new HashMap<>();
        for (int draw = 0; draw < 64; draw++) {
            draws.put(Key.of(1).child("haar").child(draw), draw);
        }
        Initializer initializer = (out, fans, key) -> {
            out.fill(0);
            for (int gate = 0; gate < gates; gate++) {
                for (int i = 0; i < n; i++) {
                    out.set(2, i, gate * n + i);
                }
            }
            Integer draw = draws.get(key);
            if (draw != null) {
                for (int i = 2; i < n; i++) {
                    out.set(0, i, i);
                }
                out.set(2 * first.applyAsInt(draw), 0, 0);
                out.set(2 * second.applyAsInt(draw), 1, 1);
            }
        };
        return judged(Property.HAAR_SIGNS, 2, gates, Shape.of(n, gates * n), initializer);
    }

    /** The sum of 64 traces of 2 x 2 matrices has the standard deviation sqrt(64 * 2). */
    @Test
    void negativeFirstElementsAndTracesAreCounted() {
        for (int gates : new int[] {1, 2}) {
            CheckFinding even = signs(2, gates, draw -> draw < 24 ? -1 : 1, draw -> draw % 2 == 0 ? 1 : -1);
            assertThat(even)
                    .extracting(
                            CheckFinding::verdict,
                            CheckFinding::expected,
                            CheckFinding::measured,
                            CheckFinding::allowed)
                    .containsExactly(
                            Verdict.HOLDS,
                            "first element negative in half of 64 samples, mean trace 0",
                            "24, 0.2500", // 40 - 24 and 0 over 64
                            "by chance 0.0006709");
            CheckFinding positive = signs(2, gates, draw -> draw < 24 ? -1 : 1, draw -> 1);
            assertThat(positive)
                    .extracting(CheckFinding::verdict, CheckFinding::measured)
                    .containsExactly(Verdict.FAILS, "24, 1.250"); // a sum of 80, of 45.3 allowed
        }
        assertThat(signs(2, 1, draw -> draw < 24 ? -1 : draw < 32 ? 0 : 1, draw -> 0)
                        .measured())
                .isEqualTo("24, 0.1250"); // a zero has no sign
    }

    /** Chernoff: 64 (ln 2 + h ln h + (1 - h) ln(1 - h)) is 10.7 for 50 of 64, and 7.3 for 47; 8 is allowed. */
    @Test
    void firstElementsOfOneSignAreNoticed() {
        assertThat(signs(2, 1, draw -> draw < 50 ? -1 : 1, draw -> draw < 50 ? 1 : -1))
                .extracting(CheckFinding::verdict, CheckFinding::measured)
                .containsExactly(Verdict.FAILS, "50, 0.000");
        assertThat(signs(2, 1, draw -> draw < 14 ? -1 : 1, draw -> draw < 14 ? 1 : -1)
                        .verdict())
                .isEqualTo(Verdict.FAILS);
        assertThat(signs(2, 1, draw -> draw < 47 ? -1 : 1, draw -> draw < 47 ? 1 : -1)
                        .verdict())
                .isEqualTo(Verdict.HOLDS);
    }

    /** Four times sqrt(64 * 10 / 8) = 35.8 are allowed for matrices of 10 x 10. */
    @Test
    void theSumOfTracesHasTheLimitOfItsSize() {
        assertThat(signs(10, 1, draw -> draw < 24 ? -1 : 1, draw -> draw < 24 ? -1 : 1))
                .extracting(CheckFinding::verdict, CheckFinding::measured)
                .containsExactly(Verdict.HOLDS, "24, 0.5000"); // a sum of 32
        assertThat(signs(10, 1, draw -> draw < 22 ? -1 : 1, draw -> draw < 22 ? -1 : 1))
                .extracting(CheckFinding::verdict, CheckFinding::measured)
                .containsExactly(Verdict.FAILS, "22, 0.6250"); // a sum of 40
        assertThat(signs(10, 1, draw -> draw < 42 ? -1 : 1, draw -> draw < 42 ? -1 : 1)
                        .verdict())
                .isEqualTo(Verdict.FAILS); // a sum of -40
    }

    @Test
    void signsOfVectorsAndDeterminantsOfLargeMatricesAreUndecided() {
        for (int[] dims : new int[][] {{1, 9}, {9, 1}}) {
            assertThat(judged(Property.HAAR_SIGNS, 1, 1, Shape.of(dims), Init.orthogonal()))
                    .extracting(CheckFinding::verdict, CheckFinding::note)
                    .containsExactly(Verdict.UNDECIDED, "signs are judged from matrices of 2 x 2 or more");
        }
        for (int[] dims : new int[][] {{33, 32}, {16, 65}}) {
            assertThat(judged(Property.DETERMINANT, 1, 1, Shape.of(dims), Init.orthogonal()))
                    .extracting(CheckFinding::verdict, CheckFinding::note)
                    .containsExactly(Verdict.UNDECIDED, "it is judged from 64 draws of at most 1024 elements");
        }
        for (int[] dims : new int[][] {{2, 9}, {9, 2}, {32, 32}, {16, 64}, {33, 32}, {16, 65}}) {
            assertThat(judged(Property.HAAR_SIGNS, 1, 1, Shape.of(dims), Init.orthogonal())
                            .verdict())
                    .isEqualTo(Verdict.HOLDS);
        }
    }
}
