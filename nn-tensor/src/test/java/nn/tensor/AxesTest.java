package nn.tensor;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Permutations, slices, rows by index, repeated operands, and sums and maxima along axes. */
class AxesTest {
    private static Tensor numbers(int... dims) {
        Tensor t = Tensor.zeros(dims);
        Key.of(3).normal(t, 0, 1);
        return t;
    }

    /** The index of each element, in row-major order. */
    private static List<int[]> places(Shape shape) {
        List<int[]> places = new ArrayList<>();
        for (int i = 0; i < shape.size(); i++) {
            int[] place = new int[shape.rank()];
            int rest = i;
            for (int axis = place.length - 1; axis >= 0; axis--) {
                place[axis] = rest % shape.dim(axis);
                rest /= shape.dim(axis);
            }
            places.add(place);
        }
        return places;
    }

    static Stream<Arguments> permutations() {
        return Stream.of(
                Arguments.of(new int[] {3, 5}, new int[] {1, 0}),
                Arguments.of(new int[] {17, 33}, new int[] {1, 0}),
                Arguments.of(new int[] {2, 3, 4}, new int[] {0, 2, 1}),
                Arguments.of(new int[] {2, 3, 4}, new int[] {2, 1, 0}),
                Arguments.of(new int[] {2, 3, 4}, new int[] {1, 2, 0}),
                Arguments.of(new int[] {2, 3, 4}, new int[] {2, 0, 1}),
                Arguments.of(new int[] {2, 3, 4}, new int[] {1, 0, 2}),
                Arguments.of(new int[] {2, 3, 4}, new int[] {0, 1, 2}),
                Arguments.of(new int[] {2, 20, 3, 18}, new int[] {0, 2, 1, 3}),
                Arguments.of(new int[] {2, 20, 3, 18}, new int[] {0, 2, 3, 1}),
                Arguments.of(new int[] {2, 20, 3, 18}, new int[] {3, 1, 0, 2}),
                Arguments.of(new int[] {2, 1, 3, 1}, new int[] {3, 2, 1, 0}),
                Arguments.of(new int[] {1, 1}, new int[] {1, 0}),
                Arguments.of(new int[] {5}, new int[] {0}));
    }

    @ParameterizedTest
    @MethodSource("permutations")
    void permuteMovesEveryElement(int[] dims, int[] axes) {
        Tensor x = numbers(dims);
        Tensor y = x.permute(axes);
        for (int[] place : places(y.shape())) {
            int[] from = new int[place.length];
            for (int i = 0; i < place.length; i++) {
                from[axes[i]] = place[i];
            }
            assertThat(y.get(place)).isEqualTo(x.get(from));
        }
    }

