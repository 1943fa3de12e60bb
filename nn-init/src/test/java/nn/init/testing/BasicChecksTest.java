package nn.init.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.testing.CheckFinding.Verdict;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** What the basic contract counts, with initializers that break it in a known number of places. */
class BasicChecksTest {
    private static final Shape SHAPE = Shape.of(3, 4);

    private static List<CheckFinding> findings(Initializer initializer) {
        Findings findings = new Findings(SHAPE);
        boolean fit =
                new BasicChecks(new Samples(initializer, SHAPE, new Fans(3, 4), new long[] {1}), findings).check();
        CheckFinding finite = findings.all().getLast();
        assertThat(finite.property()).isEqualTo(Property.FINITE);
        assertThat(fit).isEqualTo(finite.verdict() == Verdict.HOLDS);
        return findings.all();
    }

    private static void assertFails(Property property, Initializer initializer, String measured, String note) {
        assertThat(findings(initializer).stream().filter(f -> f.property() == property))
                .singleElement()
                .extracting(CheckFinding::verdict, CheckFinding::measured, CheckFinding::note)
                .containsExactly(Verdict.FAILS, measured, note);
    }

    @Test
    void anInitializerThatKeepsTheContractHasFourFindingsThatHold() {
        String written = "0 not written, 0 written outside, 0 unlike a whole tensor's";
        assertThat(findings(Init.heNormal()))
                .extracting(CheckFinding::toString)
                .containsExactly(
                        "fills everything HOLDS at [3 x 4]: expected all of 12 elements of a view written, none"
                                + " outside, measured " + written + ", allowed none",
                        "same key same bits HOLDS at [3 x 4]: expected the same bits twice, measured the same,"
                                + " allowed no difference",
                        "order independence HOLDS at [3 x 4]: expected the same bits after another fill,"
                                + " measured the same, allowed no difference",
                        "finite HOLDS at [3 x 4]: expected all of 12 values finite, measured 0 are not, allowed none");
    }

    @Test
    void valuesThatAreNotFiniteAreCounted() {
        Initializer mutant = (out, fans, key) -> {
            out.fill(1);
            out.set(Float.POSITIVE_INFINITY, 0, 0);
            out.set(Float.NEGATIVE_INFINITY, 2, 3);
        };
        assertFails(
                Property.FINITE,
                mutant,
                "2 are not",
                "the tensor held NaN before: elements that are still NaN were not written, others overflow");
    }

    /** Elements that are left have the bits of NaN in the whole tensor as well, so none is unlike it. */
    @Test
    void elementsThatAreNotWrittenAreCounted() {
        Initializer mutant = (out, fans, key) -> {
            for (int i = 0; i < 10; i++) {
                out.array()[out.offset() + i] = 1;
            }
        };
        assertFails(
                Property.FILLS_EVERYTHING,
                mutant,
                "2 not written, 0 written outside, 0 unlike a whole tensor's",
                "a loop ends early, or a last row or block is forgotten");
    }

    /** The view begins at 17: the 12 elements before it are written instead of its own. */
    @Test
    void elementsWrittenOutsideAreCounted() {
        Initializer mutant = (out, fans, key) -> {
            for (int i = 0; i < out.size(); i++) {
                out.array()[i] = 1;
            }
        };
        assertFails(
                Property.FILLS_EVERYTHING,
                mutant,
                "12 not written, 12 written outside, 12 unlike a whole tensor's",
                "the view's offset() is not added to an index into array()");
    }

    @Test
    void neighboursOfAViewAreOutside() {
        for (int place : new int[] {-1, 12, -17, 28}) {
            Initializer mutant = (out, fans, key) -> {
                out.fill(1);
                int at = out.offset() + place;
                if (at >= 0 && at < out.array().length) {
                    out.array()[at] = 1;
                }
            };
            assertFails(
                    Property.FILLS_EVERYTHING,
                    mutant,
                    "0 not written, 1 written outside, 0 unlike a whole tensor's",
                    "the view's offset() is not added to an index into array()");
        }
    }

