package nn.init;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import nn.init.MuP.Role;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class MuPTest {
    private static final Fans INPUT = new Fans(10, 256);
    private static final Fans HIDDEN = new Fans(256, 256);
    private static final Fans OUTPUT = new Fans(256, 3);

    private static MuP at64(Role role) {
        return Init.muP(role, 64, Init.lecunNormal());
    }

    @Test
    void learningRatesAreThoseOfTheTableForANetworkFourTimesAsWide() {
        assertThat(at64(Role.INPUT).adam(INPUT)).isEqualTo(1);
        assertThat(at64(Role.HIDDEN).adam(HIDDEN)).isEqualTo(0.25);
        assertThat(at64(Role.OUTPUT).adam(OUTPUT)).isEqualTo(0.25);
        assertThat(at64(Role.INPUT).sgd(INPUT)).isEqualTo(4);
        assertThat(at64(Role.HIDDEN).sgd(HIDDEN)).isEqualTo(1);
        assertThat(at64(Role.OUTPUT).sgd(OUTPUT)).isEqualTo(0.25);
    }

    @Test
    void theVarianceOfTheOutputFallsWithTheSquareOfTheWidth() {
        int n = 100_000;
        for (int width : new int[] {64, 128, 1024}) {
            Tensor out = Tensor.zeros(n);
            at64(Role.OUTPUT).fill(out, new Fans(width, 3), Key.of(1));
            double slack = 5 * Math.sqrt(2.0 / n);
            assertThat(out.variance() * width * width / 64).isBetween(1 - slack, 1 + slack);
        }
    }

    @Test
    void nothingChangesAtTheBaseWidthNorInTheOtherRoles() {
        for (Role role : Role.values()) {
            Fans fans = role == Role.OUTPUT ? new Fans(64, 3) : HIDDEN;
            Tensor scaled = Tensor.zeros(64, 3);
            Tensor base = Tensor.zeros(64, 3);
            at64(role).fill(scaled, fans, Key.of(1));
            Init.lecunNormal().fill(base, fans, Key.of(1));
            assertThat(scaled).as("%s", role).isBitEqualTo(base);
        }
        assertThat(at64(Role.HIDDEN).adam(new Fans(64, 64))).isEqualTo(1);
        assertThat(at64(Role.INPUT).sgd(new Fans(10, 64))).isEqualTo(1);
    }

    @Test
    void aBaseWidthBelowOneIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.muP(Role.HIDDEN, 0, Init.heNormal()))
                .withMessage("mup: base width 0 must be at least 1");
    }
}
