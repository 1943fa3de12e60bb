package nn.tensor;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionHeadsTest {
    private static final float HIDDEN = Float.NEGATIVE_INFINITY;

    private static Tensor normal(String name, int... dims) {
        Tensor t = Tensor.zeros(dims);
        Key.of(71).child(name).normal(t, 0, 1);
        return t;
    }

    /** An attention with everything that it reads and writes. */
    private record Case(
            int batch,
            int heads,
            int keyHeads,
            int queries,
            int keys,
            int size,
            int valueSize,
            boolean causal,
            int @Nullable [] lengths,
            int @Nullable [] mask) {
        AttentionHeads attention() {
            return AttentionHeads.of(heads, keyHeads, causal, 0.7);
        }

        Tensor q() {
            return normal("q", batch, queries, heads * size);
        }

        Tensor k() {
            return normal("k", batch, keys, keyHeads * size);
        }

        Tensor v() {
            return normal("v", batch, keys, keyHeads * valueSize);
        }

        Tensor dy() {
            return normal("dy", batch, queries, heads * valueSize);
        }

        @Nullable
        Tensor added() {
            if (mask == null) {
                return null;
            }
            Tensor added = normal("mask", mask);
            for (int i = 3; i < added.size(); i += 5) {
                added.array()[i] = HIDDEN; // never a whole row, nor its first element
            }
            for (int i = 0; i < added.size(); i += added.dim(-1)) {
                added.array()[i] = 0.5f;
            }
            return added;
        }

        boolean sees(int b, int i, int j) {
            return (!causal || j <= keys - queries + i) && (lengths == null || j < lengths[b]);
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(2, 3, 3, 5, 5, 4, 4, false, null, null),
                new Case(1, 1, 1, 1, 1, 1, 1, true, null, null),
                new Case(2, 4, 2, 7, 7, 3, 5, true, null, null),
                new Case(2, 2, 1, 3, 9, 8, 8, true, new int[] {7, 9}, null),
                new Case(3, 2, 2, 4, 17, 5, 3, false, new int[] {1, 17, 9}, new int[] {4, 17}),
                new Case(2, 2, 2, 6, 6, 4, 4, true, null, new int[] {2, 1, 6, 6}),
                new Case(2, 3, 1, 6, 6, 4, 4, false, null, new int[] {3, 1, 6}),
                new Case(1, 2, 2, 67, 67, 16, 16, true, null, new int[] {67, 70}),
                new Case(2, 2, 2, 130, 257, 9, 33, true, new int[] {200, 257}, null),
                new Case(1, 1, 1, 129, 129, 32, 32, false, null, null));
    }

    /** What attention computes, in double and element by element: y and the gradients at q, k, v and mask. */
    private static double[][] truth(Case c) {
        Tensor q = c.q();
        Tensor k = c.k();
        Tensor v = c.v();
        Tensor dy = c.dy();
        Tensor mask = c.added();
        double scale = 0.7f;
        double[] y = new double[dy.size()];
        double[] dq = new double[q.size()];
        double[] dk = new double[k.size()];
        double[] dv = new double[v.size()];
        double[] dMask = new double[mask == null ? 0 : mask.size()];
        int group = c.heads / c.keyHeads;
        for (int b = 0; b < c.batch; b++) {
            for (int h = 0; h < c.heads; h++) {
                for (int i = 0; i < c.queries; i++) {
                    int qAt = ((b * c.queries + i) * c.heads + h) * c.size;
                    int yAt = ((b * c.queries + i) * c.heads + h) * c.valueSize;
                    double[] p = new double[c.keys];
                    double sum = 0;
                    for (int j = 0; j < c.keys; j++) {
                        double score = c.sees(b, i, j) ? 0 : HIDDEN;
                        for (int f = 0; f < c.size; f++) {
                            score += scale
                                    * q.array()[qAt + f]
                                    * k.array()[((b * c.keys + j) * c.keyHeads + h / group) * c.size + f];
                        }
                        score += mask == null ? 0 : mask.array()[maskAt(mask, b, h, i, j)];
                        p[j] = Math.exp(score);
                        sum += p[j];
                    }
                    double dot = 0;
                    double[] dp = new double[c.keys];
                    for (int j = 0; j < c.keys; j++) {
                        p[j] /= sum;
                        int vAt = ((b * c.keys + j) * c.keyHeads + h / group) * c.valueSize;
                        for (int f = 0; f < c.valueSize; f++) {
                            y[yAt + f] += p[j] * v.array()[vAt + f];
                            dp[j] += (double) dy.array()[yAt + f] * v.array()[vAt + f];
                            dv[vAt + f] += p[j] * dy.array()[yAt + f];
                        }
                        dot += p[j] * dp[j];
                    }
                    for (int j = 0; j < c.keys; j++) {
                        double ds = p[j] * (dp[j] - dot);
                        int kAt = ((b * c.keys + j) * c.keyHeads + h / group) * c.size;
                        for (int f = 0; f < c.size; f++) {
                            dq[qAt + f] += scale * ds * k.array()[kAt + f];
                            dk[kAt + f] += scale * ds * q.array()[qAt + f];
                        }
                        if (mask != null) {
                            dMask[maskAt(mask, b, h, i, j)] += ds;
                        }
                    }
                }
            }
        }
        return new double[][] {y, dq, dk, dv, dMask};
    }

    private static int maskAt(Tensor mask, int b, int h, int i, int j) {
        int[] place = {b, h, i, j};
        int at = 0;
        for (int axis = 0; axis < mask.shape().rank(); axis++) {
            int size = mask.dim(axis);
            at = at * size + (size == 1 ? 0 : place[4 - mask.shape().rank() + axis]);
        }
        return at;
    }

    private static void assertClose(String name, Tensor actual, double[] truth) {
        double largest = Arrays.stream(truth).map(Math::abs).max().orElse(0);
        for (int i = 0; i < truth.length; i++) {
            // A handful of roundings of the terms, each at most a few times as large as the result.
            assertThat((double) actual.array()[actual.offset() + i])
                    .as("%s[%d]", name, i)
                    .isCloseTo(truth[i], org.assertj.core.data.Offset.offset(0x1p-19 * Math.max(largest, 1)));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputAndGradientsAreThoseOfTheFormula(Case c) {
        AttentionHeads attention = c.attention();
        Tensor q = c.q();
        Tensor k = c.k();
        Tensor v = c.v();
        Tensor mask = c.added();
        Tensor y = Tensor.full(
                9, attention.outputShape(q.shape(), k.shape(), v.shape()).dims());
        Tensor statistics = Tensor.zeros(attention.statisticsShape(q.shape()));
        attention.attendInto(q, k, v, mask, c.lengths, statistics, y);
        Tensor dq = Tensor.full(9, q.shape().dims());
        Tensor dk = Tensor.full(9, k.shape().dims());
        Tensor dv = Tensor.full(9, v.shape().dims());
        attention.attendGradInto(q, k, v, mask, c.lengths, statistics, y, c.dy(), dq, dk, dv);
        double[][] truth = truth(c);
        assertClose("y", y, truth[0]);
        assertClose("dq", dq, truth[1]);
        assertClose("dk", dk, truth[2]);
        assertClose("dv", dv, truth[3]);
        if (mask != null) {
            Tensor dMask = Tensor.full(1, mask.shape().dims());
            attention.addMaskGrad(q, k, v, mask, c.lengths, statistics, y, c.dy(), dMask);
            assertClose("dMask", dMask, Arrays.stream(truth[4]).map(d -> d + 1).toArray());
        }
    }

    private static Tensor attend(AttentionHeads attention, Tensor q, Tensor k, Tensor v) {
        Tensor y = Tensor.zeros(attention.outputShape(q.shape(), k.shape(), v.shape()));
        attention.attendInto(q, k, v, null, null, Tensor.zeros(attention.statisticsShape(q.shape())), y);
        return y;
    }

    /** Over more positions than a block has queries, a group of the softmax's sum has terms, and a vector has lanes. */
    @Test
    void aQueryGetsTheSameBitsAloneAsWithAllOthers() {
        AttentionHeads attention = AttentionHeads.of(2, 1, true, 1);
        int time = 150;
        Tensor q = normal("q", 1, time, 10);
        Tensor k = normal("k", 1, time, 5);
        Tensor v = normal("v", 1, time, 7);
        v.scaleInPlace(0x1p-126f); // sums of both signs of zero among them
        Tensor whole = attend(attention, q, k, v).reshape(time, 14);
        for (int t = 0; t < time; t++) {
            Tensor alone = attend(
                    attention,
                    q.reshape(time, 10).rows(t, t + 1).reshape(1, 1, 10),
                    k.reshape(time, 5).rows(0, t + 1).reshape(1, t + 1, 5),
                    v.reshape(time, 7).rows(0, t + 1).reshape(1, t + 1, 7));
            assertThat(alone.reshape(14)).isBitEqualTo(whole.row(t));
        }
    }

    @Test
    void aSequenceGetsTheSameBitsAloneAsPaddedInABatch() {
        AttentionHeads attention = AttentionHeads.of(2, 2, false, 1);
        Tensor q = normal("q", 2, 9, 8);
        Tensor k = normal("k", 2, 9, 8);
        Tensor v = normal("v", 2, 9, 8);
        Tensor y = Tensor.zeros(2, 9, 8);
        attention.attendInto(q, k, v, null, new int[] {9, 5}, Tensor.zeros(2, 2, 2, 9), y);
        Tensor alone = attend(
                attention,
                q.row(1).rows(0, 5).reshape(1, 5, 8),
                k.row(1).rows(0, 5).reshape(1, 5, 8),
                v.row(1).rows(0, 5).reshape(1, 5, 8));
        assertThat(alone.reshape(5, 8)).isBitEqualTo(y.row(1).rows(0, 5));
    }

    @Test
    void keysThatAreHiddenGetNoGradient() {
        AttentionHeads attention = AttentionHeads.of(1, 1, true, 1);
        Tensor q = normal("q", 1, 4, 3);
        Tensor y = Tensor.zeros(1, 4, 3);
        Tensor statistics = Tensor.zeros(2, 1, 1, 4);
        attention.attendInto(q, q.copy(), q.copy(), null, new int[] {2}, statistics, y);
        Tensor dk = Tensor.full(1, 1, 4, 3);
        Tensor dv = Tensor.full(1, 1, 4, 3);
        attention.attendGradInto(
                q, q.copy(), q.copy(), null, new int[] {2}, statistics, y, normal("dy", 1, 4, 3), q.copy(), dk, dv);
        assertThat(dk.row(0).rows(2, 4)).isBitEqualTo(Tensor.zeros(2, 3));
        assertThat(dv.row(0).rows(2, 4)).isBitEqualTo(Tensor.zeros(2, 3));
        assertThat(dv.row(0).rows(0, 2).isBelow(1e-3f)).isFalse();
    }

    @Test
    void scoresFarApartStayFinite() {
        AttentionHeads attention = AttentionHeads.of(1, 1, false, 1e4);
        Tensor q = normal("q", 1, 3, 4);
        Tensor y = attend(attention, q, q.copy(), q.copy());
        assertThat(y.reshape(3, 4)).isBitEqualTo(q.reshape(3, 4)); // each finds itself: its square is the largest
    }

    @Test
    void aMaskThatHidesEveryKeyIsRefused() {
        Tensor q = normal("q", 1, 3, 4);
        Tensor mask = Tensor.zeros(3, 3);
        mask.row(1).fill(HIDDEN);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AttentionHeads.of(2, 2, false, 1)
                        .attendInto(q, q.copy(), q.copy(), mask, null, Tensor.zeros(2, 1, 2, 3), Tensor.zeros(1, 3, 4)))
                .withMessageContaining("hides every key from query 1 of sequence 0 (head 0)")
                .withMessageContaining("leave at least one key visible");
    }

    @Test
    void notANumberIsHandedOn() {
        Tensor q = normal("q", 1, 2, 2);
        Tensor k = q.copy();
        k.row(0).row(1).fill(Float.NaN);
        Tensor y = attend(AttentionHeads.of(1, 1, true, 1), q, k, q.copy());
        assertThat(y.get(0, 1, 0)).isNaN();
    }

    @Test
    void shapesThatDoNotFitAreRefused() {
        AttentionHeads attention = AttentionHeads.of(4, 2, true, 1);
        refuses(attention, Shape.of(2, 3, 10), Shape.of(2, 3, 4), "queries [batch x queries x 4 heads * size]");
        refuses(attention, Shape.of(2, 3, 8), Shape.of(2, 3, 8), "expected keys [2 x 3 x 4] for queries [2 x 3 x 8]");
        refuses(attention, Shape.of(2, 3, 8), Shape.of(2, 2, 4), "3 causal queries need at least as many keys");
        refuses(attention, Shape.of(2, 0, 8), Shape.of(3, 0, 4), "expected keys [2 x 0 x 4]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> attention.outputShape(Shape.of(1, 2, 8), Shape.of(1, 3, 4), Shape.of(1, 2, 4)))
                .withMessageContaining("expected values [1 x 3 x 4] for keys [1 x 3 x 4], got [1 x 2 x 4]");
        assertThat(attention.outputShape(Shape.of(-1, -1, 8), Shape.of(-1, -1, 4), Shape.of(-1, -1, 6)))
                .isEqualTo(Shape.of(-1, -1, 12));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AttentionHeads.of(4, 3, false, 1))
                .withMessageContaining("give a divisor of 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AttentionHeads.of(4, 4, false, Double.NaN))
                .withMessageContaining("scale is NaN");
        Tensor q = Tensor.zeros(2, 3, 8);
        Tensor k = Tensor.zeros(2, 3, 4);
        for (int[] lengths : new int[][] {{3}, {0, 3}, {3, 4}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> attention.attendInto(
                            q, k, k, null, lengths, Tensor.zeros(2, 2, 4, 3), Tensor.zeros(2, 3, 8)))
                    .withMessageContaining("length");
        }
        for (int[] mask : new int[][] {{3, 2}, {2, 3}, {4, 3, 3, 3}, {1, 2, 4, 3, 3}}) {
            assertThatExceptionOfType(ShapeException.class)
                    .isThrownBy(() -> attention.attendInto(
                            q, k, k, Tensor.zeros(mask), null, Tensor.zeros(2, 2, 4, 3), Tensor.zeros(2, 3, 8)))
                    .withMessageContaining("expected a mask [2 x 4 x 3 x 3]");
        }
    }

    private static void refuses(AttentionHeads attention, Shape q, Shape k, String message) {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> attention.outputShape(q, k, k))
                .withMessageContaining(message);
    }

    /** Every tensor that is written, in the place of every other one. */
    @Test
    void aDestinationThatSharesMemoryIsRefused() {
        AttentionHeads attention = AttentionHeads.of(1, 1, false, 1);
        int[][] forward = {{1, 2, 2}, {1, 2, 2}, {1, 2, 2}, {2, 2}, {2, 1, 1, 2}, {1, 2, 2}};
        overlaps(forward, 4, t -> attention.attendInto(t[0], t[1], t[2], t[3], null, t[4], t[5]));
        int[][] backward = {
            {1, 2, 2}, {1, 2, 2}, {1, 2, 2}, {2, 2}, {2, 1, 1, 2}, {1, 2, 2}, {1, 2, 2}, {1, 2, 2}, {1, 2, 2}, {1, 2, 2}
        };
        overlaps(
                backward,
                7,
                t -> attention.attendGradInto(t[0], t[1], t[2], t[3], null, t[4], t[5], t[6], t[7], t[8], t[9]));
        int[][] mask = {{1, 2, 2}, {1, 2, 2}, {1, 2, 2}, {2, 2}, {2, 1, 1, 2}, {1, 2, 2}, {1, 2, 2}, {2, 2}};
        overlaps(mask, 7, t -> attention.addMaskGrad(t[0], t[1], t[2], t[3], null, t[4], t[5], t[6], t[7]));
    }

    private static void overlaps(int[][] shapes, int firstWritten, Consumer<Tensor[]> call) {
        for (int written = firstWritten; written < shapes.length; written++) {
            for (int other = 0; other < shapes.length; other++) {
                Tensor[] tensors =
                        Stream.of(shapes).map(dims -> normal("t", dims)).toArray(Tensor[]::new);
                call.accept(tensors);
                if (other != written) {
                    float[] shared = new float[20];
                    tensors[written] = Tensor.wrap(shared, 1, tensors[written].shape());
                    tensors[other] = Tensor.wrap(shared, 2, tensors[other].shape());
                    assertThatIllegalArgumentException()
                            .as("%d in the place of %d", written, other)
                            .isThrownBy(() -> call.accept(tensors))
                            .withMessageContaining("shares memory with another operand; give a separate tensor");
                    assertThat(shared).containsOnly(0);
                }
            }
        }
    }
}
