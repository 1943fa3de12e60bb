package nn.layers.testing;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import nn.fixtures.FunctionPass;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.activation.Activation;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import org.junit.jupiter.api.Test;

/** The check finds wrong gradients, and passes right ones. */
class GradientCheckTest {
    private static final Key KEY = Key.of(5);

    /** The bug of a layer under test. */
    private enum Bug {
        NONE,
        HALF_PERCENT_IN_WEIGHT,
        HALF_PERCENT_IN_INPUT,
        WRONG_SIGN,
        FORGOTTEN_BIAS,
        ONE_ENTRY,
        OVERWRITES_GRADIENT,
        MUTATES_INPUT,
        MUTATES_INPUT_ON_THE_WAY_BACK,
        MUTATES_GRADIENT,
        NAN,
        WRONG_OUTPUT_SHAPE,
        WRONG_GRADIENT_SHAPE
    }

    /** A dense layer of 6 inputs and 3 units as a user might write it, with a bug. */
    private static final class Buggy implements Layer {
        private final Bug bug;
        private final Parameter weight = Parameter.create(
                "weight", Parameter.Kind.WEIGHT, Shape.of(6, 3), new Fans(6, 3), Init.xavierUniform(), KEY);
        private final Parameter bias =
                Parameter.create("bias", Parameter.Kind.BIAS, Shape.of(3), new Fans(6, 3), Init.zeros(), KEY);

