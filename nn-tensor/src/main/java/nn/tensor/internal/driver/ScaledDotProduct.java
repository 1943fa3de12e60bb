package nn.tensor.internal.driver;

import java.util.Arrays;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.product.Product;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.RowKernels;
import nn.tensor.internal.row.Rows;
import nn.tensor.internal.thread.Parallel;
import nn.tensor.internal.thread.PerThread;
import nn.tensor.internal.thread.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * Attention of all heads of a batch, and its gradients, from products and kernels for rows. A block of queries of one
 * head is processed at a time: its scores for all keys fill a buffer and are then gone. For the backward pass only two
 * numbers of each row of scores are kept: the largest score and the reciprocal of the sum of exponentials.
 *
 * <p>A row of scores is computed by itself, and a query's sum over keys begins with key 0. So the bits of a query do
 * not depend on the block that it is in, nor on later keys that it may not see: in the sum of the softmax zeros take
 * their places, up to whole lanes, and in the product they add exact zeros.
 *
 * <p>Threads take blocks of queries in the forward pass, and in the backward pass all queries of one head of keys, for
 * whose gradients the blocks count one after the other, the last one first.
 */
public final class ScaledDotProduct {
    /** Most queries in a block: half of the scores that a causal mask hides are then not computed. */
    private static final int MOST_QUERIES = 64;

    /** Scores in a block: with the exponentials, half a second-level cache of a megabyte. */
    private static final int BLOCK = 1 << 16;

    /** The most keys: the scores of a query fill a buffer. */
    public static final int MOST_KEYS = Scratch.MOST;

    /** The work of a score besides the products, in multiply-adds. */
    private static final int WORK_OF_SCORE = 16;

    private final int batch;
    private final int heads;
    private final int keyHeads;
    private final int queries;
    private final int keys;
    private final int size;
    private final int valueSize;
    private final boolean causal;
    private final float scale;
    private final int rows; // queries of a block
    private final int blocks; // of a head

    /** Where the mask of a sequence, a head and a query begins. */
    private final int maskOfSequence;

    private final int maskOfHead;
    private final int maskOfQuery;

    /**
     * Describes an attention.
     *
     * @param heads of the queries, a multiple of those of the keys
     * @param size features of a query and of a key in one head
     * @param valueSize features of a value in one head
     * @param causal whether the last query may see all keys, the one before it one key less, and so on
     * @param mask steps of the mask from sequence to sequence, head to head, and query to query; 0 if it is the same
     *     for all
     */
    public ScaledDotProduct(
            int batch,
            int heads,
            int keyHeads,
            int queries,
            int keys,
            int size,
            int valueSize,
            boolean causal,
            float scale,
            int[] mask) {
        this.batch = batch;
        this.heads = heads;
        this.keyHeads = keyHeads;
        this.queries = queries;
        this.keys = keys;
        this.size = size;
        this.valueSize = valueSize;
        this.causal = causal;
        this.scale = scale;
        int longest = Math.max(Math.max(keys, 1), Math.max(size, valueSize));
        rows = Math.clamp(BLOCK / longest, 1, Math.min(MOST_QUERIES, Math.max(queries, 1)));
        blocks = (queries + rows - 1) / rows;
        maskOfSequence = mask[0];
        maskOfHead = mask[1];
        maskOfQuery = mask[2];
    }

    /** Multiply-adds of a forward pass, about. */
    private double work() {
        return (double) batch * heads * queries * keys * (size + valueSize + WORK_OF_SCORE);
    }

    /**
     * A block of queries of one head of a sequence. Each thread has one such object, which the next block overwrites.
     */
    private static final class Block {
        static final PerThread<Block> HELD = new PerThread<>(Block::new);

        int sequence;
        int head;
        int first; // query
        int count; // of queries
        int n; // keys that the last query sees
        boolean begins; // sums at the keys and values; all other blocks add to them

        /** Where gradients at keys and values are added, one after the other; null for their own tensors. */
        float @Nullable [] sums;
    }

    /** The number of keys that a query may see: the first ones. */
    private int visible(int sequence, int query, int @Nullable [] lengths) {
        int seen = causal ? keys - queries + query + 1 : keys;
        return lengths == null ? seen : Math.min(seen, lengths[sequence]);
    }

