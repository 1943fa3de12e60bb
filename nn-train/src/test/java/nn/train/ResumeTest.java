package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A training that stops and goes on equals one that never stopped, bit for bit. */
class ResumeTest {
    static final List<Optimizer> OPTIMIZERS = List.of(
            Sgd.of(0.1),
            Sgd.of(0.1).withMomentum(0.9).withDampening(0.1).withWeightDecay(1e-3),
            Sgd.of(0.1).withMomentum(0.9).withNesterov(),
            Adam.of(0.01).withWeightDecay(1e-3),
            Adam.of(0.01).withAmsgrad(),
            AdamW.of(0.01));

    /** Fifty examples in batches of 16 are four steps an epoch; step 17 is the first of the fifth. */
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
        return new Trainer(
                Noisy.of(5, 2, Key.of(seed)), new SoftmaxCrossEntropy(), optimizer, Key.of(seed).child("training"));
    }

    /** Leaves the training by the back door after a step. */
    private static final class Stop extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static Observer stopAfter(long step) {
        return new Observer() {
            @Override
            public void onStep(StepReport report) {
                if (report.step() == step) {
                    throw new Stop();
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
    void stoppingAndGoingOnIsNotStopping(Optimizer optimizer) {
        Trainer straight = trainer(optimizer, 1);
        History whole = straight.fit(BATCHES, 10);

        Trainer first = trainer(optimizer, 1);
        assertThatExceptionOfType(Stop.class).isThrownBy(() -> first.fit(BATCHES, 10, stopAfter(17)));
        TrainingState saved = first.state();
        assertThat(first.steps()).isEqualTo(17);
        assertThat(first.epochs()).isEqualTo(4);

        Trainer second = trainer(optimizer, 99); // other weights, another key
        second.restore(saved);
        assertThat(fingerprint(second.state())).isEqualTo(fingerprint(saved));
        History rest = second.fit(BATCHES, 10 - second.epochs());

        assertThat(second.steps()).isEqualTo(40);
        assertThat(fingerprint(second.state())).isEqualTo(fingerprint(straight.state()));
        assertThat(rest.epochs()).hasSize(6);
        assertThat(rest.epochs().getFirst().loss()).isEqualTo(whole.epochs().get(4).loss());
        assertThat(rest.last().gradientNorm()).isEqualTo(whole.last().gradientNorm());
    }

    /** What makes the test above worth something: each part of the state matters. */
    @Test
    void withoutItsPlaceInTheEpochOrItsKeyItIsAnother() {
        Trainer straight = trainer(Adam.of(0.01), 1);
        straight.fit(BATCHES, 10);
        Trainer first = trainer(Adam.of(0.01), 1);
        assertThatExceptionOfType(Stop.class).isThrownBy(() -> first.fit(BATCHES, 10, stopAfter(17)));
        for (String name : List.of("trainer/epoch/steps", "trainer/key", "trainer/steps")) {
            TrainingState saved = first.state();
            SequencedMap<String, String> text = new LinkedHashMap<>(saved.text());
            text.put(name, name.equals("trainer/key") ? "0".repeat(32) : "3");
            Trainer second = trainer(Adam.of(0.01), 1);
            second.restore(new TrainingState(saved.tensors(), text));
            second.fit(BATCHES, 6);
            assertThat(second.state().tensors().get("model/weight").sha256())
                    .as(name)
                    .isNotEqualTo(straight.state().tensors().get("model/weight").sha256());
        }
    }

    @Test
    void theStateIsACopyBothWays() {
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
    void aStateThatDoesNotFitIsRefusedWithEverythingThatIsWrong() {
        Trainer trainer = trainer(Adam.of(0.01), 1);
        trainer.fit(BATCHES, 1);
        Map<String, String> before = fingerprint(trainer.state());

        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>(trainer(Sgd.of(0.1), 2).state().tensors());
        tensors.remove("model/bias");
        tensors.put("model/weight", Tensor.zeros(5, 3));
        tensors.put("model/mean", Tensor.of(new float[] {0, Float.NaN}, 2));
        tensors.put("model/more", Tensor.zeros(1));
        SequencedMap<String, String> text = new LinkedHashMap<>(trainer.state().text());
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
                .withMessageContaining("'trainer/steps' is '-1'; expected a whole number from 0 to")
                .withMessageContaining("'trainer/epochs' is missing from the text\n")
                .withMessageContaining("'trainer/epoch/losses' is 'much'; expected a number\n")
                .withMessageContaining("'trainer/key' is '12'; expected 32 hexadecimal digits\n")
                .withMessageEndingWith("'model/more' has no place in this trainer")
                .withMessageNotContaining("of my own");
        assertThat(fingerprint(trainer.state())).isEqualTo(before);
    }

    @Test
    void anEpochIsGoneOnWithInItsOwnBatchesOnly() {
        Trainer trainer = trainer(Sgd.of(0.1), 1);
        assertThatExceptionOfType(Stop.class).isThrownBy(() -> trainer.fit(BATCHES, 1, stopAfter(3)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.fit(Batches.inOrder(data(50), 25), 1))
                .withMessage("the epoch under way has 3 steps behind it, but there are only 2 batches; fit with the batches"
                        + " that it began with");
    }

    @Test
    void aStateOfNothingIsRefused() {
        assertThatNullPointerException().isThrownBy(() -> trainer(Sgd.of(0.1), 1).restore(null)).withMessage("state");
        SequencedMap<String, Tensor> none = new LinkedHashMap<>();
        assertThatNullPointerException().isThrownBy(() -> new TrainingState(none, null)).withMessage("text");
        none.put("a", null);
        assertThatNullPointerException()
                .isThrownBy(() -> new TrainingState(none, new LinkedHashMap<>()))
                .withMessage("tensors: 'a'");
    }
}
