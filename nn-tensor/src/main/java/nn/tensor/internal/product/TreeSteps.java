package nn.tensor.internal.product;

import java.util.Arrays;
import nn.tensor.internal.thread.Parallel;
import nn.tensor.internal.thread.PerThread;

/**
 * How an element of a sum of products over a tree is computed, step by step. A step computes a chain of fused
 * multiply-adds over some rows of one leaf, adds sums that are held to it, the last one first, and holds the result.
 * What is held after the last step is the sum of all.
 *
 * <p>The leaves of a tree add up like the digits of a binary counter: after leaf 5, the sums of the leaves 0 to 3, of
 * leaf 4 and of leaf 5 would be held; as 4 and 5 are partners, leaf 5 is added to leaf 4 before it is held.
 *
 * <p>Each thread has one descriptor, which it overwrites. It has no operands, which it would keep from being collected.
 */
public final class TreeSteps {
    private static final PerThread<TreeSteps> HELD = new PerThread<>(TreeSteps::new);

    /** The most rows of a step. */
    static final int BLOCK = 256;

    /** A width beyond all others: after the last leaf, everything is added. */
    private static final int WHOLE = Integer.MIN_VALUE;

    /** The number of steps. */
    int count;

    /** Inner steps of all products together. */
    public long inner;

    /** The most sums that are held at a time. */
    int most;

    /** The leaf of each step. */
    int[] leaf = {};

    /** Its first row, and the number of its rows. */
    int[] row = {};

    int[] rows = {};

    /** Whether the chain goes on with the last sum that is held, instead of beginning with zero. */
    boolean[] continues = {};

    /** The number of held sums that are added. */
    int[] added = {};

    private int held; // after the last step

    private TreeSteps() {}

    /**
     * The steps of the sum of some leaves.
     *
     * @param first the first leaf
     * @param last the last one, included; both have products
     * @return this thread's descriptor, which the next one overwrites
     */
    public static TreeSteps of(ProductSums products, int first, int last) {
        TreeSteps steps = HELD.get();
        steps.count = 0;
        steps.inner = 0;
        steps.most = 0;
        steps.held = 0;
        int open = 0;
        int next;
        for (int leaf = first; leaf <= last; leaf = next) {
            next = leaf + 1;
            while (next <= last && !products.has(next)) {
                next++;
            }
            int end = next > last ? WHOLE : width(leaf, next);
            steps.addLeaf(leaf, products.inner(leaf), partners(open, end));
            open = open(open, end);
        }
        return steps;
    }

    /**
     * The width of the two subtrees in which a leaf and the next one are: when the next one begins, all narrower
     * subtrees have ended. Widths are powers of two.
     */
    private static int width(int leaf, int next) {
        return Integer.highestOneBit(leaf ^ next);
    }

    /**
     * The number of held sums to which that of a leaf is added.
     *
     * @param open the widths of the subtrees whose sums are held, as a set of bits; each is to the left of its partner
     * @param width by which the next leaf begins; {@link #WHOLE} if there is none
     */
    private static int partners(int open, int width) {
        return Integer.bitCount(open & width - 1);
    }

    /** The widths of the subtrees whose sums are held after that. */
    private static int open(int open, int width) {
        return open & -width | width;
    }

    /** The number of sums held after a step, less those held before it. */
    int change(int step) {
        return 1 - added[step] - (continues[step] ? 1 : 0);
    }

    /**
     * Whether some steps compute the products of all leaves of a subtree, each in one step, and the sum of all these.
     *
     * @param from the first step
     * @param number of the steps: a power of two
     */
    boolean isSubtree(int from, int number) {
        int end = from + number - 1;
        for (int s = from; s <= end; s++) {
            int pairs = Integer.numberOfTrailingZeros(s - from + 1);
            if (continues[s] || (s < end ? added[s] != pairs : added[s] < pairs)) {
                return false;
            }
        }
        return true;
    }

    /** Adds the chains of a leaf, {@link Product#CHAIN} rows each, of which each but the first is added to the last. */
    private void addLeaf(int of, int inner, int partners) {
        int from = 0;
        do {
            int length = Math.min(Product.CHAIN, inner - from);
            boolean isLast = from + length == inner;
            addChain(of, from, length, (from > 0 ? 1 : 0) + (isLast ? partners : 0));
            from += length;
        } while (from < inner);
        this.inner += inner;
    }

    private void addChain(int of, int from, int length, int partners) {
        int blocks = Math.max(1, (length + BLOCK - 1) / BLOCK);
        for (int i = 0; i < blocks; i++) {
            int begin = Parallel.edge(length, i, blocks);
            int size = Parallel.edge(length, i + 1, blocks) - begin;
            add(of, from + begin, size, i > 0, i + 1 == blocks ? partners : 0);
        }
    }

    private void add(int of, int from, int size, boolean goesOn, int partners) {
        if (count == leaf.length) {
            int room = Math.max(16, 2 * count);
            leaf = Arrays.copyOf(leaf, room);
            row = Arrays.copyOf(row, room);
            rows = Arrays.copyOf(rows, room);
            continues = Arrays.copyOf(continues, room);
            added = Arrays.copyOf(added, room);
        }
        leaf[count] = of;
        row[count] = from;
        rows[count] = size;
        continues[count] = goesOn;
        added[count] = partners;
        count++;
        held += change(count - 1);
        most = Math.max(most, held);
    }
}
