package nn.layers.network;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import nn.fixtures.FunctionPass;
import nn.layers.Carry;
import nn.layers.Context;
import nn.layers.ForwardingContext;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Lengths;
import nn.layers.Pass;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.layers.Sequences;
import nn.layers.attention.Attention;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.pooling.LastStep;
import nn.layers.pooling.MaxOverTime;
import nn.layers.pooling.MeanOverTime;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.layers.recurrent.Stacked;
import nn.layers.shape.Flatten;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Padded sequences: each gets the same bits as alone. */
class MaskingTest {
    private static final Key KEY = Key.of(37);
    private static final Shape SEQUENCE = Shape.of(Shape.ANY, Shape.ANY, 4);
    private static final int[] LENGTHS = {3, 6, 1, 3, 5};
    private static final int TIME = 7;
    private static final float PADDING = -9;

    private static LayerFactory masking(Consumer<Network.Builder> body) {
        return Masking.of(PADDING, body);
    }

    private static LayerFactory masked(LayerFactory layer) {
        return masking(body -> body.layer("layer", layer));
    }

    static Stream<Named<LayerFactory>> layers() {
        Map<String, LayerFactory> layers = new TreeMap<>();
        layers.put("rnn", masked(Rnn.units(5)));
        layers.put("rnn, last", masked(Rnn.units(5).last()));
        layers.put("lstm", masked(Lstm.units(5)));
        layers.put("lstm, last", masked(Lstm.units(5).last()));
        layers.put("gru", masked(Gru.units(5)));
        layers.put("gru, last", masked(Gru.units(5).last()));
        layers.put("stack", masked(Stacked.of(Lstm.units(5), Gru.units(3))));
        layers.put("stack, last", masked(Stacked.of(Lstm.units(5), Gru.units(3)).last()));
        layers.put("both directions", masked(Bidirectional.of(Lstm.units(5))));
        layers.put(
                "both directions, last", masked(Bidirectional.of(Gru.units(5)).last()));
        layers.put("both directions of a stack", masked(Bidirectional.of(Stacked.of(Gru.units(5), Rnn.units(3)))));
        layers.put(
                "deep, both directions, then the last step",
                masking(body -> body.layer("a", Bidirectional.of(Lstm.units(3)))
                        .layer("b", Bidirectional.of(Lstm.units(3)))
                        .layer("last", new LastStep())));
        layers.put("mean", masking(body -> body.gru("a", 3).layer("mean", new MeanOverTime())));
        layers.put("max", masking(body -> body.dense("a", 3).layer("max", new MaxOverTime())));
        layers.put("last valid step of both directions", LastValidStep.of(Bidirectional.of(Gru.units(5)), PADDING));
        return layers.entrySet().stream().map(entry -> Named.of(entry.getKey(), entry.getValue()));
    }

    private static Tensor padded() {
        Tensor x = normal("x", TIME, LENGTHS.length, 4);
        for (int b = 0; b < LENGTHS.length; b++) {
            for (int t = LENGTHS[b]; t < TIME; t++) {
                x.row(t).row(b).fill(PADDING);
            }
        }
        return x;
    }

    /** One sequence without its padding [length x 1 x features]. */
    private static Tensor alone(Tensor all, int b) {
        Tensor one = Tensor.zeros(LENGTHS[b], 1, all.dim(2));
        for (int t = 0; t < LENGTHS[b]; t++) {
            one.row(t).row(0).copyFrom(all.row(t).row(b));
        }
        return one;
    }

