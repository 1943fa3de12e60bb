package nn.tensor;

import nn.tensor.internal.driver.AttentionOperands;
import nn.tensor.internal.driver.ScaledDotProduct;
import nn.tensor.internal.row.Operand;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention of several heads (Vaswani and others, <i>Attention is all you need</i>, 2017): for each
 * head {@code y = softmax(scale q k' + mask) v}, where the softmax is over the keys.
 *
 * <p>Shapes: q [batch x queries x heads * size], k [batch x keys x key heads * size], v [batch x keys x key heads *
 * value size], y [batch x queries x heads * value size]. A head is a range of neighbouring features. With fewer heads
 * of keys than of queries, query head h uses key head {@code h / (heads / key heads)} (grouped queries: Ainslie and
 * others, <i>GQA</i>, 2023).
 *
 * <p>Queries are processed in blocks, so memory grows with the number of keys, not with its square; the backward pass
 * computes the scores again. The bits of a query depend on the keys that it sees and on nothing else: with causal
 * attention a query gets the same bits together with all others, or alone after the keys of its past, if all numbers
 * are finite.
 *
 * <p>An object may be used by several threads. It remembers the shapes of its last call, so that a call with the same
 * shapes allocates nothing.
 */
@SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
public final class AttentionHeads {
    private final int heads;
    private final int keyHeads;
    private final boolean causal;
    private final float scale;

    /** Of the last call; immutable, so it does not matter which thread wrote it. */
    private @Nullable Geometry last;

    private record Geometry(
            Shape q, Shape k, Shape v, @Nullable Shape mask, Shape y, Shape statistics, ScaledDotProduct loops) {
        boolean is(Tensor queries, Tensor keys, Tensor values, @Nullable Tensor given) {
            return q.equals(queries.shape())
                    && k.equals(keys.shape())
                    && v.equals(values.shape())
                    && (given == null ? mask == null : mask != null && mask.equals(given.shape()));
        }
    }

    private AttentionHeads(int heads, int keyHeads, boolean causal, float scale) {
        this.heads = heads;
        this.keyHeads = keyHeads;
        this.causal = causal;
        this.scale = scale;
    }

    /**
     * The number of heads of queries.
     *
     * @return at least 1
     */
    public int heads() {
        return heads;
    }

    /**
     * The number of heads of keys and values.
     *
     * @return a divisor of {@link #heads}
     */
    public int keyHeads() {
        return keyHeads;
    }

    /**
     * Whether a query sees no later keys.
     *
     * @return as it was described
     */
    public boolean isCausal() {
        return causal;
    }

    /**
     * The factor of the scores.
     *
     * @return a finite number
     */
    public float scale() {
        return scale;
    }

    /**
     * Describes attention.
     *
     * @param heads of queries, at least 1
     * @param keyHeads heads of keys and values, a divisor of {@code heads}; as many, if queries are not grouped
     * @param causal whether a query sees no later keys: the last query sees all of them, the one before it one key
     *     less, and so on. So the queries are at the last positions of the keys
     * @param scale factor of the scores, finite; usually 1 / sqrt(size), which keeps the variance of a score at 1
     * @return the description
     * @throws IllegalArgumentException if the key heads do not divide the heads, or a number is out of its range
     */
    public static AttentionHeads of(int heads, int keyHeads, boolean causal, double scale) {
        if (heads < 1 || keyHeads < 1 || heads % keyHeads != 0) {
            throw new IllegalArgumentException("attention of " + heads + " heads with " + keyHeads
                    + " heads of keys: each head of keys serves as many heads of queries, so give a divisor of "
                    + heads);
        }
        if (!Float.isFinite((float) scale)) {
            throw new IllegalArgumentException(
                    "attention: scale is " + scale + "; it must be finite, and is usually 1 / sqrt(size of a head)");
        }
        return new AttentionHeads(heads, keyHeads, causal, (float) scale);
    }

    /**
     * The shape of the output.
     *
     * @param q of the queries [batch x queries x heads * size]
     * @param k of the keys [batch x keys x key heads * size]
     * @param v of the values [batch x keys x key heads * value size]
     * @return [batch x queries x heads * value size]; a dimension that is {@link Shape#ANY} fits any other
     * @throws ShapeException if the shapes do not fit, there are no keys, or there are fewer keys than queries and the
     *     attention is causal
     */
    public Shape outputShape(Shape q, Shape k, Shape v) {
        requireHeads("queries", q, "heads", heads);
        requireHeads("keys", k, "key heads", keyHeads);
        requireHeads("values", v, "key heads", keyHeads);
        int size = q.dim(2) / heads;
        Shape wanted = Shape.of(known(q.dim(0), k.dim(0)), k.dim(1), keyHeads * size);
        if (!wanted.matches(k)) {
            throw new ShapeException(
                    this + ": expected keys " + wanted + " for queries " + q + ", got " + k, wanted.toString(), k);
        }
        Shape wantedValues = Shape.of(known(q.dim(0), v.dim(0)), known(k.dim(1), v.dim(1)), v.dim(2));
        if (!wantedValues.matches(v)) {
            throw new ShapeException(
                    this + ": expected values " + wantedValues + " for keys " + k + ", got " + v,
                    wantedValues.toString(),
                    v);
        }
        int queries = q.dim(1);
        int keys = k.dim(1);
        if (keys == 0 && queries != 0) {
            throw new ShapeException(this + ": there is no key to attend to, got " + k, "at least one key", k);
        }
        if (causal && keys != Shape.ANY && queries > keys) {
            throw new ShapeException(
                    this + ": " + queries + " causal queries need at least as many keys, as the last query sees them"
                            + " all, got " + k,
                    "[batch x " + queries + " or more x ...]",
                    k);
        }
        if (keys > ScaledDotProduct.MOST_KEYS) {
            throw new ShapeException(
                    this + ": at most " + ScaledDotProduct.MOST_KEYS + " keys, got " + k + "; split the sequence",
                    "[batch x keys x ...]",
                    k);
        }
        return Shape.of(q.dim(0), queries, v.dim(2) / keyHeads * heads);
    }

    /** A dimension that two shapes share, as the first one has it unless that is unknown. */
    private static int known(int one, int other) {
        return one == Shape.ANY ? other : one;
    }

    private void requireHeads(String what, Shape shape, String name, int count) {
        if (shape.rank() != 3 || shape.dim(2) == Shape.ANY || shape.dim(2) % count != 0 || shape.dim(2) == 0) {
            String expected = "[batch x " + what + " x " + count + " " + name + " * size]";
            throw new ShapeException(this + ": expected " + what + " " + expected + ", got " + shape, expected, shape);
        }
    }

    /**
     * The shape of the statistics that {@link #attendInto} leaves for the gradients.
     *
     * @param q of the queries
     * @return [2 x batch x heads x queries]
     */
    public Shape statisticsShape(Shape q) {
        return Shape.of(2, q.dim(0), heads, q.dim(1));
    }

    /**
     * Computes the attention.
     *
     * @param q the queries [batch x queries x heads * size]
     * @param k the keys [batch x keys x key heads * size]
     * @param v the values [batch x keys x key heads * value size]
     * @param mask is added to the scores; null for none. Of a shape that {@linkplain Shape#broadcastsTo can be
     *     repeated} to [batch x heads x queries x keys], except that its last axis may have more elements than there
     *     are keys, of which the first count. Minus infinity hides a key
     * @param lengths for each sequence how many keys it has, from 1 on, if it is padded at the end; null if all count
     * @param statistics receives what the gradients need, of {@link #statisticsShape}
     * @param y receives the output [batch x queries x heads * value size]
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if the mask hides every key from a query, a length is out of its range, or a
     *     tensor that is written shares memory with another one; no tensor has changed in the last two cases
     */
    public void attendInto(
            Tensor q,
            Tensor k,
            Tensor v,
            @Nullable Tensor mask,
            int @Nullable [] lengths,
            Tensor statistics,
            Tensor y) {
        Geometry geometry = geometry(q, k, v, mask);
        requireLengths(lengths, k.shape());
        y.requireShape("attend", geometry.y);
        statistics.requireShape("attend: statistics", geometry.statistics);
        requireApart("attend", y, q, k, v, mask, statistics);
        requireApart("attend", statistics, q, k, v, mask, y);
        geometry.loops.forward(operands(q, k, v, mask, lengths).results(statistics.operand(), y.operand()));
    }

    private static AttentionOperands operands(
            Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, int @Nullable [] lengths) {
        Operand added = mask == null ? null : mask.operand();
        return AttentionOperands.of(q.operand(), k.operand(), v.operand(), added, lengths);
    }

    /**
     * The gradients of {@link #attendInto} at queries, keys and values.
     *
     * @param q the queries, as there
     * @param k the keys, as there
     * @param v the values, as there
     * @param mask as there
     * @param lengths as there
     * @param statistics what that method left
     * @param y the output
     * @param dy the gradient at the output
     * @param dq receives the gradient at the queries, of their shape
     * @param dk receives the gradient at the keys, of their shape
     * @param dv receives the gradient at the values, of their shape
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if a length is out of its range, or a tensor that is written shares memory with
     *     another one; nothing has changed then
     */
    public void attendGradInto(
            Tensor q,
            Tensor k,
            Tensor v,
            @Nullable Tensor mask,
            int @Nullable [] lengths,
            Tensor statistics,
            Tensor y,
            Tensor dy,
            Tensor dq,
            Tensor dk,
            Tensor dv) {
        ScaledDotProduct loops = requireGradient(q, k, v, mask, lengths, statistics, y, dy);
        dq.requireShape("attendGrad: dq", q.shape());
        dk.requireShape("attendGrad: dk", k.shape());
        dv.requireShape("attendGrad: dv", v.shape());
        for (int i = 0; i < 3; i++) {
            Tensor written = i == 0 ? dq : i == 1 ? dk : dv;
            requireApart("attendGrad", written, q, k, v, mask, statistics);
            requireApart("attendGrad", written, y, dy, i == 0 ? dk : dq, null, i == 2 ? dk : dv);
        }
        loops.backward(operands(q, k, v, mask, lengths)
                .results(statistics.operand(), y.operand())
                .gradients(dy.operand(), dq.operand(), dk.operand(), dv.operand()));
    }

    /**
     * Adds the gradient of {@link #attendInto} at the mask, for a mask that is learned, such as biases for relative
     * positions. It runs on one thread.
     *
     * @param q the queries, as there
     * @param k the keys, as there
     * @param v the values, as there
     * @param mask as there
     * @param lengths as there
     * @param statistics what that method left
     * @param y the output
     * @param dy the gradient at the output
     * @param dMask the gradient is added to it; of the mask's shape
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if a length is out of its range, or {@code dMask} shares memory with another
     *     tensor; nothing has changed then
     */
    public void addMaskGrad(
            Tensor q,
            Tensor k,
            Tensor v,
            Tensor mask,
            int @Nullable [] lengths,
            Tensor statistics,
            Tensor y,
            Tensor dy,
            Tensor dMask) {
        ScaledDotProduct loops = requireGradient(q, k, v, mask, lengths, statistics, y, dy);
        dMask.requireShape("maskGrad", mask.shape());
        requireApart("maskGrad", dMask, q, k, v, mask, statistics);
        requireApart("maskGrad", dMask, y, dy, dy, null, dy);
        loops.backward(operands(q, k, v, mask, lengths)
                .results(statistics.operand(), y.operand())
                .maskGradient(dy.operand(), dMask.operand()));
    }

    private ScaledDotProduct requireGradient(
            Tensor q,
            Tensor k,
            Tensor v,
            @Nullable Tensor mask,
            int @Nullable [] lengths,
            Tensor statistics,
            Tensor y,
            Tensor dy) {
        Geometry geometry = geometry(q, k, v, mask);
        requireLengths(lengths, k.shape());
        y.requireShape("attendGrad: y", geometry.y);
        dy.requireShape("attendGrad: dy", geometry.y);
        statistics.requireShape("attendGrad: statistics", geometry.statistics);
        return geometry.loops;
    }

    private static void requireApart(
            String operation, Tensor written, Tensor a, Tensor b, Tensor c, @Nullable Tensor mask, Tensor d) {
        if (written.overlaps(a)
                || written.overlaps(b)
                || written.overlaps(c)
                || written.overlaps(d)
                || mask != null && written.overlaps(mask)) {
            throw new IllegalArgumentException(
                    operation + ": a destination shares memory with another operand; give a separate tensor");
        }
    }

    private void requireLengths(int @Nullable [] lengths, Shape k) {
        if (lengths == null) {
            return;
        }
        if (lengths.length != k.dim(0)) {
            throw new IllegalArgumentException(
                    this + ": " + lengths.length + " lengths for " + k.dim(0) + " sequences; give one for each");
        }
        for (int b = 0; b < lengths.length; b++) {
            if (lengths[b] < 1 || lengths[b] > k.dim(1)) {
                throw new IllegalArgumentException(this + ": sequence " + b + " has length " + lengths[b]
                        + "; it must be from 1 to " + k.dim(1) + ", as a query needs a key; leave out a sequence that"
                        + " is all padding");
            }
        }
    }

    private Geometry geometry(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask) {
        Geometry held = last;
        if (held == null || !held.is(q, k, v, mask)) {
            held = geometry(q.shape(), k.shape(), v.shape(), mask == null ? null : mask.shape());
            last = held;
        }
        return held;
    }

    private Geometry geometry(Shape q, Shape k, Shape v, @Nullable Shape mask) {
        Shape y = outputShape(q, k, v);
        ScaledDotProduct loops = new ScaledDotProduct(
                q.dim(0),
                heads,
                keyHeads,
                q.dim(1),
                k.dim(1),
                q.dim(2) / heads,
                v.dim(2) / keyHeads,
                causal,
                scale,
                mask == null ? new int[3] : maskSteps(mask, q, k.dim(1)));
        return new Geometry(q, k, v, mask, y, statisticsShape(q), loops);
    }

    /** Steps of a mask from sequence to sequence, head to head and query to query; 0 where it is repeated. */
    private int[] maskSteps(Shape mask, Shape q, int keys) {
        int[] full = {q.dim(0), heads, q.dim(1)};
        int[] steps = new int[3];
        int rank = mask.rank();
        boolean fits = rank >= 1 && rank <= 4 && mask.dim(-1) >= keys;
        int step = fits ? mask.dim(-1) : 0;
        for (int axis = 2; axis >= 0 && axis >= 4 - rank && fits; axis--) {
            int size = mask.dim(axis - 4 + rank);
            fits = size == 1 || size == full[axis];
            steps[axis] = size == 1 ? 0 : step;
            step *= size;
        }
        if (!fits) {
            String expected = "[" + full[0] + " x " + full[1] + " x " + full[2] + " x " + keys + "]";
            throw new ShapeException(
                    this + ": expected a mask " + expected + ", or one that lacks leading axes of it or has size 1"
                            + " there, got " + mask,
                    expected,
                    mask);
        }
        return steps;
    }

    /** Such as {@code Attention of 8 heads}, and what differs from the usual. */
    @Override
    public String toString() {
        return "Attention of " + heads + (heads == 1 ? " head" : " heads")
                + (keyHeads == heads ? "" : ", " + keyHeads + " of keys") + (causal ? ", causal" : "");
    }
}
