package nn.layers.testing;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import nn.fixtures.FunctionPass;
import nn.fixtures.OwnDense;
import nn.fixtures.OwnRelu;
import nn.init.Fans;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LinearMap;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.activation.Activation;
import nn.layers.activation.PRelu;
import nn.layers.activation.Softmax;
import nn.layers.attention.Attention;
import nn.layers.attention.LearnedPositions;
import nn.layers.attention.Rotary;
import nn.layers.attention.SinusoidalPositions;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.dense.GatedDense;
import nn.layers.network.LastValidStep;
import nn.layers.network.Masking;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.normalization.BatchNorm;
import nn.layers.normalization.GroupNorm;
import nn.layers.normalization.LayerNorm;
import nn.layers.normalization.RmsNorm;
import nn.layers.pooling.LastStep;
import nn.layers.pooling.MaxOverTime;
import nn.layers.pooling.MeanOverTime;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.LinearRecurrence;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.layers.recurrent.Stacked;
import nn.layers.regularization.Dropout;
import nn.layers.shape.Flatten;
import nn.layers.shape.Reshape;
import nn.layers.shape.TimeMajor;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every layer keeps the contract, and the check finds every kind of bug. */
class LayerContractTest {
    private static final Key KEY = Key.of(41);
    private static final Shape SEQUENCE = Shape.of(Shape.ANY, Shape.ANY, 4);
    private static final LayerContract BATCH = LayerContract.standard();
    private static final LayerContract STEPS = BATCH.withRows(1, 1);
    private static final LayerContract LAST = BATCH.withRows(1, 0);

    private static Tensor normal(int... dims) {
        Tensor x = Tensor.zeros(dims);
        KEY.child("x").normal(x, 0, 1);
        return x;
    }

    private static Arguments of(LayerContract contract, Layer layer, Tensor x) {
        return Arguments.of(contract, layer, x);
    }

