package nn.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
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

    /** Each input still stands beside its target. */
    static void requirePairs(Tensor x, Tensor y) {
        for (int i = 0; i < y.dim(0); i++) {
            assertThat(x.get(i, 0, 0)).isEqualTo(10 * y.get(i));
            assertThat(x.get(i, 0, 1)).isEqualTo(10 * y.get(i) + 1);
        }
    }

    @Test
    void aSplitDealsOutEveryExampleOnce() {
        Dataset.Split split = numbered(11).split(0.2, Key.of(5));
        assertThat(split.test().size()).isEqualTo(2);
        assertThat(split.train().x().shape()).isEqualTo(Shape.of(9, 1, 2));
        requirePairs(split.train().x(), split.train().y());
        requirePairs(split.test().x(), split.test().y());
        int[] all = IntStream.concat(
                        Arrays.stream(targets(split.train().y())), Arrays.stream(targets(split.test().y())))
                .sorted()
                .toArray();
        assertThat(all).isEqualTo(IntStream.range(0, 11).toArray());
        assertThat(numbered(11).split(0.2, Key.of(5)).test().y().bitEquals(split.test().y())).isTrue();
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
        assertThatIllegalArgumentException().isThrownBy(() -> data.take(0, 5)).withMessage("no row 5 in a data set of 5");
    }

    @Test
    void inputsAndTargetsMustBeAsMany() {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> new Dataset(Tensor.zeros(4, 2), Tensor.zeros(3)))
                .withMessage("a data set needs as many targets as inputs: x is [4 x 2], y is [3]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> new Dataset(Tensor.zeros(), Tensor.zeros(3)));
    }
}
