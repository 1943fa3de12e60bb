package nn.init;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparseTest {
    @ParameterizedTest
    @CsvSource({"100,40,15", "100,1,1", "15,9,15", "7,9,15", "1,1,1", "300,70,299"})
    void everyUnitHasTheGivenNumberOfConnectionsOrAllOfThem(int rows, int columns, int connections) {
        Tensor w = Sample.filled(new Sparse(connections, 1), rows, columns);
        for (int j = 0; j < columns; j++) {
            int nonzero = 0;
            for (int i = 0; i < rows; i++) {
                nonzero += w.get(i, j) == 0 ? 0 : 1;
            }
            assertThat(nonzero).as("unit %d", j).isEqualTo(Math.min(rows, connections));
        }
    }

    @Test
    void everyRowIsChosenAsOftenAsAnyOther() {
        int rows = 50;
        int columns = 20_000;
        int connections = 5;
        Tensor w = Sample.filled(new Sparse(connections, 1), rows, columns);
        double expected = (double) connections / rows;
        // deviation of a share among n independent units; 50 rows, so five and a half
        double slack = 5.5 * Math.sqrt(expected * (1 - expected) / columns);
        for (int i = 0; i < rows; i++) {
            int chosen = 0;
            for (float value : w.row(i).toArray()) {
                chosen += value == 0 ? 0 : 1;
            }
            assertThat((double) chosen / columns).as("row %d", i).isBetween(expected - slack, expected + slack);
        }
    }

    @Test
    void pairsOfRowsAreChosenIndependentlyOfTheirDistance() {
        int rows = 6;
        int columns = 60_000;
        Tensor w = Sample.filled(new Sparse(2, 1), rows, columns);
        int[] pairs = new int[rows * rows];
        for (int j = 0; j < columns; j++) {
            int first = -1;
            for (int i = 0; i < rows; i++) {
                if (w.get(i, j) != 0) {
                    if (first >= 0) {
                        pairs[first * rows + i]++;
                    }
                    first = i;
                }
            }
        }
        double expected = columns / 15.0;
        double chiSquare = 0;
        for (int a = 0; a < rows; a++) {
            for (int b = a + 1; b < rows; b++) {
                chiSquare += Math.pow(pairs[a * rows + b] - expected, 2) / expected;
            }
        }
        // 14 degrees of freedom: mean 14, deviation sqrt(28); five deviations
        assertThat(chiSquare).isLessThan(14 + 5 * Math.sqrt(28));
    }

    @Test
    void valuesAreThoseOfTheNormalSchemeWhereTheyAreNotZero() {
        Tensor sparse = Sample.filled(new Sparse(15, 0.3), 60, 40);
        Tensor dense = Sample.filled(Init.normal(0.3), 60, 40);
        for (int i = 0; i < 60; i++) {
            for (int j = 0; j < 40; j++) {
                assertThat(sparse.get(i, j)).isIn(0f, dense.get(i, j));
            }
        }
    }

    @Test
    void aKernelOfHigherRankHasItsUnitsInTheLastAxis() {
        Tensor kernel = Sample.filled(new Sparse(4, 1), 3, 3, 5, 7);
        assertThat(kernel.reshape(45, 7)).isBitEqualTo(Sample.filled(new Sparse(4, 1), 45, 7));
    }

    @Test
    void badNumbersAndBiasesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sparse(0, 1))
                .withMessage("sparse: connections 0 must be at least 1 for each unit");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sparse(1, -1))
                .withMessage("sparse: stddev -1.0 must be 0 or more");
        assertThatThrownBy(() -> Init.sparse(3, 1).fill(Tensor.zeros(4), new Fans(3, 4), Key.of(1)))
                .isInstanceOf(ShapeException.class)
                .hasMessage("sparse: expected a tensor of rank 2 or more, got shape [4]; a bias has one value for each"
                        + " unit, give it zeros");
    }
}
