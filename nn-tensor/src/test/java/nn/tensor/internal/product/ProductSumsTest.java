package nn.tensor.internal.product;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.VectorKernels;
import nn.tensor.internal.random.ScalarRandom;
import nn.tensor.internal.row.Submatrix;
import org.junit.jupiter.api.Test;

/** Both implementations of a sum of products over a tree, against products and sums one by one. */
class ProductSumsTest {
    private static final Kernels SCALAR = new ScalarKernels();
    private static final Kernels VECTOR = new VectorKernels();
    private static final float CANARY = Float.intBitsToFloat(0x7fc0dead); // if it is read, the result is NaN
    private static final int MARGIN = 5;

    private static Tree of(boolean inOne, int m, int n, int... rows) {
        return new Tree(inOne, m, n, rows);
    }

    @Test
    void bothHaveTheBitsOfProductsAndSumsForAwkwardSizes() {
        for (int m : new int[] {1, 4, 7, 12, 13, 25, 49, 100}) {
            for (int n : new int[] {1, 8, 15, 16, 17, 31, 32, 33, 70}) {
                of(true, m, n, 16, 15, 17, 1, 0, 16).check(0, 5);
                of(false, m, n, 2, 1, 17).check(0, 2);
            }
        }
    }

    @Test
    void bothHaveTheBitsOfProductsAndSumsForEveryNumberOfLeavesAndEveryRange() {
        for (int leaves : new int[] {1, 2, 3, 5, 8, 13}) {
            int[] rows = IntStream.range(0, leaves).map(leaf -> 1 + leaf % 3).toArray();
            Tree tree = of(leaves % 2 == 0, 13, 19, rows);
            for (int first = 0; first < leaves; first++) {
                for (int last = first; last < leaves; last++) {
                    tree.check(first, last);
                }
            }
        }
    }

    /** Subtrees of 2, 4 and 8 leaves, alone and in larger trees. Whole tiles go to C, parts of tiles by a copy. */
    @Test
    void subtreesThatAreAddedAtOnceHaveTheBitsOfSumsOneByOne() {
        for (int leaves : new int[] {2, 4, 6, 7, 8, 9, 12, 16, 23}) {
            int[] rows = IntStream.range(0, leaves).map(leaf -> leaf % 4).toArray();
            of(true, 29, 70, rows).check(0, leaves - 1);
            of(false, 24, 64, rows).check(0, leaves - 1);
            of(true, 24, 9, rows).check(0, leaves - 1);
        }
        int[] rows = new int[70];
        Arrays.fill(rows, 17);
        of(true, 29, 70, rows).check(3, 66); // in three blocks, with subtrees within and across them
    }

    /** Two neighbours with as many rows are one pair of products, which is added in registers. */
    @Test
    void pairsOfProductsHaveTheBitsOfSumsOneByOne() {
        for (int leaves : new int[] {2, 3, 4, 6, 7, 8, 9, 12, 16, 23}) {
            int[] equal = new int[leaves];
            Arrays.fill(equal, 16);
            int[] equalInPairs =
                    IntStream.range(0, leaves).map(leaf -> leaf / 2 % 4).toArray();
            for (int[] rows : new int[][] {equal, equalInPairs}) {
                of(true, 29, 70, rows).check(0, leaves - 1);
                of(false, 20, 64, rows).check(0, leaves - 1);
                of(true, 20, 9, rows).check(0, leaves - 1);
            }
        }
        of(true, 24, 64, 5, 5, 5, 6, 5, 5, 5, 5).check(0, 7); // 5 and 6 rows are no pair, so there is none
        of(true, 13, 40, 128, 128, 129, 129).check(0, 3); // a pair, in a group of its own, and no pair
        of(true, 13, 40, 128, 128, 128, 128, 100, 100).check(0, 5); // in two blocks
        int[] many = new int[70];
        Arrays.fill(many, 16);
        of(true, 20, 40, many).check(0, 69); // in three blocks
    }

    @Test
    void leavesWithoutAProductAreLeftOut() {
        of(false, 30, 20, -1, 4, 5, -1, -1, -1, 6, -1, 7).check(1, 8);
        of(true, 30, 20, 3, -1, -1, 4, -1, 2, 1).check(0, 6);
    }

