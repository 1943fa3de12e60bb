package nn.init;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.linalg.SingularValues;
import org.junit.jupiter.api.Test;

class GatesTest {
    private static final int UNITS = 24;

    private static Tensor gate(Tensor kernel, int g) {
        Tensor gate = Tensor.zeros(kernel.dim(0), UNITS);
        for (int i = 0; i < gate.dim(0); i++) {
            for (int j = 0; j < UNITS; j++) {
                gate.set(kernel.get(i, g * UNITS + j), i, j);
            }
        }
        return gate;
    }

    private static Tensor filled(Initializer initializer, int gates) {
        Tensor kernel = Tensor.full(Float.NaN, UNITS, gates * UNITS);
        initializer.fill(kernel, Fans.gated(UNITS, gates * UNITS, gates), Key.of(3));
        return kernel;
    }

    @Test
    void everyGateIsOrthogonalUnlikeTheGatesOfAFusedKernel() {
        Tensor each = filled(Init.gates(4, Init.orthogonal()), 4);
        Tensor fused = filled(Init.orthogonal(), 4);
        for (int g = 0; g < 4; g++) {
            double[] values = SingularValues.of(gate(each, g));
            assertThat(values[UNITS - 1]).isCloseTo(1, within(1e-5));
            assertThat(values[0]).isCloseTo(1, within(1e-5));
            assertThat(SingularValues.of(gate(fused, g))[UNITS - 1]).isLessThan(0.2);
        }
    }

    @Test
    void everyGateIsFilledByItsSchemeWithItsKey() {
        Tensor kernel = filled(Init.gates(Init.xavierUniform(), Init.ones(), Init.orthogonal()), 3);
        Tensor alone = Tensor.zeros(UNITS, UNITS);
        Init.xavierUniform().fill(alone, new Fans(UNITS, UNITS), Key.of(3).child(0));
        assertThat(gate(kernel, 0)).isBitEqualTo(alone);
        assertThat(gate(kernel, 1)).isBitEqualTo(Tensor.full(1, UNITS, UNITS));
        Init.orthogonal().fill(alone, new Fans(UNITS, UNITS), Key.of(3).child(2));
        assertThat(gate(kernel, 2)).isBitEqualTo(alone);
    }

    @Test
    void gatesOfOneSchemeAreDifferent() {
        Tensor kernel = filled(Init.gates(3, Init.heNormal()), 3);
        assertThat(gate(kernel, 0)).isNotBitEqualTo(gate(kernel, 1));
        assertThat(gate(kernel, 1)).isNotBitEqualTo(gate(kernel, 2));
    }

    @Test
    void everyGateIsFilledFromZeros() {
        Initializer adds = (out, fans, key) -> {
            for (int i = 0; i < out.size(); i++) {
                out.array()[out.offset() + i] += 1;
            }
        };
        assertThat(filled(Init.gates(2, adds), 2)).isBitEqualTo(Tensor.full(1, UNITS, 2 * UNITS));
    }

    @Test
    void aForgetGateStartsOpenByItsPartOfTheBias() {
        Tensor bias = Tensor.full(Float.NaN, 8);
        Init.gates(Init.zeros(), Init.ones(), Init.zeros(), Init.zeros()).fill(bias, new Fans(5, 2), Key.of(1));
        assertThat(bias.toArray()).containsExactly(0, 0, 1, 1, 0, 0, 0, 0);
    }

    @Test
    void gatesThatDoNotDivideAreRefused() {
        assertThatThrownBy(() -> Init.gates(4, Init.zeros()).fill(Tensor.zeros(5, 6), new Fans(5, 6), Key.of(1)))
                .isInstanceOf(ShapeException.class)
                .hasMessage("gates: expected a last dimension that 4 gates divide, got shape [5 x 6]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.gates(0, Init.zeros()))
                .withMessage("gates: gates 0 must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(Init::gates)
                .withMessage("gates: no gate given; give at least one initializer");
    }

    @Test
    void aGateThatIsNullIsNamed() {
        assertThatNullPointerException()
                .isThrownBy(() -> Init.gates(Init.zeros(), null))
                .withMessage("a gate");
    }

    /** Its equals compares too little. */
    private record AlwaysEqual(float value) implements Initializer {
        @Override
        public void fill(Tensor out, Fans fans, Key key) {
            out.fill(value);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof AlwaysEqual;
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    @Test
    void gatesOfOtherTextsAreAllInTheText() {
        assertThat(Init.gates(new AlwaysEqual(1), new AlwaysEqual(2)))
                .hasToString("gates(AlwaysEqual[value=1.0], AlwaysEqual[value=2.0])");
        Initializer one = (out, fans, key) -> out.fill(1);
        Initializer two = (out, fans, key) -> out.fill(2);
        assertThat(Init.gates(one, two)).hasToString("gates(a lambda, a lambda)"); // not two of the same
        assertThat(Init.gates(one, one)).hasToString("gates(2, a lambda)");
    }
}
