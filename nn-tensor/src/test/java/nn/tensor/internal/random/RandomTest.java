package nn.tensor.internal.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RandomTest {
    interface Fill {
        void run(long hi, long lo, long first, float[] out, int off, int n);
    }

    interface At {
        float get(long hi, long lo, long i);
    }

    enum Kind {
        UNIFORM(ScalarRandom::uniform, VectorRandom::uniform, ScalarRandom::uniformAt),
        NORMAL(ScalarRandom::normal, VectorRandom::normal, ScalarRandom::normalAt);

        final Fill scalar;
        final Fill vector;
        final At at;

        Kind(Fill scalar, Fill vector, At at) {
            this.scalar = scalar;
            this.vector = vector;
            this.at = at;
        }
    }

    private static final long HI = 0x0123456789abcdefL;
    private static final long LO = 20240607L;
    private static final int N = 1 << 22;

    private static float[] fill(Kind kind, long lo) {
        float[] out = new float[N];
        kind.vector.run(HI, lo, 0, out, 0, N);
        return out;
    }

    @Test
    void threefryGivesThePublishedVectors() {
        int[] out = new int[4];
        Threefry.block(0, 0, 0, 0, 0, 0, out);
        assertThat(out).containsExactly(0x9c6ca96a, 0xe17eae66, 0xfc10ecd4, 0x5256a7d8);
        Threefry.block(-1, -1, -1, -1, -1, -1, out);
        assertThat(out).containsExactly(0x2a881696, 0x57012287, 0xf6c7446e, 0xa16a6732);
        Threefry.block(0xec4e6c89082efa98L, 0x299f31d0a4093822L, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, out);
        assertThat(out).containsExactly(0x59cd1dbb, 0xb8879579, 0x86b5d00c, 0xac8b6d84);
    }

    @Test
    void wordOfAnElementIsTheStatedWordOfTheStatedBlock() {
        int[] out = new int[4];
        for (long i : new long[] {0, 15, 16, 47, 63, 64, 1000, (1L << 34) - 1, 1L << 34, (1L << 40) + 77}) {
            long b = i / 64 * 16 + i % 16;
            Threefry.block(HI, LO, (int) b, (int) (b >>> 32), 0, 0, out);
            int word = out[(int) (i / 16 % 4)];
            assertThat(ScalarRandom.wordAt(HI, LO, i)).isEqualTo(word);
            assertThat(ScalarRandom.uniformAt(HI, LO, i)).isEqualTo(((word >> 8) + 0.5f) / (1 << 23));
        }
    }

    /** These bits are a promise for ever: if this fails, put the algorithm back. */
    @Test
    void normalBitsAreThoseOfTheFirstRelease() {
        int[] bits = new int[8];
        for (int k = 0; k < bits.length; k++) {
            bits[k] = Float.floatToRawIntBits(ScalarRandom.normalAt(HI, LO, 1L << 5 * k));
        }
        assertThat(bits)
                .containsExactly(
                        0x3ee9e2fa, 0x3e458fae, 0x402190cb, 0xbfbda040, 0xc0191988, 0x3f3649fe, 0xbf70d8b4, 0xbdd86ab6);
    }

    @ParameterizedTest
    @EnumSource
    void anySliceEqualsTheWholeInBothImplementations(Kind kind) {
        for (long base : new long[] {0, (1L << 34) - 192, 1L << 50}) {
            float[] whole = new float[512];
            kind.scalar.run(HI, LO, base, whole, 0, whole.length);
            for (int i = 0; i < whole.length; i++) {
                assertThat(kind.at.get(HI, LO, base + i)).isEqualTo(whole[i]);
            }
            for (int n = 0; n <= 257; n = n == 130 ? 255 : n + 1) {
                for (int first : new int[] {0, 1, 15, 16, 33, 63, 64, 100}) {
                    for (Fill fill : new Fill[] {kind.scalar, kind.vector}) {
                        float[] part = new float[n + 7];
                        Arrays.fill(part, 42f);
                        fill.run(HI, LO, base + first, part, 3, n);
                        assertThat(Arrays.equals(part, 3, 3 + n, whole, first, first + n))
                                .isTrue();
                        assertThat(new float[] {part[0], part[2], part[n + 3], part[n + 6]})
                                .containsOnly(42f);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void scalarAndVectorAgreeOverMillionsOfElements(Kind kind) {
        float[] scalar = new float[N];
        kind.scalar.run(HI, LO, 0, scalar, 0, N);
        assertThat(Arrays.equals(scalar, fill(kind, LO))).isTrue();
    }

    /** Moment k of n samples deviates by sqrt((m_2k - m_k^2) / n): five of them are allowed. */
    @ParameterizedTest
    @CsvSource({
        "NORMAL,1,0,1",
        "NORMAL,2,1,3",
        "NORMAL,3,0,15",
        "NORMAL,4,3,105",
        "NORMAL,6,15,10395",
        "UNIFORM,1,0,0.3333333333",
        "UNIFORM,2,0.3333333333,0.2",
        "UNIFORM,3,0,0.1428571429",
        "UNIFORM,4,0.2,0.1111111111"
    })
    void momentsAreThoseOfTheDistribution(Kind kind, int k, double moment, double momentOfSquare) {
        double sum = 0;
        for (float z : fill(kind, LO)) {
            sum += Math.pow(z, k);
        }
        assertThat(sum / N).isCloseTo(moment, within(5 * Math.sqrt((momentOfSquare - moment * moment) / N)));
    }

    /** sqrt(n) D exceeds 2.3 with probability 2 exp(-2 2.3^2) = 5e-5. */
    @ParameterizedTest
    @EnumSource
    void kolmogorovSmirnovAcceptsTheDistribution(Kind kind) {
        float[] z = fill(kind, LO);
        Arrays.sort(z);
        double worst = 0;
        for (int i = 0; i < N; i += 16) {
            double p = kind == Kind.NORMAL ? 1 - upperTail(z[i]) : (z[i] + 1) / 2;
            worst = Math.max(worst, Math.abs(p - (i + 0.5) / N));
        }
        assertThat(worst * Math.sqrt(N)).isLessThan(2.3);
    }

    @Test
    void tailsHaveTheExpectedCounts() {
        int samples = 1 << 24;
        float[] z = new float[samples];
        VectorRandom.normal(HI, LO, 0, z, 0, samples);
        for (double sigma : new double[] {3.44, 4, 4.5, 5}) {
            double expected = 2 * upperTail(sigma) * samples;
            long count = 0;
            for (float v : z) {
                if (Math.abs(v) > sigma) {
                    count++;
                }
            }
            assertThat((double) count).as("beyond %s", sigma).isCloseTo(expected, within(5 * Math.sqrt(expected) + 1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void neighboursUpToLag64AndNeighbouringKeysAreUncorrelated(Kind kind) {
        float[] z = fill(kind, LO);
        float[] other = fill(kind, LO + 1);
        double variance = kind == Kind.NORMAL ? 1 : 1 / 3.0;
        double bound = 5 * variance / Math.sqrt(N - 64);
        for (int lag = 0; lag <= 64; lag++) {
            double same = 0;
            double across = 0;
            double squares = 0; // Box-Muller partners share a radius: their squares must not show it
            for (int i = lag; i < N; i++) {
                same += z[i] * (double) z[i - lag];
                across += z[i] * (double) other[i - lag];
                squares += (z[i] * z[i] - variance) * (z[i - lag] * (double) z[i - lag] - variance);
            }
            if (lag > 0) {
                assertThat(same / (N - lag)).as("lag %s", lag).isCloseTo(0, within(bound));
                double ofSquares = kind == Kind.NORMAL ? 2 : 1 / 5.0 - 1 / 9.0;
                assertThat(squares / (N - lag))
                        .as("squares, lag %s", lag)
                        .isCloseTo(0, within(5 * ofSquares / Math.sqrt(N - 64)));
            }
            assertThat(across / (N - lag)).as("keys, lag %s", lag).isCloseTo(0, within(bound));
        }
    }

    @Test
    void normalValuesAreFiniteNonzeroAndWithinTheStatedBound() {
        float[] z = fill(Kind.NORMAL, LO);
        Arrays.sort(z);
        int distinct = 1;
        int zeros = 0;
        for (int i = 1; i < N; i++) {
            if (z[i] != z[i - 1]) {
                distinct++;
            }
            if (z[i] == 0f) {
                zeros++;
            }
        }
        assertThat(zeros).isZero();
        // 2^22 draws, floats 2^-24 apart near 1 and finer below: about 1 in 35 meets an equal one.
        assertThat(distinct).isGreaterThan((int) (0.96 * N));
        assertThat(Math.max(-z[0], z[N - 1])).isBetween(4.5f, 6.77f);
    }

    @Test
    void uniformValuesAreOddMultiplesStrictlyInsideOne() {
        int wrong = 0;
        for (float u : fill(Kind.UNIFORM, LO)) {
            int k = (int) (u * 0x1p24f);
            if (k * 0x1p-24f != u || (k & 1) == 0 || !(Math.abs(u) < 1f)) {
                wrong++;
            }
        }
        assertThat(wrong).isZero();
    }

    /** P(Z > x): Simpson's rule on the density from x to x + 12, good to 1e-10 relative. */
    private static double upperTail(double x) {
        if (x < 0) {
            return 1 - upperTail(-x);
        }
        int steps = 200;
        double h = 12.0 / steps;
        double sum = 0;
        for (int i = 0; i <= steps; i++) {
            double t = x + i * h;
            sum += (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.exp(-t * t / 2);
        }
        return sum * h / 3 / Math.sqrt(2 * Math.PI);
    }
}