    @Test
    void elementsOfAViewThatDifferFromThoseOfAWholeTensorAreCounted() {
        Initializer mutant = (out, fans, key) -> {
            out.fill(1);
            if (out.offset() != 0) {
                out.set(2, 0, 0);
                out.set(2, 1, 1);
                out.set(2, 2, 3);
            }
        };
        assertFails(
                Property.FILLS_EVERYTHING,
                mutant,
                "0 not written, 0 written outside, 3 unlike a whole tensor's",
                "the view's offset() is not added to an index into array()");
    }

    @Test
    void valuesThatDependOnThePreviousContentAreNotTheSameTwice() {
        Initializer mutant = (out, fans, key) -> {
            float last = out.get(2, 3);
            out.fill(1);
            out.set(Float.isNaN(last) ? 1 : 2, 2, 3);
        };
        assertFails(
                Property.SAME_KEY_SAME_BITS,
                mutant,
                "others",
                "values depend on the tensor's previous content, on the clock, or on another source of randomness");
    }

    /** A fill with another key and exchanged fans leaves its mark; one that refuses those is given its own. */
    @Test
    void stateThatIsKeptBetweenFillsIsNoticed() {
        Key other = Key.of(1).child("other");
        for (boolean refusing : new boolean[] {false, true}) {
            float[] state = {1};
            Initializer mutant = (out, fans, key) -> {
                if (key.equals(other)) {
                    if (refusing && fans.in() != 3) {
                        throw new IllegalArgumentException("fans " + fans);
                    }
                    state[0] = 2;
                }
                out.fill(state[0]);
            };
            assertFails(Property.ORDER_INDEPENDENCE, mutant, "others", "the initializer keeps state between fills");
        }
    }

    /** Every fill differs, of a view or not: it is not for want of its offset. */
    @Test
    void anInitializerThatIsAnotherAtEveryFillIsNotBlamedForViews() {
        float[] fills = {0};
        Initializer mutant = (out, fans, key) -> out.fill(fills[0]++);
        assertThat(findings(mutant))
                .filteredOn(finding -> finding.verdict() == Verdict.FAILS)
                .extracting(CheckFinding::property, CheckFinding::note)
                .containsExactly(
                        tuple(
                                Property.SAME_KEY_SAME_BITS,
                                "values depend on the tensor's previous content, on the clock, or on another source of"
                                        + " randomness"),
                        tuple(Property.ORDER_INDEPENDENCE, "the initializer keeps state between fills"));
    }

    /** A vector is one row; a matrix of rank 3 has the first two axes as rows. */
    @Test
    void samplesAreReadAsMatrices() {
        int[][] shapes = {{}, {5}, {2, 3}, {2, 3, 4}, {0, 3}, {3, 0}};
        int[][] sizes = {{1, 1}, {1, 5}, {2, 3}, {6, 4}, {0, 0}, {0, 0}};
        for (int i = 0; i < shapes.length; i++) {
            Samples samples = new Samples(Init.ones(), Shape.of(shapes[i]), new Fans(1, 1), new long[] {1, 2});
            assertThat(new int[] {samples.rows, samples.columns}).isEqualTo(sizes[i]);
        }
    }

    @Test
    void samplesHoldTheValuesOfOneSeedAfterTheOther() {
        Initializer initializer = (out, fans, key) -> out.fill(key.equals(Key.of(5)) ? 5 : 7);
        Samples samples = new Samples(initializer, Shape.of(2), new Fans(1, 1), new long[] {7, 5});
        assertThat(samples.values).containsExactly(7, 7, 5, 5);
        assertThat(samples.key()).isEqualTo(Key.of(7));
        assertThat(samples.isFirst(Tensor.of(new float[] {7, 7}, 2))).isTrue();
        assertThat(samples.isFirst(Tensor.of(new float[] {7, 5}, 2))).isFalse();
    }
}
