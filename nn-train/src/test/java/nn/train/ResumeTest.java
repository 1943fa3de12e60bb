package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import nn.layers.Layer;
import nn.layers.dense.Dense;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adafactor;
import nn.train.optimizer.Adagrad;
import nn.train.optimizer.Adam;
import nn.train.optimizer.AdamW;
import nn.train.optimizer.Chain;
import nn.train.optimizer.Clipping;
import nn.train.optimizer.Lion;
import nn.train.optimizer.Muon;
import nn.train.optimizer.NAdam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.ParameterGroups;
import nn.train.optimizer.Penalty;
import nn.train.optimizer.RAdam;
import nn.train.optimizer.RmsProp;
import nn.train.optimizer.Sgd;
import nn.train.optimizer.Transform;
import nn.train.schedule.Plateau;
import nn.train.schedule.Schedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A resumed training equals one that never stopped, bit for bit. */
class ResumeTest {
    static final List<Optimizer> OPTIMIZERS = List.of(
            Sgd.of(0.1),
            Sgd.of(0.1).withMomentum(0.9).withDampening(0.1).withWeightDecay(1e-3),
            Sgd.of(0.1).withMomentum(0.9).withNesterov(),
            Adam.of(0.01).withWeightDecay(1e-3),
            Adam.of(0.01).withAmsgrad(),
            AdamW.of(0.01),
            RmsProp.of(0.01),
            RmsProp.of(0.01).withCentering().withMomentum(0.9),
            Adagrad.of(0.1).withRateDecay(0.01).withInitial(0.1),
            Adam.of(0.01).withEpsilon(1e-30).withAmsgrad(),
            RmsProp.of(0.01).withEpsilon(1e-15).withCentering().withMomentum(0.9),
            Adagrad.of(0.1).withEpsilon(1e-30),
            Lion.of(0.01),
            NAdam.of(0.01),
            RAdam.of(0.01).withDecoupledWeightDecay(1e-3),
            Adafactor.of(0.05),
            Chain.of(0.01, Transform.adam(0.9, 0.999, 1e-6), Transform.decay(0.01), Transform.trustRatio()),
            ParameterGroups.others(AdamW.of(0.01))
                    .with("weights", (path, p) -> p.value().shape().rank() == 2, Muon.of(0.02)),
            new CustomMomentum(0.1, 0.9),
            ParameterGroups.others(Adam.of(0.01)).with("biases", (path, p) -> path.equals("bias"), Sgd.of(0.1)));

    /** Everything that has a state. */
    private static final TrainerOptions OPTIONS = TrainerOptions.NONE
            .schedule(Schedule.warmUp(6)
                    .times(Schedule.cosine(40, 0.1))
                    .times(Schedule.step(2, 0.9).perEpoch()))
            .plateau(Plateau.of(0.5, 0))
            .clipping(Clipping.norm(0.25))
            .penalty(Penalty.of(1e-4, 1e-3))
            .microBatch(7)
            .averaging(Averaging.exponential(0.8));

    /**
     * The validation labels are noise, so the validation loss rises and falls: there are a best epoch and plateaus.
     */
    private static final FitOptions FIT =
            FitOptions.epochs(10).validation(noise()).keepBest().patience(100);

    private static Dataset noise() {
        Dataset data = data(30);
        for (int i = 0; i < 30; i++) {
            data.y().set(Key.of(8).word(i) & 1, i);
        }
        return data;
    }

    /** Fifty examples in batches of 16 are four steps per epoch; step 17 is the first of the fifth epoch. */
    private static final Batches BATCHES = Batches.shuffled(data(50), 16, Key.of(4));

    private static Dataset data(int n) {
        Tensor x = Tensor.zeros(n, 5);
        Key.of(3).uniform(x, -1f, 1f);
        Tensor y = Tensor.zeros(n);
        for (int i = 0; i < n; i++) {
            y.set(x.row(i).sum() > 0 ? 1 : 0, i);
        }
        return new Dataset(x, y);
    }

    private static Trainer trainer(Optimizer optimizer, long seed) {
        return trainer(optimizer, seed, TrainerOptions.NONE);
    }

    private static Trainer trainer(Optimizer optimizer, long seed, TrainerOptions options) {
        return trainer(Noisy.of(5, 2, Key.of(seed)), optimizer, seed, options);
    }

    private static Trainer trainer(Layer model, Optimizer optimizer, long seed, TrainerOptions options) {
        return new Trainer(
                model, new SoftmaxCrossEntropy(), optimizer, Key.of(seed).child("training"), options);
    }

    private static Network network(long seed) {
        return Network.builder(Key.of(seed))
                .input(5)
                .dense("hidden", 8)
                .batchNorm("norm")
                .relu()
                .dropout("drop", 0.25)
                .dense("out", 2)
                .build();
    }

