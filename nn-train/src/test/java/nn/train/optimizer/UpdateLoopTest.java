package nn.train.optimizer;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import nn.layers.Parameter;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UpdateLoopTest {
    /** The third to the last are cut into parts if there are several threads, the first two never. */
    private static final List<Shape> SHAPES =
            List.of(Shape.of(3, 5), Shape.of(63, 65), Shape.of(64, 64), Shape.of(301, 267), Shape.of(70, 501));

    static Stream<Optimizer> optimizers() {
        return Stream.of(
                Sgd.of(0.1),
                Sgd.of(0.1).withMomentum(0.9).withNesterov().withWeightDecay(0.01),
                Adam.of(0.01),
                RmsProp.of(0.01),
                Lion.of(0.01),
                NAdam.of(0.01),
                Adafactor.of(0.01),
                Muon.of(0.02));
    }

    private static List<Parameter> parameters() {
        return SHAPES.stream().map(MatrixOptimizerTest::parameter).toList();
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void parametersThatAreUpdatedTogetherGetTheBitsOfOneAfterTheOther(Optimizer optimizer) {
        List<Parameter> alone = parameters();
        List<Parameter> together = parameters();
        List<UpdateRule> rules = alone.stream().map(optimizer::ruleFor).toList();
        Scratch scratch = new Scratch();
        List<UpdateRule> others =
                together.stream().map(p -> optimizer.ruleFor(p, scratch)).toList();
        UpdateLoop loop = new UpdateLoop();
        for (long step = 1; step <= 3; step++) {
            loop.begin();
            for (int i = 0; i < rules.size(); i++) {
                Tensor gradient = MatrixOptimizerTest.gradient(SHAPES.get(i), step);
                rules.get(i).apply(gradient, optimizer.rate(), step);
                loop.add(others.get(i), gradient, optimizer.rate(), step);
            }
            loop.run();
        }
        for (int i = 0; i < rules.size(); i++) {
            assertThat(together.get(i).value()).isBitEqualTo(alone.get(i).value());
            List<Tensor> state = rules.get(i).state();
            for (int j = 0; j < state.size(); j++) {
                assertThat(others.get(i).state().get(j)).isBitEqualTo(state.get(j));
            }
        }
    }

    @Test
    void aStepThatFailedWhileRulesWereAddedLeavesNoneForTheNext() {
        List<Parameter> parameters = parameters();
        List<UpdateRule> rules = new ArrayList<>();
        parameters.forEach(p -> rules.add(Sgd.of(0.1).ruleFor(p)));
        UpdateLoop loop = new UpdateLoop();
        loop.add(rules.get(0), MatrixOptimizerTest.gradient(SHAPES.get(0), 1), 0.1, 1);
        assertThatThrownBy(() -> loop.add(rules.get(1), MatrixOptimizerTest.gradient(SHAPES.get(0), 1), 0.1, 1))
                .isInstanceOf(ShapeException.class);
        loop.begin();
        loop.add(rules.get(2), MatrixOptimizerTest.gradient(SHAPES.get(2), 1), 0.1, 1);
        loop.run();
        List<Parameter> before = parameters();
        assertThat(parameters.get(0).value()).isBitEqualTo(before.get(0).value());
        assertThat(parameters.get(1).value()).isBitEqualTo(before.get(1).value());
        assertThat(parameters.get(2).value()).isNotBitEqualTo(before.get(2).value());
    }

    @Test
    void aLoopWithoutRulesDoesNothing() {
        new UpdateLoop().run();
    }
}
