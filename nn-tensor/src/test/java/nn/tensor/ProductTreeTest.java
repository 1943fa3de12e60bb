package nn.tensor;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Products that are summed over a tree: the bits of products and sums one by one. */
class ProductTreeTest {
    private final List<Tensor> left = new ArrayList<>();
    private final List<Tensor> right = new ArrayList<>();

    private static Tensor uniform(int seed, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Key.of(seed).uniform(tensor, -1f, 1f);
        return tensor;
    }

    /** Makes a tree; a leaf with fewer than 0 rows is left out. */
    private ProductTree tree(int columns, int units, int... rows) {
        ProductTree tree = new ProductTree(rows.length, columns, units);
        left.clear();
        right.clear();
        for (int leaf = 0; leaf < rows.length; leaf++) {
            left.add(uniform(2 * leaf, Math.max(0, rows[leaf]), columns));
            right.add(uniform(2 * leaf + 1, Math.max(0, rows[leaf]), units));
            if (rows[leaf] >= 0) {
                tree.set(leaf, left.get(leaf), right.get(leaf));
            }
        }
        return tree;
    }

    /** Returns the sum of a subtree, products and sums one by one; a tensor without elements if it has no leaf. */
    private Tensor expected(ProductTree tree, int leaf, int width) {
        if (width == 1) {
            return leaf < left.size() && tree.has(leaf)
                    ? left.get(leaf).matmul(right.get(leaf), Transposed.LEFT)
                    : Tensor.zeros(0, 0);
        }
        Tensor first = expected(tree, leaf, width / 2);
        Tensor second = expected(tree, leaf + width / 2, width / 2);
        if (first.size() == 0 || second.size() == 0) {
            return first.size() == 0 ? second : first;
        }
        first.addInPlace(second);
        return first;
    }

    private static Tensor sum(ProductTree tree, int first, int last, int columns, int units) {
        Tensor sum = Tensor.full(Float.NaN, columns, units);
        tree.sumInto(first, last, sum);
        return sum;
    }

    @Test
    void theBitsAreThoseOfProductsAndSumsOneByOne() {
        for (int columns : new int[] {1, 7, 24, 25, 129, 784}) {
            for (int units : new int[] {1, 10, 33, 256, 515}) {
                ProductTree tree = tree(columns, units, 3, 16, 1, 40, 0, 5, 17);
                assertThat(sum(tree, 0, 6, columns, units)).isBitEqualTo(expected(tree, 0, 8));
                assertThat(sum(tree, 4, 6, columns, units)).isBitEqualTo(expected(tree, 4, 4));
                assertThat(sum(tree, 2, 2, columns, units)).isBitEqualTo(expected(tree, 2, 1));
            }
        }
    }

    @Test
    void aLeafWithoutAProductIsLeftOut() {
        ProductTree tree = tree(40, 30, -1, 4, 5, -1, -1, -1, 6, -1, 7);
        assertThat(sum(tree, 1, 8, 40, 30)).isBitEqualTo(expected(tree, 0, 16));
        assertThat(tree.has(1)).isTrue();
        assertThat(tree.has(0)).isFalse();
        tree.clear();
        assertThat(tree.has(1)).isFalse();
        tree.set(3, left.get(2), right.get(2));
        assertThat(sum(tree, 3, 3, 40, 30)).isBitEqualTo(left.get(2).matmul(right.get(2), Transposed.LEFT));
    }

    @Test
    void aProductOfManyRowsIsCutIntoTheSameChains() {
        ProductTree tree = tree(9, 17, 9000, 8200);
        assertThat(sum(tree, 0, 1, 9, 17)).isBitEqualTo(expected(tree, 0, 2));
    }

    @Test
    void rowsAreAllAxesButTheLastAndOperandsMayBeViews() {
        Tensor x = uniform(1, 3, 4, 20).row(1);
        Tensor y = uniform(2, 2, 2, 2, 10).row(1);
        ProductTree tree = new ProductTree(1, 20, 10);
        tree.set(0, x, y);
        assertThat(sum(tree, 0, 0, 20, 10)).isBitEqualTo(x.matmul(y.reshape(4, 10), Transposed.LEFT));
    }