    @Test
    void permuteCountsNegativeAxesFromTheEnd() {
        Tensor x = numbers(2, 3, 4);
        assertThat(x.permute(0, -1, -2)).isBitEqualTo(x.permute(0, 2, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.permute(0, 1, 1))
                .withMessage("axes [0, 1, 1] of shape [2 x 3 x 4]: give each of its 3 axes once");
        assertThatIllegalArgumentException().isThrownBy(() -> x.permute(0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> x.permute(0, 1, 3));
    }

    @Test
    void slicesAreCopiedWrittenAndAddedAlongAnyAxis() {
        Tensor x = numbers(3, 5, 4);
        for (int axis = 0; axis < 3; axis++) {
            int length = x.dim(axis) - 1;
            Tensor part = Tensor.zeros(x.shape().withDim(axis, length));
            x.sliceInto(axis, 1, part);
            for (int[] place : places(part.shape())) {
                int[] from = place.clone();
                from[axis]++;
                assertThat(part.get(place)).isEqualTo(x.get(from));
            }
            Tensor joined = Tensor.zeros(x.shape());
            Tensor first = Tensor.zeros(x.shape().withDim(axis, 1));
            x.sliceInto(axis - 3, 0, first);
            joined.setSlice(axis, 0, first);
            joined.setSlice(axis, 1, part);
            assertThat(joined).isBitEqualTo(x);
            joined.addToSlice(axis, 1, part);
            joined.addToSlice(axis, 0, first);
            assertThat(joined).isBitEqualTo(x.add(x));
        }
    }

    @Test
    void slicesOutsideATensorAreRefused() {
        Tensor x = numbers(3, 5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.sliceInto(1, 3, Tensor.zeros(3, 3)))
                .withMessage("slice: indices 3 to 5 of axis 1 are not in a tensor of shape [3 x 5]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> x.sliceInto(1, 0, Tensor.zeros(2, 3)))
                .withMessage("slice: expected a tensor of shape [3 x 3], got [2 x 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.setSlice(0, 0, x))
                .withMessageContaining("shares memory");
    }

    @Test
    void rowsAreGatheredAndAddedByIndex() {
        Tensor table = numbers(4, 3);
        Tensor indices = Tensor.of(new float[] {3, 0, 3, 1}, 2, 2);
        Tensor rows = Tensor.zeros(2, 2, 3);
        table.gatherRowsInto(indices, rows);
        for (int i = 0; i < 4; i++) {
            int row = (int) indices.array()[i];
            assertThat(rows.reshape(4, 3).row(i)).isBitEqualTo(table.row(row));
        }
        Tensor sums = Tensor.zeros(4, 3);
        sums.addToRows(indices, rows);
        assertThat(sums.row(3)).isBitEqualTo(table.row(3).add(table.row(3)));
        assertThat(sums.row(2)).isBitEqualTo(Tensor.zeros(3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sums.addToRows(Tensor.of(new float[] {0, 4}, 1, 2), Tensor.full(1, 1, 2, 3)))
                .withMessage(
                        "addToRows: element [0, 1] of the indices [1 x 2] is 4.0; an index is a whole number from 0"
                                + " to 3");
        assertThat(sums.row(0)).isBitEqualTo(table.row(0)); // nothing was added
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.gatherRowsInto(Tensor.of(new float[] {0.5f}, 1), Tensor.zeros(1, 3)));
    }

    static Stream<Arguments> broadcasts() {
        return Stream.of(
                Arguments.of(new int[] {4, 3}, new int[] {3}),
                Arguments.of(new int[] {4, 3}, new int[] {1, 3}),
                Arguments.of(new int[] {4, 3}, new int[] {4, 1}),
                Arguments.of(new int[] {4, 3}, new int[] {}),
                Arguments.of(new int[] {4, 3}, new int[] {4, 3}),
                Arguments.of(new int[] {2, 5, 3, 4}, new int[] {2, 1, 1, 4}),
                Arguments.of(new int[] {2, 5, 3, 4}, new int[] {5, 1, 4}),
                Arguments.of(new int[] {2, 5, 3, 4}, new int[] {2, 1, 3, 1}),
                Arguments.of(new int[] {2, 5, 3, 4}, new int[] {1, 5, 1, 4}),
                Arguments.of(new int[] {2, 5, 3, 70}, new int[] {1, 5, 1, 1}),
                Arguments.of(new int[] {1, 1}, new int[] {1}),
                Arguments.of(new int[] {7}, new int[] {1}));
    }

    @ParameterizedTest
    @MethodSource("broadcasts")
    void aSmallerTensorIsRepeatedAlongItsAxesOfSizeOne(int[] full, int[] small) {
        Tensor x = numbers(full);
        Tensor y = Tensor.zeros(small);
        Key.of(4).normal(y, 0, 1);
        Tensor repeated = Tensor.zeros(full);
        y.broadcastInto(repeated);
        for (int[] place : places(x.shape())) {
            assertThat(repeated.get(place)).isEqualTo(y.get(shared(place, y.shape())));
        }
        Tensor z = Tensor.zeros(full);
        x.addBroadcastInto(y, z);
        assertThat(z).isBitEqualTo(x.add(repeated));
        x.subtractBroadcastInto(y, z);
        assertThat(z).isBitEqualTo(x.subtract(repeated));
        x.multiplyBroadcastInto(y, z);
        assertThat(z).isBitEqualTo(x.multiply(repeated));
        x.divideBroadcastInto(y, z);
        for (int[] place : places(x.shape())) {
            assertThat(z.get(place)).isEqualTo(x.get(place) / repeated.get(place));
        }
    }

    private static int[] shared(int[] place, Shape small) {
        int[] shared = new int[small.rank()];
        for (int i = 0; i < shared.length; i++) {
            shared[i] = small.dim(i) == 1 ? 0 : place[place.length - shared.length + i];
        }
        return shared;
    }

    @ParameterizedTest
    @MethodSource("broadcasts")
    void sumsAndMaximaAlongAxes(int[] full, int[] small) {
        Tensor x = numbers(full);
        Tensor sums = Tensor.full(1, small);
        Tensor most = Tensor.zeros(small);
        x.addSumsInto(sums);
        x.maxInto(most);
        double[] expected = new double[sums.size()];
        float[] largest = new float[sums.size()];
        Arrays.fill(expected, 1);
        Arrays.fill(largest, Float.NEGATIVE_INFINITY);
        List<int[]> targets = places(sums.shape());
        for (int[] place : places(x.shape())) {
            int[] shared = shared(place, sums.shape());
            for (int j = 0; j < targets.size(); j++) {
                if (Arrays.equals(targets.get(j), shared)) {
                    expected[j] += x.get(place);
                    largest[j] = Math.max(largest[j], x.get(place));
                }
            }
        }
        for (int j = 0; j < expected.length; j++) { // each addition rounds a sum that is below 100 by at most 2^-18
            assertThat((double) sums.array()[j]).isCloseTo(expected[j], within(x.size() * 0x1p-18));
            assertThat(most.array()[j]).isEqualTo(largest[j]);
        }
        Tensor dx = Tensor.full(9, full);
        Tensor dMost = Tensor.full(2, small);
        x.maxGradInto(most, dMost, dx);
        for (int[] place : places(x.shape())) {
            boolean isMost = x.get(place) == most.get(shared(place, most.shape()));
            assertThat(dx.get(place)).isEqualTo(isMost ? 2f : 0f);
        }
    }

    @Test
    void theFirstOfEqualMaximaGetsTheGradient() {
        Tensor x = Tensor.of(new float[] {1, 3, 3, Float.NaN, 5, Float.NaN}, 2, 3);
        Tensor most = Tensor.zeros(2, 1);
        x.maxInto(most);
        assertThat(most.toArray()).containsExactly(3f, Float.NaN);
        Tensor dx = Tensor.zeros(2, 3);
        x.maxGradInto(most, Tensor.of(new float[] {7, 8}, 2, 1), dx);
        assertThat(dx.toArray()).containsExactly(0f, 7f, 0f, 8f, 0f, 0f);
    }

    @Test
    void shapesThatDoNotBroadcastAreRefused() {
        Tensor x = numbers(4, 3);
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> x.addBroadcastInto(Tensor.zeros(4), x.copy()))
                .withMessage(
                        "broadcast: a tensor of shape [4] is not repeated to [4 x 3]: each of its dimensions must be"
                                + " that of the last axes, or 1; reshape it");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Tensor.zeros(4, 1).addBroadcastInto(x, Tensor.zeros(4, 3)));
    }

    @Test
    void matricesSideBySideAreMultipliedOneByOne() {
        Tensor a = numbers(2, 3, 4, 5);
        Tensor b = Tensor.zeros(2, 3, 5, 6);
        Key.of(9).normal(b, 0, 1);
        Tensor c = Tensor.zeros(2, 3, 4, 6);
        a.matmulEachInto(b, Transposed.NONE, c);
        Tensor left = Tensor.zeros(2, 3, 4, 6);
        a.permute(0, 1, 3, 2).matmulEachInto(b, Transposed.LEFT, left);
        Tensor right = Tensor.zeros(2, 3, 4, 6);
        a.matmulEachInto(b.permute(0, 1, 3, 2), Transposed.RIGHT, right);
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 3; j++) {
                Tensor one = a.row(i).row(j).matmul(b.row(i).row(j));
                assertThat(c.row(i).row(j)).isBitEqualTo(one);
                assertThat(left.row(i).row(j)).isBitEqualTo(one);
                assertThat(right.row(i).row(j)).isBitEqualTo(one);
            }
        }
        a.matmulEachAddInto(b, Transposed.NONE, c);
        a.row(1)
                .row(2)
                .matmulAddInto(b.row(1).row(2), Transposed.NONE, right.row(1).row(2));
        assertThat(c.row(1).row(2)).isBitEqualTo(right.row(1).row(2));
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> a.matmulEachInto(b, Transposed.RIGHT, c))
                .withMessageContaining("matmulEach: shapes [2 x 3 x 4 x 5] and [2 x 3 x 5 x 6] (RIGHT transposed)");
    }
}