    static Stream<Arguments> layers() {
        LayerContract indices = BATCH.with(GradientCheck.standard().ofParameters());
        Embedding table = Embedding.of(6, 3, KEY);
        Embedding padded = Embedding.of(6, 3).padding(1).create(KEY);
        Tensor words = Tensor.of(new float[] {3, 5, 1, 0, 2, 4}, 3, 2);
        return Stream.of(
                of(BATCH, Dense.of(5, 3, KEY), normal(4, 5)),
                of(BATCH, Dense.units(3).withoutBias().create(5, KEY), normal(2, 3, 5)),
                of(BATCH, GatedDense.hidden(5).create(Shape.of(Shape.ANY, 4), KEY), normal(3, 4)),
                of(
                        BATCH,
                        GatedDense.hidden(5)
                                .activation(Nonlinearity.SIGMOID)
                                .units(2)
                                .withoutBias()
                                .create(Shape.of(Shape.ANY, 3, 4), KEY),
                        normal(2, 3, 4)),
                of(BATCH, Activation.RELU, normal(4, 5)),
                of(BATCH, Activation.TANH, normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.SIGMOID), normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.leakyRelu(0.1)), normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.elu(1)), normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.SELU), normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.GELU), normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.SILU), normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.SOFTPLUS), normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.softplus(2)), normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.LOG_SIGMOID), normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.MISH), normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.celu(2)), normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.HARD_SIGMOID), normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.HARD_SWISH), normal(4, 5)),
                of(BATCH, new Activation(Nonlinearity.of("cube", z -> z * z * z, z -> 3 * z * z)), normal(4, 5)),
                of(BATCH, PRelu.standard().create(Shape.of(Shape.ANY, 5), KEY), normal(4, 5)),
                of(BATCH, new Softmax(), normal(4, 5)),
                of(BATCH, new Dropout(0.4, KEY), normal(4, 5)),
                of(BATCH, LayerNorm.standard().create(Shape.of(Shape.ANY, 5), KEY), normal(4, 5)),
                of(BATCH, BatchNorm.standard().create(Shape.of(Shape.ANY, 5), KEY), normal(4, 5)),
                of(BATCH, Attention.heads(2).create(6, KEY), normal(3, 4, 6)),
                of(
                        BATCH,
                        Attention.heads(4)
                                .keyValueHeads(2)
                                .headSize(4)
                                .causal()
                                .rotary(Rotary.halves().rotated(2))
                                .mask(normal(5, 5))
                                .withoutBias()
                                .create(6, KEY),
                        normal(3, 4, 6)),
                of(BATCH, LearnedPositions.of(5).create(6, KEY), normal(3, 4, 6)),
                of(BATCH, SinusoidalPositions.of(), normal(3, 4, 6)),
                of(BATCH, new SinusoidalPositions(SinusoidalPositions.Order.HALVES), normal(3, 4, 5)),
                of(
                        STEPS,
                        Masking.of(
                                        9,
                                        body -> body.timeMajor()
                                                .layer("a", Attention.heads(2).causal())
                                                .timeMajor())
                                .create(SEQUENCE, KEY),
                        normal(5, 3, 4)),
                of(BATCH, GroupNorm.groups(2).create(Shape.of(Shape.ANY, 3, 4), KEY), normal(5, 3, 4)),
                of(BATCH, GroupNorm.groups(2).create(Shape.of(Shape.ANY, 6), KEY), normal(4, 6)),
                of(BATCH, GroupNorm.instance().create(Shape.of(Shape.ANY, 3, 2, 3), KEY), normal(2, 3, 2, 3)),
                of(BATCH, RmsNorm.epsilon(1e-5).create(Shape.of(Shape.ANY, 5), KEY), normal(4, 5)),
                of(BATCH, new Flatten(), normal(4, 2, 3)),
                of(BATCH, Reshape.to(3, 2), normal(4, 6)),
                of(BATCH.withRows(0, 1), new TimeMajor(), normal(4, 3, 2)),
                of(LAST, new LastStep(), normal(4, 3, 2)),
                of(LAST, new MeanOverTime(), normal(4, 3, 2)),
                of(LAST, new MaxOverTime(), spread(4, 3, 2)),
                of(
                        STEPS,
                        Masking.of(9, body -> body.layer("a", Bidirectional.of(Gru.units(3))))
                                .create(SEQUENCE, KEY),
                        normal(5, 3, 4)),
                of(
                        LAST.with(GradientCheck.standard().ofParameters()),
                        text(),
                        Tensor.of(new float[] {3, 5, 1, 4, 2, 0, 5, 0}, 4, 2)),
                of(
                        BATCH,
                        Residual.of(b -> b.dense("a", 6).tanh().dense("b", 4)).create(Shape.of(Shape.ANY, 4), KEY),
                        normal(3, 4)),
                of(
                        BATCH,
                        Residual.of(b -> b.dense("a", 4)).skip(1.5).gain(0.3).create(Shape.of(Shape.ANY, 4), KEY),
                        normal(3, 4)),
                of(
                        BATCH,
                        Residual.of(b -> b.dense("a", 4)).learnedGain(0.5).create(Shape.of(Shape.ANY, 4), KEY),
                        normal(3, 4)),
                of(
                        BATCH,
                        Residual.of(b -> b.dense("a", 6).tanh().dense("b", 3))
                                .learnedGains(0.5)
                                .shortcut(b -> b.dense("c", 3))
                                .create(Shape.of(Shape.ANY, 2, 4), KEY),
                        normal(3, 2, 4)),
                of(indices, table, words),
                of(BATCH, table.tied(), normal(4, 3)),
                of(indices, padded, words),
                of(BATCH, padded.tied(), normal(4, 3)),
                of(STEPS, Rnn.units(5).create(4, KEY), normal(5, 3, 4)),
                of(LAST, Rnn.units(5).activation(Nonlinearity.RELU).last().create(4, KEY), normal(4, 3, 4)),
                of(STEPS, Lstm.units(5).create(4, KEY), normal(5, 3, 4)),
                of(LAST, Lstm.units(5).last().create(4, KEY), normal(5, 3, 4)),
                of(STEPS, Gru.units(5).create(4, KEY), normal(5, 3, 4)),
                of(LAST, Gru.units(5).last().create(4, KEY), normal(5, 3, 4)),
                of(STEPS, LinearRecurrence.states(5).create(4, KEY), normal(5, 3, 4)),
                of(LAST, LinearRecurrence.states(5).last().create(4, KEY), normal(5, 3, 4)),
                of(STEPS, Bidirectional.of(LinearRecurrence.states(3)).create(SEQUENCE, KEY), normal(5, 3, 4)),
                of(STEPS, Stacked.of(Lstm.units(5), Gru.units(3)).create(SEQUENCE, KEY), normal(5, 3, 4)),
                of(LAST, Stacked.of(Lstm.units(5), Gru.units(3)).last().create(SEQUENCE, KEY), normal(5, 3, 4)),
                of(STEPS, Bidirectional.of(Lstm.units(3)).create(SEQUENCE, KEY), normal(5, 3, 4)),
                of(LAST, Bidirectional.of(Gru.units(3)).last().create(SEQUENCE, KEY), normal(5, 3, 4)),
                of(LAST, LastValidStep.of(Gru.units(3), 0).create(SEQUENCE, KEY), normal(5, 3, 4)),
                of(
                        LAST.with(GradientCheck.standard().ofParameters()),
                        words(),
                        Tensor.of(new float[] {3, 5, 1, 4, 2, 0, 5, 0}, 4, 2)),
                of(BATCH, network(), normal(5, 4)));
    }

    /** The sum of all steps so far. It does not exclude axis 0, its time, as the batch axis. */
    private record Sums() implements Layer {
        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                Tensor y = x.copy();
                for (int t = 1; t < x.dim(0); t++) {
                    y.row(t).addInPlace(y.row(t - 1));
                }
                return new FunctionPass.Result(y, (dy, into) -> {
                    Tensor dx = dy.copy();
                    for (int t = x.dim(0) - 2; t >= 0; t--) {
                        dx.row(t).addInPlace(dx.row(t + 1));
                    }
                    return dx;
                });
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            if (in.rank() != 3 || in.dim(0) == 0) {
                throw new ShapeException(
                        "Sums: expected [time x batch x features], got " + in, "[time x batch x features]", in);
            }
            return in;
        }
    }

    /** y = x, by a layer that releases a tensor that others read. */
    private record Releasing(String which) implements Layer {
        @Override
        public Pass newPass() {
            return new Pass(this) {
                @Override
                protected Tensor forward(Tensor x, Context context) {
                    Tensor y = context.empty(x.shape());
                    y.copyFrom(x);
                    if (!which.equals("the gradient at the output")) {
                        context.release(which.equals("output") ? y : x);
                    }
                    return y;
                }

                @Override
                protected Tensor backward(Tensor dy, Gradients gradients) {
                    Tensor dx = context().empty(inputShape());
                    dx.copyFrom(dy);
                    if (which.equals("the gradient at the output")) {
                        context().release(dy);
                    }
                    return dx;
                }
            };
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"the input", "output", "the gradient at the output"})
    void releasingATensorThatOthersReadIsFound(String which) {
        assertThat(BATCH.check(new Releasing(which), normal(4, 3)).failures())
                .anySatisfy(
                        text -> assertThat(text).startsWith(which + "[").contains("it was released within the layer"));
    }

    /** A layer that says that it is row-wise, and is not: what it does besides y = x is the cause. */
    private record NotRowwise(String cause, Parameter scale) implements Layer {
        static NotRowwise of(String cause) {
            Parameter scale =
                    Parameter.create("scale", Parameter.Kind.SCALE, Shape.of(3), new Fans(3, 3), Init.ones(), KEY);
            return new NotRowwise(cause, scale);
        }

        @Override
        public Pass newPass() {
            return new Pass(this) {
                private Tensor x = Tensor.zeros(0);

                @Override
                protected Tensor forward(Tensor x, Context context) {
                    this.x = save(x);
                    Tensor y = context.empty(outputShape());
                    y.fillRows(context.value(scale));
                    y.multiplyInto(x, y);
                    if (cause.equals("rows depend on each other") && context.training()) {
                        y.row(0).copyFrom(x.row(x.dim(0) - 1));
                    }
                    if (cause.equals("draws")) {
                        context.key(KEY);
                    }
                    if (cause.equals("draws for features")) {
                        draw(KEY, Tensor.zeros(3), (key, numbers) -> key.normal(numbers, 0, 1));
                    }
                    return y;
                }

                @Override
                protected Tensor backward(Tensor dy, Gradients gradients) {
                    Tensor products = context().empty(inputShape());
                    x.multiplyInto(dy, products);
                    if (cause.equals("sums over rows")) {
                        products.addSumOfRowsInto(gradients.of(scale));
                    } else {
                        gradients.addSumOfRows(scale, products);
                    }
                    Tensor dx = context().empty(inputShape());
                    dx.fillRows(scale.value());
                    dx.multiplyInto(dy, dx);
                    return dx;
                }
            };
        }

        @Override
        public Shape outputShape(Shape in) {
            return in.requireFeatures("NotRowwise", 3);
        }

        @Override
        public boolean isRowwise() {
            return true;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(scale);
        }
    }

    @Test
    void aLayerThatIsNotRowwiseMustNotSayThatItIs() {
        assertThat(BATCH.check(NotRowwise.of("rows depend on each other"), normal(4, 3))
                        .failures())
                .anySatisfy(text -> assertThat(text).contains("in parts of a batch that are run at once"));
        assertThat(BATCH.check(NotRowwise.of("draws"), normal(4, 3)).failures())
                .singleElement(STRING)
                .startsWith("a layer that asks for a key is not row-wise");
        assertThat(BATCH.check(NotRowwise.of("draws for features"), normal(4, 3))
                        .failures())
                .singleElement(STRING)
                .contains("it draws into a tensor [3] where the batch has 4 rows");
        assertThat(BATCH.check(NotRowwise.of("sums over rows"), normal(4, 3)).failures())
                .singleElement(STRING)
                .contains("only addWeightGradient and addSumOfRows do so");
        assertThat(BATCH.check(NotRowwise.of("nothing"), normal(4, 3)).failures())
                .isEmpty();
    }

    @Test
    void aLayerInTwoPlacesIsLeftOutOfPartsAtOnce() {
        Dense twice = Dense.of(4, 4, KEY);
        Network network = Network.builder(KEY)
                .input(4)
                .layer("a", twice)
                .tanh()
                .layer("b", twice)
                .build();
        assertThat(BATCH.check(network, normal(4, 4)).failures()).isEmpty();
    }

    @Test
    void aLayerWhoseShapeIsNullIsNamed() {
        Layer layer = new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(x, (dy, into) -> dy));
            }

            @Override
            public Shape outputShape(Shape in) {
                return null;
            }

            @Override
            public String toString() {
                return "Shapeless";
            }
        };
        assertThatNullPointerException()
                .isThrownBy(() -> BATCH.check(layer, normal(4, 3)))
                .withMessage("Shapeless: its outputShape returned null for an input of shape [4 x 3]; return the"
                        + " output's shape, or throw a ShapeException");
    }

    @Test
    void aLayerThatCombinesTimeStepsMustNotGiveABatchAxisForTime() {
        assertThat(STEPS.check(new Sums(), normal(4, 3, 2)).failures())
                .anyMatch(text -> text.startsWith("batchAxis(0) says that axis 0 of the input may count the examples"));
        assertThat(BATCH.withRows(1, 0)
                        .check(Lstm.units(3).create(4, KEY), normal(4, 3, 4))
                        .failures())
                .anyMatch(text -> text.startsWith("batchAxis(1) is OptionalInt[1], but the rows are along axis 0"));
    }

    private static Layer words() {
        return LastValidStep.of(
                        Network.chain(steps ->
                                steps.layer("table", Embedding.of(6, 3)).gru("gru", 4)),
                        0)
                .create(Shape.of(Shape.ANY, Shape.ANY), KEY);
    }

    /** Values that differ by more than a step of the gradient check, so that the largest remains the largest. */
    private static Tensor spread(int... dims) {
        Tensor x = Tensor.zeros(dims);
        for (int i = 0; i < x.size(); i++) {
            x.array()[i] = 7 * i % x.size();
        }
        return x;
    }

    private static Layer text() {
        return Masking.of(
                        0,
                        body -> body.layer("table", Embedding.of(6, 3))
                                .layer("lstm", Bidirectional.of(Lstm.units(4)))
                                .layer("mean", new MeanOverTime()))
                .create(Shape.of(Shape.ANY, Shape.ANY), KEY);
    }

    private static Network network() {
        return Network.builder(KEY)
                .input(4)
                .dense("a", 6)
                .batchNorm("bn")
                .relu()
                .dropout("drop", 0.3)
                .layer("block", Residual.of(b -> b.layerNorm("ln").dense("b", 6).sigmoid()))
                .dense("out", 3)
                .build();
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("layers")
    void everyLayerKeepsTheContract(LayerContract contract, Layer layer, Tensor x) {
        GradientCheck.Result result = contract.check(layer, x);
        result.throwIfFailed();
        assertThat(result.worstError()).isLessThan(contract.gradients().tolerance() / 2); // none is near the limit
    }

    /** A bug in a dense layer of 4 inputs and 3 units, and the failure expected for it. */
    private enum Bug {
        SIGN("weight: analytic .*, numeric .* \\(relative error 2.0e\\+00 > 1.0e-03\\); worst entry"
                + " weight\\[\\d,\\d]: .*"),
        HALF_PERCENT("x: analytic .*, numeric .* \\(relative error .*e-03 > 1.0e-03\\); worst entry x\\[\\d,\\d]: .*"),
        FORGOTTEN_BIAS("bias: analytic 0.00000, numeric .*; worst entry bias\\[\\d]: analytic 0.00000, numeric .*"),
        CACHED_FIELD("the gradient of weight\\[\\d,\\d] was .*, is .*, off by .*: with another pass between; keep what"
                + " a pass needs.*"),
        SHARED_OUTPUT("output\\[\\d,\\d] was .*, is .*, off by .*: with another pass between; keep what a pass .*"),
        MUTATED_INPUT("forward changed its input: x\\[\\d,\\d] was .*, is .*, off by .*"),
        MUTATED_GRADIENT("the pullback changed the gradient it was given: dOutput\\[\\d,\\d] was .*, is .*, off by .*"),
        SETS_GRADIENT(
                "bias: a second pass does not add its gradient to that of the first; .*: bias\\[\\d] was .*, is .*"),
        HIDDEN_STATE(
                "output in inference\\[\\d,\\d] was .*, is .*, off by .*: passes in training left something behind.*"),
        HIDDEN_CACHE("output\\[\\d,\\d] was .*, is .*, off by .*: after its parameters were changed and put back; .*"),
        UNKEYED_NOISE("output\\[\\d,\\d] was .*, is .*, off by .*: a second pass with the same key gives other bits"),
        UNWRITTEN_SCRATCH(
                "output\\[\\d,\\d] was .*, is NaN, off by NaN: with scratch tensors that hold NaN at first; .*"),
        DEPENDS_ON_BATCH(
                "row 0: output\\[0,\\d] was .*, is .*, off by .*: alone it gets other bits than in the batch; .*"),
        OTHER_SHAPE(
                ".*: its outputShape promises \\[4 x 4] for an input of shape \\[4 x 4], but its forward gives \\[4 x"
                        + " 3]"),
        MUTE_EXCEPTION("outputShape refuses a shape without naming the actual one: wrong"),
        PARAMETERS_ONLY(
                "the gradient of weight\\[\\d,\\d] was .*, is 0.00000, off by .*: by backwardParameters, compared with"
                        + " backward"),
        OWN_VALUES("output in inference\\[\\d,\\d] was .*, is .*, off by .*: in a context with other values of .*");

        private final String says;

        Bug(String says) {
            this.says = says;
        }
    }

    /** A dense layer as a user might write it, with a bug. */
    private static final class Buggy implements Layer {
        private final Bug bug;
        private final Parameter weight = Parameter.create(
                "weight", Parameter.Kind.WEIGHT, Shape.of(4, 3), new Fans(4, 3), Init.xavierUniform(), KEY);
        private final Parameter bias =
                Parameter.create("bias", Parameter.Kind.BIAS, Shape.of(3), new Fans(4, 3), Init.zeros(), KEY);
        private Tensor cached;
        private Tensor shared = Tensor.zeros(0);
        private Tensor weightBefore;
        private int calls;

        Buggy(Bug bug) {
            this.bug = bug;
        }

        private boolean has(Bug which) {
            return bug == which;
        }

        @Override
        public Pass newPass() {
            return has(Bug.PARAMETERS_ONLY) ? new NothingAlone(function()) : function();
        }

        private Pass function() {
            return FunctionPass.of(this, (x, context) -> {
                cached = x;
                calls += context.training() ? 1 : 0;
                Tensor y = context.empty(x.shape().withLast(3));
                if (!has(Bug.UNWRITTEN_SCRATCH)) {
                    y.fill(0f);
                }
                y.addRowInPlace(context.value(bias));
                Tensor w = has(Bug.OWN_VALUES) ? weight.value() : context.value(weight);
                x.matmulAddInto(w, Transposed.NONE, y);
                if (has(Bug.DEPENDS_ON_BATCH)) {
                    y.scaleInPlace(1f / x.dim(0));
                }
                if (has(Bug.HIDDEN_STATE) && !context.training()) {
                    y.scaleInPlace(calls);
                }
                if (has(Bug.HIDDEN_CACHE)) {
                    if (weightBefore != null && !weightBefore.bitEquals(weight.value()) && !context.training()) {
                        shared = Tensor.zeros(1); // from now on
                    }
                    weightBefore = weight.value().copy();
                    y.scaleInPlace(shared.size() == 1 && !context.training() ? 2f : 1f);
                }
                if (has(Bug.UNKEYED_NOISE) && context.training()) {
                    y.scaleInPlace(1 + 1e-6f * (calls % 3));
                }
                if (has(Bug.SHARED_OUTPUT)) {
                    if (!shared.shape().equals(y.shape())) {
                        shared = Tensor.zeros(y.shape());
                    }
                    shared.copyFrom(y);
                    y = shared;
                }
                if (has(Bug.MUTATED_INPUT)) {
                    x.scaleInPlace(2);
                }
                float batch = has(Bug.DEPENDS_ON_BATCH) ? 1f / x.dim(0) : 1f;
                return new FunctionPass.Result(y, (dy, into) -> back(x, dy, into, batch));
            });
        }

        private Tensor back(Tensor x, Tensor dOutput, Gradients into, float factor) {
            Tensor dy = dOutput;
            if (factor != 1f) {
                dy = dOutput.copy();
                dy.scaleInPlace(factor);
            }
            Tensor dw = (has(Bug.CACHED_FIELD) ? cached : x).matmul(dy, Transposed.LEFT);
            Tensor dx = dy.matmul(weight.value(), Transposed.RIGHT);
            if (has(Bug.SETS_GRADIENT)) {
                into.of(bias).fill(0f);
            }
            if (!has(Bug.FORGOTTEN_BIAS)) {
                dy.addSumOfRowsInto(into.of(bias));
            }
            dw.scaleInPlace(has(Bug.SIGN) ? -1f : 1f);
            dx.scaleInPlace(has(Bug.HALF_PERCENT) ? 1.005f : 1f);
            into.of(weight).addInPlace(dw);
            if (has(Bug.MUTATED_GRADIENT)) {
                dy.scaleInPlace(2f);
            }
            return dx;
        }

        private final class NothingAlone extends Pass {
            private final Pass inner;

            NothingAlone(Pass inner) {
                super(Buggy.this);
                this.inner = inner;
            }

            @Override
            protected Tensor forward(Tensor x, Context context) {
                return inner.runIn(context, x);
            }

            @Override
            protected Tensor backward(Tensor dOutput, Gradients gradients) {
                return inner.pullback(dOutput, gradients);
            }

            @Override
            protected void backwardParameters(Tensor dOutput, Gradients gradients) {}
        }

        @Override
        public Shape outputShape(Shape in) {
            if (in.rank() == 0 || in.dim(-1) != 4) {
                throw has(Bug.MUTE_EXCEPTION)
                        ? new ShapeException("wrong", "wrong", in)
                        : new ShapeException("Buggy: expected [... x 4], got " + in, "[... x 4]", in);
            }
            return has(Bug.OTHER_SHAPE) ? in : in.withLast(3);
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(weight, bias);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBugIsNamedWithItsEntryAndItsSize(Bug bug) {
        GradientCheck.Result result = BATCH.check(new Buggy(bug), normal(4, 4));
        assertThat(result.failures()).anySatisfy(text -> assertThat(text).matches(bug.says));
    }

    /** y = x^2 / 2, by a pass that keeps its first input instead of the last one. */
    private record FirstInput() implements Layer {
        @Override
        public Pass newPass() {
            return new Pass(this) {
                private Tensor first;

                @Override
                protected Tensor forward(Tensor x, Context context) {
                    first = first == null || !first.shape().equals(x.shape()) ? save(x) : first;
                    Tensor y = context.empty(x.shape());
                    x.mapInto(v -> v * v / 2, y);
                    return y;
                }

                @Override
                protected Tensor backward(Tensor dOutput, Gradients gradients) {
                    return dOutput.multiply(first);
                }
            };
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    @Test
    void aPassThatDependsOnTheStepBeforeIsFound() {
        assertThat(BATCH.check(new FirstInput(), normal(4, 4)).failures())
                .isNotEmpty()
                .allSatisfy(text -> assertThat(text)
                        .matches("the gradient of x\\[\\d,\\d] was .*, is .*, off by .*: at step \\d in a Workspace, on"
                                + " an input of shape \\[4 x 4]; a step must not depend on the step before"));
        assertThat(BATCH.check(new FirstInput(), normal(2, 4)).failures()).hasSize(1); // no step with fewer rows
    }

    /** y = exp(x), whose backward pass reads a tensor that its forward pass did not save. */
    private record Unsaved(boolean readsInput) implements Layer {
        @Override
        public Pass newPass() {
            return new Pass(this) {
                private Tensor x;
                private Tensor y;

                @Override
                protected Tensor forward(Tensor x, Context context) {
                    this.x = x;
                    y = context.empty(x.shape());
                    x.expInto(y);
                    save(readsInput ? y : x); // the other one is read
                    return y;
                }

                @Override
                protected Tensor backward(Tensor dOutput, Gradients gradients) {
                    return dOutput.multiply(readsInput ? x.exp() : y);
                }
            };
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }

        @Override
        public String toString() {
            return "Unsaved";
        }
    }

    @Test
    void aLayerThatReadsWhatItDidNotSaveIsNamed() {
        String says =
                "Unsaved: the gradient at its input has NaN, and the gradient at its output has none. Its backward"
                        + " reads a tensor that may hold anything by then: keep it by save(tensor) in forward";
        for (Layer layer : List.of(new Unsaved(true), new Unsaved(false))) {
            assertThat(GradientCheck.standard().check(layer, normal(4, 4)).failures())
                    .containsExactly(says);
            Layer around = Network.builder(KEY)
                    .input(4)
                    .dense("a", 4)
                    .layer("own", layer)
                    .build();
            assertThat(GradientCheck.standard().check(around, normal(4, 4)).failures())
                    .containsExactly(says);
        }
    }

    /** A layer that runs another one by the context, or past it. */
    private record Around(Layer inner, boolean pastTheContext) implements Layer {
        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                Pass pass = inner.newPass();
                Tensor y = pastTheContext ? pass.runIn(context, x) : context.run(pass, x);
                return new FunctionPass.Result(y, pass::pullback);
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return inner.outputShape(in);
        }

        @Override
        public SequencedMap<String, Layer> children() {
            return new TreeMap<>(Map.of("inner", inner));
        }
    }

    @Test
    void aLayerThatRunsItsLayersPastTheContextIsFound() {
        Dense dense = Dense.of(4, 3, KEY);
        BATCH.check(new Around(dense, false), normal(4, 4)).throwIfFailed();
        assertThat(BATCH.check(new Around(dense, true), normal(4, 4)).failures())
                .singleElement()
                .asString()
                .startsWith("its child 'inner' is not run by Context.run");
    }

    /** Multiplies by random numbers that are the same in every place. */
    private record SameInEveryPlace(boolean byPlace) implements Layer {
        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                Tensor noise = Tensor.zeros(x.shape());
                if (context.training()) {
                    (byPlace ? context.key(KEY) : context.key().child("mine")).uniform(noise, 0.5f, 1.5f);
                } else {
                    noise.fill(1f);
                }
                return new FunctionPass.Result(x.multiply(noise), (dy, into) -> dy.multiply(noise));
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    @Test
    void aLayerThatDrawsTheSameInEveryPlaceIsFound() {
        BATCH.check(new SameInEveryPlace(true), normal(4, 4)).throwIfFailed();
        assertThat(BATCH.check(new SameInEveryPlace(false), normal(4, 4)).failures())
                .singleElement(STRING)
                .startsWith("it draws random numbers, but the same ones in every place of a pass");
    }

    /** A layer whose list by path lacks a parameter of parameters(). */
    private record Disagreeing(Dense inner) implements Layer {
        @Override
        public Pass newPass() {
            return inner.newPass();
        }

        @Override
        public Shape outputShape(Shape in) {
            return inner.outputShape(in);
        }

        @Override
        public List<Parameter> parameters() {
            return inner.parameters();
        }

        @Override
        public SequencedMap<String, Parameter> parametersByPath() {
            return new TreeMap<>(Map.of("weight", inner.weight()));
        }
    }

    @Test
    void aLayerWhoseListsOfParametersDisagreeIsFound() {
        assertThat(BATCH.check(new Disagreeing(Dense.of(4, 3, KEY)), normal(4, 4))
                        .failures())
                .singleElement(STRING)
                .startsWith("parametersByPath() gives [weight [4 x 3]], but parameters() and children() lead to"
                        + " [weight [4 x 3], bias [3]]");
    }

    /** A dense layer that returns the given descriptions of itself. */
    private static Layer described(Optional<LinearMap> map, Optional<Nonlinearity> activation) {
        return new OwnDense(3, 3, Init.normal(1), KEY) {
            @Override
            public Optional<LinearMap> linearMap() {
                return map.or(() -> super.linearMap().map(own -> new LinearMap(own.weight(), own.bias(), 1)))
                        .filter(_ -> activation.isEmpty());
            }

            @Override
            public Optional<Nonlinearity> activation() {
                return activation;
            }
        };
    }

    @Test
    void aWrongDescriptionIsFound() {
        Tensor x = normal(4, 3);
        assertThat(BATCH.check(new OwnDense(3, 3, Init.normal(1), KEY), x).failures())
                .isEmpty();
        assertThat(BATCH.check(new OwnRelu(), x).failures()).isEmpty();
        assertThat(BATCH.check(described(Optional.empty(), Optional.empty()), x).failures())
                .as("the other axis")
                .singleElement()
                .asString()
                .startsWith("output[0,0] is ")
                .contains(" by its linearMap(), which");
        LinearMap other = Dense.of(4, 3, KEY).linearMap().orElseThrow();
        assertThat(BATCH.check(described(Optional.of(other), Optional.empty()), x)
                        .failures())
                .containsExactly(
                        "linearMap() has a parameter that is not among parameters()",
                        "linearMap() does not take [4 x 3] to the output's shape [4 x 3]");
        assertThat(BATCH.check(described(Optional.empty(), Optional.of(Nonlinearity.RELU)), x)
                        .failures())
                .singleElement()
                .asString()
                .contains(" by its activation(), which");
    }

    @Test
    void withoutABugTheSameLayerPasses() {
        BATCH.check(new Buggy(null), normal(4, 4)).throwIfFailed();
    }

    @Test
    void aRowAloneIsNotCheckedWithoutRows() {
        BATCH.withoutRows().check(new Buggy(Bug.DEPENDS_ON_BATCH), normal(4, 4)).throwIfFailed();
    }

    @Test
    void parametersAreRestoredToTheBit() {
        Dense dense = Dense.of(4, 3, KEY);
        Tensor before = dense.weight().value().copy();
        BATCH.check(dense, normal(4, 4)).throwIfFailed();
        assertThat(dense.weight().value()).isBitEqualTo(before);
    }

    @Test
    void aLayerOfScalarsIsCheckedWithoutRows() {
        BATCH.withoutRows().check(Activation.TANH, Tensor.full(0.3f)).throwIfFailed();
    }

    @Test
    void rowsAlongAnAxisThatIsNotThereAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BATCH.check(Activation.TANH, Tensor.full(0.3f)))
                .withMessage("layer contract: rows are axis 0 of the input, which has the shape []; name the right axes"
                        + " by withRows, or check withoutRows()");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BATCH.withRows(0, 7).check(Activation.TANH, normal(3, 3)))
                .withMessageStartingWith("layer contract: rows are axis 7 of the output, which has the shape [3 x 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BATCH.withRows(-1, 0))
                .withMessage("layer contract: rows are axis -1 of the input and axis 0 of the output; axes are counted"
                        + " from 0");
    }
}