    /** y = softmax(scale q k' + mask) v for each head. */
    public void forward(AttentionOperands operands) {
        int units = batch * heads * blocks;
        int parts = Math.min(units, Parallel.threads(work()));
        try {
            if (parts <= 1) {
                blocks(0, units, operands, false);
            } else {
                // Of a causal attention, early blocks are less work: small parts even that out.
                Parallel.split(units, Math.min(units, 8 * parts), (from, to) -> blocks(from, to, operands, false));
            }
        } finally {
            operands.release();
        }
    }

    /** The gradients of {@link #forward}. */
    public void backward(AttentionOperands operands) {
        int units = batch * keyHeads;
        int threads = Parallel.threads(2.5 * work());
        try {
            if (units < threads
                    || threads == 1
                    || operands.dMask != null) { // products may take threads, if there are any
                keyHeads(0, units, operands);
            } else {
                Parallel.split(units, Math.min(units, 4 * threads), (from, to) -> keyHeads(from, to, operands));
            }
        } finally {
            operands.release();
        }
    }

    /**
     * The gradients of all queries of some heads of keys. A sum over more than {@link Product#CHAIN} queries is cut
     * into chains of at most that many, in whole blocks, since the error of a chain grows with its length.
     */
    private void keyHeads(int from, int to, AttentionOperands operands) {
        int group = heads / keyHeads;
        int most = Math.max(1, Product.CHAIN / rows);
        for (int unit = from; unit < to; unit++) {
            int sequence = unit / keyHeads;
            int head = unit % keyHeads * group;
            int seen = queries == 0 ? 0 : visible(sequence, queries - 1, operands.lengths);
            clear(operands.dk, key(sequence, head), size, seen);
            clear(operands.dv, value(sequence, head), valueSize, seen);
            int begin = unit * group * blocks;
            int end = (unit + 1) * group * blocks;
            for (int next = end; next > begin; next -= most) {
                int first = Math.max(begin, next - most);
                if (next == end || operands.dk == null) {
                    blocks(first, next, operands, true);
                } else {
                    addChain(first, next, operands);
                }
            }
        }
    }

    /** The gradients of blocks of one head of keys, whose sums begin with zeros and are added to the tensors then. */
    private void addChain(int from, int to, AttentionOperands operands) {
        Block block = Block.HELD.get();
        long length = (long) keys * (size + valueSize);
        float[] sums = length > Scratch.MOST ? new float[Math.toIntExact(length)] : Scratch.SUMS.floats((int) length);
        Arrays.fill(sums, 0, (int) length, 0f);
        block.sums = sums;
        try {
            blocks(from, to, operands, true);
        } finally {
            block.sums = null;
        }
        add(operands.dk, key(block.sequence, block.head), sums, 0, size);
        add(operands.dv, value(block.sequence, block.head), sums, keys * size, valueSize);
    }

    /** Adds sums to one head of a sequence's keys or values. */
    private void add(@Nullable Operand to, int at, float[] sums, int so, int width) {
        Kernels kernels = Kernels.active();
        for (int i = 0; i < keys && to != null; i++) {
            int row = to.offset() + at + i * keyHeads * width;
            kernels.add(to.array(), row, sums, so + i * width, to.array(), row, width);
        }
    }

    /** Writes zeros to the keys or values of one head of a sequence that no query sees. */
    private void clear(@Nullable Operand to, int at, int width, int seen) {
        for (int i = seen; i < keys && to != null; i++) {
            int row = to.offset() + at + i * keyHeads * width;
            Arrays.fill(to.array(), row, row + width, 0f);
        }
    }

    /**
     * The outputs of some blocks of queries, counted head by head and sequence by sequence, or their gradients. Of
     * gradients, the last block comes first: it sees all keys that the others see, so sums at keys and values need not
     * begin with zeros.
     */
    private void blocks(int from, int to, AttentionOperands operands, boolean backward) {
        Block block = Block.HELD.get();
        int ofKeys = heads / keyHeads * blocks;
        for (int i = from; i < to; i++) {
            int unit = backward ? from + to - 1 - i : i;
            block.begins = block.sums == null && unit % ofKeys == ofKeys - 1;
            block.sequence = unit / blocks / heads;
            block.head = unit / blocks % heads;
            block.first = unit % blocks * rows;
            block.count = Math.min(rows, queries - block.first);
            block.n = visible(block.sequence, block.first + block.count - 1, operands.lengths);
            float[] scores = scores(block, operands);
            if (backward) {
                gradients(block, operands, scores);
            } else {
                outputs(block, operands, scores);
            }
        }
    }

