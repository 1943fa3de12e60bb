package nn.train.diagnose;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.pooling.LastStep;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Compares Jacobians with known derivatives. */
class JacobianTest {
    private static final Key KEY = Key.of(1);

    @Test
    void anInputOutputOrDerivativeThatIsNotFiniteIsRefused() {
        Network network = Network.builder(Key.of(1)).input(2).dense("d", 3).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Jacobian.at(network, Tensor.full(Float.NaN, 1, 2)))
                .withMessageContaining("the input has elements that are not finite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Jacobian.at(network, Tensor.full(Float.MAX_VALUE, 1, 2)))
                .withMessageContaining("the output has elements that are not finite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Jacobian.at(network, Tensor.zeros(0, 2)))
                .withMessageContaining("take one input");
    }

    @Test
    void theJacobianOfADenseLayerIsItsWeightTransposed() {
        Dense dense = Dense.of(5, 3, KEY);
        Jacobian jacobian = Jacobian.at(dense, Tensor.full(0.5f, 1, 5));
        assertThat(jacobian.matrix()).isBitEqualTo(dense.weight().value().transpose());
        assertThat(jacobian.singularValues()).hasSize(3);
    }

    @Test
    void theJacobianAgreesWithFiniteDifferences() {
        Network network = Network.builder(KEY)
                .input(6)
                .dense("a", 7)
                .tanh()
                .dense("b", 4)
                .sigmoid()
                .build();
        Tensor x = Tensor.of(new float[] {0.5f, -1, 0.25f, 2, -0.125f, 0}, 1, 6);
        Tensor matrix = Jacobian.at(network, x).matrix();
        float step = 0x1p-6f;
        for (int j = 0; j < 6; j++) {
            Tensor up = x.copy();
            Tensor down = x.copy();
            up.set(x.get(0, j) + step, 0, j);
            down.set(x.get(0, j) - step, 0, j);
            Tensor high = network.predict(up);
            Tensor low = network.predict(down);
            for (int i = 0; i < 4; i++) {
                // Third derivatives of order 1 times step^2 / 6, and roundings of 2^-24 over the step.
                assertThat((double) matrix.get(i, j))
                        .isCloseTo((high.get(0, i) - low.get(0, i)) / (2.0 * step), within(1e-4));
            }
        }
    }

    @Test
    void orthogonalLinearLayersKeepEveryDirection() {
        Network.Builder builder = Network.builder(KEY).input(32);
        for (int l = 0; l < 20; l++) {
            builder.dense("layer" + l, 32, Init.orthogonal());
        }
        Jacobian jacobian = Jacobian.at(builder.build(), Tensor.zeros(1, 32));
        assertThat(jacobian.condition()).isCloseTo(1, within(1e-5));
        assertThat(jacobian.directions()).isEqualTo(32);
    }

    @Test
    void aRecurrentStateOfOrthogonalWeightsRemembersMoreDirectionsThanOneOfGaussianOnes() {
        assertThat(directions(Init.orthogonal())).isGreaterThanOrEqualTo(48);
        assertThat(directions(Init.lecunNormal())).isLessThanOrEqualTo(24);
    }

    /** Returns the number of directions, of 64, in which h at step 0 reaches h at step 40 of a tanh recurrence. */
    private static int directions(Initializer recurrent) {
        Dense step = Dense.units(64).weight(recurrent).withoutBias().create(64, KEY);
        Network.Builder builder = Network.builder(KEY).input(64);
        for (int t = 0; t < 40; t++) {
            builder.layer("step" + t, step).activation(Nonlinearity.TANH);
        }
        Tensor h = Tensor.zeros(1, 64);
        Key.of(2).normal(h, 0f, 1f);
        return Jacobian.at(builder.build(), h).directions();
    }

    @Test
    void theJacobianOfASequenceHasAColumnForEachStepAndFeature() {
        Network network = Network.builder(KEY)
                .sequence(3)
                .rnn("rnn", 8)
                .layer("last", new LastStep())
                .build();
        Jacobian jacobian = Jacobian.at(network, Tensor.full(0.1f, 5, 1, 3));
        assertThat(jacobian.matrix().shape().toString()).isEqualTo("[8 x 15]");
        assertThat(jacobian.condition()).isGreaterThan(1);
    }

    @Test
    void theReturnedSingularValuesAreACopy() {
        Jacobian jacobian = Jacobian.at(Dense.of(2, 2, KEY), Tensor.zeros(1, 2));
        jacobian.singularValues()[0] = -1;
        assertThat(jacobian.singularValues()[0]).isPositive();
    }

    @Test
    void misshapenInputsAndOverflowsAreRefused() {
        Dense five = Dense.of(5, 3, KEY);
        assertThatThrownBy(() -> Jacobian.at(five, Tensor.zeros(1, 4))).isInstanceOf(ShapeException.class);
        Dense dense = Dense.of(2, 2, KEY);
        dense.weight().value().fill(Float.MAX_VALUE);
        Network exploding = Network.builder(KEY)
                .input(2)
                .layer("a", dense)
                .layer("b", dense)
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Jacobian.at(exploding, Tensor.zeros(1, 2)))
                .withMessageContaining("not finite");
    }

    @Test
    void theConditionOfASingularMatrixIsInfiniteAndThatOfZerosToo() {
        Tensor matrix = Tensor.zeros(2, 3);
        assertThat(new Jacobian(matrix, new double[] {1, 0}).condition()).isInfinite();
        assertThat(new Jacobian(matrix, new double[] {0, 0}).condition()).isInfinite();
        assertThat(new Jacobian(matrix, new double[] {3, 2}).condition()).isEqualTo(1.5);
    }

    @Test
    void aJacobianDescribesItself() {
        assertThat(new Jacobian(Tensor.zeros(3, 2), new double[] {1.5, 0.25}))
                .hasToString("Jacobian of 3 outputs by 2 inputs, singular values from 1.5 to 0.25");
    }

    @Test
    void singularValuesOfAnotherMatrixAreRefused() {
        Tensor matrix = Tensor.zeros(2, 3);
        assertThat(new Jacobian(matrix, new double[] {1, 0}).directions()).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Jacobian(matrix, new double[] {1, 1, 1}))
                .withMessageStartingWith("Jacobian: 3 singular values of a matrix [2 x 3], which has 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Jacobian(Tensor.zeros(6), new double[] {1}))
                .withMessage("Jacobian: expected a matrix [outputs x inputs], got [6]");
    }
}
