package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nn.fixtures.FunctionPass;
import nn.init.Fans;
import nn.init.Initializer;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adagrad;
import nn.train.optimizer.Adam;
import nn.train.optimizer.AdamW;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.RmsProp;
import nn.train.optimizer.Sgd;
import nn.train.optimizer.UpdateRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers that are not finite fail the step in which they arise; they are named, and nothing changes. */
class NonFiniteTest {
    /** Without weight decay, which would turn a huge weight into a gradient. */
    static final List<Optimizer> OPTIMIZERS = List.of(
            Sgd.of(0.1),
            Sgd.of(0.1).withMomentum(0.9).withDampening(0.1),
            Sgd.of(0.1).withMomentum(0.9).withNesterov(),
            Adam.of(0.01),
            Adam.of(0.01).withAmsgrad(),
            AdamW.of(0.01).withWeightDecay(0),
            RmsProp.of(0.01),
            RmsProp.of(0.01).withCentering(),
            RmsProp.of(0.01).withMomentum(0.9),
            Adagrad.of(0.1),
            new CustomMomentum(0.1, 0),
            new CustomMomentum(0.1, 0.9));

    private final Tensor x = Tensor.zeros(8, 5);
    private final Tensor y = Tensor.zeros(8, 2);

    {
        Key.of(3).uniform(x, -1f, 1f);
    }

    /**
     * Passes everything on, but replaces one element of the output or the gradient by a given number.
     */
    private static final class Spoiler implements Layer {
        float output;
        float gradient;

        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                Tensor out = context.empty(x.shape());
                out.copyFrom(x);
                if (output != 0) {
                    out.set(output, 3, 1);
                }
                return new FunctionPass.Result(out, (dy, into) -> {
                    Tensor dx = context.empty(dy.shape());
                    dx.copyFrom(dy);
                    if (gradient != 0) {
                        dx.set(gradient, 6, 2);
                    }
                    return dx;
                });
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }

        @Override
        public String toString() {
            return "Spoiler";
        }
    }

    private final Spoiler spoiler = new Spoiler();

    private Network network() {
        Network inner = Network.builder(Key.of(5))
                .input(6)
                .layer("spoiler", spoiler)
                .dense("hidden2", 4)
                .build();
        return Network.builder(Key.of(1))
                .input(5)
                .dense("hidden1", 6)
                .tanh()
                .layer("inner", inner)
                .dense("out", 2)
                .build();
    }

    private static Map<String, String> fingerprint(Trainer trainer) {
        Map<String, String> prints = new LinkedHashMap<>();
        TrainingState state = trainer.state();
        state.tensors().forEach((name, tensor) -> prints.put(name, tensor.sha256()));
        prints.putAll(state.text());
        return prints;
    }

    private static TrainerOptions options(boolean debug) {
        return debug ? TrainerOptions.NONE.debugging() : TrainerOptions.NONE;
    }

    @Test
    void theMessageSuspectsTheLearningRateFromTheSecondStepOn() {
        Trainer trainer = new Trainer(network(), new MeanSquaredError(), Adam.of(0.01), Key.of(2));
        spoiler.output = Float.NaN;
        assertThatExceptionOfType(NonFiniteException.class)
                .isThrownBy(() -> trainer.step(x, y))
                .withMessageEndingWith("This is the first step, so the learning rate is not the cause: check that"
                        + " layer, the initial weights and the scale of the inputs.");
        spoiler.output = 0;
        trainer.step(x, y);
        spoiler.output = Float.NaN;
        assertThatExceptionOfType(NonFiniteException.class)
                .isThrownBy(() -> trainer.step(x, y))
                .withMessageEndingWith(
                        "The usual causes are a learning rate that is too high and inputs that are" + " not scaled.");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theLayerOfABadOutputInAMicroBatchIsNamed(boolean debug) {
        TrainerOptions options = options(debug).microBatch(4);
        Trainer trainer = new Trainer(network(), new MeanSquaredError(), Adam.of(0.01), Key.of(2), options);
        trainer.step(x, y);
        spoiler.output = Float.NaN;
        NonFiniteException e = catchThrowableOfType(NonFiniteException.class, () -> trainer.step(x, y));
        assertThat(e)
                .hasMessageContaining("layer 'inner.spoiler' (Spoiler): its output has NaN in row 3, column 1 of the"
                        + " micro-batch that begins with example 0 of the batch;");
        assertThat(e.layer()).contains("inner.spoiler");
        assertThat(e.row()).hasValue(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theLayerAndTheRowOfABadOutputAreNamed(boolean debug) {
        Trainer trainer = new Trainer(network(), new MeanSquaredError(), Adam.of(0.01), Key.of(2), options(debug));
        trainer.step(x, y);
        Map<String, String> before = fingerprint(trainer);
        spoiler.output = Float.NaN;
        NonFiniteException e = catchThrowableOfType(NonFiniteException.class, () -> trainer.step(x, y));
        assertThat(e)
                .hasMessageStartingWith("step 2: the " + (debug ? "output of layer 'inner.spoiler'" : "loss") + " is"
                        + " NaN; layer"
                        + " 'inner.spoiler' (Spoiler): its output has NaN in row 3, column 1; the step has"
                        + " changed nothing.");
        assertThat(e.layer()).contains("inner.spoiler");
        assertThat(e.row()).hasValue(3);
        assertThat(e.step()).isEqualTo(2);
        assertThat(e.batch()).isEmpty();
        assertThat(e.value()).isNaN();
        assertThat(fingerprint(trainer)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theLayerAndTheRowOfABadGradientAreNamed(boolean debug) {
        Trainer trainer = new Trainer(network(), new MeanSquaredError(), Adam.of(0.01), Key.of(2), options(debug));
        trainer.step(x, y);
        Map<String, String> before = fingerprint(trainer);
        spoiler.gradient = Float.POSITIVE_INFINITY;
        NonFiniteException e = catchThrowableOfType(NonFiniteException.class, () -> trainer.step(x, y));
        assertThat(e)
                .hasMessageContaining("layer 'inner.spoiler' (Spoiler): the gradient at its input has Infinity in row"
                        + " 6, column"
                        + " 2; the step has changed nothing.");
        assertThat(e.quantity())
                .isEqualTo(debug ? "gradient at the input of layer 'inner.spoiler'" : "gradient of 'hidden1.bias'");
        assertThat(e.layer()).contains("inner.spoiler");
        assertThat(e.row()).hasValue(6);
        assertThat(fingerprint(trainer)).isEqualTo(before);
    }

    /** An output of ReLU hides the infinity from the loss; a debugging trainer finds it. */
    @Test
    void aDebuggingTrainerFindsAnInfinityThatTheLossDoesNotShow() {
        Network model = Network.builder(Key.of(1))
                .input(5)
                .layer("spoiler", spoiler)
                .relu()
                .dense("out", 2)
                .build();
        spoiler.output = Float.NEGATIVE_INFINITY;
        new Trainer(model, new MeanSquaredError(), Sgd.of(0), Key.of(2)).step(x, y);
        assertThatExceptionOfType(NonFiniteException.class)
                .isThrownBy(() -> new Trainer(
                                model, new MeanSquaredError(), Sgd.of(0), Key.of(2), TrainerOptions.NONE.debugging())
                        .step(x, y))
                .withMessageStartingWith("step 1: the output of layer 'spoiler' is -Infinity;");
    }

    /** A layer that throws when the step is repeated hides the origin, but not the failure. */
    @Test
    void aFailureIsReportedEvenIfTheSearchForItsLayerFails() {
        int[] passes = {0};
        Layer once = new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(this, (x, context) -> {
                    if (passes[0]++ > 0) {
                        throw new UnsupportedOperationException("once is enough");
                    }
                    Tensor out = Tensor.full(Float.NaN, 8, 5);
                    return new FunctionPass.Result(out, (dy, into) -> dy);
                });
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }
        };
        Network model = Network.builder(Key.of(1))
                .input(5)
                .layer("once", once)
                .dense("out", 2)
                .build();
        NonFiniteException e = catchThrowableOfType(
                NonFiniteException.class,
                () -> new Trainer(model, new MeanSquaredError(), Sgd.of(0.1), Key.of(2)).step(x, y));
        assertThat(e).hasMessageStartingWith("step 1: the loss is NaN; the step has changed nothing.");
        assertThat(e.layer()).isEmpty();
    }

    @Test
    void aDebuggingTrainerGivesTheSameBits() {
        Trainer plain = new Trainer(network(), new MeanSquaredError(), Adam.of(0.01), Key.of(2));
        Trainer debugging = new Trainer(network(), new MeanSquaredError(), Adam.of(0.01), Key.of(2), options(true));
        for (int i = 0; i < 3; i++) {
            plain.step(x, y);
            debugging.step(x, y);
        }
        assertThat(fingerprint(debugging)).isEqualTo(fingerprint(plain));
    }

    @Test
    void aFitNamesTheBatch() {
        Trainer trainer = new Trainer(network(), new MeanSquaredError(), Sgd.of(0.01), Key.of(2));
        TrainingObserver later = new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                spoiler.output = report.step() == 3 ? Float.NaN : 0;
            }
        };
        NonFiniteException e = catchThrowableOfType(
                NonFiniteException.class, () -> trainer.fit(Batches.inOrder(new Dataset(x, y), 4), 5, later));
        assertThat(e).hasMessageStartingWith("step 4, batch 2 of its epoch: the loss is NaN;");
        assertThat(e.batch()).hasValue(2);
        assertThat(trainer.steps()).isEqualTo(3);
    }

    /** A model of one parameter with a given gradient. */
    private record Given(Parameter p, float[] gradient) implements Layer {
        static Given of(float... values) {
            Tensor start = Tensor.of(values, values.length);
            Initializer given = (out, fans, key) -> out.copyFrom(start);
            return new Given(
                    Parameter.create("p", Parameter.Kind.WEIGHT, start.shape(), new Fans(1, 1), given, Key.of(1)),
                    new float[values.length]);
        }

        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                return new FunctionPass.Result(x, (dy, into) -> {
                    System.arraycopy(gradient, 0, into.of(p).array(), 0, gradient.length);
                    return dy;
                });
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(p);
        }
    }

    /** The loss and all gradients are finite; only the update is not. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void anUpdateThatWouldOverflowIsRolledBack(Optimizer optimizer) {
        Given model = Given.of(1, -3.3e38f, 2);
        Trainer trainer = new Trainer(
                model,
                new MeanSquaredError(),
                optimizer,
                Key.of(2),
                TrainerOptions.NONE.schedule((steps, epochs) -> steps < 2 ? 1e-30 : 3e38 / optimizer.rate() * 0.99));
        model.gradient()[0] = 0.5f;
        model.gradient()[1] = 0.25f; // upward gradient: the weight goes further down
        model.gradient()[2] = -1;
        trainer.step(y, y);
        trainer.step(y, y);
        Map<String, String> before = fingerprint(trainer);
        model.gradient()[1] = 2;
        NonFiniteException e = catchThrowableOfType(NonFiniteException.class, () -> trainer.step(y, y));
        assertThat(e)
                .hasMessageStartingWith("step 3: the updated 'p' is ")
                .hasMessageContaining("; 'p' would have ")
                .hasMessageContaining("; the step has changed nothing.");
        assertThat(fingerprint(trainer)).isEqualTo(before);
    }

    /** Otherwise the parameter would silently stay the same from then on. */
    @Test
    void anOverflowInTheOptimizerStateIsFound() {
        for (Optimizer optimizer : List.of(Adam.of(0.01), AdamW.of(0.01), RmsProp.of(0.01), Adagrad.of(0.01))) {
            Given model = Given.of(1, 2);
            Trainer trainer = new Trainer(model, new MeanSquaredError(), optimizer, Key.of(2));
            trainer.step(y, y);
            Map<String, String> before = fingerprint(trainer);
            model.gradient()[1] = 1e25f;
            assertThatExceptionOfType(NonFiniteException.class)
                    .isThrownBy(() -> trainer.step(y, y))
                    .withMessageStartingWith(
                            "step 2: the optimizer state of 'p' is Infinity; the step has changed nothing.");
            assertThat(fingerprint(trainer)).isEqualTo(before);
            model.gradient()[1] = 1;
            assertThat(trainer.step(y, y).step()).isEqualTo(2);
        }
    }

    /** The values of a rule without bounds are checked after every step. */
    @Test
    void theUpdateOfACustomOptimizerIsRolledBackToo() {
        Given model = Given.of(1, 2);
        Optimizer own = new Optimizer() {
            @Override
            public double rate() {
                return 1;
            }

            @Override
            public UpdateRule ruleFor(Parameter parameter) {
                Tensor count = Tensor.zeros(1);
                return new UpdateRule() {
                    @Override
                    public void apply(Tensor gradient, double rate, long step) {
                        count.set(step, 0);
                        parameter.value().set(step == 3 ? Float.NaN : step, 0);
                        if (step == 4) {
                            throw new IllegalStateException("a bug");
                        }
                    }

                    @Override
                    public List<Tensor> state() {
                        return List.of(count);
                    }
                };
            }
        };
        Trainer trainer = new Trainer(model, new MeanSquaredError(), own, Key.of(2));
        trainer.step(y, y);
        trainer.step(y, y);
        assertThatExceptionOfType(NonFiniteException.class)
                .isThrownBy(() -> trainer.step(y, y))
                .withMessageContaining("the updated 'p' is NaN; 'p' would have NaN in row 0;");
        assertThat(model.p().value().toArray()).containsExactly(2, 2);
        assertThat(trainer.rule(model.p()).state().getFirst().get(0)).isEqualTo(2);
        assertThat(trainer.steps()).isEqualTo(2);
    }

    @Test
    void aStatisticThatWouldOverflowIsRolledBack() {
        Initializer huge = (out, fans, key) -> out.fill(3e38f);
        Parameter mean =
                Parameter.create("mean", Parameter.Kind.STATISTIC, Shape.of(2), new Fans(1, 1), huge, Key.of(1));
        Given given = Given.of(1, 2);
        Layer model = new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(
                        this, (x, context) -> new FunctionPass.Result(x, (dy, into) -> change(dy, into)));
            }

            private Tensor change(Tensor dy, Gradients into) {
                into.of(given.p()).fill(1f);
                into.moveStatistic(mean, new double[] {6e38, 6e38}, 1);
                return dy;
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }

            @Override
            public List<Parameter> parameters() {
                return List.of(given.p(), mean);
            }
        };
        Trainer trainer = new Trainer(model, new MeanSquaredError(), Sgd.of(0.5), Key.of(2));
        assertThatExceptionOfType(NonFiniteException.class)
                .isThrownBy(() -> trainer.step(y, y))
                .withMessageStartingWith("step 1: the updated 'mean' is Infinity;");
        assertThat(given.p().value().toArray()).containsExactly(1, 2);
        assertThat(mean.value().toArray()).containsOnly(3e38f);
    }
}
