package nn.train;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.checkpoint.Safetensors;
import nn.train.data.Batch;
import nn.train.data.Batches;
import nn.train.data.Categories;
import nn.train.data.Csv;
import nn.train.data.Dataset;
import nn.train.data.Npy;
import nn.train.diagnose.InitReport;
import nn.train.loss.DirectLoss;
import nn.train.loss.Distillation;
import nn.train.loss.Huber;
import nn.train.loss.KullbackLeibler;
import nn.train.loss.Loss;
import nn.train.loss.Masked;
import nn.train.loss.MeanAbsoluteError;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.Reduction;
import nn.train.loss.SigmoidCrossEntropy;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.loss.Weighted;
import nn.train.metric.Metric;
import nn.train.metric.Metrics;
import nn.train.optimizer.ElementRule;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.ParameterGroups;
import nn.train.optimizer.Sgd;
import nn.train.optimizer.UpdateRule;
import org.junit.jupiter.api.Test;

/** Faults of a custom loss, rule, metric, layer or observer: the message names it, and nothing is partly changed. */
class MisuseTest {
    private static final Tensor X = Tensor.full(0.5f, 4, 5);
    private static final Tensor Y = Tensor.zeros(4, 2);
    private static final Dataset DATA = new Dataset(X, Y);
    private static final Batches BATCHES = Batches.inOrder(DATA, 2);

    private static Affine model() {
        return Affine.of(5, 2, Key.of(1));
    }

    private static Trainer trainer(Loss loss) {
        return new Trainer(model(), loss, Sgd.of(0.1), Key.of(2));
    }

    private static Map<String, String> prints(Trainer trainer) {
        Map<String, String> prints = new LinkedHashMap<>(trainer.state().text());
        trainer.state().tensors().forEach((name, tensor) -> prints.put(name, tensor.sha256()));
        return prints;
    }

    /** A custom loss with a name. */
    private record Mine(Loss inner) implements Loss {
        @Override
        public Value of(Tensor output, Tensor target, Context context) {
            return inner.of(output, target, context);
        }

        @Override
        public String toString() {
            return "Mine";
        }
    }

    /** The mean squared error, with another number of terms. */
    private static Loss counting(ToDoubleFunction<Tensor> terms) {
        return new Loss() {
            @Override
            public Value of(Tensor output, Tensor target, Context context) {
                return new MeanSquaredError().of(output, target, context);
            }

            @Override
            public double terms(Tensor target) {
                return terms.applyAsDouble(target);
            }
        };
    }