    private void outputs(Block block, AttentionOperands operands, float[] scores) {
        Kernels kernels = Kernels.active();
        float[] e = Scratch.EXPONENTIALS.floats(rows * padded(keys));
        float[] attended = Scratch.ATTENDED.floats(rows * valueSize);
        float[] statistics = operands.statistics.array();
        float[] y = operands.y.array();
        double[] sums = Rows.sums();
        int n = block.n;
        int width = padded(n);
        int largestAt = operands.statistics.offset() + statistic(block);
        int factorAt = largestAt + batch * heads * queries;
        for (int r = 0; r < block.count; r++) {
            int seen = visible(block.sequence, block.first + r, operands.lengths);
            int row = r * n;
            float largest = kernels.rows().largest(scores, row, seen);
            if (largest == Float.NEGATIVE_INFINITY && operands.mask != null) {
                requireKey(block, block.first + r, scores, row, seen);
            }
            exponentials(kernels, largest, scores, row, e, r * width, seen, width);
            kernels.rows().sumOfGroups(e, r * width, padded(seen), sums);
            statistics[largestAt + r] = largest;
            statistics[factorAt + r] = (float) (1 / sums[0]);
        }
        Product p = Product.of(block.count, valueSize, n)
                .a(0, width, 1)
                .b(operands.v.offset() + value(block.sequence, block.head), keyHeads * valueSize, 1)
                .c(0, valueSize);
        Matmul.product(p.beginWithZeros(), e, operands.v.array(), attended, null);
        for (int r = 0; r < block.count; r++) {
            int at = operands.y.offset() + attended(block, r);
            // Added to +0: whether keys that are not seen turned a sum of -0 into +0 leaves no trace.
            Arrays.fill(y, at, at + valueSize, 0f);
            kernels.addScaled(statistics[factorAt + r], attended, r * valueSize, y, at, valueSize);
        }
    }

    /** The place of the first key of a sequence, in the head of keys for a head of queries. */
    private int key(int sequence, int head) {
        return (sequence * keys * keyHeads + head / (heads / keyHeads)) * size;
    }

    private int value(int sequence, int head) {
        return (sequence * keys * keyHeads + head / (heads / keyHeads)) * valueSize;
    }

    /** The place of a query of a block. */
    private int query(Block block, int r) {
        return ((block.sequence * queries + block.first + r) * heads + block.head) * size;
    }

    /** The place of its result. */
    private int attended(Block block, int r) {
        return ((block.sequence * queries + block.first + r) * heads + block.head) * valueSize;
    }

    /** The place of the first query's statistic. */
    private int statistic(Block block) {
        return (block.sequence * heads + block.head) * queries + block.first;
    }

    /** The place of a query's row of the mask. */
    private int mask(Block block, int r) {
        return block.sequence * maskOfSequence + block.head * maskOfHead + (block.first + r) * maskOfQuery;
    }

    /** The scores of a block for its keys; leaves the queries times the scale in their buffer. */
    private float[] scores(Block block, AttentionOperands operands) {
        Kernels kernels = Kernels.active();
        float[] scores = Scratch.SCORES.floats(rows * keys);
        float[] scaled = Scratch.QUERIES.floats(rows * size);
        int n = block.n;
        Operand q = operands.q;
        for (int r = 0; r < block.count; r++) {
            kernels.scale(scale, q.array(), q.offset() + query(block, r), scaled, r * size, size);
        }
        Product p = Product.of(block.count, n, size)
                .a(0, size, 1)
                .b(operands.k.offset() + key(block.sequence, block.head), 1, keyHeads * size)
                .c(0, n);
        Matmul.product(p.beginWithZeros(), scaled, operands.k.array(), scores, null);
        Operand mask = operands.mask;
        for (int r = 0; r < block.count && mask != null; r++) {
            int at = mask.offset() + mask(block, r);
            int seen = visible(block.sequence, block.first + r, operands.lengths);
            kernels.add(scores, r * n, mask.array(), at, scores, r * n, seen);
        }
        return scores;
    }

    /** Floats of a row of exponentials: whole lanes of a sum, of which zeros fill the rest. */
    private static int padded(int keys) {
        return (keys + RowKernels.LANES - 1) / RowKernels.LANES * RowKernels.LANES;
    }

    /** e = exp(scores - largest) for the keys that are seen, and 0 for the others up to a width. */
    private static void exponentials(
            Kernels kernels, float largest, float[] scores, int so, float[] e, int eo, int seen, int width) {
        kernels.rows().expLess(largest, scores, so, e, eo, seen);
        Arrays.fill(e, eo + seen, eo + width, 0f);
    }

