package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class SirenTest {
    @Test
    void weightsHaveTheBoundsOfThePaper() {
        double hidden = Math.sqrt(6.0 / Sample.FANS.in()) / 30;
        Sample.of(Init.siren(30))
                .hasMoments(0, hidden / Math.sqrt(3), Sample.UNIFORM_KURTOSIS)
                .staysWithin(-hidden, hidden)
                .comesNear(-hidden, hidden, hidden / 500)
                .hasDistribution(Sample.uniform(-hidden, hidden));
        double first = 1.0 / Sample.FANS.in();
        Sample.of(Init.sirenFirst())
                .hasMoments(0, first / Math.sqrt(3), Sample.UNIFORM_KURTOSIS)
                .staysWithin(-first, first)
                .comesNear(-first, first, first / 500)
                .hasDistribution(Sample.uniform(-first, first));
    }

    /**
     * q = 1 - exp(-2 q): 0.79681. The second moment of one layer of n units varies by about sqrt(5 / n) over networks.
     */
    @Test
    void phasesConvergeToTheVarianceOfTheirFixedPoint() {
        int n = 512;
        int networks = 8;
        double sum = 0;
        for (int network = 0; network < networks; network++) {
            Key key = Key.of(5).child(network);
            Tensor h = Sample.filled(Init.uniform(1), key, 16, 2);
            for (int layer = 0; layer < 6; layer++) {
                Fans fans = new Fans(h.dim(1), n);
                Tensor w = Tensor.zeros((int) fans.in(), n);
                (layer == 0 ? Init.sirenFirst() : Init.siren(30))
                        .fill(w, fans, key.child("layer").child(layer));
                Tensor phase = h.matmul(w);
                phase.scaleInPlace(30);
                if (layer == 5) {
                    sum += phase.secondMoment();
                }
                for (int i = 0; i < phase.size(); i++) {
                    phase.array()[phase.offset() + i] = (float) StrictMath.sin(phase.array()[phase.offset() + i]);
                }
                h = phase;
            }
        }
        double slack = 5 * Math.sqrt(5.0 / (n * networks));
        assertThat(sum / networks / 0.79681).isBetween(1 - slack, 1 + slack);
    }

    @Test
    void aFactorThatIsNotAboveZeroIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.siren(0))
                .withMessage("siren: omega 0.0 must be above 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.siren(Double.NaN))
                .withMessageContaining("omega NaN");
    }

    @Test
    void aFanInWhoseBoundIsBeyondFloatsIsRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.sirenFirst().fill(Tensor.zeros(2, 2), new Fans(1e-40, 2), Key.of(1)))
                .withMessageStartingWith("siren first: bound 1.0E40 must be finite");
    }
}
