package nn.tensor;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums over many rows: cut into chains of a fixed length, each of which has the bits that it always had. */
class LongSumsTest {
    /** Of a sum of rows, and of the inner index of a product. */
    private static final int ROW_CHAIN = 2048;

    private static final int INNER_CHAIN = 8192;

    private static Tensor normal(long seed, int... dims) {
        Tensor t = Tensor.zeros(dims);
        Key.of(seed).normal(t, 0.1f, 1f);
        return t;
    }

    /** Equal numbers err in one direction: half the length of a chain times 2^-24, and 2^-25 for each chain. */
    @ParameterizedTest
    @ValueSource(ints = {100_000, 1_000_000, 10_000_000})
    void gradientsOfEqualRowsAreThoseOfOneRowTimesTheirNumber(int rows) {
        Tensor x = Tensor.full(0.1f, rows, 1);
        double exact = (double) 0.1f * rows;

        Tensor bias = Tensor.zeros(1);
        x.addSumOfRowsInto(bias);
        assertThat(Math.abs(bias.get(0) - exact) / exact)
                .isLessThan(0x1p-14 + 0x1p-24)
                .isLessThan(1e-4);

        double products = (double) 0.1f * exact;
        double bound = 0x1p-12 + rows * 0x1p-38 + 0x1p-24;
        for (Tensor weight :
                new Tensor[] {x.matmul(x, Transposed.LEFT), x.reshape(1, rows).matmul(x)}) {
            assertThat(Math.abs(weight.get(0, 0) - products) / products)
                    .isLessThan(bound)
                    .isLessThan(3e-4);
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 2047, 2048, 2049, 4096, 5000})
    void aSumOfRowsIsOneChainUpTo2048RowsAndASumInDoubleOfSuchChainsBeyond(int rows) {
        for (int columns : new int[] {1, 5, 1024, 1030}) {
            Tensor x = normal(1, rows, columns);
            Tensor sums = normal(2, columns);
            float[] expected = sums.toArray();
            for (int j = 0; j < columns; j++) {
                expected[j] = rows <= ROW_CHAIN
                        ? chain(x, j, 0, rows, expected[j])
                        : (float) sumOfChains(x, j, rows, expected[j]);
            }
            x.addSumOfRowsInto(sums);
            assertThat(sums.toArray()).as("%s x %s", rows, columns).isEqualTo(expected);
        }
    }

    private static double sumOfChains(Tensor x, int column, int rows, double sum) {
        double total = sum;
        for (int i = 0; i < rows; i += ROW_CHAIN) {
            total += chain(x, column, i, Math.min(i + ROW_CHAIN, rows), 0);
        }
        return total;
    }

    private static float chain(Tensor x, int column, int from, int to, float begin) {
        float sum = begin;
        for (int i = from; i < to; i++) {
            sum += x.array()[i * x.dim(1) + column];
        }
        return sum;
    }

