package nn.tensor.internal.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The instruction of this machine, or BigDecimal where it has none, is the reference. */
class FusedTest {
    private static final int TRIALS = 300_000;

    private static final float[] FLOATS = {
        0,
        -0f,
        1,
        -1,
        Math.nextUp(1f),
        Math.nextDown(1f),
        3,
        1e-20f,
        1e20f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Math.nextDown(Float.MIN_NORMAL),
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        0x1p127f,
        0x1p-75f,
        0x1p-149f,
        0x1p104f,
        0x1p103f,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
    };

    private final SplittableRandom random = new SplittableRandom(8);

    private static void check(float a, float b, float c) {
        if (Float.floatToIntBits(Fused.emulated(a, b, c)) != Float.floatToIntBits(Math.fma(a, b, c))) {
            assertThat(Fused.emulated(a, b, c)).as("%a * %a + %a", a, b, c).isEqualTo(Math.fma(a, b, c));
        }
    }

    private static void check(double a, double b, double c) {
        if (Double.doubleToLongBits(Fused.emulated(a, b, c)) != Double.doubleToLongBits(Math.fma(a, b, c))) {
            assertThat(Fused.emulated(a, b, c)).as("%a * %a + %a", a, b, c).isEqualTo(Math.fma(a, b, c));
        }
    }

    private float anyFloat() {
        return Float.intBitsToFloat(random.nextInt());
    }

    private float anyFiniteFloat() {
        float any = anyFloat();
        return Float.isFinite(any) ? any : (float) random.nextGaussian();
    }

    /** A float of few digits, so that products and sums are exact or halfway between two floats. */
    private float shortFloat() {
        int digits = random.nextInt(1, 25);
        float whole = random.nextInt(1 << digits) - (1 << digits - 1);
        return Math.scalb(whole, random.nextInt(-30, 30));
    }

    @Test
    void specialValuesAndLimitsGiveTheBitsOfMathFma() {
        for (float a : FLOATS) {
            for (float b : FLOATS) {
                for (float c : FLOATS) {
                    check(a, b, c);
                    check((double) a, (double) b, (double) c);
                    check(a * 0x1p400, b * 0x1p-350, c * 0x1p200);
                    check(a * 0x1p-450, (double) b, c * 0x1p-1000);
                }
            }
        }
    }

    @Test
    void anyFloatsGiveTheBitsOfMathFma() {
        for (int i = 0; i < TRIALS; i++) {
            check(anyFloat(), anyFloat(), anyFloat());
            check((float) random.nextGaussian(), (float) random.nextGaussian(), (float) random.nextGaussian());
        }
    }

    @Test
    void sumsHalfwayBetweenTwoFloatsGiveTheBitsOfMathFma() {
        for (int i = 0; i < TRIALS; i++) {
            float a = shortFloat();
            float b = shortFloat();
            check(a, b, shortFloat());
            // An addend that puts the sum exactly on a middle, or a little beside it.
            float sum = Math.fma(a, b, shortFloat());
            double middle = sum + 0.5 * ((double) Math.nextUp(sum) - sum);
            check((float) (middle - (double) a * b), 1, (float) ((double) a * b));
            check(a, b, (float) (middle - (double) a * b));
            float small = Math.scalb(shortFloat(), -random.nextInt(60));
            check(Math.nextUp(1f) * sum, Math.nextUp(1f), small);
            check(0x1.000002p0f, 0x1.000002p0f * Math.scalb(1f, random.nextInt(-30, 0)), sum);
        }
    }

    @Test
    void cancellationGivesTheBitsOfMathFma() {
        for (int i = 0; i < TRIALS; i++) {
            float a = anyFloat();
            float b = anyFloat();
            check(a, b, -(a * b));
            check(a, b, Math.nextUp(-(a * b)));
            double x = random.nextGaussian();
            double y = random.nextGaussian();
            check(x, y, -(x * y));
            check(x, y, Math.nextDown(-(x * y)));
        }
    }

    @Test
    void subnormalAndOverflowingResultsGiveTheBitsOfMathFma() {
        for (int i = 0; i < TRIALS; i++) {
            float a = (float) random.nextGaussian();
            float b = (float) random.nextGaussian();
            check(a * 0x1p-70f, b * 0x1p-70f, (float) random.nextGaussian() * Float.MIN_NORMAL);
            check(a * 0x1p-74f, b * 0x1p-74f, random.nextInt(8) * Float.MIN_VALUE);
            check(a * 0x1p63f, b * 0x1p63f, (float) random.nextGaussian() * 0x1p127f);
            check(0x1p64f * (1 + random.nextInt(8) * 0x1p-23f), 0x1p63f, -0x1p103f * random.nextInt(4));
        }
    }

    @Test
    void anyDoublesGiveTheBitsOfMathFma() {
        for (int i = 0; i < TRIALS; i++) {
            double a = random.nextGaussian();
            double b = random.nextGaussian();
            double c = random.nextGaussian();
            check(a, b, c);
            check(a, b, Math.scalb(c, random.nextInt(-130, 130)));
            check(Math.scalb(a, random.nextInt(-420, 420)), b, Math.scalb(c, random.nextInt(-500, 500)));
            check((double) (float) a, (double) (float) b, c); // exact product
            check(shortFloat(), b, (double) shortFloat() * 0x1p40);
            check(Double.longBitsToDouble(random.nextLong()), Double.longBitsToDouble(random.nextLong()), c);
        }
    }

    /** Of products with few digits and sums of many: the sum is halfway between two doubles but for a small rest. */
    @Test
    void sumsHalfwayBetweenTwoDoublesGiveTheBitsOfMathFma() {
        for (int i = 0; i < TRIALS; i++) {
            double a = 1 + random.nextInt(1 << 20) * 0x1p-52;
            double b = Math.scalb(1 + random.nextInt(1 << 20) * 0x1p-52, -53 - random.nextInt(3));
            double c = 1 + random.nextLong(1L << 52) * 0x1p-52;
            check(a, b, c);
            check(-a, b, c);
            check(a, b * 0x1p50, c);
            check(shortFloat() * 0x1p-30, shortFloat() * 0x1p-23, c);
            // (1 + e) (1 - e) is 1 less e^2, which is beyond both digits of c and of the error of the first sum.
            double e = random.nextInt(1 << 20) * 0x1p-52;
            check(1 + e, (1 - e) * 0x1p-53, c);
            check(1 + e, (e - 1) * 0x1p-53, c);
            check(1 + e, (1 - e) * 0x1p-53, -c);
        }
    }

    @Test
    void theProductOfFloatsAndASumInDoubleIsFused() {
        for (int i = 0; i < TRIALS; i++) {
            double a = anyFiniteFloat();
            double b = anyFiniteFloat();
            double c = Math.scalb(random.nextGaussian(), random.nextInt(-300, 300));
            assertThat(a * b + c).isEqualTo(Math.fma(a, b, c));
            assertThat(Fused.fmaOfFloats(a, b, c)).isEqualTo(Math.fma(a, b, c));
        }
    }
}
