package nn.tensor.internal;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Squares of 16 by 16, transposed in registers, for vectors as long. Written by {@code TileWriter}, which stands
 * among the tests; not to be edited by hand.
 *
 * <p>Four times, rows whose numbers differ in one bit exchange the halves of their elements whose numbers differ
 * in it: 64 shuffles for 256 elements. {@link VectorTranspose} says what they are good for.
 */
final class VectorSquares {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    /** Rows and columns of a square. */
    static final int SIZE = 16;

    private static final FloatVector EVEN1 = even(1);
    private static final FloatVector EVEN2 = even(2);
    private static final FloatVector EVEN4 = even(4);
    private static final FloatVector EVEN8 = even(8);
    private static final FloatVector ODD1 = odd(1);
    private static final FloatVector ODD2 = odd(2);
    private static final FloatVector ODD4 = odd(4);
    private static final FloatVector ODD8 = odd(8);

    private VectorSquares() {}

    /** Of each lane without the bit, what the first of two rows has there; else what the second has before it. */
    private static FloatVector even(int bit) {
        float[] from = new float[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            from[lane] = (lane & bit) == 0 ? lane : LANES + lane - bit;
        }
        return FloatVector.fromArray(SPECIES, from, 0);
    }

    /** Of each lane with the bit, what the second of two rows has there; else what the first has behind it. */
    private static FloatVector odd(int bit) {
        float[] from = new float[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            from[lane] = (lane & bit) == 0 ? lane + bit : LANES + lane;
        }
        return FloatVector.fromArray(SPECIES, from, 0);
    }