    /** Held sums of all tiles stay from one block of rows to the next one. */
    @Test
    void moreRowsThanABlockHas() {
        of(true, 29, 45, 130, 131, 130, 131, 130, 3).check(0, 5);
        of(true, 150, 300, 100, 100, 100, 101, 101, 101, 101, 101).check(0, 7);
        of(false, 13, 17, 600, 5, 700).check(0, 2);
        of(false, 20, 1_030, 300, 300).check(0, 1);
    }

    @Test
    void aChainOfAProductEndsAfter8192Rows() {
        of(false, 9, 17, 9_000, 20, 17_000).check(0, 2);
    }

    @Test
    void aLargeResultIsComputedAlongRows() {
        of(true, 60, 9_001, 2, 3).check(0, 1);
        of(true, 700, 33, 2, 190, 3).check(0, 2);
    }

    @Test
    void aPartOfTheResultHasTheSameBits() {
        Tree tree = of(true, 50, 90, 16, 17, 15);
        float[] expected = tree.oneByOne(0, 4, 0, 2);
        for (Kernels kernels : new Kernels[] {SCALAR, VECTOR}) {
            float[] c = new float[50 * 90 + 2 * MARGIN];
            Arrays.fill(c, CANARY);
            TreeSteps steps = TreeSteps.of(tree.sums, 0, 2);
            for (int i = 0; i < 50; i += 21) {
                for (int j = 0; j < 90; j += 40) {
                    Submatrix part = Submatrix.of(i, j, Math.min(21, 50 - i), Math.min(40, 90 - j), 90);
                    kernels.sumProducts(tree.sums, steps, part, c, MARGIN);
                }
            }
            tree.requireBits(kernels, expected, c);
        }
    }

    @Test
    void theLeavesOfATreeAddUpLikeABinaryCounter() {
        assertThat(addedTo(1, 1, 1, 1, 1, 1, 1, 1)).containsExactly(0, 1, 0, 2, 0, 1, 0, 3);
        assertThat(addedTo(1, 1, 1, 1, 1)).containsExactly(0, 1, 0, 2, 1);
        assertThat(addedTo(1, -1, 1, 1, -1, 1)).as("0 alone, then 2 and 3").containsExactly(0, 0, 2, 1);
    }

    @Test
    void stepsAreASubtreeIfTheyComputeAllOfItsProducts() {
        TreeSteps steps = stepsOf(1, 1, 1, 1, 1, 1, 1, 1);
        assertThat(steps.isSubtree(0, 8)).isTrue();
        assertThat(steps.isSubtree(4, 4)).isTrue();
        assertThat(steps.isSubtree(6, 2)).isTrue();
        assertThat(steps.isSubtree(2, 4)).as("2 and 3 belong to 0").isFalse();
        assertThat(steps.isSubtree(1, 2)).as("1 belongs to 0").isFalse();
        steps = stepsOf(1, -1, 1, 1, -1, 1);
        assertThat(steps.isSubtree(1, 2)).as("leaves 2 and 3").isTrue();
        assertThat(steps.isSubtree(0, 2)).as("leaves 0 and 2").isFalse();
        steps = stepsOf(1, 300, 1, 1);
        assertThat(steps.isSubtree(0, 4)).as("leaf 1 takes two steps").isFalse();
        assertThat(steps.isSubtree(1, 2)).as("both are leaf 1").isFalse();
        assertThat(steps.isSubtree(3, 2)).isTrue();
    }

    private static int[] addedTo(int... rows) {
        TreeSteps steps = stepsOf(rows);
        return Arrays.copyOf(steps.added, steps.count);
    }

    private static TreeSteps stepsOf(int... rows) {
        return TreeSteps.of(of(true, 1, 1, rows).sums, 0, rows.length - 1);
    }

    /** Random operands of the leaves of a tree. */
    private static final class Tree {
        private final int m;
        private final int n;
        private final int[] rows; // by leaf; below 0 for none
        private final float[][] left;
        private final float[][] right;
        private final int[] begin; // the first row of each leaf in its arrays
        final ProductSums sums;

