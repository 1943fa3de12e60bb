package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import nn.init.internal.Arguments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FanTest {
    private static final int MOST = Integer.MAX_VALUE;

    @Test
    void eachFanIsItsMean() {
        Fans fans = new Fans(800, 50);
        assertThat(Fan.IN.of(fans)).isEqualTo(800);
        assertThat(Fan.OUT.of(fans)).isEqualTo(50);
        assertThat(Fan.AVERAGE.of(fans)).isEqualTo(425);
        assertThat(Fan.GEOMETRIC.of(fans)).isEqualTo(200);
        assertThat(Fan.AVERAGE.of(new Fans(1, 2))).isEqualTo(1.5);
    }

    @Test
    void largestFansDoNotOverflow() {
        for (Fan fan : Fan.values()) {
            assertThat(fan.of(new Fans(MOST, MOST))).isEqualTo(MOST);
        }
    }

    @ParameterizedTest
    @CsvSource({"0,5", "5,0", "-1,5", "5,-3", "NaN,5", "5,NaN", "Infinity,5", "5,2147483648"})
    void badFansAreRefused(double in, double out) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Fans(in, out))
                .withMessage("fans (in " + Arguments.brief(in) + ", out " + Arguments.brief(out)
                        + "): each must be above 0 and at most 2147483647; a layer has at least one input and one"
                        + " unit");
    }
}