    /** y = x' for so many rows, a multiple of 16, of 16 columns. */
    static void transpose(int rows, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        for (int i = 0; i < rows; i += SIZE) {
            int from = xo + i * xs;
            int to = yo + i;
            FloatVector r0 = FloatVector.fromArray(SPECIES, x, from);
            FloatVector r1 = FloatVector.fromArray(SPECIES, x, from + xs);
            FloatVector r2 = FloatVector.fromArray(SPECIES, x, from + 2 * xs);
            FloatVector r3 = FloatVector.fromArray(SPECIES, x, from + 3 * xs);
            FloatVector r4 = FloatVector.fromArray(SPECIES, x, from + 4 * xs);
            FloatVector r5 = FloatVector.fromArray(SPECIES, x, from + 5 * xs);
            FloatVector r6 = FloatVector.fromArray(SPECIES, x, from + 6 * xs);
            FloatVector r7 = FloatVector.fromArray(SPECIES, x, from + 7 * xs);
            FloatVector r8 = FloatVector.fromArray(SPECIES, x, from + 8 * xs);
            FloatVector r9 = FloatVector.fromArray(SPECIES, x, from + 9 * xs);
            FloatVector r10 = FloatVector.fromArray(SPECIES, x, from + 10 * xs);
            FloatVector r11 = FloatVector.fromArray(SPECIES, x, from + 11 * xs);
            FloatVector r12 = FloatVector.fromArray(SPECIES, x, from + 12 * xs);
            FloatVector r13 = FloatVector.fromArray(SPECIES, x, from + 13 * xs);
            FloatVector r14 = FloatVector.fromArray(SPECIES, x, from + 14 * xs);
            FloatVector r15 = FloatVector.fromArray(SPECIES, x, from + 15 * xs);
            FloatVector r;
            r = EVEN1.selectFrom(r0, r1);
            r1 = ODD1.selectFrom(r0, r1);
            r0 = r;
            r = EVEN1.selectFrom(r2, r3);
            r3 = ODD1.selectFrom(r2, r3);
            r2 = r;
            r = EVEN1.selectFrom(r4, r5);
            r5 = ODD1.selectFrom(r4, r5);
            r4 = r;
            r = EVEN1.selectFrom(r6, r7);
            r7 = ODD1.selectFrom(r6, r7);
            r6 = r;
            r = EVEN1.selectFrom(r8, r9);
            r9 = ODD1.selectFrom(r8, r9);
            r8 = r;
            r = EVEN1.selectFrom(r10, r11);
            r11 = ODD1.selectFrom(r10, r11);
            r10 = r;
            r = EVEN1.selectFrom(r12, r13);
            r13 = ODD1.selectFrom(r12, r13);
            r12 = r;
            r = EVEN1.selectFrom(r14, r15);
            r15 = ODD1.selectFrom(r14, r15);
            r14 = r;
            r = EVEN2.selectFrom(r0, r2);
            r2 = ODD2.selectFrom(r0, r2);
            r0 = r;
            r = EVEN2.selectFrom(r1, r3);
            r3 = ODD2.selectFrom(r1, r3);
            r1 = r;
            r = EVEN2.selectFrom(r4, r6);
            r6 = ODD2.selectFrom(r4, r6);
            r4 = r;
            r = EVEN2.selectFrom(r5, r7);
            r7 = ODD2.selectFrom(r5, r7);
            r5 = r;
            r = EVEN2.selectFrom(r8, r10);
            r10 = ODD2.selectFrom(r8, r10);
            r8 = r;
            r = EVEN2.selectFrom(r9, r11);
            r11 = ODD2.selectFrom(r9, r11);
            r9 = r;
            r = EVEN2.selectFrom(r12, r14);
            r14 = ODD2.selectFrom(r12, r14);
            r12 = r;
            r = EVEN2.selectFrom(r13, r15);
            r15 = ODD2.selectFrom(r13, r15);
            r13 = r;
            r = EVEN4.selectFrom(r0, r4);
            r4 = ODD4.selectFrom(r0, r4);
            r0 = r;
            r = EVEN4.selectFrom(r1, r5);
            r5 = ODD4.selectFrom(r1, r5);
            r1 = r;
            r = EVEN4.selectFrom(r2, r6);
            r6 = ODD4.selectFrom(r2, r6);
            r2 = r;
            r = EVEN4.selectFrom(r3, r7);
            r7 = ODD4.selectFrom(r3, r7);
            r3 = r;
            r = EVEN4.selectFrom(r8, r12);
            r12 = ODD4.selectFrom(r8, r12);
            r8 = r;
            r = EVEN4.selectFrom(r9, r13);
            r13 = ODD4.selectFrom(r9, r13);
            r9 = r;
            r = EVEN4.selectFrom(r10, r14);
            r14 = ODD4.selectFrom(r10, r14);
            r10 = r;
            r = EVEN4.selectFrom(r11, r15);
            r15 = ODD4.selectFrom(r11, r15);
            r11 = r;
            r = EVEN8.selectFrom(r0, r8);
            r8 = ODD8.selectFrom(r0, r8);
            r0 = r;
            r = EVEN8.selectFrom(r1, r9);
            r9 = ODD8.selectFrom(r1, r9);
            r1 = r;
            r = EVEN8.selectFrom(r2, r10);
            r10 = ODD8.selectFrom(r2, r10);
            r2 = r;
            r = EVEN8.selectFrom(r3, r11);
            r11 = ODD8.selectFrom(r3, r11);
            r3 = r;
            r = EVEN8.selectFrom(r4, r12);
            r12 = ODD8.selectFrom(r4, r12);
            r4 = r;
            r = EVEN8.selectFrom(r5, r13);
            r13 = ODD8.selectFrom(r5, r13);
            r5 = r;
            r = EVEN8.selectFrom(r6, r14);
            r14 = ODD8.selectFrom(r6, r14);
            r6 = r;
            r = EVEN8.selectFrom(r7, r15);
            r15 = ODD8.selectFrom(r7, r15);
            r7 = r;
            r0.intoArray(y, to);
            r1.intoArray(y, to + ys);
            r2.intoArray(y, to + 2 * ys);
            r3.intoArray(y, to + 3 * ys);
            r4.intoArray(y, to + 4 * ys);
            r5.intoArray(y, to + 5 * ys);
            r6.intoArray(y, to + 6 * ys);
            r7.intoArray(y, to + 7 * ys);
            r8.intoArray(y, to + 8 * ys);
            r9.intoArray(y, to + 9 * ys);
            r10.intoArray(y, to + 10 * ys);
            r11.intoArray(y, to + 11 * ys);
            r12.intoArray(y, to + 12 * ys);
            r13.intoArray(y, to + 13 * ys);
            r14.intoArray(y, to + 14 * ys);
            r15.intoArray(y, to + 15 * ys);
        }
    }