    /** Refuses a query all of whose scores are minus infinity; NaN among them is handed on. */
    private static void requireKey(Block block, int query, float[] scores, int row, int seen) {
        for (int i = row; i < row + seen; i++) {
            if (Float.isNaN(scores[i])) {
                return;
            }
        }
        throw new IllegalArgumentException("attention: the mask hides every key from query " + query + " of sequence "
                + block.sequence + " (head " + block.head + "), so its softmax is not defined; leave at least one key"
                + " visible, such as the query's own, by a mask that is not minus infinity there");
    }

    private void gradients(Block block, AttentionOperands operands, float[] scores) {
        Kernels kernels = Kernels.active();
        double[] sums = Rows.sums();
        int count = block.count;
        int n = block.n;
        int width = padded(n);
        int sequence = block.sequence;
        float[] e = Scratch.EXPONENTIALS.floats(rows * padded(keys));
        float[] dAttended = Scratch.ATTENDED.floats(rows * Math.max(size, valueSize));
        float[] scaled = Scratch.QUERIES.floats(rows * size);
        float[] statistics = operands.statistics.array();
        Operand dy = operands.dy;
        int largestAt = operands.statistics.offset() + statistic(block);
        for (int r = 0; r < count; r++) {
            float largest = statistics[largestAt + r];
            float factor = statistics[largestAt + batch * heads * queries + r];
            int seen = visible(sequence, block.first + r, operands.lengths);
            exponentials(kernels, largest, scores, r * n, e, r * width, seen, width);
            // With dy times the factor, the exponentials take the place of the weights in all that follows.
            int at = dy.offset() + attended(block, r);
            kernels.scale(factor, dy.array(), at, dAttended, r * valueSize, valueSize);
        }
        Operand dv = operands.dv;
        if (dv != null) { // dv += e' dy
            Product p = Product.of(n, valueSize, count).a(0, 1, width).b(0, valueSize, 1);
            float[] to = block.sums == null ? dv.array() : block.sums;
            if (block.sums == null) {
                p.c(dv.offset() + value(sequence, block.head), keyHeads * valueSize);
            } else {
                p.c(keys * size, valueSize);
            }
            Matmul.product(p.begin(!block.begins), e, dAttended, to, block.begins ? null : to);
        }
        float[] dScores = scores; // which are not needed any more
        Product p = Product.of(count, n, valueSize)
                .a(0, valueSize, 1)
                .b(operands.v.offset() + value(sequence, block.head), 1, keyHeads * valueSize)
                .c(0, n);
        Matmul.product(p.beginWithZeros(), dAttended, operands.v.array(), dScores, null);
        Operand dMask = operands.dMask;
        for (int r = 0; r < count; r++) {
            int at = operands.y.offset() + attended(block, r);
            kernels.rows().dot(dAttended, r * valueSize, operands.y.array(), at, valueSize, sums);
            int seen = visible(sequence, block.first + r, operands.lengths);
            kernels.rows().softmaxGrad((float) sums[0], e, r * width, dScores, r * n, dScores, r * n, seen);
            Arrays.fill(dScores, r * n + seen, r * n + n, 0f);
            if (dMask != null) {
                int to = dMask.offset() + mask(block, r);
                kernels.add(dMask.array(), to, dScores, r * n, dMask.array(), to, seen);
            }
        }
        Operand dk = operands.dk;
        if (dk != null) { // dk += dScores' q scale
            Product ofKeys = Product.of(n, size, count).a(0, 1, n).b(0, size, 1);
            float[] to = block.sums == null ? dk.array() : block.sums;
            if (block.sums == null) {
                ofKeys.c(dk.offset() + key(sequence, block.head), keyHeads * size);
            } else {
                ofKeys.c(0, size);
            }
            Matmul.product(ofKeys.begin(!block.begins), dScores, scaled, to, block.begins ? null : to);
        }
        Operand dq = operands.dq;
        if (dq != null) { // dq = dScores k scale
            float[] unscaled = dAttended;
            int from = operands.k.offset() + key(sequence, block.head);
            Product ofQueries = Product.of(count, size, n)
                    .a(0, n, 1)
                    .b(from, keyHeads * size, 1)
                    .c(0, size);
            Matmul.product(ofQueries.beginWithZeros(), dScores, operands.k.array(), unscaled, null);
            for (int r = 0; r < count; r++) {
                kernels.scale(scale, unscaled, r * size, dq.array(), dq.offset() + query(block, r), size);
            }
        }
    }
}
