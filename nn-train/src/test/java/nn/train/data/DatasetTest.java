package nn.train.data;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetTest {
    /** Row i of x is (10 i, 10 i + 1), its target i. */
    static Dataset numbered(int n) {
        Tensor x = Tensor.zeros(n, 1, 2);
        Tensor y = Tensor.zeros(n);
        for (int i = 0; i < n; i++) {
            x.set(10 * i, i, 0, 0);
            x.set(10 * i + 1, i, 0, 1);
            y.set(i, i);
        }
        return new Dataset(x, y);
    }

    static int[] targets(Tensor y) {
        return IntStream.range(0, y.size()).map(i -> (int) y.get(i)).toArray();
    }

    /** Requires each input to be next to its target. */
    static void requirePairs(Tensor x, Tensor y) {
        for (int i = 0; i < y.dim(0); i++) {
            assertThat(x.get(i, 0, 0)).isEqualTo(10 * y.get(i));
            assertThat(x.get(i, 0, 1)).isEqualTo(10 * y.get(i) + 1);
        }
    }

    @Test
    void aSplitHasEveryExampleOnce() {
        Dataset.Split split = numbered(11).split(0.2, Key.of(5));
        assertThat(split.test().size()).isEqualTo(2);
        assertThat(split.train().x().shape()).isEqualTo(Shape.of(9, 1, 2));
        requirePairs(split.train().x(), split.train().y());
        requirePairs(split.test().x(), split.test().y());
        int[] all = IntStream.concat(
                        Arrays.stream(targets(split.train().y())),
                        Arrays.stream(targets(split.test().y())))
                .sorted()
                .toArray();
        assertThat(all).isEqualTo(IntStream.range(0, 11).toArray());
        assertThat(numbered(11).split(0.2, Key.of(5)).test().y())
                .isBitEqualTo(split.test().y());
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, -0.5, 0, 1, 1.5, 0.01, 0.99})
    void aSplitLeavesNoPartEmpty(double fraction) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> numbered(11).split(fraction, Key.of(5)))
                .withMessageStartingWith("split: fraction " + fraction + " of 11 examples");
    }

    @Test
    void rowsAreAViewAndTakeCopies() {
        Dataset data = numbered(5);
        Dataset view = data.rows(1, 3);
        Dataset copy = data.take(4, 0, 4);
        assertThat(targets(copy.y())).containsExactly(4, 0, 4);
        requirePairs(copy.x(), copy.y());
        requirePairs(view.x(), view.y());
        data.x().set(-1f, 1, 0, 0);
        assertThat(view.x().get(0, 0, 0)).isEqualTo(-1f);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> data.take(0, 5))
                .withMessage("no row 5 in a data set of 5");
    }

    @Test
    void aDataSetNeedsAsManyTargetsAsInputs() {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> new Dataset(Tensor.zeros(4, 2), Tensor.zeros(3)))
                .withMessage("a data set needs as many targets as inputs: x is [4 x 2], y is [3]");
        assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> new Dataset(Tensor.zeros(), Tensor.zeros(3)));
    }

    @Test
    void arraysBecomeExamples() {
        Dataset labelled = Dataset.of(new float[][] {{1, 2, 3}, {4, 5, 6}}, new int[] {1, 0});
        assertThat(labelled.x().shape()).isEqualTo(Shape.of(2, 3));
        assertThat(labelled.x().toArray()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(labelled.y().shape()).isEqualTo(Shape.of(2));
        assertThat(targets(labelled.y())).containsExactly(1, 0);
        Dataset numbers = Dataset.of(new float[][] {{1}, {2}}, new float[][] {{3, 4}, {5, 6}});
        assertThat(numbers.y().shape()).isEqualTo(Shape.of(2, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dataset.of(new float[][] {{1, 2}, {3}}, new int[] {1, 0}))
                .withMessage("x: row 1 has 1 values, row 0 has 2; all rows need one length");
        assertThatNullPointerException()
                .isThrownBy(() -> Dataset.of(new float[][] {{1, 2}, null}, new int[] {0, 1}))
                .withMessage("x: row 1 is null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dataset.of(new float[0][], new int[0]))
                .withMessage("x has no rows, so their length is not known");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Dataset.of(new float[][] {{1}}, new int[] {1, 0}));
    }

    @Test
    void foldsHoldOutEveryExampleOnce() {
        List<Dataset.Split> folds = numbered(11).folds(3, Key.of(5));
        List<Integer> held = new ArrayList<>();
        for (Dataset.Split fold : folds) {
            requirePairs(fold.train().x(), fold.train().y());
            requirePairs(fold.test().x(), fold.test().y());
            assertThat(fold.test().size()).isBetween(3, 4);
            List<Integer> both = new ArrayList<>();
            Arrays.stream(targets(fold.test().y())).forEach(both::add);
            held.addAll(both);
            Arrays.stream(targets(fold.train().y())).forEach(both::add);
            assertThat(both).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        }
        assertThat(held).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        assertThat(targets(numbered(11).folds(3, Key.of(5)).get(1).test().y()))
                .isEqualTo(targets(folds.get(1).test().y()))
                .isNotEqualTo(
                        targets(numbered(11).folds(3, Key.of(6)).get(1).test().y()));
        assertThat(numbered(4).folds(4, Key.of(1))).hasSize(4);
        assertThat(numbered(4).folds(2, Key.of(1))).hasSize(2);
        for (int k : new int[] {-1, 1, 12}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> numbered(11).folds(k, Key.of(5)))
                    .withMessageStartingWith("folds: k is " + k + " for 11 examples");
        }
    }

    @Test
    void argMaxInvertsOneHot() {
        Tensor labels = Tensor.of(new float[] {2, 0, 1, 2}, 4);
        Tensor encoded = OneHot.of(labels, 3);
        assertThat(encoded.shape()).isEqualTo(Shape.of(4, 3));
        assertThat(encoded.toArray()).containsExactly(0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1);
        assertThat(encoded.argMaxRows()).containsExactly(2, 0, 1, 2);
        assertThat(OneHot.of(labels.reshape(2, 2), 3).shape()).isEqualTo(Shape.of(2, 2, 3));
        for (float bad : new float[] {3, -1, 0.5f, Float.NaN}) {
            labels.set(bad, 1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> OneHot.of(labels, 3))
                    .withMessage(
                            "one-hot: label " + bad + " at element 1 of [4]: allowed are the whole numbers 0 to 2");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OneHot.of(labels, 0))
                .withMessage("one-hot: 0 classes; there must be at least one");
        assertThat(OneHot.of(Tensor.zeros(2), 1).toArray()).containsExactly(1, 1);
    }

    @Test
    void aClassNumberThatMayBeOneOfTwoIsNotEncoded() {
        int classes = (1 << 24) + 2;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OneHot.of(Tensor.full(1 << 24), classes))
                .withMessage("one-hot: label 1.6777216E7 at element 0 of []: a float tells neighbouring whole numbers"
                        + " apart only below 2^24, 16777216");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OneHot.of(Tensor.full(classes), classes))
                .withMessageEndingWith("allowed are the whole numbers 0 to 16777217");
    }

    /** Sequences of 3 steps; step t of sequence i has the input 10 t + i. */
    static Tensor steps(int n) {
        Tensor x = Tensor.zeros(3, n);
        for (int t = 0; t < 3; t++) {
            for (int i = 0; i < n; i++) {
                x.set(10 * t + i, t, i);
            }
        }
        return x;
    }

    @Test
    void theSecondAxisOfTimeMajorDataCountsTheExamples() {
        Dataset both = Dataset.timeMajor(steps(4), steps(4));
        assertThat(both.size()).isEqualTo(4);
        assertThat(both.take(2, 0).x().toArray()).containsExactly(2, 0, 12, 10, 22, 20);
        assertThat(both.rows(1, 3).x().toArray()).containsExactly(1, 2, 11, 12, 21, 22);
        assertThat(both.rows(1, 3).y().toArray()).containsExactly(1, 2, 11, 12, 21, 22);
        assertThat(both.rows(0, 4).x()).isBitEqualTo(both.x());
        assertThat(both.rows(2, 2).size()).isZero();
        assertThat(both.rows(0, 1).yAxis()).isEqualTo(1);
        Dataset inputs = Dataset.timeMajorInputs(steps(4), Tensor.of(new float[] {5, 6, 7, 8}, 4));
        assertThat(inputs.rows(1, 3).x().toArray()).containsExactly(1, 2, 11, 12, 21, 22);
        assertThat(inputs.rows(1, 3).y().toArray()).containsExactly(6, 7);
        for (int[] bad : new int[][] {{-1, 2}, {3, 2}, {2, 5}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> both.rows(bad[0], bad[1]))
                    .withMessage("rows " + bad[0] + " to " + bad[1] + " of a data set of 4: 0 <= from <= to <= size");
        }
    }

    @Test
    void timeMajorDataOfAnotherShapeAreRefused() {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Dataset.timeMajor(Tensor.zeros(4), Tensor.zeros(4)))
                .withMessage("a data set needs inputs [time x n x ...], got [4]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> new Dataset(Tensor.zeros(), Tensor.zeros()))
                .withMessage("a data set needs inputs [n x ...], got a scalar");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Dataset.timeMajor(steps(4), Tensor.zeros(4)))
                .withMessage("a data set needs as many targets as inputs: x is [3 x 4], y is [4], declared as"
                        + " [time x n x ...] and [time x n x ...]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Dataset.timeMajorInputs(steps(4), Tensor.zeros(3)))
                .withMessageEndingWith("declared as [time x n x ...] and [n x ...]")
                .satisfies(e -> assertThat(e.expected()).isEqualTo("[4 x ...]"));
        for (int[] axes : new int[][] {{-1, 0}, {2, 0}, {0, -1}, {0, 2}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Dataset(steps(3), steps(3), axes[0], axes[1]))
                    .withMessage("a data set counts its examples by axis 0 or 1, got axis " + axes[0]
                            + " of x and axis " + axes[1] + " of y");
        }
    }

    @Test
    void theFingerprintTellsDataApart() {
        String first = numbered(3).fingerprint();
        assertThat(first)
                .matches("x \\[3 x 1 x 2], y \\[3], [0-9a-f]{16}")
                .isEqualTo(numbered(3).fingerprint());
        Dataset other = numbered(3);
        other.y().set(9, 2);
        assertThat(other.fingerprint()).isNotEqualTo(first);
        assertThat(Dataset.timeMajorInputs(steps(4), Tensor.zeros(4)).fingerprint())
                .startsWith("x [3 x 4] with examples along axis 1, y [4], ");
    }

    @Test
    void aLabelThatFloat32DoesNotHoldIsRefused() {
        float[][] x = {{1}, {2}};
        assertThat(Dataset.of(x, new int[] {0, 16777215}).y().get(1)).isEqualTo(16777215);
        for (int label : new int[] {16777216, 16777217, -16777217, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Dataset.of(x, new int[] {0, label}))
                    .withMessageStartingWith("label " + label + " at 1: labels are kept as floats");
        }
    }
}