    /** 16 columns of 1 of C += A B', over k inner steps, a multiple of 16. */
    static void dots1(
            int k, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs, float[] c, int co, int cs) {
        if (k == 0) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, c, co);
        for (int p = 0; p < k; p += SIZE) {
            int at = ao + p * aps;
            int from = bo + p;
            FloatVector r0 = FloatVector.fromArray(SPECIES, b, from);
            FloatVector r1 = FloatVector.fromArray(SPECIES, b, from + bs);
            FloatVector r2 = FloatVector.fromArray(SPECIES, b, from + 2 * bs);
            FloatVector r3 = FloatVector.fromArray(SPECIES, b, from + 3 * bs);
            FloatVector r4 = FloatVector.fromArray(SPECIES, b, from + 4 * bs);
            FloatVector r5 = FloatVector.fromArray(SPECIES, b, from + 5 * bs);
            FloatVector r6 = FloatVector.fromArray(SPECIES, b, from + 6 * bs);
            FloatVector r7 = FloatVector.fromArray(SPECIES, b, from + 7 * bs);
            FloatVector r8 = FloatVector.fromArray(SPECIES, b, from + 8 * bs);
            FloatVector r9 = FloatVector.fromArray(SPECIES, b, from + 9 * bs);
            FloatVector r10 = FloatVector.fromArray(SPECIES, b, from + 10 * bs);
            FloatVector r11 = FloatVector.fromArray(SPECIES, b, from + 11 * bs);
            FloatVector r12 = FloatVector.fromArray(SPECIES, b, from + 12 * bs);
            FloatVector r13 = FloatVector.fromArray(SPECIES, b, from + 13 * bs);
            FloatVector r14 = FloatVector.fromArray(SPECIES, b, from + 14 * bs);
            FloatVector r15 = FloatVector.fromArray(SPECIES, b, from + 15 * bs);
            FloatVector r;
            r = EVEN1.selectFrom(r0, r1);
            r1 = ODD1.selectFrom(r0, r1);
            r0 = r;
            r = EVEN1.selectFrom(r2, r3);
            r3 = ODD1.selectFrom(r2, r3);
            r2 = r;
            r = EVEN1.selectFrom(r4, r5);
            r5 = ODD1.selectFrom(r4, r5);
            r4 = r;
            r = EVEN1.selectFrom(r6, r7);
            r7 = ODD1.selectFrom(r6, r7);
            r6 = r;
            r = EVEN1.selectFrom(r8, r9);
            r9 = ODD1.selectFrom(r8, r9);
            r8 = r;
            r = EVEN1.selectFrom(r10, r11);
            r11 = ODD1.selectFrom(r10, r11);
            r10 = r;
            r = EVEN1.selectFrom(r12, r13);
            r13 = ODD1.selectFrom(r12, r13);
            r12 = r;
            r = EVEN1.selectFrom(r14, r15);
            r15 = ODD1.selectFrom(r14, r15);
            r14 = r;
            r = EVEN2.selectFrom(r0, r2);
            r2 = ODD2.selectFrom(r0, r2);
            r0 = r;
            r = EVEN2.selectFrom(r1, r3);
            r3 = ODD2.selectFrom(r1, r3);
            r1 = r;
            r = EVEN2.selectFrom(r4, r6);
            r6 = ODD2.selectFrom(r4, r6);
            r4 = r;
            r = EVEN2.selectFrom(r5, r7);
            r7 = ODD2.selectFrom(r5, r7);
            r5 = r;
            r = EVEN2.selectFrom(r8, r10);
            r10 = ODD2.selectFrom(r8, r10);
            r8 = r;
            r = EVEN2.selectFrom(r9, r11);
            r11 = ODD2.selectFrom(r9, r11);
            r9 = r;
            r = EVEN2.selectFrom(r12, r14);
            r14 = ODD2.selectFrom(r12, r14);
            r12 = r;
            r = EVEN2.selectFrom(r13, r15);
            r15 = ODD2.selectFrom(r13, r15);
            r13 = r;
            r = EVEN4.selectFrom(r0, r4);
            r4 = ODD4.selectFrom(r0, r4);
            r0 = r;
            r = EVEN4.selectFrom(r1, r5);
            r5 = ODD4.selectFrom(r1, r5);
            r1 = r;
            r = EVEN4.selectFrom(r2, r6);
            r6 = ODD4.selectFrom(r2, r6);
            r2 = r;
            r = EVEN4.selectFrom(r3, r7);
            r7 = ODD4.selectFrom(r3, r7);
            r3 = r;
            r = EVEN4.selectFrom(r8, r12);
            r12 = ODD4.selectFrom(r8, r12);
            r8 = r;
            r = EVEN4.selectFrom(r9, r13);
            r13 = ODD4.selectFrom(r9, r13);
            r9 = r;
            r = EVEN4.selectFrom(r10, r14);
            r14 = ODD4.selectFrom(r10, r14);
            r10 = r;
            r = EVEN4.selectFrom(r11, r15);
            r15 = ODD4.selectFrom(r11, r15);
            r11 = r;
            r = EVEN8.selectFrom(r0, r8);
            r8 = ODD8.selectFrom(r0, r8);
            r0 = r;
            r = EVEN8.selectFrom(r1, r9);
            r9 = ODD8.selectFrom(r1, r9);
            r1 = r;
            r = EVEN8.selectFrom(r2, r10);
            r10 = ODD8.selectFrom(r2, r10);
            r2 = r;
            r = EVEN8.selectFrom(r3, r11);
            r11 = ODD8.selectFrom(r3, r11);
            r3 = r;
            r = EVEN8.selectFrom(r4, r12);
            r12 = ODD8.selectFrom(r4, r12);
            r4 = r;
            r = EVEN8.selectFrom(r5, r13);
            r13 = ODD8.selectFrom(r5, r13);
            r5 = r;
            r = EVEN8.selectFrom(r6, r14);
            r14 = ODD8.selectFrom(r6, r14);
            r6 = r;
            r = EVEN8.selectFrom(r7, r15);
            r15 = ODD8.selectFrom(r7, r15);
            r7 = r;
            c0 = FloatVector.broadcast(SPECIES, a[at]).fma(r0, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + aps]).fma(r1, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 2 * aps]).fma(r2, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 3 * aps]).fma(r3, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 4 * aps]).fma(r4, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 5 * aps]).fma(r5, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 6 * aps]).fma(r6, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 7 * aps]).fma(r7, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 8 * aps]).fma(r8, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 9 * aps]).fma(r9, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 10 * aps]).fma(r10, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 11 * aps]).fma(r11, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 12 * aps]).fma(r12, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 13 * aps]).fma(r13, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 14 * aps]).fma(r14, c0);
            c0 = FloatVector.broadcast(SPECIES, a[at + 15 * aps]).fma(r15, c0);
        }
        c0.intoArray(c, co);
    }

    /** 16 columns of 2 of C += A B', over k inner steps, a multiple of 16. */
    static void dots2(
            int k, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs, float[] c, int co, int cs) {
        if (k == 0) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, c, co);
        FloatVector c1 = FloatVector.fromArray(SPECIES, c, co + cs);
        for (int p = 0; p < k; p += SIZE) {
            int at = ao + p * aps;
            int from = bo + p;
            FloatVector r0 = FloatVector.fromArray(SPECIES, b, from);
            FloatVector r1 = FloatVector.fromArray(SPECIES, b, from + bs);
            FloatVector r2 = FloatVector.fromArray(SPECIES, b, from + 2 * bs);
            FloatVector r3 = FloatVector.fromArray(SPECIES, b, from + 3 * bs);
            FloatVector r4 = FloatVector.fromArray(SPECIES, b, from + 4 * bs);
            FloatVector r5 = FloatVector.fromArray(SPECIES, b, from + 5 * bs);
            FloatVector r6 = FloatVector.fromArray(SPECIES, b, from + 6 * bs);
            FloatVector r7 = FloatVector.fromArray(SPECIES, b, from + 7 * bs);
            FloatVector r8 = FloatVector.fromArray(SPECIES, b, from + 8 * bs);
            FloatVector r9 = FloatVector.fromArray(SPECIES, b, from + 9 * bs);
            FloatVector r10 = FloatVector.fromArray(SPECIES, b, from + 10 * bs);
            FloatVector r11 = FloatVector.fromArray(SPECIES, b, from + 11 * bs);
            FloatVector r12 = FloatVector.fromArray(SPECIES, b, from + 12 * bs);
            FloatVector r13 = FloatVector.fromArray(SPECIES, b, from + 13 * bs);
            FloatVector r14 = FloatVector.fromArray(SPECIES, b, from + 14 * bs);
            FloatVector r15 = FloatVector.fromArray(SPECIES, b, from + 15 * bs);
            FloatVector r;
            r = EVEN1.selectFrom(r0, r1);
            r1 = ODD1.selectFrom(r0, r1);
            r0 = r;
            r = EVEN1.selectFrom(r2, r3);
            r3 = ODD1.selectFrom(r2, r3);
            r2 = r;
            r = EVEN1.selectFrom(r4, r5);
            r5 = ODD1.selectFrom(r4, r5);
            r4 = r;
            r = EVEN1.selectFrom(r6, r7);
            r7 = ODD1.selectFrom(r6, r7);
            r6 = r;
            r = EVEN1.selectFrom(r8, r9);
            r9 = ODD1.selectFrom(r8, r9);
            r8 = r;
            r = EVEN1.selectFrom(r10, r11);
            r11 = ODD1.selectFrom(r10, r11);
            r10 = r;
            r = EVEN1.selectFrom(r12, r13);
            r13 = ODD1.selectFrom(r12, r13);
            r12 = r;
            r = EVEN1.selectFrom(r14, r15);
            r15 = ODD1.selectFrom(r14, r15);
            r14 = r;
            r = EVEN2.selectFrom(r0, r2);
            r2 = ODD2.selectFrom(r0, r2);
            r0 = r;
            r = EVEN2.selectFrom(r1, r3);
            r3 = ODD2.selectFrom(r1, r3);
            r1 = r;
            r = EVEN2.selectFrom(r4, r6);
            r6 = ODD2.selectFrom(r4, r6);
            r4 = r;
            r = EVEN2.selectFrom(r5, r7);
            r7 = ODD2.selectFrom(r5, r7);
            r5 = r;
            r = EVEN2.selectFrom(r8, r10);
            r10 = ODD2.selectFrom(r8, r10);
            r8 = r;
            r = EVEN2.selectFrom(r9, r11);
            r11 = ODD2.selectFrom(r9, r11);
            r9 = r;
            r = EVEN2.selectFrom(r12, r14);
            r14 = ODD2.selectFrom(r12, r14);
            r12 = r;
            r = EVEN2.selectFrom(r13, r15);
            r15 = ODD2.selectFrom(r13, r15);
            r13 = r;
            r = EVEN4.selectFrom(r0, r4);
            r4 = ODD4.selectFrom(r0, r4);
            r0 = r;
            r = EVEN4.selectFrom(r1, r5);
            r5 = ODD4.selectFrom(r1, r5);
            r1 = r;
            r = EVEN4.selectFrom(r2, r6);
            r6 = ODD4.selectFrom(r2, r6);
            r2 = r;
            r = EVEN4.selectFrom(r3, r7);
            r7 = ODD4.selectFrom(r3, r7);
            r3 = r;
            r = EVEN4.selectFrom(r8, r12);
            r12 = ODD4.selectFrom(r8, r12);
            r8 = r;
            r = EVEN4.selectFrom(r9, r13);
            r13 = ODD4.selectFrom(r9, r13);
            r9 = r;
            r = EVEN4.selectFrom(r10, r14);
            r14 = ODD4.selectFrom(r10, r14);
            r10 = r;
            r = EVEN4.selectFrom(r11, r15);
            r15 = ODD4.selectFrom(r11, r15);
            r11 = r;
            r = EVEN8.selectFrom(r0, r8);
            r8 = ODD8.selectFrom(r0, r8);
            r0 = r;
            r = EVEN8.selectFrom(r1, r9);
            r9 = ODD8.selectFrom(r1, r9);
            r1 = r;
            r = EVEN8.selectFrom(r2, r10);
            r10 = ODD8.selectFrom(r2, r10);
            r2 = r;
            r = EVEN8.selectFrom(r3, r11);
            r11 = ODD8.selectFrom(r3, r11);
            r3 = r;
            r = EVEN8.selectFrom(r4, r12);
            r12 = ODD8.selectFrom(r4, r12);
            r4 = r;
            r = EVEN8.selectFrom(r5, r13);
            r13 = ODD8.selectFrom(r5, r13);
            r5 = r;
            r = EVEN8.selectFrom(r6, r14);
            r14 = ODD8.selectFrom(r6, r14);
            r6 = r;
            r = EVEN8.selectFrom(r7, r15);
            r15 = ODD8.selectFrom(r7, r15);
            r7 = r;
            c0 = FloatVector.broadcast(SPECIES, a[at]).fma(r0, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + ars]).fma(r0, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + aps]).fma(r1, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + aps + ars]).fma(r1, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 2 * aps]).fma(r2, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 2 * aps + ars]).fma(r2, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 3 * aps]).fma(r3, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 3 * aps + ars]).fma(r3, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 4 * aps]).fma(r4, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 4 * aps + ars]).fma(r4, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 5 * aps]).fma(r5, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 5 * aps + ars]).fma(r5, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 6 * aps]).fma(r6, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 6 * aps + ars]).fma(r6, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 7 * aps]).fma(r7, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 7 * aps + ars]).fma(r7, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 8 * aps]).fma(r8, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 8 * aps + ars]).fma(r8, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 9 * aps]).fma(r9, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 9 * aps + ars]).fma(r9, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 10 * aps]).fma(r10, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 10 * aps + ars]).fma(r10, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 11 * aps]).fma(r11, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 11 * aps + ars]).fma(r11, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 12 * aps]).fma(r12, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 12 * aps + ars]).fma(r12, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 13 * aps]).fma(r13, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 13 * aps + ars]).fma(r13, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 14 * aps]).fma(r14, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 14 * aps + ars]).fma(r14, c1);
            c0 = FloatVector.broadcast(SPECIES, a[at + 15 * aps]).fma(r15, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + 15 * aps + ars]).fma(r15, c1);
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + cs);
    }
}
