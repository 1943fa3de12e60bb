package nn.tensor.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How a product is split between threads. */
class MatmulSplitTest {
    @Test
    void partsAreMultiplesOfTiles() {
        for (int parts : new int[] {2, 3, 8}) {
            for (int size : new int[] {64, 100, 256, 784, 1000}) {
                for (int step : new int[] {8, 32}) {
                    int count = Math.min(parts, size / step);
                    int longest = 0;
                    for (int part = 0; part < count; part++) {
                        int from = Matmul.edge(size, step, part, count);
                        int to = Matmul.edge(size, step, part + 1, count);
                        assertThat(from % step).isZero();
                        assertThat(to).isGreaterThan(from);
                        longest = Math.max(longest, to - from);
                    }
                    assertThat(Matmul.edge(size, step, 0, count)).isZero();
                    assertThat(Matmul.edge(size, step, count, count)).isEqualTo(size);
                    assertThat(longest).isLessThan(size / count + 2 * step);
                }
            }
        }
    }

    @Test
    void theSideThatIsSplitIsTheLargerOneIfItsTilesAreEven() {
        assertThat(Matmul.splitsColumns(256, 257, 2)).isTrue();
        assertThat(Matmul.splitsColumns(256, 256, 2)).isFalse();
        assertThat(Matmul.splitsColumns(512, 784, 2)).isTrue(); // 384 + 400
        assertThat(Matmul.splitsColumns(784, 256, 2)).isFalse();
        assertThat(Matmul.splitsColumns(100, 100, 2)).isFalse(); // columns would be 32 + 68
        assertThat(Matmul.splitsColumns(40, 60, 2)).isFalse(); // there is one whole tile of columns
        assertThat(Matmul.splitsColumns(8, 784, 2)).isTrue();
        assertThat(Matmul.splitsColumns(784, 8, 2)).isFalse();
    }
}
