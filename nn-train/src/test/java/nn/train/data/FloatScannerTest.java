package nn.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloatScannerTest {
    private static final int TEXTS = 20_000;

    private final FloatScanner scanner = new FloatScanner();
    private final SplittableRandom random = new SplittableRandom(17);

    /** Returns whether the scanner knows a number, and checks it against the JDK. */
    private boolean isKnown(String text) {
        byte[] bytes = ("," + text + ",").getBytes(StandardCharsets.US_ASCII);
        if (!scanner.scan(bytes, 1, bytes.length, (byte) '.')) {
            return false;
        }
        assertThat(scanner.end()).as(text).isEqualTo(bytes.length - 1);
        assertThat(Float.floatToRawIntBits(scanner.value()))
                .as(text)
                .isEqualTo(Float.floatToRawIntBits(Float.parseFloat(text)));
        return true;
    }

    /** Returns the share of texts that the scanner knows. */
    private double known(Supplier<String> texts) {
        int known = 0;
        for (int i = 0; i < TEXTS; i++) {
            known += isKnown(texts.get()) ? 1 : 0;
        }
        return (double) known / TEXTS;
    }

    private float anyFloat() {
        while (true) {
            float any = Float.intBitsToFloat(random.nextInt());
            if (Float.isFinite(any)) {
                return any;
            }
        }
    }

    private String digits(int most) {
        StringBuilder digits = new StringBuilder();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            digits.append(random.nextInt(10));
        }
        return digits.toString();
    }

    @Test
    void usualTextsHaveTheBitsOfTheJdk() {
        assertThat(known(() -> String.format(Locale.ROOT, "%.6f", random.nextGaussian())))
                .isGreaterThan(0.999);
        assertThat(known(() -> String.format(Locale.ROOT, "%.9g", random.nextGaussian())))
                .isGreaterThan(0.999);
        assertThat(known(() -> String.format(Locale.ROOT, "%.18e", random.nextGaussian())))
                .isGreaterThan(0.999);
        assertThat(known(() -> "" + (float) random.nextGaussian())).isGreaterThan(0.999);
        assertThat(known(() -> "" + random.nextGaussian())).isGreaterThan(0.999);
        assertThat(known(() -> "" + random.nextInt(-100_000, 100_000))).isGreaterThan(0.999);
        assertThat(known(() -> "" + random.nextInt(-100_000, 100_000) / 100.0)).isGreaterThan(0.999);
    }

    @Test
    void floatsOfEveryMagnitudeHaveTheBitsOfTheJdk() {
        // Of all exponents, 1 in 256 is that of subnormal numbers, and one of numbers of 2^127 and more.
        assertThat(known(() -> "" + anyFloat())).isGreaterThan(0.98);
        assertThat(known(() -> new BigDecimal(anyFloat()).toPlainString())).isGreaterThan(0.85);
        assertThat(known(() -> random.nextInt(1, 10) + "." + digits(20) + "e" + random.nextInt(-37, 38)))
                .isGreaterThan(0.99);
    }

    @Test
    void textsOfAnyLengthHaveTheBitsOfTheJdk() {
        String[] signs = {"", "-", "+"};
        known(() -> signs[random.nextInt(3)] + digits(45) + "7" + (random.nextBoolean() ? "." : "") + "e"
                + signs[random.nextInt(3)] + random.nextInt(60));
        known(() -> signs[random.nextInt(3)] + "0".repeat(random.nextInt(40)) + "." + digits(60) + "1");
    }

    /** Halfway between two floats, on it and a little beside it: by the last digits, and by many of them. */
    @Test
    void numbersNearTheMiddleOfTwoFloatsHaveTheBitsOfTheJdk() {
        for (int i = 0; i < TEXTS; i++) {
            float below = Math.abs(anyFloat());
            float above = Math.nextUp(below);
            if (Float.isInfinite(above)) {
                continue;
            }
            BigDecimal middle = new BigDecimal(below).add(new BigDecimal(above)).divide(BigDecimal.TWO);
            BigDecimal little = middle.multiply(BigDecimal.ONE.movePointLeft(random.nextInt(5, 40)));
            for (BigDecimal number : new BigDecimal[] {middle, middle.add(little), middle.subtract(little)}) {
                isKnown(number.toString());
                for (int digits : new int[] {9, 17, 18, 19, 20, 25}) {
                    isKnown(number.round(new MathContext(digits, RoundingMode.DOWN))
                            .toString());
                    isKnown(number.round(new MathContext(digits, RoundingMode.UP))
                            .toString());
                }
            }
        }
    }

    /** w 10^q with a w that makes it come very near to the middle of two floats, by the convergents of a fraction. */
    @Test
    void theHardestNumbersOfFewDigitsHaveTheBitsOfTheJdk() {
        for (int power = -60; power <= 30; power++) {
            for (int exponent = -150; exponent <= 100; exponent += 5) {
                // w 10^power = m 2^exponent, with an odd m of 25 bits: w / m is near to 2^exponent / 10^power.
                BigDecimal ratio = power(2, exponent).divide(power(10, power), new MathContext(60));
                for (int i = 0; i < 3; i++) {
                    long m = random.nextInt(1 << 24, 1 << 25) | 1;
                    BigInteger w = ratio.multiply(BigDecimal.valueOf(m)).toBigInteger();
                    if (w.signum() > 0 && w.bitLength() <= 70) {
                        isKnown(w + "e" + power);
                        isKnown(w.add(BigInteger.ONE) + "e" + power);
                    }
                }
            }
        }
    }

    private static BigDecimal power(int base, int exponent) {
        BigDecimal power = BigDecimal.valueOf(base).pow(Math.abs(exponent));
        return exponent < 0 ? BigDecimal.ONE.divide(power, new MathContext(120)) : power;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "+0.0",
                "0e99",
                "-0.000e-99",
                "00012",
                "1.",
                ".5",
                "-.5e+3",
                "1e0",
                "16777217",
                "16777216.5",
                "1.17549435e-38",
                "1.1754943e-38",
                "1.4e-45",
                "7e-46",
                "3.4028235e38",
                "3.4028236e38",
                "1e39",
                "1e-99",
                "1e999999999999",
                "1e-999999999999",
                "340282356779733661637539395458142568447",
                "8388608.5",
                "999999999999999999",
                "1000000000000000000",
                "99999999999999999999999e-20",
                "0.1e1000"
            })
    void limitsHaveTheBitsOfTheJdk(String text) {
        isKnown(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "+", ".", "-.", "e5", ".e5", "1e", "1e+", "--1", "NaN", "x", "\"1\""})
    void whatIsNoNumberIsNotKnown(String text) {
        assertThat(isKnown(text)).isFalse();
    }

    @Test
    void theNumberEndsWhereItsTextEnds() {
        byte[] text = "1.5.2,2e3e4,7-".getBytes(StandardCharsets.US_ASCII);
        assertThat(scanner.scan(text, 0, text.length, (byte) '.')).isTrue();
        assertThat(scanner.end()).isEqualTo(3);
        assertThat(scanner.scan(text, 6, text.length, (byte) '.')).isTrue();
        assertThat(scanner.end()).isEqualTo(9);
        assertThat(scanner.scan(text, 0, text.length, (byte) ',')).isTrue();
        assertThat(scanner.value()).isEqualTo(1);
        assertThat(scanner.end()).isEqualTo(1);
    }
}