    @ParameterizedTest
    @MethodSource("layers")
    void everySequenceGetsTheSameBitsAsAlone(LayerFactory factory) {
        Layer layer = factory.create(SEQUENCE, KEY);
        Tensor x = padded();
        Pass pass = layer.forward(x, Context.inference());
        Tensor y = pass.output();
        boolean steps = y.shape().rank() == 3;
        Tensor dy = normal("dy", y.shape().dims());
        Gradients together = new Gradients(layer.parameters());
        Tensor dx = pass.pullback(dy, together);
        Gradients oneByOne = new Gradients(layer.parameters());
        for (int b = 0; b < LENGTHS.length; b++) {
            Pass single = layer.forward(alone(x, b), Context.inference());
            Tensor expected = steps ? single.output() : single.output().row(0);
            assertThat(steps ? alone(y, b) : y.row(b))
                    .as("output of sequence %d", b)
                    .isBitEqualTo(expected);
            Tensor dSingle = steps ? alone(dy, b) : dy.rows(b, b + 1);
            Tensor dxSingle = single.pullback(dSingle, oneByOne);
            assertThat(alone(dx, b)).as("gradient at sequence %d", b).isBitEqualTo(dxSingle);
            for (int t = LENGTHS[b]; t < TIME; t++) {
                assertThat(dx.row(t).row(b).norm()).isZero();
                if (steps) {
                    assertThat(y.row(t).row(b).norm()).isZero();
                }
            }
        }
        layer.parametersByPath().forEach((path, p) -> {
            double off = together.of(p).subtract(oneByOne.of(p)).norm();
            assertThat(off).as(path).isLessThan(1e-6 * (1 + oneByOne.of(p).norm())); // summed in another order
        });
    }

    @Test
    void theLastStateIsThatOfEachSequencesLastStepAndASequenceOfPaddingKeepsItsFirst() {
        Lstm lstm = Lstm.units(5).create(4, KEY);
        Tensor x = normal("x", TIME, 3, 4);
        Recurrent.State initial = Recurrent.State.of(normal("h", 3, 5), normal("c", 3, 5));
        Lengths lengths = Lengths.of(TIME, 4, 0, 7);
        RecurrentPass run = lstm.run(x, initial, lengths.over(Context.inference()));
        for (int b = 0; b < 3; b++) {
            Tensor one = Tensor.zeros(lengths.length(b), 1, 4);
            for (int t = 0; t < lengths.length(b); t++) {
                one.row(t).row(0).copyFrom(x.row(t).row(b));
            }
            Recurrent.State first = Recurrent.State.of(
                    initial.part(0).rows(b, b + 1), initial.part(1).rows(b, b + 1));
            Recurrent.State last = lstm.run(one, first, Context.inference()).lastState();
            assertThat(run.lastState().part(0).row(b)).isBitEqualTo(last.part(0).row(0));
            assertThat(run.lastState().part(1).row(b)).isBitEqualTo(last.part(1).row(0));
        }
    }

    /** Chunks of 4 and 3 steps: a sequence that ended in the first is padding in all of the second. */
    @Test
    void carriedStatesAreThoseOfEachSequencesLastStep() {
        Layer layer = masked(Lstm.units(5)).create(SEQUENCE, KEY);
        Tensor x = padded();
        Tensor whole = layer.forward(x, Context.inference()).output();
        Carry carry = new Carry();
        Tensor first =
                layer.forward(x.rows(0, 4), carry.over(Context.inference())).output();
        carry.advance();
        Tensor second =
                layer.forward(x.rows(4, TIME), carry.over(Context.inference())).output();
        carry.advance();
        assertThat(first).isBitEqualTo(whole.rows(0, 4));
        assertThat(second).isBitEqualTo(whole.rows(4, TIME));
        Recurrent.State state = carry.states().values().iterator().next().getFirst();
        for (int b = 0; b < LENGTHS.length; b++) {
            assertThat(state.part(0).row(b))
                    .isBitEqualTo(whole.row(LENGTHS[b] - 1).row(b));
        }
    }

    @Test
    void bothDirectionsAskForAFirstState() {
        Bidirectional both = Bidirectional.of(Gru.units(5)).create(SEQUENCE, KEY);
        Tensor x = normal("x", TIME, 3, 4);
        List<Recurrent> asked = new ArrayList<>();
        Map<Recurrent, Tensor> given = Map.of(
                (Recurrent) both.child("forward"), normal("there", 3, 5),
                (Recurrent) both.child("backward"), normal("back", 3, 5));
        Context context = new ForwardingContext(Context.inference()) {
            @Override
            public void firstState(Recurrent layer, Recurrent.State state) {
                asked.add(layer);
                state.part(0).copyFrom(given.get(layer));
            }
        };
        Tensor y = both.forward(x, context).output();
        assertThat(asked).containsExactly((Recurrent) both.child("forward"), (Recurrent) both.child("backward"));
        Recurrent there = asked.getFirst();
        Tensor expected = there.run(x, Recurrent.State.of(given.get(there)), Context.inference())
                .output();
        assertThat(y.get(0, 0, 0)).isEqualTo(expected.get(0, 0, 0));
        Recurrent back = asked.getLast();
        Tensor last = back.run(x.rows(TIME - 1, TIME), Recurrent.State.of(given.get(back)), Context.inference())
                .output();
        assertThat(y.get(TIME - 1, 2, 5)).isEqualTo(last.get(0, 2, 0));
    }