    @Test
    void aLossWithAnInvalidNumberOfTermsIsNamedBeforeAStep() {
        for (double terms : new double[] {Double.NaN, -1, 0, Double.POSITIVE_INFINITY}) {
            Trainer trainer = trainer(counting(target -> terms));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> trainer.fit(BATCHES, 1))
                    .withMessageContaining(" counts " + terms + " terms in a target of shape [2 x 2]; ");
            assertThat(trainer.steps()).isZero();
        }
    }

    @Test
    void aLossThatCannotCountItsTermsFailsBeforeTheStep() {
        boolean[] fails = {true};
        Trainer trainer = trainer(counting(target -> {
            if (fails[0]) {
                throw new IllegalStateException("not counted");
            }
            return target.size();
        }));
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer.fit(BATCHES, 1))
                .withMessage("not counted");
        fails[0] = false;
        trainer.fit(BATCHES, 1);
        assertThat(trainer.steps()).isEqualTo(BATCHES.perEpoch());
    }

    @Test
    void aHistoryWithoutEpochsHasNoLastReport() {
        Trainer trainer = trainer(new MeanSquaredError());
        trainer.cancel();
        History history = trainer.fit(BATCHES, 1);
        assertThatThrownBy(history::last)
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageStartingWith("no epoch was finished, so there is no last one: the fit ended CANCELLED");
    }

    @Test
    void aLossWithoutAGradientIsNamed() {
        assertThatNullPointerException()
                .isThrownBy(() ->
                        trainer(new Mine((output, target, context) -> null)).step(X, Y))
                .withMessageStartingWith("the loss Mine gave null; ");
        assertThatNullPointerException()
                .isThrownBy(() -> trainer(new Mine((o, t, context) -> new Loss.Value(1, null)))
                        .step(X, Y))
                .withMessageStartingWith("the loss Mine gave a null gradient; ");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> trainer(new Mine((o, t, context) -> new Loss.Value(1, Tensor.zeros(2, 4))))
                        .step(X, Y))
                .withMessageStartingWith(
                        "the loss Mine gave a gradient of shape [2 x 4] for an output of shape [4 x 2]");
    }

    @Test
    void aLossInsideAnotherLossOrAMetricIsNamed() {
        Tensor marked = Tensor.full(1f, 4, 3);
        Loss none = new Mine((output, target, context) -> null);
        Loss without = new Mine((output, target, context) -> new Loss.Value(1, null));
        Loss other = new Mine((output, target, context) -> new Loss.Value(1, Tensor.zeros(1)));
        for (Loss loss : List.of(new Masked(none), new Weighted(none))) {
            assertThatNullPointerException()
                    .isThrownBy(() -> trainer(loss).step(X, marked))
                    .withMessageStartingWith("the loss Mine gave null; ");
        }
        for (Loss loss : List.of(new Masked(without), new Weighted(without))) {
            assertThatNullPointerException()
                    .isThrownBy(() -> trainer(loss).step(X, marked))
                    .withMessageStartingWith("the loss Mine gave a null gradient; ");
        }
        for (Loss loss : List.of(new Masked(other), new Weighted(other))) {
            assertThatExceptionOfType(ShapeException.class)
                    .isThrownBy(() -> trainer(loss).step(X, marked))
                    .withMessageStartingWith("the loss Mine gave a gradient of shape [1] for an output of shape [");
        }
        assertThatNullPointerException()
                .isThrownBy(() -> Metrics.loss(model(), none, X, Y))
                .withMessageStartingWith("the loss Mine gave null; ");
        assertThatNullPointerException()
                .isThrownBy(() -> InitReport.of(model(), without, X, Y, Key.of(1)))
                .withMessageStartingWith("the loss Mine gave a null gradient; ");
    }

    @Test
    void aTargetWithoutAMaskOrAWeightIsRefusedAlsoInMicroBatches() {
        for (Loss loss : List.of(new Masked(new MeanSquaredError()), new Weighted(new MeanSquaredError()))) {
            Trainer trainer = new Trainer(model(), loss, Sgd.of(0.1), Key.of(2), TrainerOptions.NONE.microBatch(2));
            for (Tensor y : List.of(Tensor.full(0.5f, 4), Tensor.full(0.5f, 4, 1))) {
                assertThatExceptionOfType(ShapeException.class)
                        .isThrownBy(() -> trainer.step(X, y))
                        .withMessageContaining("a target has rows of two numbers or more")
                        .withMessageEndingWith("got " + y.shape());
            }
        }
    }

    @Test
    void aWeightedLossNamesAnInnerLossThatCountsNaNTerms() {
        Loss loss = new Weighted(counting(target -> Double.NaN));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(loss).step(X, Tensor.full(1f, 4, 3)))
                .withMessageContaining("counts NaN terms");
    }

    @Test
    void aNullAmongSeveralIsNamed() {
        assertThatNullPointerException()
                .isThrownBy(() -> FitOptions.epochs(1).observers((TrainingObserver) null))
                .withMessage("an observer");
        List<EpochReport> reports = new ArrayList<>();
        reports.add(null);
        assertThatNullPointerException()
                .isThrownBy(() -> new History(reports, StopReason.COMPLETED))
                .withMessage("the report of an epoch");
        List<ParameterGroups.Group> groups = new ArrayList<>();
        groups.add(null);
        assertThatNullPointerException()
                .isThrownBy(() -> new ParameterGroups(Sgd.of(0.1), groups))
                .withMessage("a group");
    }

    @Test
    void aLossThatReturnsNaNForFiniteOutputsIsNamed() {
        Tensor bad = Tensor.zeros(4, 2);
        bad.set(Float.NaN, 2, 1);
        for (TrainerOptions options : List.of(TrainerOptions.NONE, TrainerOptions.NONE.debugging())) {
            Trainer trainer = new Trainer(
                    model(), new Mine((o, t, context) -> new Loss.Value(1, bad)), Sgd.of(0.1), Key.of(2), options);
            Map<String, String> before = prints(trainer);
            assertThatExceptionOfType(NonFiniteException.class)
                    .isThrownBy(() -> trainer.step(X, Y))
                    .withMessageContaining("the loss Mine: its gradient has NaN in row 2, column 1, for finite"
                            + " outputs of magnitude up to ")
                    .withMessageNotContaining("learning rate")
                    .matches(e -> e.layer().isEmpty());
            assertThat(prints(trainer)).isEqualTo(before);
            Trainer other = new Trainer(
                    model(),
                    new Mine((o, t, context) -> new Loss.Value(Double.NaN, Tensor.zeros(4, 2))),
                    Sgd.of(0.1),
                    Key.of(2),
                    options);
            assertThatExceptionOfType(NonFiniteException.class)
                    .isThrownBy(() -> other.step(X, Y))
                    .withMessageContaining("the loss Mine is NaN, for finite outputs of magnitude up to ")
                    .withMessageNotContaining("learning rate");
        }
    }

    @Test
    void aGradientTensorThatOverlapsOutputOrTargetIsRefused() {
        List<DirectLoss> losses = List.of(
                new MeanSquaredError(),
                new MeanAbsoluteError(),
                new Huber(1),
                new SigmoidCrossEntropy(),
                new KullbackLeibler(),
                new Distillation(2),
                new SoftmaxCrossEntropy(Reduction.MEAN, 0, List.of(), OptionalInt.empty(), true));
        for (DirectLoss loss : losses) {
            Tensor memory = Tensor.full(0.5f, 5, 2);
            Tensor output = memory.rows(0, 2);
            Tensor target = memory.rows(2, 4);
            for (Tensor dOutput : List.of(output, target, memory.rows(1, 3), memory.rows(3, 5))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> loss.of(output, target, dOutput))
                        .withMessageContaining("the tensor for the gradient shares memory with the ");
            }
            assertThat(memory).isBitEqualTo(Tensor.full(0.5f, 5, 2));
            assertThatExceptionOfType(ShapeException.class)
                    .isThrownBy(() -> loss.of(output, target, Tensor.zeros(2, 3)))
                    .withMessageContaining("[2 x 2] needs a tensor of that shape, got [2 x 3]");
            loss.of(output, target, Tensor.zeros(2, 2));
        }
    }

    private record Own(double rate, UpdateRule rule) implements Optimizer {
        @Override
        public UpdateRule ruleFor(Parameter parameter) {
            return rule;
        }

        @Override
        public String toString() {
            return "Own";
        }
    }

    private static UpdateRule rule(List<Tensor> state) {
        return new UpdateRule() {
            @Override
            public void apply(Tensor gradient, double rate, long step) {}

            @Override
            public List<Tensor> state() {
                return state;
            }
        };
    }

    @Test
    void anOptimizerWithoutARuleOrARateIsNamed() {
        Loss loss = new MeanSquaredError();
        assertThatNullPointerException()
                .isThrownBy(() -> new Trainer(model(), loss, new Own(0.1, null), Key.of(2)))
                .withMessage("optimizer Own has no rule for 'weight': its ruleFor returned null");
        assertThatNullPointerException()
                .isThrownBy(() -> new Trainer(model(), loss, new Own(0.1, rule(null)), Key.of(2)))
                .withMessageContaining("the rule of 'weight'")
                .withMessageContaining("its state() returned null");
        for (double rate : new double[] {Double.NaN, -1, 1e300}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Trainer(model(), loss, new Own(rate, rule(List.of())), Key.of(2)))
                    .withMessage("optimizer Own: rate is " + rate + "; it must be finite as a float, and 0 or more");
        }
        Trainer steep = new Trainer(
                model(), loss, Sgd.of(1e30), Key.of(2), TrainerOptions.NONE.schedule((steps, epochs) -> 1e20));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> steep.step(X, Y))
                .withMessageStartingWith("the learning rate of optimizer Sgd[rate=1.0E30,")
                .withMessageContaining(", 1.0E30, times 1.0E20 by schedule ");
    }

    /** Changes the parameter and its state, and then throws in the second step. */
    private record Throwing(Parameter parameter, Tensor memory, Throwable problem) implements UpdateRule {
        @Override
        public void apply(Tensor gradient, double rate, long step) {
            parameter.value().fill(step);
            memory.fill(step);
            if (step == 2 && parameter.name().equals("bias")) {
                MisuseTest.<RuntimeException>sneak(problem);
            }
        }

        @Override
        public List<Tensor> state() {
            return List.of(memory);
        }

        @Override
        public boolean isSafe(double largest, double rate, long step) {
            return true;
        }
    }

    @SuppressWarnings("unchecked") // throws what it is given, unchecked or not
    private static <E extends Throwable> void sneak(Throwable problem) throws E {
        throw (E) problem;
    }

    @Test
    void aRuleThatThrowsMidwayChangesNothing() {
        for (Throwable problem : List.of(new IllegalStateException(), new StackOverflowError())) {
            Optimizer throwing = new Optimizer() {
                @Override
                public double rate() {
                    return 0.1;
                }

                @Override
                public UpdateRule ruleFor(Parameter parameter) {
                    return new Throwing(parameter, Tensor.zeros(1), problem);
                }
            };
            Trainer trainer = new Trainer(model(), new MeanSquaredError(), throwing, Key.of(2));
            trainer.step(X, Y);
            Map<String, String> before = prints(trainer);
            assertThatThrownBy(() -> trainer.step(X, Y)).isSameAs(problem);
            assertThat(prints(trainer)).isEqualTo(before);
        }
    }

    /** A rule that runs out of memory in an update of which no copies are kept. */
    @Test
    void aTrainerRefusesToContinueAfterAnInterruptedUpdate() {
        Optimizer breaking = new Optimizer() {
            @Override
            public double rate() {
                return 0.1;
            }

            @Override
            public UpdateRule ruleFor(Parameter parameter) {
                return new ElementRule(parameter, 0) {
                    @Override
                    protected void update(int from, int to, float[] p, float[] g, double rate, long step) {
                        if (step == 2 && parameter.name().equals("bias")) {
                            throw new OutOfMemoryError();
                        }
                        p[from] += 1;
                    }

                    @Override
                    protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
                        return p + 1;
                    }
                };
            }
        };
        Trainer trainer = new Trainer(model(), new MeanSquaredError(), breaking, Key.of(2));
        trainer.step(X, Y);
        TrainingState saved = trainer.state();
        Map<String, String> before = prints(trainer);
        assertThatThrownBy(() -> trainer.step(X, Y)).isInstanceOf(OutOfMemoryError.class);
        List<Runnable> uses = List.of(() -> trainer.step(X, Y), trainer::state, () -> trainer.fit(BATCHES, 1));
        for (Runnable use : uses) {
            assertThatIllegalStateException()
                    .isThrownBy(use::run)
                    .withMessageStartingWith("an error interrupted the update of an earlier step");
        }
        trainer.restore(saved);
        assertThat(prints(trainer)).isEqualTo(before);
    }

    @Test
    void aMetricThatReturnsNullIsNamed() {
        Metric none = (model, x, y) -> (Double) Map.of().get("nothing");
        FitOptions fit = FitOptions.epochs(1).validation(DATA).metric("mine", none);
        Trainer trainer = trainer(new MeanSquaredError());
        assertThatNullPointerException()
                .isThrownBy(() -> trainer.fit(BATCHES, fit))
                .withMessageStartingWith("metric 'mine': ");
        assertThat(trainer.fit(BATCHES, FitOptions.epochs(1).validation(DATA)).epochs())
                .hasSize(1);
        assertThat(trainer.steps()).isEqualTo(2);
    }

    @Test
    void aLossWithoutATargetShapeIsNamedInsideAnotherLoss() {
        Loss none = new Loss() {
            @Override
            public Value of(Tensor output, Tensor target, Context context) {
                return new MeanSquaredError().of(output, target, context);
            }

            @Override
            public Shape targetShape(Shape output) {
                return null;
            }

            @Override
            public String toString() {
                return "Mine";
            }
        };
        Tensor output = Tensor.zeros(3, 2);
        Tensor target = Tensor.full(1f, 3, 3);
        for (Loss outer : List.of(new Masked(none), new Weighted(none))) {
            assertThatNullPointerException()
                    .isThrownBy(() -> outer.of(output, target, Context.training(Key.of(1))))
                    .withMessageStartingWith("the loss Mine: its targetShape returned null for an output of shape [");
        }
    }

    @Test
    void nullPartsOfFilesAndBatchesAreNamed() {
        Tensor rows = Tensor.zeros(2, 2);
        assertThatNullPointerException().isThrownBy(() -> new Batch(null, rows)).withMessage("x of a batch");
        assertThatNullPointerException().isThrownBy(() -> new Batch(rows, null)).withMessage("y of a batch");
        assertThatNullPointerException()
                .isThrownBy(() -> Categories.of("a", null))
                .withMessage("a category");
        assertThatNullPointerException()
                .isThrownBy(() -> Npy.writeAll(Path.of("x.npz"), null))
                .withMessage("arrays");
        assertThatNullPointerException()
                .isThrownBy(() -> Safetensors.read(null))
                .withMessage("file");
        assertThatNullPointerException().isThrownBy(() -> Npy.read(null)).withMessage("file");
        assertThatNullPointerException()
                .isThrownBy(() -> Csv.withHeader().read((Path) null))
                .withMessage("file");
        assertThatNullPointerException()
                .isThrownBy(() -> Csv.withHeader().text((String[]) null))
                .withMessage("columns");
        assertThatNullPointerException()
                .isThrownBy(() -> Categories.of("a").labels(null))
                .withMessage("texts");
    }

    @Test
    void aModelWithoutAPassIsNamed() {
        List<Parameter> parameters = model().parameters();
        Layer none = new Layer() {
            @Override
            public Pass newPass() {
                return null;
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }

            @Override
            public List<Parameter> parameters() {
                return parameters;
            }

            @Override
            public String toString() {
                return "None";
            }
        };
        assertThatNullPointerException()
                .isThrownBy(() -> new Trainer(none, new MeanSquaredError(), Sgd.of(0.1), Key.of(2)).step(X, Y))
                .withMessageContainingAll("None", "its newPass() returned null");
    }

    /** Calls the trainer from an observer, a metric, a loss in training, and a loss in validation. */
    @Test
    void callbacksCannotChangeTheTrainer() {
        Map<String, Consumer<Trainer>> calls = new LinkedHashMap<>();
        calls.put("step", trainer -> trainer.step(X, Y));
        calls.put("fit", trainer -> trainer.fit(BATCHES, 1));
        TrainingState old = trainer(new Mine(new MeanSquaredError())).state();
        calls.put("restore", trainer -> trainer.restore(old));
        calls.put("abandonFit", Trainer::abandonFit);
        Trainer straight = trainer(new Mine(new MeanSquaredError()));
        straight.fit(BATCHES, FitOptions.epochs(2).validation(DATA));
        calls.forEach((name, call) -> {
            Trainer[] trainer = new Trainer[1];
            List<String> refused = new ArrayList<>();
            Runnable attempt = () -> {
                try {
                    call.accept(trainer[0]);
                } catch (IllegalStateException e) {
                    refused.add(e.getMessage());
                }
            };
            Loss loss = (output, target, context) -> {
                attempt.run();
                return new MeanSquaredError().of(output, target, context);
            };
            trainer[0] = trainer(new Mine(loss));
            Metric metric = (model, x, y) -> {
                attempt.run();
                return 0;
            };
            TrainingObserver observer = new TrainingObserver() {
                @Override
                public void onStart(int epochs, int steps, int completedSteps) {
                    attempt.run();
                }

                @Override
                public void onStep(StepReport report) {
                    attempt.run();
                    assertThat(trainer[0].state().text()).containsEntry("trainer/steps", "" + report.step());
                }

                @Override
                public void onEnd(History history) {
                    attempt.run();
                }
            };
            trainer[0].fit(
                    BATCHES,
                    FitOptions.epochs(2).validation(DATA).metric("m", metric).observers(observer));
            // four steps with a loss and an observer, two epochs with a loss and a metric, the start and the end
            assertThat(refused)
                    .as(name)
                    .hasSize(4 * 2 + 2 * 2 + 2)
                    .allMatch(text -> text.startsWith(name
                            + " was called by an observer, a layer, a loss, a metric or another thread while fit of"));
            assertThat(prints(trainer[0])).as(name).isEqualTo(prints(straight));
        });
    }

    @Test
    void validationDataThatTheModelDoesNotTakeAreRefusedBeforeTheFirstStep() {
        Network network = Network.builder(Key.of(1)).input(5).dense("out", 2).build();
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Sgd.of(0.1), Key.of(2));
        Dataset narrow = new Dataset(Tensor.zeros(4, 3), Y);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.fit(BATCHES, FitOptions.epochs(1).validation(narrow)))
                .withMessageStartingWith("the validation data: ");
        assertThat(trainer.steps()).isZero();
    }

    /** A row of the training data has the same number. */
    @Test
    void aTargetThatTheLossRefusesInValidationIsSaidToBeThere() {
        Trainer trainer = trainer(new SoftmaxCrossEntropy());
        Dataset held = new Dataset(X, Tensor.full(7, 4));
        Metric accuracy = Metrics::accuracy;
        Batches batches = Batches.inOrder(new Dataset(X, Tensor.zeros(4)), 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.fit(batches, FitOptions.epochs(1).validation(held)))
                .withMessageStartingWith("the validation data: softmax cross-entropy: label 7.0 in row 0");
        Trainer other = trainer(new MeanSquaredError());
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        other.fit(BATCHES, FitOptions.epochs(1).validation(DATA).metric("share", accuracy)))
                .withMessageStartingWith("the validation data: metric 'share': accuracy: ");
    }

    @Test
    void aMetricThatChangesTheValidationDataIsNamedInDebugMode() {
        Metric writer = (model, x, y) -> {
            x.scaleInPlace(0.5f);
            return 0;
        };
        Metric reader = (model, x, y) -> x.sum();
        FitOptions sound =
                FitOptions.epochs(1).validation(new Dataset(X.copy(), Y.copy())).metric("reader", reader);
        Trainer trainer =
                new Trainer(model(), new MeanSquaredError(), Sgd.of(0.1), Key.of(2), TrainerOptions.NONE.debugging());
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer.fit(BATCHES, sound.metric("writer", writer)))
                .withMessage("metric 'writer' has changed the validation data; let it write into a copy() of the tensor"
                        + " that it gets");
        trainer.abandonFit();
        assertThat(trainer.fit(BATCHES, sound).stopReason()).isEqualTo(StopReason.COMPLETED);
    }

    @Test
    void statesCannotBeResetDuringAStep() {
        Trainer[] trainer = new Trainer[1];
        trainer[0] = trainer((output, target, context) -> {
            trainer[0].resetStates();
            return new MeanSquaredError().of(output, target, context);
        });
        assertThatIllegalStateException().isThrownBy(() -> trainer[0].step(X, Y));
    }

    @Test
    void aTrainerDescribesItself() {
        Trainer trainer = trainer(new Mine(new MeanSquaredError()));
        trainer.step(X, Y);
        assertThat(trainer)
                .hasToString("Trainer of Affine[weight=weight [5 x 2], bias=bias [2]] (loss Mine, optimizer "
                        + Sgd.of(0.1) + ") after 1 step and 0 epochs");
    }

    @Test
    void namesOfMetricsAreUnique() {
        FitOptions fit = FitOptions.epochs(1).validation(DATA);
        Metric zero = (model, x, y) -> 0;
        for (String taken : List.of("loss", "epoch", "seconds", "validation_loss", "rate", "steps", "validation")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> fit.metric(taken, zero))
                    .withMessageStartingWith("a metric cannot be called '" + taken + "': a history has a column");
        }
        for (String blank : List.of("", " ")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> fit.metric(blank, zero))
                    .withMessage("a metric's name is '" + blank + "'; it must not be blank");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fit.metric("mine", zero).metric("mine", Metrics::accuracy))
                .withMessage("metric 'mine' was added before; give each metric another name");
    }
}