    private static void stopAt17(Trainer trainer, FitOptions fit) {
        History history = trainer.fit(BATCHES, fit.observers(cancelAfter(17, trainer)));
        assertThat(history.stopReason()).isEqualTo(StopReason.CANCELLED);
        assertThat(trainer.steps()).isEqualTo(17);
        assertThat(trainer.epochs()).isEqualTo(4);
    }

    private static TrainingObserver cancelAfter(long step, Trainer trainer) {
        return new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                if (report.step() == step) {
                    trainer.cancel();
                }
            }
        };
    }

    private static Map<String, String> fingerprint(TrainingState state) {
        Map<String, String> prints = new LinkedHashMap<>(state.text());
        state.tensors().forEach((name, tensor) -> prints.put(name, tensor.sha256()));
        return prints;
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aResumedTrainingHasTheBitsOfAnUninterruptedOne(Optimizer optimizer) {
        Trainer straight = trainer(optimizer, 1, OPTIONS);
        History whole = straight.fit(BATCHES, FIT);
        assertThat(straight.steps()).isEqualTo(40);
        assertThat(whole.epochs())
                .extracting(EpochReport::rate)
                .as("with plateaus")
                .doesNotHaveDuplicates();

        Trainer first = trainer(optimizer, 1, OPTIONS);
        stopAt17(first, FIT);
        TrainingState saved = first.state();
        assertThat(saved.tensors()).containsKey("best/weight");

        Trainer second = trainer(optimizer, 1, OPTIONS);
        second.fit(BATCHES, 3); // other weights and counters
        second.restore(saved);
        assertThat(fingerprint(second.state())).isEqualTo(fingerprint(saved));
        History rest = second.fit(BATCHES, FIT);

        assertThat(second.steps()).isEqualTo(40);
        assertThat(fingerprint(second.state())).isEqualTo(fingerprint(straight.state()));
        assertThat(rest.epochs()).hasSize(6);
        for (int i = 0; i < 6; i++) {
            assertThat(withoutTime(rest.epochs().get(i)))
                    .isEqualTo(withoutTime(whole.epochs().get(4 + i)));
        }
    }

    private static EpochReport withoutTime(EpochReport e) {
        return new EpochReport(
                e.epoch(),
                e.loss(),
                e.gradientNorm(),
                e.rate(),
                e.steps(),
                e.examples(),
                0,
                e.validationLoss(),
                e.metrics(),
                e.observations());
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aResumedTrainingWithDropoutAndBatchNormHasTheSameBits(Optimizer optimizer) {
        Trainer straight = trainer(network(1), optimizer, 1, OPTIONS);
        straight.fit(BATCHES, FIT);
        Trainer first = trainer(network(1), optimizer, 1, OPTIONS);
        stopAt17(first, FIT);
        Trainer second = trainer(network(1), optimizer, 1, OPTIONS);
        second.fit(BATCHES, 2);
        second.restore(first.state());
        assertThat(second.state().tensors()).containsKey("best/norm.variance");
        second.fit(BATCHES, FIT);
        assertThat(second.state().tensors()).containsKey("model/norm.variance");
        assertThat(fingerprint(second.state())).isEqualTo(fingerprint(straight.state()));
    }

    private static Graph graph(boolean crossed) {
        Graph.Builder graph = Graph.builder(Key.of(1));
        Node x = graph.input("x", 5);
        Node left = graph.chain(
                "left", x, n -> n.dense("hidden", 8).batchNorm("norm").relu().dropout("drop", 0.25));
        Node right = graph.layer("right", Dense.units(8), x).tanh();
        Layer shared = graph.make("shared", Dense.units(2), left);
        Node out = crossed
                ? right.through(shared).minus(left.through(shared))
                : left.through(shared).minus(right.through(shared));
        return graph.output("y", out).build();
    }

    @Test
    void aResumedTrainingOfAGraphHasTheSameBits() {
        Trainer straight = trainer(graph(false), Adam.of(0.01), 1, OPTIONS);
        straight.fit(BATCHES, FIT);
        Trainer first = trainer(graph(false), Adam.of(0.01), 1, OPTIONS);
        stopAt17(first, FIT);
        Trainer second = trainer(graph(false), Adam.of(0.01), 1, OPTIONS);
        second.fit(BATCHES, 2);
        second.restore(first.state());
        second.fit(BATCHES, FIT);
        assertThat(fingerprint(second.state())).isEqualTo(fingerprint(straight.state()));
    }

    @Test
    void aGraphWithOtherConnectionsIsADifference() {
        Trainer saved = trainer(graph(false), Adam.of(0.01), 1, OPTIONS);
        Trainer other = trainer(graph(true), Adam.of(0.01), 1, OPTIONS);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other.restore(saved.state()))
                .withMessageContaining("architecture: the model was Graph of 4 layers, connected as ")
                .withMessageContaining(", here it is Graph of 4 layers, connected as ");
    }

    /** Shows that the tests above would notice a missing part of the state. */
    @Test
    void everyPartOfTheStateMatters() {
        FitOptions fit = FitOptions.epochs(10).validation(noise());
        Trainer straight = trainer(Adam.of(0.01), 1, OPTIONS);
        straight.fit(BATCHES, fit);
        Trainer first = trainer(Adam.of(0.01), 1, OPTIONS);
        stopAt17(first, fit);
        TrainingState saved = first.state();
        Map<String, String> others = Map.of(
                "trainer/epoch/steps", "2",
                "trainer/steps", "18",
                "trainer/epochs", "5",
                "trainer/fit/plateau/factor", "1",
                "trainer/fit/plateau/best", "Infinity");
        others.forEach((name, other) -> {
            assertThat(saved.text().get(name)).as(name).isNotNull().isNotEqualTo(other);
            SequencedMap<String, String> text = new LinkedHashMap<>(saved.text());
            text.put(name, other);
            if (name.equals("trainer/epochs")) { // the best one is as long ago
                int best = Integer.parseInt(text.get("trainer/fit/best/epoch"));
                text.put("trainer/fit/best/epoch", "" + (best + 1));
            }
            Trainer second = trainer(Adam.of(0.01), 1, OPTIONS);
            second.restore(new TrainingState(saved.tensors(), text));
            second.fit(BATCHES, fit);
            assertThat(second.state().tensors().get("model/weight").sha256())
                    .as(name)
                    .isNotEqualTo(straight.state().tensors().get("model/weight").sha256());
        });
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>(saved.tensors());
        for (String name : List.of("optimizer/weight/0", "optimizer/bias/1")) {
            tensors.put(name, Tensor.zeros(tensors.get(name).shape()));
            Trainer second = trainer(Adam.of(0.01), 1, OPTIONS);
            second.restore(new TrainingState(tensors, saved.text()));
            second.fit(BATCHES, fit);
            assertThat(second.state().tensors().get("model/weight").sha256())
                    .as(name)
                    .isNotEqualTo(straight.state().tensors().get("model/weight").sha256());
        }
    }

    @Test
    void savingAndRestoringCopyTheState() {
        Trainer trainer = trainer(Adam.of(0.01), 1);
        trainer.fit(BATCHES, 1);
        TrainingState saved = trainer.state();
        Map<String, String> before = fingerprint(saved);
        trainer.fit(BATCHES, 1);
        assertThat(fingerprint(saved)).isEqualTo(before);
        trainer.restore(saved);
        trainer.fit(BATCHES, 1);
        assertThat(fingerprint(saved)).isEqualTo(before);
    }

    @Test
    void aReaderOfTheStateGetsTheTensorsThemselves() {
        Trainer trainer = trainer(Adam.of(0.01), 1);
        trainer.fit(BATCHES, 1);
        Map<String, String> expected = fingerprint(trainer.state());
        trainer.readState(state -> {
            assertThat(fingerprint(state)).isEqualTo(expected);
            trainer.model()
                    .parametersByPath()
                    .forEach((path, parameter) ->
                            assertThat(state.tensors().get("model/" + path)).isSameAs(parameter.value()));
        });
    }

    @Test
    void noStepRunsWhileTheStateIsRead() {
        Trainer trainer = trainer(Adam.of(0.01), 1);
        assertThatThrownBy(() -> trainer.readState(state -> trainer.fit(BATCHES, 1)))
                .isInstanceOf(IllegalStateException.class);
        trainer.fit(BATCHES, 1); // the reader's failure ends the reading
    }

    @Test
    void anEmptyTextIsRefusedAsNumberAndAsRecipe() {
        Trainer trainer = trainer(Adam.of(0.01), 1);
        trainer.fit(BATCHES, FitOptions.epochs(2).keepBest().observers(cancelAfter(5, trainer)));
        TrainingState state = trainer.state();
        for (String name : state.text().keySet()) {
            if (name.startsWith("fit/") || name.equals("trainer/optimizer")) {
                continue; // compared by the next fit, and empty for an optimizer that remembers nothing
            }
            SequencedMap<String, String> text = new LinkedHashMap<>(state.text());
            text.put(name, "");
            assertThatIllegalArgumentException()
                    .as(name)
                    .isThrownBy(() -> trainer.restore(new TrainingState(state.tensors(), text)));
        }
    }

    @Test
    void aNumberInDigitsOfAnotherScriptIsRefused() {
        Trainer trainer = trainer(Adam.of(0.01), 1);
        SequencedMap<String, String> text = new LinkedHashMap<>(trainer.state().text());
        text.put("trainer/steps", "\u0661");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> trainer.restore(new TrainingState(trainer.state().tensors(), text)))
                .withMessageContaining("'trainer/steps' is '\u0661'; expected a whole number from 0 to");
    }

    @Test
    void anUnfinishedFitOfUnknownBatchesCannotBeResumed() {
        Trainer trainer = trainer(Adam.of(0.01), 1);
        FitOptions fit = FitOptions.epochs(2);
        trainer.fit(BATCHES, fit.observers(cancelAfter(5, trainer)));
        for (String name : BATCHES.fingerprint().keySet()) {
            SequencedMap<String, String> text =
                    new LinkedHashMap<>(trainer.state().text());
            text.remove("fit/batches/" + name);
            Trainer other = trainer(Adam.of(0.01), 1);
            other.restore(new TrainingState(trainer.state().tensors(), text));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> other.fit(BATCHES, fit))
                    .withMessageContaining(name + " is not known, now it is ");
        }
    }

    @Test
    void aStateThatDoesNotFitIsRefusedWithAllItsProblems() {
        Trainer trainer = trainer(Adam.of(0.01), 1);
        trainer.fit(BATCHES, FitOptions.epochs(2).keepBest().observers(cancelAfter(5, trainer)));
        Map<String, String> before = fingerprint(trainer.state());

        SequencedMap<String, Tensor> tensors =
                new LinkedHashMap<>(trainer(Sgd.of(0.1), 2).state().tensors());
        tensors.remove("model/bias");
        tensors.put("model/weight", Tensor.zeros(5, 3));
        tensors.put("model/mean", Tensor.of(new float[] {0, Float.NaN}, 2));
        tensors.put("model/more", Tensor.zeros(1));
        SequencedMap<String, String> text = new LinkedHashMap<>(trainer.state().text());
        text.put("trainer/fit/plateau/factor", "2");
        tensors.put("best/mean", Tensor.zeros(2));
        text.put("trainer/optimizer", "Sgd");
        text.put("trainer/steps", "-1");
        text.put("trainer/epoch/losses", "much");
        text.put("trainer/key", "12");
        text.remove("trainer/epochs");
        text.put("name", "of my own");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.restore(new TrainingState(tensors, text)))
                .withMessageStartingWith("the state does not fit this trainer, and nothing was changed:\n")
                .withMessageContaining("'model/weight' expected [5 x 2], got [5 x 3]\n")
                .withMessageContaining("'model/bias' is missing; expected [2]\n")
                .withMessageContaining("'model/mean' has NaN in row 1\n")
                .withMessageContaining("'trainer/optimizer' is Sgd; this trainer has Adam[rate=0.01, beta1=0.9")
                .withMessageContaining("'optimizer/weight/0' is missing; expected [5 x 2]\n")
                .withMessageContaining("'best/weight' is missing; expected [5 x 2]\n")
                .withMessageContaining("'trainer/fit/plateau/factor' is '2.0'; expected a number from 0 to 1\n")
                .withMessageContaining("'trainer/steps' is '-1'; expected a whole number from 0 to")
                .withMessageContaining("'trainer/epochs' is missing from the text\n")
                .withMessageContaining("'trainer/epoch/losses' is 'much'; expected a number\n")
                .withMessageContaining("'trainer/key' is '12'; expected 32 hexadecimal digits\n")
                .withMessageEndingWith(
                        "'model/more' does not belong to this trainer\nBuild the trainer like the one that"
                                + " was saved; to accept a difference is not enough to restore this state")
                .withMessageNotContaining("of my own");
        assertThat(fingerprint(trainer.state())).isEqualTo(before);
    }

    @Test
    void anUnfinishedEpochIsResumedOnlyWithItsOwnBatches() {
        Trainer trainer = trainer(Sgd.of(0.1), 1);
        trainer.fit(BATCHES, 1, cancelAfter(3, trainer));
        Batches other = Batches.inOrder(data(50), 25);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.fit(other, 1))
                .withMessageStartingWith("another fit is unfinished, after 0 epochs and 3 steps of the next, and"
                        + " nothing was changed:\n  batch size was 16, now it is 25\n  order was shuffled by key ")
                .withMessageContaining("abandonFit()");
        assertThat(trainer.steps()).isEqualTo(3);
        trainer.abandonFit();
        trainer.fit(other, 1);
        assertThat(trainer.steps()).isEqualTo(5);
    }

    @Test
    void aNullStateIsRefused() {
        assertThatNullPointerException()
                .isThrownBy(() -> trainer(Sgd.of(0.1), 1).restore(null))
                .withMessage("state");
        SequencedMap<String, Tensor> none = new LinkedHashMap<>();
        assertThatNullPointerException()
                .isThrownBy(() -> new TrainingState(none, null))
                .withMessage("text");
        none.put("a", null);
        assertThatNullPointerException()
                .isThrownBy(() -> new TrainingState(none, new LinkedHashMap<>()))
                .withMessage("tensors: 'a'");
    }
}