    @Test
    void tokensAreMaskedBeforeTheyAreEmbedded() {
        Network network = Network.builder(KEY)
                .tokens()
                .timeMajor()
                .layer(
                        "text",
                        Masking.of(
                                0,
                                text -> text.layer("embedding", Embedding.of(9, 4))
                                        .layer("lstm", Bidirectional.of(Lstm.units(3)))
                                        .layer("mean", new MeanOverTime())))
                .dense("class", 2)
                .build();
        assertThat(network.parametersByPath()).containsKeys("text.embedding.weight", "text.lstm.backward.forget_bias");
        Tensor tokens = Tensor.of(new float[] {3, 5, 1, 0, 0, 7, 8, 2, 6, 1}, 2, 5);
        Tensor y = network.predict(tokens);
        assertThat(y.row(0))
                .isBitEqualTo(
                        network.predict(Tensor.of(new float[] {3, 5, 1}, 1, 3)).row(0));
        assertThat(y.row(1)).isBitEqualTo(network.predict(tokens.rows(1, 2)).row(0));
        assertThat(network.batchAxis(0)).hasValue(0);
        assertThat(network.batchAxis(1)).isEmpty();
    }

    @Test
    void theMeanAndTheMaximumAreOverAllStepsWithoutLengths() {
        Tensor x = Tensor.of(new float[] {1, 8, 5, 2, 3, 2}, 3, 1, 2);
        assertThat(new MeanOverTime().forward(x, Context.inference()).output().toArray())
                .containsExactly(3, 4);
        Pass max = new MaxOverTime().forward(x, Context.inference());
        assertThat(max.output().toArray()).containsExactly(5, 8);
        Tensor dx = max.pullback(Tensor.of(new float[] {7, 9}, 1, 2), new Gradients(List.of()));
        assertThat(dx.toArray()).containsExactly(0, 9, 7, 0, 0, 0);
    }

    @Test
    void theFirstOfEqualValuesIsTheMaximumAndNanIsTheLargest() {
        Tensor x = Tensor.of(new float[] {2, Float.NaN, 2, 5, 2, 7}, 3, 1, 2);
        Pass max = new MaxOverTime().forward(x, Context.inference());
        assertThat(max.output().toArray()).containsExactly(2, Float.NaN);
        Tensor dx = max.pullback(Tensor.full(1f, 1, 2), new Gradients(List.of()));
        assertThat(dx.toArray()).containsExactly(1, 1, 0, 0, 0, 0);
    }

    @Test
    void badPaddingAndBadLengthsAreRefused() {
        Layer mean = masking(body -> body.layer("mean", new MeanOverTime())).create(SEQUENCE, KEY);
        Tensor x = padded();
        x.row(0).row(2).fill(PADDING);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> mean.forward(x, Context.inference()))
                .withMessage(
                        "layer 'mean' (MeanOverTime): sequence 2 of 5 is all padding, so it has no mean; leave it out");
        Layer halved = masking(body -> body.layer("half", new Layer() {
                            @Override
                            public Pass newPass() {
                                return FunctionPass.of(
                                        this, (x, context) -> new FunctionPass.Result(x.rows(0, 3), (dy, into) -> dy));
                            }

                            @Override
                            public Shape outputShape(Shape in) {
                                return in.dim(0) == Shape.ANY ? in : Shape.of(3, in.dim(1), in.dim(2));
                            }
                        })
                        .gru("gru", 3))
                .create(SEQUENCE, KEY);
        assertThatThrownBy(() -> halved.forward(padded(), Context.inference()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("the lengths of padded sequences are of a batch [7 x 5 x ...], got [3 x 5 x 4]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Masking.of(Float.NaN, body -> {}))
                .withMessageContaining("padding NaN equals nothing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.of(3, 4))
                .withMessage("sequence 0 has length 4; it must be from 0 to 3");
    }

    @Test
    void layersThatReadTheBatchAsTimeAreRefusedWhenANetworkIsBuilt() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Network.builder(KEY)
                        .sequence(4)
                        .timeMajor()
                        .layer("last", Lstm.units(3).last())
                        .layer("table", Embedding.of(3, 2))
                        .layer("gru", Gru.units(2))
                        .build())
                .withMessage("layer 'gru' (Gru 2 -> 2) takes [time x batch x ...], but is given [batch x ...] by the"
                        + " layers before it; put timeMajor() between them, or remove one that is there");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Network.builder(KEY)
                        .sequence(4)
                        .lstm("lstm", 3)
                        .layer("flat", new Flatten())
                        .build())
                .withMessageContaining("layer 'flat' (Flatten) takes [batch x ...], but is given [time x batch x ...]");
    }

