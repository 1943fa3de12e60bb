package nn.train.checkpoint;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SequencedMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import nn.fixtures.FunctionPass;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.layers.activation.PRelu;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.GlobalPool;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.normalization.BatchNorm;
import nn.layers.normalization.LayerNorm;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.LinearRecurrence;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Ring;
import nn.layers.recurrent.Rnn;
import nn.layers.recurrent.Stacked;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.Difference;
import nn.train.EpochReport;
import nn.train.FitOptions;
import nn.train.History;
import nn.train.StepReport;
import nn.train.StopReason;
import nn.train.Trainer;
import nn.train.TrainingObserver;
import nn.train.TrainingState;
import nn.train.data.Batches;
import nn.train.data.Categories;
import nn.train.data.Dataset;
import nn.train.data.Preprocessing;
import nn.train.data.Standardizer;
import nn.train.internal.io.AtomicFile;
import nn.train.io.DataFormatException;
import nn.train.loss.JointLoss;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class CheckpointTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void nameAFile() {
        file = folder.resolve("model.safetensors");
    }

    private static Network network(long seed) {
        return Network.builder(Key.of(seed))
                .sequence(3)
                .layer("rnn", Rnn.units(5).bias(Init.constant(0.01)).last())
                .dense("hidden", 4)
                .relu()
                .dense(
                        "out",
                        2,
                        (out, fans, key) -> key.uniform(out, (float) (-1 / fans.in()), (float) (1 / fans.in())))
                .build();
    }

    private static Trainer trainer(Network network) {
        return new Trainer(network, new MeanSquaredError(), Adam.of(0.01), Key.of(1));
    }

    private static Tensor normal(long seed, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Key.of(seed).normal(tensor, 0, 1);
        return tensor;
    }

    private static void step(Trainer trainer, int count) {
        for (int i = 0; i < count; i++) {
            trainer.step(normal(i, 6, 4, 3), normal(100 + i, 4, 2));
        }
    }

    private static List<String> bits(Layer model) {
        return model.parameters().stream().map(p -> p.value().sha256()).toList();
    }

    @ParameterizedTest
    @EnumSource
    void weightsAreRestoredBitForBitInEveryLayout(Layout layout) throws IOException {
        Network network = network(1);
        step(trainer(network), 3);
        Checkpoint.saveWeights(file, network, layout);
        Network other = network(2);
        assertThat(bits(other)).isNotEqualTo(bits(network));
        Checkpoint.loadWeights(file, other);
        assertThat(bits(other)).isEqualTo(bits(network));
        Network third = network(3);
        Checkpoint.loadWeights(file, third, layout);
        assertThat(bits(third)).isEqualTo(bits(network));
    }

    @Test
    void theTorchLayoutHasTheNamesAndAxesOfPyTorch() throws IOException {
        Network network = network(1);
        Checkpoint.saveWeights(file, network, Layout.TORCH);
        Safetensors read = Safetensors.read(file);
        SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
        read.tensors().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        assertThat(shapes)
                .containsExactly(
                        Map.entry("rnn.weight_ih_l0", Shape.of(5, 3)),
                        Map.entry("rnn.weight_hh_l0", Shape.of(5, 5)),
                        Map.entry("rnn.bias_ih_l0", Shape.of(5)),
                        Map.entry("rnn.bias_hh_l0", Shape.of(5)),
                        Map.entry("hidden.weight", Shape.of(4, 5)),
                        Map.entry("hidden.bias", Shape.of(4)),
                        Map.entry("out.weight", Shape.of(2, 4)),
                        Map.entry("out.bias", Shape.of(2)));
        Tensor weight = network.parametersByPath().get("hidden.weight").value();
        assertThat(read.tensors().get("hidden.weight")).isBitEqualTo(weight.transpose());
        assertThat(read.tensors().get("rnn.bias_hh_l0").maxAbs()).isZero();
        assertThat(read.metadata()).containsEntry("format", "pt");
    }

    /** PyTorch has two biases where one is enough: h = tanh(W x + b + W h + b'). */
    @Test
    void aFileOfAnotherProgramIsReadInTheGivenLayout() throws IOException {
        Network network = network(1);
        Checkpoint.saveWeights(file, network, Layout.TORCH);
        SequencedMap<String, Tensor> tensors =
                new LinkedHashMap<>(Safetensors.read(file).tensors());
        tensors.put("rnn.bias_hh_l0", Tensor.full(0.5f, 5));
        new Safetensors(tensors, new LinkedHashMap<>()).write(file);
        Network other = network(2);
        Checkpoint.loadWeights(file, other, Layout.TORCH);
        assertThat(other.parametersByPath().get("rnn.bias").value().toArray()).containsOnly(0.01f + 0.5f);
        assertThat(other.parametersByPath().get("rnn.recurrent").value())
                .isBitEqualTo(network.parametersByPath().get("rnn.recurrent").value());
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Checkpoint.loadWeights(file, other))
                .withMessageContaining("does not state its layout")
                .withMessageContaining("loadWeights(file, model, Layout.TORCH)");
    }

    /** A square matrix fits in both layouts, and would be transposed. */
    @Test
    void anotherLayoutThanTheFileStatesIsRefused() throws IOException {
        Network network = Network.builder(Key.of(1)).input(3).dense("out", 3).build();
        for (Layout layout : Layout.values()) {
            Checkpoint.saveWeights(file, network, layout);
            Network other = Network.builder(Key.of(2)).input(3).dense("out", 3).build();
            List<String> before = bits(other);
            Layout wrong = layout == Layout.NN ? Layout.TORCH : Layout.NN;
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Checkpoint.loadWeights(file, other, wrong))
                    .withMessageContaining("states that its layout is " + layout + ", not " + wrong)
                    .withMessageContaining("use loadWeights(file, model)");
            assertThat(bits(other)).isEqualTo(before);
            Checkpoint.loadWeights(file, other, layout);
            assertThat(bits(other)).isEqualTo(bits(network));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLayerMayHaveAnyName(Layout layout) throws IOException {
        List<Network> networks = new ArrayList<>();
        for (int seed = 1; seed <= 2; seed++) {
            networks.add(Network.builder(Key.of(seed))
                    .input(2)
                    .dense("a/b c", 2)
                    .dense("line\nend\r\n", 2)
                    .dense("tab\tstop", 2)
                    .dense("\u00e4 \ud83d\ude00 \"", 2)
                    .build());
        }
        Checkpoint.saveWeights(file, networks.get(0), layout);
        Checkpoint.loadWeights(file, networks.get(1));
        assertThat(bits(networks.get(1))).isEqualTo(bits(networks.get(0)));
        Trainer trainer = new Trainer(networks.get(0), new MeanSquaredError(), Adam.of(0.01), Key.of(1));
        trainer.step(normal(1, 4, 2), normal(2, 4, 2));
        Checkpoint.save(file, trainer);
        Network same = Network.builder(Key.of(1))
                .input(2)
                .dense("a/b c", 2)
                .dense("line\nend\r\n", 2)
                .dense("tab\tstop", 2)
                .dense("\u00e4 \ud83d\ude00 \"", 2)
                .build();
        Checkpoint.resume(file, new Trainer(same, new MeanSquaredError(), Adam.of(0.01), Key.of(1)));
        assertThat(bits(same)).isEqualTo(bits(networks.get(0)));
    }

    /** A file has its tensors in any order, so the addend may come before the bias that it is added to. */
    @Test
    void theSecondBiasIsAddedWhereverItIsInTheFile() throws IOException {
        Network network = network(1);
        Checkpoint.saveWeights(file, network, Layout.TORCH);
        Safetensors read = Safetensors.read(file);
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>(read.tensors());
        tensors.put("rnn.bias_hh_l0", Tensor.full(0.5f, 5));
        for (SequencedMap<String, Tensor> order : List.of(tensors, tensors.reversed())) {
            new Safetensors(order, read.metadata()).write(file);
            assertThat(Checkpoint.drift(file).get("rnn.bias").distance())
                    .isEqualTo(Tensor.full(0.01f + 0.5f, 5)
                            .subtract(Tensor.full(0.01f, 5))
                            .norm());
            Network other = network(2);
            Checkpoint.loadWeights(file, other);
            assertThat(other.parametersByPath().get("rnn.bias").value().toArray())
                    .containsOnly(0.01f + 0.5f);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNegativeZeroIsKept(Layout layout) throws IOException {
        Network network = network(1);
        network.parametersByPath().get("rnn.bias").value().fill(-0f);
        Checkpoint.saveWeights(file, network, layout);
        Network other = network(2);
        Checkpoint.loadWeights(file, other);
        assertThat(other.parametersByPath().get("rnn.bias").value()).isBitEqualTo(Tensor.full(-0f, 5));
    }

    @Test
    void weightsAreNotLoadedDuringAFitButBeforeAndAfterIt() throws IOException {
        Network network = network(1);
        Checkpoint.saveWeights(file, network(2));
        Checkpoint.loadWeights(file, network);
        List<String> loaded = bits(network);
        Trainer trainer = trainer(network);
        Batches batches = Batches.inOrder(Dataset.timeMajorInputs(normal(1, 6, 4, 3), normal(2, 4, 2)), 2);
        List<String> refused = new ArrayList<>();
        trainer.fit(batches, 1, new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                List<String> before = bits(network);
                assertThatIllegalStateException()
                        .isThrownBy(() -> Checkpoint.loadWeights(file, network))
                        .withMessageContaining("weights cannot be loaded, and nothing was changed");
                assertThat(bits(network)).isEqualTo(before);
                refused.add("step " + trainer.steps());
            }
        });
        assertThat(refused).containsExactly("step 1", "step 2");
        assertThat(bits(network)).isNotEqualTo(loaded);
        Checkpoint.loadWeights(file, network);
        assertThat(bits(network)).isEqualTo(loaded);
    }

    @Test
    void layersThatDifferButFitAreLoadedIfThatIsAccepted() throws IOException {
        Network relu =
                Network.builder(Key.of(1)).input(3).dense("out", 2).relu().build();
        Network tanh =
                Network.builder(Key.of(2)).input(3).dense("out", 2).tanh().build();
        Checkpoint.saveWeights(file, relu);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.loadWeights(file, tanh))
                .withMessageEndingWith("\nBuild the model as it was, or accept Difference.ARCHITECTURE");
        Checkpoint.loadWeights(file, tanh, Difference.ARCHITECTURE);
        assertThat(bits(tanh)).isEqualTo(bits(relu));
    }

    private static Network everyLayer(long seed) {
        return Network.builder(Key.of(seed))
                .sequence(3)
                .layer("both", Bidirectional.of(Lstm.units(2)))
                .layer("linear", LinearRecurrence.states(3).ring(new Ring(0.5, 0.9, 1)))
                .layer("stack", Stacked.of(Gru.units(3), Rnn.units(4)).last())
                .layer("layerNorm", LayerNorm.standard())
                .layer("batchNorm", BatchNorm.standard())
                .layer("prelu", PRelu.standard())
                .dense("out", 2)
                .build();
    }

    private static void randomize(Layer model) {
        long i = 0;
        for (Parameter parameter : model.parameters()) {
            Key.of(77).child(i++).normal(parameter.value(), 0, 1);
            for (int j = 0; parameter.minimum() == 0 && j < parameter.value().size(); j++) { // a variance
                parameter.value().set(Math.abs(parameter.value().get(j)), j);
            }
        }
    }

    @Test
    void everyLayerHasItsNamesInPyTorch() throws IOException {
        Network network = everyLayer(1);
        randomize(network);
        Checkpoint.saveWeights(file, network, Layout.TORCH);
        SequencedMap<String, Tensor> stored =
                new LinkedHashMap<>(Safetensors.read(file).tensors());
        SequencedMap<String, String> shapes = new LinkedHashMap<>();
        stored.forEach((name, tensor) -> shapes.put(name, tensor.shape().toString()));
        assertThat(shapes.toString())
                .isEqualTo("{both.weight_ih_l0=[8 x 3], both.weight_hh_l0=[8 x 2], both.bias_ih_l0=[8],"
                        + " both.bias_hh_l0=[8], both.weight_ih_l0_reverse=[8 x 3],"
                        + " both.weight_hh_l0_reverse=[8 x 2], both.bias_ih_l0_reverse=[8],"
                        + " both.bias_hh_l0_reverse=[8], linear.nu_log=[3], linear.theta_log=[3],"
                        + " linear.gamma_log=[3], linear.B_re=[3 x 4], linear.B_im=[3 x 4], linear.C_re=[4 x 3],"
                        + " linear.C_im=[4 x 3], linear.D=[4], stack.weight_ih_l0=[9 x 4], stack.weight_hh_l0=[9 x"
                        + " 3], stack.bias_ih_l0=[9], stack.bias_hh_l0=[9], stack.weight_ih_l1=[4 x 3],"
                        + " stack.weight_hh_l1=[4 x 4], stack.bias_ih_l1=[4], stack.bias_hh_l1=[4],"
                        + " layerNorm.weight=[4], layerNorm.bias=[4], batchNorm.weight=[4], batchNorm.bias=[4],"
                        + " batchNorm.running_mean=[4], batchNorm.running_var=[4], prelu.weight=[4],"
                        + " out.weight=[2 x 4], out.bias=[2]}");
        // The gates of an LSTM are input, forget, candidate, output; those of a GRU reset, update, candidate.
        Map<String, Parameter> own = network.parametersByPath();
        assertThat(stored.get("both.weight_ih_l0").rows(2, 4))
                .isBitEqualTo(own.get("both.forward.forget_input").value().transpose());
        assertThat(stored.get("stack.bias_hh_l0").rows(6, 9))
                .isBitEqualTo(own.get("stack.layer1.candidate_recurrent_bias").value());
        assertThat(stored.get("stack.bias_hh_l0").rows(0, 6).maxAbs()).isZero();

        Network other = everyLayer(2);
        Checkpoint.loadWeights(file, other);
        assertThat(bits(other)).isEqualTo(bits(network));
        stored.put("batchNorm.num_batches_tracked", Tensor.full(7)); // as PyTorch has it
        new Safetensors(stored, new LinkedHashMap<>()).write(file);
        Network third = everyLayer(3);
        Checkpoint.loadWeights(file, third, Layout.TORCH);
        assertThat(bits(third)).isEqualTo(bits(network));
    }

    @ParameterizedTest
    @EnumSource
    void theInitialWeightsOfEveryLayerAreDrawnAgain(Layout layout) throws IOException {
        Network network = everyLayer(1);
        List<String> first = bits(network);
        randomize(network);
        Checkpoint.saveWeights(file, network, layout);
        SequencedMap<String, Tensor> again = Checkpoint.initialWeights(file);
        assertThat(network.parametersByPath().keySet().stream()
                        .map(path -> again.get(path).sha256()))
                .containsExactlyElementsOf(first);

        // Another program may put the tensors into another order, but leave the texts.
        Safetensors read = Safetensors.read(file);
        new Safetensors(read.tensors().reversed(), read.metadata()).write(file);
        assertThat(Checkpoint.initialWeights(file)).hasSameSizeAs(first);
        randomize(network);
        Checkpoint.drift(file).forEach((path, drift) -> {
            Tensor now = network.parametersByPath().get(path).value();
            assertThat(drift.distance())
                    .as(path)
                    .isEqualTo(now.subtract(again.get(path)).norm());
        });
        Network other = everyLayer(2);
        Checkpoint.loadWeights(file, other);
        assertThat(bits(other)).isEqualTo(bits(network));
    }

    @Test
    void invalidBlocksAreRefused() throws IOException {
        Checkpoint.saveWeights(file, network(1), Layout.TORCH);
        Safetensors read = Safetensors.read(file);
        for (String text : List.of(
                "",
                "PLAIN",
                "PLAIN 4",
                "PLAIN x path",
                "PLAIN  path",
                "OTHER 4x5 path",
                "TRANSPOSED 4x5 path",
                "PLAIN -4x-5 path")) {
            SequencedMap<String, String> metadata = new LinkedHashMap<>(read.metadata());
            metadata.put("block/0/hidden.weight", text);
            new Safetensors(read.tensors(), metadata).write(file);
            assertThatExceptionOfType(DataFormatException.class)
                    .as(text)
                    .isThrownBy(() -> Checkpoint.drift(file))
                    .withMessageContaining("the blocks of 'hidden.weight' ");
        }
    }

    @Test
    void aResumedTrainingHasTheSameBits() throws IOException {
        Network network = network(1);
        Trainer whole = trainer(network);
        step(whole, 5);
        Checkpoint.save(file, whole);
        step(whole, 4);

        Network other = network(1);
        Trainer resumed = trainer(other);
        Checkpoint.resume(file, resumed);
        assertThat(resumed.steps()).isEqualTo(5);
        step(resumed, 4);
        assertThat(bits(other)).isEqualTo(bits(network));
        TrainingState a = whole.state();
        TrainingState b = resumed.state();
        assertThat(b.text()).isEqualTo(a.text());
        assertThat(b.tensors().keySet()).isEqualTo(a.tensors().keySet());
        a.tensors()
                .forEach((name, tensor) ->
                        assertThat(b.tensors().get(name)).as(name).isBitEqualTo(tensor));
    }

    @Test
    void aFitWritesItsStateAfterEveryEpoch() throws IOException {
        Batches batches = Batches.shuffled(new Dataset(normal(5, 8, 3), normal(6, 8, 2)), 3, Key.of(4));
        Network whole = Network.builder(Key.of(1)).input(3).dense("out", 2).build();
        Trainer trainer = trainer(whole);
        trainer.fit(batches, 3, Checkpoint.everyEpoch(file, trainer));
        for (int epochs = 3; epochs >= 2; epochs--) {
            Network other = Network.builder(Key.of(1)).input(3).dense("out", 2).build();
            Trainer resumed = trainer(other);
            Checkpoint.resume(epochs == 3 ? file : AtomicFile.previous(file), resumed);
            assertThat(resumed.epochs()).isEqualTo(epochs);
            resumed.fit(batches, 3);
            assertThat(resumed.epochs()).isEqualTo(3);
            assertThat(bits(other)).isEqualTo(bits(whole));
        }
        Path nowhere = folder.resolve("none").resolve("file");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> trainer.fit(batches, 1, Checkpoint.everyEpoch(nowhere, trainer)));
    }

    /** What the guides say about a number of epochs that is changed between two runs. */
    @Test
    void anotherNumberOfEpochsIsAddedToThoseThatAreDone() throws IOException {
        Batches batches = Batches.shuffled(new Dataset(normal(5, 8, 3), normal(6, 8, 2)), 3, Key.of(4));
        Dataset held = new Dataset(normal(7, 4, 3), normal(8, 4, 2));
        Trainer trainer = trainer(oneLayer());
        trainer.fit(batches, 3, Checkpoint.everyEpoch(file, trainer));

        Trainer same = resumed();
        same.fit(batches, 3);
        assertThat(same.epochs()).isEqualTo(3);

        Trainer more = resumed();
        more.fit(batches, 5);
        assertThat(more.epochs()).isEqualTo(8);

        Trainer inAll = resumed();
        inAll.fit(batches, 5 - inAll.epochs());
        assertThat(inAll.epochs()).isEqualTo(5);
        trainer.fit(batches, 2);
        assertThat(bits(inAll.model())).isEqualTo(bits(trainer.model()));

        Trainer best = trainer(oneLayer());
        best.fit(
                batches, FitOptions.epochs(3).validation(held).keepBest().observers(Checkpoint.everyEpoch(file, best)));
        Trainer other = resumed();
        FitOptions rest = FitOptions.epochs(5 - other.epochs()).validation(held).keepBest();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other.fit(batches, rest))
                .withMessageContaining("epochs was 3, now it is 2")
                .withMessageContaining("call abandonFit() first");
        other.abandonFit();
        other.fit(batches, rest);
        assertThat(other.epochs()).isEqualTo(5);
    }

    @Test
    void theHistoryOfATrainingThatWasFinishedBeforeSaysWhyItIsEmpty() throws IOException {
        Batches batches = Batches.shuffled(new Dataset(normal(5, 8, 3), normal(6, 8, 2)), 3, Key.of(4));
        Trainer trainer = trainer(oneLayer());
        trainer.fit(batches, 3, Checkpoint.everyEpoch(file, trainer));
        History again = resumed().fit(batches, 3);
        assertThat(again.epochs()).isEmpty();
        assertThatExceptionOfType(NoSuchElementException.class)
                .isThrownBy(again::last)
                .withMessage("this call made no epoch, so there is no last one: it resumed a fit whose epochs were all"
                        + " done (COMPLETED). Their reports are in the history of the call that made them; measure the"
                        + " model by nn.train.metric.Metrics, or check epochs() first");
    }

    private static Network oneLayer() {
        return Network.builder(Key.of(1)).input(3).dense("out", 2).build();
    }

    /** A trainer that has resumed from the file. */
    private Trainer resumed() throws IOException {
        Trainer resumed = trainer(oneLayer());
        Checkpoint.resume(file, resumed);
        return resumed;
    }

    @Test
    void aCancelledFitWritesTheStateInTheMiddleOfItsEpoch() throws IOException {
        Batches batches = Batches.shuffled(new Dataset(normal(5, 8, 3), normal(6, 8, 2)), 3, Key.of(4));
        Network network = Network.builder(Key.of(1)).input(3).dense("out", 2).build();
        Trainer trainer = trainer(network);
        TrainingObserver cancel = new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                if (trainer.steps() == 5) {
                    trainer.cancel();
                }
            }
        };
        History history = trainer.fit(batches, 3, cancel, Checkpoint.everyEpoch(file, trainer));
        assertThat(history.stopReason()).isEqualTo(StopReason.CANCELLED);
        Network other = Network.builder(Key.of(1)).input(3).dense("out", 2).build();
        Trainer resumed = trainer(other);
        Checkpoint.resume(file, resumed);
        assertThat(resumed.steps()).isEqualTo(5);
        assertThat(bits(other)).isEqualTo(bits(network));
        resumed.fit(batches, 5 - resumed.epochs());
        assertThat(resumed.epochs())
                .as("the rest of the second epoch is one of the new fit")
                .isEqualTo(5);
        assertThat(resumed.steps()).isEqualTo(5 * 3);
    }

    @Test
    void aFileThatCannotBeWrittenIsReportedBeforeTheFirstStep() {
        Batches batches = Batches.shuffled(new Dataset(normal(5, 8, 3), normal(6, 8, 2)), 3, Key.of(4));
        Trainer trainer =
                trainer(Network.builder(Key.of(1)).input(3).dense("out", 2).build());
        Path nowhere = folder.resolve("none").resolve("file");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> trainer.fit(batches, 1, Checkpoint.everyEpoch(nowhere, trainer)))
                .withMessageContaining("no such folder");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> trainer.fit(batches, 1, Checkpoint.everyEpoch(folder, trainer)))
                .withMessageContaining("this is a folder");
        assertThat(trainer.steps()).isZero();
    }

    @Tag("slow")
    @Test
    void namesThatAreTooLongForAHeaderAreReportedBeforeTheFirstStep() {
        Batches batches = Batches.shuffled(new Dataset(normal(5, 8, 3), normal(6, 8, 2)), 3, Key.of(4));
        String name = "n".repeat(10_000_000); // the header has it eleven times
        Trainer large =
                trainer(Network.builder(Key.of(1)).input(3).dense(name, 2).build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> large.fit(batches, 1, Checkpoint.everyEpoch(file, large)))
                .withMessageContaining("the header of a safetensors file holds at most 100000000");
        assertThat(large.steps()).isZero();
        assertThat(file).doesNotExist();
    }

    @Test
    void anInterruptedTrainingIsSavedAndEndsAsInterrupted() throws IOException {
        Batches batches = Batches.shuffled(new Dataset(normal(5, 8, 3), normal(6, 8, 2)), 3, Key.of(4));
        Network whole = Network.builder(Key.of(1)).input(3).dense("out", 2).build();
        Trainer trainer = trainer(whole);
        Thread.currentThread().interrupt();
        try {
            Checkpoint.save(file, trainer);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            Checkpoint.resume(file, trainer); // reading is not disturbed either
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
        TrainingObserver interrupt = new TrainingObserver() {
            @Override
            public void onEpoch(EpochReport report) {
                Thread.currentThread().interrupt();
            }
        };
        History history = trainer.fit(batches, 3, interrupt, Checkpoint.everyEpoch(file, trainer));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(history.stopReason()).isEqualTo(StopReason.INTERRUPTED);
        Network other = Network.builder(Key.of(1)).input(3).dense("out", 2).build();
        Trainer resumed = trainer(other);
        Checkpoint.resume(file, resumed);
        assertThat(resumed.epochs()).isEqualTo(1);
        assertThat(bits(other)).isEqualTo(bits(whole));
    }

    /** A custom recurrent layer; these tests do not run it. */
    private record Cell(Parameter weight) implements Recurrent {
        static Recurrent.Factory factory() {
            return (in, key) -> new Cell(Parameter.create(
                    "weight", Parameter.Kind.WEIGHT, Shape.of(3, 3), new Fans(3, 3), Init.heNormal(), key));
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(weight);
        }

        @Override
        public int inputs() {
            return 3;
        }

        @Override
        public int units() {
            return 3;
        }

        @Override
        public List<Integer> stateSizes() {
            return List.of(3);
        }

        @Override
        public RecurrentPass newPass() {
            throw new UnsupportedOperationException();
        }
    }

    static Map<String, LayerFactory> layers() {
        Map<String, LayerFactory> layers = new LinkedHashMap<>();
        layers.put("cells", Stacked.of(Cell.factory(), Cell.factory()));
        layers.put("cells and others", Stacked.of(Cell.factory(), Lstm.units(3), Cell.factory(), Gru.units(3)));
        layers.put("a stack in a stack", Stacked.of(Stacked.of(Rnn.units(3), Rnn.units(3)), Rnn.units(3)));
        layers.put("cells in both directions", Bidirectional.of(Cell.factory()));
        layers.put("stacks in both directions", Bidirectional.of(Stacked.of(Gru.units(3), Cell.factory())));
        layers.put("rnns in both directions", Bidirectional.of(Rnn.units(3)));
        layers.put("lstms in both directions", Bidirectional.of(Lstm.units(3)));
        layers.put(
                "a residual block",
                Residual.of(body -> body.layer("stack", Stacked.of(Lstm.units(3), Rnn.units(3)))
                        .layer(
                                "inner",
                                Residual.of(inner -> inner.layer("norm", LayerNorm.standard())
                                        .dense("dense", 3)))
                        .layer("norm", BatchNorm.standard())
                        .layer("slopes", PRelu.standard())));
        return layers;
    }

    static List<Arguments> layersAndLayouts() {
        return layers().keySet().stream()
                .flatMap(name -> Stream.of(Layout.values()).map(layout -> Arguments.of(name, layout)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("layersAndLayouts")
    void everyNestingOfLayersIsRestoredBitForBit(String name, Layout layout) throws IOException {
        List<Network> networks = LongStream.of(1, 2)
                .mapToObj(seed -> Network.builder(Key.of(seed))
                        .sequence(3)
                        .layer("it", layers().get(name))
                        .build())
                .toList();
        randomize(networks.getFirst());
        Checkpoint.saveWeights(file, networks.getFirst(), layout);
        assertThat(bits(networks.getLast())).isNotEqualTo(bits(networks.getFirst()));
        Checkpoint.loadWeights(file, networks.getLast());
        assertThat(bits(networks.getLast())).isEqualTo(bits(networks.getFirst()));
        assertThat(Checkpoint.drift(file).keySet())
                .isEqualTo(networks.getFirst().parametersByPath().keySet());
    }

    @Test
    void weightsAreAlsoReadFromTheFileOfATraining() throws IOException {
        Network network = network(1);
        Trainer trainer = trainer(network);
        step(trainer, 2);
        Checkpoint.save(file, trainer);
        Network other = network(2);
        Checkpoint.loadWeights(file, other);
        assertThat(bits(other)).isEqualTo(bits(network));
    }

    /** Sets a number in the file, as another program may. */
    private void setInFile(String tensor, float value, int... index) throws IOException {
        Safetensors read = Safetensors.read(file);
        read.tensors().get(tensor).set(value, index);
        read.write(file);
    }

    @ParameterizedTest
    @EnumSource
    void weightsThatCouldNotBeLoadedAreNotWritten(Layout layout) throws IOException {
        Network network = everyLayer(1);
        Checkpoint.saveWeights(file, network, layout);
        byte[] good = Files.readAllBytes(file);
        network.parametersByPath().get("batchNorm.variance").value().set(-0.5f, 2);
        network.parametersByPath().get("batchNorm.mean").value().set(Float.NaN, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.saveWeights(file, network, layout))
                .withMessage("the model has values that could not be loaded, so " + file + " was not written:\n"
                        + "  'batchNorm.mean' has NaN in row 1\n"
                        + "  'batchNorm.variance' has -0.5 in row 2; no value may be negative, so other code or"
                        + " another program set it: load or set other values");
        assertThat(Files.readAllBytes(file)).isEqualTo(good);
        assertThat(Files.list(folder)).containsExactly(file);
    }

    @Test
    void aRowForPaddingThatIsNotZeroIsNotWritten() {
        Network network = Network.builder(Key.of(1))
                .input(Shape.of(Shape.ANY))
                .layer("e", Embedding.of(5, 4).padding(2))
                .build();
        network.parametersByPath().get("e.weight").value().set(1, 2, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.saveWeights(file, network))
                .withMessageEndingWith("'e.weight' has numbers other than 0 in row 2, which is the padding of an"
                        + " embedding; make that row 0, or build the embedding without padding");
        assertThat(file).doesNotExist();
    }

    @Test
    void aTrainingThatCouldNotBeResumedIsNotWritten() throws IOException {
        Network network = network(1);
        Trainer trainer = trainer(network);
        step(trainer, 2);
        Checkpoint.save(file, trainer);
        byte[] good = Files.readAllBytes(file);
        Parameter bias = network.parametersByPath().get("out.bias");
        bias.value().set(Float.POSITIVE_INFINITY, 1);
        trainer.rule(bias).state().get(1).set(-1, 0);
        String expected = "the state of the trainer has values that could not be restored, so it was not read, and no"
                + " file was written:\n"
                + "  'model/out.bias' has Infinity in row 1\n"
                + "  'optimizer/out.bias/1' has -1.0 in row 0; no value may be negative, so other code or another"
                + " program set it: load or set other values\n"
                + "Set other values, or restore a state that was saved before";
        assertThatIllegalStateException()
                .isThrownBy(() -> Checkpoint.save(file, trainer))
                .withMessage(expected);
        assertThatIllegalStateException().isThrownBy(trainer::state).withMessage(expected);
        Dataset data = Dataset.timeMajorInputs(normal(1, 6, 4, 3), normal(2, 4, 2));
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer.fit(Batches.inOrder(data, 4), 1, Checkpoint.everyEpoch(file, trainer)))
                .withMessage(expected);
        assertThat(Files.readAllBytes(file)).isEqualTo(good);
        assertThat(Files.list(folder)).containsExactly(file);
        Checkpoint.resume(file, trainer); // it is still the good file
        step(trainer, 1);
    }

    /** An observer of the fit set a weight after the last step of an epoch. */
    @Test
    void theFileOfTheEpochBeforeStaysIfAnEpochCouldNotBeResumed() throws IOException {
        Network network = network(1);
        Trainer trainer = trainer(network);
        TrainingObserver setting = new TrainingObserver() {
            @Override
            public void onEpoch(EpochReport report) {
                if (report.epoch() == 2) {
                    network.parametersByPath().get("out.bias").value().fill(Float.NaN);
                }
            }
        };
        Dataset data = Dataset.timeMajorInputs(normal(1, 6, 4, 3), normal(2, 4, 2));
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> trainer.fit(Batches.inOrder(data, 4), 3, setting, Checkpoint.everyEpoch(file, trainer)))
                .withMessageContaining("'model/out.bias' has NaN in row 0\n");
        Trainer other = trainer(network(1));
        Checkpoint.resume(file, other);
        assertThat(other.epochs()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void aNegativeVarianceIsRefusedAndTheModelIsAsItWas(Layout layout) throws IOException {
        Checkpoint.saveWeights(file, everyLayer(1), layout);
        setInFile(layout == Layout.NN ? "batchNorm.variance" : "batchNorm.running_var", -0.5f, 2);
        Network other = everyLayer(2);
        List<String> before = bits(other);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.loadWeights(file, other))
                .withMessage(file + " does not fit the model, and nothing was changed:\n  "
                        + (layout == Layout.NN
                                ? "'batchNorm.variance' "
                                : "'batchNorm.running_var' holds 'batchNorm.variance', which ")
                        + "has -0.5"
                        + " in row 2; no value may be negative, so other code or another program set it: load or set"
                        + " other values");
        assertThat(bits(other)).isEqualTo(before);
    }

    @Test
    void allDifferencesAreListedAtOnceAndTheModelIsUnchanged() throws IOException {
        Network small = Network.builder(Key.of(1))
                .input(3)
                .dense("same", 4)
                .tanh()
                .dense("wider", 4)
                .tanh()
                .dense("gone", 2)
                .build();
        Checkpoint.saveWeights(file, small);
        setInFile("same.bias", Float.NaN, 1);
        Network other = Network.builder(Key.of(2))
                .input(3)
                .dense("same", 4)
                .tanh()
                .dense("wider", 5)
                .tanh()
                .dense("new", 2)
                .build();
        List<String> before = bits(other);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.loadWeights(file, other))
                .withMessage(file + " does not fit the model, and nothing was changed:\n"
                        + "  'same.bias' has NaN in row 1\n"
                        + "  'wider.weight' is [4 x 4] in the file; the model needs [4 x 5]\n"
                        + "  'wider.bias' is [4] in the file; the model needs [5]\n"
                        + "  'new.weight' is missing: the model needs [5 x 2]\n"
                        + "  'new.bias' is missing: the model needs [2]\n"
                        + "  'gone.weight' [4 x 2] has no place in the model\n"
                        + "  'gone.bias' [2] has no place in the model\n"
                        + "  layer 'wider' was Dense 4 -> 4, here it is Dense 4 -> 5\n"
                        + "  layer 'gone' was Dense 4 -> 2; here there is no such layer\n"
                        + "  layer 'new' was not there; here it is Dense 5 -> 2\n"
                        + "Build the model as it was");
        assertThat(bits(other)).isEqualTo(before);
    }

    @Test
    void aTrainingThatDoesNotFitChangesNothing() throws IOException {
        Network network = network(1);
        Checkpoint.save(file, trainer(network));
        Network wide = Network.builder(Key.of(1)).input(3).dense("hidden", 7).build();
        Trainer other = new Trainer(wide, new MeanSquaredError(), Sgd.of(0.1), Key.of(1));
        List<String> before = bits(wide);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.resume(file, other))
                .withMessageStartingWith(file + ": the state does not fit this trainer, and nothing was changed:")
                .withMessageContaining("hidden.weight")
                .withMessageContaining("Adam");
        assertThat(bits(wide)).isEqualTo(before);
    }

    /** Dropout would drop other values. */
    @Test
    void aTrainingIsNotResumedInAModelOfAnotherKey() throws IOException {
        Checkpoint.save(file, trainer(network(1)));
        Network other = network(2);
        List<String> before = bits(other);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.resume(file, trainer(other)))
                .withMessageContaining("keys: the model was built with another key")
                .withMessageContaining("Difference.KEYS");
        assertThat(bits(other)).isEqualTo(before);
    }

    @Test
    void aFileOfAnotherContentIsRefused() throws IOException {
        Network network = network(1);
        Checkpoint.saveWeights(file, network);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Checkpoint.resume(file, trainer(network)))
                .withMessageEndingWith("it has only weights, not the state of a training; loadWeights reads it");
        SequencedMap<String, String> later = new LinkedHashMap<>();
        later.put("nn", "weights 2");
        new Safetensors(new LinkedHashMap<>(), later).write(file);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Checkpoint.loadWeights(file, network))
                .withMessageContaining("it holds 'weights 2'", "was it written by a later version?");
        new Safetensors(new LinkedHashMap<>(), new LinkedHashMap<>()).write(file);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Checkpoint.resume(file, trainer(network)))
                .withMessageContaining("not written by Checkpoint.save");
    }

    @ParameterizedTest
    @EnumSource
    void theInitialWeightsAreDrawnAgainFromTheFileAlone(Layout layout) throws IOException {
        Network network = network(1);
        SequencedMap<String, Tensor> first = new LinkedHashMap<>();
        network.parametersByPath()
                .forEach((path, parameter) -> first.put(path, parameter.value().copy()));
        first.remove("out.weight"); // by a lambda
        Checkpoint.saveWeights(file, network, layout);
        assertThat(Checkpoint.drift(file).values()).allMatch(drift -> drift.distance() == 0);

        step(trainer(network), 3);
        Checkpoint.saveWeights(file, network, layout);
        SequencedMap<String, Tensor> again = Checkpoint.initialWeights(file);
        assertThat(List.copyOf(again.keySet())).isEqualTo(List.copyOf(first.keySet()));
        again.forEach((name, tensor) -> assertThat(tensor).as(name).isBitEqualTo(first.get(name)));
        Checkpoint.Drift drift = Checkpoint.drift(file).get("hidden.weight");
        Tensor now = network.parametersByPath().get("hidden.weight").value();
        Tensor then = first.get("hidden.weight");
        assertThat(drift.initial()).isEqualTo(then.norm());
        assertThat(drift.distance()).isPositive().isEqualTo(now.subtract(then).norm());
        assertThat(drift.relative()).isEqualTo(drift.distance() / drift.initial());
    }

    @Test
    void theInitialWeightsAreDrawnAgainFromTheFileOfATraining() throws IOException {
        Network network = network(1);
        List<String> first = new ArrayList<>(bits(network));
        Trainer trainer = trainer(network);
        step(trainer, 3);
        Checkpoint.save(file, trainer);
        first.remove(5); // out.weight
        assertThat(Checkpoint.initialWeights(file).values())
                .extracting(Tensor::sha256)
                .isEqualTo(first);
    }

    /** A kernel of a transposed convolution, in which a unit adds up 4 / 3 products on average. */
    private record Kernel(Parameter kernel) implements Layer {
        @Override
        public List<Parameter> parameters() {
            return List.of(kernel);
        }

        @Override
        public Shape outputShape(Shape input) {
            return input;
        }

        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(x, (dy, gradients) -> dy));
        }
    }

    @Test
    void fansThatAreNotWholeAreKeptToTheLastDigit() throws IOException {
        Fans fans = Fans.transposedConvolution(2, 3, 2, 3, 1);
        Kernel layer = new Kernel(
                Parameter.create("kernel", Parameter.Kind.WEIGHT, Shape.of(2, 2, 3), fans, Init.heNormal(), Key.of(3)));
        Checkpoint.saveWeights(file, layer);
        assertThat(Safetensors.read(file).metadata()).containsEntry("fans/kernel", "1.3333333333333333 6");
        assertThat(Checkpoint.initialWeights(file).get("kernel").sha256())
                .isEqualTo(layer.kernel().value().sha256());
    }

    @Test
    void theFileDescribesTheModel() throws IOException {
        Network network = network(1);
        Checkpoint.saveWeights(file, network);
        Map<String, String> metadata = Safetensors.read(file).metadata();
        assertThat(metadata)
                .containsEntry("nn", "weights 1")
                .containsEntry("nn.layout", "NN")
                .containsEntry("nn.architecture", network.summary())
                .containsEntry("scheme/hidden.weight", "he normal")
                .containsEntry("scheme/out.weight", "own: a lambda")
                .containsEntry("fans/hidden.weight", "5 4");
        Key key = Key.of(1).child("hidden").child("weight");
        assertThat(metadata).containsEntry("key/hidden.weight", String.format("%016x%016x", key.hi(), key.lo()));
    }

    @Test
    void anInvalidInitializerIsRefused() throws IOException {
        Checkpoint.saveWeights(file, network(1));
        Safetensors read = Safetensors.read(file);
        for (Map.Entry<String, String> change : Map.of(
                        "fans/hidden.weight", "5", "key/hidden.weight", "xyz", "scheme/hidden.bias", "orthogonal")
                .entrySet()) {
            SequencedMap<String, String> metadata = new LinkedHashMap<>(read.metadata());
            metadata.put(change.getKey(), change.getValue());
            new Safetensors(read.tensors(), metadata).write(file);
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> Checkpoint.initialWeights(file))
                    .withMessageContaining("is invalid: scheme")
                    .withMessageContaining("'" + change.getValue() + "'");
        }
    }

    /** Of an index out of bounds, compiled code gives no message, so the reader has to count by itself. */
    @Test
    void anIncompleteTextSaysWhatItLacks() throws IOException {
        Checkpoint.saveWeights(file, network(1));
        Safetensors read = Safetensors.read(file);
        Map<String, String> rules = Map.of(
                "fans/hidden.weight", "'5' is incomplete: fans are two numbers",
                "block/0/hidden.weight", "'5' is incomplete: a block is a form, dimensions and a path");
        rules.forEach((name, rule) -> {
            SequencedMap<String, String> metadata = new LinkedHashMap<>(read.metadata());
            metadata.put(name, "5");
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> {
                        new Safetensors(read.tensors(), metadata).write(file);
                        Checkpoint.drift(file);
                    })
                    .withMessageContaining(rule);
        });
    }

    /** A layer with given parameters and children; these tests do not run it. */
    private record Holder(List<Parameter> parameters, SequencedMap<String, Layer> children) implements Layer {
        static Holder of(Parameter parameter, Layer... children) {
            SequencedMap<String, Layer> named = new LinkedHashMap<>();
            for (Layer child : children) {
                named.put("child" + named.size(), child);
            }
            return new Holder(List.of(parameter), named);
        }

        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                throw new UnsupportedOperationException("only its parameters count here");
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void aParameterThatALayerOfLayersSharesWithALaterLayerIsSavedAndLoaded(Layout layout) throws IOException {
        Parameter shared = parameter("shared");
        Layer inner = Holder.of(parameter("own"));
        Layer later = Holder.of(shared);
        Layer model = Holder.of(parameter("first"), Holder.of(shared, inner), later);
        Tensor before = shared.value().copy();
        Checkpoint.saveWeights(file, model, layout);
        assertThat(Safetensors.read(file).tensors().keySet())
                .containsExactlyInAnyOrder("first", "child0.shared", "child0.child0.own");
        shared.value().fill(0);
        Checkpoint.loadWeights(file, model, layout);
        assertThat(shared.value()).isBitEqualTo(before);
    }

    private static Parameter parameter(String name) {
        return Parameter.create(
                name, Parameter.Kind.WEIGHT, Shape.of(3), Fans.dense(3, 3), Init.parse("normal(1)"), Key.of(1));
    }

    @Test
    void blocksLargerThanTheTensorAreRefused() throws IOException {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("w", Tensor.zeros(2, 4));
        for (String second : List.of("PLAIN 1x9 b", "TRANSPOSED 9x1 b", "ADDEND 1x9 b", "PLAIN 1x2000000000 b")) {
            SequencedMap<String, String> texts = new LinkedHashMap<>();
            texts.put("nn", "weights 1");
            texts.put("nn.layout", "TORCH");
            texts.put("block/0/w", "PLAIN 1x4 a");
            texts.put("block/1/w", second);
            new Safetensors(tensors, texts).write(file);
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> Checkpoint.initialWeights(file))
                    .withMessageContaining("the blocks of 'w' do not make up [2 x 4]");
        }
    }

    @Test
    void preprocessingIsSavedWithTheModelInEveryKindOfFile() throws IOException {
        Preprocessing steps = Preprocessing.NONE
                .with("x", Standardizer.fit(normal(1, 20, 3)))
                .with("city", Categories.of("Rome", "a\nb\\", "").allowUnknown());
        Trainer trainer = trainer(network(1));
        Checkpoint.save(file, trainer, steps);
        assertThat(Checkpoint.preprocessing(file)).isEqualTo(steps);
        Checkpoint.resume(file, trainer);
        Checkpoint.loadWeights(file, network(2));
        for (Layout layout : Layout.values()) {
            Checkpoint.saveWeights(file, trainer.model(), layout, steps);
            assertThat(Checkpoint.preprocessing(file)).isEqualTo(steps);
        }
        Checkpoint.saveWeights(file, trainer.model());
        assertThat(Checkpoint.preprocessing(file)).isEqualTo(Preprocessing.NONE);
        TrainingObserver saving = Checkpoint.everyEpoch(file, trainer, steps);
        trainer.fit(Batches.inOrder(Dataset.timeMajorInputs(normal(2, 6, 4, 3), normal(3, 4, 2)), 4), 1, saving);
        assertThat(Checkpoint.preprocessing(file)).isEqualTo(steps);
    }

    @Test
    void aFileWithAnInvalidPreprocessingIsRefused() throws IOException {
        SequencedMap<String, String> texts = new LinkedHashMap<>(Map.of("preprocessing/standardizer/x", "1 0"));
        new Safetensors(new LinkedHashMap<>(), texts).write(file);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Checkpoint.preprocessing(file))
                .withMessageContaining("feature 0 has mean 1.0 and standard deviation 0.0");
    }

    @Test
    void biasesWhoseSumIsInfiniteAreRefused() throws IOException {
        Network network = network(1);
        Checkpoint.saveWeights(file, network, Layout.TORCH);
        Safetensors read = Safetensors.read(file);
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>(read.tensors());
        tensors.put("rnn.bias_ih_l0", Tensor.full(3e38f, 5));
        tensors.put("rnn.bias_hh_l0", Tensor.full(3e38f, 5));
        new Safetensors(tensors, read.metadata()).write(file);
        List<String> before = bits(network);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.loadWeights(file, network))
                .withMessageContaining(
                        "'rnn.bias_ih_l0' holds 'rnn.bias', which is the sum of two tensors, and the sum is beyond"
                                + " the range");
        assertThat(bits(network)).isEqualTo(before);
    }

    @Test
    void anObserverRefusesTheFitOfAnotherTrainer() {
        Trainer trained = trainer(network(1));
        Trainer other = trainer(network(2));
        Batches batches = Batches.inOrder(Dataset.timeMajorInputs(normal(1, 6, 4, 3), normal(2, 4, 2)), 2);
        assertThatIllegalStateException()
                .isThrownBy(() -> trained.fit(batches, 2, Checkpoint.everyEpoch(file, other)))
                .withMessageContaining("give both the same trainer");
        assertThat(file).doesNotExist();
    }

    /** Both cases are tested, because an empty text is not a missing one. */
    @Test
    void anEmptyOrMissingTextOfTheStateIsRefused() throws IOException {
        Batches batches = Batches.inOrder(Dataset.timeMajorInputs(normal(1, 6, 4, 3), normal(2, 4, 2)), 2);
        Trainer trainer = trainer(network(1));
        FitOptions fit = FitOptions.epochs(3).keepBest();
        trainer.fit(batches, fit.observers(new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                if (trainer.steps() == 3) { // in the middle of the second epoch
                    trainer.cancel();
                }
            }
        }));
        Checkpoint.save(file, trainer);
        Safetensors saved = Safetensors.read(file);
        for (String name : saved.metadata().keySet()) {
            if (!name.startsWith("state/")) {
                continue;
            }
            for (boolean isThere : new boolean[] {true, false}) {
                SequencedMap<String, String> texts = new LinkedHashMap<>(saved.metadata());
                texts.put(name, "");
                if (!isThere) {
                    texts.remove(name);
                }
                new Safetensors(saved.tensors(), texts).write(file);
                Trainer again = trainer(network(1));
                assertThatIllegalArgumentException().as(name).isThrownBy(() -> {
                    Checkpoint.resume(file, again);
                    again.fit(batches, fit);
                });
            }
        }
    }

    @Test
    void aNullIsNamed() throws IOException {
        Trainer trainer = trainer(network(1));
        Checkpoint.save(file, trainer);
        assertThatNullPointerException()
                .isThrownBy(() -> Checkpoint.save(file, null))
                .withMessage("trainer");
        assertThatNullPointerException()
                .isThrownBy(() -> Checkpoint.saveWeights(file, null))
                .withMessage("model");
        assertThatNullPointerException()
                .isThrownBy(() -> Checkpoint.loadWeights(file, null))
                .withMessage("model");
        assertThatNullPointerException()
                .isThrownBy(() -> Checkpoint.resume(file, trainer, (Difference) null))
                .withMessage("an accepted difference");
        assertThatNullPointerException()
                .isThrownBy(() -> Checkpoint.resume(file, trainer, (Difference[]) null))
                .withMessage("accepted");
    }

    private static Graph graph(long seed) {
        Graph.Builder graph = Graph.builder(Key.of(seed));
        Node image = graph.input("image", 6, 6, 2);
        Node conv = graph.layer("conv", Convolution.channels(4).kernel(3, 3).same(), image);
        Node seen = graph.layer("norm", BatchNorm.standard(), conv).relu().through(GlobalPool.MEAN);
        Node told = graph.chain(
                "told", graph.input("facts", 3), n -> n.dense("fc", 4).tanh());
        Node both = seen.plus(told.times(graph.parameter("scale", Init.ones(), Fans.dense(1, 1), 4)));
        return graph.output("kind", graph.layer("kind", Dense.units(3), both))
                .output("size", graph.layer("size", Dense.units(1), both))
                .build();
    }

    private static Trainer trainer(Graph graph) {
        JointLoss loss = JointLoss.of(graph.outputs().orElseThrow())
                .with("kind", 1, new MeanSquaredError())
                .with("size", 1, new MeanSquaredError());
        return new Trainer(graph, loss, Adam.of(0.01), Key.of(1));
    }

    private static void stepGraph(Trainer trainer, int count) {
        for (int i = 0; i < count; i++) {
            trainer.step(normal(i, 5, 75), normal(100 + i, 5, 4));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theWeightsOfAGraphAreRestoredInEveryLayout(Layout layout) throws IOException {
        Graph graph = graph(1);
        stepGraph(trainer(graph), 2);
        Checkpoint.saveWeights(file, graph, layout);
        Graph other = graph(2);
        Checkpoint.loadWeights(file, other, layout);
        assertThat(bits(other)).isEqualTo(bits(graph));
        if (layout == Layout.TORCH) {
            assertThat(Safetensors.read(file).tensors().get("conv.weight").shape())
                    .isEqualTo(Shape.of(4, 2, 3, 3));
        }
    }

    @Test
    void theTrainingOfAGraphWithFrozenPartsGoesOnFromAFile() throws IOException {
        Trainer straight = trainer(graph(1));
        Trainer first = trainer(graph(1));
        for (Trainer trainer : List.of(straight, first)) {
            trainer.freeze("conv.", "norm.");
            stepGraph(trainer, 3);
        }
        Checkpoint.save(file, first);
        Trainer second = trainer(graph(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.resume(file, second))
                .withMessageContaining("the list of frozen parameters was [conv.weight, conv.bias, norm.scale,"
                        + " norm.bias, norm.mean, norm.variance], here it is []");
        second.freeze("conv.", "norm.");
        Checkpoint.resume(file, second);
        for (Trainer trainer : List.of(straight, second)) {
            stepGraph(trainer, 2);
            trainer.unfreeze("*");
            stepGraph(trainer, 2);
        }
        assertThat(second.state().text()).isEqualTo(straight.state().text());
        assertThat(bits(second.model())).isEqualTo(bits(straight.model()));
    }
}
