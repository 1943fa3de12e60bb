package nn.train.data;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SyntheticDatasetsTest {
    private static final Key KEY = Key.of(5);

    @Test
    void exclusiveOrIsOneWhereTheInputsDiffer() {
        Dataset data = SyntheticDatasets.xor();
        assertThat(data.y().shape()).isEqualTo(Shape.of(4, 1));
        for (int i = 0; i < 4; i++) {
            assertThat(data.y().get(i, 0))
                    .isEqualTo(data.x().get(i, 0) == data.x().get(i, 1) ? 0 : 1);
        }
    }

    @Test
    void eachPointHasAnOppositePointOnTheOtherSpiral() {
        Dataset data = SyntheticDatasets.twoSpirals(200, 1.5, 0, KEY);
        assertThat(data.x().shape()).isEqualTo(Shape.of(200, 2));
        assertThat(data.y().shape()).isEqualTo(Shape.of(200));
        for (int i = 0; i < 200; i += 2) {
            assertThat(data.y().get(i)).isZero();
            assertThat(data.y().get(i + 1)).isEqualTo(1);
            double radius = Math.hypot(data.x().get(i, 0), data.x().get(i, 1));
            assertThat(radius).isCloseTo((i / 2 + 0.5) / 100, Offset.offset(1e-6));
            assertThat(data.x().get(i + 1, 0)).isCloseTo(-data.x().get(i, 0), Offset.offset(1e-6f));
            assertThat(data.x().get(i + 1, 1)).isCloseTo(-data.x().get(i, 1), Offset.offset(1e-6f));
        }
        Tensor noise = SyntheticDatasets.twoSpirals(200, 1.5, 0.1, KEY).x().subtract(data.x());
        double expected = Math.sqrt(2.0 / 400); // relative standard deviation of the variance of 400 normal values
        assertThat(noise.variance() / 0.01).isCloseTo(1, Offset.offset(5 * expected));
    }

    @Test
    void aPointOfASpiralIsAtItsDistanceAndAngle() {
        int n = 40;
        Dataset data = SyntheticDatasets.twoSpirals(n, 0.75, 0, KEY);
        for (int i = 0; i < n; i++) {
            double distance = (i / 2 + 0.5) / 20;
            double angle = 2 * Math.PI * 0.75 * distance + (i % 2) * Math.PI;
            assertThat(data.x().get(i, 0)).isCloseTo((float) (distance * Math.cos(angle)), Offset.offset(1e-6f));
            assertThat(data.x().get(i, 1)).isCloseTo((float) (distance * Math.sin(angle)), Offset.offset(1e-6f));
        }
        Tensor noise = Tensor.zeros(n, 2);
        KEY.normal(noise, 0, 0.5f);
        Tensor noisy = SyntheticDatasets.twoSpirals(n, 0.75, 0.5, KEY).x().subtract(data.x());
        for (int i = 0; i < n; i++) {
            assertThat(noisy.get(i, 0)).isCloseTo(noise.get(i, 0), Offset.offset(1e-6f));
            assertThat(noisy.get(i, 1)).isCloseTo(noise.get(i, 1), Offset.offset(1e-6f));
        }
        assertThat(SyntheticDatasets.twoSpirals(2, 1e6, 0, KEY).size()).isEqualTo(2);
    }

    /** A number from 0 to n - 1, as the upper bits of a word decide it. */
    private static int below(int n, Key key, long word) {
        return (int) ((key.word(word) & 0xFFFFFFFFL) * n >>> 32);
    }

    @Test
    void eachSymbolBitAndMarkIsDrawnFromAWordOfTheKey() {
        Dataset copy = SyntheticDatasets.copyMemory(6, 8, 3, 4, KEY);
        Dataset parity = SyntheticDatasets.delayedParity(6, 3, 0, KEY);
        Dataset adding = SyntheticDatasets.adding(6, 9, KEY);
        Key marks = KEY.child("marks");
        for (int i = 0; i < 6; i++) {
            for (int t = 0; t < 3; t++) {
                assertThat(copy.y().get(i, 7 + t)).isEqualTo(below(8, KEY, 3 * i + t));
                assertThat(parity.x().get(i, t, 0)).isEqualTo(2 * below(2, KEY, 3 * i + t) - 1);
            }
            assertThat(adding.x().get(i, below(4, marks, 2 * i), 1)).isEqualTo(1);
            assertThat(adding.x().get(i, 4 + below(5, marks, 2 * i + 1), 1)).isEqualTo(1);
        }
    }

    private static void refused(String message, ThrowingCallable making) {
        assertThatIllegalArgumentException().isThrownBy(making).withMessage(message);
    }

    @Test
    void aSizeBelowItsLeastIsRefused() {
        refused("two spirals: n is 0; it must be 2 or more", () -> SyntheticDatasets.twoSpirals(0, 1, 0, KEY));
        refused("adding problem: n is 0; it must be 1 or more", () -> SyntheticDatasets.adding(0, 2, KEY));
        refused("copy memory: n is 0; it must be 1 or more", () -> SyntheticDatasets.copyMemory(0, 2, 1, 1, KEY));
        refused("copy memory: symbols is 1; it must be 2 or more", () -> SyntheticDatasets.copyMemory(1, 1, 1, 1, KEY));
        refused("copy memory: length is 0; it must be 1 or more", () -> SyntheticDatasets.copyMemory(1, 2, 0, 1, KEY));
        refused("copy memory: delay is 0; it must be 1 or more", () -> SyntheticDatasets.copyMemory(1, 2, 1, 0, KEY));
        refused("delayed parity: n is 0; it must be 1 or more", () -> SyntheticDatasets.delayedParity(0, 1, 0, KEY));
        refused("delayed parity: bits is 0; it must be 1 or more", () -> SyntheticDatasets.delayedParity(1, 0, 0, KEY));
        refused(
                "delayed parity: delay is -1; it must be 0 or more",
                () -> SyntheticDatasets.delayedParity(1, 1, -1, KEY));
        assertThat(SyntheticDatasets.adding(1, 2, KEY).size()).isEqualTo(1);
        assertThat(SyntheticDatasets.copyMemory(1, 2, 1, 1, KEY).x().shape()).isEqualTo(Shape.of(1, 3, 4));
        assertThat(SyntheticDatasets.delayedParity(1, 1, 0, KEY).x().shape()).isEqualTo(Shape.of(1, 1, 1));
    }

    @Test
    void theTargetIsTheSumOfTheTwoMarkedNumbers() {
        int n = 2000;
        int time = 11;
        Dataset data = SyntheticDatasets.adding(n, time, KEY);
        assertThat(data.x().shape()).isEqualTo(Shape.of(n, time, 2));
        assertThat(data.y().shape()).isEqualTo(Shape.of(n, 1));
        int[] marks = new int[time];
        double error = 0;
        for (int i = 0; i < n; i++) {
            float sum = 0;
            int inFirstHalf = 0;
            int marked = 0;
            for (int t = 0; t < time; t++) {
                assertThat(data.x().get(i, t, 0)).isGreaterThan(0).isLessThan(1);
                if (data.x().get(i, t, 1) == 1) {
                    sum += data.x().get(i, t, 0);
                    inFirstHalf += t < time / 2 ? 1 : 0;
                    marked++;
                    marks[t]++;
                } else {
                    assertThat(data.x().get(i, t, 1)).isZero();
                }
            }
            assertThat(marked).isEqualTo(2);
            assertThat(inFirstHalf).isEqualTo(1);
            assertThat(data.y().get(i, 0)).isEqualTo(sum);
            error += (sum - 1) * (sum - 1);
        }
        assertThat(marks).doesNotContain(0);
        // The baseline: (sum - 1)^2 has mean 1/6 and variance 1/15 - 1/36 (a triangular distribution on -1 to 1).
        assertThat(error / n).isCloseTo(1.0 / 6, Offset.offset(5 * Math.sqrt((1.0 / 15 - 1.0 / 36) / n)));
    }

    @Test
    void theTargetRepeatsTheSymbolsAfterTheDelay() {
        Dataset data = SyntheticDatasets.copyMemory(50, 8, 3, 4, KEY);
        assertThat(data.x().shape()).isEqualTo(Shape.of(50, 10, 10));
        assertThat(data.y().shape()).isEqualTo(Shape.of(50, 10));
        boolean[] seen = new boolean[8];
        for (int i = 0; i < 50; i++) {
            int[] asked = data.x().row(i).argMaxRows();
            assertThat(data.x().row(i).sum()).isEqualTo(10);
            int[] answer = DatasetTest.targets(data.y().row(i));
            for (int t = 0; t < 3; t++) {
                assertThat(asked[t]).isBetween(0, 7).isEqualTo(answer[7 + t]);
                seen[asked[t]] = true;
            }
            assertThat(asked).endsWith(8, 8, 8, 9, 8, 8, 8);
            assertThat(answer).startsWith(8, 8, 8, 8, 8, 8, 8);
        }
        assertThat(seen).doesNotContain(false);
    }

    @Test
    void theParityIsThatOfTheBits() {
        Dataset data = SyntheticDatasets.delayedParity(400, 5, 3, KEY);
        assertThat(data.x().shape()).isEqualTo(Shape.of(400, 8, 1));
        assertThat(data.y().shape()).isEqualTo(Shape.of(400));
        for (int i = 0; i < 400; i++) {
            int ones = 0;
            for (int t = 0; t < 8; t++) {
                float value = data.x().get(i, t, 0);
                assertThat(Math.abs(value)).isEqualTo(t < 5 ? 1 : 0);
                ones += value == 1 ? 1 : 0;
            }
            assertThat(data.y().get(i)).isEqualTo(ones % 2);
        }
        assertThat(data.y().mean()).isCloseTo(0.5, Offset.offset(5 * 0.5 / Math.sqrt(400)));
    }

    @Test
    void theSameKeyGivesTheSameBitsAndAnotherKeyGivesOthers() {
        assertThat(SyntheticDatasets.adding(9, 7, KEY).x())
                .isBitEqualTo(SyntheticDatasets.adding(9, 7, KEY).x());
        assertThat(SyntheticDatasets.adding(9, 7, KEY).x())
                .isNotBitEqualTo(SyntheticDatasets.adding(9, 7, Key.of(6)).x());
        Key other = Key.of(6);
        assertThat(SyntheticDatasets.copyMemory(9, 8, 3, 4, KEY).y())
                .isNotBitEqualTo(SyntheticDatasets.copyMemory(9, 8, 3, 4, other).y());
        assertThat(SyntheticDatasets.delayedParity(9, 5, 3, KEY).x())
                .isNotBitEqualTo(SyntheticDatasets.delayedParity(9, 5, 3, other).x());
    }

    @Test
    void impossibleSizesAreRefusedByNameAndValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyntheticDatasets.adding(5, 1, KEY))
                .withMessage("adding problem: time is 1; it must be 2 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyntheticDatasets.twoSpirals(5, 1, 0, KEY))
                .withMessageContaining("n is 5");
        for (double turns : new double[] {0, -1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SyntheticDatasets.twoSpirals(4, turns, 0, KEY))
                    .withMessageContaining("turns is " + turns + "; n must be even, turns above 0");
        }
        for (double noise : new double[] {1e39, 1e-60, -1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SyntheticDatasets.twoSpirals(4, 1, noise, KEY))
                    .withMessageStartingWith(
                            "two spirals: noise is " + noise + "; it must be finite as a float, and 0");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> SyntheticDatasets.twoSpirals(4, 1, -1, KEY));
        assertThatIllegalArgumentException().isThrownBy(() -> SyntheticDatasets.copyMemory(5, 1, 3, 4, KEY));
        assertThatIllegalArgumentException().isThrownBy(() -> SyntheticDatasets.delayedParity(5, 0, 4, KEY));
    }

    @Test
    void aSizeThatNoSequenceOrSpiralCanHaveIsRefused() {
        int most = Integer.MAX_VALUE;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyntheticDatasets.twoSpirals(4, 1.7e308, 0, KEY))
                .withMessageContaining("turns is 1.7E308");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyntheticDatasets.copyMemory(1, most, 1, 1, KEY))
                .withMessageContaining("symbols is 2147483647; it must be at most 16777214");
        for (int length : new int[] {1 << 30, most}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SyntheticDatasets.copyMemory(1, 2, length, 10, KEY))
                    .withMessageContaining("delay + 2 length is " + (2L * length + 10) + "; a tensor holds");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyntheticDatasets.delayedParity(1, most, most, KEY))
                .withMessageContaining("bits + delay is 4294967294");
    }
}