        Buggy(Bug bug) {
            this.bug = bug;
        }

        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                Tensor y = x.matmul(weight.value());
                y.addRowInPlace(bias.value());
                if (bug == Bug.MUTATES_INPUT) {
                    x.scaleInPlace(2);
                }
                return new FunctionPass.Result(y, (dy, into) -> {
                    Tensor dw = x.matmul(dy, Transposed.LEFT);
                    Tensor dx = dy.matmul(weight.value(), Transposed.RIGHT);
                    if (bug != Bug.FORGOTTEN_BIAS) {
                        dy.addSumOfRowsInto(into.of(bias));
                    }
                    switch (bug) {
                        case HALF_PERCENT_IN_WEIGHT -> dw.scaleInPlace(1.005f);
                        case HALF_PERCENT_IN_INPUT -> dx.scaleInPlace(1.005f);
                        case WRONG_SIGN -> dw.scaleInPlace(-1);
                        case ONE_ENTRY -> dw.set(dw.get(2, 1) + 0.2f, 2, 1);
                        case OVERWRITES_GRADIENT -> into.of(weight).fill(0);
                        case MUTATES_INPUT_ON_THE_WAY_BACK -> x.fill(0);
                        case MUTATES_GRADIENT -> dy.scaleInPlace(2);
                        case NAN -> dx.set(Float.NaN, 0, 0);
                        case WRONG_GRADIENT_SHAPE -> dx = dx.reshape(dx.size());
                        default -> {}
                    }
                    into.of(weight).addInPlace(dw);
                    return dx;
                });
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return bug == Bug.WRONG_OUTPUT_SHAPE ? in : in.withLast(3);
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(weight, bias);
        }
    }

    private static Tensor x() {
        Tensor x = Tensor.zeros(4, 6);
        KEY.child("x").normal(x, 0, 1);
        return x;
    }

    private static GradientCheck.Result check(Bug bug) {
        return GradientCheck.standard().check(new Buggy(bug), x());
    }

    @Test
    void aCorrectLayerPasses() {
        GradientCheck.Result result = check(Bug.NONE);
        result.throwIfFailed();
        assertThat(result.passed()).isTrue();
        assertThat(result.worstError()).isPositive().isLessThan(1e-4);
        assertThat(result.where()).isIn("x", "weight", "bias");
    }

    @Test
    void anErrorOfHalfAPercentIsFound() {
        GradientCheck.Result result = check(Bug.HALF_PERCENT_IN_WEIGHT);
        assertThat(result.where()).isEqualTo("weight");
        assertThat(result.failures())
                .singleElement()
                .asString()
                .matches("weight: analytic -?[0-9.]+, numeric -?[0-9.]+ along direction \\d+"
                        + " \\(relative error \\d\\.\\de-03 > 1\\.0e-03\\);"
                        + " worst entry weight\\[\\d,\\d]: analytic -?[0-9.]+, numeric -?[0-9.]+");
        assertThatThrownBy(result::throwIfFailed)
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("weight: ");

        assertThat(check(Bug.HALF_PERCENT_IN_INPUT).failures())
                .singleElement()
                .asString()
                .startsWith("x: analytic");
    }

    @Test
    void anErrorOfHalfAPercentIsFoundInAnyDirections() {
        for (int seed = 0; seed < 100; seed++) {
            GradientCheck check = new GradientCheck(0.125f, 8, 1e-3, Key.of(seed));
            assertThat(check.check(new Buggy(Bug.HALF_PERCENT_IN_WEIGHT), x()).where())
                    .isEqualTo("weight");
            assertThat(check.check(new Buggy(Bug.HALF_PERCENT_IN_INPUT), x()).where())
                    .isEqualTo("x");
            assertThat(check.check(new Buggy(Bug.NONE), x()).passed()).isTrue();
        }
    }

    @Test
    void aWrongSignIsFound() {
        GradientCheck.Result result = check(Bug.WRONG_SIGN);
        assertThat(result.failures()).singleElement().asString().startsWith("weight: ");
        assertThat(result.worstError()).isCloseTo(2, within(1e-3));
    }

    @Test
    void aForgottenBiasIsFound() {
        assertThat(check(Bug.FORGOTTEN_BIAS).failures())
                .singleElement()
                .asString()
                .startsWith("bias: analytic 0.00000, numeric")
                .contains("(relative error 1.0e+00 > 1.0e-03); worst entry bias[");
    }

    @Test
    void theWorstEntryIsNamed() {
        assertThat(check(Bug.ONE_ENTRY).failures()).singleElement().asString().contains("; worst entry weight[2,1]: ");
    }

    @Test
    void writingIntoTensorsOfTheCallerIsFound() {
        assertThat(check(Bug.MUTATES_INPUT).failures())
                .anySatisfy(text ->
                        assertThat(text).matches("forward changed its input: x\\[\\d,\\d] was .*, is .*, off by .*"));
        assertThat(check(Bug.MUTATES_INPUT_ON_THE_WAY_BACK).failures())
                .singleElement()
                .asString()
                .startsWith("the pullback changed the input: x[");
        assertThat(check(Bug.MUTATES_GRADIENT).failures())
                .singleElement()
                .asString()
                .startsWith("the pullback changed the gradient it was given: dOutput[");
    }

    @Test
    void aGradientThatIsSetAndNotAddedIsFound() {
        assertThat(check(Bug.OVERWRITES_GRADIENT).failures())
                .singleElement()
                .asString()
                .startsWith("weight: a second pass does not add its gradient to that of the first");
    }

    @Test
    void aNanIsFound() {
        GradientCheck.Result result = check(Bug.NAN);
        assertThat(result.worstError()).isInfinite();
        assertThat(result.failures())
                .singleElement()
                .asString()
                .startsWith("x: analytic NaN")
                .contains("worst entry x[0,0]");
    }

    @Test
    void wrongShapesAreFound() {
        assertThat(check(Bug.WRONG_OUTPUT_SHAPE).failures())
                .containsExactly(
                        "Buggy: its outputShape promises [4 x 6] for an input of shape [4 x 6], but its forward gives"
                                + " [4 x 3]");
        assertThat(check(Bug.WRONG_GRADIENT_SHAPE).failures())
                .containsExactly("Buggy: its backward gave a gradient of shape [24] at an input of shape [4 x 6]; both"
                        + " have the same shape");
    }

    @Test
    void parametersAndInputAreRestoredToTheBit() {
        Buggy layer = new Buggy(Bug.WRONG_SIGN);
        Tensor before = layer.weight.value().copy();
        Tensor x = x();
        Tensor xBefore = x.copy();
        GradientCheck.standard().check(layer, x);
        assertThat(layer.weight.value()).isBitEqualTo(before);
        assertThat(x).isBitEqualTo(xBefore);
    }

    /** Of 256 or more ReLUs one is always near its kink. */
    @Test
    void kinksCauseNoFalseFailure() {
        for (int seed = 0; seed < 50; seed++) {
            Key key = Key.of(seed);
            Network network = Network.builder(key)
                    .input(6)
                    .dense("hidden1", 16)
                    .relu()
                    .dense("hidden2", 16)
                    .relu()
                    .dense("out", 3)
                    .build();
            Tensor x = Tensor.zeros(8, 6);
            key.child("x").normal(x, 0, 1);
            GradientCheck.standard().check(network, x).throwIfFailed();
        }
    }

    @Test
    void anInputAtAKinkIsAFailure() {
        assertThat(GradientCheck.standard()
                        .check(Activation.RELU, Tensor.zeros(3))
                        .passed())
                .isFalse();
    }

    @Test
    void randomnessOutsideTheKeyIsAFailure() {
        Layer noise = new Layer() {
            private long calls;

            @Override
            public Pass newPass() {
                return FunctionPass.of(this, (x, context) -> {
                    float factor = 1 + Key.of(0).normal(calls++);
                    Tensor y = x.copy();
                    y.scaleInPlace(factor);
                    return new FunctionPass.Result(y, (dy, into) -> {
                        Tensor dx = dy.copy();
                        dx.scaleInPlace(factor);
                        return dx;
                    });
                });
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }
        };
        assertThat(GradientCheck.standard().check(noise, x()).failures())
                .singleElement()
                .asString()
                .startsWith("x: no slope could be measured");
    }

    @Test
    void anEmptyBatchHasNothingToMeasure() {
        GradientCheck.Result result = GradientCheck.standard().check(Dense.of(3, 2, KEY), Tensor.zeros(0, 3));
        assertThat(result.passed()).isTrue();
        assertThat(result.worstError()).isZero();
    }

    @Test
    void badSettingsAreRefused() {
        assertThatThrownBy(() -> GradientCheck.standard().withStep(0.1f)).hasMessageContaining("step 0.1");
        assertThatThrownBy(() -> GradientCheck.standard().withTolerance(Double.NaN))
                .hasMessageContaining("tolerance NaN");
        assertThatThrownBy(() -> new GradientCheck(0.5f, 0, 1e-3, KEY)).hasMessageContaining("0 directions");
        Tensor bad = Tensor.full(Float.NaN, 1, 3);
        assertThatThrownBy(() -> GradientCheck.standard().check(Dense.of(3, 2, KEY), bad))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Dense 3 -> 2");
    }
}
