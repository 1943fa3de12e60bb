package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import nn.fixtures.FunctionPass;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.network.Network;
import nn.layers.normalization.BatchNorm;
import nn.layers.normalization.LayerNorm;
import nn.layers.recurrent.Rnn;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.checkpoint.Checkpoint;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.Huber;
import nn.train.loss.Loss;
import nn.train.loss.Masked;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Clipping;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Penalty;
import nn.train.optimizer.Sgd;
import nn.train.optimizer.UpdateRule;
import nn.train.schedule.Plateau;
import nn.train.schedule.Schedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state that does not belong to a trainer is refused with the differences, unless they are accepted. */
class DifferenceTest {
    @TempDir
    private Path folder;

    private static Network.Builder builder(long seed) {
        return Network.builder(Key.of(seed)).input(3).dense("a", 4);
    }

    private static Network network() {
        return builder(1).relu().dropout("drop", 0.1).dense("out", 2).build();
    }

    private static Trainer trainer(Layer model) {
        return trainer(model, new MeanSquaredError(), Sgd.of(0.1), 2, TrainerOptions.NONE);
    }

    private static Trainer trainer(Layer model, Loss loss, Optimizer optimizer, long key, TrainerOptions options) {
        return new Trainer(model, loss, optimizer, Key.of(key), options);
    }

    private static Map<String, String> prints(Trainer trainer) {
        Map<String, String> prints = new LinkedHashMap<>(trainer.state().text());
        trainer.state().tensors().forEach((name, tensor) -> prints.put(name, tensor.sha256()));
        return prints;
    }

