package nn.train.optimizer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import nn.golden.Golden;
import nn.init.Fans;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.golden.GoldenInputs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parameter after each of 20 steps, for fixed gradients and each optimizer. */
class GoldenOptimizerTest {
    private static final Golden GOLDEN = Golden.load("optim.safetensors");
    private static final String PARAMETERS = "out/params_after_each_step";

    static List<String> cases() {
        return GOLDEN.cases("optim_given/");
    }

    /**
     * Each entry has a tolerance of its size: they differ by a factor of 10^7, and the largest would hide the others.
     */
    @ParameterizedTest
    @MethodSource("cases")
    void parametersAfterEachStepMatchTheGoldenValues(String name) {
        GOLDEN.assertEntries(name, PARAMETERS, after(name, 1), GOLDEN.largestOverSteps(name, PARAMETERS));
    }

    /**
     * Returns steps that are wrong by a fraction of their length, except those of entry 2: it is 10^4 times as large as
     * the others, so its error would be noticed anyway.
     */
    private static Tensor wrong(String name, double error) {
        Tensor wrong = after(name, 1 + error);
        Tensor right = after(name, 1);
        for (int step = 0; step < wrong.dim(0); step++) {
            wrong.set(right.get(step, 2), step, 2);
        }
        return wrong;
    }

    /**
     * Twenty steps of 0.001 are so short that 10^-5 of them is below the rounding of a parameter. There the error is
     * 10^-3.
     */
    @ParameterizedTest
    @MethodSource("cases")
    void aRelativeErrorOf1e5InEveryStepIsNoticed(String name) {
        Tensor wrong = wrong(name, GOLDEN.config(name).get("lr").asDouble() > 0.001 ? 1e-5 : 1e-3);
        assertThatThrownBy(
                        () -> GOLDEN.assertEntries(name, PARAMETERS, wrong, GOLDEN.largestOverSteps(name, PARAMETERS)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("further from the truth than allowed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "sgd_momentum", "sgd_nesterov", "sgd_dampening", "sgd_weight_decay"})
    void aToleranceRelativeToTheLargestEntryMissesTheError(String name) {
        String sgd = "optim_given/" + name;
        GOLDEN.assertClose(sgd, PARAMETERS, wrong(sgd, 1e-5));
    }

    /** The parameter after each step, with every rate times a factor. */
    private static Tensor after(String name, double factor) {
        Tensor start = GOLDEN.tensor(name, "in/p0");
        Tensor gradients = GOLDEN.tensor(name, "in/grads");
        Parameter p = Parameter.create(
                "p",
                Parameter.Kind.WEIGHT,
                start.shape(),
                new Fans(1, 1),
                (out, fans, key) -> out.copyFrom(start),
                Key.of(0));
        Optimizer optimizer = GoldenInputs.optimizer(GOLDEN.config(name));
        UpdateRule rule = optimizer.ruleFor(p);
        int steps = gradients.dim(0);
        Tensor after = Tensor.zeros(Shape.of(steps, start.size()));
        for (int i = 0; i < steps; i++) {
            rule.apply(gradients.row(i), optimizer.rate() * factor, i + 1);
            after.row(i).copyFrom(p.value());
        }
        return after;
    }
}