    @Test
    void layersGiveTheBatchAxisOfTheirOutput() {
        Layer lstm = Lstm.units(3).create(4, KEY);
        assertThat(lstm.batchAxis(1)).hasValue(1);
        assertThat(lstm.batchAxis(0)).isEmpty();
        assertThat(Stacked.of(Lstm.units(3)).last().create(SEQUENCE, KEY).batchAxis(1))
                .hasValue(0);
        assertThat(Bidirectional.of(Gru.units(3)).create(SEQUENCE, KEY).batchAxis(1))
                .hasValue(1);
        assertThat(Bidirectional.of(Gru.units(3)).last().create(SEQUENCE, KEY).batchAxis(1))
                .hasValue(0);
        assertThat(LastValidStep.of(Gru.units(3), 0).create(SEQUENCE, KEY).batchAxis(1))
                .hasValue(0);
        for (Layer layer : List.of(new LastStep(), new MeanOverTime(), new MaxOverTime())) {
            assertThat(layer.batchAxis(1)).hasValue(0);
            assertThat(layer.batchAxis(0)).isEmpty();
        }
        Layer dense = Dense.of(4, 3, KEY);
        assertThat(dense.batchAxis(0)).hasValue(0);
        assertThat(dense.batchAxis(1)).hasValue(1);
        Network batchFirst = Network.builder(KEY)
                .sequence(4)
                .timeMajor()
                .lstm("lstm", 3)
                .timeMajor()
                .build();
        assertThat(batchFirst.batchAxis(0)).hasValue(0);
        Network steps =
                Network.builder(KEY).sequence(4).lstm("lstm", 3).dense("out", 2).build();
        assertThat(steps.batchAxis(1)).isEqualTo(OptionalInt.of(1));
        assertThat(Optional.of(steps.batchAxis(0))).hasValue(OptionalInt.empty());
    }

    @Test
    void lengthsAreReadFromSequencesOnly() {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Lengths.of(Tensor.zeros(3), 0f))
                .withMessage("lengths: expected [time x batch] or [time x batch x ...], got [3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.of(Tensor.zeros(2, 2), Float.NaN))
                .withMessageStartingWith("lengths: padding NaN equals nothing");
        assertThatNullPointerException().isThrownBy(() -> Lengths.of(null, 0f)).withMessage("x");
        assertThat(Lengths.of(Tensor.of(new float[] {1, 0, 0, 0}, 2, 2), -0f).length(0))
                .isEqualTo(1);
    }