    /** As the parts of a batch lie in memory. The larger ones take two threads, by columns and by rows. */
    @Test
    void operandsMayBeNeighboursInOneTensor() {
        for (int[] size : new int[][] {{1, 15}, {17, 10}, {10, 256}, {784, 64}, {96, 515}}) {
            for (int leaves : new int[] {1, 2, 3, 5, 8, 13}) {
                Tensor x = uniform(1, 17 * leaves - 3, size[0]);
                Tensor y = uniform(2, 17 * leaves - 3, size[1]);
                int[] begins = begins(x.dim(0), leaves);
                left.clear();
                right.clear();
                ProductTree tree = new ProductTree(leaves, size[0], size[1]);
                for (int leaf = 0; leaf < leaves; leaf++) {
                    left.add(x.rows(begins[leaf], begins[leaf + 1]));
                    right.add(y.rows(begins[leaf], begins[leaf + 1]));
                    tree.set(leaf, left.get(leaf), right.get(leaf));
                }
                assertThat(sum(tree, 0, leaves - 1, size[0], size[1])).isBitEqualTo(expected(tree, 0, 16));
            }
        }
    }

    /** Where equal parts of some rows begin, and where the last one ends. */
    private static int[] begins(int rows, int parts) {
        return IntStream.rangeClosed(0, parts).map(part -> rows * part / parts).toArray();
    }

    @Test
    void partnersAreThoseThatTheTreeAdds() {
        assertThat(ProductTree.arePartners(0, 0, 1, 1)).isTrue();
        assertThat(ProductTree.arePartners(0, 1, 2, 3)).isTrue();
        assertThat(ProductTree.arePartners(1, 1, 2, 2))
                .as("0 and 3 are left out")
                .isTrue();
        assertThat(ProductTree.arePartners(0, 3, 4, 4)).isTrue();
        assertThat(ProductTree.arePartners(4, 5, 6, 7)).isTrue();
        assertThat(ProductTree.arePartners(1, 1, 0, 0)).as("the wrong order").isFalse();
        assertThat(ProductTree.arePartners(0, 0, 2, 3)).as("as 1 is left out").isTrue();
        assertThat(ProductTree.arePartners(0, 2, 3, 3)).as("3 belongs to 2").isFalse();
        assertThat(ProductTree.arePartners(0, 1, 2, 4)).as("4 comes later").isFalse();
        assertThat(ProductTree.arePartners(2, 4, 6, 7)).as("2 and 4 meet later").isFalse();
        assertThat(ProductTree.arePartners(3, 3, 3, 3)).as("the same").isFalse();
    }

    @Test
    void whatDoesNotFitIsRefused() {
        ProductTree tree = new ProductTree(2, 4, 3);
        tree.set(0, uniform(1, 5, 4), uniform(2, 5, 3));
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> tree.set(1, uniform(1, 5, 4), uniform(2, 6, 3)))
                .withMessageContaining("[5 x 4]")
                .withMessageContaining("[6 x 3]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> tree.set(1, uniform(1, 5, 3), uniform(2, 5, 3)));
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> tree.sumInto(0, 0, Tensor.zeros(3, 4)))
                .withMessageContaining("expected [4 x 3], got [3 x 4]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tree.sumInto(0, 1, Tensor.zeros(4, 3)))
                .withMessage("leaf 1 has no product to sum");
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> tree.set(2, uniform(1, 5, 4), uniform(2, 5, 3)));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> tree.sumInto(0, 2, Tensor.zeros(4, 3)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ProductTree(0, 4, 3))
                .withMessageContaining("a tree of 0 products");
    }

    @Test
    void aDestinationThatSharesMemoryWithAnOperandIsRefused() {
        Tensor memory = uniform(1, 30);
        Tensor x = memory.rows(0, 12).reshape(3, 4);
        ProductTree tree = new ProductTree(1, 4, 3);
        tree.set(0, x, uniform(2, 3, 3));
        Tensor before = memory.copy();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tree.sumInto(0, 0, memory.rows(11, 23).reshape(4, 3)))
                .withMessageContaining("shares memory with an operand");
        assertThat(memory).isBitEqualTo(before);
        tree.sumInto(0, 0, memory.rows(12, 24).reshape(4, 3)); // side by side is no overlap
    }
}
