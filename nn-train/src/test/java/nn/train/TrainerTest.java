package nn.train;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import nn.fixtures.FunctionPass;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.Loss;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metrics;
import nn.train.optimizer.Adam;
import nn.train.optimizer.AdamW;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class TrainerTest {
    static final List<Optimizer> OPTIMIZERS = List.of(
            Sgd.of(0.1),
            Sgd.of(0.1).withMomentum(0.9).withNesterov().withWeightDecay(1e-3),
            Adam.of(0.01),
            AdamW.of(0.01).withAmsgrad(),
            new CustomMomentum(0.1, 0.9));

    /** Two classes that differ in the sign of a sum. */
    private static Dataset data(int n) {
        Tensor x = Tensor.zeros(n, 5);
        Key.of(3).uniform(x, -1f, 1f);
        Tensor y = Tensor.zeros(n);
        for (int i = 0; i < n; i++) {
            y.set(x.row(i).sum() > 0 ? 1 : 0, i);
        }
        return new Dataset(x, y);
    }

    private static Affine model() {
        return Affine.of(5, 2, Key.of(1));
    }

    private static Trainer trainer(Layer model, Optimizer optimizer) {
        return new Trainer(model, new SoftmaxCrossEntropy(), optimizer, Key.of(2));
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aFitLowersTheLossAndClassifies(Optimizer optimizer) {
        Dataset data = data(200);
        Affine model = model();
        History history = trainer(model, optimizer).fit(Batches.shuffled(data, 16, Key.of(4)), 30);
        assertThat(Metrics.accuracy(model, data.x(), data.y())).isGreaterThan(0.95);
        assertThat(history.epochs()).hasSize(30);
        assertThat(history.last().loss()).isLessThan(history.epochs().getFirst().loss());
        assertThat(history.last().steps()).isEqualTo(13);
        assertThat(history.last().examples()).isEqualTo(200);
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aTrainingRepeatsBitForBit(Optimizer optimizer) {
        List<String> weights = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            Affine model = model();
            trainer(model, optimizer).fit(Batches.shuffled(data(50), 16, Key.of(4)), 3);
            weights.add(model.fingerprint());
        }
        assertThat(weights.get(0)).isEqualTo(weights.get(1)).isNotEqualTo(model().fingerprint());
    }

    @Test
    void aLossThatReturnsANewTensorTrainsToTheSameBits() {
        SoftmaxCrossEntropy direct = new SoftmaxCrossEntropy();
        Loss own = (output, target, context) -> direct.of(output, target, Context.inference());
        for (TrainerOptions options : List.of(TrainerOptions.NONE, TrainerOptions.NONE.microBatch(5))) {
            List<String> weights = new ArrayList<>();
            for (Loss loss : List.of(direct, own)) {
                Affine model = model();
                new Trainer(model, loss, Sgd.of(0.1), Key.of(2), options).fit(Batches.inOrder(data(50), 16), 3);
                weights.add(model.fingerprint());
            }
            assertThat(weights.get(0)).isEqualTo(weights.get(1)).isNotEqualTo(model().fingerprint());
        }
    }

    @Test
    void twoFitsEqualOneLongerFit() {
        Affine once = model();
        trainer(once, Adam.of(0.01)).fit(Batches.shuffled(data(50), 16, Key.of(4)), 4);
        Affine twice = model();
        Trainer trainer = trainer(twice, Adam.of(0.01));
        Batches batches = Batches.shuffled(data(50), 16, Key.of(4));
        trainer.fit(batches, 1);
        assertThat(trainer.fit(batches, 3).last().epoch()).isEqualTo(4);
        assertThat(twice.fingerprint()).isEqualTo(once.fingerprint());
    }

    @Test
    void aStepReportsLossNormRateAndBatchSize() {
        Affine model = model();
        Trainer trainer = trainer(model, Sgd.of(0.25));
        Dataset data = data(7);
        double loss = new SoftmaxCrossEntropy()
                .of(model.forward(data.x(), Context.inference()).output(), data.y(), Context.inference())
                .value();
        Tensor before = model.weight().value().copy();
        Tensor biasBefore = model.bias().value().copy();
        StepReport report = trainer.step(data.x(), data.y());
        assertThat(report.step()).isEqualTo(1);
        assertThat(report.loss()).isEqualTo(loss);
        assertThat(report.rate()).isEqualTo(0.25);
        assertThat(report.batchSize()).isEqualTo(7);
        double moved = Math.hypot(
                model.weight().value().subtract(before).norm(),
                model.bias().value().subtract(biasBefore).norm());
        assertThat(report.gradientNorm()).isCloseTo(moved / 0.25, within(1e-6));
        assertThat(trainer.steps()).isEqualTo(1);
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aFailedStepChangesNothing(Optimizer optimizer) {
        Affine inner = model();
        Fragile fragile = new Fragile(inner);
        Trainer trainer = trainer(fragile, optimizer);
        Dataset data = data(8);
        trainer.step(data.x(), data.y());
        List<Tensor> all = everything(trainer, inner);
        List<Tensor> before = all.stream().map(Tensor::copy).toList();

        fragile.output = Float.NaN;
        assertThatExceptionOfType(NonFiniteException.class)
                .isThrownBy(() -> trainer.step(data.x(), data.y()))
                .withMessageStartingWith("step 2: the loss is NaN; the model (")
                .withMessageContaining("its output has NaN in row 0, column 0; the step has changed nothing.")
                .satisfies(e -> assertThat(e.step()).isEqualTo(2))
                .satisfies(e -> assertThat(e.quantity()).isEqualTo("loss"))
                .satisfies(e -> assertThat(e.value()).isNaN());
        fragile.output = 0;
        Tensor badLabel = data.y().copy();
        badLabel.set(2f, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.step(data.x(), badLabel))
                .withMessageContaining("label 2.0 in row 3: labels must be whole numbers from 0 to 1");
        fragile.gradient = Float.POSITIVE_INFINITY;
        assertThatExceptionOfType(NonFiniteException.class)
                .isThrownBy(() -> trainer.step(data.x(), data.y()))
                .withMessageStartingWith("step 2: the gradient of 'bias' is Infinity; the model (")
                .withMessageContaining(
                        "the gradient of its 'bias' has Infinity in row 1; the step has changed nothing.");
        fragile.gradient = 0;

        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i)).isBitEqualTo(before.get(i));
        }
        assertThat(trainer.step(data.x(), data.y()).step()).isEqualTo(2);
    }

    /** A step after a failed one equals the same step without the failure. */
    @Test
    void theStepAfterAFailedOneGivesTheSameBits() {
        Dataset data = data(8);
        Affine clean = model();
        trainer(clean, Adam.of(0.1)).step(data.x(), data.y());
        Affine failed = model();
        Fragile fragile = new Fragile(failed);
        fragile.gradient = Float.NaN;
        Trainer trainer = trainer(fragile, Adam.of(0.1));
        assertThatExceptionOfType(NonFiniteException.class).isThrownBy(() -> trainer.step(data.x(), data.y()));
        fragile.gradient = 0;
        trainer.step(data.x(), data.y());
        assertThat(failed.fingerprint()).isEqualTo(clean.fingerprint());
    }

    private static List<Tensor> everything(Trainer trainer, Affine model) {
        List<Tensor> all = new ArrayList<>();
        for (Parameter p : model.parameters()) {
            all.add(p.value());
            all.addAll(trainer.rule(p).state());
        }
        return all;
    }

    /** Adds numbers to an output and to a gradient. */
    private static final class Fragile implements Layer {
        private final Affine inner;
        float output;
        float gradient;

        Fragile(Affine inner) {
            this.inner = inner;
        }

        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                Pass pass = inner.forward(x, context);
                pass.output().set(pass.output().get(0, 0) + output, 0, 0);
                return new FunctionPass.Result(pass.output(), (dy, into) -> {
                    into.of(inner.bias()).set(gradient, 1);
                    return pass.pullback(dy, into);
                });
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return inner.outputShape(in);
        }

        @Override
        public List<Parameter> parameters() {
            return inner.parameters();
        }
    }

    @Test
    void badValuesOfDataAreNamedByRowAndColumn() {
        Trainer trainer = trainer(model(), Sgd.of(0.1));
        Dataset data = data(8);
        Tensor x = data.x().copy();
        x.set(Float.NaN, 6, 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.step(x, data.y()))
                .withMessage("x of shape [8 x 5] has NaN in row 6, column 4; replace or remove such values before"
                        + " training");
        x.set(Float.NEGATIVE_INFINITY, 2, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.fit(Batches.shuffled(new Dataset(x, data.y()), 3, Key.of(1)), 1))
                .withMessageContaining("has -Infinity in row 2, column 0");
        Tensor y = data.y().copy();
        y.set(Float.NaN, 5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.step(data.x(), y))
                .withMessageContaining("y of shape [8] has NaN in row 5;");
        Tensor sequence = Tensor.zeros(2, 3, 4);
        sequence.set(Float.NaN, 1, 2, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.step(sequence, y))
                .withMessageContaining("has NaN in row 1, element [2, 3]");
        assertThat(trainer.steps()).isZero();
    }

    /** The rows in a message are those of the batch. */
    @Test
    void whatAFitRefusesNamesItsBatch() {
        Dataset data = data(8);
        Tensor labels = data.y().copy();
        labels.set(99, 6);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        trainer(model(), Sgd.of(0.1)).fit(Batches.inOrder(new Dataset(data.x(), labels), 4), 1))
                .withMessageStartingWith("batch 2 of epoch 1: softmax cross-entropy: label 99.0 in row 2: ");
    }

    @Test
    void invalidArgumentsAreNamed() {
        Trainer trainer = trainer(model(), Sgd.of(0.1));
        Dataset data = data(8);
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> trainer.step(Tensor.zeros(0, 5), Tensor.zeros(0)))
                .withMessage("x of shape [0 x 5] is an empty batch; give it at least one row");
        assertThatNullPointerException()
                .isThrownBy(() -> trainer.step(null, data.y()))
                .withMessage("x");
        assertThatNullPointerException()
                .isThrownBy(() -> trainer.step(data.x(), null))
                .withMessage("y");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> trainer.step(data.x(), Tensor.zeros(7)))
                .withMessageContaining("8 rows need labels of shape [8], one class number each; got [7]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> trainer.step(
                        data.x(),
                        Tensor.zeros(
                                8, trainer.model().outputShape(data.x().shape()).dim(-1))))
                .withMessageContaining("got [8 x 2], the shape of the logits; for probabilities or one-hot rows use"
                        + " ofProbabilities()");
        assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> trainer.step(Tensor.zeros(8, 4), data.y()));
        Batches batches = Batches.shuffled(data, 4, Key.of(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.fit(batches, 0))
                .withMessage("epochs is 0; it must be 1 or more");
        assertThatNullPointerException().isThrownBy(() -> trainer.fit(null, 1)).withMessage("data");
        assertThatNullPointerException().isThrownBy(() -> trainer.fit(batches, 1, (TrainingObserver) null));
        assertThatNullPointerException()
                .isThrownBy(() -> new Trainer(null, new SoftmaxCrossEntropy(), Sgd.of(1), Key.of(1)))
                .withMessage("model");
        assertThatNullPointerException()
                .isThrownBy(() -> new Trainer(model(), null, Sgd.of(1), Key.of(1)))
                .withMessage("loss");
        Layer none = new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(x, (dy, into) -> dy));
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }
        };
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(none, Sgd.of(1)))
                .withMessageStartingWith("the model has no parameters");
    }

    @Test
    void observersSeeEveryStepAndEpoch() {
        List<String> seen = new ArrayList<>();
        TrainingObserver observer = new TrainingObserver() {
            @Override
            public void onStart(int epochs, int steps, int completedSteps) {
                seen.add("start " + epochs + " " + steps + " " + completedSteps);
            }

            @Override
            public void onStep(StepReport report) {
                seen.add("step " + report.step() + " of " + report.batchSize());
            }

            @Override
            public void onEpoch(EpochReport report) {
                seen.add("epoch " + report.epoch());
            }
        };
        trainer(model(), Sgd.of(0.1))
                .fit(Batches.shuffled(data(5), 3, Key.of(1)), 2, observer, new TrainingObserver() {});
        assertThat(seen)
                .containsExactly(
                        "start 2 2 0",
                        "step 1 of 3",
                        "step 2 of 2",
                        "epoch 1",
                        "step 3 of 3",
                        "step 4 of 2",
                        "epoch 2");
    }

    @Test
    void theEpochsLossIsTheMeanOverItsExamples() {
        List<StepReport> steps = new ArrayList<>();
        TrainingObserver observer = new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                steps.add(report);
            }
        };
        History history = trainer(model(), Sgd.of(0.1)).fit(Batches.inOrder(data(5), 3), 1, observer);
        double expected = (3 * steps.get(0).loss() + 2 * steps.get(1).loss()) / 5;
        assertThat(history.last().loss()).isCloseTo(expected, within(1e-15));
        assertThat(history.toString().lines()).hasSize(2).first().asString().startsWith("epoch");
    }

    @Test
    void everyStepUsesTheSameMemory() {
        Set<float[]> arrays = new HashSet<>();
        Loss watched = (output, target, context) -> {
            Loss.Value value = new SoftmaxCrossEntropy().of(output, target, context);
            arrays.add(output.array());
            arrays.add(value.dOutput().array());
            return value;
        };
        Trainer trainer = new Trainer(model(), watched, Adam.of(0.01), Key.of(2));
        trainer.fit(Batches.shuffled(data(8), 4, Key.of(1)), 3);
        assertThat(trainer.steps()).isEqualTo(6);
        assertThat(arrays).hasSize(2);
    }
}