    @Test
    void lengthsOfANegativeTimeAreRefused() {
        assertThatThrownBy(() -> Lengths.of(-1, new int[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("lengths: time is -1 steps; it must be 0 or more");
    }

    @Test
    void aMaskingSaysItsPaddingIfThatIsNotZero() {
        assertThat(Masking.of(0, body -> body.rnn("r", 2)).create(SEQUENCE, KEY))
                .hasToString("Masking of 1 layer");
        assertThat(masking(body -> body.rnn("r", 2)).create(SEQUENCE, KEY))
                .hasToString("Masking of 1 layer padded with -9.0");
    }

    @Test
    void lengthsRefuseWhatTheyAreNotOfBeforeTheyWrite() {
        Lengths lengths = Lengths.of(3, 3, 2);
        Tensor x = normal("x", 3, 2, 4);
        Tensor out = Tensor.full(9, 3, 2, 4);
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> lengths.lastSteps(Tensor.zeros(3, 5, 4), Tensor.zeros(5, 4)))
                .withMessage("last steps: the lengths are of a batch [3 x 2 x ...], got [3 x 5 x 4]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> lengths.lastSteps(x, Tensor.zeros(3, 4)))
                .withMessage("last steps: expected shape [2 x 4], got [3 x 4]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> lengths.reverse(Tensor.zeros(4, 2, 4), out))
                .withMessage("reverse: the lengths are of a batch [3 x 2 x ...], got [4 x 2 x 4]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.of(3, 3, 0).lastStepsGradient(Tensor.zeros(2, 4), out))
                .withMessage("gradient of the last steps: sequence 1 of 2 has no step that is not padding, so no last"
                        + " one; leave it out");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.of(3, 0, 3).lastSteps(x, Tensor.zeros(2, 4)))
                .withMessageStartingWith("last steps: sequence 0 of 2 has no step");
        assertThat(out).isBitEqualTo(Tensor.full(9, 3, 2, 4));
    }

    @Test
    void lengthsRefuseADestinationThatSharesMemoryWithWhatIsRead() {
        Lengths lengths = Lengths.of(3, 3, 2);
        Tensor x = normal("x", 4, 2, 4);
        Tensor before = x.copy();
        Tensor three = x.rows(0, 3);
        for (Runnable call : List.<Runnable>of(
                () -> lengths.reverse(three, three),
                () -> lengths.reverse(three, x.rows(1, 4)),
                () -> lengths.lastSteps(three, x.row(1)),
                () -> lengths.lastStepsGradient(x.row(2), three),
                () -> Sequences.lastGradient(x.row(0), null, three))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(call::run)
                    .withMessageEndingWith("the destination shares memory with what is read; give a separate tensor");
        }
        assertThat(x).isBitEqualTo(before);
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Sequences.lastGradient(Tensor.zeros(5, 4), null, Tensor.zeros(1, 2, 4)))
                .withMessage("gradient of the last step: expected [time x batch x ...], time >= 1, for one of shape"
                        + " [5 x 4], got [1 x 2 x 4]");
    }

    @Test
    void whatTheMessageSaysAboutAttentionWorks() {
        LayerFactory attention = Attention.heads(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> masked(attention).create(SEQUENCE, KEY))
                .withMessage(
                        "masking: the layers in it must take [time x batch x ...], with the sequences along axis 1,"
                                + " and Network of 1 layer does not. Put a timeMajor() before each layer in it that"
                                + " takes [batch x time x ...], such as attention, and another behind it; or take out a"
                                + " timeMajor() that is there");
        Layer layer = masking(body -> body.timeMajor().layer("layer", attention).timeMajor())
                .create(SEQUENCE, KEY);
        Tensor y = layer.forward(padded(), Context.inference()).output();
        for (int b = 0; b < LENGTHS.length; b++) {
            assertThat(alone(y, b))
                    .isBitEqualTo(layer.forward(alone(padded(), b), Context.inference())
                            .output());
        }
    }

    /** Where time is as long as the batch, no shape shows the mistake. */
    @Test
    void layersThatDoNotTakeSequencesAreRefusedAlsoOutsideOfANetwork() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> masking(body -> body.timeMajor().layer("mean", new MeanOverTime()))
                        .create(SEQUENCE, KEY))
                .withMessage(
                        "masking: the layers in it must take [time x batch x ...], with the sequences along axis 1,"
                                + " and Network of 2 layers does not. Put a timeMajor() before each layer in it that"
                                + " takes [batch x time x ...], such as attention, and another behind it; or take out a"
                                + " timeMajor() that is there");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LastValidStep.of(
                                Network.chain(
                                        body -> body.timeMajor().rnn("r", 2).timeMajor()),
                                PADDING)
                        .create(SEQUENCE, KEY))
                .withMessageStartingWith("last valid step: the layers in it must take [time x batch x ...]");
        assertThatNullPointerException()
                .isThrownBy(() -> LastValidStep.of((in, key) -> null, PADDING).create(SEQUENCE, KEY))
                .withMessage("last valid step: the factory of its layer gave null");
    }
}
