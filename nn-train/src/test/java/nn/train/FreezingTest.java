package nn.train;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.dense.Dense;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Clipping;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Penalty;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Parameters that a trainer is told to leave as they are. */
class FreezingTest {
    static final List<Optimizer> OPTIMIZERS = ResumeTest.OPTIMIZERS;
    private static final Key KEY = Key.of(12);
    private static final Tensor X = numbers("x", 12, 5);
    private static final Tensor Y = numbers("y", 12, 2);
    private static final TrainerOptions OPTIONS =
            TrainerOptions.NONE.penalty(Penalty.of(1e-3, 1e-2)).clipping(Clipping.norm(0.5));

    private static Tensor numbers(String name, int... dims) {
        Tensor t = Tensor.zeros(dims);
        KEY.child(name).normal(t, 0, 1);
        return t;
    }

    private static Network network() {
        return Network.builder(KEY)
                .input(5)
                .layer(
                        "encoder",
                        Network.chain(n -> n.dense("fc1", 6)
                                .batchNorm("norm")
                                .tanh()
                                .layer("block", Residual.of(f -> f.dense("fc2", 6)))))
                .dense("out", 2)
                .build();
    }

    private static Graph graph() {
        Graph.Builder graph = Graph.builder(KEY);
        Node x = graph.input("x", 5);
        Node encoded = graph.chain(
                "encoder", x, n -> n.dense("fc1", 6).batchNorm("norm").tanh().dense("fc2", 6));
        Node skipped = graph.layer("skip", Dense.units(6), x).tanh();
        Node scaled = encoded.times(graph.parameter("scale", Init.ones(), Fans.dense(1, 1), 6));
        return graph.output("y", graph.layer("out", Dense.units(2), scaled.plus(skipped)))
                .build();
    }

    static Stream<Layer> models() {
        return Stream.of(network(), graph());
    }

    private static Trainer trainer(Layer model, Optimizer optimizer) {
        return new Trainer(model, new MeanSquaredError(), optimizer, KEY.child("training"), OPTIONS);
    }

    private static void steps(Trainer trainer, int count) {
        for (int i = 0; i < count; i++) {
            trainer.step(X, Y);
        }
    }

    private static Map<String, String> values(Layer model) {
        Map<String, String> values = new LinkedHashMap<>();
        model.parametersByPath().forEach((path, p) -> values.put(path, p.value().sha256()));
        return values;
    }

    private static List<String> changed(Map<String, String> before, Layer model) {
        List<String> changed = new ArrayList<>();
        values(model).forEach((path, hash) -> {
            if (!hash.equals(before.get(path))) {
                changed.add(path);
            }
        });
        return changed;
    }

