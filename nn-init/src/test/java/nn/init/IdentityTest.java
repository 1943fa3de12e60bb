package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import nn.tensor.ShapeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {
    @Test
    void diagonalIsTheGainAndTheRestIsZero() {
        assertThat(Sample.filled(Init.identity(), 2, 2).toArray()).containsExactly(1, 0, 0, 1);
        assertThat(Sample.filled(new Identity(-0.5), 2, 2).toArray()).containsExactly(-0.5f, 0, 0, -0.5f);
    }

    @Test
    void diagonalOfRectanglesEndsWithTheShorterSide() {
        assertThat(Sample.filled(Init.identity(), 2, 3).toArray()).containsExactly(1, 0, 0, 0, 1, 0);
        assertThat(Sample.filled(Init.identity(), 3, 2).toArray()).containsExactly(1, 0, 0, 1, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void otherRanksAreRefused(int rank) {
        int[] shape = new int[rank];
        Arrays.fill(shape, 2);
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Sample.filled(Init.identity(), shape))
                .withMessageStartingWith("identity: expected a matrix, got shape [2")
                .withMessageEndingWith("; other tensors have no one diagonal");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, 1e39})
    void gainsBeyondFloat32AreRefused(double bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Identity(bad))
                .withMessage("identity: gain " + bad + " must be finite and in the range of float32");
    }

    @Test
    void printsAsInASummary() {
        assertThat(Init.identity()).hasToString("identity");
        assertThat(new Identity(0.5)).hasToString("identity(gain 0.5)");
    }
}
