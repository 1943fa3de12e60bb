package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;
import nn.layers.Layer;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.MeanSquaredError;
import nn.train.metric.Monitor;
import nn.train.optimizer.Adagrad;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.RmsProp;
import nn.train.optimizer.UpdateRule;
import nn.train.schedule.Plateau;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A state with finite numbers that no training can have is refused as a whole, by name and value. */
class ImpossibleStateTest {
    private static final Batches BATCHES = Batches.inOrder(data(12), 4); // 3 steps an epoch
    private static final FitOptions FIT =
            FitOptions.epochs(9).validation(data(4)).patience(5).keepBest();

    private static Dataset data(int rows) {
        Tensor x = Tensor.zeros(rows, 3);
        Tensor y = Tensor.zeros(rows, 2);
        Key.of(1).normal(x, 0, 1);
        Key.of(2).normal(y, 0, 1);
        return new Dataset(x, y);
    }

    private static Network model() {
        return Network.builder(Key.of(3))
                .input(3)
                .dense("first", 4)
                .batchNorm("norm")
                .dense("out", 2)
                .build();
    }

    private static Trainer trainer(Layer model, Optimizer optimizer) {
        return new Trainer(
                model,
                new MeanSquaredError(),
                optimizer,
                Key.of(4),
                TrainerOptions.NONE.plateau(Plateau.of(0.5, 2).monitor(Monitor.LOSS)));
    }

    /** A state after 4 epochs and 1 step of the next, the fit being unfinished. */
    private static Trainer stopped(Optimizer optimizer) {
        Trainer trainer = trainer(model(), optimizer);
        trainer.fit(BATCHES, FIT.observers(new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                if (report.step() == 13) {
                    trainer.cancel();
                }
            }
        }));
        assertThat(trainer.epochs()).isEqualTo(4);
        assertThat(trainer.steps()).isEqualTo(13);
        return trainer;
    }

    private static Map<String, String> hashes(Trainer trainer) {
        Map<String, String> hashes = new LinkedHashMap<>(trainer.state().text());
        trainer.state().tensors().forEach((name, tensor) -> hashes.put(name, tensor.sha256()));
        return hashes;
    }

    private static void assertRefused(TrainingState state, Optimizer optimizer, String problem) {
        Trainer other = trainer(model(), optimizer);
        Map<String, String> before = hashes(other);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other.restore(state))
                .withMessageStartingWith("the state does not fit this trainer, and nothing was changed:\n")
                .withMessageContaining(problem);
        assertThat(hashes(other)).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"model/norm.variance", "best/norm.variance"})
    void aNegativeVarianceIsRefused(String name) {
        TrainingState state = stopped(Adam.of(0.01)).state();
        state.tensors().get(name).set(-1e-3f, 1);
        assertRefused(state, Adam.of(0.01), "'" + name + "' has -0.001 in row 1; no value may be negative");
    }

    static final Optimizer[] OPTIMIZERS = {
        Adam.of(0.01),
        Adam.of(0.01).withAmsgrad(),
        Adam.of(0.01).withAmsgrad().withEpsilon(1e-20),
        Adagrad.of(0.01),
        Adagrad.of(0.01).withEpsilon(1e-20),
        RmsProp.of(0.01),
        RmsProp.of(0.01).withMomentum(0.9).withCentering().withEpsilon(1e-20)
    };

    /** A tensor whose elements may be negative is restored with such ones; the next step is finite in any case. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aMeanOfSquaresThatIsNegativeIsRefused(Optimizer optimizer) {
        Trainer trainer = stopped(optimizer);
        UpdateRule rule = trainer.rule(trainer.model().parametersByPath().get("out.weight"));
        int refused = 0;
        for (int i = 0; i < rule.state().size(); i++) {
            TrainingState state = trainer.state();
            String name = "optimizer/out.weight/" + i;
            state.tensors().get(name).set(-0.25f, 2, 1);
            if (rule.minimum(i) == 0) {
                assertRefused(
                        state, optimizer, "'" + name + "' has -0.25 in row 2, column 1; no value may be negative");
                refused++;
            } else {
                Trainer other = trainer(model(), optimizer);
                other.restore(state);
                assertThat(other.step(data(4).x(), data(4).y()).loss()).isFinite();
                assertThat(other.model()
                                .parametersByPath()
                                .get("out.weight")
                                .value()
                                .isFinite())
                        .isTrue();
            }
        }
        assertThat(refused).isPositive();
    }

    static Stream<String[]> contradictions() {
        return Stream.of(
                new String[] {"trainer/steps", "9007199254740993", "expected a whole number from 0 to 9007199254740992"
                },
                new String[] {"trainer/steps", "4", "there are 4 epochs of at least 1 step, and 1 steps of the next"},
                new String[] {"trainer/epochs", "2147483646", "expected a whole number from 0 to 1073741824"},
                new String[] {"trainer/epochs", "3", "the trainer has done 3 epochs in all"},
                new String[] {"trainer/epochs", "14", "there are 14 epochs of at least 1 step"},
                new String[] {"trainer/epoch/steps", "0", "without a step, all totals of the epoch are 0"},
                new String[] {"trainer/epoch/examples", "0", "each of 1 steps has an example"},
                new String[] {"trainer/epoch/losses", "Infinity", "the loss of every step is finite"},
                new String[] {
                    "trainer/epoch/terms",
                    "0",
                    "the loss of every step has a finite number of terms, 0 or more, and a mean of none is 0"
                },
                new String[] {
                    "trainer/epoch/terms",
                    "-8",
                    "the loss of every step has a finite number of terms, 0 or more, and a mean of none is 0"
                },
                new String[] {"trainer/epoch/norms", "-1", "a norm is finite, and 0 or more"},
                new String[] {"trainer/epoch/rate", "-1", "a learning rate is finite, and 0 or more"},
                new String[] {"trainer/fit/epochs", "5", "the trainer has done 4 epochs in all"},
                new String[] {"fit/epochs", "3", "the fit was to have 3 epochs"},
                new String[] {"fit/epochs", "many", "expected a whole number"},
                new String[] {"fit/patience", "-1", "expected a whole number"},
                new String[] {"trainer/fit/best/value", "NaN", "expected a number"},
                new String[] {"trainer/fit/best/epoch", "5", "the fit has done 4 epochs, and the trainer 4"},
                new String[] {"trainer/fit/best/epoch", "0", "no epoch was the best"},
                new String[] {"trainer/fit/best/waited", "6", "the fit ends after a patience of 5"},
                new String[] {"trainer/fit/best/waited", "4", " of 4 was the best"},
                new String[] {"trainer/fit/plateau/best", "NaN", "expected a number"},
                new String[] {"trainer/fit/plateau/waited", "5", "the fit has done 4 epochs"});
    }

    @ParameterizedTest
    @MethodSource("contradictions")
    void countersThatContradictEachOtherAreRefused(String name, String value, String rule) {
        Optimizer optimizer = Adam.of(0.01);
        TrainingState state = stopped(optimizer).state();
        assertThat(state.text()).containsKey(name);
        assertRefused(with(state, name, value), optimizer, rule);
    }

    private static TrainingState with(TrainingState state, String name, String value) {
        SequencedMap<String, String> text = new LinkedHashMap<>(state.text());
        text.put(name, value);
        return new TrainingState(state.tensors(), text);
    }

    @Test
    void weightsOfABestEpochThatIsNotKeptHaveNoPlace() {
        TrainingState state = stopped(Adam.of(0.01)).state();
        assertRefused(
                with(state, "fit/keepBest", "false"),
                Adam.of(0.01),
                "'best/out.weight' does not belong to this trainer");
    }
}