        /**
         * Random operands.
         *
         * @param inOne whether those of all leaves are neighbours in one array, as the parts of a batch are
         */
        Tree(boolean inOne, int m, int n, int... rows) {
            this.m = m;
            this.n = n;
            this.rows = rows;
            left = new float[rows.length][];
            right = new float[rows.length][];
            begin = new int[rows.length];
            sums = new ProductSums(rows.length, m, n);
            int all = Arrays.stream(rows).filter(r -> r > 0).sum();
            int done = 0;
            for (int leaf = 0; leaf < rows.length; leaf++) {
                int count = Math.max(0, rows[leaf]);
                begin[leaf] = inOne ? done : 0;
                left[leaf] = inOne && leaf > 0 ? left[0] : values(2 * leaf, (inOne ? all : count) * m);
                right[leaf] = inOne && leaf > 0 ? right[0] : values(2 * leaf + 1, (inOne ? all : count) * n);
                if (rows[leaf] >= 0) {
                    sums.set(leaf, left[leaf], at(leaf, m), right[leaf], at(leaf, n), count);
                }
                done += count;
            }
        }

        private static float[] values(long seed, int n) {
            float[] x = new float[n + 2 * MARGIN];
            Arrays.fill(x, CANARY);
            ScalarRandom.uniform(0, seed, 0, x, MARGIN, n);
            return x;
        }

        private int at(int leaf, int columns) {
            return MARGIN + begin[leaf] * columns;
        }

        /** The sum of a subtree by the products of the scalar kernels and additions; null if it has no leaf. */
        float[] oneByOne(int leaf, int width, int first, int last) {
            if (leaf > last || leaf + width <= first) {
                return null;
            }
            if (width == 1) {
                return rows[leaf] < 0 ? null : product(leaf);
            }
            float[] x = oneByOne(leaf, width / 2, first, last);
            float[] y = oneByOne(leaf + width / 2, width / 2, first, last);
            if (x == null || y == null) {
                return x == null ? y : x;
            }
            for (int i = 0; i < x.length; i++) {
                x[i] += y[i];
            }
            return x;
        }

        /** A product of one leaf; chains of 8192 steps are added in order. */
        private float[] product(int leaf) {
            float[] sum = new float[m * n];
            for (int row = 0; row < rows[leaf]; row += Product.CHAIN) {
                float[] chain = new float[m * n];
                Product p = Product.of(m, n, Math.min(Product.CHAIN, rows[leaf] - row))
                        .a(at(leaf, m) + row * m, 1, m)
                        .b(at(leaf, n) + row * n, n, 1);
                SCALAR.matmul(p, left[leaf], right[leaf], chain, null);
                for (int i = 0; i < sum.length; i++) {
                    sum[i] = row == 0 ? chain[i] : sum[i] + chain[i];
                }
            }
            return sum;
        }

        /** Both implementations give all bits of the sum of some leaves, and write nothing beside it. */
        void check(int first, int last) {
            float[] expected = oneByOne(0, 2 * Integer.highestOneBit(rows.length), first, last);
            for (Kernels kernels : new Kernels[] {SCALAR, VECTOR}) {
                float[] c = new float[m * n + 2 * MARGIN];
                Arrays.fill(c, CANARY);
                TreeSteps steps = TreeSteps.of(sums, first, last);
                kernels.sumProducts(sums, steps, Submatrix.of(0, 0, m, n, n), c, MARGIN);
                requireBits(kernels, expected, c);
            }
        }

        void requireBits(Kernels kernels, float[] expected, float[] c) {
            for (int i = 0; i < c.length; i++) {
                boolean inside = i >= MARGIN && i < MARGIN + m * n;
                float wanted = inside ? expected[i - MARGIN] : CANARY;
                if (Float.floatToRawIntBits(c[i]) != Float.floatToRawIntBits(wanted)) {
                    throw new AssertionError("%s, %d x %d, rows %s: element %d is %s, expected %s"
                            .formatted(kernels, m, n, Arrays.toString(rows), i - MARGIN, c[i], wanted));
                }
            }
        }
    }
}
