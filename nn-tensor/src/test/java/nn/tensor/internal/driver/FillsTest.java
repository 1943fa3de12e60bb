package nn.tensor.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;

import nn.tensor.internal.driver.Fills.Distribution;
import nn.tensor.internal.random.ScalarRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FillsTest {
    private static final long HI = 1;
    private static final long LO = 2;
    private static final int MARGIN = 5;

    /** From one element to many pieces; a long fill also changes its implementation and its threads on the way. */
    @ParameterizedTest
    @EnumSource
    void aFillInPiecesIsTheScalarFillScaledAndShifted(Distribution distribution) {
        for (int n : new int[] {0, 1, 63, 64, 4095, 4096, 4097, 12_345, 1 << 20}) {
            float[] expected = new float[n + 2 * MARGIN];
            switch (distribution) {
                case UNIFORM -> ScalarRandom.uniform(HI, LO, 0, expected, MARGIN, n);
                case NORMAL -> ScalarRandom.normal(HI, LO, 0, expected, MARGIN, n);
            }
            for (int i = 0; i < n; i++) {
                expected[MARGIN + i] = Math.fma(expected[MARGIN + i], 0.3f, -2f);
            }
            float[] filled = new float[n + 2 * MARGIN];
            Fills.fill(distribution, HI, LO, filled, MARGIN, n, 0.3f, -2f);
            assertThat(filled).as("%d elements", n).isEqualTo(expected);
        }
    }
}
