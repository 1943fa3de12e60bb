package nn.train.optimizer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import nn.golden.Golden;
import nn.init.Fans;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.golden.GoldenInputs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parameter after each of 20 steps, for fixed gradients and each optimizer. */
class GoldenOptimizerTest {
    private static final Golden FIRST = Golden.load("optim.safetensors");
    private static final Golden SECOND = Golden.load("optim2.safetensors");
    private static final String PARAMETERS = "out/params_after_each_step";

    static List<String> cases() {
        return Stream.of(FIRST, SECOND)
                .flatMap(golden -> golden.cases("optim_given/").stream())
                .toList();
    }

    private static Golden golden(String name) {
        return SECOND.has(name, PARAMETERS) ? SECOND : FIRST;
    }

    private static void judge(String name, Tensor after) {
        Golden golden = golden(name);
        golden.assertEntries(name, PARAMETERS, after, golden.largestOverSteps(name, PARAMETERS));
    }

    /**
     * Each entry has a tolerance of its size: they differ by a factor of 10^7, and the largest would hide the others.
     */
    @ParameterizedTest
    @MethodSource("cases")
    void parametersAfterEachStepMatchTheGoldenValues(String name) {
        judge(name, after(name, 1));
    }

    /**
     * Returns steps that are wrong by a fraction of their length, except those of entry 2: it is 10^4 times as large as
     * the others, so its error would be noticed anyway.
     */
    private static Tensor wrong(String name, double error) {
        Tensor wrong = after(name, 1 + error);
        Tensor right = after(name, 1);
        for (int step = 0; step < wrong.dim(0); step++) {
            Tensor large = wrong.row(step);
            large.array()[large.offset() + 2] = right.array()[large.offset() + 2];
        }
        return wrong;
    }

    /**
     * Twenty steps of 0.001 are so short that 10^-5 of them is below the rounding of a parameter. There the error is
     * 10^-3. In the second family PyTorch's own errors allow ten times as much as in the first.
     */
    @ParameterizedTest
    @MethodSource("cases")
    void aSmallRelativeErrorInEveryStepIsNoticed(String name) {
        double rate = golden(name).config(name).get("lr").asDouble();
        double error = rate <= 0.001 ? 1e-3 : golden(name) == SECOND ? 1e-4 : 1e-5;
        Tensor wrong = wrong(name, error);
        assertThatThrownBy(() -> judge(name, wrong))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("further from the truth than allowed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "sgd_momentum", "sgd_nesterov", "sgd_dampening", "sgd_weight_decay"})
    void aToleranceRelativeToTheLargestEntryMissesTheError(String name) {
        String sgd = "optim_given/" + name;
        FIRST.assertClose(sgd, PARAMETERS, wrong(sgd, 1e-5));
    }

    /**
     * The parameter after each step, with every rate times a factor. Muon tells inputs from outputs: the files have
     * matrices [outputs x inputs], this library [inputs x outputs].
     */
    private static Tensor after(String name, double factor) {
        Golden golden = golden(name);
        boolean turned = name.contains("/muon");
        Tensor given = golden.tensor(name, "in/p0");
        Tensor start = turned ? given.transpose() : given;
        Tensor gradients = golden.tensor(name, "in/grads");
        Parameter p = Parameter.create(
                "p",
                Parameter.Kind.WEIGHT,
                start.shape(),
                new Fans(1, 1),
                (out, fans, key) -> out.copyFrom(start),
                Key.of(0));
        Optimizer optimizer = GoldenInputs.optimizer(golden.config(name));
        UpdateRule rule = optimizer.ruleFor(p);
        Tensor after = Tensor.zeros(gradients.shape());
        for (int i = 0; i < gradients.dim(0); i++) {
            Tensor gradient = gradients.row(i);
            rule.apply(turned ? gradient.transpose() : gradient, optimizer.rate() * factor, i + 1);
            after.row(i).copyFrom(turned ? p.value().transpose() : p.value());
        }
        return after;
    }
}
