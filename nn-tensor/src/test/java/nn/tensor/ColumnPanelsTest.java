package nn.tensor;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products with panels of columns: the bits of products with the matrix itself, from the left and from the right. */
class ColumnPanelsTest {
    private static Tensor uniform(int seed, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Key.of(seed).uniform(tensor, -1f, 1f);
        return tensor;
    }

    /** One narrow panel, whole ones, a narrow last one; several threads; inner sizes of more than one chain of sums. */
    @ParameterizedTest
    @CsvSource({
        "1, 0, 300",
        "1, 1, 129",
        "1, 7, 5",
        "2, 64, 128",
        "0, 64, 300",
        "1, 784, 256",
        "3, 50, 256",
        "1, 30, 300",
        "5, 40, 1000",
        "12, 100, 400",
        "1, 9000, 300",
        "3, 1500, 1000"
    })
    void productsHaveTheBitsOfTheMatrix(int rows, int inner, int columns) {
        Tensor x = uniform(1, rows, inner);
        Tensor matrix = uniform(2, inner, columns);
        Tensor row = uniform(3, columns);
        ColumnPanels panels = ColumnPanels.of(matrix);
        Tensor product = x.matmul(matrix);
        Tensor plusRow = Tensor.zeros(rows, columns);
        x.matmulPlusRowInto(matrix, row, plusRow);
        Tensor start = uniform(4, rows, columns);
        Tensor added = start.copy();
        x.matmulAddInto(matrix, Transposed.NONE, added);
        for (boolean fromTheRight : new boolean[] {false, true}) {
            Tensor sum = start.copy();
            panels.addProductInto(x, sum, fromTheRight);
            assertThat(sum).isBitEqualTo(added);
            Tensor actual = Tensor.full(Float.NaN, rows, columns);
            panels.productInto(x, actual, fromTheRight);
            assertThat(actual).isBitEqualTo(product);
            actual.fill(Float.NaN);
            panels.productPlusRowInto(x, row, actual, fromTheRight);
            assertThat(actual).isBitEqualTo(plusRow);
        }
    }

    @Test
    void operandsMayBePartsOfLargerTensors() {
        Tensor x = uniform(1, 6, 40);
        Tensor matrices = uniform(2, 3, 40, 200);
        Tensor matrix = matrices.rows(1, 2).reshape(40, 200);
        Tensor row = uniform(3, 4, 200).rows(2, 3).reshape(200);
        Tensor all = Tensor.full(7f, 6, 200);
        ColumnPanels.of(matrix).productPlusRowInto(x.rows(2, 4), row, all.rows(2, 4), true);
        Tensor expected = Tensor.full(7f, 6, 200);
        x.rows(2, 4).matmulPlusRowInto(matrix, row, expected.rows(2, 4));
        assertThat(all).isBitEqualTo(expected);
    }

    /** All axes of the left side but the last are rows. */
    @Test
    void theLeftSideMayHaveAnyRank() {
        Tensor matrix = uniform(2, 40, 200);
        for (int[] dims : new int[][] {{40}, {2, 40}, {2, 1, 40}}) {
            Tensor x = uniform(1, dims);
            Tensor actual = Tensor.zeros(x.shape().withLast(200));
            ColumnPanels.of(matrix).productInto(x, actual, false);
            assertThat(actual).isBitEqualTo(x.matmul(matrix));
        }
    }

    @Test
    void theyAreACopy() {
        Tensor matrix = uniform(2, 33, 300);
        Tensor before = matrix.copy();
        ColumnPanels panels = ColumnPanels.of(matrix);
        matrix.fill(0f);
        Tensor back = Tensor.zeros(33, 300);
        panels.copyInto(back);
        assertThat(back).isBitEqualTo(before);
        assertThat(panels.shape()).isEqualTo(Shape.of(33, 300));
    }

    @Test
    void theySuitFewRowsAndSeveralPanels() {
        boolean several = Runtime.getRuntime().availableProcessors() > 1;
        for (int rows : new int[] {1, 3}) {
            assertThat(ColumnPanels.suit(Shape.of(1000, 129), rows)).isEqualTo(several);
            assertThat(ColumnPanels.suit(Shape.of(1000, 128), rows)).isFalse();
        }
        assertThat(ColumnPanels.suit(Shape.of(1000, 129), 0)).isFalse();
        assertThat(ColumnPanels.suit(Shape.of(1000, 129), 4)).isFalse();
    }

    @Test
    void whatDoesNotFitIsRefused() {
        ColumnPanels panels = ColumnPanels.of(uniform(2, 40, 200));
        Tensor x = uniform(1, 2, 40);
        Tensor y = Tensor.zeros(2, 200);
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> ColumnPanels.of(Tensor.zeros(4)))
                .withMessage("panels: expected a matrix, got shape [4]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> ColumnPanels.suit(Shape.of(2, 3, 4), 1))
                .withMessageContaining("expected a matrix");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> panels.productInto(uniform(1, 2, 39), y, false))
                .withMessageContaining("inner dimensions must agree");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> panels.productInto(x, Tensor.zeros(2, 199), false))
                .withMessageContaining("the destination has shape [2 x 199]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> panels.productPlusRowInto(x, Tensor.zeros(2), y, false))
                .withMessageContaining("the row to add has shape [2]");
        assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> panels.copyInto(Tensor.zeros(200, 40)));
        Tensor memory = Tensor.zeros(480);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> panels.productInto(
                        memory.rows(0, 80).reshape(2, 40), memory.rows(79, 479).reshape(2, 200), false))
                .withMessageContaining("shares memory");
    }
}