    private static List<String> paths(Layer model, String beginning, boolean with) {
        return model.parametersByPath().keySet().stream()
                .filter(path -> path.startsWith(beginning) == with)
                .toList();
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void noOptimizerMovesWhatIsFrozenNotEvenByMomentumOrDecay(Optimizer optimizer) {
        Layer model = graph();
        Trainer trainer = trainer(model, optimizer);
        steps(trainer, 3); // now there is momentum
        trainer.freeze("encoder.", "scale");
        assertThat(trainer.frozen())
                .containsExactlyElementsOf(Stream.concat(Stream.of("scale"), paths(model, "encoder.", true).stream())
                        .toList());
        Map<String, String> before = values(model);
        steps(trainer, 3);
        assertThat(changed(before, model)).containsExactly("skip.weight", "skip.bias", "out.weight", "out.bias");
        trainer.unfreeze("*");
        assertThat(trainer.frozen()).isEmpty();
        trainer.step(X, Y);
        assertThat(changed(before, model))
                .containsExactlyElementsOf(model.parametersByPath().keySet());
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aTrainingWithFrozenPartsResumesWithTheSameBits(Optimizer optimizer) {
        Trainer straight = trainer(network(), optimizer);
        Trainer first = trainer(network(), optimizer);
        for (Trainer trainer : List.of(straight, first)) {
            trainer.freeze("encoder.");
            steps(trainer, 4);
            trainer.unfreeze("encoder.norm.", "encoder.fc1.bias");
            steps(trainer, 2);
        }
        Trainer second = trainer(network(), optimizer);
        second.freeze("encoder.");
        second.unfreeze("encoder.norm.*", "encoder.fc1.b*");
        second.restore(first.state());
        for (Trainer trainer : List.of(straight, second)) {
            steps(trainer, 2);
            trainer.unfreeze("*");
            steps(trainer, 2);
        }
        assertThat(second.state().text()).isEqualTo(straight.state().text());
        straight.state()
                .tensors()
                .forEach((name, tensor) ->
                        assertThat(second.state().tensors().get(name)).as(name).isBitEqualTo(tensor));
    }

    /** Adam's first updates have the length of the rate; with the number of all steps they would be 3 times that. */
    @Test
    void aParameterThatIsTrainedLaterBeginsWithItsFirstUpdate() {
        Network model = network();
        Trainer trainer = new Trainer(model, new MeanSquaredError(), Adam.of(0.01), KEY);
        trainer.freeze("encoder.");
        steps(trainer, 500);
        Tensor before = model.parameter("encoder.fc1.weight").value().copy();
        trainer.unfreeze("encoder.fc1.weight");
        trainer.step(X, Y);
        Tensor moved = model.parameter("encoder.fc1.weight").value().subtract(before);
        assertThat(moved.maxAbs()).isBetween(0.0099f, 0.0101f);
        assertThat(trainer.state().text()).containsEntry("trainer/missed/encoder.fc1.weight", "500");
    }

    @ParameterizedTest
    @MethodSource("models")
    void gradientsOfWhatIsTrainedKeepTheirBitsAndTheNormIsTheirs(Layer model) {
        Context context = Context.training(KEY);
        Gradients whole = new Gradients(model);
        Gradients part = new Gradients(model);
        part.freeze(List.of(model.parameter("encoder.fc1.weight"), model.parameter("out.bias")));
        Tensor dy = numbers("dy", 12, 2);
        model.forward(X, context).pullbackParameters(dy, whole);
        model.forward(X, part.over(context)).pullbackParameters(dy, part);
        double squares = 0;
        for (Parameter parameter : part.parameters()) {
            assertThat(part.of(parameter)).as(parameter.name()).isBitEqualTo(whole.of(parameter));
            squares += Math.pow(whole.of(parameter).norm(), 2);
        }
        assertThat(part.parameters()).hasSize(whole.parameters().size() - 2);
        assertThat(part.norm()).isEqualTo(Math.sqrt(squares), org.assertj.core.api.Assertions.within(1e-9));
        assertThat(part.of(model.parameter("encoder.fc1.weight")))
                .as("not even computed")
                .isBitEqualTo(Tensor.zeros(5, 6));
    }

    /** Counts the backward passes of an inner layer. */
    private static final class Counted implements Layer {
        private int passes;

        @Override
        public Pass newPass() {
            return new Pass(this) {
                @Override
                protected Tensor forward(Tensor x, Context context) {
                    return x;
                }

                @Override
                protected Tensor backward(Tensor dOutput, Gradients gradients) {
                    passes++;
                    return dOutput;
                }
            };
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    @Test
    void theBackwardPassEndsBeforeAFrozenFront() {
        Counted counted = new Counted();
        Network network = Network.builder(KEY)
                .input(5)
                .dense("a", 4)
                .layer("counted", counted)
                .tanh()
                .dense("out", 2)
                .build();
        Graph.Builder graph = Graph.builder(KEY);
        Node front = graph.layer("a", Dense.units(4), graph.input("x", 5))
                .through(graph.make("counted", (in, key) -> counted, Node.of(Tensor.zeros(1, 4))));
        Layer branches = graph.output(
                        "y", graph.layer("out", Dense.units(2), front.tanh().plus(front)))
                .build();
        for (Layer model : List.of(network, branches)) {
            counted.passes = 0;
            Trainer trainer = trainer(model, Sgd.of(0.1));
            trainer.step(X, Y);
            assertThat(counted.passes).isEqualTo(1);
            trainer.freeze("a.bias");
            trainer.step(X, Y);
            assertThat(counted.passes).isEqualTo(2);
            trainer.freeze("a.*");
            trainer.step(X, Y);
            assertThat(counted.passes).as("no gradient is needed there").isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void aBatchNormWithFrozenStatisticsUsesThemInTraining(Layer model) {
        Trainer trainer = trainer(model, Sgd.of(0.05));
        steps(trainer, 3);
        Tensor predicted = model.forward(X, Context.inference()).output();
        double inference =
                new MeanSquaredError().of(predicted, Y, Context.inference()).value();
        assertThat(trainer.step(X, Y).loss())
                .as("by the statistics of the batch")
                .isNotEqualTo(inference);
        Tensor again = model.forward(X, Context.inference()).output();
        trainer.freeze("encoder.norm.mean", "encoder.norm.variance");
        assertThat(trainer.step(X, Y).loss())
                .isEqualTo(
                        new MeanSquaredError().of(again, Y, Context.inference()).value());
        trainer.unfreeze("encoder.norm.mean");
        Map<String, String> before = values(model);
        trainer.step(X, Y);
        assertThat(changed(before, model))
                .as("both statistics stay if one is frozen")
                .contains("encoder.norm.scale")
                .doesNotContain("encoder.norm.mean", "encoder.norm.variance");
    }

    @Test
    void aFitTrainsTheRestAndMicroBatchesDoTheSame() {
        Network model = network();
        Trainer trainer = new Trainer(
                model,
                new MeanSquaredError(),
                Adam.of(0.01),
                KEY,
                TrainerOptions.NONE.microBatch(4).debugging());
        trainer.freeze("encoder.*");
        Map<String, String> before = values(model);
        History history = trainer.fit(
                Batches.shuffled(new Dataset(X, Y), 6, KEY),
                FitOptions.epochs(30).keepBest());
        assertThat(history.epochs().getLast().loss())
                .isLessThan(history.epochs().getFirst().loss());
        assertThat(changed(before, model)).containsExactly("out.weight", "out.bias");
    }

    @Test
    void aPatternIsAWholePathABeginningOrHasStars() {
        Trainer trainer = trainer(network(), Sgd.of(0.1));
        trainer.freeze("*.weight");
        assertThat(trainer.frozen()).containsExactly("encoder.fc1.weight", "encoder.block.fc2.weight", "out.weight");
        trainer.unfreeze("encoder.*.weight");
        assertThat(trainer.frozen()).containsExactly("out.weight");
        trainer.freeze("encoder.norm.");
        assertThat(trainer.frozen())
                .containsExactly(
                        "encoder.norm.scale",
                        "encoder.norm.bias",
                        "encoder.norm.mean",
                        "encoder.norm.variance",
                        "out.weight");
        trainer.freeze("encoder.fc1.weight");
        assertThat(trainer.frozen()).startsWith("encoder.fc1.weight").hasSize(6);
    }

    @Test
    void aPatternThatMatchesNothingIsRefusedWithThePaths() {
        Trainer trainer = trainer(network(), Sgd.of(0.1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.freeze("out.", "encoder"))
                .withMessage("freeze: no parameter matches 'encoder'; all parameters of that layer match 'encoder.';"
                        + " there are encoder.fc1.weight, encoder.fc1.bias, encoder.norm.scale, encoder.norm.bias,"
                        + " encoder.norm.mean, encoder.norm.variance, encoder.block.fc2.weight,"
                        + " encoder.block.fc2.bias, out.weight, out.bias");
        assertThat(trainer.frozen()).as("all or nothing").isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.unfreeze("out.weigh"))
                .withMessageStartingWith("unfreeze: no parameter matches 'out.weigh'; there are encoder.fc1.weight");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.freeze("o.t.weight")) // a dot is a dot
                .withMessageContaining("no parameter matches");
        assertThatIllegalArgumentException().isThrownBy(() -> trainer.freeze()).withMessageContaining("no pattern");
    }

    @Test
    void aStepThatWouldChangeNothingIsRefused() {
        Trainer trainer = trainer(network(), Sgd.of(0.1));
        trainer.freeze("*");
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer.step(X, Y))
                .withMessage("all parameters are frozen, so a step would change nothing; unfreeze those that are to be"
                        + " trained");
        trainer.unfreeze("encoder.norm.mean", "encoder.norm.variance"); // the statistics can be measured again
        assertThatNoException().isThrownBy(() -> trainer.step(X, Y));
    }

    @Test
    void otherFrozenParametersAreADifference() {
        Trainer saved = trainer(network(), Sgd.of(0.1));
        saved.freeze("out.");
        steps(saved, 2);
        Trainer trainer = trainer(network(), Sgd.of(0.1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.restore(saved.state()))
                .withMessageContaining(
                        "options: the list of frozen parameters was [out.weight, out.bias], here it is [];"
                                + " freeze the same ones before the state is restored");
        trainer.restore(saved.state(), Difference.OPTIONS);
        assertThat(trainer.frozen()).as("it keeps its own part").isEmpty();
        trainer.step(X, Y);
        assertThat(trainer.state().text()).containsEntry("trainer/missed/out.bias", "2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> saved.restore(trainer.state()))
                .withMessageContaining("the list of frozen parameters was [], here it is [out.weight, out.bias]");
    }

    @Test
    void moreMissedStepsThanStepsAreRefused() {
        Trainer trainer = trainer(network(), Sgd.of(0.1));
        steps(trainer, 2);
        SequencedMap<String, String> text = new LinkedHashMap<>(trainer.state().text());
        text.put("trainer/missed/out.bias", "3");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> trainer.restore(new TrainingState(trainer.state().tensors(), text)))
                .withMessageContaining("'trainer/missed/out.bias' is '3'; expected a whole number from 0 to 2");
    }

    @Test
    void nothingIsFrozenDuringAFit() {
        Trainer trainer = trainer(network(), Sgd.of(0.1));
        TrainingObserver freezes = new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                trainer.freeze("out.");
            }
        };
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer.fit(Batches.inOrder(new Dataset(X, Y), 6), 1, freezes))
                .withMessageStartingWith("freeze was called by an observer");
    }
}
