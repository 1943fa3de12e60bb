package nn.train.optimizer;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.function.BiPredicate;
import nn.layers.Parameter;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.TrainingState;
import nn.train.loss.MeanSquaredError;
import org.junit.jupiter.api.Test;

class ParameterGroupsTest {
    private static final BiPredicate<String, Parameter> HEAD = (path, p) -> path.startsWith("out.");

    private static Network model() {
        return Network.builder(Key.of(1))
                .input(3)
                .dense("hidden", 8)
                .tanh()
                .dense("out", 2)
                .build();
    }

    private static Tensor value(Network model, String path) {
        return model.parametersByPath().get(path).value();
    }

    private static Trainer step(Network model, Optimizer optimizer, TrainerOptions options) {
        Trainer trainer = new Trainer(model, new MeanSquaredError(), optimizer, Key.of(2), options);
        Tensor x = Tensor.full(0.5f, 4, 3);
        trainer.step(x, Tensor.full(1f, 4, 2));
        return trainer;
    }

    @Test
    void aParameterHasTheOptimizerOfTheFirstGroupThatItIsAMemberOf() {
        Network model = model();
        Network sgd = model();
        Network adam = model();
        Optimizer groups = ParameterGroups.others(Sgd.of(0.1))
                .with("head", HEAD, Adam.of(0.01))
                .with("biases", (path, p) -> p.kind() == Parameter.Kind.BIAS, Sgd.of(0));
        step(model, groups, TrainerOptions.NONE);
        step(sgd, Sgd.of(0.1), TrainerOptions.NONE);
        step(adam, Adam.of(0.01), TrainerOptions.NONE);
        assertThat(value(model, "hidden.weight")).isBitEqualTo(value(sgd, "hidden.weight"));
        assertThat(value(model, "out.weight")).isBitEqualTo(value(adam, "out.weight"));
        assertThat(value(model, "out.bias")).isBitEqualTo(value(adam, "out.bias"));
        assertThat(value(model, "hidden.bias").toArray()).containsOnly(0f);
    }

    @Test
    void aScheduleMultipliesTheRatesOfAllGroups() {
        Network model = model();
        Network halved = model();
        Optimizer groups = ParameterGroups.others(Sgd.of(0.5)).with("head", HEAD, Sgd.of(0.25));
        Optimizer half = ParameterGroups.others(Sgd.of(0.25)).with("head", HEAD, Sgd.of(0.125));
        step(model, groups, TrainerOptions.NONE.schedule((steps, epochs) -> 0.5));
        step(halved, half, TrainerOptions.NONE);
        model.parametersByPath().forEach((path, p) -> assertThat(p.value()).isBitEqualTo(value(halved, path)));
    }

    @Test
    void theRateOfAGroupMayDependOnTheParameter() {
        Network model = model();
        Tensor before = value(model, "out.weight").copy();
        Network plain = model();
        Sgd sgd = Sgd.of(0.5);
        step(
                model,
                ParameterGroups.others(sgd)
                        .with(
                                "by width",
                                (path, p) -> p.kind() == Parameter.Kind.WEIGHT,
                                p -> sgd.withRate(4.0 / p.fans().in())),
                TrainerOptions.NONE);
        step(plain, sgd, TrainerOptions.NONE);
        assertThat(value(model, "out.weight")).isBitEqualTo(value(plain, "out.weight")); // 4 / 8 is the rate of sgd
        assertThat(value(model, "out.weight")).isNotBitEqualTo(before);
        assertThat(value(model, "hidden.weight")).isNotBitEqualTo(value(plain, "hidden.weight"));
    }

    @Test
    void theStateNamesTheOptimizers() {
        Optimizer groups = ParameterGroups.others(Sgd.of(0.1)).with("head", HEAD, Adam.of(0.01));
        TrainingState state = step(model(), groups, TrainerOptions.NONE).state();
        assertThat(state.text()).containsEntry("trainer/optimizer", "Sgd, Adam");
        assertThat(state.text().get("recipe/optimizer"))
                .startsWith("Sgd[rate=0.1, ")
                .contains("; head: Adam[rate=0.01, ");
        assertThat(state.tensors())
                .containsKey("optimizer/out.weight/1")
                .doesNotContainKey("optimizer/hidden.weight/0");
    }

    /** A head with ten times the rate, as for a model that somebody else has trained. */
    @Test
    void aPatternGivesAllParametersThatItMatchesTheirOptimizer() {
        Network model = model();
        Network slow = model();
        Network fast = model();
        Sgd sgd = Sgd.of(0.01);
        step(model, ParameterGroups.others(sgd).with("out.", sgd.withRate(0.1)), TrainerOptions.NONE);
        step(slow, sgd, TrainerOptions.NONE);
        step(fast, sgd.withRate(0.1), TrainerOptions.NONE);
        model.parametersByPath()
                .forEach((path, p) ->
                        assertThat(p.value()).isBitEqualTo(value(path.startsWith("out.") ? fast : slow, path)));
        assertThat(value(fast, "out.bias")).isNotBitEqualTo(value(slow, "out.bias"));
        assertThat(value(fast, "hidden.weight")).isNotBitEqualTo(value(slow, "hidden.weight"));
    }

    @Test
    void aPatternThatMatchesNothingIsRefusedByTheTrainer() {
        Sgd sgd = Sgd.of(0.01);
        Optimizer groups = ParameterGroups.others(sgd).with("*.weight", sgd).with("out", sgd.withRate(0.1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> step(model(), groups, TrainerOptions.NONE))
                .withMessage("ParameterGroups: no parameter matches 'out'; all parameters of that layer match 'out.';"
                        + " there are hidden.weight, hidden.bias, out.weight, out.bias");
        step(model(), ParameterGroups.others(sgd).with("none", (path, p) -> false, sgd), TrainerOptions.NONE);
    }

    @Test
    void groupsWithoutMembersOrOptimizerAreRefused() {
        ParameterGroups groups = ParameterGroups.others(Sgd.of(0.1));
        assertThatNullPointerException()
                .isThrownBy(() -> ParameterGroups.others(null))
                .withMessage("optimizer");
        assertThatNullPointerException()
                .isThrownBy(() -> groups.with("g", null, Sgd.of(0.1)))
                .withMessage("members of group 'g'");
        assertThatNullPointerException()
                .isThrownBy(() -> groups.with("g", (path, p) -> true, (Optimizer) null))
                .withMessage("optimizer of group 'g'");
        Optimizer none = groups.with("g", (path, p) -> true, p -> null);
        assertThatNullPointerException()
                .isThrownBy(() -> step(model(), none, TrainerOptions.NONE))
                .withMessage("group 'g' has no optimizer for 'hidden.weight'");
    }
}