    /** One chain up to 8192 inner steps, as it has always been; then chain after chain, each from 0, is added. */
    private static float product(Tensor a, int i, Tensor b, int j, float begin) {
        int k = a.dim(1);
        float total = begin;
        for (int from = 0; from == 0 || from < k; from += INNER_CHAIN) {
            float sum = from == 0 ? total : 0;
            for (int p = from; p < Math.min(k, from + INNER_CHAIN); p++) {
                sum = Math.fma(a.array()[i * k + p], b.array()[p * b.dim(1) + j], sum);
            }
            total = from == 0 ? sum : total + sum;
        }
        return total;
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(ints = {8191, 8192, 8193, 16_384, 20_000})
    void aProductOfAnyFormIsASumOfChainsOfItsInnerIndex(int k) {
        for (int[] size : new int[][] {{1, 1}, {3, 17}, {5, 40}, {40, 5}, {70, 33}}) {
            int m = size[0];
            int n = size[1];
            Tensor a = normal(1, m, k);
            Tensor b = normal(2, k, n);
            Tensor held = normal(3, m, n);
            Tensor row = normal(4, n);
            Tensor expected = Tensor.zeros(m, n);
            Tensor added = Tensor.zeros(m, n);
            Tensor plusRow = Tensor.zeros(m, n);
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    expected.set(product(a, i, b, j, 0), i, j);
                    added.set(product(a, i, b, j, held.get(i, j)), i, j);
                    plusRow.set(product(a, i, b, j, row.get(j)), i, j);
                }
            }
            String what = m + " x " + n + " x " + k;
            Tensor at = a.transpose();
            Tensor bt = b.transpose();
            assertThat(a.matmul(b)).as(what).isBitEqualTo(expected);
            assertThat(at.matmul(b, Transposed.LEFT)).as(what).isBitEqualTo(expected);
            assertThat(a.matmul(bt, Transposed.RIGHT)).as(what).isBitEqualTo(expected);
            for (Transposed side : Transposed.values()) {
                Tensor sum = held.copy();
                (side == Transposed.LEFT ? at : a).matmulAddInto(side == Transposed.RIGHT ? bt : b, side, sum);
                assertThat(sum).as(what).isBitEqualTo(added);
            }
            Tensor sum = Tensor.zeros(m, n);
            a.matmulPlusRowInto(b, row, sum);
            assertThat(sum).as(what).isBitEqualTo(plusRow);
        }
    }

    @Test
    void aRowOfALongProductHasTheSameBitsAloneOrInABatch() {
        Tensor a = normal(1, 50, 20_000);
        Tensor b = normal(2, 20_000, 30);
        Tensor all = a.matmul(b);
        for (int i = 0; i < 50; i += 7) {
            assertThat(a.rows(i, i + 1).matmul(b)).isBitEqualTo(all.rows(i, i + 1));
        }
    }

    /** Each of two heads of queries attends to the one key there is, so the gradient at its value is the sum of all. */
    @Test
    void gradientsOfAttentionToOneKeyAreThoseOfOneQueryTimesTheirNumber() {
        int queries = 200_000;
        AttentionHeads heads = AttentionHeads.of(2, 1, false, 1);
        Tensor q = Tensor.zeros(1, queries, 2);
        Tensor k = Tensor.full(1, 1, 1, 1);
        Tensor v = Tensor.full(1, 1, 1, 1);
        Tensor y = Tensor.zeros(q.shape());
        Tensor statistics = Tensor.zeros(heads.statisticsShape(q.shape()));
        heads.attendInto(q, k, v, null, null, statistics, y);
        Tensor dy = Tensor.full(0.1f, q.shape().dims());
        Tensor dv = Tensor.zeros(v.shape());
        heads.attendGradInto(
                q, k, v, null, null, statistics, y, dy, Tensor.zeros(q.shape()), Tensor.zeros(k.shape()), dv);
        double exact = (double) 0.1f * 2 * queries;
        int chains = 2 * queries / INNER_CHAIN + 1;
        assertThat(Math.abs(dv.get(0, 0, 0) - exact) / exact).isLessThan(INNER_CHAIN * 0x1p-25 + chains * 0x1p-25);
    }

    /** More columns than a part of a thread has, and more rows than a chain. */
    @Test
    void theSlopesOfAPreluAddTheirRowsAsASumOfRowsDoes() {
        Tensor x = Tensor.zeros(5_000, 70);
        Tensor dy = Tensor.zeros(x.shape());
        Key.of(1).normal(x, 0, 1);
        Key.of(2).normal(dy, 0, 1);
        Tensor product = x.multiply(dy);
        for (int i = 0; i < x.size(); i++) {
            if (x.array()[i] > 0) {
                product.array()[i] = 0;
            }
        }
        Tensor slopes = Tensor.full(0.3f, 70);
        Tensor expected = Tensor.full(7, 70);
        Tensor dSlopes = expected.copy();
        product.addSumOfRowsInto(expected);
        Tensor dx = Tensor.zeros(x.shape());
        x.preluGradInto(slopes, dy, dSlopes, dx);
        assertThat(dSlopes).isBitEqualTo(expected);
        x.leakyReluGradInto(0.3f, dy, product);
        assertThat(dx).isBitEqualTo(product);
        x.preluInto(slopes, dx);
        x.leakyReluInto(0.3f, product);
        assertThat(dx).isBitEqualTo(product);
    }
}
