package nn.tensor.internal;

import java.util.Arrays;
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

    /** The number of keys that a query may see: the first ones. */
    private int visible(int sequence, int query, int @Nullable [] lengths) {
        int seen = causal ? keys - queries + query + 1 : keys;
        return lengths == null ? seen : Math.min(seen, lengths[sequence]);
    }

    /**
     * y = softmax(scale q k' + mask) v for each head.
     *
     * @param lengths the number of keys of each sequence; null if all count
     * @param statistics receives for each query of each head the largest score, and after all these the reciprocals of
     *     the sums of exponentials
     */
    public void forward(
            float[] q,
            int qo,
            float[] k,
            int ko,
            float[] v,
            int vo,
            float @Nullable [] mask,
            int mo,
            int @Nullable [] lengths,
            float[] statistics,
            int so,
            float[] y,
            int yo) {
        int units = batch * heads * blocks;
        int parts = Math.min(units, Parallel.threads(work()));
        if (parts <= 1) {
            forward(0, units, q, qo, k, ko, v, vo, mask, mo, lengths, statistics, so, y, yo);
        } else {
            // Of a causal attention, early blocks are less work: small parts even that out.
            Parallel.split(
                    units,
                    Math.min(units, 8 * parts),
                    (from, to) -> forward(from, to, q, qo, k, ko, v, vo, mask, mo, lengths, statistics, so, y, yo));
        }
    }

    private void forward(
            int from,
            int to,
            float[] q,
            int qo,
            float[] k,
            int ko,
            float[] v,
            int vo,
            float @Nullable [] mask,
            int mo,
            int @Nullable [] lengths,
            float[] statistics,
            int so,
            float[] y,
            int yo) {
        Kernels kernels = Kernels.active();
        float[] e = Scratch.EXPONENTIALS.floats(rows * padded(keys));
        float[] attended = Scratch.ATTENDED.floats(rows * valueSize);
        double[] sums = Rows.sums();
        for (int unit = from; unit < to; unit++) {
            int first = unit % blocks * rows;
            int count = Math.min(rows, queries - first);
            int sequence = unit / blocks / heads;
            int head = unit / blocks % heads;
            int n = visible(sequence, first + count - 1, lengths);
            int width = padded(n);
            int valueAt = value(vo, sequence, head);
            float[] scores = scores(sequence, head, first, count, n, q, qo, k, ko, mask, mo, lengths);
            for (int r = 0; r < count; r++) {
                int seen = visible(sequence, first + r, lengths);
                int row = r * n;
                float largest = kernels.rows().largest(scores, row, seen);
                if (largest == Float.NEGATIVE_INFINITY && mask != null) {
                    requireKey(sequence, head, first + r, scores, row, seen);
                }
                exponentials(kernels, largest, scores, row, e, r * width, seen, width);
                kernels.rows().sumOfGroups(e, r * width, padded(seen), sums);
                int at = so + (sequence * heads + head) * queries + first + r;
                statistics[at] = largest;
                statistics[at + batch * heads * queries] = (float) (1 / sums[0]);
            }
            Product p = Product.of(count, valueSize, n)
                    .a(0, width, 1)
                    .b(valueAt, keyHeads * valueSize, 1)
                    .c(0, valueSize);
            Matmul.product(p.beginWithZeros(), e, v, attended, null);
            for (int r = 0; r < count; r++) {
                int at = yo + ((sequence * queries + first + r) * heads + head) * valueSize;
                float factor = statistics[so + (batch * heads + sequence * heads + head) * queries + first + r];
                // Added to +0: whether keys that are not seen turned a sum of -0 into +0 leaves no trace.
                Arrays.fill(y, at, at + valueSize, 0f);
                kernels.addScaled(factor, attended, r * valueSize, y, at, valueSize);
            }
        }
    }

    /** The place of the first key of a sequence, in the head of keys for a head of queries. */
    private int key(int offset, int sequence, int head) {
        return offset + (sequence * keys * keyHeads + head / (heads / keyHeads)) * size;
    }

    private int value(int offset, int sequence, int head) {
        return offset + (sequence * keys * keyHeads + head / (heads / keyHeads)) * valueSize;
    }

    /** The scores of some queries for the first n keys; leaves the queries times the scale in their buffer. */
    private float[] scores(
            int sequence,
            int head,
            int first,
            int count,
            int n,
            float[] q,
            int qo,
            float[] k,
            int ko,
            float @Nullable [] mask,
            int mo,
            int @Nullable [] lengths) {
        Kernels kernels = Kernels.active();
        float[] scores = Scratch.SCORES.floats(rows * keys);
        float[] scaled = Scratch.QUERIES.floats(rows * size);
        for (int r = 0; r < count; r++) {
            int at = qo + ((sequence * queries + first + r) * heads + head) * size;
            kernels.scale(scale, q, at, scaled, r * size, size);
        }
        Product p = Product.of(count, n, size)
                .a(0, size, 1)
                .b(key(ko, sequence, head), 1, keyHeads * size)
                .c(0, n);
        Matmul.product(p.beginWithZeros(), scaled, k, scores, null);
        for (int r = 0; r < count && mask != null; r++) {
            int at = mask(mo, sequence, head, first + r);
            kernels.add(scores, r * n, mask, at, scores, r * n, visible(sequence, first + r, lengths));
        }
        return scores;
    }

    /** The place of a query's row of the mask. */
    private int mask(int offset, int sequence, int head, int query) {
        return offset + sequence * maskOfSequence + head * maskOfHead + query * maskOfQuery;
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
    private static void requireKey(int sequence, int head, int query, float[] scores, int row, int seen) {
        for (int i = row; i < row + seen; i++) {
            if (Float.isNaN(scores[i])) {
                return;
            }
        }
        throw new IllegalArgumentException("attention: the mask hides every key from query " + query + " of sequence "
                + sequence + " (head " + head + "), so its softmax is not defined; leave at least one key visible, such"
                + " as the query's own, by a mask that is not minus infinity there");
    }

    /**
     * The gradients of {@link #forward}.
     *
     * @param dq receives the gradient at the queries; null if that at q, k and v is not wanted
     * @param dk receives the gradient at the keys
     * @param dv receives the gradient at the values
     * @param dMask the gradient at the mask is added to it; null if that is not wanted
     */
    public void backward(
            float[] q,
            int qo,
            float[] k,
            int ko,
            float[] v,
            int vo,
            float @Nullable [] mask,
            int mo,
            int @Nullable [] lengths,
            float[] statistics,
            int so,
            float[] y,
            int yo,
            float[] dy,
            int dyo,
            float @Nullable [] dq,
            int dqo,
            float @Nullable [] dk,
            int dko,
            float @Nullable [] dv,
            int dvo,
            float @Nullable [] dMask,
            int dmo) {
        int units = batch * keyHeads;
        int threads = Parallel.threads(2.5 * work());
        if (units < threads || threads == 1 || dMask != null) { // products may take threads, if there are any
            backward(
                    0,
                    units,
                    q,
                    qo,
                    k,
                    ko,
                    v,
                    vo,
                    mask,
                    mo,
                    lengths,
                    statistics,
                    so,
                    y,
                    yo,
                    dy,
                    dyo,
                    dq,
                    dqo,
                    dk,
                    dko,
                    dv,
                    dvo,
                    dMask,
                    dmo);
        } else {
            Parallel.split(
                    units,
                    Math.min(units, 4 * threads),
                    (from, to) -> backward(
                            from,
                            to,
                            q,
                            qo,
                            k,
                            ko,
                            v,
                            vo,
                            mask,
                            mo,
                            lengths,
                            statistics,
                            so,
                            y,
                            yo,
                            dy,
                            dyo,
                            dq,
                            dqo,
                            dk,
                            dko,
                            dv,
                            dvo,
                            null,
                            0));
        }
    }

    private void backward(
            int from,
            int to,
            float[] q,
            int qo,
            float[] k,
            int ko,
            float[] v,
            int vo,
            float @Nullable [] mask,
            int mo,
            int @Nullable [] lengths,
            float[] statistics,
            int so,
            float[] y,
            int yo,
            float[] dy,
            int dyo,
            float @Nullable [] dq,
            int dqo,
            float @Nullable [] dk,
            int dko,
            float @Nullable [] dv,
            int dvo,
            float @Nullable [] dMask,
            int dmo) {
        int group = heads / keyHeads;
        for (int unit = from; unit < to; unit++) {
            int sequence = unit / keyHeads;
            int firstHead = unit % keyHeads * group;
            if (dk != null && dv != null) {
                int seen = queries == 0 ? 0 : visible(sequence, queries - 1, lengths);
                clear(dk, key(dko, sequence, firstHead), size, seen);
                clear(dv, value(dvo, sequence, firstHead), valueSize, seen);
            }
            for (int head = firstHead; head < firstHead + group; head++) {
                // The last block first: it sees all keys that others see, so its sums begin with zeros.
                for (int first = (blocks - 1) * rows; first >= 0; first -= rows) {
                    block(
                            sequence,
                            head,
                            first,
                            q,
                            qo,
                            k,
                            ko,
                            v,
                            vo,
                            mask,
                            mo,
                            lengths,
                            statistics,
                            so,
                            y,
                            yo,
                            dy,
                            dyo,
                            dq,
                            dqo,
                            dk,
                            dko,
                            dv,
                            dvo,
                            dMask,
                            dmo);
                }
            }
        }
    }

    /** Writes zeros to the keys or values of one head of a sequence that no query sees. */
    private void clear(float[] to, int at, int width, int seen) {
        for (int i = seen; i < keys; i++) {
            int row = at + i * keyHeads * width;
            Arrays.fill(to, row, row + width, 0f);
        }
    }

    /** The gradients of a block of queries. */
    private void block(
            int sequence,
            int head,
            int first,
            float[] q,
            int qo,
            float[] k,
            int ko,
            float[] v,
            int vo,
            float @Nullable [] mask,
            int mo,
            int @Nullable [] lengths,
            float[] statistics,
            int so,
            float[] y,
            int yo,
            float[] dy,
            int dyo,
            float @Nullable [] dq,
            int dqo,
            float @Nullable [] dk,
            int dko,
            float @Nullable [] dv,
            int dvo,
            float @Nullable [] dMask,
            int dmo) {
        Kernels kernels = Kernels.active();
        double[] sums = Rows.sums();
        int count = Math.min(rows, queries - first);
        int n = visible(sequence, first + count - 1, lengths);
        int width = padded(n);
        boolean begins = head % (heads / keyHeads) == 0 && first + count == queries; // the first one of these keys
        float[] e = Scratch.EXPONENTIALS.floats(rows * padded(keys));
        float[] dAttended = Scratch.ATTENDED.floats(rows * Math.max(size, valueSize));
        float[] scores = scores(sequence, head, first, count, n, q, qo, k, ko, mask, mo, lengths);
        float[] scaled = Scratch.QUERIES.floats(rows * size);
        int ofHead = (sequence * heads + head) * queries + first;
        for (int r = 0; r < count; r++) {
            float largest = statistics[so + ofHead + r];
            float factor = statistics[so + batch * heads * queries + ofHead + r];
            int seen = visible(sequence, first + r, lengths);
            exponentials(kernels, largest, scores, r * n, e, r * width, seen, width);
            // With dy times the factor, the exponentials take the place of the weights in all that follows.
            kernels.scale(factor, dy, dyo + attended(sequence, first + r, head), dAttended, r * valueSize, valueSize);
        }
        if (dv != null) { // dv += e' dy
            Product p = Product.of(n, valueSize, count)
                    .a(0, 1, width)
                    .b(0, valueSize, 1)
                    .c(value(dvo, sequence, head), keyHeads * valueSize);
            Matmul.product(p.begin(!begins), e, dAttended, dv, begins ? null : dv);
        }
        float[] dScores = scores; // which are not needed any more
        Product p = Product.of(count, n, valueSize)
                .a(0, valueSize, 1)
                .b(value(vo, sequence, head), 1, keyHeads * valueSize)
                .c(0, n);
        Matmul.product(p.beginWithZeros(), dAttended, v, dScores, null);
        for (int r = 0; r < count; r++) {
            int at = yo + attended(sequence, first + r, head);
            kernels.rows().dot(dAttended, r * valueSize, y, at, valueSize, sums);
            int seen = visible(sequence, first + r, lengths);
            kernels.rows().softmaxGrad((float) sums[0], e, r * width, dScores, r * n, dScores, r * n, seen);
            Arrays.fill(dScores, r * n + seen, r * n + n, 0f);
            if (dMask != null) {
                int to = mask(dmo, sequence, head, first + r);
                kernels.add(dMask, to, dScores, r * n, dMask, to, seen);
            }
        }
        if (dk != null) { // dk += dScores' q scale
            Product ofKeys =
                    Product.of(n, size, count).a(0, 1, n).b(0, size, 1).c(key(dko, sequence, head), keyHeads * size);
            Matmul.product(ofKeys.begin(!begins), dScores, scaled, dk, begins ? null : dk);
        }
        if (dq != null) { // dq = dScores k scale
            float[] unscaled = dAttended;
            Product ofQueries = Product.of(count, size, n)
                    .a(0, n, 1)
                    .b(key(ko, sequence, head), keyHeads * size, 1)
                    .c(0, size);
            Matmul.product(ofQueries.beginWithZeros(), dScores, k, unscaled, null);
            for (int r = 0; r < count; r++) {
                int at = dqo + ((sequence * queries + first + r) * heads + head) * size;
                kernels.scale(scale, unscaled, r * size, dq, at, size);
            }
        }
    }

    /** The place of a query's result, from the offset of all of them. */
    private int attended(int sequence, int query, int head) {
        return ((sequence * queries + query) * heads + head) * valueSize;
    }
}