    private void requireRefused(Trainer saved, Trainer other, Difference part, String text) throws IOException {
        Path file = folder.resolve("state");
        saved.step(Tensor.full(0.5f, 4, 3), Tensor.full(0.25f, 4, 2));
        Checkpoint.save(file, saved);
        Map<String, String> before = prints(other);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.resume(file, other))
                .withMessageContaining("\n  " + text)
                .withMessageEndingWith("Difference." + part);
        for (Difference accepted : Difference.values()) {
            if (accepted != part) {
                assertThatIllegalArgumentException().isThrownBy(() -> Checkpoint.resume(file, other, accepted));
            }
        }
        assertThat(prints(other)).isEqualTo(before);
        Checkpoint.resume(file, other, part);
        assertThat(other.steps()).isEqualTo(1);
        assertThat(other.state().tensors().get("model/a.weight").sha256())
                .isEqualTo(saved.state().tensors().get("model/a.weight").sha256());
        other.step(Tensor.full(0.5f, 4, 3), Tensor.full(0.25f, 4, 2));
    }

    /** The option may differ in both directions; if the difference is accepted, carried states are ignored. */
    @Test
    void theCarryingOptionIsCompared() {
        for (boolean carried : new boolean[] {false, true}) {
            Trainer[] trainers = new Trainer[2];
            for (int i = 0; i < 2; i++) {
                Network model = Network.builder(Key.of(1))
                        .sequence(2)
                        .gru("gru", 3)
                        .dense("out", 1)
                        .build();
                TrainerOptions options =
                        carried == (i == 0) ? TrainerOptions.NONE.carryingStates() : TrainerOptions.NONE;
                trainers[i] = trainer(model, new MeanSquaredError(), Sgd.of(0.1), 2, options);
            }
            trainers[0].step(Tensor.full(0.5f, 4, 3, 2), Tensor.full(0.25f, 4, 3, 1));
            TrainingState state = trainers[0].state();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> trainers[1].restore(state))
                    .withMessageContaining("\n  options: carrying was " + carried + ", here it is " + !carried + "\n")
                    .withMessageEndingWith("Difference.OPTIONS");
            trainers[1].restore(state, Difference.OPTIONS);
            assertThat(trainers[1].steps()).isEqualTo(1);
            assertThat(trainers[1].state().tensors().keySet()).noneMatch(name -> name.startsWith("carry/"));
            trainers[1].step(Tensor.full(0.5f, 4, 3, 2), Tensor.full(0.25f, 4, 3, 1));
        }
    }

    @Test
    void layersAreCompared() throws IOException {
        requireRefused(
                trainer(network()),
                trainer(builder(1).tanh().dropout("drop", 0.1).dense("out", 2).build()),
                Difference.ARCHITECTURE,
                "architecture: layer 'relu2' was relu; here there is no such layer");
        requireRefused(
                trainer(network()),
                trainer(builder(1).relu().dropout("drop", 0.9).dense("out", 2).build()),
                Difference.ARCHITECTURE,
                "architecture: layer 'drop' was Dropout 0.1, here it is Dropout 0.9\n");
        requireRefused(
                trainer(builder(1)
                        .layer("n", BatchNorm.standard())
                        .dense("out", 2)
                        .build()),
                trainer(builder(1)
                        .layer("n", new BatchNorm.Config(1e-5, 0.5))
                        .dense("out", 2)
                        .build()),
                Difference.ARCHITECTURE,
                "architecture: layer 'n' was BatchNorm 4, here it is BatchNorm 4 (epsilon 1.0E-5, momentum 0.5)\n");
        requireRefused(
                trainer(builder(1)
                        .layer("n", new LayerNorm.Config(0.5))
                        .dense("out", 2)
                        .build()),
                trainer(builder(1).layerNorm("n").dense("out", 2).build()),
                Difference.ARCHITECTURE,
                "architecture: layer 'n' was LayerNorm 4 (epsilon 0.5), here it is LayerNorm 4\n");
    }

    /** The keys of a parameter come with it, so a model of the same key with one more layer has others. */
    @Test
    void otherLayersAreNotTakenForAnotherKey() {
        TrainingState state = trainer(builder(1).dense("out", 2).build()).state();
        Trainer other = trainer(builder(1).layerNorm("n").dense("out", 2).build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other.restore(state))
                .withMessageContaining("keys: the model was built with another key or with other layers, so layers"
                        + " that draw in training, such as dropout, may draw other values");
    }

    @Test
    void lossOptimizerOptionsAndKeysAreCompared() throws IOException {
        Loss loss = new MeanSquaredError();
        requireRefused(
                trainer(network()),
                trainer(network(), new Huber(1), Sgd.of(0.1), 2, TrainerOptions.NONE),
                Difference.LOSS,
                "loss: the loss was MeanSquaredError[reduction=");
        requireRefused(
                trainer(network()),
                trainer(network(), loss, Sgd.of(0.2), 2, TrainerOptions.NONE),
                Difference.OPTIMIZER,
                "optimizer: the optimizer was Sgd[rate=0.1, ");
        requireRefused(
                trainer(network()),
                trainer(network(), loss, Sgd.of(0.1), 3, TrainerOptions.NONE),
                Difference.KEYS,
                "keys: the trainer's key was ");
        Network otherKey =
                builder(7).relu().dropout("drop", 0.1).dense("out", 2).build();
        requireRefused(
                trainer(network()), trainer(otherKey), Difference.KEYS, "keys: the model was built with another key");
        Map<String, TrainerOptions> options = Map.of(
                "microBatch was 0, here it is 2", TrainerOptions.NONE.microBatch(2),
                "clipping was none, here it is Norm[max=1.0", TrainerOptions.NONE.clipping(Clipping.norm(1)),
                "penalty was Penalty[l1=0.0, l2=0.0], here it is Penalty[l1=1.0",
                        TrainerOptions.NONE.penalty(Penalty.of(1, 0)),
                "plateau was none, here it is Plateau[factor=0.5", TrainerOptions.NONE.plateau(Plateau.of(0.5, 1)),
                "schedule was Constant[], here it is WarmUp[steps=5]",
                        TrainerOptions.NONE.schedule(Schedule.warmUp(5)));
        for (Map.Entry<String, TrainerOptions> other : options.entrySet()) {
            requireRefused(
                    trainer(network()),
                    trainer(network(), loss, Sgd.of(0.1), 2, other.getValue()),
                    Difference.OPTIONS,
                    "options: " + other.getKey());
        }
    }

    @Test
    void allDifferencesAreListedAtOnce() {
        TrainingState state = trainer(network()).state();
        Trainer other = trainer(
                builder(1).tanh().dropout("drop", 0.9).dense("out", 2).build(),
                new Huber(1),
                Sgd.of(0.2),
                3,
                TrainerOptions.NONE.microBatch(2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other.restore(state))
                .withMessageContainingAll(
                        "layer 'relu2'",
                        "layer 'drop'",
                        "the loss was",
                        "the optimizer was",
                        "microBatch was",
                        "the trainer's key was")
                .withMessageEndingWith("Difference.ARCHITECTURE, Difference.LOSS, Difference.OPTIMIZER,"
                        + " Difference.OPTIONS, Difference.KEYS");
        other.restore(state, Difference.values());
        assertThat(other.state().text()).containsEntry("trainer/key", Key.of(3).hex()); // it continues with its own
    }

    /** Hash codes in the texts of lambdas and objects without toString are no difference. */
    @Test
    void objectsWithoutToStringAreComparedByTheirClassAtMost() {
        Network mine = builder(1).layer("own", new Own()).dense("out", 2).build();
        Network again = builder(1).layer("own", new Own()).dense("out", 2).build();
        Loss loss = (output, target, context) -> new MeanSquaredError().of(output, target, context);
        Loss same = (output, target, context) -> new MeanSquaredError().of(output, target, context);
        TrainingState state = trainer(mine, new Masked(loss), Sgd.of(0.1), 2, TrainerOptions.NONE)
                .state();
        trainer(again, new Masked(same), Sgd.of(0.1), 2, TrainerOptions.NONE).restore(state);
        assertThat(state.text()).containsEntry("recipe/loss", "Masked[loss=a lambda]");
        assertThat(state.text().get("recipe/model")).contains("own\tDifferenceTest$Own\n");
    }

    /** A loss and an optimizer that do not say what they compute with. */
    @Test
    void lossesAndOptimizersOfAClassWithoutToStringAreComparedByTheClass() {
        class Silent implements Loss {
            private final double factor;

            Silent(double factor) {
                this.factor = factor;
            }

            @Override
            public Value of(Tensor output, Tensor target, Context context) {
                Value value = new MeanSquaredError().of(output, target, context);
                return new Value(factor * value.value(), value.dOutput());
            }
        }
        class Mute implements Optimizer {
            @Override
            public double rate() {
                return 0.1;
            }

            @Override
            public UpdateRule ruleFor(Parameter parameter) {
                return Sgd.of(0.1).ruleFor(parameter);
            }
        }
        TrainingState state = trainer(network(), new Silent(1), new Mute(), 2, TrainerOptions.NONE)
                .state();
        assertThat(state.text())
                .containsEntry("recipe/loss", "DifferenceTest$1Silent")
                .containsEntry("recipe/optimizer", "DifferenceTest$1Mute");
        trainer(network(), new Silent(2), new Mute(), 2, TrainerOptions.NONE).restore(state);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(network()).restore(state, Difference.OPTIMIZER))
                .withMessageContaining(
                        "loss: the loss was DifferenceTest$1Silent, here it is MeanSquaredError[reduction=MEAN]\n");
    }

    /** Nothing that a caller can accept makes a tensor of another size fit. */
    @Test
    void noDifferenceIsOfferedToWhoHasLayersOfOtherSizes() {
        TrainingState state = trainer(network()).state();
        Trainer other =
                trainer(builder(1).relu().dropout("drop", 0.1).dense("out", 3).build());
        String shapes = "the state does not fit this trainer, and nothing was changed:\n"
                + "  'model/out.weight' expected [4 x 3], got [4 x 2]\n"
                + "  'model/out.bias' expected [3], got [2]\n";
        String remedy = "Build the trainer like the one that was saved; to accept a difference is not enough to restore"
                + " this state";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other.restore(state))
                .withMessage(
                        shapes + "  architecture: layer 'out' was Dense 4 -> 2, here it is Dense 4 -> 3\n" + remedy);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other.restore(state, Difference.ARCHITECTURE))
                .withMessage(shapes + remedy);
    }

    @Test
    void whoHasAnotherKindOfOptimizerIsToldToTakeTheWeightsAlone() throws IOException {
        Trainer saved = trainer(network());
        saved.step(Tensor.full(0.5f, 4, 3), Tensor.full(0.25f, 4, 2));
        Path file = folder.resolve("state");
        Checkpoint.save(file, saved);
        for (Optimizer optimizer : new Optimizer[] {Adam.of(0.1), Sgd.of(0.1).withMomentum(0.9)}) {
            Trainer other = trainer(network(), new MeanSquaredError(), optimizer, 2, TrainerOptions.NONE);
            for (Difference[] accepted : new Difference[][] {{}, {Difference.OPTIMIZER}}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Checkpoint.resume(file, other, accepted))
                        .withMessageContaining("'optimizer/a.weight/0' is missing; expected [3 x 4]\n")
                        .withMessageEndingWith("\nBuild the trainer like the one that was saved, or take only its"
                                + " weights, by Checkpoint.loadWeights, and begin with a new optimizer");
            }
            Checkpoint.loadWeights(file, other.model());
            other.step(Tensor.full(0.5f, 4, 3), Tensor.full(0.25f, 4, 2));
        }
    }

    private static final class Own implements Layer {
        @Override
        public nn.layers.Pass newPass() {
            return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(x, (dy, into) -> dy));
        }

        @Override
        public nn.tensor.Shape outputShape(nn.tensor.Shape in) {
            return in;
        }
    }

    @Test
    void weightsAreLoadedIntoAnotherArchitectureOnlyIfAccepted() throws IOException {
        Path weights = folder.resolve("weights");
        Path training = folder.resolve("training");
        Network saved = network();
        Checkpoint.saveWeights(weights, saved);
        Checkpoint.save(training, trainer(saved));
        for (Path file : new Path[] {weights, training}) {
            Network other =
                    builder(5).tanh().dropout("drop", 0.1).dense("out", 2).build();
            String before = other.parameter("a.weight").value().sha256();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Checkpoint.loadWeights(file, other))
                    .withMessage(file + " does not fit the model, and nothing was changed:\n"
                            + "  layer 'relu2' was relu; here there is no such layer\n"
                            + "  layer 'tanh2' was not there; here it is tanh\n"
                            + "Build the model as it was, or accept Difference.ARCHITECTURE");
            assertThat(other.parameter("a.weight").value().sha256()).isEqualTo(before);
            Checkpoint.loadWeights(file, other, Difference.ARCHITECTURE);
            assertThat(other.parameter("a.weight").value().sha256())
                    .isEqualTo(saved.parameter("a.weight").value().sha256());
        }
    }

    @Test
    void theOutputOfARecurrentLayerAllStatesOrTheLastIsCompared() {
        Network all =
                Network.builder(Key.of(1)).sequence(3).layer("r", Rnn.units(4)).build();
        Network last = Network.builder(Key.of(1))
                .sequence(3)
                .layer("r", Rnn.units(4).last())
                .build();
        TrainingState state = trainer(all).state();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(last).restore(state))
                .withMessageContaining("layer 'r' was Rnn 3 -> 4 (tanh) gives [? x ? x 4], here it is");
    }

    @Test
    void oneBitChangesTheFingerprintOfData() {
        Tensor x = Tensor.zeros(4, 3);
        Tensor y = Tensor.zeros(4);
        String before = new Dataset(x, y).fingerprint();
        assertThat(new Dataset(x.copy(), y.copy()).fingerprint()).isEqualTo(before);
        for (int i = 0; i < 16; i++) { // of +0 and -0, two zeros, too: sums of signs would cancel
            Tensor changed = i < 12 ? x : y;
            int at = i < 12 ? i : i - 12;
            changed.array()[at] = -0f;
            assertThat(new Dataset(x, y).fingerprint()).isNotEqualTo(before);
            changed.array()[at] = 0f;
        }
        assertThat(new Dataset(Tensor.zeros(4, 1, 3), y).fingerprint()).isNotEqualTo(before);
        assertThat(Batches.inOrder(new Dataset(x, y), 2).fingerprint())
                .containsEntry("data", before)
                .containsEntry("batch size", "2");
    }
}
